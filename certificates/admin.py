"""Certificates in the staff admin, to read only."""

from django.contrib import admin
from unfold.decorators import display

from audit.admin import KeptAdmin
from certificates.models import Certificate


@admin.register(Certificate)
class CertificateAdmin(KeptAdmin):
    """What was issued to whom; frozen."""

    list_display = ("number", "learner", "activity", "credit", "version", "shown_state", "deliver_at", "reference")
    list_filter = ("state", "kind")
    list_select_related = ("learner",)
    search_fields = ("^number", "^reference", "learner__last_name", "learner__email")
    change_form_before_template = "admin/reference_links.html"
    show_full_result_count = False

    @display(description="State", ordering="state", label={"issued": "info", "delivered": "success"})
    def shown_state(self, certificate: Certificate) -> str:
        """Coloured."""
        return certificate.get_state_display()

    @display(description="Activity")
    def activity(self, certificate: Certificate) -> str:
        """The frozen title."""
        return str(certificate.data["activity"])

    @display(description="Credit")
    def credit(self, certificate: Certificate) -> str:
        """What it proves."""
        return str(certificate.data["credit"])

"""Submissions in the staff admin, to read only, with every exchange."""

from django.contrib import admin
from unfold.admin import TabularInline
from unfold.decorators import display

from audit.admin import KeptAdmin
from reporting.models import Exchange, Submission

LABELS = {
    "ready to send": "info",
    "being sent": "info",
    "no answer; asking": "warning",
    "accepted for processing": "info",
    "accepted by the board": "success",
    "rejected": "danger",
}


class ExchangeInline(TabularInline):
    """What was sent and answered."""

    model = Exchange
    extra = 0
    can_delete = False
    fields = readonly_fields = ("at", "operation", "status", "sent", "answered")

    def has_add_permission(self, *_args: object) -> bool:
        """Evidence is not written by hand."""
        return False


@admin.register(Submission)
class SubmissionAdmin(KeptAdmin):
    """What which board was told about whom."""

    list_display = ("credit_id", "learner", "board", "shown_state", "reason", "report_by", "reference")
    list_filter = ("state", "board")
    list_select_related = ("learner",)
    search_fields = ("^reference", "credit_id", "learner__last_name", "learner__email")
    inlines = (ExchangeInline,)
    change_form_before_template = "admin/reference_links.html"
    show_full_result_count = False

    @display(description="State", ordering="state", label=LABELS)
    def shown_state(self, submission: Submission) -> str:
        """Coloured."""
        return submission.get_state_display()

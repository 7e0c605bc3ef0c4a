"""The office chooses how a provider's certificates look, and looks at them with the words of real claims."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils import timezone

from accounts import signed_in
from accounts.models import User
from activities.models import Activity, Provider
from audit.admin import RecordedAdmin
from certificates import designs, pdf
from certificates.models import Certificate
from credits.models import Award, CertificateDesign, Claim
from credits.words import certificate_words
from printing.turn import Busy, in_turn

PREVIEW = "preview-only-no-certif"  # as long as a real code, and the code of no certificate


@admin.register(CertificateDesign)
class CertificateDesignAdmin(RecordedAdmin):
    """One row for each provider, or for a credit type that should look otherwise."""

    list_display = ("provider", "credit_type", "template", "paper")
    list_filter = ("provider",)
    change_form_before_template = "admin/credits/designs.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the previews."""
        view = self.admin_site.admin_view(self.preview)
        shown: URLPattern = path("preview/<int:pk>/<slug:template>/<slug:paper>/", view, name="credits_design_preview")
        return [shown, *super().get_urls()]

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Offer the previews of every provider beside the form."""
        offered = {"providers": Provider.objects.all(), "designs": designs.DESIGNS, "papers": designs.PAPERS}
        return super().changeform_view(request, object_id, form_url, (extra_context or {}) | offered)

    def preview(self, request: HttpRequest, pk: int, template: str, paper: str) -> HttpResponse:
        """Print the newest award of a provider in a design; nothing is issued."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        provider = get_object_or_404(Provider, pk=pk)
        award = _newest(provider) or _imagined(provider, signed_in.person(request))
        if award is None or template not in designs.DESIGNS or paper not in designs.PAPERS:
            return render(request, "admin/credits/no_preview.html", {"provider": provider}, status=404)
        now = timezone.now()
        words = certificate_words(award.claim, award, now, paper)
        shown = Certificate(number="PREVIEW, NOT ISSUED", code=PREVIEW, template=template, data=words)
        try:
            content = in_turn(pdf.page(shown))
        except Busy:
            return render(request, "admin/credits/no_preview.html", {"busy": True}, status=503)
        return HttpResponse(content, content_type="application/pdf")


def _newest(provider: Provider) -> Award | None:
    rows = Award.objects.filter(claim__activity__provider=provider, reverses=None, reversal=None)
    return rows.select_related("claim__learner", "claim__activity__provider").order_by("-id").first()


def _imagined(provider: Provider, officer: User) -> Award | None:
    """Return an award that nobody has: the officer's own, of all that the provider's newest activity offers."""
    activity = Activity.objects.filter(provider=provider).order_by("-id").first()
    designation = activity and activity.designations.order_by("id").first()
    if not activity or not designation:
        return None
    claim = Claim(learner=officer, activity=activity, claimed_at=timezone.now())
    kind, maximum = designation.credit_type, designation.maximum
    return Award(claim=claim, designation=designation, credit_type=kind, amount=maximum)

"""Certificates in the staff admin: to read and to bundle; and learners' wishes about their names, to decide."""

from collections.abc import Callable
from functools import partial

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.decorators import action, display

from accounts import signed_in
from accounts.models import User
from audit.admin import KeptAdmin
from audit.models import record
from certificates import bundle, naming
from certificates.models import Certificate, CertificateQuerySet, NameCorrection

MOST_NAMED = 200


@admin.register(Certificate)
class CertificateAdmin(KeptAdmin):
    """What was issued to whom; frozen."""

    list_display = ("number", "named", "activity", "credit", "validity", "mail", "deliver_at", "reference")
    list_filter = ("state", ("revoked_at", admin.EmptyFieldListFilter), "kind", "template")
    list_select_related = ("learner", "superseded_by")
    search_fields = ("^number", "^reference", "learner__last_name__spelled", "learner__email")
    actions = ("download",)
    change_form_before_template = "admin/reference_links.html"
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Certificate]:
        """Annotate where the mails are."""
        rows: CertificateQuerySet = super().get_queryset(request)
        return rows.with_mail()

    @display(description="Mail", label={"sent": "success", "came back": "danger", "on its way": "info"})
    def mail(self, certificate: Certificate) -> str:
        """Colored; empty before it is written."""
        return certificate.delivery.label if certificate.delivery else ""

    @display(description="Name printed")
    def named(self, certificate: Certificate) -> str:
        """The frozen name."""
        return str(certificate.data["learner"])

    @display(description="Validity", label={"valid": "success", "replaced": "warning", "revoked": "danger"})
    def validity(self, certificate: Certificate) -> str | tuple[str, str]:
        """Colored."""
        if certificate.revoked_at:
            return "revoked"
        return ("replaced", f"replaced by {certificate.replacement}") if certificate.replacement else "valid"

    @display(description="Activity")
    def activity(self, certificate: Certificate) -> str:
        """The frozen title."""
        return str(certificate.data["activity"])

    @display(description="Credit")
    def credit(self, certificate: Certificate) -> str:
        """What it proves."""
        return str(certificate.data["credit"])

    @action(description="Download as ZIP")
    def download(self, request: HttpRequest, chosen: CertificateQuerySet) -> StreamingHttpResponse:
        """Send the chosen certificates in one file."""
        actor = signed_in.person(request)
        numbers = list(chosen.values_list("number", flat=True)[:MOST_NAMED])
        record(action="downloaded certificates", subject=actor, actor=actor, after={"certificates": numbers})
        return zip_of(chosen, "certificates")


def zip_of(certificates: CertificateQuerySet, name: str) -> StreamingHttpResponse:
    """Send certificates in one ZIP while it is made; whoever calls it records who has them."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"'}
    return StreamingHttpResponse(bundle.zipped(certificates), content_type="application/zip", headers=headers)


@admin.register(NameCorrection)
class NameCorrectionAdmin(KeptAdmin):
    """Wishes about names, those to decide first; one click grants one."""

    list_display = ("printed", "wanted", "note", "account", "asked_at", "shown_state", "decide")
    list_filter = ("state",)
    list_select_related = ("learner", "certificate")
    search_fields = ("first_name__spelled", "last_name__spelled", "learner__email")
    ordering = ("decided_at", "-id")
    actions = ("grant_all",)  # the list is a form only where it has actions, and its buttons need one

    @display(description="On the certificate then")
    def printed(self, correction: NameCorrection) -> str:
        """The name of the certificate from which the wish was made."""
        return str(correction.certificate.data["learner"])

    @display(description="Should read")
    def wanted(self, correction: NameCorrection) -> str:
        """The name as asked for."""
        return str(correction)

    @display(description="Account")
    def account(self, correction: NameCorrection) -> SafeString:
        """Whose wish it is."""
        address = reverse("admin:accounts_user_change", args=[correction.learner_id])
        return format_html('<a href="{}">{}</a>', address, correction.learner.email)

    @display(description="State", ordering="state", label={"asked": "warning", "granted": "success"})
    def shown_state(self, correction: NameCorrection) -> str:
        """Colored."""
        return correction.get_state_display()

    @display(description="Decide")
    def decide(self, correction: NameCorrection) -> SafeString:
        """The two buttons."""
        if correction.state != NameCorrection.State.ASKED:
            return format_html("{}", correction.decided_by)
        button = '<button type="submit" formaction="{}" class="row-button" aria-label="{} {}">{}</button> '
        rows = [
            (reverse(f"admin:certificates_namecorrection_{word.lower()}", args=[correction.pk]), word, correction, word)
            for word in ("Grant", "Decline")
        ]
        return format_html_join("", button, rows)

    def get_urls(self) -> list[URLPattern]:
        """Add what the buttons do."""

        def at(verb: str, what: Callable[[NameCorrection, User], str]) -> URLPattern:
            view = self.admin_site.admin_view(require_POST(partial(self._decide, what=what)))
            made: URLPattern = path(f"<int:pk>/{verb}/", view, name=f"certificates_namecorrection_{verb}")
            return made

        return [at("grant", _grant), at("decline", _decline), *super().get_urls()]

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Whether this person may decide."""
        return request.user.has_perm("certificates.change_namecorrection")

    @action(description="Grant the chosen names", permissions=["decide"])
    def grant_all(self, request: HttpRequest, chosen: QuerySet[NameCorrection]) -> None:
        """Grant each of them that is not decided."""
        for correction in chosen:
            self._carry_out(request, correction, _grant)

    def _decide(self, request: HttpRequest, pk: int, what: Callable[[NameCorrection, User], str]) -> HttpResponse:
        if not self.has_decide_permission(request):
            raise PermissionDenied
        self._carry_out(request, get_object_or_404(NameCorrection, pk=pk), what)
        return redirect("admin:certificates_namecorrection_changelist")

    def _carry_out(
        self, request: HttpRequest, correction: NameCorrection, what: Callable[[NameCorrection, User], str]
    ) -> None:
        try:
            messages.success(request, what(correction, signed_in.person(request)))
        except naming.CannotDecide as refusal:
            messages.error(request, f"{correction}: {refusal}")


def _grant(correction: NameCorrection, actor: User) -> str:
    made = naming.grant(correction=correction, actor=actor, now=timezone.now())
    return f"{correction}: {len(made)} certificate{'' if len(made) == 1 else 's'} issued anew."


def _decline(correction: NameCorrection, actor: User) -> str:
    naming.decline(correction=correction, actor=actor, now=timezone.now())
    return f"{correction}: declined; the learner was told whom to ask."

"""Claims and the ledger in the staff admin, to read only."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from unfold.admin import TabularInline
from unfold.decorators import action, display

from activities import zones
from audit.admin import KeptAdmin
from certificates.models import Certificate
from credits.admin import desks
from credits.models import Award, Claim, ClaimedSession, LateGrant
from credits.models.claim import ClaimQuerySet
from outbox.models import Delivery, Message, delivery_of


class SessionInline(TabularInline):
    """The sessions that the claim names."""

    model = ClaimedSession
    extra = 0
    can_delete = False
    fields = readonly_fields = ("session", "amount")

    def has_add_permission(self, *_args: object) -> bool:
        """They are the learner's own choice."""
        return False


class AwardInline(TabularInline):
    """Rows of the ledger."""

    model = Award
    extra = 0
    can_delete = False
    fields = readonly_fields = ("credit_type", "amount", "awarded_at", "awarded_by", "reverses", "reason")

    def has_add_permission(self, *_args: object) -> bool:
        """The ledger is written by services."""
        return False


class Certificates(admin.SimpleListFilter):
    """By certificates that were sent before the activity was changed, or did not arrive."""

    title, parameter_name = "certificates", "certificates"

    def lookups(self, _request: HttpRequest, _admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [("differ", "say something else than the page"), ("came_back", "came back")]

    def queryset(self, _request: HttpRequest, rows: QuerySet[Claim]) -> QuerySet[Claim]:
        """Narrow to claims with one."""
        if self.value() == "came_back":
            back = [state for state, found in Message.DELIVERIES.items() if found == Delivery.CAME_BACK]
            return rows.filter(certificate_mail__in=back)  # type: ignore[misc]
        if self.value() == "differ":
            return rows.filter(reference__in=Certificate.objects.outdated().values("reference"))
        return rows


@admin.register(Claim)
class ClaimAdmin(KeptAdmin):
    """Who asked for what."""

    list_display = ("reference", "learner", "activity", "role", "credit", "certificate", "shown_moc", "claimed_at")
    list_filter = ("role", "wants_moc", "profession", Certificates, "activity")
    date_hierarchy = "claimed_at"
    list_select_related = ("learner", "activity")
    search_fields = ("^reference", "learner__last_name__spelled", "learner__email", "activity__title__spelled")
    inlines = (AwardInline, SessionInline)
    change_form_before_template = "admin/reference_links.html"
    show_full_result_count = False
    view_on_site = False  # the page is the learner's own
    actions = ("withdraw_or_change",)

    def get_urls(self) -> list[URLPattern]:
        """The desks come first, or their addresses would be taken for a claim's number."""
        return [*desks.urls(self), *super().get_urls()]

    @action(description="Withdraw or change credit, or issue certificates anew …", permissions=["correct"])
    def withdraw_or_change(self, request: HttpRequest, queryset: QuerySet[Claim]) -> HttpResponse:
        """Show what it would do to the chosen claims; nothing is done yet."""
        chosen = [str(pk) for pk in queryset.values_list("pk", flat=True)[: desks.MOST + 1]]
        if len(chosen) > desks.MOST:
            messages.error(request, f"At most {desks.MOST:,} claims at a time. Narrow the list and choose again.")
            return redirect(request.get_full_path())
        data = request.POST.copy()
        data.setlist("claims", chosen)
        data["first"] = "yes"
        request.POST = data  # type: ignore[assignment]
        return desks.correct(self, request)

    def has_correct_permission(self, request: HttpRequest) -> bool:
        """Whether the person may correct awards."""
        return request.user.has_perm("credits.change_award")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Claim]:
        """Load the ledger along."""
        claims: ClaimQuerySet = super().get_queryset(request)
        return claims.with_certificate_mail().prefetch_related("awards")

    @display(description="Certificate", label={"sent": "success", "came back": "danger", "on its way": "info"})
    def certificate(self, claim: Claim) -> str:
        """Where the mail with the latest is; empty before it is written."""
        found = delivery_of(claim.certificate_mail)  # type: ignore[attr-defined]
        return str(found.label) if found else ""

    @display(description="Credit")
    def credit(self, claim: Claim) -> str:
        """The ledger in one line."""
        return claim.in_words

    @display(description="MOC", label={"MOC": "info"})
    def shown_moc(self, claim: Claim) -> str:
        """Colored."""
        return "MOC" if claim.wants_moc else ""


@admin.register(LateGrant)
class LateGrantAdmin(KeptAdmin):
    """Who may claim late; given at the activity's own desk."""

    list_display = ("learner", "activity", "shown_until", "reason", "granted_by", "granted_at")
    list_filter = ("activity",)
    list_select_related = ("learner", "activity", "granted_by")
    search_fields = ("learner__last_name__spelled", "learner__email", "activity__title__spelled")

    @display(description="Until", ordering="until")
    def shown_until(self, grant: LateGrant) -> str:
        """As the activity's own clocks have it."""
        return zones.in_words(grant.until, grant.activity.time_zone, grant.activity.city)

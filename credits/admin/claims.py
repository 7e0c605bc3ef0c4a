"""Claims and the ledger in the staff admin, to read only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from credits.models import Award, Claim


class AwardInline(TabularInline):
    """Rows of the ledger."""

    model = Award
    extra = 0
    can_delete = False
    fields = readonly_fields = ("credit_type", "amount", "awarded_at", "awarded_by", "reverses", "reason")

    def has_add_permission(self, *_args: object) -> bool:
        """The ledger is written by services."""
        return False


@admin.register(Claim)
class ClaimAdmin(ModelAdmin):
    """Who asked for what."""

    list_display = ("reference", "learner", "activity", "role", "credit", "shown_moc", "claimed_at")
    list_filter = ("role", "wants_moc", "profession", "activity")
    date_hierarchy = "claimed_at"
    list_select_related = ("learner", "activity")
    search_fields = ("^reference", "learner__last_name", "learner__email", "activity__title")
    inlines = (AwardInline,)
    change_form_before_template = "admin/reference_links.html"
    show_full_result_count = False
    view_on_site = False  # the page is the learner's own

    def get_queryset(self, request: HttpRequest) -> QuerySet[Claim]:
        """Load the ledger along."""
        claims: QuerySet[Claim] = super().get_queryset(request)
        return claims.prefetch_related("awards")

    @display(description="Credit")
    def credit(self, claim: Claim) -> str:
        """The ledger in one line."""
        return claim.in_words

    @display(description="MOC", label={"MOC": "info"})
    def shown_moc(self, claim: Claim) -> str:
        """Coloured."""
        return "MOC" if claim.wants_moc else ""

    def has_add_permission(self, *_args: object) -> bool:
        """Claims are made by learners."""
        return False

    def has_change_permission(self, *_args: object) -> bool:
        """The ledger only grows."""
        return False

    def has_delete_permission(self, *_args: object) -> bool:
        """Kept for at least six years (ACCME)."""
        return False

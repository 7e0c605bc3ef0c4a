"""One regulated document in the staff admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Field
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from activities import zones
from activities.admin import desks, rows
from activities.admin.guarded import GuardedAdmin
from activities.forms.struck import StruckForm
from activities.models import Activity
from activities.models.querysets import ActivityQuerySet

DATES = ("time_zone", ("starts_on", "ends_on"), ("claim_until_day", "claim_until_hour"), "estimated_minutes")
LABELS = {
    "draft": "warning", "published": "success", "ready to close": "danger", "closed": "info", "archived": "info",
    "needs attention": "danger",
}  # fmt: skip
EARNING = (
    ("claim_by", "attendance_is_ceiling"), ("code_hours", "own_code", "own_code_days"), "completion",
    "credit_note", "system_requirements", "content_in_order",
)  # fmt: skip
FIELDSETS = (
    (None, {"fields": ("title", "slug", "provider", ("format", "format_description"), "delivery", "pars_id", "free")}),
    ("Place", {"fields": ("venue", "city", "region", "country", "url")}),
    ("Dates, in the activity's own zone", {"fields": DATES}),
    ("Education", {"fields": ("summary", "need", "audience", "outline")}),
    ("Earning credit", {"fields": EARNING}),
    (
        "Disclosure and support",
        {
            "fields": (
                "disclosure_route", "disclosure_place", "exemption", "relationships_mitigated", "absence_as_group",
                "off_label", "support_state",
            )
        },
    ),
    ("Related activities", {"fields": ("related",)}),
)  # fmt: skip


class StageFilter(admin.SimpleListFilter):
    """Published activities that wait for the office: to be closed, or to be put right."""

    title = "stage"
    parameter_name = "stage"

    def lookups(self, _request: HttpRequest, _admin: Any) -> list[tuple[str, str]]:
        return [("ready", "ready to close"), ("attention", "published, needs attention")]

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        published = queryset.filter(state=Activity.State.PUBLISHED)
        if self.value() == "ready":
            return published.filter(claim_until__lt=timezone.now())
        return published.exclude(open_findings=[]) if self.value() == "attention" else queryset


@admin.register(Activity)
class ActivityAdmin(GuardedAdmin):
    """Its facts; state, people, statements and programme have desks of their own."""

    form = StruckForm
    list_display = ("title", "provider", "format", "dates", "deadline", "shown_stage")
    list_filter = (StageFilter, "state", "format", "provider")
    list_select_related = ("provider",)
    list_per_page = 50
    search_fields = ("title__spelled", "pars_id", "slug", "code")
    autocomplete_fields = ("provider", "related")
    prepopulated_fields = {"slug": ("title",)}
    inlines = (
        rows.PartnerInline, rows.DesignationInline, rows.MocInline, rows.ObjectiveInline, rows.RoleInline,
        rows.SupportInline, rows.LearnerCountInline, rows.ClosingInline,
    )  # fmt: skip
    change_form_before_template = "admin/activities/beside.html"
    change_list_template = "admin/activities/list.html"
    fieldsets = FIELDSETS

    @display(description="Dates", ordering="starts_on")
    def dates(self, activity: Activity) -> str:
        """First to last day."""
        return activity.dates_in_words

    @display(description="Credit until", ordering="claim_until")
    def deadline(self, activity: Activity) -> str:
        """With its zone."""
        return activity.deadline_in_words

    @display(description="State", ordering="state", label=LABELS)
    def shown_stage(self, activity: Activity) -> str | tuple[str, str]:
        """Colored; red where an accreditor would strike what a published page says."""
        stage = activity.stage(timezone.now())
        return ("needs attention", f"{stage}, needs attention") if activity.open_findings else stage

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> Any:
        """The address of what was published once stays, because others link to it."""
        return ("slug",) if obj is not None and obj.published_at else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj is not None and obj.published_at else super().get_prepopulated_fields(request, obj)

    def touched(self, rows: list[Activity]) -> ActivityQuerySet:
        return Activity.objects.filter(pk__in=[row.pk for row in rows])

    def get_actions(self, request: HttpRequest) -> Any:
        """Activities are deleted one by one, if at all."""
        found = super().get_actions(request)
        found.pop("delete_selected", None)
        return found

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Staff come from a person to their activities."""
        return lookup == "roles__person__id__exact" or bool(super().lookup_allowed(lookup, value, request))

    def get_urls(self) -> list[URLPattern]:
        """The desks come first, or their addresses would be taken for an activity's number."""
        return [*desks.urls(self), *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only what was never published; everything else is archived, so that its history stays."""
        never = obj is None or obj.published_at is None
        return never and bool(ModelAdmin.has_delete_permission(self, request, obj))

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:  # type: ignore[type-arg]
        """Zones are chosen from a list that the database does not know."""
        if db_field.name != "time_zone":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        widget = UnfoldAdminSelectWidget()
        return forms.ChoiceField(
            choices=zones.choices, initial=db_field.get_default(), label="Time zone", widget=widget
        )

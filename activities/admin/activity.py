"""One regulated document in the staff admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Field
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from accounts import signed_in
from activities import zones
from activities.admin import desks, rows
from activities.compliance import Refused
from activities.forms.desks import ActivityForm
from activities.models import Activity
from activities.services import recording
from audit.admin import RecordedAdmin

DATES = ("time_zone", ("starts_on", "ends_on"), ("claim_until_day", "claim_until_hour"), "estimated_minutes")
LABELS = {
    "draft": "warning", "published": "success", "ready to close": "danger", "closed": "info", "archived": "info",
}  # fmt: skip
FIELDSETS = (
    (None, {"fields": ("title", "slug", "provider", ("format", "format_description"), "delivery", "pars_id", "free")}),
    ("Place", {"fields": ("venue", "city", "region", "country", "url")}),
    ("Dates, in the activity's own zone", {"fields": DATES}),
    ("Education", {"fields": ("summary", "need", "audience", "outline")}),
    ("Earning credit", {"fields": ("completion", "credit_note", "system_requirements")}),
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
    """Published activities whose deadline has passed wait to be closed."""

    title = "stage"
    parameter_name = "stage"

    def lookups(self, _request: HttpRequest, _admin: Any) -> list[tuple[str, str]]:
        return [("ready", "ready to close")]

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        if self.value() != "ready":
            return queryset
        return queryset.filter(state=Activity.State.PUBLISHED, claim_until__lt=timezone.now())


@admin.register(Activity)
class ActivityAdmin(RecordedAdmin):
    """Its facts; state, people, statements and programme have desks of their own."""

    form = ActivityForm
    list_display = ("title", "provider", "format", "dates", "deadline", "shown_stage")
    list_filter = (StageFilter, "state", "format", "provider")
    list_select_related = ("provider",)
    list_per_page = 50
    search_fields = ("title", "pars_id", "slug", "code")
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
    def shown_stage(self, activity: Activity) -> str:
        """Coloured."""
        return activity.stage(timezone.now())

    def get_urls(self) -> list[URLPattern]:
        """The desks come first, or their addresses would be taken for an activity's number."""
        return [*desks.urls(self), *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only what was never published; everything else is archived, so that its history stays."""
        draft = obj is None or obj.state == Activity.State.DRAFT
        return draft and bool(ModelAdmin.has_delete_permission(self, request, obj))

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:  # type: ignore[type-arg]
        """Zones are chosen from a list that the database does not know."""
        if db_field.name != "time_zone":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        widget = UnfoldAdminSelectWidget()
        return forms.ChoiceField(
            choices=zones.choices, initial=db_field.get_default(), label="Time zone", widget=widget
        )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        made = super().get_form(request, obj, change, **kwargs)
        made.struck = getattr(request, "struck", [])
        return made

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Record changed words; show the form again, filled, when a published page would say what may not stand."""
        if request.method != "POST" or object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        touched = Activity.objects.filter(pk=object_id)
        try:
            with transaction.atomic(), recording.words_recorded(touched, actor=signed_in.person(request)):
                return super().changeform_view(request, object_id, form_url, extra_context)
        except Refused as refusal:
            request.struck = refusal.findings  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Remember what was wrong before, as far as the page is published."""
        form.wrong_before = recording.errors(obj, now=timezone.now()) if change else []
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Refuse what this saving has made wrong; raises Refused, which undoes it."""
        super().save_related(request, form, formsets, change)
        recording.refuse_new(form.instance, before=form.wrong_before, now=timezone.now())

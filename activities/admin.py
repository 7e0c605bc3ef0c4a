"""Activities in the staff admin."""

from django.contrib import admin
from unfold.admin import TabularInline
from unfold.decorators import display

from activities.models import (
    Activity,
    CommercialSupport,
    CreditDesignation,
    MocRegistration,
    Objective,
    Person,
    Provider,
    Relationship,
    Role,
    Session,
)
from audit.admin import RecordedAdmin

DATES = ("time_zone", ("starts_on", "ends_on"), ("claim_until_day", "claim_until_hour"), "estimated_minutes")
LABELS = {"draft": "warning", "published": "success", "closed": "info", "archived": "info"}


class DesignationInline(TabularInline):
    """Credit."""

    model = CreditDesignation
    extra = 0


class MocInline(TabularInline):
    """Maintenance of Certification."""

    model = MocRegistration
    extra = 0


class ObjectiveInline(TabularInline):
    """Competence bullets and objectives."""

    model = Objective
    extra = 0


class RoleInline(TabularInline):
    """People in control."""

    model = Role
    extra = 0
    autocomplete_fields = ("person",)


class SupportInline(TabularInline):
    """Supporters, by name only."""

    model = CommercialSupport
    extra = 0


class RelationshipInline(TabularInline):
    """Financial relationships."""

    model = Relationship
    extra = 0


@admin.register(Activity)
class ActivityAdmin(RecordedAdmin):
    """One regulated document."""

    list_display = ("title", "provider", "format", "dates", "deadline", "shown_state")
    list_filter = ("state", "format", "provider")
    list_select_related = ("provider",)
    search_fields = ("title", "pars_id", "slug")
    autocomplete_fields = ("provider",)
    prepopulated_fields = {"slug": ("title",)}
    inlines = (DesignationInline, MocInline, ObjectiveInline, RoleInline, SupportInline)
    change_form_before_template = "admin/activity_links.html"
    fieldsets = (
        (None, {"fields": ("title", "slug", "provider", "format", "state", "pars_id", "free")}),
        ("Place", {"fields": ("venue", "city", "region", "country")}),
        (
            "Dates, in the activity's own zone",
            {"fields": DATES},
        ),
        ("Education", {"fields": ("summary", "need", "audience", "credit_note", "system_requirements")}),
        ("Disclosure and support", {"fields": ("relationships_mitigated", "off_label", "support_state")}),
    )  # fmt: skip

    @display(description="Dates", ordering="starts_on")
    def dates(self, activity: Activity) -> str:
        """First to last day."""
        return activity.dates_in_words

    @display(description="Credit until", ordering="claim_until")
    def deadline(self, activity: Activity) -> str:
        """With its zone."""
        return activity.deadline_in_words

    @display(description="State", ordering="state", label=LABELS)
    def shown_state(self, activity: Activity) -> str:
        """Coloured."""
        return activity.get_state_display()


@admin.register(Provider)
class ProviderAdmin(RecordedAdmin):
    """Accredited organisations."""

    list_display = ("name", "short_name", "accreditation", "pars_id", "office_email")
    search_fields = ("name", "short_name")


@admin.register(Person)
class PersonInControlAdmin(RecordedAdmin):
    """People in control of content and their relationships."""

    list_display = ("name", "degrees", "position")
    search_fields = ("name",)
    inlines = (RelationshipInline,)


@admin.register(Session)
class SessionAdmin(RecordedAdmin):
    """Sessions, apart from the activity's form so that a thousand of them stay quick."""

    list_display = ("title", "activity", "starts_at", "ends_at", "credit")
    list_select_related = ("activity",)
    search_fields = ("title", "activity__title")
    autocomplete_fields = ("activity",)
    date_hierarchy = "starts_at"

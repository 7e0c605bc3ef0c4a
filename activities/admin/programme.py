"""Sessions in the staff admin, apart from the activity's form so that a thousand of them stay quick."""

from typing import Any

from django.contrib import admin
from unfold.decorators import display

from activities import zones
from activities.admin.guarded import GuardedAdmin
from activities.admin.rows import CREDIT
from activities.forms.struck import StruckForm
from activities.models import Activity, Session
from activities.models.querysets import ActivityQuerySet


@admin.register(Session)
class SessionAdmin(GuardedAdmin):
    """Day and hours are those of the activity's zone."""

    form = StruckForm
    list_display = ("title", "activity", "day", "hours", "room", "track", "credit", "code")
    list_filter = ("day", "track")
    list_select_related = ("activity",)
    list_per_page = 100
    show_full_result_count = False
    search_fields = ("title__spelled", "=code", "track", "room", "activity__title__spelled")
    autocomplete_fields = ("activity",)
    formfield_overrides = CREDIT
    fields = (
        "activity", "title", ("track", "room"), ("day", "begins", "ends"), ("credit_set", "code"), "credit_types",
    )  # fmt: skip

    def touched(self, rows: list[Any]) -> ActivityQuerySet:
        return Activity.objects.filter(pk__in=[row.activity_id for row in rows])

    @display(description="Hours", ordering="begins")
    def hours(self, session: Session) -> str:
        """In the activity's zone."""
        return zones.hours_in_words(session.begins, session.ends)

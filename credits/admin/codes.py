"""Entered codes and codes that did not fit, in the staff admin, to read only."""

from django.contrib import admin

from audit.admin import KeptAdmin
from credits.models import CheckIn, WrongCode


@admin.register(CheckIn)
class CheckInAdmin(KeptAdmin):
    """Who entered the code of which session, and when."""

    list_display = ("learner", "activity", "session", "entered_at")
    list_select_related = ("learner", "activity", "session")
    search_fields = (
        "learner__last_name__spelled", "learner__email", "activity__title__spelled", "session__title__spelled",
    )  # fmt: skip
    date_hierarchy = "entered_at"
    show_full_result_count = False


@admin.register(WrongCode)
class WrongCodeAdmin(KeptAdmin):
    """Whose codes did not fit; ten in an hour silence a person for an hour."""

    list_display = ("learner", "activity", "at", "network")
    list_select_related = ("learner", "activity")
    search_fields = ("learner__last_name__spelled", "learner__email", "activity__title__spelled", "=network")
    date_hierarchy = "at"
    show_full_result_count = False

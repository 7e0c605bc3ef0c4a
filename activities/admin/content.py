"""What there is to study, in the staff admin: a list to be dragged into order, and a form for each item."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display

from activities.admin.guarded import GuardedAdmin
from activities.forms.struck import StruckForm
from activities.models import Activity, ContentItem, Progress
from activities.models.querysets import ActivityQuerySet


@admin.register(ContentItem)
class ContentItemAdmin(GuardedAdmin):
    """Text, recordings, PDFs and links of an activity."""

    form = StruckForm
    list_display = ("title", "activity", "kind", "time", "position")
    list_select_related = ("activity",)
    list_per_page = 100
    search_fields = ("title__spelled", "activity__title__spelled")
    autocomplete_fields = ("activity",)
    ordering = ("activity", "position", "id")
    ordering_field = "position"
    hide_ordering_field = True
    change_form_before_template = "admin/content_links.html"
    fields = (
        "activity", "kind", "title", "text", "file", "captions", "address", "minutes", "length", "share",
    )  # fmt: skip

    def touched(self, rows: list[Any]) -> ActivityQuerySet:
        return Activity.objects.filter(pk__in=[row.activity_id for row in rows])

    @display(description="Time")
    def time(self, item: ContentItem) -> str:
        """Minutes to complete."""
        return f"{item.minutes} min" if item.minutes else ""

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> Any:
        """What somebody has opened stays what it is, in its activity."""
        return ("activity", "kind") if _is_opened(obj) else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What somebody has opened stays: it is part of how they earned their credit."""
        return not _is_opened(obj) and bool(super().has_delete_permission(request, obj))


def _is_opened(item: ContentItem | None) -> bool:
    return item is not None and Progress.objects.filter(item=item).exists()

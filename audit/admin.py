"""The trace in the staff admin, to read only, and the base by which staff's own changes enter it."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from audit.models import Event, record


class RecordedAdmin(ModelAdmin):
    """An admin whose every addition, change and deletion is an event as well, in the same transaction.

    The event names the fields that changed, as Django's own log does, and no values: some of them are secrets.
    """

    formfield_overrides: dict[Any, Any] = {models.URLField: {"assume_scheme": "https"}}  # what Django 6 does by itself

    def check_change(self, request: HttpRequest, obj: Model) -> None:
        """Raise PermissionDenied unless the person may change this row; for pages beside the form."""
        if not self.has_change_permission(request, obj):
            raise PermissionDenied

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        record(action="added by staff", subject=obj, actor=request.user, after={"fields": message})
        entry: LogEntry = super().log_addition(request, obj, message)
        return entry

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        record(action="changed by staff", subject=obj, actor=request.user, after={"fields": message})
        entry: LogEntry = super().log_change(request, obj, message)
        return entry

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Model]) -> Any:
        for obj in queryset:
            record(action="deleted by staff", subject=obj, actor=request.user)
        return super().log_deletions(request, queryset)


class KeptAdmin(ModelAdmin):
    """An admin to look at rows that services write; they are kept for at least six years (ACCME)."""

    def has_add_permission(self, *_args: object) -> bool:
        """Rows follow from decisions."""
        return False

    def has_change_permission(self, *_args: object) -> bool:
        """What was written stays."""
        return False

    def has_delete_permission(self, *_args: object) -> bool:
        """It is evidence."""
        return False


@admin.register(Event)
class EventAdmin(KeptAdmin):
    """Newest first; nothing can be added, changed or deleted."""

    list_display = ("at", "actor", "action", "subject", "reason")
    list_filter = ("action", "subject_kind")
    search_fields = ("subject", "actor", "subject_id")
    show_full_result_count = False

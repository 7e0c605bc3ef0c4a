"""The trace in the staff admin, to read only."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from audit.models import Event


@admin.register(Event)
class EventAdmin(ModelAdmin):
    """Newest first; nothing can be added, changed or deleted."""

    list_display = ("at", "actor", "action", "subject", "reason")
    list_filter = ("action", "subject_kind")
    search_fields = ("subject", "actor", "subject_id")
    show_full_result_count = False

    def has_add_permission(self, *_args: object) -> bool:
        """No."""
        return False

    def has_change_permission(self, *_args: object) -> bool:
        """No."""
        return False

    def has_delete_permission(self, *_args: object) -> bool:
        """No."""
        return False

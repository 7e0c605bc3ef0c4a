"""Messages in the staff admin, to read only."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from outbox.models import Message

LABELS = {"queued": "info", "sent": "success", "waiting to retry": "warning", "refused": "danger"}


@admin.register(Message)
class MessageAdmin(ModelAdmin):
    """What was written to whom, and whether it left."""

    list_display = ("subject", "to", "shown_state", "created_at", "sent_at", "error")
    list_filter = ("state",)
    search_fields = ("to", "subject", "^reference")
    change_form_before_template = "admin/reference_links.html"
    show_full_result_count = False

    @display(description="State", ordering="state", label=LABELS)
    def shown_state(self, message: Message) -> str:
        """Coloured."""
        return message.get_state_display()

    def get_exclude(self, request: HttpRequest, obj: Message | None = None) -> tuple[str, ...]:  # noqa: ARG002
        """Hide the words of mails outside a claim: they carry sign-in codes, which are nobody else's."""
        return ("html",) if obj and obj.reference else ("html", "text")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let nobody ask for hidden words by filtering the list with them."""
        hidden = lookup.startswith(("text", "html"))
        allowed: bool = super().lookup_allowed(lookup, value, request)
        return allowed and not hidden

    def has_add_permission(self, *_args: object) -> bool:
        """Messages are written by what causes them."""
        return False

    def has_change_permission(self, *_args: object) -> bool:
        """To read only."""
        return False

    def has_delete_permission(self, *_args: object) -> bool:
        """What was sent stays on record."""
        return False

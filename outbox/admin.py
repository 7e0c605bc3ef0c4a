"""Messages in the staff admin: what left, what did not and why; sent again or called back here."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import action, display

from accounts import signed_in
from audit.admin import KeptAdmin
from outbox import services
from outbox.models import Message

LABELS = {
    "queued": "info",
    "being sent": "info",
    "sent": "success",
    "waiting to retry": "warning",
    "refused": "danger",
    "cancelled": "info",
    "came back": "danger",
    "reported as spam": "danger",
}


@admin.register(Message)
class MessageAdmin(KeptAdmin):
    """What was written to whom, and whether it left."""

    list_display = ("subject", "to", "shown_state", "created_at", "sent_at", "error")
    list_filter = ("state", "about")
    search_fields = ("to", "subject__spelled", "^reference", "error")
    date_hierarchy = "created_at"
    actions = ("send_again", "call_back")
    change_form_before_template = "admin/reference_links.html"
    show_full_result_count = False

    @display(description="State", ordering="state", label=LABELS)
    def shown_state(self, message: Message) -> str:
        """Colored."""
        return message.get_state_display()

    def get_exclude(self, request: HttpRequest, obj: Message | None = None) -> tuple[str, ...]:  # noqa: ARG002
        """Hide the words of mails outside a claim: they carry sign-in codes, which are nobody else's."""
        return ("html",) if obj and obj.reference else ("html", "text")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let nobody ask for hidden words by filtering the list with them."""
        hidden = lookup.startswith(("text", "html"))
        allowed: bool = super().lookup_allowed(lookup, value, request)
        return allowed and not hidden

    def has_send_permission(self, request: HttpRequest) -> bool:
        """Whether this person may let messages leave, or not."""
        return request.user.has_perm("outbox.change_message")

    @action(description="Send again, as a new message", permissions=["send"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[Message]) -> None:
        """Write each chosen message once more."""
        self._each(request, chosen, services.resend, "goes to {} once more.")

    @action(description="Call back what has not left", permissions=["send"])
    def call_back(self, request: HttpRequest, chosen: QuerySet[Message]) -> None:
        """Cancel each chosen message that still waits."""
        self._each(request, chosen, services.cancel, "to {} is called back.")

    def _each(self, request: HttpRequest, chosen: QuerySet[Message], what: Callable[..., object], words: str) -> None:
        for message in chosen:
            try:
                what(message=message, actor=signed_in.person(request))
            except services.CannotDo as refusal:
                messages.error(request, f"“{message}” to {message.to}: {refusal}")
            else:
                messages.success(request, f"“{message}” {words.format(message.to)}")

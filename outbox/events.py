"""What a mail service reports after it took a message: that it came back, or was called spam by its reader.

Django-anymail checks the service's signature and secret, and puts its words into one form.
"""

from anymail.signals import AnymailTrackingEvent, EventType, tracking
from anymail.urls import urlpatterns
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q
from django.dispatch import receiver
from django.urls import URLPattern, path

from accounts.models import User
from jobs.transactions import short_write
from outbox.models import Message

CAME_BACK = (EventType.BOUNCED, EventType.REJECTED, EventType.FAILED)


class NotYet(Exception):
    """The report was faster than our own note that the message left; the service tells it again."""


def routes() -> list[URLPattern]:
    """Return the one address at which the chosen service reports; none without a service."""
    if not settings.MAIL_SERVICE:
        return []
    if ":" not in settings.ANYMAIL.get("WEBHOOK_SECRET", ""):
        raise ImproperlyConfigured('ANYMAIL needs "WEBHOOK_SECRET": "name:password", or anybody could report bounces.')
    wanted = (f"{settings.MAIL_SERVICE}_tracking_webhook", f"{settings.MAIL_SERVICE}_webhook")
    found = [row for row in urlpatterns if row.name in wanted]
    if not found:
        raise ImproperlyConfigured(f"MAIL_SERVICE: django-anymail hears nothing from {settings.MAIL_SERVICE!r}.")
    return [path(f"mail-events/{settings.MAIL_SERVICE}/", found[0].callback, name="mail_events")]


@receiver(tracking)
@short_write
def note(event: AnymailTrackingEvent, **_kwargs: object) -> None:
    """Write on the message what became of it; whoever called one spam is sent no more reminders."""
    own = f"<{str(event.message_id or '').strip('<>')}>"
    if event.event_type not in (*CAME_BACK, EventType.COMPLAINED):
        return
    known = Message.objects.filter(Q(message_id=own) | Q(service_id=str(event.message_id)) & ~Q(service_id=""))
    if known.filter(state__in=Message.WAITS).exists():
        raise NotYet(own)
    messages = known.filter(state__in=Message.LEFT)
    words = str(event.mta_response or event.description or event.reject_reason or "")[:500]
    if event.event_type in CAME_BACK:
        messages.filter(state=Message.State.SENT).update(state=Message.State.BOUNCED, error=words)
    else:
        for message in messages:
            User.objects.filter(email__iexact=message.to).update(wants_reminders=False)
        messages.update(state=Message.State.COMPLAINED, error=words)

"""Lets mails leave no faster than the receivers and our own server want them.

A message draws a turn at its domain once and comes back at that moment; then it draws one among all mails. So a crowd
at one domain keeps nobody else waiting, and no message is looked at twice for nothing.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from jobs.transactions import short_write
from outbox.models import Message, Turn

EVERYBODY = ""


def wait(message: Message) -> datetime | None:
    """Return when the message may leave, drawing the turns that it still needs; None when it may leave now."""
    if message.is_urgent:
        return None
    now = timezone.now()
    lines = ((message.domain, settings.MAIL_PER_MINUTE_TO_ONE_DOMAIN), (EVERYBODY, settings.MAIL_PER_MINUTE))
    while message.not_before is None or message.not_before <= now:
        if message.turns == len(lines):
            return None
        message.not_before, message.turns = _draw(*lines[message.turns], now), message.turns + 1
        Message.objects.filter(pk=message.pk).update(not_before=message.not_before, turns=message.turns)
    return message.not_before


@short_write
def _draw(domain: str, per_minute: int, now: datetime) -> datetime:
    """Take the next free moment of a domain."""
    if not per_minute:
        return now
    Turn.objects.get_or_create(domain=domain, defaults={"free_at": now})
    turn = Turn.objects.select_for_update().get(domain=domain)
    taken = max(turn.free_at, now)
    Turn.objects.filter(pk=turn.pk).update(free_at=taken + timedelta(minutes=1) / per_minute)
    return taken

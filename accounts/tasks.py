"""What is too old goes: accounts that were opened and never proved, and sessions that have ended."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db.models import ProtectedError

from accounts.models import User
from jobs.registry import sweeps

UNPROVEN_FOR = timedelta(days=1)


@sweeps
def forget_unproven_accounts(now: datetime) -> None:
    """Delete accounts a day old whose address nobody has proved; the office's and those of staff stay."""
    for user in User.objects.unproven().filter(date_joined__lt=now - UNPROVEN_FOR):
        with suppress(ProtectedError):  # the office has credited somebody who never came
            user.delete()


@sweeps
def forget_sessions(now: datetime) -> None:
    """Delete the rows of sessions that are over; they held sign-in codes."""
    Session.objects.filter(expire_date__lt=now).delete()

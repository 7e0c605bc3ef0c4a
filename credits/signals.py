"""Listens to the rooms below: a person who was waited for is known now, or a deadline was moved."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.db import transaction
from django.db.models.signals import post_save
from django.utils import timezone

from accounts.models import User
from activities.models import Activity
from credits import importing, reminding


def connect() -> None:
    """Listen; called once when the room is ready."""
    email_confirmed.connect(_confirmed, dispatch_uid="credits.join")
    post_save.connect(_saved, sender=User, dispatch_uid="credits.join_saved")
    post_save.connect(_moved, sender=Activity, dispatch_uid="credits.replan")


def _confirmed(*, email_address: EmailAddress, **_signal: Any) -> None:
    with transaction.atomic():
        importing.join(email_address.user, timezone.now())


def _saved(*, instance: User, created: bool, update_fields: Any, **_signal: Any) -> None:
    """A sign-in saves its date alone and tells nothing new; nor does somebody new, unless the office numbered them."""
    if not update_fields and (not created or instance.member_number):
        with transaction.atomic():
            importing.join(instance, timezone.now())


def _moved(*, instance: Activity, **_signal: Any) -> None:
    reminding.replan(instance, timezone.now())

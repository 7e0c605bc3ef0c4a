"""Listens to the rooms below: a person who was waited for is known now, or a deadline was moved."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.utils import timezone

from accounts import events  # noqa: F401 (its receivers come first: they drop what an unproven account claims to be)
from accounts.models import User
from activities.models import Activity, MocRegistration
from credits import importing, reminding
from credits.models import Claim
from jobs.queue import ensure
from reporting.models import ReportingYear


def connect() -> None:
    """Listen; called once when the room is ready."""
    email_confirmed.connect(_confirmed, dispatch_uid="credits.join")
    post_save.connect(_saved, sender=User, dispatch_uid="credits.join_saved")
    post_save.connect(_moved, sender=Activity, dispatch_uid="credits.replan")
    for signal in (post_save, post_delete):
        signal.connect(_registered, sender=MocRegistration, dispatch_uid="credits.registered")
        signal.connect(_year_changed, sender=ReportingYear, dispatch_uid="credits.year")


def _confirmed(*, email_address: EmailAddress, **_signal: Any) -> None:
    with transaction.atomic():
        importing.join(email_address.user, timezone.now())


def _saved(*, instance: User, created: bool, update_fields: Any, **_signal: Any) -> None:
    """A sign-in saves its date alone and tells nothing new; nor does somebody new, unless the office numbered them."""
    if not update_fields and (not created or instance.member_number):
        with transaction.atomic():
            importing.join(instance, timezone.now())


def _moved(*, instance: Activity, created: bool, **_signal: Any) -> None:
    reminding.replan(instance, timezone.now())
    if not created:
        _reclock(instance.pk)


def _registered(*, instance: MocRegistration, **_signal: Any) -> None:
    _reclock(instance.activity_id)


def _year_changed(*, instance: ReportingYear, **_signal: Any) -> None:
    offered = Activity.objects.filter(starts_on__year__lte=instance.year, ends_on__year__gte=instance.year)
    for pk in offered.filter(claims__isnull=False).distinct().values_list("pk", flat=True):
        _reclock(pk)


def _reclock(activity: int) -> None:
    """Have deadlines that may have moved set anew, where somebody has claimed."""
    if Claim.objects.filter(activity=activity).exists():
        with transaction.atomic():
            ensure("credits.reclock", activity)

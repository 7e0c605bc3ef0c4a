"""Listens to the rooms below: a person who was waited for is known now, or an activity was changed."""

from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.utils import timezone

from accounts import events  # noqa: F401 (its receivers come first: they drop what an unproven account claims to be)
from accounts.models import User
from activities.models import Activity, MocRegistration, Provider
from credits import importing, reminding
from credits.models import Claim
from jobs.queue import enqueue
from reporting.models import ReportingYear

CLAIMS_TAKE = timedelta(seconds=10)


def connect() -> None:
    """Listen; called once when the room is ready."""
    email_confirmed.connect(_confirmed, dispatch_uid="credits.join")
    post_save.connect(_saved, sender=User, dispatch_uid="credits.join_saved")
    post_save.connect(_moved, sender=Activity, dispatch_uid="credits.replan")
    post_save.connect(_provider_changed, sender=Provider, dispatch_uid="credits.provider")
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
        _follow(instance.pk)


def _registered(*, instance: MocRegistration, **_signal: Any) -> None:
    _follow(instance.activity_id)


def _provider_changed(*, instance: Provider, created: bool, **_signal: Any) -> None:
    """Its name and its signatories are printed on what waits for the end of an activity."""
    offered = Activity.objects.filter(provider=instance, ends_at__gte=timezone.now(), claims__isnull=False)
    for pk in () if created else offered.distinct().values_list("pk", flat=True):
        _follow(pk)


def _year_changed(*, instance: ReportingYear, **_signal: Any) -> None:
    offered = Activity.objects.filter(starts_on__year__lte=instance.year, ends_on__year__gte=instance.year)
    for pk in offered.filter(claims__isnull=False).distinct().values_list("pk", flat=True):
        _follow(pk)


def _follow(activity: int) -> None:
    """Have what follows from claims brought up to date, where somebody has claimed.

    A little later, so that a claim that was being written meanwhile, with the facts of before, is among them; and each
    change anew, because a job that is at work may have passed the rows that it is about.
    """
    first = Claim.objects.filter(activity=activity).order_by("pk").first()
    if first:
        now = timezone.now()
        with transaction.atomic():
            key = f"credits.follow:{activity}:{now:%Y%m%d%H%M%S%f}:{first.pk}"
            enqueue("credits.follow", first.pk, due=now + CLAIMS_TAKE, key=key)

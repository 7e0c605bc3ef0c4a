"""Claims, programmes and the balances of a ledger, for the tests of credit."""

from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from activities.models import Activity, Session
from credits.models import Award, Claim
from credits.services import amending, claiming
from credits.services.claiming import ClaimRequest
from reporting.snapshots import Identity

ADA = Identity(given_name="Ada", family_name="Okafor", board_number="123456", birth_month=2, birth_day=29)
Asked = str | Mapping[int, Decimal]


def session(activity: Activity, hours: str, title: str = "", **facts: Any) -> Session:
    """Return a session of the first day: `session(activity, "08:00-09:30")`."""
    begins, ends = (time.fromisoformat(hour) for hour in hours.split("-"))
    made = Session(activity=activity, title=title or hours, day=facts.pop("day", activity.starts_on), **facts)
    made.begins, made.ends = begins, ends
    made.save()
    return made


def chosen(*sessions: Session, **parts: str) -> dict[int, Decimal]:
    """Return sessions as they are asked for, all of each unless `parts` names its title."""
    return {row.pk: Decimal(parts.get(row.title, row.credit)) for row in sessions}


def asked(what: Asked) -> Decimal | Mapping[int, Decimal]:
    """Return an amount or sessions as services take them."""
    return Decimal(what) if isinstance(what, str) else what


def claim(learner: User, activity: Activity, what: Asked = "12.25", moc: Identity | None = None, **at: Any) -> Claim:
    """Claim an amount or sessions."""
    request = ClaimRequest(asked(what), "I took part.", {"ABIM": moc} if moc else {})
    return claiming.claim(learner=learner, activity=activity, request=request, now=at.get("now") or timezone.now())


def amend(made: Claim, what: Asked, **at: Any) -> Any:
    """Amend a claim as its learner."""
    request = ClaimRequest(asked(what), "I took part.")
    return amending.amend(claim=made, request=request, actor=made.learner, now=at.get("now") or timezone.now())


def balances(made: Claim) -> dict[str, Decimal]:
    """Return the sum of each credit type's rows, read anew."""
    rows = Award.objects.filter(claim=made).order_by().values_list("credit_type").annotate(Sum("amount"))
    return {kind: Decimal(amount) for kind, amount in rows if amount}


def standing(made: Claim) -> dict[str, str]:
    """Return what stands of each credit type, read anew."""
    return {row.credit_type: str(row.amount) for row in Claim.objects.get(pk=made.pk).standing}

"""The one door: the steps of an activity for one learner at one time, each with its state, reason and fix.

The learner's page draws these steps, the submit refuses by them. There is no second way in.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User
from activities.models import Activity
from credits.models import Claim


class State(StrEnum):
    """How a step stands."""

    LOCKED = "locked"
    OPEN = "open"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Step:
    """One step: what it is called, how it stands and why, what to do about it, and where."""

    key: str
    title: str
    state: State
    reason: str = ""
    fix: str = ""
    address: str = ""


class NotOpen(Exception):
    """The learner may not do this step now."""

    def __init__(self, step: Step) -> None:
        super().__init__(step.reason)
        self.step = step


def steps(*, activity: Activity, learner: User, now: datetime) -> list[Step]:
    """Return the steps in order: details, taking part, Request for Credit, certificate."""
    claim = Claim.objects.filter(activity=activity, learner=learner).first()
    return [
        _details(activity, learner, claim),
        _taking_part(activity, now),
        _request(activity, learner, claim, now),
        _certificate(activity, claim),
    ]


def request_for_credit(*, activity: Activity, learner: User, now: datetime) -> Step:
    """Return how the Request for Credit stands."""
    claim = Claim.objects.filter(activity=activity, learner=learner).first()
    return _request(activity, learner, claim, now)


def require_request_open(*, activity: Activity, learner: User, now: datetime) -> None:
    """Raise NotOpen unless the learner may submit the Request for Credit at this moment."""
    step = request_for_credit(activity=activity, learner=learner, now=now)
    if step.state != State.OPEN:
        raise NotOpen(step)


def _details(activity: Activity, learner: User, claim: Claim | None) -> Step:
    done = claim is not None or learner.has_claim_details
    back = urlencode({"next": activity.get_absolute_url()})
    return Step(
        key="details",
        title="Your name and profession",
        state=State.DONE if done else State.OPEN,
        reason="" if done else "They decide which credit you can be awarded and stand on your certificate.",
        fix="" if done else "Complete your profile.",
        address=f"{reverse('accounts:profile')}?{back}",
    )


def _taking_part(activity: Activity, now: datetime) -> Step:
    title = "Study the activity" if activity.is_self_study else "Take part"
    if now < activity.starts_at:
        return Step("part", title, State.LOCKED, f"Begins on {activity.start_in_words}.")
    if now <= activity.ends_at:
        return Step("part", title, State.OPEN, activity.dates_in_words)
    return Step("part", title, State.DONE, activity.dates_in_words)


def _request(activity: Activity, learner: User, claim: Claim | None, now: datetime) -> Step:
    title, address = "Request for Credit", reverse("surveys:request", args=[activity.slug])
    if claim:
        return Step("request", title, State.DONE, f"Submitted, reference {claim.reference}.", "", address)
    obstacle = _obstacle(activity, learner, now)
    if obstacle:
        state, reason, fix = obstacle
        return Step("request", title, state, reason, fix, address)
    return Step("request", title, State.OPEN, f"Open until {activity.deadline_in_words}.", "", address)


def _obstacle(activity: Activity, learner: User, now: datetime) -> tuple[State, str, str] | None:
    """Return why credit cannot be requested now, and what can be done about it."""
    office = f"Write to {activity.provider.office_email} if you believe that this is wrong."
    if activity.state != Activity.State.PUBLISHED:
        return State.LOCKED, "Credit cannot be requested for this activity at present.", office
    if now < activity.starts_at:
        return State.LOCKED, f"Credit can be requested from {activity.start_in_words}.", "Come back then."
    if activity.deadline_has_passed(now):
        return State.FAILED, f"The deadline was {activity.deadline_in_words}.", office
    if not learner.has_claim_details:
        return State.LOCKED, "Your name and profession are not complete.", "Complete your profile first."
    if activity.designation_for(learner.profession) is None:
        return State.LOCKED, f"It offers no credit for: {learner.get_profession_display()}.", office
    return None


def _certificate(activity: Activity, claim: Claim | None) -> Step:
    if claim:
        return Step("certificate", "Certificate", State.DONE, "See what was awarded.", "", claim.get_absolute_url())
    comes = "at once after your request" if activity.is_self_study else "after your request and the activity's end"
    return Step("certificate", "Certificate", State.LOCKED, f"Sent by e-mail {comes}.")

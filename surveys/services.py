"""What happens to a response: begun, saved as typed, submitted."""

from datetime import datetime

from accounts.models import User
from activities.models import Activity
from credits import services as credits_services
from credits.models import Claim
from jobs.transactions import short_write
from surveys import pathway
from surveys.models import Answer, Response, Survey
from surveys.request import Fault, RequestForCredit, Typed


class Changed(Exception):
    """The typed answers are not those that the learner saw when they attested; nothing was written."""


class Incomplete(Exception):
    """The response cannot be submitted yet; `faults` says where."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


def begin(*, activity: Activity, learner: User, now: datetime) -> Response:
    """Return the learner's response to the Request for Credit, begun now if there was none."""
    kind = Survey.Kind.REQUEST_FOR_CREDIT
    begun = Response.objects.filter(survey__activity=activity, survey__kind=kind, learner=learner)
    response = begun.select_related("survey").first() or _begin(activity, learner, now)
    response.survey.activity, response.learner = activity, learner
    return response


@short_write
def _begin(activity: Activity, learner: User, now: datetime) -> Response:
    survey, _ = Survey.objects.get_or_create(activity=activity, kind=Survey.Kind.REQUEST_FOR_CREDIT)
    response, _ = Response.objects.get_or_create(survey=survey, learner=learner, defaults={"started_at": now})
    response.survey = survey
    return response


@short_write
def save_typed(*, response: Response, typed: Typed, now: datetime) -> None:
    """Keep the strings a learner typed, valid or not; of two devices the last word per field wins.

    Raises pathway.NotOpen after the deadline and after a claim, and then leaves the response alone.
    """
    locked = Response.objects.select_for_update().get(pk=response.pk)
    pathway.require_request_open(activity=response.survey.activity, learner=response.learner, now=now)
    locked.typed, locked.saved_at = {**locked.typed, **typed}, now
    locked.save(update_fields=["typed", "saved_at"])
    response.typed, response.saved_at = locked.typed, locked.saved_at


@short_write
def submit(*, response: Response, seen: str, now: datetime) -> Claim:
    """Freeze the answers and claim the credit, in one transaction; returns the claim.

    A second submit returns the first one's claim. Raises pathway.NotOpen when the door is shut at `now` (the time the
    request was received), Changed when `seen` is not the fingerprint of what is typed, and Incomplete when something is
    missing; all leave what was typed untouched.
    """
    locked = Response.objects.select_for_update(of=("self",)).select_related("survey__activity__provider", "learner")
    response = locked.get(pk=response.pk)
    activity, learner = response.survey.activity, response.learner
    if response.state == Response.State.SUBMITTED:
        return Claim.objects.get(activity=activity, learner=learner)
    pathway.require_request_open(activity=activity, learner=learner, now=now)
    request = RequestForCredit(response)
    if seen != request.fingerprint:
        raise Changed
    faults = request.faults()
    if faults:
        raise Incomplete(faults)
    asked = request.asks_for()
    Answer.objects.bulk_create(
        Answer(response=response, question_id=number, value=value) for number, value in request.answers().items()
    )
    response.state, response.submitted_at, response.typed = Response.State.SUBMITTED, now, {}
    response.save(update_fields=["state", "submitted_at", "typed"])
    return credits_services.claim(learner=learner, activity=activity, request=asked, now=now)

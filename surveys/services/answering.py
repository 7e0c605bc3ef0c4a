"""What happens to a response: begun, saved as typed, submitted."""

import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError

from accounts.models import User
from accounts.own import ANOTHER_OFFICER, is_own
from activities.models import Activity
from audit.models import record
from credits import reminding
from credits.services import claiming
from jobs.queue import enqueue
from jobs.transactions import short_write
from surveys import emails, pathway, scoring
from surveys.answering import Answering, Base, Fault, Typed, fingerprint
from surveys.models import Answer, ExtraAttempt, Mark, Response, Survey
from surveys.models.survey import SOONEST
from surveys.pathway import Way
from surveys.request import RequestForCredit, whole
from surveys.standing import Standing
from surveys.steps import NotOpen

Kind = Survey.Kind


class Changed(Exception):
    """The typed answers are not those that the learner saw on the check page; nothing was written."""


class AlreadySubmitted(Exception):
    """The response that a page belongs to was submitted meanwhile; nothing was written."""


class Incomplete(Exception):
    """The response cannot be submitted yet; `faults` says where."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


def begin(*, activity: Activity, learner: User, kind: str, now: datetime) -> Response:
    """Return the learner's draft of this kind of survey, begun now if there was none.

    A draft stays with the version it was begun in. Raises NotOpen when there is none and the door is shut.
    """
    try:
        response = _draft(activity, learner, kind) or _begin(activity, learner, kind, now)
    except (Survey.DoesNotExist, IntegrityError):  # staff took it away at this moment
        raise NotOpen(pathway.step(kind, activity=activity, learner=learner, now=now)) from None
    response.survey.activity, response.learner = activity, learner
    return response


def resume(*, activity: Activity, learner: User, kind: str, number: str, now: datetime) -> Response:
    """Return the draft that a page belongs to; `number` is the response's that it was drawn for, if it says so.

    Where there was none at all it is begun. Raises AlreadySubmitted for a page of an attempt that was submitted: no
    stale page begins the next attempt or writes into it. Raises NotOpen like `begin`.
    """
    draft = _draft(activity, learner, kind)
    if draft is None:
        if Response.objects.filter(survey__activity=activity, survey__kind=kind, learner=learner).exists():
            raise AlreadySubmitted
        return begin(activity=activity, learner=learner, kind=kind, now=now)
    if number and number != str(draft.pk):
        raise AlreadySubmitted
    draft.survey.activity, draft.learner = activity, learner
    return draft


@short_write
def _begin(activity: Activity, learner: User, kind: str, now: datetime) -> Response:
    """The learner's row is locked, so that two tabs cannot begin two attempts."""
    User.objects.select_for_update().get(pk=learner.pk)
    begun = _draft(activity, learner, kind)
    if begun:
        return begun
    pathway.require_open(kind, activity=activity, learner=learner, now=now)
    survey = Survey.objects.in_use().get(activity=activity, kind=kind)
    reminding.plan(activity, now)
    earlier = Response.objects.filter(survey__activity=activity, survey__kind=kind, learner=learner).count()
    return Response.objects.create(
        survey=survey, learner=learner, attempt=earlier + 1, seed=secrets.randbelow(2**31), started_at=now
    )


def _draft(activity: Activity, learner: User, kind: str) -> Response | None:
    drafts = Response.objects.filter(survey__activity=activity, survey__kind=kind, learner=learner, state="draft")
    return drafts.select_related("survey").first()


@short_write
def save_typed(*, response: Response, typed: Typed, base: Base | None, now: datetime) -> None:
    """Keep the strings a learner typed, valid or not; of two devices the last word per field wins.

    `base` says what the page showed, as fingerprints of the fields that had something in them; None if it does not say
    it. A field that is still as it was shown was not changed by this device, and does not undo what another one has
    typed there meanwhile. Raises NotOpen when the door is shut at `now`, AlreadySubmitted when the response is frozen,
    and then leaves it alone.
    """
    locked = Response.objects.select_for_update().get(pk=response.pk)
    survey = response.survey
    pathway.require_open(survey.kind, activity=response.activity, learner=response.learner, now=now)
    if locked.is_submitted:
        raise AlreadySubmitted
    changed = {
        name: values
        for name, values in typed.items()
        if (base is None or base.get(name, "") != fingerprint(values) if name in locked.typed else any(values))
    }
    locked.typed, locked.saved_at = {**locked.typed, **changed}, now
    locked.save(update_fields=["typed", "saved_at"])
    response.typed, response.saved_at = locked.typed, locked.saved_at


@short_write
def submit(*, response: Response, seen: str, now: datetime) -> Response:
    """Freeze the answers, in one transaction with what follows from them; returns the submitted response.

    A test is marked; a Request for Credit claims the credit. A second submit changes nothing. Raises NotOpen
    when the door is shut at `now` (the time the request was received), Changed when `seen` is not the fingerprint of
    what is typed, and Incomplete when something is missing; all leave what was typed untouched.
    """
    locked = Response.objects.select_for_update(of=("self",)).select_related("survey__activity__provider", "learner")
    response = locked.get(pk=response.pk)
    activity, learner = response.activity, response.learner
    if response.is_submitted:
        return response
    pathway.require_open(response.survey.kind, activity=activity, learner=learner, now=now)
    answering = whole(response, now)
    if seen != answering.fingerprint:
        raise Changed
    faults = answering.faults()
    if faults:
        raise Incomplete(faults)
    asked = answering.asks_for() if isinstance(answering, RequestForCredit) else None
    _freeze(answering, now)
    if asked:
        claim = claiming.claim(learner=learner, activity=activity, request=asked, now=now)
        _follow_up_later(response, claim.reference, now)
    return response


def _freeze(answering: Answering, now: datetime) -> None:
    """Write answers and marks, and empty what was typed."""
    response = answering.response
    answers = answering.answers()
    Answer.objects.bulk_create(Answer(response=response, **facts) for facts in answers)
    if answering.survey.is_test:
        asked = [row for row in answering.rows if row.pk in answering.asked]
        Mark.objects.bulk_create(scoring.mark(response, asked, answers))
    response.state, response.submitted_at, response.typed = Response.State.SUBMITTED, now, {}
    response.save(update_fields=["state", "submitted_at", "typed", "right", "asked", "passed"])


def _follow_up_later(response: Response, reference: str, now: datetime) -> None:
    """Ask some weeks later what became of the plans; what is asked, and of whom, is decided when it is due."""
    activity = response.activity
    plans = Answer.objects.plans(activity=activity, learner=response.learner)
    if plans or Survey.objects.in_use().filter(activity=activity, kind=Kind.FOLLOW_UP).exists():
        due = now + timedelta(days=SOONEST)
        enqueue("surveys.follow_up", response.pk, due=due, reference=reference)


@short_write
def allow_attempt(*, activity: Activity, learner: User, reason: str, actor: User, now: datetime) -> ExtraAttempt:
    """Allow one more attempt at the post-test and tell the learner; raises ValueError for want of reason or need."""
    if is_own(actor, learner):
        raise ValueError(ANOTHER_OFFICER)
    reason = reason.strip()
    if not reason:
        raise ValueError("Say why: the reason is kept with the activity's history.")
    User.objects.select_for_update().get(pk=learner.pk)
    if not Way(Standing(activity, learner), now).attempts_are_used:
        raise ValueError("The learner has attempts left, or needs none: nothing has to be allowed.")
    made = ExtraAttempt.objects.create(
        activity=activity, learner=learner, reason=reason[:300], granted_by=actor, granted_at=now
    )
    emails.attempt_allowed(activity, learner)
    record(action="allowed one more attempt", subject=made, actor=actor, reason=made.reason)
    return made

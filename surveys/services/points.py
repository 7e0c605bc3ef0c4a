"""Points that are asked for after the claim: what boards require is asked then, and joins the answers given before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from accounts.models import User
from credits.models import Claim
from credits.services import permission
from jobs.transactions import short_write
from reporting.snapshots import Identity
from surveys.models import Answer, Question, Response, Survey

NO_REQUEST = (
    "Points for this activity need answers to questions of its Request for Credit, and yours was recorded without one. "
    "Write to the CME office."
)


def refusal(claim: Claim, now: datetime) -> str:
    """Return in words why points cannot be asked for now; empty when they can."""
    if not permission.may_ask_for_points(claim, now):
        return permission.NOTHING
    return NO_REQUEST if _response(claim) is None and open_questions(claim) else ""


def open_questions(claim: Claim) -> list[Question]:
    """Return what points require and was not answered; a question with a condition only where its answer was given."""
    response = _response(claim)
    required = Question.objects.filter(required_for_moc=True).prefetch_related("choices", "rows")
    if response is None:
        request = {"activity": claim.activity, "kind": Survey.Kind.REQUEST_FOR_CREDIT}
        return list(required.filter(survey__in=Survey.objects.in_use().filter(**request)))
    applies = Q(shown_if=None) | Q(shown_if__answers__response=response)
    unanswered = required.filter(applies, survey=response.survey).exclude(answers__response=response)
    return list(unanswered.distinct())


@short_write
def ask(
    *, claim: Claim, identities: Mapping[str, Identity], answers: list[dict[str, Any]], actor: User, now: datetime
) -> None:
    """Have the points reported and keep the answers; raises CannotGive. A second call is refused by then."""
    permission.ask_for_points(claim=claim, identities=identities, actor=actor, now=now)
    if answers:
        Answer.objects.bulk_create(Answer(response=_response(claim), **facts) for facts in answers)


def _response(claim: Claim) -> Response | None:
    own = {"survey__activity": claim.activity, "survey__kind": Survey.Kind.REQUEST_FOR_CREDIT}
    return Response.objects.filter(learner=claim.learner, state=Response.State.SUBMITTED, **own).first()

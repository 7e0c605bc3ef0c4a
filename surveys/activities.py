"""What surveys add to the rooms below: rules at the gate, a section of a document, a copy's questions, reminders."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from accounts.models import User
from activities import document as activity_document
from activities.document import Extra
from activities.models import Activity
from activities.signals import activity_copied
from credits import reminding, unfinished
from credits.unfinished import Unfinished
from surveys import document, rules
from surveys.models import Response, Survey


def copy(*, source: Activity, made: Activity, **_signal: Any) -> None:
    """Give a copied activity the same surveys, without anybody's answers."""
    document.read(made, document.write(source))


def begun(activity: Activity) -> Q:
    """Return who has begun a survey of an activity, for the reminder of its deadline."""
    return Q(Exists(Response.objects.filter(survey__activity=activity, learner=OuterRef("pk"))))


def unfinished_requests(learner: User, now: datetime) -> Iterator[Unfinished]:
    """Return the Requests for Credit that a learner has begun and can still submit."""
    drafts = Response.objects.filter(learner=learner, state=Response.State.DRAFT, saved_at__isnull=False)
    requests = drafts.filter(
        survey__kind=Survey.Kind.REQUEST_FOR_CREDIT, survey__activity__state=Activity.State.PUBLISHED
    )
    for draft in requests.select_related("survey__activity"):
        activity: Activity = draft.activity
        if not activity.deadline_has_passed(now):
            address = reverse("surveys:begin", args=[activity.slug, draft.survey.kind])
            yield Unfinished(activity, address)


def connect() -> None:
    """Offer all of this; called once when the room is ready."""
    rules.add()
    activity_document.extend(Extra(document.KEY, (*document.SURVEY, "questions"), document.write, document.read))
    reminding.SOURCES.append(begun)
    unfinished.SOURCES.append(unfinished_requests)
    activity_copied.connect(copy, dispatch_uid="surveys.copy")

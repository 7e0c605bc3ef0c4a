"""What surveys add to the rooms below: rules at the gate, a section of a document, a copy's questions, reminders."""

from typing import Any

from django.db.models import Exists, OuterRef, Q

from activities import document as activity_document
from activities.document import Extra
from activities.models import Activity
from activities.signals import activity_copied
from credits import reminding
from surveys import document, rules
from surveys.models import Response


def copy(*, source: Activity, made: Activity, **_signal: Any) -> None:
    """Give a copied activity the same surveys, without anybody's answers."""
    document.read(made, document.write(source))


def begun(activity: Activity) -> Q:
    """Return who has begun a survey of an activity, for the reminder of its deadline."""
    return Q(Exists(Response.objects.filter(survey__activity=activity, learner=OuterRef("pk"))))


def connect() -> None:
    """Offer all of this; called once when the room is ready."""
    rules.add()
    activity_document.extend(Extra(document.KEY, (*document.SURVEY, "questions"), document.write, document.read))
    reminding.SOURCES.append(begun)
    activity_copied.connect(copy, dispatch_uid="surveys.copy")

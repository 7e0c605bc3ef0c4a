"""What surveys add to activities: rules at the gate, a section of an activity's document, a copy's questions."""

from typing import Any

from activities import document as activity_document
from activities.document import Extra
from activities.models import Activity
from activities.signals import activity_copied
from surveys import document, rules


def copy(*, source: Activity, made: Activity, **_signal: Any) -> None:
    """Give a copied activity the same surveys, without anybody's answers."""
    document.read(made, document.write(source))


def connect() -> None:
    """Offer all of this; called once when the room is ready."""
    rules.add()
    activity_document.extend(Extra(document.KEY, (*document.SURVEY, "questions"), document.write, document.read))
    activity_copied.connect(copy, dispatch_uid="surveys.copy")

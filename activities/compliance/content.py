"""What must be true of content before learners may study it."""

from collections.abc import Iterator
from datetime import datetime

from activities.compliance.findings import Finding, error, warning
from activities.models import Activity
from activities.statements.words import listed

OWN = "The portal's own rule"
PLACE = "admin:activities_contentitem_changelist?activity__id__exact={pk}"


def complete(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """Every item has what its kind needs."""
    for item in activity.content.all():
        if item.lacks:
            words = f"The content item “{item}” lacks {item.lacks}."
            yield error("content-incomplete", words, OWN, PLACE.format(pk=activity.pk), str(item.pk))


def somewhere(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """Who studies alone finds the content here or at the activity's own address."""
    if activity.is_self_study and not activity.content.all() and not activity.url:
        words = "Learners find no content: add it here, or name the activity's own web page."
        yield warning("content-missing", words, OWN, PLACE.format(pk=activity.pk))


def captioned(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """People who cannot hear read what is said."""
    mute = [
        item.title
        for item in activity.content.all()
        if item.is_recording and not item.address and not item.captions and not item.text
    ]
    if mute:
        words = f"Neither captions nor a transcript: {listed(mute)}."
        yield warning("captions", words, "WCAG 2.2, 1.2", PLACE.format(pk=activity.pk))

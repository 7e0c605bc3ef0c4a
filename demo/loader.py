"""Makes the example activities out of their documents, moves them in time, and publishes them through the gate."""

from datetime import date, datetime, timedelta
from pathlib import Path

from django.core.files.base import File
from django.db import transaction

from activities import document
from activities.models import Activity, ContentItem, Disclosure
from activities.services import state

FOLDER = Path(__file__).parent / "activities"
FILES = Path(__file__).parent / "content"
LIVE_ENDED_DAYS_AGO = 3
LIVE_CLAIM_DAYS_LEFT = 21
SELF_STUDY_RELEASED_DAYS_AGO = 60
DISCLOSED_BEFORE = timedelta(days=30)


def files() -> list[Path]:
    """Return the example activities' files."""
    return sorted(FOLDER.glob("*.yaml"))


@transaction.atomic
def load(path: Path, *, today: date | None, now: datetime) -> Activity:
    """Return the published activity of one file; one that is there already is left as it is.

    Its dates are moved to suit `today`, or stay as published when that is None. The gate judges a moved activity by
    `now`, and one with its old dates by the day on which it began.
    """
    known = Activity.objects.filter(slug=path.stem).first()
    if known:
        return known
    activity = document.create(path.read_text(), actor=None, now=now)
    _add_film(activity)
    if today:
        _move(activity, today)
    signed_at = activity.starts_at - DISCLOSED_BEFORE
    Disclosure.objects.filter(person__roles__activity=activity).update(signed_at=signed_at)
    state.move(activity=activity, verb="publish", actor=None, now=now if today else activity.starts_at)
    return activity


def _add_film(activity: Activity) -> None:
    """Give the activity's video its file and captions, which a document does not hold."""
    for item in activity.content.filter(kind=ContentItem.Kind.VIDEO):
        for field, ending in ((item.file, "webm"), (item.captions, "vtt")):
            with (FILES / f"{activity.slug}.{ending}").open("rb") as stored:
                field.save(ending, File(stored), save=False)
        item.save()


def _move(activity: Activity, today: date) -> None:
    """Let a meeting have ended three days ago and self-study have begun two months ago."""
    length = activity.ends_on - activity.starts_on
    if activity.is_self_study:
        activity.starts_on = today - timedelta(days=SELF_STUDY_RELEASED_DAYS_AGO)
        activity.ends_on = activity.claim_until_day = activity.starts_on + length
    else:
        activity.ends_on = today - timedelta(days=LIVE_ENDED_DAYS_AGO)
        activity.starts_on = activity.ends_on - length
        activity.claim_until_day = today + timedelta(days=LIVE_CLAIM_DAYS_LEFT)
    activity.save()
    activity.moc_registrations.update(claim_until_day=activity.claim_until_day)

"""Makes next year's activity out of this year's: a draft with the dates moved."""

from datetime import date, datetime, timedelta

from django.db import models
from django.utils.text import slugify

from accounts.models import User
from activities import zones
from activities.models import Activity, MocRegistration, Session
from activities.models.activity import short_code
from activities.models.programme import give_codes
from activities.signals import activity_copied
from audit.models import record
from jobs.transactions import short_write

COPIED = ("partners", "content", "designations", "moc_registrations", "objectives", "roles")
# What belongs to one activity alone: numbers assigned to it, agreements, judgements, hand edits, closing data.
FRESH = {"pars_id": "", "state": Activity.State.DRAFT, "published_at": None, "relationships_mitigated": False}
MOST_SLUGS = 1000


@short_write
def copy(*, activity: Activity, starts_on: date, title: str, actor: User, now: datetime) -> Activity:
    """Return a draft that begins on `starts_on` with every other date moved by as many days.

    An end that the format does not allow any more, because a leap year lies between, comes a day earlier. Numbers that
    registries assigned, agreements, judgements and hand edits are not copied: they must be obtained, executed, made and
    written anew. People keep their parts; the gate asks for what is missing.
    """
    zones.check_day(starts_on)
    days = starts_on - activity.starts_on
    made = Activity.objects.get(pk=activity.pk)
    made.pk, made._state.adding = None, True  # noqa: SLF001 (Django's documented way to copy a row)
    made.title, made.slug, made.code = title, free_slug(title), Activity._meta.get_field("code").get_default()  # noqa: SLF001
    for name, value in FRESH.items():
        setattr(made, name, value)
    made.starts_on = starts_on
    made.ends_on = min(activity.ends_on + days, made.last_possible_day)
    made.claim_until_day = activity.claim_until_day + (made.ends_on - activity.ends_on)
    made.own_code = short_code() if activity.own_code else ""
    made.full_clean(exclude=["time_zone"])
    made.save()
    for name in COPIED:
        _copy_rows(getattr(activity, name).all(), made, days)
    _copy_sessions(activity, made, days)
    made.related.add(activity)
    activity_copied.send(sender=Activity, source=activity, made=made)
    record(action="copied", subject=made, actor=actor, after={"from": activity.slug, "at": now})
    return made


def free_slug(title: str) -> str:
    """Return an address for this title that no activity has."""
    base = slugify(title)[:70] or "activity"
    taken = set(Activity.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, MOST_SLUGS))) if slug not in taken)


def _copy_rows(rows: "models.QuerySet[models.Model]", made: Activity, days: timedelta) -> None:
    for row in rows:
        row.pk, row._state.adding = None, True  # noqa: SLF001 (Django's documented way to copy a row)
        row.activity = made  # type: ignore[attr-defined]
        if hasattr(row, "uan"):
            row.uan, row.live_date = "", row.live_date and row.live_date + days  # type: ignore[attr-defined]
            row.approved_until = None  # type: ignore[attr-defined]
        if isinstance(row, MocRegistration) and row.claim_until_day:
            row.claim_until_day += days
        if hasattr(row, "exception"):
            row.exception = ""
        row.save()


def _copy_sessions(activity: Activity, made: Activity, days: timedelta) -> None:
    rows = list(activity.sessions.all())
    for row in rows:
        row.pk, row._state.adding = None, True  # noqa: SLF001 (likewise)
        row.activity, row.day = made, min(row.day + days, made.ends_on)
        row.code = short_code()
        row.compute()
    give_codes(rows, ())
    Session.objects.bulk_create(rows)

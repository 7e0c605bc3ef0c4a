"""Dates and hours in an activity's own zone: from what staff type to an instant, and from an instant to words."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.utils import dateformat

END_OF_DAY = time(23, 59, 59)
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)


def is_zone(name: str) -> bool:
    """Whether the IANA database has this zone."""
    return name in available_timezones()


def choices() -> list[tuple[str, str]]:
    """Return the zones that staff choose from: a continent's or an ocean's cities, and UTC."""
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return [(name, name.replace("_", " ")) for name in ["UTC", *names]]


def check_zone(name: str) -> None:
    """Refuse a zone that is not in the IANA database."""
    if not is_zone(name):
        raise ValidationError(f"{name!r} is not a time zone. Give an IANA name such as America/New_York.")


def check_day(day: date) -> None:
    """Refuse a day that nobody can mean, before arithmetic on it fails."""
    if not EARLIEST <= day <= LATEST:
        raise ValidationError(f"Give a day between {EARLIEST:%Y} and {LATEST:%Y}.")


def instant(day: date, hour: time, zone: str) -> datetime:
    """Return the UTC instant of a local day and hour, so that nobody loses time when the clocks change.

    Of an hour that comes twice the second is meant; an hour that is skipped is read as lying after the gap.
    """
    moment = datetime.combine(day, hour, ZoneInfo(zone))
    return max(moment.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


def first_instant(day: date, hour: time, zone: str) -> datetime:
    """Return the UTC instant of a local day and hour of a programme: of an hour that comes twice the first."""
    return datetime.combine(day, hour, ZoneInfo(zone)).astimezone(UTC)


def next_day(day: date) -> date:
    """Return the day after, at which a calendar's event of whole days ends."""
    return day + timedelta(days=1)


def local(moment: datetime, zone: str) -> datetime:
    """Return the instant as the clock on the wall of the activity shows it."""
    return moment.astimezone(ZoneInfo(zone))


def in_words(moment: datetime, zone: str, city: str = "") -> str:
    """Return `Wednesday, February 23, 2022, 11:59 p.m. PST (Portland)`; without a city the zone's own is named."""
    place = city or zone.rpartition("/")[2].replace("_", " ")
    return f"{dateformat.format(local(moment, zone), 'l, F j, Y, P T')} ({place})"


def hours_in_words(begins: time, ends: time) -> str:
    """Return `8–9:30 a.m.` or `11 a.m.–1 p.m.`."""
    first, last = dateformat.time_format(begins, "P"), dateformat.time_format(ends, "P")
    number, _, half = first.rpartition(" ")
    return f"{number if number and last.endswith(half) else first}–{last}"


def span_in_words(first: date, last: date) -> str:
    """Return `January 24, 2022`, `January 24–27, 2022`, `January 30 – February 2, 2022` or both dates in full."""
    if first == last:
        return dateformat.format(first, "F j, Y")
    if first.year != last.year:
        return f"{dateformat.format(first, 'F j, Y')} – {dateformat.format(last, 'F j, Y')}"
    if first.month != last.month:
        return f"{dateformat.format(first, 'F j')} – {dateformat.format(last, 'F j, Y')}"
    return f"{dateformat.format(first, 'F j')}–{dateformat.format(last, 'j, Y')}"

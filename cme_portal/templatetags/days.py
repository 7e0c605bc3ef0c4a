"""Days and hours in words. A day is a date; an instant has a day only in a zone, so that nobody reads the day in UTC.

`day_in` and `moment_in` take the zone's name: an activity's for learners. `day_here` and `moment_here` are for the
office, whose pages have its zone switched on (`cme_portal.middleware`).
"""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django import template
from django.utils import dateformat, timezone

from activities import zones

register = template.Library()
MINUTES, HOURS_FROM = 60, 2  # what takes less than two hours is told in minutes

DAY, SHORT_DAY, WEEKDAY, HOUR = "F j, Y", "M j, Y", "l, F j", "P"


def _of_day(day: date | None, form: str) -> str:
    if isinstance(day, datetime):
        raise TypeError("An instant has no day of its own. Say in which zone: day_in, or day_here for the office.")
    return dateformat.format(day, form) if day else ""


@register.filter
def day(value: date | None) -> str:
    """Return `November 28, 2026`."""
    return _of_day(value, DAY)


@register.filter
def short_day(value: date | None) -> str:
    """Return `Nov 28, 2026`."""
    return _of_day(value, SHORT_DAY)


@register.filter
def weekday(value: date | None) -> str:
    """Return `Saturday, November 28`."""
    return _of_day(value, WEEKDAY)


@register.filter
def short_weekday(value: date | None) -> str:
    """Return `Sat, Nov 28`."""
    return _of_day(value, "D, M j")


@register.filter
def month_day(value: date | None) -> str:
    """Return `November 28`."""
    return _of_day(value, "F j")


@register.filter
def iso(value: date | None) -> str:
    """Return `2026-11-28`."""
    return _of_day(value, "Y-m-d")


@register.filter
def hour(value: time) -> str:
    """Return `8:30 a.m.`."""
    return dateformat.time_format(value, HOUR)


@register.filter
def hours_until(begins: time, ends: time) -> str:
    """Return `8–9:30 a.m.` or `11 a.m.–1 p.m.`."""
    return zones.hours_in_words(begins, ends)


@register.filter
def day_in(moment: datetime | None, zone: str) -> str:
    """Return the day that the calendar on the wall shows there."""
    return dateformat.format(moment.astimezone(ZoneInfo(zone)), DAY) if moment else ""


@register.filter
def moment_in(moment: datetime | None, zone: str) -> str:
    """Return `November 28, 2026, 6:04 p.m. PST`."""
    return dateformat.format(moment.astimezone(ZoneInfo(zone)), f"{DAY}, {HOUR} T") if moment else ""


@register.filter
def day_here(moment: datetime | None) -> str:
    """Return the day in the office's zone."""
    return dateformat.format(timezone.localtime(moment), DAY) if moment else ""


@register.filter
def moment_here(moment: datetime | None) -> str:
    """Return day and hour in the office's zone, which is named."""
    return dateformat.format(timezone.localtime(moment), f"{DAY}, {HOUR} T") if moment else ""


@register.filter
def duration(minutes: int) -> str:
    """Return `90 minutes`, `26 hours`, or `2 hours 30 minutes`."""
    hours, rest = divmod(minutes, MINUTES)
    if hours < HOURS_FROM:
        return f"{minutes} minute{'' if minutes == 1 else 's'}"
    return f"{hours} hours{f' {rest} minutes' if rest else ''}"

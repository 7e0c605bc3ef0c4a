"""Template filters for regulated words, and for days and hours in an activity's zone."""

from datetime import datetime

from django import template
from django.utils.safestring import SafeString
from django.utils.timesince import timeuntil

from activities import zones
from activities.credit_types import PARTICIPATION
from activities.models import Activity, CreditDesignation
from activities.statements.words import italicised, with_period

register = template.Library()

SOON_DAYS = 7


@register.filter
def regulated(text: object) -> SafeString:
    """Return the text as safe HTML with AMA's trademark in italics."""
    return italicised(str(text))


register.filter(with_period)


@register.filter
def code_point(letter: str) -> str:
    """Return the number of a letter in Unicode, as tables of letters write it: `1F642`."""
    return f"{ord(letter):04X}"


@register.filter
def credit_offered(activity: Activity) -> list[CreditDesignation]:
    """Return the designations that give credit, the certificate of participation left out."""
    return [row for row in activity.designations.all() if row.credit_type != PARTICIPATION.code]


@register.filter
def time_left(activity: Activity, now: datetime) -> str:
    """Return `3 weeks` until the deadline; empty when it has passed."""
    return "" if activity.deadline_has_passed(now) else timeuntil(activity.claim_until, now, depth=1)


@register.filter
def is_soon(activity: Activity, now: datetime) -> bool:
    """Whether the deadline is near enough to be pointed out."""
    return not activity.deadline_has_passed(now) and is_near(activity.claim_until, now)


@register.filter
def is_near(until: datetime, now: datetime) -> bool:
    """Whether a moment to come is near enough to be pointed out."""
    return (until - now).days < SOON_DAYS


@register.filter
def has_passed(activity: Activity, now: datetime) -> bool:
    """Whether credit can no longer be claimed."""
    return activity.deadline_has_passed(now)


@register.filter
def has_ended(activity: Activity, now: datetime) -> bool:
    """Whether its last day, or its expiry, has passed."""
    return now > activity.ends_at


@register.filter
def in_zone(moment: datetime, activity: Activity) -> str:
    """Return an instant as the activity's own clocks and calendar have it."""
    return zones.in_words(moment, activity.time_zone, activity.city)


@register.filter
def zone_in_words(name: str) -> str:
    """Return `Los Angeles time` for `America/Los_Angeles`."""
    return f"{name.rpartition('/')[2].replace('_', ' ')} time"

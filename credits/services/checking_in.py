"""A learner enters the codes that were shown; few may be wrong, so that nobody finds one by trying.

Ten wrong codes in an hour silence a person for this activity for an hour; many more from one network silence that.
While it is silent no code is looked at, so that an answer tells nothing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts.models import User
from activities import zones
from activities.models import Activity, Session
from audit.models import record
from credits.models import CheckIn, WrongCode
from credits.offer import CannotAward, Offer
from jobs.transactions import short_write

HOUR = timedelta(hours=1)
MOST_OF_A_PERSON = 10
MOST_OF_A_NETWORK = 300  # a whole congress shares one address
TOO_MANY = "Enter at most {} at once: there are no more codes."
SILENT = (
    "Several codes did not fit, so codes are not read here until {until}. What you have entered before is kept. If you "
    "took part and your code does not fit, write to {office}."
)
WRONG = "The code {code} does not fit. Compare it with what was shown. If you took part, write to {office}."
TOO_LATE = "The code of “{title}” could be entered until {until}. If you took part, write to {office}."


class NotRead(CannotAward):
    """No code was looked at; the words say why."""


@dataclass
class Entered:
    """What became of the codes: sessions whose code fits (None: the activity's own), and why others do not."""

    accepted: list[Session | None] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


@dataclass
class Read:
    """What a page shows after its field for codes was read: inputs to set, and why codes were refused."""

    inputs: dict[str, str] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)


def read(*, offer: Offer, text: str, network: str) -> Read:
    """Read the field for codes of a page: what fits is chosen there, what does not stays in the field."""
    codes = codes_in(text) if offer.by_code else []
    if not codes:
        return Read()
    try:
        found = enter(offer=offer, codes=codes, network=network)
    except NotRead as refusal:
        return Read(refusals=[str(refusal)])
    chosen = {f"session_{row.pk}": "on" for row in found.accepted if row}
    return Read({**chosen, "codes": " ".join(found.refused)}, list(dict.fromkeys(found.refused.values())))


def codes_in(text: str) -> list[str]:
    """Return the codes in a text, each once, in capitals and without hyphens."""
    words = (re.sub(r"[^A-Z0-9]", "", word) for word in re.split(r"[\s,;]+", text.upper()))
    return list(dict.fromkeys(filter(None, words)))


@short_write
def enter(*, offer: Offer, codes: Iterable[str], network: str) -> Entered:
    """Keep each code that fits and holds now, and count those that do not; raises NotRead, and then reads none.

    The learner's row is locked, so that many requests at once are counted one after the other.
    """
    codes, activity, now = list(codes), offer.activity, offer.now
    learner = User.objects.select_for_update().get(pk=offer.learner.pk)
    if len(codes) > offer.most_codes:
        raise NotRead(TOO_MANY.format(f"{offer.most_codes} code{'s' if offer.most_codes > 1 else ''}"))
    until = silent_until(learner, activity, network, now)
    if until:
        raise NotRead(_silence(activity, until))
    found = Entered()
    for number, code in enumerate(codes):
        reason = _enter_one(offer, learner, code, network, found)
        if reason:
            found.refused[code] = reason
        until = silent_until(learner, activity, network, now) if reason else None
        if until:
            record(action="entered many wrong codes", subject=activity, actor=learner)
            found.refused |= dict.fromkeys(codes[number + 1 :], _silence(activity, until))
            break
    return found


def silent_until(learner: User, activity: Activity, network: str, now: datetime) -> datetime | None:
    """Return until when no code of this person, or network, is read; None while codes are read."""
    wrong = WrongCode.objects.filter(activity=activity, at__gt=now - 2 * HOUR)
    ends = (
        _silence_of(wrong.filter(learner=learner), MOST_OF_A_PERSON, now),
        _silence_of(wrong.filter(network=network), MOST_OF_A_NETWORK, now),
    )
    return max(filter(None, ends), default=None)


def _silence_of(wrong: "QuerySet[WrongCode]", most: int, now: datetime) -> datetime | None:
    """Return an hour after the last of so many wrong codes in one hour, if that is still to come."""
    latest = list(wrong.order_by("-at").values_list("at", flat=True)[:most])
    if len(latest) < most or latest[-1] <= latest[0] - HOUR or latest[0] + HOUR <= now:
        return None
    return latest[0] + HOUR


def _enter_one(offer: Offer, learner: User, code: str, network: str, found: Entered) -> str:
    """Keep a code that fits, or count it; return why it does not fit."""
    activity, now = offer.activity, offer.now
    office = activity.provider.office_email
    session = next((row for row in offer.every_session if row.code == code), None) if offer.by_session else None
    if session and session.starts_at <= now and not offer.code_holds(session):
        until = zones.in_words(offer.code_until(session), activity.time_zone, activity.city)
        return TOO_LATE.format(title=session.title, until=until, office=office)
    fits = session is not None and session.starts_at <= now
    if not offer.by_session:
        fits = code == activity.own_code
    if not fits:
        WrongCode.objects.create(learner=learner, activity=activity, network=network, at=now)
        return WRONG.format(code=code[:20], office=office)
    CheckIn.objects.get_or_create(learner=learner, activity=activity, session=session, defaults={"entered_at": now})
    found.accepted.append(session)
    return ""


def _silence(activity: Activity, until: datetime) -> str:
    words = zones.in_words(until, activity.time_zone, activity.city)
    return SILENT.format(until=words, office=activity.provider.office_email)

"""A meeting's sessions as a calendar file, for the learner's own calendar."""

from django.utils import timezone
from icalendar import Calendar, Event

from activities import zones
from activities.models import Activity


def calendar(activity: Activity, *, address: str) -> bytes:
    """Return the activity's sessions, or the whole activity when it has none, as an iCalendar in UTC.

    `address` is the page's full address. The events' identifiers stay the same, so that a second download updates.
    """
    made = Calendar()
    made.add("prodid", "-//CME Portal//Programme//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", _line(activity.title))
    domain = activity.provider.domain
    sessions = list(activity.sessions.all())
    for session in sessions:
        room = ", ".join(part for part in (session.room, activity.venue, activity.place) if part)
        made.add_component(
            _event(f"session-{session.pk}@{domain}", session.title, (session.starts_at, session.ends_at), room, address)
        )
    if not sessions:
        begin, end = activity.starts_on, zones.next_day(activity.ends_on)
        place = ", ".join(part for part in (activity.venue, activity.place) if part)
        made.add_component(_event(f"activity-{activity.pk}@{domain}", activity.title, (begin, end), place, address))
    return bytes(made.to_ical())


def _event(uid: str, title: str, span: tuple[object, object], place: str, address: str) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", timezone.now())
    event.add("summary", _line(title))
    event.add("dtstart", span[0])
    event.add("dtend", span[1])
    event.add("url", address)
    if place:
        event.add("location", _line(place))
    return event


def _line(text: str) -> str:
    """Return the text on one line: a carriage return would begin a line of the file's own."""
    return " ".join(text.split())

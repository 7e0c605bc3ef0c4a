"""Imports sessions from a table: reads it, says for every row what would happen, and carries it out when told to."""

from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils import dateparse

from accounts.models import User
from activities import sheets
from activities.credit_types import CREDIT_TYPES
from activities.models import Activity, Session, SessionImport
from audit.models import record
from jobs.transactions import short_write

# The headers under which a column is known; the first is the one that the template uses.
COLUMNS = {
    "title": ("title", "session", "session title", "name"),
    "day": ("day", "date"),
    "begins": ("begins", "start", "start time", "from", "begin"),
    "ends": ("ends", "end", "end time", "until", "to"),
    "track": ("track",),
    "room": ("room", "location"),
    "credit_set": ("credit", "credits", "hours"),
    "credit_types": ("for", "credit types", "eligible"),
}
REQUIRED = ("title", "day", "begins", "ends")
TEMPLATE = [names[0] for names in COLUMNS.values()]
ADD, CHANGE, SAME, REFUSE = "add", "change", "unchanged", "refused"
HOURS = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I %p", "%I:%M%p")
DAYS = ("%Y-%m-%d", "%m/%d/%Y")

Row = dict[str, Any]


@short_write
def upload(*, activity: Activity, file: "File[bytes]", actor: User, now: datetime) -> SessionImport:
    """Read the table and keep its rows with what would happen to each; raises ValidationError for the whole file."""
    table = sheets.read(file)
    columns = _columns(list(table[0]))
    rows = [{name: row.get(header, "") for name, header in columns.items()} for row in table]
    return SessionImport.objects.create(
        activity=activity,
        uploaded_by=actor,
        uploaded_at=now,
        name=(file.name or "table")[:200],
        rows=_judged(activity, rows),
    )


@short_write
def apply(*, wanted: SessionImport, actor: User, now: datetime) -> SessionImport:
    """Add and change the sessions of all rows that are not refused; a second call changes nothing.

    Rows are judged again at this moment, so that what was added meanwhile is not added twice.
    """
    taken = SessionImport.objects.filter(pk=wanted.pk, applied_at=None).update(applied_at=now)
    done = SessionImport.objects.select_related("activity").get(pk=wanted.pk)
    if not taken:
        return done
    known = _known(done.activity)
    done.rows = _judged(done.activity, [row["cells"] for row in done.rows])
    fresh: list[Session] = []
    changed: list[Session] = []
    for row in done.rows:
        if row["verdict"] in {ADD, CHANGE}:
            session = _session(done.activity, row["cells"], known)
            (changed if session.pk else fresh).append(session)
    Session.objects.bulk_create(fresh)
    Session.objects.bulk_update(changed, ["track", "ends", "credit_set", "credit_types", "ends_at", "credit"])
    done.save()
    counts = {verdict: sum(row["verdict"] == verdict for row in done.rows) for verdict in (ADD, CHANGE, SAME, REFUSE)}
    record(action="imported sessions", subject=done.activity, actor=actor, after={"file": done.name, **counts})
    return done


def _columns(headers: list[str]) -> dict[str, str]:
    found = {}
    for name, aliases in COLUMNS.items():
        header = next((alias for alias in aliases if alias in headers), None)
        if header:
            found[name] = header
    missing = [COLUMNS[name][0] for name in REQUIRED if name not in found]
    if missing:
        raise ValidationError(f"Columns are missing: {', '.join(missing)}. The table has: {', '.join(headers)}.")
    return found


Key = tuple[date, time, str, str]


def _known(activity: Activity) -> dict[Key, Session]:
    rows = {(row.day, row.begins, row.room, row.title): row for row in activity.sessions.all()}
    for row in rows.values():
        row.activity = activity
    return rows


def _judged(activity: Activity, rows: list[dict[str, str]]) -> list[Row]:
    known, seen, judged = _known(activity), set[Key](), list[Row]()
    for number, cells in enumerate(rows, start=2):
        try:
            session = _session(activity, cells, known)
        except ValidationError as error:
            judged.append({"row": number, "cells": cells, "verdict": REFUSE, "words": " ".join(error.messages)})
            continue
        key = (session.day, session.begins, session.room, session.title)
        if key in seen:
            words = "The same session stands in an earlier row."
            judged.append({"row": number, "cells": cells, "verdict": REFUSE, "words": words})
            continue
        seen.add(key)
        verdict = _verdict(session, known.get(key))
        judged.append({"row": number, "cells": cells, "verdict": verdict, "words": f"{session.credit} credits"})
    return judged


def _verdict(session: Session, old: Session | None) -> str:
    if old is None:
        return ADD
    return SAME if _values(old) == _values(session) else CHANGE


def _session(activity: Activity, cells: dict[str, str], known: dict[Key, Session]) -> Session:
    """Return the session that a row describes, the known one changed or a new one; raises ValidationError."""
    if any(cell.startswith("=") for cell in cells.values()):
        raise ValidationError("A formula stands here. Paste its value instead.")
    day, begins, ends = _day(cells["day"]), _hour(cells["begins"], "begins"), _hour(cells["ends"], "ends")
    title, room = cells["title"], cells.get("room", "")
    old = known.get((day, begins, room, title))
    session = Session(activity=activity, day=day, begins=begins, room=room, title=title)
    if old:
        session.pk = old.pk
        session._state.adding = False  # noqa: SLF001 (the row exists)
    session.ends, session.track = ends, cells.get("track", "")
    session.credit_types = _types(cells.get("credit_types", ""))
    session.credit_set = cells.get("credit_set") or None
    session.clean_fields(exclude=["activity", "starts_at", "ends_at", "credit"])
    session.clean()
    session.compute()
    return session


def _values(session: Session) -> list[Any]:
    return [getattr(session, name) for name in ("ends", "track", "credit_set", "credit_types")]


def _day(text: str) -> date:
    for form in DAYS:
        try:
            return datetime.strptime(text[:10], form).date()  # noqa: DTZ007 (a day without a zone)
        except ValueError:
            continue
    raise ValidationError(f"day: “{text}” is not a day. Write 2026-06-01 or 06/01/2026.")


def _hour(text: str, name: str) -> time:
    for form in HOURS:
        try:
            return datetime.strptime(text.strip().upper(), form).time()  # noqa: DTZ007 (an hour without a zone)
        except ValueError:
            continue
    moment = dateparse.parse_datetime(text) if text else None
    if moment:
        return moment.time()
    raise ValidationError(f"{name}: “{text}” is not an hour. Write 08:30 or 8:30 AM.")


def _types(text: str) -> list[str]:
    codes = [part.strip().lower() for part in text.replace(";", ",").split(",") if part.strip()]
    unknown = [code for code in codes if code not in CREDIT_TYPES]
    if unknown:
        raise ValidationError(f"for: “{', '.join(unknown)}” is not known. Write {', '.join(CREDIT_TYPES)}.")
    return codes

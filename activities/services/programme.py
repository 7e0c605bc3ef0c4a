"""Imports sessions from a table: reads it, says for every row what would happen, and carries it out when told to."""

from contextlib import suppress
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File

from accounts.models import User
from activities import sheets
from activities.credit_types import CREDIT_TYPES
from activities.models import Activity, Session, SessionImport
from activities.models.programme import give_codes
from activities.services.guard import guarded
from audit.models import record
from jobs.transactions import short_write
from printing import sheet

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
COMPARED = {"ends": "end", "track": "track", "credit_set": "credit", "credit_types": "for"}
REQUIRED = ("title", "day", "begins", "ends")
TEMPLATE = [names[0] for names in COLUMNS.values()]
ALSO = {"ama": "ama_pra", "ama_pra_category_1": "ama_pra"}  # what people write
ADD, CHANGE, SAME, REFUSE = "add", "change", "unchanged", "refused"
HOURS = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I %p", "%I:%M%p")

Row = dict[str, Any]


def upload(*, activity: Activity, file: "File[bytes]", actor: User, now: datetime) -> SessionImport:
    """Read the table and keep its rows with what would happen to each; raises ValidationError for the whole file."""
    table = sheets.read(file)
    columns = _columns(table.headers)
    rows = [{name: row[number] for name, number in columns.items()} for row in table.rows]
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

    Rows are judged again at this moment, so that what was added meanwhile is not added twice. Raises
    compliance.Refused, and then changes nothing, when an accreditor would strike what a published page would say.
    """
    with guarded(Activity.objects.filter(session_imports=wanted), actor=actor, now=now):
        done = SessionImport.objects.select_related("activity").get(pk=wanted.pk)
        if done.applied_at:
            return done
        done.rows, done.applied_at = _judged(done.activity, [row["cells"] for row in done.rows]), now
        _write(done)
        done.save()
    counts = {verdict: sum(row["verdict"] == verdict for row in done.rows) for verdict in (ADD, CHANGE, SAME, REFUSE)}
    record(action="imported sessions", subject=done.activity, actor=actor, after={"file": done.name, **counts})
    return done


def _write(done: SessionImport) -> None:
    """Add and change what the judged rows say."""
    known = _known(done.activity)
    wanted = [row["cells"] for row in done.rows if row["verdict"] in {ADD, CHANGE}]
    sessions = [_session(done.activity, cells, known) for cells in wanted]
    added = [row for row in sessions if not row.pk]
    give_codes(added, (row.code for row in known.values()))
    Session.objects.bulk_create(added)
    changed = ["track", "ends", "credit_set", "credit_types", "ends_at", "credit"]
    Session.objects.bulk_update([row for row in sessions if row.pk], changed)


def _columns(headers: list[str]) -> dict[str, int]:
    """Return the column's number by the field's name."""
    found = {}
    for name, aliases in COLUMNS.items():
        header = next((alias for alias in aliases if alias in headers), None)
        if header:
            found[name] = headers.index(header)
    missing = [COLUMNS[name][0] for name in REQUIRED if name not in found]
    if missing:
        raise ValidationError(f"Columns are missing: {', '.join(missing)}. The table has: {', '.join(headers)}.")
    return found


def _in_words(error: ValidationError) -> str:
    """What is wrong, with the column's name where it is known."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    named = {name: COLUMNS.get(name, (name,))[0] for name in error.message_dict}
    return " ".join(f"{named[name]}: {words}" for name, rows in error.message_dict.items() for words in rows)


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
            judged.append({"row": number, "cells": cells, "verdict": REFUSE, "words": _in_words(error)})
            continue
        key = (session.day, session.begins, session.room, session.title)
        if key in seen:
            words = "The same session stands in an earlier row."
            judged.append({"row": number, "cells": cells, "verdict": REFUSE, "words": words})
            continue
        seen.add(key)
        judged.append({"row": number, "cells": cells, **_verdict(session, known.get(key))})
    return judged


def _verdict(session: Session, old: Session | None) -> Row:
    """What would happen to a session, with its credit and what differs in words."""
    if old is None:
        return {"verdict": ADD, "words": f"{session.credit} credits"}
    changed = [words for name, words in COMPARED.items() if getattr(old, name) != getattr(session, name)]
    if not changed:
        return {"verdict": SAME, "words": f"{session.credit} credits"}
    return {"verdict": CHANGE, "words": f"{', '.join(changed)}; {session.credit} credits"}


def _session(activity: Activity, cells: dict[str, str], known: dict[Key, Session]) -> Session:
    """Return the session that a row describes, the known one changed or a new one; raises ValidationError."""
    if any(map(sheets.is_formula, cells.values())):
        raise ValidationError("A formula stands here. Paste its value instead.")
    cells = {name: sheet.without_guard(cell) for name, cell in cells.items()}
    day, begins, ends = _day(cells["day"]), _hour(cells["begins"], "begins"), _hour(cells["ends"], "ends")
    title, room = cells["title"], cells.get("room", "")
    old = known.get((day, begins, room, title))
    session = Session(activity=activity, day=day, begins=begins, room=room, title=title)
    if old:
        session.pk = old.pk
        session._state.adding = False  # noqa: SLF001 (the row exists)
    session.ends = ends
    session.track = cells.get("track", old.track if old else "")
    session.credit_types = _types(cells["credit_types"]) if "credit_types" in cells else _kept(old, "credit_types", [])
    session.credit_set = cells["credit_set"] or None if "credit_set" in cells else _kept(old, "credit_set", None)
    session.clean_fields(exclude=["activity", "starts_at", "ends_at", "credit"])
    session.clean()
    return session


def _kept(old: Session | None, name: str, default: Any) -> Any:
    """A column that the table does not have leaves what is there."""
    return getattr(old, name) if old else default


def _day(text: str) -> date:
    day = sheets.day(text)
    if day is None:
        raise ValidationError(f"day: “{text}” is not a day. Write 2026-06-01 or 06/01/2026.")
    return day


def _hour(text: str, name: str) -> time:
    for form in HOURS:
        try:
            return datetime.strptime(text.strip().upper(), form).time()  # noqa: DTZ007 (an hour without a zone)
        except ValueError:
            continue
    with suppress(ValueError):
        return datetime.fromisoformat(text).time()
    raise ValidationError(f"{name}: “{text}” is not an hour. Write 08:30 or 8:30 AM.")


def _types(text: str) -> list[str]:
    parts = [part.strip().lower().replace(" ", "_") for part in text.replace(";", ",").split(",") if part.strip()]
    codes = [ALSO.get(part, part) for part in parts]
    unknown = [code for code in codes if code not in CREDIT_TYPES]
    if unknown:
        raise ValidationError(f"for: “{', '.join(unknown)}” is not known. Write {', '.join(CREDIT_TYPES)}.")
    return codes

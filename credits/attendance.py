"""Reads a list of attendance or completions: finds each row's person, activity and session, and judges the row.

Rows are judged a chunk at a time, in a constant number of queries for each chunk.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.validators import validate_email
from django.db.models import Q

from accounts import addresses
from accounts.models import User, member_number
from accounts.spelling import folded
from activities import sheets, zones
from activities.credit import NotQuarters, from_quarters, quarters
from activities.models import Activity, Session
from activities.uploads import MEGABYTE
from credits.models import Attendance, AttendanceImport, Claim, ImportedRow
from printing import sheet

MOST_ROWS = 100_000
LARGEST = 20 * MEGABYTE
COLUMNS = {
    "email": ("e-mail", "email", "e-mail address", "email address", "mail"),
    "member_number": ("member number", "member #", "member no", "member no.", "member id", "membership number"),
    "name": ("name", "full name"),
    "activity": ("activity", "activity code", "accme id"),
    "session": ("session", "session code", "session title"),
    "hours": ("hours", "credit", "credits", "cme credits", "amount"),
    "completed_on": ("completed on", "completion date", "date completed", "date of completion", "completed", "date"),
}
Verdict = ImportedRow.Verdict
Cells = dict[str, str]


class Refusal(Exception):
    """The row cannot be used; the words say why."""


@dataclass
class Known:
    """What the chunk's words are known as, at this moment."""

    now: datetime
    addresses: dict[str, User] = field(default_factory=dict)
    numbers: dict[str, User] = field(default_factory=dict)
    activities: dict[str, list[Activity]] = field(default_factory=dict)
    sessions: dict[tuple[int, str], list[Session]] = field(default_factory=dict)
    hours: dict[tuple[int, int, int | None], Decimal] = field(default_factory=dict)
    claims: dict[tuple[int, int], Claim] = field(default_factory=dict)


def columns(headers: list[str]) -> dict[str, int]:
    """Return the column's number by the field's name; raises ValidationError naming what is missing."""
    found = {
        name: next(headers.index(alias) for alias in aliases if alias in headers)
        for name, aliases in COLUMNS.items()
        if any(alias in headers for alias in aliases)
    }
    twice = [aliases[0] for aliases in COLUMNS.values() if sum(header in aliases for header in headers) > 1]
    if twice:
        raise ValidationError(f"Several columns are for: {', '.join(twice)}. Keep one of them.")
    missing = [COLUMNS[name][0] for name in ("activity", "hours") if name not in found]
    if "email" not in found and "member_number" not in found:
        missing.insert(0, "e-mail (or member number)")
    if missing:
        raise ValidationError(f"Columns are missing: {', '.join(missing)}. The table has: {', '.join(headers)}.")
    return found


def open_list(upload: "File[bytes]", *, completions: bool) -> Iterator[tuple[int, Cells]]:
    """Return an iterator of numbered rows by the field's name; both raise ValidationError with what to do."""
    headers, lines = sheets.stream(upload, most=MOST_ROWS, largest=LARGEST)
    if not headers:
        raise ValidationError("The first row is empty. It must hold the names of the columns.")
    found = columns(headers)
    if completions and "completed_on" not in found:
        raise ValidationError(
            f"A column “completed on” is missing: on which day was each completed? The table has: {', '.join(headers)}."
        )
    return ((number, {name: cells[place] for name, place in found.items()}) for number, cells in lines)


def judged(source: AttendanceImport, numbered: list[tuple[int, Cells]], now: datetime) -> list[ImportedRow]:
    """Return a chunk of rows with verdicts, not saved yet; no row is in a way that it stops the others."""
    rows = [_row(source, number, cells) for number, cells in numbered]
    known = _known(rows, now)
    for row in rows:
        _judge(row, known)
    _find_repeated(source, rows)
    for row in rows:
        if row.verdict in (Verdict.REFUSED, Verdict.REPEATED):
            row.state = ImportedRow.State.LEFT
    return rows


def _row(source: AttendanceImport, number: int, cells: Cells) -> ImportedRow:
    cells = {name: cell if sheets.is_formula(cell) else sheet.without_guard(cell) for name, cell in cells.items()}
    return ImportedRow(
        source=source,
        number=number,
        email=addresses.normalized(cells.get("email", ""))[:254],
        member_number=member_number(cells.get("member_number", ""))[:40],
        name=cells.get("name", "")[:200],
        cells=cells,
    )


def _known(chunk: list[ImportedRow], now: datetime) -> Known:
    """Look up what a chunk names: people by an address that they confirmed or by their number with the society."""
    known = Known(now)
    emails, numbers = {row.email for row in chunk} - {""}, {row.member_number for row in chunk} - {""}
    confirmed = EmailAddress.objects.filter(email__in=emails, verified=True, user__is_active=True)
    known.addresses = {row.email: row.user for row in confirmed.select_related("user")}
    people = User.objects.filter(member_number__in=numbers, is_active=True)
    known.numbers = {row.member_number: row for row in people}
    _know_activities(known, {row.cells["activity"] for row in chunk} - {""})
    activities = {row.pk for rows in known.activities.values() for row in rows}
    if any(row.cells.get("session") for row in chunk):
        for session in Session.objects.filter(activity__in=activities):
            for name in {folded(session.code), folded(session.title)}:
                known.sessions.setdefault((session.activity_id, name), []).append(session)
    found = {user.pk for user in (*known.addresses.values(), *known.numbers.values())}
    for row in Attendance.objects.filter(learner__in=found, activity__in=activities):
        known.hours[row.learner_id, row.activity_id, row.session_id] = row.amount
    claims = Claim.objects.filter(learner__in=found, activity__in=activities, role=Claim.Role.LEARNER)
    known.claims = {(row.learner_id, row.activity_id): row for row in claims.prefetch_related("awards")}
    return known


def _know_activities(known: Known, words: set[str]) -> None:
    """Look activities up by address, short code, ACCME's number, or title."""
    lower, upper = {word.lower() for word in words}, {word.upper() for word in words}
    named = Q(slug__in=lower) | Q(code__in=upper) | Q(pars_id__in=words)
    for word in words:
        named |= Q(title__spelled=word)
    for activity in Activity.objects.visible().with_credit().filter(named):
        for name in {folded(part) for part in (activity.slug, activity.code, activity.pars_id, activity.title)} - {""}:
            known.activities.setdefault(name, []).append(activity)


def _judge(row: ImportedRow, known: Known) -> None:
    try:
        activity = _read(row, known)
        row.learner = _person(row, known)
    except Refusal as refusal:
        row.verdict, row.words = Verdict.REFUSED, str(refusal)[:300]
        return
    row.verdict, row.words = _verdict(row, activity, known)


def _read(row: ImportedRow, known: Known) -> Activity:
    """Put what the row says into it, and return its activity; raises Refusal."""
    cells = row.cells
    if any(map(sheets.is_formula, cells.values())):
        raise Refusal("A formula stands here. Paste its value instead.")
    activity = _activity(cells["activity"], known)
    if row.source.awards and cells.get("session"):
        raise Refusal("A completion is of the whole activity: leave the session out.")
    row.activity = activity
    row.session = _session(activity, cells.get("session", ""), known)
    _check_over(activity, row.session, known.now)
    if row.source.awards:
        row.completed_on = _completed_on(activity, cells.get("completed_on", ""), known.now)
    row.amount = _hours(cells.get("hours", ""), row.session)
    most = max((kind.maximum for kind in activity.designations.all()), default=Decimal(0))
    if row.source.awards and row.amount > most:
        raise Refusal(f"More than the activity gives ({most}).")
    return activity


def _check_over(activity: Activity, session: Session | None, now: datetime) -> None:
    if session and session.ends_at > now:
        raise Refusal(f"“{session.title}” is not over yet."[:300])
    if activity.starts_at > now:
        raise Refusal("The activity has not begun yet.")


def _completed_on(activity: Activity, words: str, now: datetime) -> date:
    """Return the day of completion; raises Refusal for none, and for one on which it cannot have been completed."""
    if not words:
        raise Refusal("The day of completion is missing.")
    day = sheets.day(words)
    if day is None:
        raise Refusal(f"“{words[:40]}” is not a day. Write 2026-06-01 or 06/01/2026.")
    if day > zones.local(now, activity.time_zone).date():
        raise Refusal(f"{day:%B} {day.day}, {day.year} is still to come.")
    if not activity.starts_on <= day <= activity.ends_on:
        raise Refusal(f"{day:%B} {day.day}, {day.year} is not within the activity ({activity.dates_in_words}).")
    return day


def _activity(words: str, known: Known) -> Activity:
    if not words:
        raise Refusal("The row names no activity.")
    found = known.activities.get(folded(words), [])
    if not found:
        raise Refusal(f"No published activity is called “{words[:80]}”. Give its address, number, or title.")
    if len(found) > 1:
        raise Refusal(f"Several activities are called “{words[:80]}”. Give the address instead.")
    return found[0]


def _person(row: ImportedRow, known: Known) -> User | None:
    """Return whom the row is about; None for nobody we know. Raises Refusal."""
    if not row.email and not row.member_number:
        raise Refusal("The row names nobody.")
    if row.email:
        try:
            validate_email(row.email)
        except ValidationError:
            raise Refusal(f"“{row.email[:80]}” is not an e-mail address.") from None
    addressed, numbered = known.addresses.get(row.email), known.numbers.get(row.member_number)
    if addressed and numbered and addressed.pk != numbered.pk:
        raise Refusal(f"The address belongs to {addressed}, the number to {numbered}.")
    return addressed or numbered


def contradiction(row: ImportedRow, learner: User, *, has_address: bool) -> str:
    """Return why a row's address and number may mean two people, although one of them is this learner's.

    Two identifiers are believed together, or each where nothing speaks against it.
    """
    if row.email and not has_address:
        return f"The number belongs to {learner}, the address {row.email} to nobody we know."
    if row.member_number and learner.member_number not in ("", row.member_number):
        return f"The address belongs to {learner}, who has another number than {row.member_number}."
    return ""


def _verdict(row: ImportedRow, activity: Activity, known: Known) -> tuple[str, str]:
    """Return what a readable row is good for."""
    if row.learner is None:
        if not row.email:
            return Verdict.WAITING, "Nobody has this number yet; the row joins when somebody is given it."
        return Verdict.WAITING, "Nobody has confirmed this address yet; the row joins when somebody does."
    if row.source.awards:
        claim = known.claims.get((row.learner.pk, activity.pk))
        if claim and claim.is_recorded_as(row.amount):
            return Verdict.SAME, f"On record already, reference {claim.reference}."
        if claim and not claim.can_be_claimed_anew:
            return Verdict.REFUSED, f"Has claimed already: {claim.in_words}, reference {claim.reference}."[:300]
    elif known.hours.get((row.learner.pk, activity.pk, row.session.pk if row.session else None)) == row.amount:
        return Verdict.SAME, "On record already."
    doubts = list(_doubts(row, activity, known))
    return (Verdict.DOUBTFUL, " ".join(doubts)[:300]) if doubts else (Verdict.OK, "")


def _doubts(row: ImportedRow, activity: Activity, known: Known) -> Iterator[str]:
    amount, learner = row.amount, row.learner
    assert amount is not None  # noqa: S101 (judged before)
    assert learner is not None  # noqa: S101 (likewise)
    most = row.session.credit if row.session else max((kind.maximum for kind in activity.designations.all()), default=0)
    if words := contradiction(row, learner, has_address=row.email in known.addresses):
        yield words
    if learner.pk == row.source.uploaded_by_id:
        yield "It is about you: another officer must import it."
    if amount > most:
        yield f"More than the {'session' if row.session else 'activity'} gives ({most})."
    if row.name and folded(learner.last_name) not in folded(row.name):
        yield f"The name differs: we know {learner}."
    if row.source.awards and not activity.entitlements(learner.profession):
        yield "The activity offers no credit to this profession."


def _session(activity: Activity, words: str, known: Known) -> Session | None:
    if not words:
        return None
    found = known.sessions.get((activity.pk, folded(words)), [])
    if not found:
        raise Refusal(f"The activity has no session “{words[:80]}”.")
    if len(found) > 1:
        raise Refusal(f"Several sessions are called “{words[:80]}”. Give the code instead.")
    return found[0]


def _hours(words: str, session: Session | None) -> Decimal:
    if not words and session and session.credit:
        credit: Decimal = session.credit
        return credit
    if not words:
        raise Refusal("The hours are missing.")
    try:
        amount = from_quarters(quarters(words.replace(",", ".")))
    except NotQuarters:
        raise Refusal(f"“{words[:40]}” is not an amount in steps of 0.25.") from None
    if amount <= 0:
        raise Refusal("The hours must be at least 0.25.")
    return amount


def _find_repeated(source: AttendanceImport, rows: list[ImportedRow]) -> None:
    """Let the first of several rows about the same person and session count, here and in earlier chunks."""
    people, emails = {row.learner_id for row in rows} - {None}, {row.email for row in rows} - {""}
    numbers = {row.member_number for row in rows} - {""}
    named = Q(learner__in=people) | Q(email__in=emails) | Q(member_number__in=numbers)
    seen = {_key(row): row for row in source.rows.filter(named).exclude(verdict=Verdict.REFUSED)}
    for row in rows:
        if row.verdict == Verdict.REFUSED:
            continue
        first = seen.setdefault(_key(row), row)
        if first is row:
            continue
        if first.amount == row.amount:
            row.verdict, row.words = Verdict.REPEATED, f"Stands in row {first.number} already."
        else:
            row.verdict, row.words = Verdict.REFUSED, f"Row {first.number} says {first.amount} for the same."


def _key(row: ImportedRow) -> tuple[object, int | None, int | None]:
    person = row.learner_id or row.email or row.member_number
    return person, row.activity_id, row.session_id

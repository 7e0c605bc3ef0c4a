"""Reads a list of attendance or completions: finds each row's person, activity and session, and judges the row.

Rows are judged a chunk at a time, in a constant number of queries for each chunk.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.validators import validate_email
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from activities import sheets
from activities.credit import NotQuarters, from_quarters, quarters
from activities.models import Activity, Session
from activities.uploads import MEGABYTE
from credits.models import Attendance, AttendanceImport, Claim, ImportedRow

MOST_ROWS = 100_000
LARGEST = 20 * MEGABYTE
COLUMNS = {
    "email": ("e-mail", "email", "e-mail address", "email address", "mail"),
    "member_number": ("member number", "number", "external id", "id", "member id"),
    "name": ("name", "full name"),
    "activity": ("activity", "activity code", "accme id"),
    "session": ("session", "session code", "session title"),
    "hours": ("hours", "credit", "credits", "amount"),
}
Verdict = ImportedRow.Verdict
Cells = dict[str, str]


class Refusal(Exception):
    """The row cannot be used; the words say why."""


@dataclass
class Known:
    """What the chunk's words are known as."""

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


def open_list(upload: "File[bytes]") -> Iterator[tuple[int, Cells]]:
    """Return an iterator of numbered rows by the field's name; both raise ValidationError with what to do."""
    headers, lines = sheets.stream(upload, most=MOST_ROWS, largest=LARGEST)
    found = columns(headers)
    return ((number, {name: cells[place] for name, place in found.items()}) for number, cells in lines)


def judged(source: AttendanceImport, numbered: list[tuple[int, Cells]]) -> list[ImportedRow]:
    """Return a chunk of rows with verdicts, not saved yet; no row is in a way that it stops the others."""
    rows = [_row(source, number, cells) for number, cells in numbered]
    known = _known([cells for _, cells in numbered])
    for row, (_, cells) in zip(rows, numbered, strict=True):
        _judge(row, cells, known)
    _find_repeated(source, rows)
    for row in rows:
        if row.verdict in (Verdict.REFUSED, Verdict.REPEATED):
            row.state = ImportedRow.State.LEFT
    return rows


def _row(source: AttendanceImport, number: int, cells: Cells) -> ImportedRow:
    return ImportedRow(
        source=source,
        number=number,
        email=cells.get("email", "").lower()[:254],
        member_number=cells.get("member_number", "")[:40],
        name=cells.get("name", "")[:200],
        cells=cells,
    )


def _known(chunk: list[Cells]) -> Known:
    """Look up what a chunk names: people by an address that they confirmed or by their number with the society."""
    known = Known()
    emails = {cells["email"].lower() for cells in chunk if cells.get("email")}
    numbers = {cells["member_number"] for cells in chunk if cells.get("member_number")}
    confirmed = EmailAddress.objects.filter(email__in=emails, verified=True, user__is_active=True)
    known.addresses = {row.email.lower(): row.user for row in confirmed.select_related("user")}
    people = User.objects.filter(member_number__in=numbers, member_number__gt="", is_active=True)
    known.numbers = {row.member_number: row for row in people}
    _know_activities(known, {cells["activity"].lower() for cells in chunk if cells["activity"]})
    activities = {row.pk for rows in known.activities.values() for row in rows}
    if any(cells.get("session") for cells in chunk):
        for session in Session.objects.filter(activity__in=activities):
            for name in {session.code, session.title.casefold()}:
                known.sessions.setdefault((session.activity_id, name), []).append(session)
    found = {user.pk for user in (*known.addresses.values(), *known.numbers.values())}
    for row in Attendance.objects.filter(learner__in=found, activity__in=activities):
        known.hours[row.learner_id, row.activity_id, row.session_id] = row.amount
    claims = Claim.objects.filter(learner__in=found, activity__in=activities, role=Claim.Role.LEARNER)
    known.claims = {(row.learner_id, row.activity_id): row for row in claims.prefetch_related("awards")}
    return known


def _know_activities(known: Known, words: set[str]) -> None:
    named = Q(slug__in=words) | Q(code__in={word.upper() for word in words}) | Q(pars_id__in=words)
    for activity in Activity.objects.visible().with_credit().filter(named):
        for name in {activity.slug, activity.code.lower(), activity.pars_id} - {""}:
            known.activities.setdefault(name, []).append(activity)


def _judge(row: ImportedRow, cells: Cells, known: Known) -> None:
    try:
        activity = _read(row, cells, known)
        row.learner = _person(row, known)
    except Refusal as refusal:
        row.verdict, row.words = Verdict.REFUSED, str(refusal)[:300]
        return
    row.verdict, row.words = _verdict(row, activity, known)


def _read(row: ImportedRow, cells: Cells, known: Known) -> Activity:
    """Put what the row says into it, and return its activity; raises Refusal."""
    if any(cell.startswith(("=", "+", "@")) for cell in cells.values()):
        raise Refusal("A formula stands here. Paste its value instead.")
    activity = _activity(cells["activity"], known)
    if row.source.awards and cells.get("session"):
        raise Refusal("A completion is of the whole activity: leave the session out.")
    row.activity = activity
    row.session = _session(activity, cells.get("session", ""), known)
    _check_over(activity, row.session)
    row.amount = _hours(cells.get("hours", ""), row.session)
    most = max((kind.maximum for kind in activity.designations.all()), default=Decimal(0))
    if row.source.awards and row.amount > most:
        raise Refusal(f"More than the activity gives ({most}).")
    return activity


def _check_over(activity: Activity, session: Session | None) -> None:
    if session and session.ends_at > timezone.now():
        raise Refusal(f"“{session.title}” is not over yet."[:300])
    if activity.starts_at > timezone.now():
        raise Refusal("The activity has not begun yet.")


def _activity(words: str, known: Known) -> Activity:
    if not words:
        raise Refusal("The row names no activity.")
    found = known.activities.get(words.lower(), [])
    if not found:
        raise Refusal(f"No published activity is called “{words[:80]}”. Give its address or number.")
    if len(found) > 1:
        raise Refusal(f"Several activities have the number “{words[:80]}”. Give the address instead.")
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


def _verdict(row: ImportedRow, activity: Activity, known: Known) -> tuple[str, str]:
    """Return what a readable row is good for."""
    if row.learner is None:
        return Verdict.WAITING, "Nobody has confirmed this address yet; the row joins when somebody does."
    if row.source.awards:
        claim = known.claims.get((row.learner.pk, activity.pk))
        if claim and claim.is_recorded_as(row.amount):
            return Verdict.SAME, f"On record already, reference {claim.reference}."
        if claim and not claim.can_be_claimed_anew:
            return Verdict.REFUSED, f"Has claimed already: {claim.in_words}, reference {claim.reference}."[:300]
    elif known.hours.get((row.learner.pk, activity.pk, row.session.pk if row.session else None)) == row.amount:
        return Verdict.SAME, "On record already."
    doubts = list(_doubts(row, activity))
    return (Verdict.DOUBTFUL, " ".join(doubts)[:300]) if doubts else (Verdict.OK, "")


def _doubts(row: ImportedRow, activity: Activity) -> Iterator[str]:
    amount, learner = row.amount, row.learner
    assert amount is not None  # noqa: S101 (judged before)
    assert learner is not None  # noqa: S101 (likewise)
    most = row.session.credit if row.session else max((kind.maximum for kind in activity.designations.all()), default=0)
    if learner.pk == row.source.uploaded_by_id:
        yield "It is about you: another officer must import it."
    if amount > most:
        yield f"More than the {'session' if row.session else 'activity'} gives ({most})."
    if row.name and learner.last_name.casefold() not in row.name.casefold():
        yield f"The name differs: we know {learner}."
    if row.source.awards and not activity.entitlements(learner.profession):
        yield "The activity offers no credit to this profession."


def _session(activity: Activity, words: str, known: Known) -> Session | None:
    if not words:
        return None
    found = (
        known.sessions.get((activity.pk, words.upper())) or known.sessions.get((activity.pk, words.casefold())) or []
    )
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

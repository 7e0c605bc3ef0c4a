"""Carries out an imported list row by row, undoes it, and joins rows that waited for a person.

Attendance is written to the record. A completion is a claim that the office makes: awarded and certified like any
other, and withdrawn when the list is undone.
"""

from datetime import datetime
from decimal import Decimal

from allauth.account.models import EmailAddress
from django.db.models import Q, QuerySet

from accounts import addresses
from accounts.models import User
from accounts.own import ANOTHER_OFFICER
from activities.models import Activity
from credits import attendance, emails
from credits.arithmetic import earned_by_amount
from credits.ledger import locked, settle
from credits.models import Attendance, AttendanceImport, Claim, ImportedRow
from credits.offer import NO_CREDIT, CannotAward, Offer, check_amount

State = ImportedRow.State
OWN_ROW = f"{ANOTHER_OFFICER} Leave the row to a list that somebody else imports."
ATTESTATION = "Completion recorded by the CME office: {}, row {}."
IMPORTED = "A completion that the CME office recorded."
UNDONE = "The CME office recorded this completion by mistake."
CHANGED_SINCE = "Was changed since the import; left as it is."
NO_PROFESSION = "Waits until the person has given name and profession."
JOINABLE = (AttendanceImport.State.IMPORTING, AttendanceImport.State.IMPORTED)


def write(row: ImportedRow, now: datetime) -> None:
    """Import one row whose person is known; raises CannotAward. Call it in a transaction."""
    assert row.learner_id is not None  # noqa: S101 (rows without a person are held)
    assert row.activity is not None  # noqa: S101 (rows without an activity are refused)
    row.learner = User.objects.select_for_update().get(pk=row.learner_id)
    if row.source.imported_by_id == row.learner_id:
        raise CannotAward(OWN_ROW)
    if not row.learner.is_active:
        _end(row, State.FAILED, "The account was switched off meanwhile.")
    elif row.source.awards:
        _complete(row, row.learner, row.activity, now)
    else:
        _end(row, State.DONE)
        _set_record(row, row.amount)


def hold(row: ImportedRow, now: datetime) -> None:
    """Let a row wait for its person, unless they have come meanwhile. Call it in a transaction."""
    confirmed = EmailAddress.objects.filter(email=row.email, verified=True).select_related("user").first()
    numbered = User.objects.filter(member_number=row.member_number, member_number__gt="")
    row.learner = confirmed.user if confirmed else numbered.first()
    doubt = attendance.contradiction(row, row.learner, has_address=bool(confirmed)) if row.learner else ""
    if row.learner is None or doubt:
        _end(row, State.HELD, doubt)
        return
    ImportedRow.objects.filter(pk=row.pk).update(learner=row.learner)
    write(row, now)


def undo(row: ImportedRow, now: datetime) -> None:
    """Take one imported row back, unless something else has changed it since. Call it in a transaction."""
    if row.learner_id and row.source.undone_by_id == row.learner_id:
        raise CannotAward(OWN_ROW)
    if row.state == State.HELD:
        _end(row, State.UNDONE)
    elif row.source.awards:
        _withdraw(row, now)
    else:
        assert row.learner_id is not None  # noqa: S101 (only rows with a person were imported)
        User.objects.select_for_update().get(pk=row.learner_id)
        _end(row, State.UNDONE)
        _set_record(row, _last_word(row))


def join(user: User, now: datetime) -> None:
    """Import the rows that waited for this person. Call it in a transaction."""
    own = {addresses.normalized(email) for email in _confirmed_addresses(user)}
    for pk in _held_for(user).values_list("pk", flat=True):
        row = _held_for(user).select_for_update(of=("self",)).filter(pk=pk).first()  # a list may be undone meanwhile
        if row is None or (row.source.awards and not user.has_claim_details):
            continue
        if doubt := attendance.contradiction(row, user, has_address=row.email in own):
            _end(row, State.HELD, doubt)
            continue
        row.learner = user
        ImportedRow.objects.filter(pk=row.pk).update(learner=user)
        try:
            write(row, now)
        except CannotAward as refusal:
            _end(row, State.FAILED, str(refusal))


def join_latecomers(source: AttendanceImport, now: datetime) -> None:
    """Join the rows whose person came while the list was imported. Call it in the transaction that ends the import."""
    held = source.rows.filter(state=State.HELD)
    confirmed = EmailAddress.objects.filter(verified=True, email__in=held.exclude(email="").values("email"))
    numbered = User.objects.filter(member_number__in=held.exclude(member_number="").values("member_number"))
    for user in User.objects.filter(Q(pk__in=confirmed.values("user")) | Q(pk__in=numbered)):
        join(user, now)


def _held_for(user: User) -> "QuerySet[ImportedRow]":
    """Return the rows that wait for this person: for an address that they confirmed, or their number."""
    named = Q(email__in=[addresses.normalized(email) for email in _confirmed_addresses(user)])
    if user.member_number:
        named |= Q(member_number=user.member_number)
    waiting = ImportedRow.objects.filter(named, state=State.HELD, source__state__in=JOINABLE)
    return waiting.select_related("source__imported_by", "activity__provider", "session")


def _confirmed_addresses(user: User) -> list[str]:
    return [row.email for row in EmailAddress.objects.filter(user=user, verified=True)]


def _last_word(row: ImportedRow) -> Decimal | None:
    """Return the hours that the latest of the other imported rows says of the same person and session."""
    others = ImportedRow.objects.filter(
        learner=row.learner, activity=row.activity, session=row.session, state=State.DONE, source__kind=row.source.kind
    )
    last = others.exclude(pk=row.pk).order_by("-source", "-number").first()
    return last.amount if last else None


def _set_record(row: ImportedRow, amount: Decimal | None) -> None:
    """Let the record say these hours, or nothing; the person's row is locked, so that two lists take turns."""
    own = Attendance.objects.filter(learner=row.learner, activity=row.activity, session=row.session)
    if amount is None:
        own.delete()
    elif not own.update(amount=amount):
        Attendance.objects.create(learner=row.learner, activity=row.activity, session=row.session, amount=amount)  # type: ignore[misc]


def _complete(row: ImportedRow, learner: User, activity: Activity, now: datetime) -> None:
    """Claim for the person what the list says; what was claimed already is never changed by a list."""
    if not learner.has_claim_details:
        _end(row, State.HELD, NO_PROFESSION)
        return
    entitlements, amount = activity.entitlements(learner.profession), row.amount or Decimal(0)
    if not entitlements:
        raise CannotAward(NO_CREDIT)
    earlier = Claim.objects.by_learner(learner, activity).first()
    if earlier and earlier.is_recorded_as(amount):
        _end(row, State.LEFT, f"On record already, reference {earlier.reference}.")
        return
    if earlier and not earlier.can_be_claimed_anew:
        raise CannotAward(f"Has claimed already: {earlier.in_words}, reference {earlier.reference}. Correct it there.")
    beside = Offer(activity, learner, now).hours_taught
    check_amount(amount, max(kind.maximum for kind in entitlements) - beside)
    made = earlier or Claim(learner=learner, activity=activity, by_office=True)
    made.profession, made.claimed_at, made.completed_on = learner.profession, now, row.completed_on
    made.attestation, made.wants_moc = ATTESTATION.format(row.source, row.number), False
    made.save()
    earned = [earned_by_amount(kind, amount, beside=beside) for kind in entitlements]
    settle(claim=made, earned=earned, actor=row.source.imported_by or row.source.uploaded_by, reason=IMPORTED, now=now)
    emails.claimed(made)
    ImportedRow.objects.filter(claim=made).update(claim=None)  # what stands is no longer theirs to undo
    ImportedRow.objects.filter(pk=row.pk).update(state=State.DONE, words=made.reference, claim=made)


def _withdraw(row: ImportedRow, now: datetime) -> None:
    """Withdraw the claim that the row made, unless it was claimed or corrected otherwise since."""
    claim = locked(row.claim) if row.claim else None
    if claim is None or claim.is_withdrawn or any(award.reason != IMPORTED for award in claim.standing):
        _end(row, State.FAILED, CHANGED_SINCE)
        return
    actor = row.source.undone_by or row.source.uploaded_by
    settle(claim=claim, earned=[], actor=actor, reason=UNDONE, now=now)
    emails.changed(claim, reason=UNDONE, by_learner=False, now=now)
    _end(row, State.UNDONE)


def _end(row: ImportedRow, state: str, words: str = "") -> None:
    """Write down what became of a row; without words, why it was doubtful stays."""
    ImportedRow.objects.filter(pk=row.pk).update(state=state, words=(words or row.words)[:300])

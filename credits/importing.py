"""Carries out an imported list row by row, undoes it, and joins rows that waited for a person.

Attendance is written to the record. A completion is a claim that the office makes: awarded and certified like any
other, and withdrawn when the list is undone.
"""

from datetime import datetime
from decimal import Decimal

from allauth.account.models import EmailAddress
from django.db.models import Q

from accounts.models import User
from activities.models import Activity
from credits import emails
from credits.arithmetic import earned_by_amount
from credits.attendance import claimed
from credits.ledger import settle
from credits.models import Attendance, AttendanceImport, Claim, ImportedRow
from credits.offer import NO_CREDIT, CannotAward, check_amount

State = ImportedRow.State
ATTESTATION = "Completion recorded by the CME office: {}, row {}."
CHANGED_SINCE = "Was changed since the import; left as it is."
NO_PROFESSION = "Waits until the person has given name and profession."


def write(row: ImportedRow, now: datetime) -> None:
    """Import one row whose person is known; raises CannotAward. Call it in a transaction."""
    assert row.learner is not None  # noqa: S101 (rows without a person are held)
    assert row.activity is not None  # noqa: S101 (rows without an activity are refused)
    if row.source.awards:
        _complete(row, row.learner, row.activity, now)
    else:
        _record(row, row.learner, row.activity)


def undo(row: ImportedRow, now: datetime) -> None:
    """Take one imported row back, unless something else has changed it since. Call it in a transaction."""
    if row.state == State.HELD:
        _end(row, State.UNDONE)
    elif row.source.awards:
        _withdraw(row, now)
    else:
        _forget(row)


def hold(row: ImportedRow, now: datetime) -> None:
    """Let a row wait for its person, unless they have come meanwhile. Call it in a transaction."""
    confirmed = EmailAddress.objects.filter(email__iexact=row.email, verified=True).select_related("user").first()
    numbered = User.objects.filter(member_number=row.member_number).first() if row.member_number else None
    row.learner = confirmed.user if confirmed else numbered
    if row.learner is None:
        ImportedRow.objects.filter(pk=row.pk).update(state=State.HELD)
        return
    ImportedRow.objects.filter(pk=row.pk).update(learner=row.learner)
    write(row, now)


def held_for(user: User) -> list[ImportedRow]:
    """Return the rows that wait for this person: for an address that they confirmed, or their number."""
    addresses = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    named = Q(email__in=[address.lower() for address in addresses])
    if user.member_number:
        named |= Q(member_number=user.member_number)
    waiting = ImportedRow.objects.filter(named, state=State.HELD, source__state=AttendanceImport.State.IMPORTED)
    return list(waiting.select_related("source__uploaded_by", "activity__provider", "session"))


def join(user: User, now: datetime) -> int:
    """Import the rows that waited for this person and return how many joined. Call it in a transaction."""
    count = 0
    for row in held_for(user):
        if row.source.awards and not user.has_claim_details:
            continue
        row.learner = user
        ImportedRow.objects.filter(pk=row.pk).update(learner=user)
        try:
            write(row, now)
            count += 1
        except CannotAward as refusal:
            _end(row, State.FAILED, str(refusal))
    return count


def _record(row: ImportedRow, learner: User, activity: Activity) -> None:
    """Put the hours on record, and keep what stood there before."""
    own = Attendance.objects.filter(learner=learner, activity=activity, session=row.session)
    earlier = own.select_for_update().first()
    if earlier is None:
        Attendance.objects.create(learner=learner, activity=activity, session=row.session, amount=row.amount)
    else:
        own.update(amount=row.amount)
    ImportedRow.objects.filter(pk=row.pk).update(state=State.DONE, words="", before=earlier.amount if earlier else None)


def _forget(row: ImportedRow) -> None:
    own = Attendance.objects.filter(learner=row.learner, activity=row.activity, session=row.session)
    standing = own.select_for_update().first()
    if standing is None or standing.amount != row.amount:
        _end(row, State.FAILED, CHANGED_SINCE)
        return
    if row.before is None:
        own.delete()
    else:
        own.update(amount=row.before)
    _end(row, State.UNDONE)


def _complete(row: ImportedRow, learner: User, activity: Activity, now: datetime) -> None:
    """Claim for the person what the list says; what was claimed already is never changed by a list."""
    learner = User.objects.select_for_update().get(pk=learner.pk)
    if not learner.has_claim_details:
        _end(row, State.HELD, NO_PROFESSION)
        return
    entitlements, amount = activity.entitlements(learner.profession), row.amount or Decimal(0)
    if not entitlements:
        raise CannotAward(NO_CREDIT)
    earlier = claimed(learner, activity)
    if earlier:
        raise CannotAward(f"Has claimed already, {earlier.in_words}, reference {earlier.reference}. Correct it there.")
    check_amount(amount, max(kind.maximum for kind in entitlements))
    actor = row.source.uploaded_by
    made = Claim.objects.create(
        learner=learner,
        activity=activity,
        profession=learner.profession,
        claimed_at=now,
        attestation=ATTESTATION.format(row.source, row.number),
    )
    reason = f"Imported: {row.source}"[:300]
    earned = [earned_by_amount(kind, amount) for kind in entitlements]
    settle(claim=made, earned=earned, actor=actor, reason=reason, now=now)
    emails.claimed(made)
    _end(row, State.DONE, made.reference)


def _withdraw(row: ImportedRow, now: datetime) -> None:
    """Withdraw the claim that the row made, unless it was amended or corrected since."""
    locked = Claim.objects.select_for_update(of=("self",)).select_related("activity__provider", "learner")
    claim = locked.filter(reference=row.words).first()
    if claim is None or claim.is_withdrawn or claim.awards.exclude(reverses=None).exists():
        _end(row, State.FAILED, CHANGED_SINCE)
        return
    reason = f"The list {row.source} was undone."[:300]
    settle(claim=claim, earned=[], actor=row.source.uploaded_by, reason=reason, now=now)
    emails.changed(claim, reason=reason, by_learner=False, now=now)
    _end(row, State.UNDONE)


def _end(row: ImportedRow, state: str, words: str = "") -> None:
    ImportedRow.objects.filter(pk=row.pk).update(state=state, words=words[:300])

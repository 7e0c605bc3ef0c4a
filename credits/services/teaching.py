"""Credit for faculty and authors: awarded by staff for presented hours, in the same ledger."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from accounts.models import User
from accounts.own import ANOTHER_OFFICER, is_own
from activities.credit import NotQuarters, quarters
from activities.models import Activity, Session
from audit.models import record
from credits import emails
from credits.arithmetic import NOTHING, Earned, apart, taught_at_most, teaching_rate
from credits.ledger import Settled, locked, settle
from credits.models import Claim, ClaimedSession
from credits.offer import NO_CREDIT, STEPS, CannotAward
from jobs.transactions import short_write

REPLACE = "Enter everything that was taught, and tick that this replaces it."
ATTESTATION = "Awarded by the CME office for teaching."


@short_write
def award(
    *,
    person: User,
    activity: Activity,
    hours: Decimal,
    sessions: Sequence[Session],
    reason: str,
    actor: User,
    now: datetime,
    replace: bool = False,
) -> Settled:
    """Set what a person is awarded for the hours they presented, at the provider's rate. Raises CannotAward.

    What they were awarded for teaching before stands unless it is to be replaced.

    What lies at the time of the sessions taught cannot be claimed as a learner by the same person, and the reverse.
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    if is_own(actor, person):
        raise CannotAward(ANOTHER_OFFICER)
    if not activity.is_visible:
        raise CannotAward("The activity is a draft: publish it first.")
    if not person.has_claim_details:
        raise CannotAward("The person has not given a name and profession yet: ask them to complete their profile.")
    earned = _earned(person, activity, hours, sessions)
    if not reason.strip():
        raise CannotAward("Say what was presented: the words are kept in the ledger.")
    _check_over(activity, sessions, now)
    _check_not_claimed(person, activity, sessions)
    claim, _ = Claim.objects.get_or_create(
        learner=person,
        activity=activity,
        role=Claim.Role.FACULTY,
        defaults={"profession": person.profession, "claimed_at": now, "attestation": ATTESTATION},
    )
    claim = locked(claim)
    if claim.standing and not replace:
        raise CannotAward(f"{person} was awarded {claim.in_words} for teaching already. {REPLACE}")
    claim.sessions.all().delete()
    ClaimedSession.objects.bulk_create(
        ClaimedSession(claim=claim, session=row, amount=row.credit) for row in sessions if row.credit
    )
    return _settle(claim, earned, hours, actor, reason.strip(), now)


def learnt_by(person: User, activity: Activity, credit_type: str) -> Decimal:
    """Return what a person was awarded for taking part in an activity, in one credit type."""
    claim = Claim.objects.by_learner(person, activity).prefetch_related("awards").first()
    found = [row.amount for row in claim.standing if row.credit_type == credit_type] if claim else []
    return sum(found, NOTHING)


def _settle(claim: Claim, earned: Earned, hours: Decimal, actor: User, reason: str, now: datetime) -> Settled:  # noqa: PLR0917 (a decision has this many parts)
    before = {"credit": claim.in_words}
    settled = settle(claim=claim, earned=[earned], actor=actor, reason=reason[:300], now=now)
    if settled.reversed:
        emails.changed(claim, reason=reason, by_learner=False, now=now)
    elif settled.awards:
        emails.claimed(claim)
    after = {"credit": str(earned), "hours": str(hours)}
    record(action="awarded for teaching", subject=claim, actor=actor, before=before, after=after, reason=reason)
    return settled


def _earned(person: User, activity: Activity, hours: Decimal, sessions: Sequence[Session]) -> Earned:
    """Return the person's own currency for the hours presented; only the AMA counts an hour of teaching twice."""
    entitlements = activity.entitlements(person.profession)
    if not entitlements:
        raise CannotAward(NO_CREDIT)
    rate = teaching_rate(activity, entitlements[0].code)
    if not rate:
        raise CannotAward("The provider gives no credit for teaching. The rate is set with the provider.")
    try:
        quarters(hours)
        quarters(hours * rate)
    except NotQuarters:
        raise CannotAward(STEPS) from None
    if hours <= 0:
        raise CannotAward("Enter the hours that were presented, at least 0.25.")
    most = taught_at_most(entitlements[0], sessions)
    if hours > most:
        where = "The chosen sessions are" if sessions else "The activity is"
        raise CannotAward(f"{where} {most} hours long: nobody can have presented {hours}.")
    learnt = learnt_by(person, activity, entitlements[0].code)
    if hours + learnt > entitlements[0].maximum:
        raise CannotAward(
            f"{learnt} was claimed as a learner. Taught and learnt together cannot be longer than the activity, "
            f"{entitlements[0].maximum} hours: correct the claim first."
        )
    return Earned(entitlements[0], (hours * rate).quantize(Decimal("0.01")))


def _check_over(activity: Activity, sessions: Sequence[Session], now: datetime) -> None:
    if activity.starts_at > now or any(row.ends_at > now for row in sessions):
        raise CannotAward("Credit for teaching is awarded afterwards: not everything that was chosen is over.")


def _check_not_claimed(person: User, activity: Activity, sessions: Sequence[Session]) -> None:
    if any(row.activity_id != activity.pk for row in sessions):
        raise CannotAward("One of the sessions is not part of this activity.")
    claimed = ClaimedSession.objects.filter(
        claim__learner=person, claim__activity=activity, claim__role=Claim.Role.LEARNER
    ).select_related("session")
    for row in claimed:
        if row.amount > apart(row.session, sessions):
            raise CannotAward(
                f"“{row.session}” was claimed as a learner, {row.amount} of it. Nobody learns and teaches at once: "
                "take what was taught at that time out."
            )

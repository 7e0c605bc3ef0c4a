"""What the gates ask of the ledger: no designation below what was awarded, no grant that closing seems to end."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.db.models import Sum

from accounts.models import User
from activities import compliance, statements, zones
from activities.compliance.findings import Finding, error, warning
from activities.credit import from_quarters
from activities.models import Activity
from certificates import pdf
from certificates.models import Certificate
from credits.models import Award, CertificateDesign, Claim, LateGrant
from credits.words import certificate_words

LONG = 1000  # letters: from about 1,300 on the statements reach the award of the fullest certificate
SOMEBODY = User(first_name="Maximiliane", last_name="Featherstonehaugh", degrees="MD, PhD")
NUMBER, CODE = "0000-0000-0000", "-" * 22
PRINTED_AT = datetime(2026, 1, 1, tzinfo=UTC)  # one and the same page is laid out once
GRANTS = "admin:credits_lategrant_changelist?activity__id__exact={pk}"


def add() -> None:
    """Add the rules to the gates; called once when the room is ready."""
    compliance.PUBLISHING.add(awarded)
    compliance.PUBLISHING.add(printable)
    compliance.CLOSING.add(granted)


def granted(activity: Activity, now: datetime) -> Iterator[Finding]:
    """Closing does not take from anybody what the office granted; it says so."""
    ends = sorted(LateGrant.objects.filter(activity=activity, until__gt=now).values_list("until", flat=True))
    if ends:
        last = zones.in_words(ends[-1], activity.time_zone, activity.city)
        one = "1 late grant goes on after the closing, until"
        many = f"{len(ends)} late grants go on after the closing, the last until"
        words = f"{one if len(ends) == 1 else many} {last}."
        yield warning("late-grants", words, "The portal's own rule", GRANTS.format(pk=activity.pk))


def printable(activity: Activity, now: datetime) -> Iterator[Finding]:
    """What certificates state has room on them; only what is long is laid out to see it."""
    for row in activity.designations.all():
        texts = [statement.text for statement in statements.on_certificate(activity, row.credit_type)]
        if sum(map(len, texts)) < LONG:
            continue
        design = CertificateDesign.of(activity.provider, row.credit_type)
        claim = Claim(learner=SOMEBODY, activity=activity, claimed_at=now)
        award = Award(claim=claim, designation=row, credit_type=row.credit_type, amount=row.maximum)
        words = certificate_words(claim, award, PRINTED_AT, design.paper)
        if pdf.runs_over(Certificate(number=NUMBER, code=CODE, template=design.template, data=words)):
            told = f"The certificate for {row.kind.name} has no room for its statements: shorten those edited by hand."
            yield error("statements-too-long", told, "The portal's own rule", "statements", row.credit_type)


def awarded(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """A maximum is not lowered below what somebody was awarded."""
    rows = Award.objects.filter(designation__activity=activity, claim__role=Claim.Role.LEARNER).order_by()
    largest: dict[int, int] = {}
    for _claim, designation, amount in rows.values_list("claim", "designation").annotate(total=Sum("amount")):
        largest[designation] = max(int(amount * 4), largest.get(designation, 0))
    for row in activity.designations.all():
        most = from_quarters(largest.get(row.pk, 0))
        if most > row.maximum:
            words = f"{row.kind.name}: {most} was awarded to somebody; the maximum cannot be {row.maximum}."
            yield error("awarded", words, "The portal's own rule", "designations-group")

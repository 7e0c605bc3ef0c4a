"""Whether what is designated may be designated: who may give which credit, how much, and under which number."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from activities.compliance.findings import Finding, error, note, warning
from activities.credit_types import AAPA, ACPE, ACPE_TECHNICIAN, AMA, ANCC, IPCE, PARTICIPATION
from activities.models import Activity, CreditDesignation, Provider
from activities.models.programme import hours_covered

PLACE = "designations-group"
BOARDS = "moc_registrations-group"
PHARMACY = (ACPE.code, ACPE_TECHNICIAN.code)
MINUTES = Decimal(60)


def designations(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """There is credit, for everybody who comes, and from somebody who may give it."""
    rows = list(activity.designations.all())
    types = {row.credit_type for row in rows}
    if not rows:
        yield error("credit", "Designate credit: there is none.", "AMA: designated before the activity", PLACE)
    elif AMA.code not in types:
        yield warning("physicians", "Physicians are offered no AMA PRA credit.", "Usual practice", PLACE)
    if rows and not types & {PARTICIPATION.code, IPCE.code}:
        words = "Other professionals are offered nothing. Add a certificate of participation."
        yield warning("others", words, "Usual practice", PLACE)
    for row in rows:
        if not _may_designate(activity.provider, row.credit_type):
            words = f"{activity.provider.short_name} is not accredited to designate {row.kind.name}."
            yield error("not-accredited", words, "The accreditor's own rule", PLACE, row.credit_type)
        if activity.kind.series and row.credit_type != PARTICIPATION.code and not row.per_session:
            yield error(
                "per-session",
                f"{row.kind.name}: say how much one session gives.",
                "AMA: series",
                PLACE,
                row.credit_type,
            )


def hours(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """An hour is one credit: no more credit than time, where credit is counted by time."""
    most = max((row.maximum for row in activity.designations.all()), default=Decimal(0))
    if not activity.kind.timed:
        return
    if activity.is_self_study:
        if activity.estimated_minutes and most > activity.estimated_minutes / MINUTES:
            words = f"{most} credits take {most * MINUTES:.0f} minutes; {activity.estimated_minutes} are estimated."
            yield error("too-much", words, "AMA: 60 minutes are 1 credit", "estimated_minutes")
        return
    rows = list(activity.sessions.all())
    covered = hours_covered(rows)
    if rows and most > covered:
        words = f"{most} credits are designated; the sessions fill {covered} hours, simultaneous ones counted once."
        yield warning("too-much", words, "AMA: 60 minutes are 1 credit", PLACE)
    longest = max((row.credit for row in rows), default=Decimal(0))
    if rows and any(row.per_session and row.per_session > longest for row in activity.designations.all()):
        words = f"No session gives more than {longest}, but more is stated for one."
        yield error("session-too-much", words, "AMA: 60 minutes are 1 credit", PLACE)


def numbers(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """Numbers that registries assigned belong to one activity alone."""
    others = Activity.objects.exclude(pk=activity.pk)
    same = others.filter(pars_id=activity.pars_id).first() if activity.pars_id else None
    if same:
        yield error("pars-id-twice", f"“{same}” has the same ACCME activity ID.", "ACCME PARS", "pars_id")
    numbers = [row.uan for row in activity.designations.all() if row.uan]
    for row in CreditDesignation.objects.filter(uan__in=numbers).exclude(activity=activity).select_related("activity"):
        yield error("uan-twice", f"“{row.activity}” has the same UAN.", "ACPE", PLACE, row.credit_type)


def pharmacy(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """ACPE: number, type, least hours, live date."""
    for row in activity.designations.all():
        if row.credit_type not in PHARMACY:
            continue
        if not row.uan:
            yield error(
                "uan", f"{row.kind.name}: every announcement must carry the UAN.", "ACPE", PLACE, row.credit_type
            )
        else:
            yield from _number(activity, row)
        if not row.pharmacy_kind:
            yield error("acpe-type", f"{row.kind.name}: choose the ACPE type.", "ACPE", PLACE, row.credit_type)
        if row.maximum < row.shortest:
            yield error(
                "acpe-least", f"This ACPE type takes at least {row.shortest} h.", "ACPE", PLACE, row.credit_type
            )
        if row.live_date and not activity.starts_on <= row.live_date <= activity.ends_on:
            yield error(
                "live-date",
                "The ACPE live date lies outside the activity's days.",
                "CPE Monitor",
                PLACE,
                row.credit_type,
            )
        if row.live_date and activity.is_self_study:
            yield error("live-date", "Home study has no live date.", "CPE Monitor", PLACE, row.credit_type)


def _number(activity: Activity, row: CreditDesignation) -> Iterator[Finding]:
    """The number's own letters must agree with the activity's facts."""
    parts = row.uan.split("-")
    provider, joint, year, topic, audience = parts[0], parts[1], parts[2], parts[4], parts[5]
    if audience != row.kind.uan_ends_in:
        yield error(
            "uan-audience",
            f"{row.kind.name}: the UAN must end in {row.kind.uan_ends_in}.",
            "ACPE",
            PLACE,
            row.credit_type,
        )
    wrong = "L" if activity.is_self_study else "H"
    if topic.startswith(wrong):
        yield error(
            "uan-format",
            f"The UAN's {topic} does not fit: {activity.noun}.",
            "ACPE: L live, H home",
            PLACE,
            row.credit_type,
        )
    if (joint == "9999") != activity.is_jointly_provided:
        yield warning("uan-joint", "The UAN's second part does not fit: 0000 own, 9999 joint.", "ACPE", PLACE)
    if provider.startswith("JA") != activity.provider.is_jointly_accredited:
        yield warning(
            "uan-provider", "JA begins the UAN of a jointly accredited provider, and of no other.", "ACPE", PLACE
        )
    if year != f"{activity.starts_on:%y}":
        yield warning("uan-year", f"The UAN says the year {year}, the activity {activity.starts_on:%y}.", "ACPE", PLACE)


def assistants(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """AAPA: no credit after the approval has ended."""
    for row in activity.designations.all():
        if row.credit_type == AAPA.code and row.approved_until and row.approved_until < activity.ends_on:
            yield error("aapa-until", "The AAPA's approval ends before the activity does.", "AAPA", PLACE)


def boards(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """MOC points never exceed the credit, and have a last day."""
    rows = {row.credit_type: row for row in activity.designations.all()}
    for registration in activity.moc_registrations.all():
        name = registration.board
        if AMA.code not in rows:
            yield error("moc-needs-ama", f"{name}: points need AMA PRA credit.", "ACCME: CME for MOC", BOARDS, name)
        elif registration.maximum > rows[AMA.code].maximum:
            words = f"{name}: {registration.maximum} points are more than {rows[AMA.code].maximum} credits."
            yield error("moc-above-credit", words, "ACCME: points never exceed credits", BOARDS, name)
        if registration.claim_until_day is None:
            yield warning(
                "moc-claim-date", f"{name}: say until when points can be claimed.", "PARS: CreditClaimDate", BOARDS
            )
        elif registration.claim_until_day < activity.ends_on:
            yield error(
                "moc-claim-date", f"{name}: points end before the activity does.", "PARS: CreditClaimDate", BOARDS
            )
        if not registration.kind.prescribed:
            words = f"{name}: the statement takes ABIM's form; compare it with the board's current wording."
            yield note("board-wording", words, "The boards' own guides", "statements")


def _may_designate(provider: Provider, credit_type: str) -> bool:
    """Whether the provider's accreditations allow a kind of credit; raises KeyError for a kind without a rule."""
    joint = provider.is_jointly_accredited
    return {
        AMA.code: provider.teaches_physicians,
        ANCC.code: joint or provider.accredited_by_ancc,
        ACPE.code: joint or provider.accredited_by_acpe,
        ACPE_TECHNICIAN.code: joint or provider.accredited_by_acpe,
        AAPA.code: joint or provider.authorized_by_aapa,
        IPCE.code: joint,
        PARTICIPATION.code: True,
    }[credit_type]

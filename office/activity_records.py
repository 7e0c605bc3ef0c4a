"""Says what PARS is told of an activity, and takes over the ID that PARS gives it.

Sources: ACCME, opening and closing an activity (FAQ 5); draft activity schema 0.1.2 for names and categories.
"""

from collections.abc import Iterable
from typing import Any

from accounts.states import STATES
from activities import credit_types, formats
from activities.countries import code_of
from activities.models import Activity, ClosingRecord, CommercialSupport, LearnerCount
from reporting import activity_batches
from reporting.checks import HOME
from reporting.models import ActivityRecord
from reporting.snapshots import ActivityFacts, Closing

LONGEST_DESCRIPTION = 2500
FORMATS = {
    formats.LIVE.code: "Live Course",
    formats.SERIES.code: "Regularly Scheduled Series",
    formats.ENDURING.code: "Enduring Material",
    formats.JOURNAL.code: "Journal-based CME",
    formats.TEST_ITEMS.code: "Test-item Writing",
    formats.MANUSCRIPT.code: "Manuscript Review",
    formats.IMPROVEMENT.code: "Performance/Quality Improvement",
    formats.POINT_OF_CARE.code: "Internet Searching and Learning",
    formats.OTHER.code: "Other/Blended Learning",
}
TYPE_CODES = {  # the template's codes; what goes over the internet has two of its own
    formats.LIVE.code: "C",
    formats.SERIES.code: "RSS",
    formats.ENDURING.code: "EM",
    formats.JOURNAL.code: "JN",
    formats.TEST_ITEMS.code: "TIW",
    formats.MANUSCRIPT.code: "MR",
    formats.IMPROVEMENT.code: "PI",
    formats.POINT_OF_CARE.code: "ISL",
}
INTERNET_LIVE, INTERNET_ENDURING = "IL", "IEM"
POSTAL = {words.lower(): code for code, name in STATES.items() for words in (code, name)}
CREDITS = {
    credit_types.AMA.code: "AMA PRA Category 1",
    credit_types.ANCC.code: "Nursing",
    credit_types.ACPE.code: "Pharmacy",
    credit_types.ACPE_TECHNICIAN.code: "Pharmacy",
    credit_types.AAPA.code: "AAPA Category 1",
    credit_types.IPCE.code: "IPCE",
}
CATEGORIES = {
    LearnerCount.Profession.PHARMACY_TECHNICIAN: "pharmacy technician",
    LearnerCount.Profession.PA: "physician assistant",
    LearnerCount.Profession.SOCIAL_WORKER: "social worker",
    LearnerCount.Profession.DENTAL_STAFF: "allied dental staff",
    LearnerCount.Profession.DIETITIAN: "registered dietitians",
    LearnerCount.Profession.DIETETIC_TECHNICIAN: "dietetic technicians registered",
    LearnerCount.Profession.ATHLETIC_TRAINER: "athletic trainers",
}


def facts(activity: Activity, *, close: bool) -> ActivityFacts:
    """Return the activity's record as it is now; with the numbers of learners when it is to be closed."""
    ama_first = sorted(activity.designations.all(), key=lambda row: row.credit_type != credit_types.AMA.code)
    designation = next((row for row in ama_first if row.credit_type in CREDITS), None)
    support = [row for row in activity.support.all() if row.executed_on]
    grants = [row for row in support if row.kind == CommercialSupport.Kind.GRANT]
    region, country = _place(activity)
    return {
        "own_id": activity.slug,
        "provider_id": activity.provider.pars_id,
        "activity_id": activity.pars_id,
        "title": activity.title,
        "description": activity.summary[:LONGEST_DESCRIPTION],
        "url": activity.url,
        "begins": activity.starts_on.isoformat(),
        "ends": activity.ends_on.isoformat(),
        "city": activity.city,
        "region": region,
        "country": country,
        "format": FORMATS[activity.format],
        "type_code": _type_code(activity),
        "credit_type": CREDITS[designation.credit_type] if designation else "",
        "credits": str(designation.maximum) if designation else "",
        "partners": [row.name for row in activity.partners.all()],
        "support": [(row.supporter, row.amount) for row in grants if row.amount is not None],
        "unpriced": [row.supporter for row in grants if row.amount is None],
        "in_kind": [(row.supporter, row.nature_in_words) for row in support if row not in grants],
        "learners": [(_category(row), row.learners) for row in activity.learner_counts.all()] if close else [],
        "moc": [
            {
                "board": row.board,
                "points": str(row.maximum),
                "types": [str(kind) for kind in row.point_types],
                "claim_until": row.claim_until_day.isoformat() if row.claim_until_day else "",
            }
            for row in activity.moc_registrations.all()
        ],
        "closing": _closing(activity),
        "free": activity.free,
        "close": close,
    }


def in_words(told: ActivityFacts) -> list[tuple[str, str]]:
    """Return what PARS would be told, for whoever sends it."""
    moc = [f"{row['board']}: up to {row['points']}, {', '.join(row['types'])}" for row in told["moc"]]
    support = [f"{name}: ${dollars}" for name, dollars in told["support"]]
    support += [f"{name}: amount not entered, so not told" for name in told["unpriced"]]
    support += [f"{name}: {what}" for name, what in told["in_kind"]]
    lines = (
        ("Title", told["title"]),
        ("Format", told["format"]),
        ("Days", f"{told['begins']} to {told['ends']}"),
        ("Place", ", ".join(part for part in (told["city"], told["region"], told["country"]) if part)),
        ("Credit", f"{told['credits']} {told['credit_type']}"),
        ("Providership", f"joint with {', '.join(told['partners'])}" if told["partners"] else "direct"),
        ("Boards", "; ".join(moc)),
        ("Commercial support", "; ".join(support) or "none"),
        ("Free of charge", "yes" if told["free"] else "no"),
        ("Description", told["description"]),
        ("Learners, told when it is closed", "; ".join(f"{count} {name}" for name, count in told["learners"])),
    )
    return [(label, words or "not entered") for label, words in lines]


def for_template(activities: Iterable[Activity]) -> tuple[list[ActivityFacts], list[tuple[Activity, list[str]]]]:
    """Return what PARS's template for activities can hold, and the other activities with what each of them lacks."""
    complete, incomplete = [], []
    for activity in activities:
        found = facts(activity, close=True)
        lacks = activity_batches.missing(found)
        if lacks:
            incomplete.append((activity, lacks))
        else:
            complete.append(found)
    return complete, incomplete


def _place(activity: Activity) -> tuple[str, str]:
    """Return state and country by their codes; a country that nobody knows is empty."""
    region = POSTAL.get(activity.region.strip().lower(), activity.region.strip())
    if not activity.country.strip():
        return region, HOME if region in STATES else ""
    return region, code_of(activity.country)


def _type_code(activity: Activity) -> str:
    if activity.format == formats.LIVE.code and activity.delivery == Activity.Delivery.STREAMED:
        return INTERNET_LIVE
    if activity.format == formats.ENDURING.code and activity.content.all():
        return INTERNET_ENDURING
    return TYPE_CODES.get(activity.format, "")


def _closing(activity: Activity) -> Closing:
    data = activity.closing if hasattr(activity, "closing") else ClosingRecord()
    return {
        "hours": str(data.hours or ""),
        "designed_to_change": data.designed_to_change,
        "evaluated": data.evaluated,
        "methods": data.methods,
        "competencies": data.competencies,
    }


def _category(row: LearnerCount) -> str:
    return CATEGORIES.get(LearnerCount.Profession(row.profession), row.profession)


def take_over_number(*, record: ActivityRecord, **_signal: Any) -> None:
    """Write the ID that PARS gave down with the activity that has none."""
    Activity.objects.filter(slug=record.own_id, pars_id="").update(pars_id=record.number)

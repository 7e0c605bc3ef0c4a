"""Says what PARS is told of an activity, and takes over the ID that PARS gives it.

Sources: ACCME, opening and closing an activity (FAQ 5); draft activity schema 0.1.2 for names and categories.
"""

from typing import Any

from activities import credit_types, formats
from activities.models import Activity, CommercialSupport, LearnerCount
from reporting.models import ActivityRecord
from reporting.snapshots import ActivityFacts

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
    designation = next((row for row in activity.designations.all() if row.credit_type in CREDITS), None)
    support = [row for row in activity.support.all() if row.executed_on]
    grants = [row for row in support if row.kind == CommercialSupport.Kind.GRANT]
    return {
        "own_id": activity.slug,
        "activity_id": activity.pars_id,
        "title": activity.title,
        "description": activity.summary[:LONGEST_DESCRIPTION],
        "url": activity.url,
        "begins": activity.starts_on.isoformat(),
        "ends": activity.ends_on.isoformat(),
        "city": activity.city,
        "region": activity.region,
        "country": activity.country,
        "format": FORMATS[activity.format],
        "credit_type": CREDITS[designation.credit_type] if designation else "AMA PRA Category 1",
        "credits": str(designation.maximum) if designation else "0.25",
        "partners": [row.name for row in activity.partners.all()],
        "support": [(row.supporter, row.amount or 0) for row in grants],
        "in_kind": [row.supporter for row in support if row not in grants],
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
        "free": activity.free,
        "close": close,
    }


def _category(row: LearnerCount) -> str:
    return CATEGORIES.get(LearnerCount.Profession(row.profession), row.profession)


def take_over_number(*, record: ActivityRecord, **_signal: Any) -> None:
    """Write the ID that PARS gave down with the activity that has none."""
    Activity.objects.filter(slug=record.own_id, pars_id="").update(pars_id=record.number)

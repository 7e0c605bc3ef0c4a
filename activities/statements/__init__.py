"""Turns an activity's facts into the texts that accreditors prescribe, word for word.

`of` returns all statements of an activity, with staff's own words where they replaced the generated ones. Load the
activity by `Activity.objects.with_words()`, or each statement asks the database again.
"""

from dataclasses import replace

from activities.credit_types import CREDIT_TYPES, PARTICIPATION
from activities.models import Activity
from activities.statements.accreditation import accreditations
from activities.statements.credit import designation, moc, permission
from activities.statements.disclosure import disclosure, mitigation, off_label, support
from activities.statements.words import Statement, italicised

__all__ = ["Statement", "italicised", "of", "on_certificate", "permission"]


def of(activity: Activity) -> dict[str, Statement]:
    """Return the activity's statements by key, in the order in which learners must see them.

    Disclosure and support come before content. Boards are named only when PARS knows the activity.
    """
    found = [disclosure(activity), mitigation(activity), off_label(activity), support(activity)]
    found += accreditations(activity)
    found += [designation(row, activity) for row in activity.designations.all()]
    found += [moc(row) for row in activity.moc_registrations.all()] if activity.offers_moc else []
    return {row.key: row for row in _edited(activity, [row for row in found if row is not None])}


def on_certificate(activity: Activity, credit_type: str) -> list[Statement]:
    """Return what the certificate of one credit type states: who is accredited, and for how much it was designated."""
    body = "acpe" if CREDIT_TYPES[credit_type].has_uan else credit_type
    found = [row for row in accreditations(activity) if row.key in ("accreditation", f"accreditation:{body}")]
    rows = [row for row in activity.designations.all() if row.credit_type == credit_type]
    if credit_type != PARTICIPATION.code:
        found += [designation(row, activity) for row in rows]
    return _edited(activity, found)


def _edited(activity: Activity, found: list[Statement]) -> list[Statement]:
    edits = {edit.key: edit for edit in activity.statement_edits.all()}
    return [replace(row, edit=edits.get(row.key)) for row in found]

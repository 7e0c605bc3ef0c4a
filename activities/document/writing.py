"""Writes an activity as a document."""

from typing import Any

from activities.document import sections
from activities.document.marked import write as write_yaml
from activities.document.sections import EXTRAS, SECTIONS, plain
from activities.models import Activity, ClosingRecord, Person, Role


def write(activity: Activity) -> str:
    """Return the activity's document; the same facts give the same text."""
    document: dict[str, Any] = {
        "provider": plain(activity.provider, sections.PROVIDER),
        "activity": plain(activity, sections.ACTIVITY),
    }
    for section in SECTIONS:
        document[section.key] = [plain(row, section.fields) for row in getattr(activity, section.related).all()]
    document["people"] = _people(activity)
    closing = ClosingRecord.objects.filter(activity=activity).first()
    document["closing"] = plain(closing, sections.CLOSING) if closing else {}
    document["related"] = sorted(activity.related.values_list("slug", flat=True))
    document |= {key: extra.write(activity) for key, extra in EXTRAS.items()}
    return write_yaml({key: value for key, value in document.items() if value})


def _people(activity: Activity) -> list[dict[str, Any]]:
    roles: dict[int, list[Role]] = {}
    for role in activity.roles.select_related("person").prefetch_related(
        "person__relationships", "person__disclosures"
    ):
        roles.setdefault(role.person_id, []).append(role)
    judged = {row.relationship_id: row for row in activity.judgements.all()}
    return [_person(parts[0].person, parts, judged) for parts in roles.values()]


def _person(person: Person, parts: list[Role], judged: dict[int, Any]) -> dict[str, Any]:
    facts = plain(person, sections.PERSON) | {"parts": [plain(role, sections.ROLE) for role in parts]}
    if person.disclosure:
        facts["disclosed"] = person.disclosure.signed_at.date().isoformat()
    rows = [row for row in person.relationships.all() if row.ended_at is None or row.pk in judged]
    if rows:
        facts["relationships"] = [
            plain(row, sections.RELATIONSHIP) | (plain(judged[row.pk], sections.JUDGEMENT) if row.pk in judged else {})
            for row in rows
        ]
    return facts

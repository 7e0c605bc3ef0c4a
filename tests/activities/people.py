"""People in control of content, who have disclosed and whose relationships are judged."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from activities.models import Activity, Judgement, Person, Role
from activities.services import disclosure
from activities.services.disclosure import Listed


def person_with(  # noqa: PLR0913 (a person in an activity has this many facts)
    activity: Activity,
    name: str = "Ada",
    *,
    part: str = "faculty",
    companies: Iterable[str] = (),
    nature: str = "consultant",
    decision: str = "mitigated",
    signed_at: datetime | None = None,
) -> Person:
    """Return a person with this part, a fresh disclosure, and every relationship judged (`decision=""`: none is)."""
    person = Person.objects.create(name=name, degrees="MD", email=f"{name.lower()}-{activity.pk}@faculty.example")
    role = Role.objects.create(activity=activity, person=person, part=part)
    listed = [Listed(company, nature) for company in companies]
    now = signed_at or timezone.now()
    disclosure.keep(person=person, listed=listed, signature=name, recorded_by=None, now=now)
    method = "content_review" if role.part == Role.Part.FACULTY else "recuse"
    for row in person.relationships.all() if decision else ():
        Judgement.objects.create(
            activity=activity,
            relationship=row,
            decision=decision,
            method=method if decision == "mitigated" else "",
            why="Reviewed.",
        )
    return person

"""Activities to which the gate has nothing to say, their people, and changes that give it something to say."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from activities.models import (
    Activity,
    CommercialSupport,
    CreditDesignation,
    Judgement,
    MocRegistration,
    Person,
    Role,
    Session,
    StatementEdit,
)
from activities.services import disclosure
from activities.services.disclosure import Listed
from tests.factories import ActivityFactory, today
from tests.surveys.making import post_test

Change = Callable[[Activity], Any]


def person_with(
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


def perfect(**facts: Any) -> Activity:
    """An activity to which the gate has nothing to say."""
    number = f"{Activity.objects.count() + 202300000}"
    facts = {"need": "A need.", "audience": "Physicians", "off_label": "none", "pars_id": number} | facts
    activity: Activity = ActivityFactory(**facts)
    activity.provider.disclosure_policy = "A policy."
    activity.provider.save()
    activity.objectives.create(position=1, text="Discuss it.")
    person_with(activity, "Ada", companies=["Novartis"])
    return activity


def own_pace(**facts: Any) -> Activity:
    made = perfect(
        self_study=True,
        estimated_minutes=1110,
        completion="Pass the test with 70 %.",
        system_requirements="A browser.",
        url="https://study.example/",
        **facts,
    )
    post_test(made)
    return made


def update(**facts: Any) -> Change:
    return lambda activity: Activity.objects.filter(pk=activity.pk).update(**facts)


def designate(kind: str, **facts: Any) -> Change:
    def change(activity: Activity) -> None:
        row, _ = CreditDesignation.objects.get_or_create(
            activity=activity, credit_type=kind, defaults={"maximum": Decimal("18.50")}
        )
        CreditDesignation.objects.filter(pk=row.pk).update(**facts)

    return change


def provider(**facts: Any) -> Change:
    def change(activity: Activity) -> None:
        for name, value in facts.items():
            setattr(activity.provider, name, value)
        activity.provider.save()

    return change


def several(*changes: Change) -> Change:
    def change(activity: Activity) -> None:
        for one in changes:
            one(activity)

    return change


def register(**facts: Any) -> Change:
    facts = {
        "board": "ABIM",
        "point_types": ["Medical Knowledge"],
        "maximum": Decimal("18.50"),
        "claim_until_day": today(),
    } | facts
    return lambda activity: MocRegistration.objects.create(activity=activity, **facts)


def support(**facts: Any) -> Change:
    facts = {"supporter": "Amgen", "executed_on": date(2022, 1, 1), "agreement": "a.pdf"} | facts
    return lambda activity: CommercialSupport.objects.create(activity=activity, **facts)


def session(**facts: Any) -> Change:
    def change(activity: Activity) -> None:
        facts_ = {"title": "A", "day": activity.starts_on, "begins": "08:00", "ends": "09:00"} | facts
        row = Session(activity=activity, **facts_)
        row.clean_fields(exclude=["starts_at", "ends_at", "credit", "activity"])
        row.save()

    return change


def edit(key: str, text: str, generated: str = "") -> Change:
    return lambda activity: StatementEdit.objects.create(
        activity=activity, key=key, text=text, generated=generated, reason="x", edited_at=timezone.now()
    )

"""Loads an activity from its YAML file; loading it again brings the rows back to the file and adds nothing."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from activities.models import Activity, Objective, Person, Provider, Relationship, Role
from surveys.models import Choice, Question, Survey

FOLDER = Path(__file__).parent / "activities"
LIVE_ENDED_DAYS_AGO = 3
LIVE_CLAIM_DAYS_LEFT = 21
SELF_STUDY_RELEASED_DAYS_AGO = 60

Facts = dict[str, Any]


def files() -> list[Path]:
    """Return the example activities' files."""
    return sorted(FOLDER.glob("*.yaml"))


@transaction.atomic
def load(path: Path, *, today: date | None) -> Activity:
    """Save the activity of one file; its dates are moved to suit `today`, or stay as published when it is None."""
    facts: Facts = yaml.safe_load(path.read_text())
    if today:
        MOVES[facts["move"]](facts["activity"], today)
    provider, _ = Provider.objects.update_or_create(name=facts["provider"]["name"], defaults=facts["provider"])
    defaults = {**facts["activity"], "provider": provider, "state": Activity.State.PUBLISHED}
    activity, _ = Activity.objects.update_or_create(slug=facts["activity"]["slug"], defaults=defaults)
    for row in facts["designations"]:
        activity.designations.update_or_create(credit_type=row["credit_type"], defaults=row)
    for row in facts.get("moc", []):
        activity.moc_registrations.update_or_create(board=row["board"], point_type=row["point_type"], defaults=row)
    _load_objectives(activity, facts)
    _load_people(activity, facts)
    for supporter in facts.get("supporters", []):
        activity.support.get_or_create(supporter=supporter)
    _load_questions(activity, facts["request_for_credit"])
    return activity


def _move_live(facts: Facts, today: date) -> None:
    length = facts["ends_on"] - facts["starts_on"]
    facts["ends_on"] = today - timedelta(days=LIVE_ENDED_DAYS_AGO)
    facts["starts_on"] = facts["ends_on"] - length
    facts["claim_until_day"] = today + timedelta(days=LIVE_CLAIM_DAYS_LEFT)


def _move_self_study(facts: Facts, today: date) -> None:
    length = facts["ends_on"] - facts["starts_on"]
    facts["starts_on"] = today - timedelta(days=SELF_STUDY_RELEASED_DAYS_AGO)
    facts["ends_on"] = facts["claim_until_day"] = facts["starts_on"] + length


MOVES: dict[str, Callable[[Facts, date], None]] = {"live": _move_live, "self-study": _move_self_study}


def _load_objectives(activity: Activity, facts: Facts) -> None:
    for kind, name in ((Objective.Kind.COMPETENCE, "competence"), (Objective.Kind.OBJECTIVE, "objectives")):
        for position, text in enumerate(facts.get(name, []), start=1):
            activity.objectives.update_or_create(kind=kind, position=position, defaults={"text": text})


def _load_people(activity: Activity, facts: Facts) -> None:
    for row in facts.get("people", []):
        person, _ = Person.objects.update_or_create(
            name=row["name"], defaults={"degrees": row["degrees"], "position": row["position"]}
        )
        Role.objects.get_or_create(activity=activity, person=person, part=row["part"])
        for relationship in row.get("relationships", []):
            Relationship.objects.get_or_create(person=person, **relationship)


def _load_questions(activity: Activity, rows: list[Facts]) -> None:
    survey, _ = Survey.objects.get_or_create(activity=activity, kind=Survey.Kind.REQUEST_FOR_CREDIT)
    for position, row in enumerate(rows, start=1):
        choices = row.pop("choices", [])
        question, _ = Question.objects.update_or_create(survey=survey, position=position, defaults=row)
        for number, text in enumerate(choices, start=1):
            Choice.objects.update_or_create(question=question, position=number, defaults={"text": text})

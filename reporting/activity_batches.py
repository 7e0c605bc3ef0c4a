"""Writes activities' records into the workbook that PARS takes by upload.

The layout is ACCME's activity template D, for reporting years from 2015 on: numbered headings in the first row, and
after the 47 fixed columns eight more for each supporter. What follows it in PARS's current template is not known.
"""

import io
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal

from openpyxl import Workbook

from accounts.states import STATES
from reporting.batches import NUMBER, SHEET, TEXT, Value, cell
from reporting.checks import HOME
from reporting.snapshots import ActivityFacts

Column = tuple[str, Callable[[ActivityFacts], Value]]
TEMPLATE = "Template D"
WITH_PLACE = ("C", "RSS")
CHANGES = {"competence": "Competence", "performance": "Performance", "outcomes": "Patient Outcomes"}
METHODS = {
    "cases": "Case based discussion",
    "lecture": "Lecture",
    "panel": "Panel",
    "simulation": "Simulation",
    "skills": "Skill-based training",
    "groups": "Small group discussion",
    "other": "Other",
}
COMPETENCIES = {
    "patient_care": "ABMS/ACGME - Patient Care and Procedural Skills",
    "knowledge": "ABMS/ACGME - Medical Knowledge",
    "practice_based": "ABMS/ACGME - Practice-based Learning and Improvement",
    "communication": "ABMS/ACGME - Interpersonal and Communication Skills",
    "professionalism": "ABMS/ACGME - Professionalism",
    "systems": "ABMS/ACGME - Systems-based Practice",
    "patient_centered": "Institute of Medicine - Provide patient-centered care",
    "teams": "Institute of Medicine - Work in interdisciplinary teams",
    "evidence": "Institute of Medicine - Employ evidence-based practice",
    "quality": "Institute of Medicine - Apply quality improvement",
    "informatics": "Institute of Medicine - Utilize informatics",
    "values": "Interprofessional Education Collaborative - Values/Ethics for Interprofessional Practice",
    "roles": "Interprofessional Education Collaborative - Roles/Responsibilities",
    "team_communication": "Interprofessional Education Collaborative - Interprofessional Communication",
    "teamwork": "Interprofessional Education Collaborative - Teams and Teamwork",
    "other": "Other Competencies - Competencies other than those listed were addressed",
}
IN_KIND = {
    "durable equipment": "Durable equipment?",
    "facilities and space": "Facilities / Space?",
    "disposable supplies": "Disposable supplies (Non-biological)?",
    "animal parts or tissue": "Animal parts or tissue?",
    "human parts or tissue": "Human parts or tissue?",
}


def missing(facts: ActivityFacts) -> list[str]:
    """Return what keeps an activity out of the file, in words that say what to do; empty when it can be written."""
    needs_place = facts["type_code"] in WITH_PLACE
    checks = (
        (not facts["type_code"], "the template knows no such format: enter it in PARS by hand"),
        (not facts["credit_type"], "designate credit that PARS knows"),
        (not facts["closing"]["hours"], "enter the hours of instruction"),
        (not facts["learners"], "enter how many physicians and other learners took part"),
        (needs_place and not facts["city"], "enter the city"),
        (needs_place and not facts["country"], "write the country's English name or ISO code"),
        (
            needs_place and facts["country"] == HOME and facts["region"] not in STATES,
            "write the state's name or its two letters",
        ),
        (bool(facts["unpriced"]), f"enter what {', '.join(facts['unpriced'])} gave, in whole dollars"),
    )
    return [words for lacks, words in checks if lacks]


def workbook(activities: Iterable[ActivityFacts], year: int) -> bytes:
    """Return the workbook of these activities for a reporting year; all must have nothing missing."""
    rows = list(activities)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    most = max((len(_supporters(facts)) for facts in rows), default=0)
    headings = [heading for heading, _ in _columns(year)] + [
        heading for place in range(1, most + 1) for heading in _supporter_headings(place)
    ]
    sheet.append([f"{place}. {heading}" for place, heading in enumerate(headings, 1)])
    for facts in rows:
        values = [value(facts) for _, value in _columns(year)]
        values += [value for name in _supporters(facts) for value in _supporter(facts, name)]
        sheet.append([cell(sheet, value, NUMBER if isinstance(value, Decimal) else TEXT) for value in values])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _columns(year: int) -> list[Column]:
    return [
        ("Template (DO NOT ALTER OR DELETE THIS COLUMN)", lambda _: TEMPLATE),
        ("ACCME Activity ID", lambda facts: facts["activity_id"]),
        ("Provider Activity ID", lambda facts: facts["own_id"]),
        ("Reporting Year", lambda _: str(year)),
        ("Activity Title", lambda facts: facts["title"]),
        ("Activity Date", lambda facts: date.fromisoformat(facts["begins"]).strftime("%m/%d/%Y")),
        ("City", lambda facts: _if_placed(facts, facts["city"])),
        ("State", lambda facts: _if_placed(facts, facts["region"] if facts["country"] == HOME else "")),
        ("Country", lambda facts: _if_placed(facts, facts["country"])),
        ("Providership", lambda facts: "Joint" if facts["partners"] else "Direct"),
        ("Activity Type", lambda facts: facts["type_code"]),
        ("Hours of Instruction", lambda facts: Decimal(facts["closing"]["hours"])),
        ("# of Physicians", lambda facts: _learners(facts, physicians=True)),
        ("# of Other Learners", lambda facts: _learners(facts, physicians=False)),
        ("Commercial Support Received?", lambda facts: _yes(bool(_supporters(facts)))),
        *(column for code, name in CHANGES.items() for column in _change(code, name)),
        *(_ticked(f"Sub-category: {name}", "methods", code) for code, name in METHODS.items()),
        ("Joint Provider(s)", lambda facts: "; ".join(facts["partners"])),
        ("Number of AMA PRA Category 1 CreditsTM Designated", _ama_credits),
        ("Description of Content", lambda facts: facts["description"]),
        *(_ticked(name, "competencies", code) for code, name in COMPETENCIES.items()),
    ]


def _change(code: str, name: str) -> list[Column]:
    return [
        _ticked(f"Designed to change {name}?", "designed_to_change", code),
        _ticked(f"Changes in {name} evaluated?", "evaluated", code),
    ]


def _ticked(heading: str, among: str, code: str) -> Column:
    return heading, lambda facts: _yes(code in facts["closing"][among])


def _yes(condition: bool) -> str:
    return "Yes" if condition else "No"


def _if_placed(facts: ActivityFacts, words: str) -> str:
    return words if facts["type_code"] in WITH_PLACE else ""


def _learners(facts: ActivityFacts, *, physicians: bool) -> int:
    return sum(count for category, count in facts["learners"] if (category == "physician") == physicians)


def _ama_credits(facts: ActivityFacts) -> Value:
    return Decimal(facts["credits"]) if facts["credit_type"] == "AMA PRA Category 1" else ""


def _supporters(facts: ActivityFacts) -> list[str]:
    """Return each supporter's name once, grants first."""
    return list(dict.fromkeys([name for name, _ in facts["support"]] + [name for name, _ in facts["in_kind"]]))


def _supporter_headings(place: int) -> list[str]:
    behind = "" if place == 1 else f" {_ordinal(place)}"
    kinds = [*IN_KIND.values(), "Other?"]
    given = [f"In Kind Support Received - {kind}" for kind in kinds]
    return [
        f"{name}{behind}"
        for name in ("Commercial Support Source", "Monetary Amount Received (for Support Source)", *given)
    ]


def _ordinal(place: int) -> str:
    endings = {1: "st", 2: "nd", 3: "rd"}
    teen = place % 100 // 10 == 1
    return f"{place}{'th' if teen else endings.get(place % 10, 'th')}"


def _supporter(facts: ActivityFacts, name: str) -> list[Value]:
    """Return a supporter's eight columns: name, whole dollars, five kinds of things, others in words."""
    dollars = sum(amount for supporter, amount in facts["support"] if supporter == name)
    given = [what for supporter, what in facts["in_kind"] if supporter == name]
    others = "; ".join(what for what in given if what not in IN_KIND)
    return [name, dollars, *(_yes(kind in given) for kind in IN_KIND), others]

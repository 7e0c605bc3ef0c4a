"""A report's parts as the office reads them: the completion, the learner as the board has them, clocks, exchanges."""

import json
from datetime import date

from django.template.defaultfilters import date as in_words
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display

from accounts.birthdays import MONTHS
from accounts.states import STATES
from reporting.models import Exchange, Submission

MONTH = {str(number): name for number, name in MONTHS}


@display(description="Activity")
def activity(submission: Submission) -> str:
    """The title, as it was reported."""
    return str(submission.completion["activity"])


@display(description="Activity ID or UAN")
def activity_id(submission: Submission) -> str:
    """What the registry knows the activity by."""
    return str(submission.completion["activity_id"] or "not known")


@display(description="Completed on")
def completed_on(submission: Submission) -> str:
    """The day that is reported."""
    return _day(submission.completion["completed_on"])


@display(description="Credit")
def credit(submission: Submission) -> str:
    """How much of which kind."""
    return f"{submission.completion['points']} {submission.completion['credit_type']}"


@display(description="Name")
def name(submission: Submission) -> str:
    """As the board has it."""
    person = submission.identity
    return f"{person['given_name']} {person['family_name']}"


@display(description="Number")
def number(submission: Submission) -> str:
    """The learner's number, with the state where it is a license."""
    person = submission.identity
    state = STATES.get(person.get("state", ""), "")
    return ", ".join(part for part in (person["board_number"] or "not known", state) if part)


@display(description="Birthday")
def birthday(submission: Submission) -> str:
    """Month and day."""
    person = submission.identity
    known = person["birth_month"] and person["birth_day"]
    return f"{MONTH[str(person['birth_month'])]} {person['birth_day']}" if known else "not known"


@display(description="Deadlines")
def deadlines(submission: Submission) -> SafeString:
    """Every clock, the nearest first."""
    return format_html_join("", "{}: {}<br>", ((_day(day), name) for name, day in submission.clocks))


@display(description="Sent")
def sent(exchange: Exchange) -> SafeString:
    """What was sent, in lines."""
    return _lines(exchange.sent)


@display(description="Answered")
def answered(exchange: Exchange) -> SafeString:
    """What came back, in lines."""
    return _lines(exchange.answered)


def _day(iso: str) -> str:
    return in_words(date.fromisoformat(iso), "F j, Y") if iso else "not known"


def _lines(document: object) -> SafeString:
    words = document if isinstance(document, str) else json.dumps(document, indent=1, ensure_ascii=False)
    return format_html("<pre>{}</pre>", words)

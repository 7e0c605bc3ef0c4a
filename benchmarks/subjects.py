"""What is measured, each against its baseline, by group."""

from collections.abc import Callable
from copy import copy
from datetime import time
from decimal import Decimal

from django.db import models, transaction
from django.db.models import Count
from django.test import Client
from django.utils import timezone

from accounts.models import Consent, Identifier, User
from activities.models import Activity, CreditDesignation, Session
from audit import guard as trail
from audit.models import Event
from certificates.models import Certificate
from credits import guard as ledger
from credits.models import Award, Claim
from jobs.models import Job
from outbox.models import Message
from reporting.models import Submission
from surveys import document, results
from surveys.models import Answer, Response, Survey

Action = Callable[[], None]
Turns = tuple[Action, Action, Action]

MEETING = "cancer-metastasis"
REQUEST = f"/activities/{MEETING}/request/"
HOURS = {"begins": time(8), "ends": time(9)}
FIVE = ["Not at all", "A little", "Moderately", "Well", "Very well"]
MOC = {
    "wants_moc": "yes",
    "number_ABIM": "123456",
    "given_name": "Ada",
    "family_name": "Okafor",
    "birth_month": "2",
    "birth_day": "29",
    "permission": "on",
}
# Everything that a claim writes, parents before children.
WRITTEN: tuple[type[models.Model], ...] = (
    Answer, Claim, Award, Certificate, Submission, Message, Job, Event, Consent, Identifier,
)  # fmt: skip


def nothing() -> None:
    """Nothing lies between two turns."""


def learner() -> User:
    """The demonstration's physician."""
    return User.objects.get(email="learner@example.org")


def activity_page() -> Turns:
    """The meeting's page for a learner who is signed in, against an empty view behind the same middleware."""
    client = Client()
    client.force_login(learner())

    def page() -> None:
        assert client.get(f"/activities/{MEETING}/").status_code == 200  # noqa: PLR2004, S101

    return page, lambda: _ignore(client.get("/empty/")), nothing


def large_page() -> Turns:
    """The page of a meeting with a thousand sessions for a visitor, against an empty view."""
    meeting = Activity.objects.get(slug="annual-meeting")
    rows = [Session(activity=meeting, title=f"Session {n}", day=meeting.starts_on, **HOURS) for n in range(1000)]
    for row in rows:
        row.compute()
    Session.objects.bulk_create(rows)
    client = Client()

    def page() -> None:
        assert b"Session 999" in client.get("/activities/annual-meeting/").content  # noqa: S101

    return page, lambda: _ignore(client.get("/empty/")), nothing


def large_catalogue() -> Turns:
    """The catalogue's first page of a thousand activities, searched and filtered, against an empty view."""
    meeting = Activity.objects.get(slug=MEETING)
    rows = []
    for number in range(1000):
        row = copy(meeting)
        row.pk, row.slug, row.code = None, f"copy-{number}", f"{number:06}"
        rows.append(row)
    CreditDesignation.objects.bulk_create(
        CreditDesignation(activity=row, credit_type="ama_pra", maximum=Decimal(1))
        for row in Activity.objects.bulk_create(rows)
    )
    client = Client()

    def page() -> None:
        assert b"found." in client.get("/?q=metastasis&credit=ama_pra").content  # noqa: S101

    return page, lambda: _ignore(client.get("/empty/")), nothing


def claim_submit() -> Turns:
    """The submit of a full request with MOC points, against bare inserts of the very rows that it wrote."""
    trail.remove()  # the rows are taken out again after each turn
    ledger.remove()
    client = Client()
    client.force_login(learner())
    _fill(client)
    typed = Response.objects.get().typed

    page = client.get(f"{REQUEST}check/").content.decode()
    seen = page.partition('name="seen" value="')[2].partition('"')[0]

    def submit() -> None:
        assert client.post(f"{REQUEST}check/", {"attested": "on", "seen": seen}).status_code == 302  # noqa: PLR2004, S101

    def insert_bare() -> None:
        with transaction.atomic():
            for row in written:
                row.save(force_insert=True)

    def take_out() -> None:
        for model in reversed(WRITTEN):
            model._default_manager.all().delete()  # noqa: SLF001 (Django's public name for it)
        Response.objects.update(state="draft", submitted_at=None, typed=typed)

    submit()
    written = [row for model in WRITTEN for row in model._default_manager.order_by("pk")]  # noqa: SLF001 (likewise)
    take_out()
    return submit, insert_bare, take_out


def long_survey() -> Turns:
    """A page of 150 questions for a learner who is signed in, against an empty view."""
    asked = Survey.objects.create(activity=Activity.objects.get(slug=MEETING), kind=Survey.Kind.EVALUATION)
    document.read_questions(asked, [{"kind": "single", "text": f"Question {n}?", "choices": FIVE} for n in range(150)])
    client = Client()
    client.force_login(learner())
    address = f"/activities/{MEETING}/evaluation/questions/"

    def page() -> None:
        assert b"Question 149?" in client.get(address).content  # noqa: S101

    return page, lambda: _ignore(client.get("/empty/")), nothing


def many_results() -> Turns:
    """The results of 50,000 responses to five questions, against one count of the same answers by the database."""
    asked = Survey.objects.create(activity=Activity.objects.get(slug="annual-meeting"), kind=Survey.Kind.EVALUATION)
    rows = [{"kind": "scale", "text": f"Question {n}?", "choices": FIVE} for n in range(4)]
    *scales, words = document.read_questions(asked, [*rows, {"kind": "text", "text": "Words?"}])
    now, choices = timezone.now(), {row.pk: list(row.choices.all()) for row in scales}
    people = User.objects.bulk_create(User(email=f"person{n}@example.org") for n in range(50_000))
    responses = Response.objects.bulk_create(
        Response(survey=asked, learner=row, state="submitted", submitted_at=now, typed={}) for row in people
    )
    for row in scales:
        Answer.objects.bulk_create(
            Answer(response=one, question=row, choice=choices[row.pk][n % 5]) for n, one in enumerate(responses)
        )
    Answer.objects.bulk_create(
        Answer(response=one, question=words, text=f"Text {n}") for n, one in enumerate(responses)
    )
    counted = Answer.objects.filter(question__survey=asked).values("question", "choice").annotate(n=Count("id"))
    return lambda: _ignore(results.of(asked)), lambda: _ignore(list(counted.all())), nothing


def _fill(client: Client) -> None:
    client.post(f"{REQUEST}credit/", {"amount": "12.25"})
    client.post(f"{REQUEST}moc/", MOC)
    questions = Response.objects.get().survey.questions.prefetch_related("choices")
    answers = {row.field_name: [str(choice.pk) for choice in row.choices.all()][:1] or ["Much"] for row in questions}
    client.post(f"{REQUEST}questions/", answers)


def _ignore(_result: object) -> None:
    """Keep nothing."""

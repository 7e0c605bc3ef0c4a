"""One response as a whole: its pages for this learner, what is typed, what is missing, what it answers.

What a survey asks depends on what was typed before: a question with a condition is asked only after the answer that
decides. What is typed into a question that is not asked is kept while the response is a draft, and never counts.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from django.http import QueryDict

from surveys.forms.page import LONGEST_INPUT, PageForm
from surveys.forms.questions import LONGEST, QuestionsForm
from surveys.models import Question, Response

Typed = dict[str, list[str]]
Base = dict[str, str]
MOST_VALUES = 500  # of one question with several choices


@dataclass(frozen=True)
class Page:
    """One page of a survey."""

    key: str
    title: str
    help: str = ""


@dataclass(frozen=True)
class Fault:
    """Something to put right: on which page, at which element, in which words."""

    page: Page
    element: str
    label: str
    words: str


@dataclass(frozen=True)
class Input:
    """How much one input of a page may bring."""

    several: bool = False
    longest: int = LONGEST_INPUT

    def takes(self, values: list[str]) -> bool:
        """Whether posted values are no more and no longer than a form would take."""
        return len(values) <= MOST_VALUES and all(len(value) <= self.longest for value in values)


def _input(question: Question) -> Input:
    return Input(question.kind == Question.Kind.MULTIPLE, LONGEST.get(Question.Kind(question.kind), LONGEST_INPUT))


CHECK = Page("check", "Check your answers")
FIRST = "questions"


class Answering:
    """The pages of one response, bound to what was typed so far; the check is the last of them."""

    untitled = "Questions"

    def __init__(self, response: Response) -> None:
        self.response, self.survey = response, response.survey
        self.learner = response.learner
        self.activity: Any = response.survey.activity  # None only when a question set is previewed

    @cached_property
    def rows(self) -> list[Question]:
        """The survey's questions and sections with their choices and rows."""
        return list(self.survey.questions.select_related("shown_if").prefetch_related("choices", "rows"))

    @cached_property
    def asked(self) -> set[int]:
        """The numbers of the questions that apply, as far as typed."""
        found: set[int] = set()
        for question in self.rows:
            condition = question.shown_if
            typed = self.response.typed.get(f"question_{condition.question_id}", []) if condition else []
            if condition is None or (condition.question_id in found and str(condition.pk) in typed):
                found.add(question.pk)
        return found

    @cached_property
    def every_section(self) -> dict[Page, list[Question]]:
        """The pages of questions, whether they apply or not."""
        pages: dict[Page, list[Question]] = {}
        here = Page(FIRST, self.untitled)
        for row in self.rows:
            if row.kind == Question.Kind.SECTION:
                here = Page(f"{FIRST}-{row.pk}", row.text, row.help)
            else:
                pages.setdefault(here, []).append(row)
        return pages

    @cached_property
    def sections(self) -> dict[Page, list[Question]]:
        """The pages of questions; one on which nothing can apply is left out."""
        pages = {page: self._near(rows) for page, rows in self.every_section.items()}
        return {page: rows for page, rows in pages.items() if rows}

    def _near(self, rows: list[Question]) -> list[Question]:
        """Return those of a page that apply, or that an answer on the same page may bring."""
        found: dict[int, Question] = {}
        for row in rows:
            if row.pk in self.asked or (row.shown_if and row.shown_if.question_id in found):
                found[row.pk] = row
        return list(found.values())

    @property
    def before_questions(self) -> list[Page]:
        """Pages of its own that a kind of survey has before its questions."""
        return []

    @cached_property
    def pages(self) -> list[Page]:
        """The pages this learner goes through, the check last."""
        return [*self.before_questions, *self.sections, CHECK]

    def page(self, key: str) -> Page | None:
        """Return the page called `key`, or None if this learner has no such page."""
        return next((page for page in self.pages if page.key == key), None)

    def fields(self, key: str, posted: Mapping[str, object]) -> dict[str, Input] | None:
        """Return the inputs of a page that may be saved; None without a page.

        A page that no longer applies is among them: what a device has typed there is kept all the same. What was
        `posted` may name inputs of its own, which the page then refuses in words.
        """
        questions = next((rows for page, rows in self.every_section.items() if page.key == key), None)
        if questions is not None:
            return {name: _input(row) for row in questions for name in row.field_names}
        here = self.page(key)
        if here is None or here == CHECK:
            return None
        forms = [self.form(here), self.form(here, posted)]
        return {name: Input(longest=form.longest(name)) for form in forms for name in form.inputs}

    def after(self, page: Page) -> Page:
        """Return the page that follows."""
        return self.pages[self.pages.index(page) + 1]

    def before(self, page: Page) -> Page | None:
        """Return the page that precedes."""
        position = self.pages.index(page)
        return self.pages[position - 1] if position else None

    @property
    def next_page(self) -> Page:
        """The first page with something left to do."""
        return next((page for page in self.pages[:-1] if faults_of(page, self.bound(page))), CHECK)

    def needs(self, question: Question) -> bool:
        """Whether the question must be answered; what is scored always must."""
        return question.required or (self.survey.is_test and question.is_scored)

    @property
    def left(self) -> int:
        """How many questions that must be answered still lack an answer, as far as typed."""
        needed = [row for row in self.rows if row.pk in self.asked and self.needs(row)]
        typed = self.response.typed
        return sum(1 for row in needed if not all(any(typed.get(name, ())) for name in row.field_names))

    # Forms ---------------------------------------------------------------------------------------------------------

    def form(self, page: Page, data: Mapping[str, object] | None = None) -> PageForm:
        """Return the form of a page, bound to `data` if given; otherwise showing what was typed or is known."""
        rows = self.sections.get(page, [])
        return QuestionsForm(
            data,
            initial=None if data is not None else self.shown(),
            questions=rows,
            asked=self.asked,
            needed={row.pk for row in rows if self.needs(row)},
            seed=self.response.seed if self.survey.is_test and self.survey.shuffle else None,
        )

    def bound(self, page: Page) -> PageForm:
        """Return the form of a page bound to what was typed."""
        data = QueryDict(mutable=True)
        for name, values in self.response.typed.items():
            data.setlist(name, values)
        return self.form(page, data)

    def base(self, form: PageForm) -> str:
        """Return what a page shows, as fingerprints by field; they come back with the answers and tell what changed."""
        return json.dumps(fingerprints({name: form.as_typed(name) for name in form.inputs}))

    def shown(self) -> dict[str, Any]:
        """Return what is typed as a form's initial values."""
        typed = {name: values for name, values in self.response.typed.items() if values}
        several = {row.field_name for row in self.rows if row.kind == Question.Kind.MULTIPLE}
        return {name: values if name in several else values[-1] for name, values in typed.items()}

    # The whole -----------------------------------------------------------------------------------------------------

    @property
    def fingerprint(self) -> str:
        """A short text that changes with the attempt and with anything typed; the check page hands it back."""
        words = json.dumps([self.response.pk, self.response.typed], sort_keys=True)
        return hashlib.sha256(words.encode()).hexdigest()[:32]

    def faults(self) -> list[Fault]:
        """Return everything that stands between what was typed and a submit, page by page."""
        return [fault for page in self.pages[:-1] for fault in faults_of(page, self.bound(page))]

    def summary(self) -> list[tuple[Page, list[tuple[str, str]]]]:
        """Return the typed answers, page by page, as (question, answer) in words."""
        return [(page, self.bound(page).in_words()) for page in self.pages[:-1]]

    def answers(self) -> list[dict[str, Any]]:
        """Return the facts of all `Answer` rows; only when there are no faults."""
        found: list[dict[str, Any]] = []
        for page in self.sections:
            form = cast("QuestionsForm", self.bound(page))
            form.is_valid()
            found += form.answers()
        return found


def fingerprint(values: list[str]) -> str:
    """Return a short text that differs for different strings in a field."""
    filled = [value for value in values if value]
    return hashlib.sha256(json.dumps(filled).encode()).hexdigest()[:12] if filled else ""


def fingerprints(typed: Typed) -> Base:
    """Return the fingerprints of the inputs that have something in them."""
    return {name: fingerprint(values) for name, values in typed.items() if any(values)}


def faults_of(page: Page, form: PageForm) -> list[Fault]:
    """Return what is wrong with one bound form."""
    return [
        Fault(page, form.first_input(name), str(form.fields[name].label), str(words))
        for name, errors in form.errors.items()
        for words in errors
    ]

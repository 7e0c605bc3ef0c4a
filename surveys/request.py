"""A Request for Credit as a whole: its pages for one learner, what is typed, what is missing, what it asks for."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict

from credits.services import ClaimRequest, may_earn_points
from reporting.services import Identity
from surveys.forms import (
    ATTESTATION,
    AttestationForm,
    CreditForm,
    EvaluationForm,
    MocForm,
    PageForm,
    moc_initial,
)
from surveys.models import Question, Response

Typed = dict[str, list[str]]


@dataclass(frozen=True)
class Page:
    """One page of the request."""

    key: str
    title: str


@dataclass(frozen=True)
class Fault:
    """Something to put right: on which page, at which element, in which words."""

    page: Page
    element: str
    label: str
    words: str


CREDIT = Page("credit", "Your credit")
MOC = Page("moc", "MOC points")
EVALUATION = Page("evaluation", "Evaluation")
CHECK = Page("check", "Check your answers")


class RequestForCredit:
    """The pages of one response, bound to what was typed so far."""

    def __init__(self, response: Response) -> None:
        self.response = response
        self.learner = response.learner
        self.activity = response.survey.activity
        self.designation = self.activity.designation_for(self.learner.profession)

    @cached_property
    def questions(self) -> list[Question]:
        """The survey's questions with their choices."""
        return list(self.response.survey.questions.prefetch_related("choices"))

    @cached_property
    def pages(self) -> list[Page]:
        """The pages this learner goes through, the check last."""
        pages = [CREDIT]
        if may_earn_points(self.activity, self.learner):
            pages.append(MOC)
        if self.questions:
            pages.append(EVALUATION)
        return [*pages, CHECK]

    def page(self, key: str) -> Page | None:
        """Return the page called `key`, or None if this learner has no such page."""
        return next((page for page in self.pages if page.key == key), None)

    def after(self, page: Page) -> Page:
        """Return the page that follows."""
        return self.pages[self.pages.index(page) + 1]

    def before(self, page: Page) -> Page | None:
        """Return the page that precedes."""
        position = self.pages.index(page)
        return self.pages[position - 1] if position else None

    def form(self, page: Page, data: Mapping[str, object] | None = None) -> PageForm:
        """Return the form of a page, bound to `data` if given; otherwise showing what was typed or is known."""
        initial = None if data is not None else self._shown()
        if page == CREDIT:
            assert self.designation is not None  # noqa: S101 (the pathway opens the door only with a designation)
            return CreditForm(data, initial=initial, designation=self.designation)
        if page == MOC:
            return MocForm(data, initial=initial, activity=self.activity)
        if page == EVALUATION:
            return EvaluationForm(data, initial=initial, questions=self.questions, moc=self.wants_moc)
        return AttestationForm(data)

    def bound(self, page: Page) -> PageForm:
        """Return the form of a page bound to what was typed."""
        data = QueryDict(mutable=True)
        for name, values in self.response.typed.items():
            data.setlist(name, values)
        return self.form(page, data)

    @property
    def fingerprint(self) -> str:
        """A short text that changes with anything typed; the check page hands it back with the attestation."""
        words = json.dumps(self.response.typed, sort_keys=True)
        return hashlib.sha256(words.encode()).hexdigest()[:32]

    @property
    def wants_moc(self) -> bool:
        """Whether the learner, as far as typed, wishes for MOC points."""
        return MOC in self.pages and self.response.typed.get("wants_moc") == ["yes"]

    def faults(self) -> list[Fault]:
        """Return everything that stands between what was typed and a submit, page by page."""
        return [fault for page in self.pages[:-1] for fault in faults_of(page, self.bound(page))]

    def summary(self) -> list[tuple[Page, list[tuple[str, str]]]]:
        """Return the typed answers, page by page, as (question, answer) in words."""
        return [(page, _answers(self.bound(page))) for page in self.pages[:-1]]

    def claimed_in_words(self) -> str:
        """Return `12.25 AMA PRA Category 1 Credits™` as typed; empty as long as the amount cannot be awarded."""
        form = self.bound(CREDIT)
        if self.designation is None or not form.is_valid():
            return ""
        return self.designation.kind.amount(form.cleaned_data["amount"])

    def asks_for(self) -> ClaimRequest:
        """Return the claim that the typed answers ask for; only when there are no faults."""
        credit = self.bound(CREDIT)
        credit.is_valid()
        return ClaimRequest(credit.cleaned_data["amount"], ATTESTATION, self._identity())

    def answers(self) -> dict[int, object]:
        """Return the evaluation's answers by question number; only when there are no faults."""
        if EVALUATION not in self.pages:
            return {}
        form = self.bound(EVALUATION)
        form.is_valid()
        return form.answers() if isinstance(form, EvaluationForm) else {}

    def _identity(self) -> Identity | None:
        if not self.wants_moc:
            return None
        form = self.bound(MOC)
        form.is_valid()
        cleaned = form.cleaned_data
        return {
            "given_name": cleaned["given_name"],
            "family_name": cleaned["family_name"],
            "board_number": cleaned["board_number"],
            "birth_month": int(cleaned["birth_month"]),
            "birth_day": int(cleaned["birth_day"]),
        }

    def _shown(self) -> dict[str, object]:
        typed = {name: values for name, values in self.response.typed.items() if values}
        multiple = {row.field_name for row in self.questions if row.kind == Question.Kind.MULTIPLE}
        shown = {name: values if name in multiple else values[-1] for name, values in typed.items()}
        return {**moc_initial(self.learner), **shown}


def faults_of(page: Page, form: PageForm) -> list[Fault]:
    """Return what is wrong with one bound form."""
    return [
        Fault(page, form.first_input(name), str(form.fields[name].label), str(words))
        for name, errors in form.errors.items()
        for words in errors
    ]


def _answers(form: PageForm) -> list[tuple[str, str]]:
    """Return a bound form's fields and answers in words; of an unwished MOC page only the wish."""
    names = list(form.fields)
    if isinstance(form, MocForm) and not form.wished:
        names = names[:1]
    return [(form.short_labels.get(name, str(form.fields[name].label)), _in_words(form, name)) for name in names]


def _in_words(form: PageForm, name: str) -> str:
    value, choices = form[name].value(), dict(getattr(form.fields[name], "choices", []))
    values = value if isinstance(value, list) else [value]
    words = ["Yes" if item is True else str(choices.get(item, item)) for item in values if item]
    return "; ".join(words) or "—"

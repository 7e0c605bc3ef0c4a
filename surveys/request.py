"""A Request for Credit as a whole: credit and MOC before the questions, and what it asks to be awarded."""

from collections.abc import Mapping
from functools import cached_property

from activities.models import CreditDesignation
from credits.services import ClaimRequest, may_earn_points
from reporting.services import Identity
from surveys.answering import CHECK, Answering, Page
from surveys.forms.page import PageForm
from surveys.forms.request import ATTESTATION, AttestationForm, CreditForm, MocForm, moc_initial
from surveys.models import Question, Response, Survey

CREDIT = Page("credit", "Your credit")
MOC = Page("moc", "MOC points")


class RequestForCredit(Answering):
    """The pages of one request, bound to what was typed so far."""

    untitled = "Evaluation"

    @cached_property
    def designation(self) -> CreditDesignation | None:
        """What the learner may be awarded."""
        found: CreditDesignation | None = self.activity.designation_for(self.learner.profession)
        return found

    @property
    def before_questions(self) -> list[Page]:
        return [CREDIT, MOC] if may_earn_points(self.activity, self.learner) else [CREDIT]

    @property
    def wants_moc(self) -> bool:
        """Whether the learner, as far as typed, wishes for MOC points."""
        return MOC in self.pages and self.response.typed.get("wants_moc") == ["yes"]

    def needs(self, question: Question) -> bool:
        return super().needs(question) or (question.required_for_moc and self.wants_moc)

    def form(self, page: Page, data: Mapping[str, object] | None = None) -> PageForm:
        initial = None if data is not None else self.shown()
        if page == CREDIT:
            assert self.designation is not None  # noqa: S101 (the pathway opens the door only with a designation)
            return CreditForm(data, initial=initial, designation=self.designation)
        if page == MOC:
            known = None if initial is None else {**moc_initial(self.learner), **initial}
            return MocForm(data, initial=known, activity=self.activity)
        return AttestationForm(data) if page == CHECK else super().form(page, data)

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


def whole(response: Response) -> Answering:
    """Return the response as its kind of survey treats it."""
    request = response.survey.kind == Survey.Kind.REQUEST_FOR_CREDIT
    return RequestForCredit(response) if request else Answering(response)

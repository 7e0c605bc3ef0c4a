"""A Request for Credit as a whole: credit and MOC before the questions, and what it asks to be awarded."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property

from django.template.loader import render_to_string

from credits.forms.claiming import ATTESTATION, AmountForm, SessionsForm, claim_form
from credits.offer import Offer, may_earn_points
from credits.services.claiming import ClaimRequest
from reporting.services import Identity
from surveys.answering import CHECK, Answering, Page
from surveys.forms.page import PageForm
from surveys.forms.request import AttestationForm, MocForm, moc_initial, on_page
from surveys.models import Question, Response, Survey

CREDIT = Page("credit", "Your credit")
MOC = Page("moc", "MOC points")


class RequestForCredit(Answering):
    """The pages of one request, bound to what was typed so far."""

    untitled = "Evaluation"

    def __init__(self, response: Response, now: datetime) -> None:
        super().__init__(response)
        self.now = now

    @cached_property
    def offer(self) -> Offer:
        """What the learner can claim."""
        return Offer(self.activity, self.learner, self.now)

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
            made: PageForm = on_page(claim_form(self.offer))(data, initial=initial, offer=self.offer)
            return made
        if page == MOC:
            known = None if initial is None else {**moc_initial(self.learner), **initial}
            return MocForm(data, initial=known, activity=self.activity)
        return AttestationForm(data) if page == CHECK else super().form(page, data)

    def claimed_in_words(self) -> str:
        """Return `12.25 AMA PRA Category 1 Credits™` as typed; empty as long as the amount cannot be awarded."""
        form = self._credit()
        return " and ".join(str(row) for row in self.offer.earned(form.asked)) if form.is_valid() else ""

    def total(self, key: str) -> str:
        """Return what the sessions typed so far give, with the sum explained, as HTML; empty on other pages."""
        form = self._credit() if key == CREDIT.key else None
        return render_to_string("credits/total.html", {"form": form}) if isinstance(form, SessionsForm) else ""

    def asks_for(self) -> ClaimRequest:
        """Return the claim that the typed answers ask for; only when there are no faults."""
        credit = self._credit()
        credit.is_valid()
        return ClaimRequest(credit.asked, ATTESTATION, self._identity())

    def _credit(self) -> AmountForm | SessionsForm:
        form = self.bound(CREDIT)
        assert isinstance(form, AmountForm | SessionsForm)  # noqa: S101 (made by claim_form)
        return form

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


def whole(response: Response, now: datetime) -> Answering:
    """Return the response as its kind of survey treats it at this moment."""
    request = response.survey.kind == Survey.Kind.REQUEST_FOR_CREDIT
    return RequestForCredit(response, now) if request else Answering(response)

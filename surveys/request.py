"""A Request for Credit as a whole: credit and MOC before the questions, and what it asks to be awarded."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from django.template.loader import render_to_string

from credits.forms.claiming import ATTESTATION, AmountForm, SessionsForm, claim_form
from credits.offer import Offer, may_be_told_to_states, may_earn_points
from credits.services.claiming import ClaimRequest
from reporting.recognition import warnings
from reporting.snapshots import Identity
from surveys.answering import CHECK, Answering, Page
from surveys.forms.page import PageForm
from surveys.forms.registries import MocForm, PharmacyForm, StateForm, known_of
from surveys.forms.request import AttestationForm, on_page
from surveys.models import Question, Response, Survey

CREDIT = Page("credit", "Your credit")
MOC = Page("moc", "MOC points")
STATE = Page("state", "State medical board")
PHARMACY = Page("cpe", "CPE Monitor")


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
        points = may_earn_points(self.activity, self.learner)
        # What is reported for points reaches the states by itself (PARS's credit match): it is not reported twice.
        state = may_be_told_to_states(self.activity, self.learner) and not (points and self._says("wants_moc"))
        pharmacy = any(row.kind.has_uan for row in self.offer.entitlements)
        offered = ((CREDIT, True), (MOC, points), (STATE, state), (PHARMACY, pharmacy))
        return [page for page, applies in offered if applies]

    @property
    def wants_moc(self) -> bool:
        """Whether the learner, as far as typed, wishes for MOC points."""
        return MOC in self.pages and self._says("wants_moc")

    def _says(self, name: str) -> bool:
        return bool(self.response.typed.get(name) == ["yes"])

    def needs(self, question: Question) -> bool:
        return super().needs(question) or (question.required_for_moc and self.wants_moc)

    def form(self, page: Page, data: Mapping[str, object] | None = None) -> PageForm:
        initial = None if data is not None else self.shown()
        if page == CREDIT:
            made: PageForm = on_page(claim_form(self.offer))(data, initial=initial, offer=self.offer)
            return made
        if page in (MOC, STATE, PHARMACY):
            return self._told(page, data, None if initial is None else {**known_of(self.learner), **initial})
        return AttestationForm(data) if page == CHECK else super().form(page, data)

    def _told(self, page: Page, data: Mapping[str, object] | None, known: dict[str, Any] | None) -> PageForm:
        """Return the form that asks who the learner is to those who are told."""
        if page == PHARMACY:
            return PharmacyForm(data, initial=known, learner=self.learner)
        return (MocForm if page == MOC else StateForm)(data, initial=known, activity=self.activity)

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
        return ClaimRequest(credit.asked, ATTESTATION, self._identities())

    def said_of_identity(self, key: str) -> list[str]:
        """Return what is wrong with who the learner is to the boards, as far as typed on this page; it bars nobody."""
        if key != MOC.key or not self.wants_moc:
            return []
        form = self.bound(MOC)
        return warnings(self.learner, form.identities) if form.is_valid() and isinstance(form, MocForm) else []

    def _credit(self) -> AmountForm | SessionsForm:
        form = self.bound(CREDIT)
        assert isinstance(form, AmountForm | SessionsForm)  # noqa: S101 (made by claim_form)
        return form

    def _identities(self) -> dict[str, Identity]:
        pages = [page for page in (MOC, STATE, PHARMACY) if page in self.pages and (page != MOC or self.wants_moc)]
        forms = [form for form in (self.bound(page) for page in pages) if form.is_valid()]
        return {
            code: identity
            for form in forms
            if isinstance(form, MocForm | StateForm | PharmacyForm)
            for code, identity in form.identities.items()
        }


def whole(response: Response, now: datetime) -> Answering:
    """Return the response as its kind of survey treats it at this moment."""
    request = response.survey.kind == Survey.Kind.REQUEST_FOR_CREDIT
    return RequestForCredit(response, now) if request else Answering(response)

"""The pages that only a Request for Credit has: credit, who is told of it, attestation."""

from typing import Any

from django import forms

from credits.forms.claiming import ATTESTATION, UNATTESTED, AmountForm, CodesForm, OwnCodeForm, SessionsForm
from surveys.forms.page import PageForm


class AmountPage(PageForm, AmountForm):
    """How much credit is claimed."""


class SessionsPage(SessionsForm, PageForm):
    """Which sessions were attended."""


class CodesPage(CodesForm, PageForm):
    """Which codes were shown at the sessions."""


class OwnCodePage(PageForm, OwnCodeForm):
    """The activity's own code, and how much credit is claimed."""


PAGES: dict[type[forms.Form], type[PageForm]] = {
    AmountForm: AmountPage, OwnCodeForm: OwnCodePage, SessionsForm: SessionsPage, CodesForm: CodesPage,
}  # fmt: skip


def on_page(form: type[forms.Form]) -> Any:
    """Return the form by which credit is claimed, as a page of the request."""
    return PAGES[form]


class AttestationForm(PageForm):
    """The learner's word, given on the page that shows what they are about to submit."""

    attested = forms.BooleanField(
        label=ATTESTATION,
        error_messages={"required": UNATTESTED},
    )

"""Names: one spelling for what looks the same, and marks that nobody sees are dropped or refused."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import User
from accounts.names import check_name, for_registries, normal
from reporting import checks
from reporting.identities import digest
from reporting.pars.documents import member
from tests.factories import UserFactory
from tests.reporting.making import COMPLETION, ada

pytestmark = pytest.mark.django_db

PASTED = "\u200e Ada\u00a0\u202fMaria\u00ad\u2003\ufeff"  # marks and spaces that word processors leave


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (PASTED, "Ada Maria"),
        ("Jose\u0301", "José"),
        ("\u0645\u06cc\u200c\u0631\u0636\u0627", "\u0645\u06cc\u200c\u0631\u0636\u0627"),
        ("O\u2019Brien-Smith Jr.", "O\u2019Brien-Smith Jr."),
    ],
    ids=["pasted", "decomposed", "joined", "ordinary"],
)
def test_name_has_one_spelling(typed: str, kept: str) -> None:
    assert normal(typed) == kept
    check_name(kept)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Ada\u202eMD", "hidden marks"),
        ("\u2067Ada\u2069", "hidden marks"),
        ("A\ue000da", "cannot be printed"),
        ("\u3164\u200b", "Write it with letters."),
        ("...", "Write it with letters."),
    ],
)
def test_what_is_no_name_is_refused_with_what_to_do(client: Client, typed: str, words: str) -> None:
    learner = UserFactory()
    client.force_login(learner)
    page = client.post("/profile/", {"first_name": typed, "last_name": "Okafor", "profession": "physician"})
    assert page.status_code == 422
    assert words in page.content.decode()
    assert User.objects.get(pk=learner.pk).first_name == learner.first_name
    with pytest.raises(ValidationError, match=words):
        User(first_name=typed).clean_fields(exclude={"email", "password", "last_name"})


def test_profile_keeps_a_pasted_name_as_it_looks(client: Client) -> None:
    learner = UserFactory()
    client.force_login(learner)
    client.post("/profile/", {"first_name": PASTED, "last_name": "Okafor", "profession": "physician"})
    assert User.objects.get(pk=learner.pk).first_name == "Ada Maria"


def test_what_an_old_name_hides_neither_keeps_a_report_back_nor_leaves() -> None:
    pasted = {**ada(), "given_name": PASTED, "family_name": "\u0645\u06cc\u200c\u0631\u0636\u0627"}
    assert checks.faults("PARS", "ABIM", pasted, COMPLETION) == []
    assert member(pasted)["Name"] == {"GivenName": "Ada Maria", "FamilyName": for_registries(pasted["family_name"])}
    assert "\u200c" not in for_registries(pasted["family_name"])
    assert digest("ABIM", pasted) == digest("ABIM", {**pasted, "given_name": "ada maria"})

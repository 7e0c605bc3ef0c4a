"""One form for what people write in many: words that are searched, addresses, and numbers of registries."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts import addresses
from accounts.identifiers import check_identifier, normalised
from accounts.models import User
from accounts.spelling import folded
from tests.factories import ActivityFactory, UserFactory

pytestmark = pytest.mark.django_db
SPELLINGS = [
    ("Jürgen Müller", "Ju\u0308rgen  MU\u0308LLER"),
    ("O’Brien", "o'brien"),
    ("Ana\u00a0María", "ana maria"),
    ("Smith\u2011Jones", "smith-jones"),
    ("“Łukasz”", '"lukasz"'),
    ("Søren Strauß", "soren strauss"),
    ("\uff21\uff44\uff41", "ada"),
    ("Ko\u00adch", "koch"),
]


@pytest.mark.parametrize(("kept", "typed"), SPELLINGS)
def test_spellings_of_the_same_are_the_same(kept: str, typed: str) -> None:
    assert folded(kept) == folded(typed)


def test_marks_of_other_scripts_are_letters_of_theirs() -> None:
    assert folded("सीता") != folded("सत")


@pytest.mark.parametrize(
    ("name", "typed"),
    [("Müller", "muller"), ("Müller", "Mu\u0308l"), ("O’Brien", "o'brien"), ("Łukasz", "LUKASZ"), ("100%_x", "%_x")],
)
def test_search_finds_any_spelling_on_either_engine(name: str, typed: str) -> None:
    found, other = UserFactory(last_name=name), UserFactory(last_name="Xu")
    assert list(User.objects.filter(last_name__spelled=typed)) == [found]
    assert other not in User.objects.filter(last_name__spelled=typed)


def test_nothing_that_was_typed_is_a_wildcard() -> None:
    UserFactory(last_name="Xu")
    assert [User.objects.filter(last_name__spelled=sign).exists() for sign in ("%", "_", "\\")] == [False] * 3


def test_office_and_learners_find_what_is_written_otherwise(client: Client) -> None:
    UserFactory(last_name="Müller", email="m@example.org")
    ActivityFactory(title="Ménière’s disease")
    assert "Ménière" in client.get("/", {"q": "meniere's"}).content.decode()
    client.force_login(UserFactory(officer=True))
    assert "m@example.org" in client.get("/admin/accounts/user/", {"q": "MULLER"}).content.decode()


def test_mailbox_at_an_international_domain_is_one() -> None:
    for typed in (" Nia@Exämple.org", "nia@xn--exmple-cua.org"):
        assert addresses.normalized(typed) == "nia@xn--exmple-cua.org"
    assert addresses.normalized("no address") == "no address"
    assert addresses.normalized("a@" + "x" * 80 + ".org") == "a@" + "x" * 80 + ".org"
    assert UserFactory(email="nia@exämple.org").email == "nia@xn--exmple-cua.org"


@pytest.mark.parametrize("typed", ["\uff11\uff12\uff13\uff14\uff15\uff16", "١٢٣٤٥٦", "ABIM 123 456", "abim#123456"])
def test_registry_number_is_kept_in_ascii_digits(typed: str) -> None:
    number = normalised("ABIM", typed)
    assert number == "123456"
    check_identifier("ABIM", number)


@pytest.mark.parametrize(
    ("registry", "number", "words"),
    [
        ("NPI", "1234567890", "One of this NPI's digits is mistyped"),
        ("NPI", "123456789", "An NPI has 10 digits"),
        ("NABP", "123", "4 to 10 digits"),
        ("ABIM", "\uff11\uff12\uff13\uff14\uff15\uff16", "6 digits"),
    ],
)
def test_number_that_cannot_be_is_refused(registry: str, number: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        check_identifier(registry, number)


@pytest.mark.parametrize("npi", ["1234567893", "1245319599"])
def test_npi_with_its_check_digit_is_taken(npi: str) -> None:
    check_identifier("NPI", npi)


def test_member_number_is_the_same_in_any_case() -> None:
    assert UserFactory(member_number=" mabc ").member_number == "MABC"


def test_one_name_is_enough(client: Client) -> None:
    learner = UserFactory(newcomer=True)
    client.force_login(learner)
    client.post("/profile/", {"first_name": "", "last_name": "Suharto", "profession": "physician"})
    learner.refresh_from_db()
    assert (learner.has_claim_details, str(learner)) == (True, "Suharto")

"""The catalogue: found by words and filters, paged, at a constant cost."""

from datetime import date, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from activities.models import Activity, CreditDesignation
from tests.activities.making import person_with
from tests.factories import ActivityFactory, ProviderFactory, today

pytestmark = pytest.mark.django_db


def titles(client: Client, query: str) -> list[str]:
    """Return which of the three activities a query finds, in the order shown."""
    page = client.get(f"/?{query}").content.decode()
    found = [title for title in ("Metastasis", "Annual meeting", "Breast cancer") if f">{title}</a>" in page]
    return sorted(found, key=lambda title: page.index(f">{title}</a>"))


@pytest.fixture
def three() -> list[Activity]:
    """A meeting, a team's meeting of another provider, and free self-study that is over."""
    metastasis = ActivityFactory(title="Metastasis", summary="How cancers spread.", city="Portland")
    person_with(metastasis, "Chagpar")
    metastasis.objectives.create(position=1, text="Explain liquid biopsies.")
    joint = ProviderFactory(name="Oncologists", accreditation="joint")
    team = ActivityFactory(
        title="Annual meeting", provider=joint, city="Chicago", credit={"ama_pra": "1.00", "ancc": "1.00"}
    )
    breast = ActivityFactory(title="Breast cancer", self_study=True, over=True, free=True)
    return [metastasis, team, breast]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=spread", ["Metastasis"]),
        ("q=biopsies", ["Metastasis"]),
        ("q=chagpar", ["Metastasis"]),
        ("q=cancer+breast", ["Breast cancer"]),
        ("q=oncologists", ["Annual meeting"]),
        ("q=nowhere", []),
        ("format=enduring", ["Breast cancer"]),
        ("credit=ancc", ["Annual meeting"]),
        ("free=on", ["Breast cancer"]),
        ("q=cancer&free=on", ["Breast cancer"]),
        ("format=dance", ["Metastasis", "Annual meeting", "Breast cancer"]),
    ],
)
def test_words_and_filters(client: Client, three: list[Activity], query: str, found: list[str]) -> None:
    assert sorted(titles(client, query)) == sorted(found)


def test_provider_and_dates(client: Client, three: list[Activity]) -> None:
    assert titles(client, f"provider={three[1].provider_id}") == ["Annual meeting"]
    week = today() - timedelta(days=10)
    assert sorted(titles(client, f"since={week}")) == ["Annual meeting", "Metastasis"]
    assert titles(client, f"until={week}") == ["Breast cancer"]


def test_wrong_day_is_said_and_left_out(client: Client, three: list[Activity]) -> None:
    page = client.get("/?since=soon").content.decode()
    assert "Enter a day as 2026-06-01." in page
    assert ">Metastasis</a>" in page


def test_what_can_be_claimed_comes_first_and_what_is_near_is_pointed_out(client: Client) -> None:
    ActivityFactory(title="Annual meeting", over=True)
    ActivityFactory(title="Breast cancer", over=True, self_study=True)
    near = ActivityFactory(title="Metastasis")
    near.claim_until_day = near.ends_on + (near.ends_on - near.starts_on)
    near.save()
    page = client.get("/").content.decode()
    assert titles(client, "")[0] == "Metastasis"
    assert "Credit can no longer be claimed." in page
    assert "Expired " in page
    assert 'class="soon-words"' in page


def test_what_comes_next_follows_with_the_nearest_first(client: Client) -> None:
    far = {"starts_on": today() + timedelta(90), "ends_on": today() + timedelta(91)}
    ActivityFactory(title="Breast cancer", claim_until_day=today() + timedelta(99), **far)
    ActivityFactory(title="Annual meeting", to_come=True)
    ActivityFactory(title="Metastasis")
    assert titles(client, "") == ["Metastasis", "Annual meeting", "Breast cancer"]
    assert b"Still to come." in client.get("/").content


def test_drafts_and_archived_ones_are_not_listed(client: Client) -> None:
    ActivityFactory(draft=True, title="Metastasis")
    ActivityFactory(state="archived", title="Annual meeting")
    assert titles(client, "") == []


def test_empty_catalogue_says_so_and_an_empty_search_leads_out(client: Client) -> None:
    assert b"No activity is published yet" in client.get("/").content
    assert b"Show all activities" in client.get("/?q=x").content


def test_pages_keep_the_search(client: Client) -> None:
    ActivityFactory.create_batch(41)
    first = client.get("/?q=progress").content.decode()
    assert "41 activities found." in first
    assert "Page 1 of 3" in first
    assert 'href="?q=progress&amp;page=2"' in first
    assert "Page 2 of 3" in client.get("/?q=progress&page=2").content.decode()
    assert "Page 3 of 3" in client.get("/?page=99").content.decode()


@pytest.mark.parametrize("count", [1, 1000])
def test_costs_the_same_with_one_activity_and_with_a_thousand(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    provider = ProviderFactory()
    rows = ActivityFactory.build_batch(count, provider=provider, starts_on=date(2026, 1, 1))
    for row in rows:
        row.set_instants()
    made = Activity.objects.bulk_create(rows)
    credit = [CreditDesignation(activity=row, credit_type="ama_pra", maximum="1.00") for row in made]
    CreditDesignation.objects.bulk_create(credit)
    for query in ("", "?q=progress&credit=ama_pra"):
        with django_assert_num_queries(5):
            client.get(f"/{query}")

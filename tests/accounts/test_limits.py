"""The one limiter, on the cache that production has."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from accounts import limits

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    cache.clear()


def test_thirty_an_hour_are_thirty_even_with_pauses() -> None:
    """A limit that began anew after five quiet minutes would be no limit an hour."""
    begin = timezone.now()
    for minute in range(0, 58, 2):
        with time_machine.travel(begin + timedelta(minutes=minute), tick=False):
            assert limits.allow("ask_registry", key="1")
    with time_machine.travel(begin + timedelta(minutes=58), tick=False):
        assert [limits.allow("ask_registry", key="1") for _ in range(3)] == [True, False, False]
        assert limits.allow("ask_registry", key="2")
    with time_machine.travel(begin + timedelta(minutes=60, seconds=1), tick=False):
        assert limits.allow("ask_registry", key="1")


def test_several_rates_hold_together() -> None:
    begin = timezone.now()
    allowed = 0
    for minute in range(6):
        with time_machine.travel(begin + timedelta(minutes=minute, seconds=minute), tick=False):
            allowed += sum(limits.allow("mail_code", key="a@example.org") for _ in range(6))
    assert allowed == 20


@pytest.mark.usefixtures("committed")
def test_many_at_once_are_counted_together() -> None:
    def ask(_number: int) -> bool:
        try:
            return limits.allow("code_guess", key="one code")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(24))) <= 3


def test_limited_view_answers_with_429_in_words() -> None:
    @limits.limited("verify")
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse("page")

    factory = RequestFactory()
    answers = [view(factory.get("/", REMOTE_ADDR="192.0.2.1")) for _ in range(121)]
    assert {answer.status_code for answer in answers[:120]} == {200}
    assert answers[120].status_code == 429
    assert view(factory.get("/", REMOTE_ADDR="192.0.2.2")).status_code == 200

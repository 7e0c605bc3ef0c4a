"""The practice registry is strict: it follows the draft interface and says what is wrong."""

import copy
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.management import call_command
from pytest_django import Settings

from reporting.management.commands import registry_sandbox
from reporting.sandbox import rules
from reporting.sandbox.server import Registry, serve

CREDIT: dict[str, Any] = {
    "UniqueID": [{"value": "123456", "domain": "ABIM"}],
    "CreditReceived": {"activityCertification": "Medical Knowledge", "creditUnit": "Point", "numberOfCredits": 1.25},
    "CreditID": "ccid:society.example:1",
}
REPORT: dict[str, Any] = {
    "ReportingOrganization": "Society of Examples",
    "Member": {
        "Name": {"GivenName": "Ada", "FamilyName": "Okafor"},
        "PersonalInfo": {"BirthDate": "2000-02-29"},
    },
    "Activity": {
        "ProviderOrganization": "0000123",
        "Module": {
            "ModuleName": {"value": "Progress in Examples", "moduleID": "202200001"},
            "Status": "Completed",
            "CompletedDateTime": "2022-01-27T00:00:00",
            "CreditCertificate": [CREDIT],
        },
    },
    "XtensibleInfo": {"LearnerRecordAction": "add"},
}


def document(**changes: Any) -> dict[str, Any]:
    """Return a good document with values replaced: `Activity__Module__Status="Begun"`; None removes."""
    report = copy.deepcopy(REPORT)
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = report
        for name in parents:
            place = place[int(name)] if isinstance(place, list) else place[name]
        if value is None:
            del place[last]
        else:
            place[last] = value
    return {"ACCMELearnerReports": {"ActivityReports": {"ActivityReport": [report]}}}


@pytest.fixture
def api(registry: Registry, settings: Settings) -> Iterator[httpx.Client]:
    headers = {"ProviderId": "0000123", "User": "tester", "Password": "a password for tests"}
    with httpx.Client(base_url=settings.PARS["url"], headers=headers, trust_env=False) as client:
        yield client


def test_good_report_is_saved_and_its_standing_can_be_asked_both_ways(api: httpx.Client, registry: Registry) -> None:
    answer = api.post("/learner-activities", json=document())
    assert (answer.status_code, answer.json()) == (201, document())
    by_credit = api.get("/learner-activities/status", params={"CreditId": "ccid:society.example:1"})
    by_person = api.get(
        "/learner-activities/status",
        params={"moduleID": "202200001", "BirthDate": "02-29", "CompletionDate": "2022-01-27", "UniqueID": "123456"},
    )
    assert by_credit.json() == by_person.json()
    assert by_credit.json()[0]["BoardStatus"] == "Accepted"
    assert api.get("/learner-activities/123456").json() == by_credit.json()


def test_record_that_is_sent_again_changes_nothing_but_its_count(api: httpx.Client, registry: Registry) -> None:
    for _ in range(2):
        assert api.post("/learner-activities", json=document()).status_code == 201
    assert registry.saves == {"ccid:society.example:1": 2}
    assert len(registry.records) == 1


def test_deleted_record_is_gone(api: httpx.Client) -> None:
    api.post("/learner-activities", json=document())
    assert api.delete("/learner-activities/123456").status_code == 204
    assert api.delete("/learner-activities/123456").status_code == 404
    assert api.get("/learner-activities/status", params={"CreditId": "ccid:society.example:1"}).status_code == 404


def test_stranger_is_refused_everywhere(api: httpx.Client) -> None:
    api.headers["Password"] = "wrong"
    statuses = [
        api.post("/learner-activities", json=document()).status_code,
        api.get("/learner-activities/123456").status_code,
        api.delete("/learner-activities/123456").status_code,
    ]
    assert statuses == [401, 401, 401]


def test_unknown_resource_and_broken_json_are_refused(api: httpx.Client) -> None:
    assert api.post("/elsewhere", json=document()).status_code == 404
    assert api.post("/learner-activities", content=b"{").status_code == 400


CREDIT_PATH = "Activity__Module__CreditCertificate"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Member__Name__GivenName": " "}, "GivenName is empty."),
        ({"Member__Name": None}, "Name is missing."),
        ({"Member__PersonalInfo__BirthDate": "02-29"}, "BirthDate must be a date, YYYY-MM-DD."),
        ({"Activity__ProviderOrganization": "0000999"}, "ProviderOrganization is not the provider"),
        ({"XtensibleInfo__LearnerRecordAction": "update"}, "LearnerRecordAction must be add or delete."),
        ({"Activity__Module__Status": "Begun"}, "Status must be Completed."),
        ({"Activity__Module__ModuleName__moduleID": "1"}, "moduleID must have nine digits."),
        ({CREDIT_PATH: []}, "CreditCertificate must hold at least one credit."),
        ({f"{CREDIT_PATH}__0__UniqueID": []}, "UniqueID must list at least one number."),
        ({f"{CREDIT_PATH}__0__UniqueID__0__domain": "XYZ"}, "XYZ is not a board"),
        ({f"{CREDIT_PATH}__0__CreditReceived__activityCertification": "Sleep"}, "ABIM does not award Sleep."),
        ({f"{CREDIT_PATH}__0__CreditReceived__numberOfCredits": 0.1}, "increments of 0.25"),
        ({f"{CREDIT_PATH}__0__CreditReceived__creditUnit": "Hour"}, "creditUnit must be Point."),
        ({f"{CREDIT_PATH}__0__CreditID": "1"}, "CreditID must look like ccid:domain:number."),
    ],
)
def test_faulty_report_is_refused_in_words(changes: dict[str, Any], words: str) -> None:
    # The path may run through a list, whose positions are numbers.
    with pytest.raises(rules.Invalid, match=words.replace(".", r"\.")):
        rules.take(document(**changes), "0000123")


def test_document_without_reports_is_refused() -> None:
    with pytest.raises(rules.Invalid, match="at least one report"):
        rules.take({"ACCMELearnerReports": {"ActivityReports": {"ActivityReport": []}}}, "0000123")


def test_memory_survives_a_restart(tmp_path: Path) -> None:
    journal = tmp_path / "registry.jsonl"
    first = Registry("0000123", "u", "p", journal=journal)
    first.save(rules.take(document(), "0000123"))
    first.save(rules.take(document(Activity__Module__CreditCertificate=[CREDIT | {"CreditID": "ccid:a:2"}]), "0000123"))
    first.save([first.records["ccid:a:2"] | {"action": "delete"}])
    assert list(Registry("0000123", "u", "p", journal=journal).records) == ["ccid:society.example:1"]
    assert len([json.loads(line) for line in journal.read_text().splitlines()]) == 3


def test_command_serves_until_it_is_stopped(
    settings: Settings, unused_port: Callable[[], int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.PARS = {**settings.PARS, "url": f"http://127.0.0.1:{unused_port()}"}
    settings.VAR_DIR = tmp_path
    served = []

    def serve_and_remember(registry: Registry, port: int, host: str) -> Any:
        server = serve(registry, port, host)
        served.append(server)
        monkeypatch.setattr(server, "serve_forever", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
        return server

    monkeypatch.setattr(registry_sandbox, "serve", serve_and_remember)
    thread = threading.Thread(target=call_command, args=["registry_sandbox"])
    thread.start()
    thread.join(timeout=10)
    assert len(served) == 1
    assert not thread.is_alive()

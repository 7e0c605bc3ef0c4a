"""The practice registry is strict: it follows the draft interface and says what is wrong."""

import copy
import json
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.management import call_command
from pytest_django import Settings

from reporting.management.commands import registry_sandbox
from reporting.sandbox import cpe, rules
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


MATCH = {"LearnerMatch": {"Member": REPORT["Member"], "UniqueID": [{"value": "123456", "domain": "ABIM"}]}}


@pytest.mark.parametrize(
    ("number", "status", "words"),
    [
        ("123456", 200, "True"),
        ("123458", 200, "do not match"),
        ("123459", 404, "was not found"),
        ("123457", 404, "was not found"),
    ],
)
def test_match_tells_who_is_known(api: httpx.Client, number: str, status: int, words: str) -> None:
    question = copy.deepcopy(MATCH)
    question["LearnerMatch"]["UniqueID"][0]["value"] = number
    answer = api.post("/learner-activities/match", json=question)
    assert (answer.status_code, words in str(answer.json())) == (status, True)
    again = api.post("/learner-activities/match", json=question)
    assert again.status_code == (200 if number == "123457" else status)


def test_match_needs_a_known_board(api: httpx.Client) -> None:
    question = copy.deepcopy(MATCH)
    question["LearnerMatch"]["UniqueID"][0]["domain"] = "XYZ"
    assert api.post("/learner-activities/match", json=question).status_code == 400


def activity(**changes: Any) -> dict[str, Any]:
    """Return an activity's document; `changes` replace parts of its own elements."""
    more = {
        "MOCRegistrations": {
            "MOCRegistration": [{"boardName": "ABIM", "mocPoints": 5, "MOCCreditType": ["Medical Knowledge"]}]
        },
        "closeActivityRecord": False,
    } | changes
    general = {
        "identifier": [
            {"catalog": "Provider Activity ID", "entry": more.pop("own_id", "meeting")},
            {"catalog": "ACCME Activity ID", "entry": "202200001"},
        ],
        "title": "Progress in Examples",
        "description": more.pop("description", ""),
    }
    education = {
        "activityFormat": "Live Course",
        "startDateTime": "2022-01-24T00:00:00",
        "endDateTime": more.pop("ends", "2022-01-27T00:00:00"),
    }
    metrics = {
        "Lom": {"general": general},
        "healthcareMetadata": {"healthcareEducation": education},
        "XtensibleInfo": more,
    }
    return {"ACCMEActivities": {"MedicalEducationMetrics": [metrics]}}


def test_activity_keeps_its_number_and_is_changed_until_it_is_closed(api: httpx.Client, registry: Registry) -> None:
    for _ in range(2):
        answer = api.post("/activities", json=activity())
        assert (answer.status_code, answer.json()["Activity"]["ACCMEActivityID"]) == (201, "202200001")
    assert api.post("/activities", json=activity(closeActivityRecord=True)).status_code == 201
    assert api.post("/activities", json=activity()).status_code == 400
    assert len(registry.activities) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"own_id": ""}, "Provider Activity ID is missing."),
        ({"description": "x" * 2501}, "more than 2500 characters"),
        ({"MOCRegistrations": {"MOCRegistration": [{"boardName": "ABIM", "MOCCreditType": ["Sleep"]}]}}, "Sleep"),
    ],
)
def test_faulty_activity_is_refused(api: httpx.Client, changes: dict[str, Any], words: str) -> None:
    answer = api.post("/activities", json=activity(**changes))
    assert (answer.status_code, words in answer.json()["message"]) == (400, True)


def test_report_that_fits_its_activity_is_taken(api: httpx.Client, registry: Registry) -> None:
    api.post("/activities", json=activity())
    assert api.post("/learner-activities", json=document()).status_code == 201
    assert len(registry.records) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"closeActivityRecord": True}, "is closed"),
        ({"MOCRegistrations": {}}, "is not registered with ABIM"),
        ({"ends": "2022-01-26T00:00:00"}, "outside activity"),
    ],
)
def test_report_must_fit_the_activity(api: httpx.Client, changes: dict[str, Any], words: str) -> None:
    api.post("/activities", json=activity(**changes))
    answer = api.post("/learner-activities", json=document())
    assert (answer.status_code, words in answer.json()["message"]) == (400, True)


def test_requests_above_the_limit_are_turned_away(api: httpx.Client, registry: Registry) -> None:
    registry.per_second = 2
    statuses = [api.get("/learner-activities/1").status_code for _ in range(5)]
    assert statuses[0] == 404
    assert statuses.count(429) >= 2


UAN = "0000-0000-26-001-L01-P"
TODAY = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["1234567", "0229", UAN, "06/01/2026"], ""),
        (["123456", "0229", UAN], "The row has another number of cells."),
        (["1234569", "0229", UAN, "06/01/2026"], "e-Profile ID not found."),
        (["1234568", "0229", UAN, "06/01/2026"], "Date of birth does not match the e-Profile ID."),
        (["1234567", "1329", UAN, "06/01/2026"], "Date of birth does not match the e-Profile ID."),
        (["1234567", "0229", "x", "06/01/2026"], "UAN not found."),
        (["1234567", "0229", UAN, "2026-06-01"], "Participation date is not MM/DD/YYYY."),
        (["1234567", "0229", UAN, "04/30/2026"], "Participation date is in the future or more than 60 days ago."),
        (["1234567", "0229", UAN, "07/01/2026"], "Participation date is in the future or more than 60 days ago."),
    ],
)
def test_cpe_monitor_judges_each_row(row: list[str], reason: str) -> None:
    content = "\n".join([",".join(cpe.HEADERS), ",".join(row)]).encode()
    last = cpe.judge(content, set(), TODAY).decode().splitlines()[1]
    assert last.endswith(f",{reason}")
    assert ("Accepted" in last) is (not reason)


def test_cpe_monitor_records_a_credit_once_and_takes_its_own_file_only() -> None:
    content = "\n".join([",".join(cpe.HEADERS), f"1234567,0229,{UAN},06/01/2026"]).encode()
    known: set[tuple[str, ...]] = set()
    assert b"Accepted" in cpe.judge(content, known, TODAY)
    assert b"Credit was recorded before." in cpe.judge(content, known, TODAY)
    for wrong in (b"", b"a,b", b"\xff\xfe"):
        with pytest.raises(rules.Invalid):
            cpe.judge(wrong, known, TODAY)


def test_control_page_sets_manners_and_judges_files(api: httpx.Client, registry: Registry) -> None:
    api.post("/learner-activities", json=document())
    assert "ccid:society.example:1" in api.get("/").text
    page = api.post("/", data={"latency": "0.01", "per_second": "50", "decide_after": "3", "closed": "2"}).text
    assert "It is set." in page
    assert (registry.latency, registry.per_second, registry.decide_after) == (0.01, 50, 3)
    assert registry.faults.left["closed"] == 2
    assert api.post("/", data={"latency": "much"}).status_code == 200
    assert registry.latency == 0.01
    content = ",".join(cpe.HEADERS).encode()
    assert "The file is judged." in api.post("/cpe", files={"file": ("cpe.csv", content)}).text
    assert "The first row must be" in api.post("/cpe", files={"file": ("cpe.csv", b"x")}).text
    refused = api.post("/cpe", content=b"nothing")
    assert (refused.status_code, "Choose a file." in refused.text) == (400, True)
    with pytest.raises(KeyError):
        registry.faults.set("unheard-of", 1)


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


def test_address_that_does_not_exist_takes_no_fault(registry: Registry, settings: Settings) -> None:
    registry.faults.set("redirect", 1)
    assert httpx.get(f"{settings.PARS['url']}/favicon.ico", trust_env=False).status_code == 404
    assert registry.faults.left == {"redirect": 1}

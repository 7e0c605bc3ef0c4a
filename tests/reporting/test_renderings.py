"""JSON and XML are two renderings of the same documents; answers in either are read with care."""

import json

import httpx
import pytest
from defusedxml.ElementTree import fromstring
from pytest_django import Settings

from outbox.models import Message
from reporting.pars import client, documents, rendering
from reporting.sandbox.server import Registry
from tests.reporting.making import CREDIT_ID, Make, run

pytestmark = pytest.mark.django_db
PLAIN = httpx.Response(200)
XML = rendering.RENDERINGS["xml"]
JSON = rendering.RENDERINGS["json"]


def test_both_renderings_say_the_same(ready: Make) -> None:
    document = documents.report(ready())
    assert json.loads(JSON.write(document)) == document
    read = XML.read(XML.write(document))
    (row,) = read["ACCMELearnerReports"]["ActivityReports"]["ActivityReport"]
    assert row["Member"]["PersonalInfo"]["BirthDate"] == "2000-02-29"
    module = row["Activity"]["Module"]
    assert module["ModuleName"] == {"value": "Progress in Examples", "moduleID": "202200001"}
    (credit,) = module["CreditCertificate"]
    assert credit["UniqueID"] == [{"value": "123456", "domain": "ABIM"}]
    assert credit["CreditReceived"]["numberOfCredits"] == "12.25"
    assert credit["CreditID"] == CREDIT_ID


@pytest.mark.parametrize("made", [XML, JSON], ids=["xml", "json"])
def test_characters_that_no_document_may_hold_never_leave(made: rendering.Rendering) -> None:
    document = {"A": {"Title": [{"value": "Heart\x0bFailure\ufffe", "id": "1"}]}}
    written = made.write(document)
    assert "HeartFailure" in written.decode()
    assert "HeartFailure" in json.dumps(made.read(written))


def test_xml_has_the_namespaces_of_the_activity_report_profile(ready: Make) -> None:
    root = fromstring(XML.write(documents.report(ready())))
    tags = {element.tag for element in root.iter()}
    assert "{http://ns.medbiq.org/member/v1/}Member" in tags
    assert "{http://ns.medbiq.org/name/v1/}GivenName" in tags
    assert "{http://ns.medbiq.org/activityreport/v1/}ActivityReport" in tags
    assert "{http://ns.medbiq.org/lom/extend/v1/}LearnerRecordAction" in tags


@pytest.mark.parametrize("fault", ["", "dropped", "malformed", "entities", "duplicate", "closed"])
def test_whole_life_in_xml(ready: Make, registry: Registry, settings: Settings, fault: str) -> None:
    settings.PARS = {**settings.PARS, "format": "xml"}
    if fault:
        registry.faults.set(fault, 1)
    submission = run(ready(), times=5)
    assert submission.state == "accepted"
    assert registry.registered == {CREDIT_ID: 1}
    assert Message.objects.count() == 1


def test_refusal_in_xml_gives_the_registrys_words(ready: Make, registry: Registry, settings: Settings) -> None:
    settings.PARS = {**settings.PARS, "format": "xml"}
    assert run(ready(credit_type="Sleep")).reason == "ABIM does not award Sleep."


@pytest.mark.parametrize(
    "content",
    [
        b"<a",
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        "not XML".encode("utf-16"),
    ],
)
def test_xml_that_may_not_be_read_is_refused(content: bytes) -> None:
    with pytest.raises(rendering.Unreadable):
        XML.read(content)


def test_bottomless_documents_are_refused() -> None:
    with pytest.raises(rendering.Unreadable):
        JSON.read(b"[" * 100_000)
    with pytest.raises(rendering.Unreadable):
        XML.read(b"<a>" * 5_000 + b"</a>" * 5_000)


def test_empty_answers_are_empty() -> None:
    assert (XML.read(b""), JSON.read(b"")) == ({}, {})
    assert XML.write({"A": {"B": True}}).endswith(b"true</ns0:B></ns0:A>")


def test_password_that_an_answer_repeats_is_blanked_however_it_is_written(settings: Settings) -> None:
    settings.PARS = {**settings.PARS, "password": 'p"w&x'}
    assert client._read(rendering.Json(), PLAIN, json.dumps({"echo": ['p"w&x', 1]}).encode()) == {"echo": ["•••", 1]}
    assert client._read(rendering.Xml(), PLAIN, b'<a><b>p"w&amp;x</b></a>') == {"a": {"b": "•••"}}
    for written in (b'<html>p"w&amp;x', b"<html>p&quot;w&amp;x", b'{"p\\"w&x'):
        unreadable = client._read(rendering.Json(), PLAIN, written)["unreadable"]
        assert "w&" not in unreadable, written


def test_element_that_stands_twice_is_not_understood() -> None:
    with pytest.raises(rendering.Unreadable):
        XML.read(b"<Report><Title>A</Title><Title>B</Title></Report>")

"""What nobody types: control characters, numbers beyond every column, files of another kind."""

import io
import zipfile
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from activities.models import Activity
from cme_portal.middleware import CONTROLS
from jobs import runner
from surveys.models import Answer
from tests.factories import UserFactory
from tests.frame.test_routes import LEARNER, OWN, OWNER, PUBLIC
from tests.office_forms import form_of
from tests.surveys.conftest import WRITTEN, Fill, address, evaluation, submit

pytestmark = pytest.mark.django_db

LISTS = [f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry]
ODD = "a\x00b\x0bc\x1fd"
PLAIN = "ab cd"
FAR = "9" * 30


@pytest.fixture
def office(client: Client) -> Client:
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def test_address_with_a_control_character_is_no_page(signed_in: Client) -> None:
    for route in (PUBLIC | OWN | OWNER | LEARNER) - {""}:
        odd = route.replace("<survey:kind>", "request").replace("<int:", "<str:")
        while "<" in odd:
            odd = odd[: odd.index("<")] + "%00" + odd[odd.index(">") + 1 :]
        if odd != route:
            assert signed_in.get(f"/{odd}").status_code == 404, route
    for wrong in ("/credits/late/%00/", "/credits/late/%0b/", "/disclosure/%00/", "/certificates/list/%00/"):
        assert signed_in.get(wrong).status_code == 404


def test_control_characters_in_a_search_are_dropped(signed_in: Client) -> None:
    assert signed_in.get("/", {"q": ODD, "page": "\x00"}).status_code == 200
    assert signed_in.get("/credits/", {"q": ODD, "from": "\x00", "page": "\x0b"}).status_code < 500
    assert signed_in.get("/verify/", {"code": ODD}).status_code == 404


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "asked",
    [
        {"q": "\x00"}, {"q": ODD}, {"id": FAR}, {"pk__in": f"{FAR},1"}, {"id__exact": "\x00"}, {"p": FAR}, {"o": FAR},
        {"all": "\x00"}, {"_facets": "\x00"},
    ],
    ids=str,
)  # fmt: skip
def test_lists_of_the_office_answer_whatever_is_asked(office: Client, name: str, asked: dict[str, str]) -> None:
    assert office.get(reverse(f"admin:{name}_changelist"), asked).status_code in {200, 302, 403}


@pytest.mark.parametrize("name", LISTS)
def test_filters_of_the_office_answer_whatever_is_asked(office: Client, name: str) -> None:
    app, model = name.split("_", 1)
    shown = next(kept for kept in admin.site._registry if kept._meta.label_lower == f"{app}.{model}")
    page = reverse(f"admin:{name}_changelist")
    for field in shown._meta.concrete_fields:
        for lookup in ("exact", "year", "contains"):
            for value in (FAR, "x"):
                with transaction.atomic():
                    answer = office.get(page, {f"{field.name}__{lookup}": value})
                    transaction.set_rollback(True)  # what PostgreSQL refuses ends the transaction around it
                assert answer.status_code in {200, 302, 400, 403}, f"{field.name}__{lookup}={value!r}"


@pytest.mark.parametrize("term", ["\x00", ODD, FAR])
def test_choices_are_searched_whatever_is_asked(office: Client, term: str) -> None:
    asked = {"app_label": "activities", "model_name": "activity", "field_name": "provider", "term": term}
    assert office.get("/admin/autocomplete/", asked).status_code < 500
    assert office.get("/admin/accounts/user/\x00/change/").status_code in {302, 404}
    assert office.get(f"/admin/accounts/user/{FAR}/change/").status_code in {302, 404}


def test_shortcut_that_names_what_staff_may_not_see_is_closed(client: Client, activity: Activity) -> None:
    client.force_login(UserFactory(is_staff=True))
    kind = ContentType.objects.get_for_model(Activity)
    assert client.get(f"/admin/r/{kind.pk}/{activity.pk}/").status_code == 404


def test_text_with_control_characters_is_kept_without_them(signed_in: Client, learner: User) -> None:
    entered = {"first_name": "Ada", "last_name": "Okafor", "profession": "physician", "degrees": ODD, "country": ODD}
    assert signed_in.post("/profile/", entered).status_code == 302
    learner.refresh_from_db()
    assert (learner.degrees, learner.country) == (PLAIN, PLAIN)


def test_answers_with_control_characters_are_kept_without_them(
    signed_in: Client, activity: Activity, fill: Fill
) -> None:
    fill()
    written = {name: ODD if value == WRITTEN["text"] else value for name, value in evaluation(activity).items()}
    signed_in.post(address(activity, "questions"), written)
    assert submit(signed_in, activity).status_code == 302
    kept = set(Answer.objects.values_list("text", flat=True))
    assert PLAIN in kept
    assert not any(CONTROLS.search(text) for text in kept)


TYPED = ("title", "summary", "first_name", "name", "slug", "starts_on", "claim_until_hour", "email")


@pytest.mark.parametrize("value", ["\x00", ODD], ids=["nul", "controls"])
def test_forms_of_the_office_answer_whatever_is_entered(office: Client, activity: Activity, value: str) -> None:
    for page in (
        f"/admin/activities/activity/{activity.pk}/change/",
        "/admin/activities/provider/add/",
        "/admin/accounts/user/add/",
        "/admin/credits/certificatedesign/add/",
    ):
        data: dict[str, Any] = form_of(office, page)
        data |= {name: value for name, typed in data.items() if typed == "" or name in TYPED}
        assert office.post(page, data).status_code in {200, 302, 422}, page


def word_file() -> SimpleUploadedFile:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document/>")
    return SimpleUploadedFile("minutes.docx", packed.getvalue())


@pytest.mark.parametrize(
    ("page", "others"),
    [
        ("/admin/activities/activity/{}/sessions/", {}),
        ("/admin/credits/attendanceimport/add/", {"kind": "attendance"}),
        ("/admin/office/reconciliation/add/", {"kind": "results"}),
    ],
    ids=["sessions", "list", "results"],
)
def test_word_file_is_no_table(office: Client, activity: Activity, page: str, others: dict[str, str]) -> None:
    answer = office.post(page.format(activity.pk), {**others, "file": word_file()}, follow=True)
    assert answer.status_code in {200, 422}
    runner.drain("office")
    later = office.get(answer.request["PATH_INFO"])
    assert "cannot be read as an Excel workbook" in answer.content.decode() + later.content.decode()


def test_deeply_nested_document_is_refused_by_its_line(office: Client) -> None:
    deep = SimpleUploadedFile("activity.yaml", b"x: " + b"[" * 10_000)
    answer = office.post("/admin/activities/activity/read/", {"file": deep})
    assert "line 1: The document is nested too deeply." in answer.content.decode()

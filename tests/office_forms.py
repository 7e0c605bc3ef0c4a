"""The forms of the office, posted as a browser would."""

from typing import Any

from bs4 import BeautifulSoup
from django.test import Client


def form_of(client: Client, address: str) -> dict[str, Any]:
    """Return what a browser would post from a form as it stands."""
    page = BeautifulSoup(client.get(address).content, "html.parser")
    form = page.find("form", id=lambda name: name and name.endswith("_form"))
    assert form is not None
    data: dict[str, Any] = {}
    for field in form.find_all(["input", "textarea", "select"]):
        name, kind = field.get("name"), field.get("type")
        if not name or kind in {"file", "submit"} or "__prefix__" in name:
            continue
        if kind in {"checkbox", "radio"}:
            if field.has_attr("checked"):
                data.setdefault(name, []).append(field.get("value", "on"))
        elif field.name == "select":
            data[name] = [option["value"] for option in field.find_all("option", selected=True)]
        else:
            data[name] = (field.text.removeprefix("\n")) if field.name == "textarea" else field.get("value", "")
    return data

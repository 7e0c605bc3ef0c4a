"""Writes and reads PARS documents as JSON or as XML, behind one interface; the rest of the package sees dicts.

In XML an object with a `value` is an element whose text is that value and whose other entries are attributes, as in
MedBiquitous' schemas; namespaces are those of the activity report profile. Answers are read by local names. An answer
with a document type or entities is refused.
"""

import json
from collections.abc import Mapping
from typing import Any, Protocol
from xml.etree import ElementTree as ET

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.conf import settings

from accounts.spelling import NOT_IN_XML

REPORT = "http://ns.medbiq.org/activityreport/v1/"
MEMBER = "http://ns.medbiq.org/member/v1/"
NAME = "http://ns.medbiq.org/name/v1/"
EXTENDED = "http://ns.medbiq.org/lom/extend/v1/"
NAMESPACES = {"Member": MEMBER, "Name": NAME, "XtensibleInfo": EXTENDED}  # an element's children share its namespace
LISTS = {"ActivityReport", "CreditCertificate", "UniqueID", "MedicalEducationMetrics", "LearnerStatus"}


class Unreadable(ValueError):
    """The bytes are not a document of this kind."""


class Rendering(Protocol):
    """One way to write documents."""

    content_type: str

    def write(self, document: Mapping[str, Any]) -> bytes:
        """Return the document as bytes."""

    def read(self, content: bytes) -> Any:
        """Return what was answered; raises Unreadable."""


class Json:
    """The draft's own form."""

    content_type = "application/json"

    def write(self, document: Mapping[str, Any]) -> bytes:
        return json.dumps(_sendable(document), ensure_ascii=False).encode()

    def read(self, content: bytes) -> Any:
        try:
            return json.loads(content, object_pairs_hook=_once) if content else {}
        except (ValueError, RecursionError) as error:
            raise Unreadable("no JSON") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; raises ValueError when it names the same thing twice: nobody could say which of them counts."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


class Xml:
    """The form of the REST services that ACCME has had for years."""

    content_type = "application/xml; charset=utf-8"

    def write(self, document: Mapping[str, Any]) -> bytes:
        ((name, content),) = _sendable(document).items()
        (root,) = _elements(name, content, REPORT)
        written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
        return written

    def read(self, content: bytes) -> Any:
        if not content:
            return {}
        try:
            root = fromstring(content, forbid_dtd=True)
            return {_local(root.tag): _content(root)}
        except (ET.ParseError, DefusedXmlException, ValueError, RecursionError) as error:
            raise Unreadable("no XML that may be read") from error


RENDERINGS: dict[str, Rendering] = {"json": Json(), "xml": Xml()}


def current() -> Rendering:
    """Return the rendering that settings.PARS names."""
    return RENDERINGS[settings.PARS["format"]]


def _sendable(content: Any) -> Any:
    """Return the same without what no XML may hold; nobody knows what the registry makes of it in JSON."""
    if isinstance(content, str):
        return NOT_IN_XML.sub("", content)
    if isinstance(content, Mapping):
        return {name: _sendable(part) for name, part in content.items()}
    return [_sendable(part) for part in content] if isinstance(content, list) else content


def _elements(name: str, content: Any, namespace: str) -> list[ET.Element]:
    if isinstance(content, list):
        return [element for row in content for element in _elements(name, row, namespace)]
    namespace = NAMESPACES.get(name, namespace)
    element = ET.Element(f"{{{namespace}}}{name}")
    if not isinstance(content, Mapping):
        element.text = str(content).lower() if isinstance(content, bool) else str(content)
    elif "value" in content:
        element.text = str(content["value"])
        element.attrib.update({key: str(value) for key, value in content.items() if key != "value"})
    else:
        element.extend(child for key, value in content.items() for child in _elements(key, value, namespace))
    return [element]


def _content(element: ET.Element) -> Any:
    """Return text, or a dict; what may come more than once is a list."""
    if element.attrib:
        return {"value": element.text or "", **element.attrib}
    if not len(element):
        return element.text or ""
    found: dict[str, Any] = {}
    for child in element:
        name = _local(child.tag)
        if name in LISTS:
            found.setdefault(name, []).append(_content(child))
        elif name in found:
            raise ValueError("an element stands twice")
        else:
            found[name] = _content(child)
    return found


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]

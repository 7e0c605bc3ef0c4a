"""Reads and writes the sandbox's XML; it shares nothing with the client's."""

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from defusedxml.ElementTree import fromstring

REPEATED = ("ActivityReport", "CreditCertificate", "UniqueID", "MedicalEducationMetrics", "MOCRegistration")
NUMBERS = ("numberOfCredits", "mocPoints")


def read(content: bytes) -> Any:
    """Return the document as the JSON form would have it; raises ParseError or DefusedXmlException."""
    root = fromstring(content, forbid_dtd=True)
    return {_name(root.tag): _value(root)}


def _value(element: Any) -> Any:
    text = element.text or ""
    if element.attrib:
        return {"value": text, **element.attrib}
    if not len(element):
        return float(text) if _name(element.tag) in NUMBERS else text
    found: dict[str, Any] = {}
    for child in element:
        name = _name(child.tag)
        if name in REPEATED:
            found.setdefault(name, []).append(_value(child))
        else:
            found[name] = _value(child)
    return found


def write(document: dict[str, Any]) -> bytes:
    """Return a document as XML without namespaces."""
    lines = "".join(_written(name, value) for name, value in document.items())
    return f'<?xml version="1.0" encoding="utf-8"?>{lines}'.encode()


def _written(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_written(name, row) for row in value)
    if not isinstance(value, dict):
        return f"<{name}>{escape(str(value))}</{name}>"
    if "value" in value:
        attributes = "".join(f" {key}={quoteattr(str(said))}" for key, said in value.items() if key != "value")
        return f"<{name}{attributes}>{escape(str(value['value']))}</{name}>"
    return f"<{name}>{''.join(_written(key, said) for key, said in value.items())}</{name}>"


def _name(tag: str) -> str:
    return tag.rpartition("}")[2]

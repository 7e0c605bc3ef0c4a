"""The sandbox's HTTP server: answers the operations of the draft API, in JSON and XML, and misbehaves when told to."""

import gzip
import json
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException

from reporting.sandbox import control, markup, rules
from reporting.sandbox.faults import OF_SAVE
from reporting.sandbox.registry import Registry

__all__ = ["Registry", "serve"]
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><ACCMELearnerReports>&b;</ACCMELearnerReports>'
BEFORE_IT_IS_TAKEN = (
    "closed", "broken", "busy", "busy_date", "dropped_early", "redirect", "revoked", "gateway", "gateway_alike",
)  # fmt: skip
NO_SUCH_RECORD = "No such record."
DRIPS = 60


class Handler(BaseHTTPRequestHandler):
    """One request. `registry` is set on the subclass that `serve` makes."""

    registry: ClassVar[Registry]
    protocol_version = "HTTP/1.1"
    fault = ""

    def do_POST(self) -> None:
        """Save learner activity reports or an activity, or match an identity; the control page's forms as well."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = urlsplit(self.path).path
        if path in ("/", "/cpe"):
            return self._page(*control.post(self.registry, path, body))
        operation = {"/learner-activities": "save", "/learner-activities/match": "match", "/activities": "activity"}
        if not self._admitted(operation.get(path, "elsewhere")):
            return None
        try:
            return self._operate(path, self._read(body))
        except (ValueError, ParseError, DefusedXmlException, rules.Invalid) as fault:
            return self._answer(400, _fault(400, str(fault)))

    def _operate(self, path: str, document: Any) -> None:
        if path == "/learner-activities":
            return self._take(document)
        if path == "/learner-activities/match":
            matches, reason = rules.match(document, self.registry.met)
            if matches is None:
                return self._answer(404, _fault(404, reason))
            return self._answer(200, {"LearnerMatch": {"Match": matches, "Reason": reason}})
        if path == "/activities":
            saved = self.registry.save_activity(rules.take_activity(document))
            return self._answer(201, {"Activity": {"ACCMEActivityID": saved["number"], "Closed": saved["closed"]}})
        return self._answer(404, _fault(404, "There is no such resource."))

    def _take(self, document: Any) -> None:
        records = rules.take(document, self.registry.provider)
        fault = self.fault
        if fault in OF_SAVE:
            self.fault = ""
        if fault == "late":
            self.registry.take_late(records)
            return self._answer(504, {"message": "upstream request timeout"})
        self.registry.save(records)
        if fault == "exists" and records[0]["action"] == "add":
            return self._answer(400, _fault(400, f"CreditID {records[0]['CreditID']} exists already."))
        return self._answer(201, document)

    def do_GET(self) -> None:
        """Answer a status query, or all records of one learner; or show the control page."""
        parts = urlsplit(self.path)
        if parts.path == "/":
            return self._page(200, control.page(self.registry))
        if not parts.path.startswith("/learner-activities/"):
            return self._answer(404, _fault(404, "There is no such resource."))
        if not self._admitted("status"):
            return None
        if parts.path == "/learner-activities/status":
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            found = self.registry.find(query)
        else:
            found = self.registry.of_learner(parts.path.removeprefix("/learner-activities/"))
        if not found or self.fault == "hidden":
            self.fault = ""
            return self._answer(404, _fault(404, NO_SUCH_RECORD))
        rows = [self.registry.standing(record) for record in found]
        if self.fault == "disagree":
            self.fault = ""
            rows += [row | {"BoardStatus": "Rejected", "Reason": "Not found."} for row in rows]
        return self._answer(200, rows)

    def do_DELETE(self) -> None:
        """Delete the records of one learner."""
        if not self._admitted("delete"):
            return None
        found = self.registry.of_learner(urlsplit(self.path).path.removeprefix("/learner-activities/"))
        if not found:
            return self._answer(404, _fault(404, NO_SUCH_RECORD))
        self.registry.save([record | {"action": "delete"} for record in found])
        return self._answer(204, None)

    def _read(self, body: bytes) -> Any:
        return markup.read(body) if self._speaks_xml else json.loads(body)

    @property
    def _speaks_xml(self) -> bool:
        return "xml" in (self.headers.get("Content-Type") or self.headers.get("Accept") or "")

    def _admitted(self, operation: str) -> bool:
        """Whether the request is let in; what keeps it out is answered."""
        registry = self.registry
        if not registry.admits():
            return self._refused(429, "Too many requests.", {"Retry-After": "1"})
        registry.count(operation)
        time.sleep(registry.latency)
        registry.take_what_was_late()
        self.fault = registry.next_fault(operation)
        given = (self.headers.get("ProviderId"), self.headers.get("User"), self.headers.get("Password"))
        if self.fault in BEFORE_IT_IS_TAKEN:
            return self._kept_out()
        if given != (registry.provider, registry.user, registry.password):
            return self._refused(401, "Provider ID, user or password is wrong.")
        return True

    def _kept_out(self) -> bool:
        if self.fault == "dropped_early":
            self.close_connection = True
            return False
        if self.fault == "gateway":
            self.fault = ""
            self._answer(404, {"message": "no Route matched with those values"})
            return False
        soon = formatdate(time.time() + 2, usegmt=True)
        status, words, headers = {
            "closed": (503, "Down for maintenance.", {}),
            "broken": (500, "Something went wrong.", {}),
            "gateway_alike": (404, "Resource not found.", {}),
            "busy": (429, "Too many requests.", {"Retry-After": "1"}),
            "busy_date": (429, "Too many requests.", {"Retry-After": soon}),
            "redirect": (302, "Moved.", {"Location": "http://127.0.0.1:1/"}),
            "revoked": (401, "Provider ID, user or password is wrong.", {}),
        }[self.fault]
        self.fault = ""
        return self._refused(status, words, headers)

    def _refused(self, status: int, words: str, headers: dict[str, str] | None = None) -> bool:
        self._answer(status, _fault(status, words), headers or {})
        return False

    def _answer(self, status: int, document: Any, headers: dict[str, str] | None = None) -> None:
        fault, self.fault = self.fault, ""
        if fault == "dropped":
            self.close_connection = True
            return
        content = self._written(document)
        if fault:
            status, content = _distorted(fault, status, content)
        if fault == "packed":
            headers = {"Content-Encoding": "gzip, gzip"}
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/xml" if self._speaks_xml else "application/json")
        self.send_header("Content-Length", str(len(content) + (DRIPS if fault == "drip" else 0)))
        self.end_headers()
        self._send(content, drips=fault == "drip")

    def _written(self, document: Any) -> bytes:
        if document is None:
            return b""
        if not self._speaks_xml:
            return json.dumps(document).encode()
        if isinstance(document, list):
            return markup.write({"LearnerStatuses": {"LearnerStatus": document}})
        return markup.write({"Fault": document} if "code" in document else document)

    def _send(self, content: bytes, *, drips: bool) -> None:
        try:
            self.wfile.write(content)
            for _ in range(DRIPS if drips else 0):
                time.sleep(1)
                self.wfile.write(b" ")
        except OSError:
            self.close_connection = True  # the other side has had enough

    def _page(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: object) -> None:
        """Say nothing: queries hold personal data."""


def _distorted(fault: str, status: int, content: bytes) -> tuple[int, bytes]:
    """Return what a misbehaving registry answers although it has done what it was asked."""
    if fault == "malformed":
        return status, b"<html>Thank you!</html"
    if fault == "packed":
        return status, gzip.compress(gzip.compress(content + b" " * 1_000_000))
    if fault == "huge":
        return status, b" " * 2_000_000
    if fault == "entities":
        return status, ENTITIES
    if fault == "duplicate":
        return status, content + content
    return status, content


def serve(registry: Registry, port: int = 0, host: str = "127.0.0.1") -> ThreadingHTTPServer:
    """Return a server that is bound but not running yet; port 0 takes any free one."""
    handler = type("BoundHandler", (Handler,), {"registry": registry})
    return ThreadingHTTPServer((host, port), handler)


def _fault(code: int, message: str) -> dict[str, Any]:
    return {"code": code, "message": message}

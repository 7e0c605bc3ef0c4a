"""The sandbox's HTTP server: keeps records in a journal file and answers the four operations of the draft API."""

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from reporting.sandbox import rules


@dataclass
class Registry:
    """The registry's memory and manners.

    `saves` counts how often each CreditID was sent, so that tests can prove that nothing was registered twice.
    `drop_answers` takes that many records without answering, `refuse_service` answers that many requests with 503.
    """

    provider: str
    user: str
    password: str
    decide_after: float = 0.0
    journal: Path | None = None
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    saves: dict[str, int] = field(default_factory=dict)
    drop_answers: int = 0
    refuse_service: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        if self.journal and self.journal.exists():
            for line in self.journal.read_text().splitlines():
                self._apply(json.loads(line))

    def save(self, records: list[dict[str, Any]]) -> None:
        """Take records; sending one again changes nothing but its count."""
        with self.lock:
            for record in records:
                credit_id = record["CreditID"]
                self.saves[credit_id] = self.saves.get(credit_id, 0) + 1
                if credit_id not in self.records or record["action"] == "delete":
                    self._write(record | {"at": time.time()})

    def _write(self, record: dict[str, Any]) -> None:
        if self.journal:
            with self.journal.open("a") as file:
                file.write(json.dumps(record) + "\n")
        self._apply(record)

    def _apply(self, record: dict[str, Any]) -> None:
        if record["action"] == "delete":
            self.records.pop(record["CreditID"], None)
        else:
            self.records[record["CreditID"]] = record

    def standing(self, record: dict[str, Any]) -> dict[str, Any]:
        """Return a record as the status query answers it."""
        waiting = time.time() < record["at"] + self.decide_after
        decision, reason = ("Pending", "") if waiting else rules.decide(record)
        return {
            "moduleID": record["moduleID"],
            "CompletedDateTime": f"{record['completed']}T00:00:00",
            "UniqueID": [{"value": record["number"], "domain": record["board"]}],
            "CreditID": record["CreditID"],
            "Status": "Completed",
            "BoardStatus": decision,
            "Reason": reason,
        }


class Handler(BaseHTTPRequestHandler):
    """One request. `registry` is set on the subclass that `serve` makes."""

    registry: ClassVar[Registry]
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Save learner activity reports."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self._admitted():
            return None
        if urlsplit(self.path).path != "/learner-activities":
            return self._answer(404, _fault(404, "There is no such resource."))
        try:
            document = json.loads(body)
            records = rules.take(document, self.registry.provider)
        except (json.JSONDecodeError, rules.Invalid) as fault:
            return self._answer(400, _fault(400, str(fault)))
        self.registry.save(records)
        if self.registry.drop_answers > 0:
            self.registry.drop_answers -= 1
            self.close_connection = True
            return None
        return self._answer(201, document)

    def do_GET(self) -> None:
        """Answer a status query, or all records of one learner."""
        if not self._admitted():
            return None
        parts = urlsplit(self.path)
        if parts.path == "/learner-activities/status":
            found = self._by_query({name: values[0] for name, values in parse_qs(parts.query).items()})
        else:
            found = self._of_learner(parts.path)
        if not found:
            return self._answer(404, _fault(404, "No such record."))
        return self._answer(200, [self.registry.standing(record) for record in found])

    def do_DELETE(self) -> None:
        """Delete the records of one learner."""
        if not self._admitted():
            return None
        found = self._of_learner(urlsplit(self.path).path)
        if not found:
            return self._answer(404, _fault(404, "No such record."))
        self.registry.save([record | {"action": "delete"} for record in found])
        return self._answer(204, None)

    def _by_query(self, query: dict[str, str]) -> list[dict[str, Any]]:
        records = list(self.registry.records.values())
        if "CreditId" in query:
            return [record for record in records if record["CreditID"] == query["CreditId"]]
        wanted = (query.get("moduleID"), query.get("UniqueID"), query.get("CompletionDate"))
        birth = query.get("BirthDate", "")[-5:]
        return [
            record
            for record in records
            if (record["moduleID"], record["number"], record["completed"]) == wanted and record["birth"][-5:] == birth
        ]

    def _of_learner(self, path: str) -> list[dict[str, Any]]:
        learner = path.removeprefix("/learner-activities/")
        return [record for record in self.registry.records.values() if record["number"] == learner]

    def _admitted(self) -> bool:
        registry = self.registry
        if registry.refuse_service > 0:
            registry.refuse_service -= 1
            self._answer(503, _fault(503, "Down for maintenance."))
            return False
        given = (self.headers.get("ProviderId"), self.headers.get("User"), self.headers.get("Password"))
        if given != (registry.provider, registry.user, registry.password):
            self._answer(401, _fault(401, "Provider ID, user or password is wrong."))
            return False
        return True

    def _answer(self, status: int, document: Any) -> None:
        body = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing: queries hold personal data."""


def serve(registry: Registry, port: int = 0, host: str = "127.0.0.1") -> ThreadingHTTPServer:
    """Return a server that is bound but not running yet; port 0 takes any free one."""
    handler = type("BoundHandler", (Handler,), {"registry": registry})
    return ThreadingHTTPServer((host, port), handler)


def _fault(code: int, message: str) -> dict[str, Any]:
    return {"code": code, "message": message}

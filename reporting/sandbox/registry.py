"""The sandbox's memory: records, activities, what was counted, how fast it lets itself be asked."""

import json
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reporting.sandbox import rules
from reporting.sandbox.faults import Faults

FIRST_ACTIVITY = 202700001
LATE_BY = 1800.0  # seconds


@dataclass
class Registry:
    """The registry's memory and manners.

    `saves` counts how often each CreditID was sent and `registered` how often it was entered anew, so that tests can
    prove that nothing was registered twice. `latency` is waited before each answer; `per_second` requests are let in.
    """

    provider: str
    user: str
    password: str
    decide_after: float = 0.0
    latency: float = 0.0
    per_second: float = 0.0
    drop_deletions: bool = False  # takes them, and does nothing
    journal: Path | None = None
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    activities: dict[str, dict[str, Any]] = field(default_factory=dict)
    saves: dict[str, int] = field(default_factory=dict)
    registered: dict[str, int] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)
    pharmacy: set[tuple[str, ...]] = field(default_factory=set)
    late: list[tuple[float, list[dict[str, Any]]]] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    lock: threading.Lock = field(default_factory=threading.Lock)
    _tokens: float = 1.0
    _filled_at: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        if self.journal and self.journal.exists():
            for line in self.journal.read_text().splitlines():
                self._apply(json.loads(line))

    def admits(self) -> bool:
        """Whether one more request is within the limit: a bucket that holds a second's worth."""
        with self.lock:
            if not self.per_second:
                return True
            now = time.monotonic()
            self._tokens = min(self.per_second, self._tokens + (now - self._filled_at) * self.per_second)
            self._filled_at = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True

    def count(self, operation: str) -> None:
        """Count a request that was admitted."""
        with self.lock:
            self.asked[operation] = self.asked.get(operation, 0) + 1

    def next_fault(self, operation: str) -> str:
        """Return the fault of this request."""
        with self.lock:
            return self.faults.next(operation)

    def take_late(self, records: list[dict[str, Any]]) -> None:
        """Let records arrive half an hour from now."""
        with self.lock:
            self.late.append((time.time() + LATE_BY, records))

    def take_what_was_late(self) -> None:
        """Take the records whose late arrival has come."""
        with self.lock:
            due = [records for at, records in self.late if at <= time.time()]
            self.late = [(at, records) for at, records in self.late if at > time.time()]
        for records in due:
            self.save(records)

    def save(self, records: list[dict[str, Any]]) -> None:
        """Take records; sending one again changes nothing but its count. Raises rules.Invalid."""
        with self.lock:
            numbers = {activity["number"]: activity for activity in self.activities.values()}
            for record in records:
                rules.against_activity(record, numbers.get(record["moduleID"]))
            for record in records:
                credit_id = record["CreditID"]
                self.saves[credit_id] = self.saves.get(credit_id, 0) + 1
                if record["action"] == "delete" and self.drop_deletions:
                    continue
                if credit_id not in self.records or record["action"] == "delete":
                    self._write(record | {"at": time.time()})

    def _write(self, record: dict[str, Any]) -> None:
        if self.journal:
            with self.journal.open("a") as file:
                file.write(json.dumps(record) + "\n")
        self._apply(record)

    def _apply(self, record: dict[str, Any]) -> None:
        if record["action"] == "activity":
            self.activities[record["own_id"]] = record
        elif record["action"] == "delete":
            self.records.pop(record["CreditID"], None)
        else:
            self.records[record["CreditID"]] = record
            self.registered[record["CreditID"]] = self.registered.get(record["CreditID"], 0) + 1

    def save_activity(self, record: dict[str, Any]) -> dict[str, Any]:
        """Take an activity's record; one with the same provider activity ID is changed, not doubled."""
        with self.lock:
            known = self.activities.get(record["own_id"])
            number = known["number"] if known else record["number"] or str(FIRST_ACTIVITY + len(self.activities))
            if known and known["closed"]:
                raise rules.Invalid("The activity is closed; it cannot be changed any more.")
            self._write(record | {"action": "activity", "number": number})
            return self.activities[record["own_id"]]

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

    def find(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """Return the records that a status query asks for: by CreditID, or by activity, number, day and birthday."""
        records = list(self.records.values())
        if "CreditId" in query:
            return [record for record in records if record["CreditID"] == query["CreditId"]]
        wanted = (query.get("moduleID"), query.get("UniqueID"), query.get("CompletionDate"))
        birth = query.get("BirthDate", "")[-5:]
        return [
            record
            for record in records
            if (record["moduleID"], record["number"], record["completed"]) == wanted and record["birth"][-5:] == birth
        ]

    def of_learner(self, number: str) -> list[dict[str, Any]]:
        """Return all records of one learner."""
        return [record for record in list(self.records.values()) if record["number"] == number]

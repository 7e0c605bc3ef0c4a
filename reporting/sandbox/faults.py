"""How the sandbox misbehaves when it is told to: each fault with a name, for the tests and the control page."""

from dataclasses import dataclass, field

KINDS = {
    "closed": "Answers 503 without taking anything.",
    "broken": "Takes nothing and answers 500.",
    "busy": "Answers 429 with Retry-After: 1.",
    "dropped": "Takes the record, then closes the connection without an answer.",
    "dropped_early": "Closes the connection without having taken anything.",
    "malformed": "Takes the record, then answers something that is not the schema's.",
    "huge": "Takes the record, then answers two megabytes.",
    "drip": "Takes the record, then answers a byte a second.",
    "redirect": "Takes nothing and answers with a redirect.",
    "revoked": "Does not know the credentials any more.",
    "duplicate": "Takes the record and answers it twice in one document.",
    "entities": "Takes the record, then answers XML with a document type and entities.",
    "late": "Answers 504 without having taken the record, and takes it half an hour later.",
    "hidden": "Says 404 of a record that it has: its index lags.",
    "gateway": "Takes nothing; something in between answers 404 in a form of its own.",
    "gateway_alike": "Takes nothing; something in between answers 404 just as the registry does.",
    "disagree": "Gives two rows of one record that disagree.",
    "packed": "Takes the record, then answers a megabyte packed twice.",
    "exists": "Takes the record, then refuses it because it exists already.",
    "busy_date": "Answers 429 with a date in Retry-After.",
}
OF_STATUS, OF_SAVE = {"hidden", "disagree"}, {"late", "exists"}


@dataclass
class Faults:
    """Which faults are on: a number of requests each, or -1 until they are switched off."""

    left: dict[str, int] = field(default_factory=dict)

    def next(self, operation: str) -> str:
        """Return the fault of the next request of this operation, and count it; none is the empty text."""
        for kind, count in self.left.items():
            applies = operation == "status" if kind in OF_STATUS else operation == "save" or kind not in OF_SAVE
            if count and applies:
                self.left[kind] = count - 1 if count > 0 else count
                return kind
        return ""

    def set(self, kind: str, count: int) -> None:
        """Switch a fault on for so many requests, for ever (-1) or off (0); raises KeyError for an unknown one."""
        if kind not in KINDS:
            raise KeyError(kind)
        self.left[kind] = count

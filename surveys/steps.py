"""A step of the way through an activity: how it stands, why, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a step stands."""

    LOCKED = "locked"
    OPEN = "open"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Step:
    """One step: what it is called, how it stands and why, what to do about it and where, and what must come first."""

    key: str
    title: str
    state: State
    reason: str = ""
    fix: str = ""
    address: str = ""
    first: "Step | None" = None
    was_done: bool = False  # shut now, after the learner had done it

    @property
    def is_open(self) -> bool:
        """Whether the learner may do it now."""
        return self.state == State.OPEN

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.state == State.DONE

    @property
    def in_words(self) -> str:
        """How it stands, for who does not see its sign."""
        if self.is_done or self.was_done:
            return "done"
        return {State.OPEN: "to do", State.LOCKED: "not yet", State.FAILED: "closed"}[self.state]


class NotOpen(Exception):
    """The learner may not do this step now."""

    def __init__(self, step: Step) -> None:
        super().__init__(step.reason)
        self.step = step

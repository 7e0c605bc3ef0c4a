"""What the publish gate says: findings, each with a level, the rule's source, and where it can be put right."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from activities.models import Activity


class Level(StrEnum):
    """An error stops publishing; a warning wants a decision; a note is good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing that an accreditor would strike or ask about.

    `place` is where to put it right: a field or a group of rows of the activity's form (`objectives-group`), or one of
    the activity's desks (`people`, `statements`, `sessions`), `provider`, or another list of the office. `subject` is
    which of several it concerns: a person, a board, a credit type.
    """

    level: Level
    code: str
    words: str
    source: str
    place: str
    subject: str = ""

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes two findings the same one, although their words count or name differently by now."""
        return self.code, self.place, self.subject


Rule = Callable[[Activity, datetime], Iterator[Finding]]


@dataclass(frozen=True)
class Findings:
    """All findings of one activity, the gravest first."""

    rows: tuple[Finding, ...]

    @property
    def errors(self) -> list[Finding]:
        """What stops it."""
        return [row for row in self.rows if row.level == Level.ERROR]

    @property
    def warnings(self) -> list[Finding]:
        """What wants a decision."""
        return [row for row in self.rows if row.level == Level.WARNING]


class Refused(Exception):
    """The gate stays shut; `findings` are the errors."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("; ".join(row.words for row in findings))
        self.findings = findings


class Gate:
    """A list of rules. A room above adds its own when it is ready, because this room cannot know it."""

    def __init__(self, *rules: Rule) -> None:
        self.rules = list(rules)

    def add(self, rule: Rule) -> Rule:
        """Add a rule of another room; usable as a decorator."""
        self.rules.append(rule)
        return rule

    def check(self, activity: Activity, now: datetime) -> Findings:
        """Return what all rules find."""
        found = [finding for rule in self.rules for finding in rule(activity, now)]
        return Findings(tuple(sorted(found, key=lambda row: list(Level).index(row.level))))


def error(code: str, words: str, source: str, place: str, subject: str = "") -> Finding:
    """Return a finding that stops publishing."""
    return Finding(Level.ERROR, code, words, source, place, subject)


def warning(code: str, words: str, source: str, place: str) -> Finding:
    """Return a finding that wants a decision."""
    return Finding(Level.WARNING, code, words, source, place)


def note(code: str, words: str, source: str, place: str) -> Finding:
    """Return a finding that is good to know."""
    return Finding(Level.NOTE, code, words, source, place)

"""Reads a document into a draft: all of it, or, when anything is wrong, nothing and the whole list of faults."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.db import models, transaction

from accounts.models import User
from activities.document import sections
from activities.document.marked import Facts, Marked, Rows, Text, Wrong, read
from activities.document.sections import EXTRAS, SECTIONS, Section, set_fields, simple
from activities.models import Activity, ClosingRecord, Person, Provider, Relationship, Role, StatementEdit
from activities.services import disclosure
from activities.services.disclosure import CannotJudge, Listed
from audit.models import record

ONE = ("provider", "activity", "closing")  # the other keys hold lists
KEYS = {
    "provider": sections.PROVIDER,
    "activity": sections.ACTIVITY,
    "closing": sections.CLOSING,
    **{section.key: section.fields for section in SECTIONS},
    "people": (*sections.PERSON, "parts", "disclosed", "relationships"),
    "related": (),
}


def create(text: str, *, actor: User | None, now: datetime) -> Activity:
    """Return the draft made of a document; raises Wrong with every fault and its line, having saved nothing."""
    return _Reading(read(text), actor, now).create()


class _Reading:
    """One document being read; collects faults instead of stopping at the first."""

    def __init__(self, document: Facts, actor: User | None, now: datetime) -> None:
        self.document, self.actor, self.now = document, actor, now
        self.faults: list[tuple[int, str]] = []

    def create(self) -> Activity:
        self._check_keys()
        self._stop_if_wrong()
        with transaction.atomic():
            provider = self._provider()
            self._stop_if_wrong()
            activity = self._activity(provider)
            self._stop_if_wrong()
            for section in SECTIONS:
                for facts in self._rows(section.key):
                    self._row(activity, section, facts)
            self._closing(activity)
            for facts in self._rows("people"):
                self._person(activity, facts)
            self._related(activity)
            for extra in EXTRAS.values():
                with self._at(self.document.items.get(extra.key, self.document)):
                    extra.read(activity, [simple(row) for row in self._rows(extra.key)])
            self._stop_if_wrong()
            record(action="read from a document", subject=activity, actor=self.actor)
        return activity

    def _stop_if_wrong(self) -> None:
        if self.faults:
            raise Wrong([f"line {line}: {words}" for line, words in sorted(self.faults)])

    @contextmanager
    def _at(self, marked: Marked) -> Iterator[None]:
        """Turn what is wrong with the block into faults at this line, or at the field's own."""
        lines = {name: item.line for name, item in marked.items.items()} if isinstance(marked, Facts) else {}
        try:
            yield
        except ValidationError as error:
            found = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
            for name, messages in found.items():
                prefix = f"{name}: " if name and name != "__all__" else ""
                self.faults += [(lines.get(name, marked.line), f"{prefix}{words}") for words in messages]

    def _check_keys(self) -> None:
        known = {**KEYS, **{key: extra.fields for key, extra in EXTRAS.items()}}
        for key, marked in self.document.items.items():
            if key not in known:
                self._unknown(marked.line, key, known)
            elif key in ONE:
                self._check_row(marked, known[key])
            elif not isinstance(marked, Rows):
                self.faults.append((marked.line, f"A list belongs here: each row of “{key}” begins with a dash."))
            elif key != "related":
                for row in marked.items:
                    self._check_row(row, known[key])
        for key in ("provider", "activity"):
            if not isinstance(self.document.items.get(key), Facts):
                self.faults.append((self.document.line, f"“{key}” is missing."))

    def _check_row(self, row: Marked, allowed: tuple[str, ...]) -> None:
        if not isinstance(row, Facts):
            self.faults.append((row.line, f"Keys belong here: {', '.join(allowed)}."))
            return
        for name, item in row.items.items():
            if name not in allowed:
                self._unknown(item.line, name, allowed)
            elif name in {"parts", "relationships"}:
                inner = sections.ROLE if name == "parts" else sections.RELATIONSHIP + sections.JUDGEMENT
                if not isinstance(item, Rows):
                    self.faults.append((item.line, f"A list belongs here: each row of “{name}” begins with a dash."))
                    continue
                for part in item.items:
                    self._check_row(part, inner)

    def _unknown(self, line: int, name: str, known: object) -> None:
        self.faults.append((line, f"“{name}” is not a known key. Known here: {', '.join(known)}."))  # type: ignore[arg-type]

    def _rows(self, key: str) -> list[Facts]:
        return _facts_in(self.document, key)

    def _facts(self, key: str) -> Facts:
        marked = self.document.items.get(key)
        return marked if isinstance(marked, Facts) else Facts(self.document.line, {})

    def _save(self, row: models.Model, facts: Facts, fields: tuple[str, ...], exclude: tuple[str, ...] = ()) -> None:
        with self._at(facts):
            set_fields(row, facts, fields)
            row.full_clean(exclude=exclude)
            row.save()

    def _provider(self) -> Provider:
        """The provider of this name as it is, or a new one."""
        facts = self._facts("provider")
        provider = Provider.objects.filter(name=_text(facts, "name")).first()
        if provider is None:
            provider = Provider()
            self._save(provider, facts, sections.PROVIDER)
        return provider

    def _activity(self, provider: Provider) -> Activity:
        activity = Activity(provider=provider)
        self._save(activity, self._facts("activity"), sections.ACTIVITY)
        return activity

    def _row(self, activity: Activity, section: Section, facts: Facts) -> None:
        row = section.model(activity=activity)
        if isinstance(row, StatementEdit):
            row.edited_by, row.edited_at = self.actor, self.now
        self._save(row, facts, section.fields, ("starts_at", "ends_at", "credit", "edited_by"))

    def _closing(self, activity: Activity) -> None:
        if "closing" in self.document.items:
            self._save(ClosingRecord(activity=activity), self._facts("closing"), sections.CLOSING)

    def _related(self, activity: Activity) -> None:
        for item in _items(self.document, "related"):
            slug = item.value if isinstance(item, Text) else ""
            other = Activity.objects.filter(slug=slug).first()
            if other is None:
                self.faults.append((item.line, f"No activity here has the address “{slug}”. Remove this line."))
            else:
                activity.related.add(other)

    def _person(self, activity: Activity, facts: Facts) -> None:
        """A person with the same address, or else the same name and degrees, is the one who is here already."""
        known = Person.objects.filter(name=_text(facts, "name"), degrees=_text(facts, "degrees"))
        if _text(facts, "email"):
            known = Person.objects.filter(email=_text(facts, "email"))
        person = known.first() or Person()
        rows = _facts_in(facts, "relationships")
        if person.pk is None:
            self._save(person, facts, sections.PERSON)
            if person.pk is None:
                return
            self._disclosure(person, facts, rows)
        for part in _facts_in(facts, "parts"):
            self._save(Role(activity=activity, person=person), part, sections.ROLE)
        for row in rows:
            self._judgement(activity, person, row)

    def _disclosure(self, person: Person, facts: Facts, rows: list[Facts]) -> None:
        """Keep what the document says was disclosed, in the name of who read it in; without a day it is not signed."""
        for row in rows:
            with self._at(row):
                set_fields(relationship := Relationship(person=person), row, sections.RELATIONSHIP)
                relationship.full_clean()
        if self.faults:
            return
        listed = [Listed(_text(row, "company"), _text(row, "nature"), _text(row, "described")) for row in rows]
        day = _text(facts, "disclosed")
        if not day:
            found = [
                Relationship(person=person, company=r.company, nature=r.nature, described=r.described)
                for r in dict.fromkeys(listed)
            ]
            Relationship.objects.bulk_create(found)
            return
        with self._at(facts):
            disclosure.keep(
                person=person,
                listed=listed,
                signature=f"{self.actor or 'the portal'}, from a document",
                recorded_by=self.actor,
                now=_moment(day, self.now),
            )

    def _judgement(self, activity: Activity, person: Person, row: Facts) -> None:
        named = {name: _text(row, name) for name in sections.RELATIONSHIP}
        company, found = named["company"], person.relationships.filter(**named).first()
        if self.faults:
            return
        if found is None:
            self.faults.append((row.line, f"{person} has not disclosed “{company}” here; ask for a new disclosure."))
        elif _text(row, "decision"):
            try:
                disclosure.judge(
                    activity=activity,
                    relationship=found,
                    decision=_text(row, "decision"),
                    method=_text(row, "method"),
                    why=_text(row, "why"),
                    actor=self.actor,
                    now=self.now,
                )
            except CannotJudge as refusal:
                self.faults.append((row.line, str(refusal)))


def _text(facts: Facts, name: str) -> str:
    item = facts.items.get(name)
    return item.value if isinstance(item, Text) else ""


def _items(facts: Facts, name: str) -> list[Marked]:
    item = facts.items.get(name)
    return item.items if isinstance(item, Rows) else []


def _facts_in(facts: Facts, name: str) -> list[Facts]:
    return [row for row in _items(facts, name) if isinstance(row, Facts)]


def _moment(day: str, now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    except ValueError:
        raise ValidationError({"disclosed": f"“{day}” is not a day. Write 2026-06-01."}) from None
    if moment > now:
        raise ValidationError({"disclosed": f"{day} lies in the future."})
    return moment

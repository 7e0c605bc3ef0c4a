"""The document's sections: which rows of an activity stand under which key, with which fields."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from activities.document.marked import Facts, Marked, Rows, Text
from activities.models import (
    Activity,
    CommercialSupport,
    ContentItem,
    CreditDesignation,
    LearnerCount,
    MocRegistration,
    Objective,
    Partner,
    Session,
    StatementEdit,
)

PROVIDER = (
    "name", "short_name", "takes_article", "accreditation", "state_society", "accredited_by_ancc", "accredited_by_acpe",
    "authorized_by_aapa", "domain", "pars_id", "office_name", "office_phone", "office_email", "address", "website",
    "time_zone", "disclosure_policy", "signatory_name", "signatory_title",
    "second_signatory_name", "second_signatory_title", "late_grants", "teaching_rate", "reports_to_states",
)  # fmt: skip
ACTIVITY = (
    "slug", "title", "format", "format_description", "delivery", "pars_id", "venue", "city", "region", "country",
    "time_zone", "starts_on", "ends_on", "claim_until_day", "claim_until_hour", "estimated_minutes", "summary", "need",
    "audience", "outline", "url", "free", "completion", "credit_note", "system_requirements", "disclosure_route",
    "disclosure_place", "exemption", "relationships_mitigated", "absence_as_group", "off_label", "support_state",
    "content_in_order", "claim_by", "code_hours", "own_code", "own_code_days", "attendance_is_ceiling",
)  # fmt: skip
CLOSING = ("hours", "designed_to_change", "evaluated", "competencies", "methods")
PERSON = ("name", "degrees", "position", "email")
ROLE = ("part", "exception")
RELATIONSHIP = ("company", "nature", "described")
JUDGEMENT = ("decision", "method", "why")


@dataclass(frozen=True)
class Section:
    """Rows of one model under one key; `related` is their name on the activity."""

    key: str
    model: type[models.Model]
    related: str
    fields: tuple[str, ...]


SECTIONS = (
    Section("partners", Partner, "partners", ("name",)),
    Section("designations", CreditDesignation, "designations", (
        "credit_type", "maximum", "per_session", "uan", "pharmacy_kind", "live_date", "approved_until",
    )),
    Section("moc", MocRegistration, "moc_registrations", ("board", "point_types", "maximum", "claim_until_day")),
    Section("objectives", Objective, "objectives", ("kind", "position", "text")),
    Section("sessions", Session, "sessions", (
        "title", "track", "room", "day", "begins", "ends", "credit_set", "credit_types",
    )),
    Section("content", ContentItem, "content", (
        "position", "kind", "title", "text", "address", "minutes", "length", "share",
    )),
    Section("support", CommercialSupport, "support", (
        "supporter", "kind", "nature", "nature_described", "amount", "executed_on",
    )),
    Section("learner_counts", LearnerCount, "learner_counts", ("profession", "learners")),
    Section("statement_edits", StatementEdit, "statement_edits", ("key", "text", "generated", "reason")),
)  # fmt: skip


@dataclass(frozen=True)
class Extra:
    """A section of a room above: `write(activity)` returns plain rows, `read(activity, rows)` saves them.

    `read` raises ValidationError; `fields` are the keys a row may have.
    """

    key: str
    fields: tuple[str, ...]
    write: Callable[[Activity], list[dict[str, Any]]]
    read: Callable[[Activity, list[dict[str, Any]]], None]


EXTRAS: dict[str, Extra] = {}


def extend(extra: Extra) -> None:
    """Add a section of a room above; called when that room is ready."""
    EXTRAS[extra.key] = extra


def plain(row: models.Model, fields: tuple[str, ...]) -> dict[str, Any]:
    """Return a row's fields as a document writes them; what has its default or nothing is left out."""
    found = {}
    for name in fields:
        field = row._meta.get_field(name)  # noqa: SLF001 (Django's public name for it)
        value = getattr(row, name)
        if value in (None, "", []) or (field.has_default() and value == field.get_default()):  # type: ignore[union-attr]
            continue
        found[name] = value if isinstance(value, bool | int | list) else str(value)
    return found


def set_fields(row: models.Model, facts: Facts, fields: tuple[str, ...]) -> None:
    """Put a document's facts into a row; raises ValidationError for a list where a text belongs and the reverse."""
    for name in fields:
        if name not in facts.items:
            continue
        field = row._meta.get_field(name)  # noqa: SLF001 (likewise)
        value = simple(facts.items[name])
        if isinstance(field, models.BooleanField):
            value = {"true": True, "false": False}.get(str(value).lower(), value)
        if isinstance(value, list) is not isinstance(field, models.JSONField) or isinstance(value, dict):
            wanted = "list" if isinstance(field, models.JSONField) else "text"
            raise ValidationError({name: f"A {wanted} belongs here."})
        if value == "" and field.null:
            value = None
        try:
            setattr(row, name, value if isinstance(field, models.JSONField) else field.to_python(value))  # type: ignore[union-attr]
        except ValidationError as error:
            raise ValidationError({name: error.messages}) from None


def simple(marked: Marked) -> Any:
    """Return plain values without their lines."""
    if isinstance(marked, Text):
        return marked.value
    if isinstance(marked, Rows):
        return [simple(item) for item in marked.items]
    return {name: simple(item) for name, item in marked.items.items()}

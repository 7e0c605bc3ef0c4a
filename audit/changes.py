"""What a form of the office changes, from what to what; and whether somebody else changed it while it was open."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import Manager, Model, QuerySet
from django.forms import BaseForm, ModelChoiceField

Values = dict[str, Any]
Fingerprints = dict[str, str]
LONGEST = 2000  # characters of one value; the trail is no archive of texts
SECRET = "not shown"  # noqa: S105 (the word that stands in the trail instead of one)
PLAIN = (str, bool, int, float, Decimal, datetime, date, time)


def of(form: BaseForm, formsets: Iterable[Any]) -> tuple[Values, Values]:
    """Return the values before and after of everything that a valid form and its rows change, by label."""
    before: Values = {}
    after: Values = {}
    _add(form, "", before, after)
    for rows in formsets:
        for row in rows.forms:
            gone = row in getattr(rows, "deleted_forms", [])
            if not gone and not row.has_changed():
                continue
            name = f"{row.instance._meta.verbose_name} “{row.instance}”"  # noqa: SLF001 (Django's public name for it)
            if gone:
                before[name], after[name] = "there", "deleted"
            elif row.instance.pk in (None, "") or (row.initial.get("id") is None and row in rows.extra_forms):
                before[name], after[name] = "", "added"
            _add(row, f"{name}: ", before, after, gone=gone)
    return before, after


def _add(form: Any, prefix: str, before: Values, after: Values, *, gone: bool = False) -> None:
    for name in [] if gone else form.changed_data:
        label = prefix + str(form[name].label or name)
        secret = _is_secret(form, name)
        before[label] = SECRET if secret else in_words(form, name, _initial(form, name))
        after[label] = SECRET if secret else in_words(form, name, form.cleaned_data.get(name))


def in_words(form: BaseForm, name: str, value: Any) -> Any:
    """Return a field's value as a person reads it: rows by their names, files by theirs, long texts cut."""
    field = form.fields[name]
    if isinstance(field, ModelChoiceField) and value not in (None, ""):
        several = isinstance(value, list | tuple | QuerySet | Manager)
        rows = list(value.all() if isinstance(value, Manager) else value) if several else [value]
        keys = [row for row in rows if not isinstance(row, Model)]
        model: Any = field.queryset.model if field.queryset is not None else None
        known = {row.pk: row for row in model._default_manager.filter(pk__in=keys)} if keys else {}  # noqa: SLF001
        return ", ".join(str(row if isinstance(row, Model) else known.get(row, row)) for row in rows)
    if value is None or isinstance(value, PLAIN):
        return value[:LONGEST] if isinstance(value, str) else value
    return str(value)[:LONGEST]


def _initial(form: BaseForm, name: str) -> Any:
    return form.get_initial_for_field(form.fields[name], name)


def _is_secret(form: Any, name: str) -> bool:
    """Whether the column is encrypted, so that its values stand nowhere else in clear."""
    fields = {field.name: field for field in form._meta.model._meta.get_fields()} if hasattr(form, "_meta") else {}  # noqa: SLF001
    return bool(getattr(fields.get(name), "is_secret", False))


def fingerprints(form: BaseForm, formsets: Iterable[Any]) -> Fingerprints:
    """Return a short text for each field and row as the database has it, keyed by what a person calls it."""
    found = {name: _digest(form, [name]) for name in form.fields}
    for rows in formsets:
        found |= {f"{row.prefix}/{row.instance.pk}": _digest(row, sorted(row.fields)) for row in rows.initial_forms}
    return found


def stamp(*values: object) -> str:
    """Return a short text that differs for other values; an open page hands it back, and a service compares."""
    return hashlib.sha256(json.dumps([_plain(value) for value in values]).encode()).hexdigest()[:12]


def _digest(form: BaseForm, names: list[str]) -> str:
    return stamp(*(_initial(form, name) for name in names))


def _plain(value: Any) -> Any:
    """Return a value for comparison, rows by their numbers, without a query for each."""
    if isinstance(value, Manager):
        value = value.all()
    if isinstance(value, list | tuple | QuerySet):
        return sorted(str(getattr(row, "pk", row)) for row in value)
    return str(getattr(value, "pk", value))


def meanwhile(form: BaseForm, formsets: Iterable[Any], seen: str) -> list[str]:
    """Return in words how the database differs from what an open page had `seen`; nothing for a page without that."""
    try:
        then = json.loads(seen)
    except ValueError:
        return []
    if not isinstance(then, dict):
        return []
    rows = {f"{row.prefix}/{row.instance.pk}": row for group in formsets for row in group.initial_forms}
    now = fingerprints(form, formsets)
    found = []
    for key in {**then, **now}:
        if then.get(key) == now.get(key):
            continue
        if key in form.fields:
            found.append(f"“{form[key].label}” is now: {in_words(form, key, _initial(form, key)) or 'empty'}.")
        elif key in rows:
            what = rows[key].instance
            found.append(f"“{what}” was {'changed' if key in then else 'added'}.")
        else:
            found.append("A row was deleted; load the page again before you change it.")
    return found

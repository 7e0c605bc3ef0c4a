"""People's names: one spelling for what looks the same, and what no name may hold."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

JOINERS = "\u200c\u200d"  # Persian and Indian names need them between letters
FILLERS = "\u115f\u1160\u3164\uffa0"  # letters to Unicode, blank to the eye
REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def normal(name: str) -> str:
    """Return a name with letters composed, one plain space between words, and nothing invisible."""
    words = " ".join(unicodedata.normalize("NFC", name).split())
    return "".join(letter for letter in words if letter in JOINERS or unicodedata.category(letter) != "Cf").strip()


def for_registries(name: str) -> str:
    """Return a name as boards compare it: the normal form without joiners."""
    return normal(name).translate(dict.fromkeys(map(ord, JOINERS)))


def check_name(name: str) -> None:
    """Raise ValidationError for marks that turn letters around, for control characters, and where no letter is."""
    if REORDERING.search(name):
        raise ValidationError("This has hidden marks that turn letters around. Type it by hand instead of pasting it.")
    if any(unicodedata.category(letter) in {"Cc", "Cn", "Co", "Cs"} for letter in name):
        raise ValidationError("This has characters that cannot be printed. Type it by hand instead of pasting it.")
    if not any(letter.isalpha() and letter not in FILLERS for letter in name):
        raise ValidationError("Write it with letters.")


class NameFormField(forms.CharField):
    """Part of a name as somebody types or pastes it."""

    default_validators = [check_name]

    def to_python(self, value: Any) -> Any:
        """Return the normal form, but keep marks that are refused."""
        return _kept(super().to_python(value) or "")


class NameField(models.CharField):  # type: ignore[type-arg]
    """Part of a name."""

    default_validators = [check_name]

    def formfield(self, **kwargs: Any) -> Any:
        """Return the form's field of the same kind."""
        return super().formfield(**{"form_class": NameFormField, **kwargs})

    def to_python(self, value: Any) -> Any:
        """Return the normal form, but keep marks that are refused."""
        return _kept(super().to_python(value) or "")


def _kept(typed: str) -> str:
    return typed if REORDERING.search(typed) else normal(typed)

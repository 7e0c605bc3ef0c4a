"""Who gives people numbers, the form of each number, and what to tell a person whose number does not have it."""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models


class Registry(models.TextChoices):
    """Boards, registries and licensing bodies."""

    ABIM = "ABIM", "ABIM number"
    NPI = "NPI", "National Provider Identifier"
    NABP = "NABP", "NABP e-Profile ID"
    LICENSE = "LICENSE", "State license"


@dataclass(frozen=True)
class Form:
    """A pattern and the sentence that describes it."""

    pattern: str
    description: str


FORMS = {
    # Six digits: PARS's own sample and common practice; widen the pattern if ABIM issues longer numbers.
    Registry.ABIM: Form(r"\d{6}", "An ABIM number has 6 digits, for example 123456."),
    Registry.NPI: Form(r"\d{10}", "An NPI has 10 digits."),
    Registry.NABP: Form(r"\d{4,10}", "An NABP e-Profile ID has digits only."),
    Registry.LICENSE: Form(r"[A-Za-z0-9.\-/ ]{1,30}", "A license number has letters and digits."),
}


def normalised(registry: str, number: str) -> str:
    """Return a pasted number without spaces and without the registry's name in front: `ABIM 123 456` is `123456`."""
    return re.sub(r"\s+", "", number).upper().removeprefix(registry.upper()).lstrip("#:")


def check_identifier(registry: str, number: str) -> None:
    """Raise ValidationError with the expected form unless `number` looks like one of the registry's."""
    form = FORMS[Registry(registry)]
    if not re.fullmatch(form.pattern, number):
        raise ValidationError(form.description)

"""Who gives people numbers, the form of each number, and what to tell a person whose number does not have it."""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models

from accounts.states import STATES


class Registry(models.TextChoices):
    """Boards, registries and licensing bodies."""

    ABIM = "ABIM", "ABIM number"
    ABA = "ABA", "ABA number"
    ABOHNS = "ABOHNS", "ABOHNS number"
    ABOS = "ABOS", "ABOS number"
    ABP = "ABP", "ABP number"
    ABPATH = "ABPATH", "ABPath number"
    ABS = "ABS", "ABS number"
    ABTS = "ABTS", "ABTS number"
    NPI = "NPI", "National Provider Identifier"
    NABP = "NABP", "NABP e-Profile ID"
    LICENSE = "LICENSE", "State license"


@dataclass(frozen=True)
class Form:
    """A pattern and the sentence that describes it."""

    pattern: str
    description: str


# Boards that publish no form of their numbers: anything that can be a number.
LOOSE = r"[A-Za-z0-9\-]{2,20}"


def _loose(board: str) -> Form:
    return Form(LOOSE, f"Enter the number as {board} writes it: letters and digits, up to 20.")


FORMS = {
    # Six digits: PARS's own sample and common practice; widen the pattern if ABIM issues longer numbers.
    Registry.ABIM: Form(r"\d{6}", "An ABIM number has 6 digits, for example 123456."),
    **{
        board: _loose(board.value)
        for board in (
            Registry.ABA,
            Registry.ABOHNS,
            Registry.ABOS,
            Registry.ABP,
            Registry.ABPATH,
            Registry.ABS,
            Registry.ABTS,
        )
    },
    Registry.NPI: Form(r"\d{10}", "An NPI has 10 digits."),
    Registry.NABP: Form(r"\d{4,10}", "An NABP e-Profile ID has digits only."),
    Registry.LICENSE: Form(r"[A-Za-z0-9.\-/ ]{1,30}", "A license number has letters and digits."),
}


def form_of(registry: str) -> Form:
    """Return the form of a registry's numbers; a state's code stands for its licenses."""
    return FORMS[Registry.LICENSE if registry in STATES else Registry(registry)]


def normalised(registry: str, number: str) -> str:
    """Return a pasted number without spaces and without the registry's name in front: `ABIM 123 456` is `123456`.

    A license keeps its letters: some states begin theirs with them.
    """
    if registry in STATES or registry == Registry.LICENSE:
        return number.strip()
    return re.sub(r"\s+", "", number).upper().removeprefix(registry.upper()).lstrip("#:")


def check_identifier(registry: str, number: str) -> None:
    """Raise ValidationError with the expected form unless `number` looks like one of the registry's."""
    form = form_of(registry)
    if not re.fullmatch(form.pattern, number):
        raise ValidationError(form.description)


def masked(number: str) -> str:
    """Return what may stand in the trail of a number: its last two characters, or that there was none."""
    shown = 2
    return f"…{number[-shown:]}" if len(number) > 2 * shown else "…" if number else ""

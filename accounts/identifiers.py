"""Who gives people numbers, the form of each number, and what to tell a person whose number does not have it."""

import re
import unicodedata
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


NPI_PREFIX = 24  # what 80840 adds to the sum
# Boards that publish no form of their numbers: anything that can be a number.
LOOSE = r"[A-Za-z0-9\-]{2,20}"


def _loose(board: str) -> Form:
    return Form(LOOSE, f"Enter the number as {board} writes it: letters and digits, up to 20.")


FORMS = {
    # Six digits: PARS's own sample and common practice; widen the pattern if ABIM issues longer numbers.
    Registry.ABIM: Form(r"[0-9]{6}", "An ABIM number has 6 digits, for example 123456."),
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
    Registry.NPI: Form(r"[0-9]{10}", "An NPI has 10 digits, for example 1234567893."),
    Registry.NABP: Form(r"[0-9]{4,10}", "An NABP e-Profile ID has 4 to 10 digits, for example 1234567."),
    Registry.LICENSE: Form(r"[A-Za-z0-9.\-/ ]{1,30}", "A license number has letters and digits."),
}


def form_of(registry: str) -> Form:
    """Return the form of a registry's numbers; a state's code stands for its licenses."""
    return FORMS[Registry.LICENSE if registry in STATES else Registry(registry)]


def normalised(registry: str, number: str) -> str:
    """Return a pasted number without spaces and without the registry's name in front: `ABIM 123 456` is `123456`.

    Digits of other keyboards become those of ours. A license keeps its letters: some states begin theirs with them.
    """
    number = "".join(str(unicodedata.decimal(sign, sign)) for sign in unicodedata.normalize("NFKC", number))
    if registry in STATES or registry == Registry.LICENSE:
        return number.strip()
    return re.sub(r"\s+", "", number).upper().removeprefix(registry.upper()).lstrip("#:")


def check_identifier(registry: str, number: str) -> None:
    """Raise ValidationError with the expected form unless `number` looks like one of the registry's."""
    form = form_of(registry)
    if not re.fullmatch(form.pattern, number):
        raise ValidationError(form.description)
    if registry == Registry.NPI and not _has_its_check_digit(number):
        raise ValidationError("One of this NPI's digits is mistyped: its last digit does not fit the others.")


def _has_its_check_digit(npi: str) -> bool:
    """Whether the last digit of an NPI follows from the others (Luhn, with 80840 in front; CMS)."""
    odd, even = map(int, npi[::-2]), (sum(divmod(2 * int(digit), 10)) for digit in npi[-2::-2])
    return (NPI_PREFIX + sum(odd) + sum(even)) % 10 == 0


def masked(number: str) -> str:
    """Return what may stand in the trail of a number: its last two characters, or that there was none."""
    shown = 2
    return f"…{number[-shown:]}" if len(number) > 2 * shown else "…" if number else ""

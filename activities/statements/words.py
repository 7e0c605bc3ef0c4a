"""A prescribed text under its heading, the same words in HTML, plain text and PDF."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from activities.models import StatementEdit

# AMA: the phrase stands in italics with the trademark sign wherever it is printed.
TRADEMARK = re.compile(r"AMA PRA Category 1 Credit(?:\(s\)|s)?")


def italicised(text: str) -> SafeString:
    """Return `text` as safe HTML with AMA's trademark in italics."""
    return mark_safe(TRADEMARK.sub(lambda match: f"<em>{match[0]}</em>", escape(text)))  # noqa: S308 (escaped first)


def with_period(text: str) -> str:
    """Return a text with one period at its end: `… from Pfizer Inc.`."""
    return text if text.endswith(".") else f"{text}."


def figure(amount: Decimal) -> str:
    """Return an amount of credit as statements name it: `26` and `18.50`."""
    return f"{amount:f}" if amount % 1 else f"{amount:.0f}"


def listed(names: Sequence[str]) -> str:
    """Return `A`, `A and B` or `A, B and C`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


@dataclass(frozen=True)
class Statement:
    """What the portal generated from the facts, and staff's own words in its place if there are any."""

    key: str
    heading: str
    generated: str
    edit: StatementEdit | None = None

    @property
    def text(self) -> str:
        """The words that are printed."""
        return self.edit.text if self.edit else self.generated

    @property
    def html(self) -> SafeString:
        """The text, escaped, with AMA's trademark in italics."""
        return italicised(self.text)

    @property
    def is_stale(self) -> bool:
        """Whether the facts have changed since staff wrote their own words."""
        return self.edit is not None and self.edit.generated != self.generated

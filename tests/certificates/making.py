"""Certificates for tests."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from certificates.models import Certificate
from certificates.services import Words, issue

WORDS: Words = {
    "title": "Certificate of Credit",
    "learner": "Ada Okafor, MD",
    "provider": "Society of Examples (SOE)",
    "action": "has participated in the live activity",
    "activity": "Progress in Examples",
    "format": "live activity",
    "place": "Portland, Oregon",
    "dates": "January 24–27, 2022",
    "award": "and is awarded 12.25 AMA PRA Category 1 Credits™.",
    "designated": "",
    "credit": "12.25 AMA PRA Category 1 Credits™",
    "statements": ["The Society of Examples is accredited."],
    "signatories": [{"name": "Sam Signer", "title": "Director", "picture": ""}],
    "logo": "",
    "paper": "letter",
    "issued_on": "February 1, 2022",
    "office_email": "cme@society.example",
    "zone": "UTC",
}


def make(owner: User, *, hours: int = 0, kind: str = "ama_pra", reference: str = "R-1", **words: Any) -> Certificate:
    """Issue a certificate that is due in so many hours."""
    now = timezone.now()
    return issue(
        learner=owner,
        reference=reference,
        kind=kind,
        words={**WORDS, **words},  # type: ignore[typeddict-item]
        deliver_at=now + timedelta(hours=hours),
        now=now,
    )


def unsaved(number: int = 0, template: str = "classic-1", **words: Any) -> Certificate:
    """Return a certificate that is in no database, with a number and a code of its own."""
    return Certificate(
        number=f"TEST-{number:04}-XXXX".replace("0", "A").replace("1", "B"),
        code=f"code-{number:017}",
        template=template,
        data={**WORDS, **words},
    )

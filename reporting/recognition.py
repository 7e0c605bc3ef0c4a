"""Tells learners, before they report, what a registry says of their number, name and birthday; it bars nobody."""

from collections.abc import Mapping

from django.core.cache import cache

from accounts.models import User
from reporting import identities
from reporting.models import IdentityCheck
from reporting.snapshots import Identity

Verdict = IdentityCheck.Verdict
AN_HOUR = 3600
MOST_AN_HOUR = 30  # nobody finds out other people's numbers here
WORDS = {
    Verdict.MISMATCH: "{board} has another name or birthday with number {number}. Compare them with your {board} "
    "record: a married name, a middle name or one wrong digit is enough. You can go on; your certificate does not "
    "depend on it.",
    Verdict.NOT_FOUND: "{board} does not know number {number} yet. Compare it with your {board} record. If it is new, "
    "go on: we ask again daily for five days before we report.",
}


def warnings(learner: User, said: Mapping[str, Identity]) -> list[str]:
    """Return a sentence for each board that does not recognise the learner; nothing when it does or does not answer."""
    found = []
    for board, identity in said.items():
        check = identities.ask(board, identity, quick=True) if _may_ask(learner) else None
        words = WORDS.get(Verdict(check.verdict)) if check else None
        if words:
            found.append(words.format(board=board, number=identity["board_number"]))
    return found


def _may_ask(learner: User) -> bool:
    key = f"identity-asked:{learner.pk}"
    cache.add(key, 0, AN_HOUR)
    return cache.incr(key) <= MOST_AN_HOUR

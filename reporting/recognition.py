"""Tells learners, before they report, what a registry says of their number, name and birthday; it bars nobody."""

from collections.abc import Mapping

from accounts import limits
from accounts.models import User
from reporting import identities
from reporting.models import IdentityCheck
from reporting.snapshots import Identity

Verdict = IdentityCheck.Verdict
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
        check = identities.of_today(board, identity)
        if check is None and _may_ask(learner, board, identity):
            check = identities.ask(board, identity, quick=True)
        words = WORDS.get(Verdict(check.verdict)) if check else None
        if words:
            found.append(words.format(board=board, number=identity["board_number"]))
    return found


def _may_ask(learner: User, board: str, identity: Identity) -> bool:
    """Nobody finds out here whose number it is, or their birthday."""
    number = f"{board}:{identity['board_number']}"
    return limits.allow("ask_registry", key=str(learner.pk)) and limits.allow("ask_registry_about", key=number)

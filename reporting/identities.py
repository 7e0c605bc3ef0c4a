"""Asks a registry, before anything is reported, whether it knows the learner as they have described themselves.

Nothing waits for a registry that does not answer, and a mismatch keeps nobody from credit or certificate. Only "not
found yet" delays a report: new diplomates appear at the registry some days after they have a number.
"""

import hashlib
import hmac
import json
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.names import for_registries
from reporting import line, pars
from reporting.models import IdentityCheck, Submission
from reporting.snapshots import Identity

Verdict = IdentityCheck.Verdict
ASK_FOR = timedelta(days=5)
ASK_EVERY = timedelta(days=1)
MAY_BE_TRUSTED = timedelta(days=1)


def ask(board: str, identity: Identity, *, quick: bool = False) -> IdentityCheck | None:
    """Return what the registry says of an identity, and remember it; None when it does not say.

    `quick` is for a person who waits: a silent registry is not asked.
    """
    if quick and line.is_silent():
        return None
    try:
        verdict = pars.match(board, identity, quick=quick)
    except pars.ParsError:
        return None
    answer = {"verdict": verdict, "asked_at": timezone.now()}
    check, _ = IdentityCheck.objects.update_or_create(digest=digest(board, identity), defaults=answer)
    return check


def of_today(board: str, identity: Identity) -> IdentityCheck | None:
    """Return the answer of the last day about an identity, if it was asked about."""
    known = latest(board, identity)
    return known if known and known.asked_at > timezone.now() - MAY_BE_TRUSTED else None


def latest(board: str, identity: Identity) -> IdentityCheck | None:
    """Return the latest answer about an identity."""
    return IdentityCheck.objects.filter(digest=digest(board, identity)).first()


def is_unknown(submission: Submission) -> bool:
    """Whether the registry was asked about a report's learner and did not find them."""
    known = latest(submission.board, submission.identity)
    return known is not None and known.verdict == Verdict.NOT_FOUND


def asks_first(submission: Submission) -> bool:
    """Whether the registry is to be asked before this report leaves: it was not yet, or it did not know the learner."""
    if submission.is_deletion or not submission.is_moc:
        return False
    known = latest(submission.board, submission.identity)
    return known is None or known.verdict == Verdict.NOT_FOUND


def waits(submission: Submission) -> bool:
    """Ask about a report's learner; whether it waits until the registry knows them: not longer than five days."""
    if timezone.now() >= submission.send_at + ASK_FOR:
        return False
    ask(submission.board, submission.identity)
    return is_unknown(submission)


def digest(board: str, identity: Identity) -> str:
    """Return the keyed digest of an identity at a board; names in any case and spelling."""
    names = [for_registries(identity["given_name"]).casefold(), for_registries(identity["family_name"]).casefold()]
    said = [board, identity["board_number"], *names]
    text = json.dumps([*said, int(identity["birth_month"]), int(identity["birth_day"])])
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()

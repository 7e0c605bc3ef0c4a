"""Moves an activity between draft, published, closed and archived: through the gates, and with a trace."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from activities import compliance, statements, watching
from activities.compliance import Findings, Gate, Refused
from activities.models import Activity
from audit.models import record
from jobs.transactions import short_write

State = Activity.State


class CannotMove(Exception):
    """The activity is not in a state from which this is possible, or no reason was given."""


@dataclass(frozen=True)
class Move:
    """One move: what it means, from which states to which, through which gate, and whether staff must say why.

    `tolerates` are errors that time alone brings about.
    """

    verb: str
    name: str
    done: str
    meaning: str
    before: tuple[str, ...]
    after: str
    gate: Gate | None = None
    needs_reason: bool = False
    tolerates: tuple[str, ...] = ()


MOVES = {
    move.verb: move
    for move in (
        Move(
            "publish", "Publish", "published", "Learners can find and read it, and claim when it has begun.",
            (State.DRAFT,), State.PUBLISHED, gate=compliance.PUBLISHING,
        ),
        Move(
            "unpublish", "Unpublish", "unpublished",
            "Back to a draft: its page and its short address say that it is not available at present.",
            (State.PUBLISHED,), State.DRAFT, needs_reason=True,
        ),
        Move(
            "close", "Close", "closed",
            "As in PARS: everything is entered. Nobody can claim any more, but by a late grant.",
            (State.PUBLISHED,), State.CLOSED, gate=compliance.CLOSING,
        ),
        Move(
            "reopen", "Reopen", "reopened", "Published again, for example to move its deadline.",
            (State.CLOSED,), State.PUBLISHED,
            gate=compliance.PUBLISHING, needs_reason=True, tolerates=("deadline-passed", "disclosure-old"),
        ),
        Move(
            "archive", "Archive", "archived",
            "No longer listed; its page stays readable and says so, certificates stay valid.",
            (State.PUBLISHED, State.CLOSED), State.ARCHIVED, needs_reason=True,
        ),
        Move(
            "restore", "Restore as draft", "restored", "A draft again, to be published through the gate.",
            (State.ARCHIVED,), State.DRAFT, needs_reason=True,
        ),
    )
}  # fmt: skip


def possible(activity: Activity) -> list[Move]:
    """Return the moves that the activity's state allows; the gates are not asked."""
    return [move for move in MOVES.values() if activity.state in move.before]


@short_write
def move(*, activity: Activity, verb: str, actor: User | None, now: datetime, reason: str = "") -> Findings:
    """Move the activity and return what its gate still has to say; raises CannotMove or compliance.Refused.

    The row is locked meanwhile, and every guarded change of the activity takes the same lock, so that what the gate has
    seen is what is published. The trace keeps the words that learners read from now on.
    """
    chosen = MOVES[verb]
    Activity.objects.select_for_update().filter(pk=activity.pk).first()
    fresh = Activity.objects.with_everything().get(pk=activity.pk)
    if fresh.state not in chosen.before:
        raise CannotMove(f"It is {fresh.get_state_display()}: it cannot be {chosen.done} now.")
    if chosen.needs_reason and not reason.strip():
        raise CannotMove("Say why: the reason is kept with the activity's history.")
    findings = chosen.gate.check(fresh, now) if chosen.gate else Findings(())
    wrong = [row for row in findings.errors if row.code not in chosen.tolerates]
    if wrong:
        raise Refused(wrong)
    moved = {"published_at": now} if chosen.after == State.PUBLISHED else {}
    Activity.objects.filter(pk=fresh.pk).update(state=chosen.after, **moved)
    record(
        action=chosen.done,
        subject=fresh,
        actor=actor,
        before={"state": fresh.state},
        after={
            "state": chosen.after,
            "findings": [row.code for row in findings.rows],
            "statements": {key: row.text for key, row in statements.of(fresh).items()},
        },
        reason=reason.strip(),
    )
    activity.state = fresh.state = chosen.after
    watching.save_findings(fresh, findings.errors)
    return findings

"""What the office decides about one report, each with a reason: hold, release, send again, settle elsewhere."""

from datetime import datetime

from accounts.models import User
from audit.models import record
from jobs.queue import ensure
from jobs.transactions import short_write
from reporting import states
from reporting.models import Submission
from reporting.services import correcting
from reporting.services.queueing import ask_again_to_delete, delete_anew, locked, schedule, standing_of
from reporting.states import State

NOT_WANTED = "This report is being taken back, or was replaced; it is not sent any more."
IN_A_FILE = "It is in a file that waits for its results: read them, or take the file back if it was never uploaded."
RELEASED = "Released by the office; the registry is asked first."


class CannotDecide(ValueError):
    """The decision is incomplete, or the report is past it; the words say which."""


@short_write
def hold(*, submission: Submission, actor: User, reason: str) -> None:
    """Keep a report that was not sent yet from leaving."""
    words, submission = _said(reason), locked(submission)
    _move(submission, State.HELD, words, "Only what was not sent yet can be held back.")
    record(action="held a report back", subject=submission, actor=actor, reason=words)


@short_write
def release(*, submission: Submission, actor: User, reason: str) -> None:
    """Let a report go that was held back, or was not handled elsewhere after all, unless something is missing."""
    words, submission = _said(reason), locked(submission)
    if submission.state not in (State.HELD, State.ELSEWHERE):
        raise CannotDecide("This report is not held back.")
    _check_wanted(submission)
    if submission.after and submission.after.state == State.ELSEWHERE:
        submission.after = None
        submission.save(update_fields=("after",))
    if submission.state == State.ELSEWHERE:
        _return(submission)
    else:
        _recheck(submission)
    record(action="released a report", subject=submission, actor=actor, reason=words)


@short_write
def send_again(*, submission: Submission, actor: User, reason: str, now: datetime) -> None:
    """Send a rejected report anew, ask again about one without an answer, or look again at an incomplete one."""
    words, submission = _said(reason), locked(submission)
    _check_wanted(submission)
    if submission.state == State.REJECTED and submission.is_deletion:
        ask_again_to_delete(submission, now)
    elif submission.state == State.REJECTED:
        correcting.correct(submission=submission, identity=submission.identity, actor=actor, reason=words, now=now)
    elif submission.state in (State.DRAFT, State.READY):
        _recheck(submission)
    elif submission.state in (*states.ON_ITS_WAY, State.ACCEPTED) and submission.batch_id is None:
        _ask(submission)
    elif submission.batch_id:
        raise CannotDecide(IN_A_FILE)
    else:
        raise CannotDecide(f"A report that is {submission.state_in_words} cannot be sent again.")
    record(action="sent a report again", subject=submission, actor=actor, reason=words)


@short_write
def settle_elsewhere(*, submission: Submission, actor: User, reason: str) -> None:
    """Take a report out of the queue because somebody has done by hand what it was for."""
    words, submission = _said(reason), locked(submission)
    _move(submission, State.ELSEWHERE, words, "A report that is settled cannot be handled elsewhere.")
    record(action="handled a report elsewhere", subject=submission, actor=actor, reason=words)


@short_write
def delete_again(*, submission: Submission, actor: User, reason: str, now: datetime) -> None:
    """Have the registry delete a record that was taken back here, and that it has all the same."""
    words, submission = _said(reason), locked(submission)
    if submission.is_deletion or submission.state not in (State.WITHDRAWN, State.CORRECTED):
        raise CannotDecide("Only what was taken back here can be deleted again.")
    deletion = delete_anew(submission, now)
    record(action="deleted a report again", subject=deletion, actor=actor, reason=words)


def _check_wanted(submission: Submission) -> None:
    """Refuse what is being taken back: a permission was withdrawn, or the claim was changed."""
    if not submission.is_deletion and not submission.stands:
        raise CannotDecide(NOT_WANTED)


def _return(submission: Submission) -> None:
    """Bring a report that was handled elsewhere back to where it was: in its file, perhaps arrived, or not sent."""
    if submission.batch and submission.batch.taken_back_at is None:
        submission.move(State.SENDING)
    elif submission.was_sent:
        submission.move(State.UNKNOWN, reason=RELEASED)
        _ask(submission)
    else:
        _recheck(submission)


def _ask(submission: Submission) -> None:
    """Have the registry asked about a report; one that it has accepted is sent again only if it does not know it."""
    if submission.state == State.ACCEPTED:
        submission.move(State.UNKNOWN, reason="Asked again by the office.")
    kind = "reporting.poll" if submission.state == State.PENDING else "reporting.send"
    ensure(kind, submission.pk, reference=submission.reference, dead=True)


def _said(reason: str) -> str:
    words = reason.strip()[:300]
    if not words:
        raise CannotDecide("Say why: the reason is kept with the report.")
    return words


def _move(submission: Submission, state: State, words: str, refusal: str) -> None:
    if not submission.move(state, reason=words):
        raise CannotDecide(refusal)


def _recheck(submission: Submission) -> None:
    """Let a report leave if nothing is missing; raises CannotDecide while another account has its number."""
    state, words = standing_of(submission)
    if state == State.HELD:
        raise CannotDecide(words)
    Submission.objects.filter(pk=submission.pk).update(number_digest=submission.number_digest)
    submission.move(state, reason=words)
    schedule(submission, anew=True)

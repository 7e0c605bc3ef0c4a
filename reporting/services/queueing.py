"""Writes down what a registry must be told, and what must be taken back."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from accounts.models import User
from jobs.queue import enqueue, ensure, postpone
from reporting import checks, identities, numbers, states, verdicts
from reporting.models import Submission
from reporting.models.submission import SubmissionQuerySet
from reporting.snapshots import Completion, Identity
from reporting.states import DECIDED, State

REMIND_BEFORE, REMIND_AFTER = timedelta(days=14), timedelta(days=3)  # the deadline; what was said at the claim
REPORT_WITHIN = timedelta(days=30)  # ACCME: after the physician completed the evaluation requirements
THIRTY_DAYS, TO_TAKE_BACK = "30 days after the claim", "30 days to take it back"


def queue(
    *,
    learner: User,
    reference: str,
    board: str,
    credit_id: str,
    identity: Identity,
    completion: Completion,
    reply_to: str,
    send_at: datetime,
    now: datetime,
    after: Submission | None = None,
    registry: str = Submission.Registry.PARS,
    clocks: Sequence[tuple[str, date]] = (),
) -> Submission:
    """Write one completion to be added at the registry, not before `send_at`, nor before `after` is decided.

    What is incomplete is kept as a draft with the reasons. `clocks` are the registry's deadlines beside ACCME's thirty
    days. Call it in the transaction of the award.
    """
    submission = Submission(
        learner=learner,
        reference=reference,
        registry=registry,
        board=board,
        credit_id=credit_id,
        identity=identity,
        completion=completion,
        reply_to=reply_to,
        after=after,
        created_at=now,
        send_at=max(send_at, now),
    )
    set_clocks(submission, clocks)
    submission.state, submission.reason = standing_of(submission)
    submission.save()
    schedule(submission)
    return submission


def take_back(*, submission: Submission, now: datetime) -> Submission | None:
    """Undo one completion, and return what its successor waits for: nothing when it never leaves, otherwise a deletion.

    A deletion that is the office's to carry out is held back until they have. Call it in the transaction that takes
    the award back.
    """
    never_left = Submission.objects.filter(pk=submission.pk, state__in=states.NOT_SENT)
    if never_left.update(state=State.WITHDRAWN, decided_at=now):
        return None
    submission.refresh_from_db()
    if submission.state == State.REJECTED and submission.taken_at is None:
        submission.move(State.WITHDRAWN, reason=submission.reason, now=now)
        return None
    return delete_anew(submission, now)


def complete(*, submission: Submission, completion: Completion, identity: Identity) -> None:
    """Give a draft completion and identity as they are now known; it leaves when nothing is missing any more.

    Call it in a transaction.
    """
    submission.completion, submission.identity = completion, identity
    submission.state, submission.reason = standing_of(submission)
    rows = Submission.objects.filter(pk=submission.pk, state=State.DRAFT)
    names = ("completion", "identity", "number_digest", "state", "reason")
    news = {name: getattr(submission, name) for name in names}
    if rows.update(**news):
        schedule(submission, anew=True)


def follow(
    *, submission: Submission, completion: Completion, send_at: datetime, clocks: Sequence[tuple[str, date]]
) -> None:
    """Let a report that is not decided have the deadlines of now; one that has not left says what is true now as well.

    Call it in a transaction when days of the activity, a board, or a reporting year were changed.
    """
    rows, planned = Submission.objects.filter(pk=submission.pk), submission.send_at
    set_clocks(submission, clocks)
    rows.update(clocks=submission.clocks, report_by=submission.report_by)
    news: dict[str, object] = {"send_at": send_at} if send_at != planned else {}
    if completion != submission.completion:
        was, submission.completion = submission.state, completion
        news["completion"] = completion
        if was in (State.DRAFT, State.READY):
            submission.state, submission.reason = standing_of(submission)
            news |= {"state": submission.state, "reason": submission.reason}
    if not news or not rows.filter(state__in=states.NOT_SENT, attempted_at=None, batch=None).update(**news):
        return
    submission.send_at = send_at
    for kind in ("reporting.match", "reporting.send"):
        postpone(kind, submission.pk, planned=planned, due=send_at)
    if "state" in news:
        schedule(submission, anew=True)


def locked(submission: Submission) -> Submission:
    """Return the report as it stands now, with its learner's row and its own locked, always in this order."""
    User.objects.select_for_update().get(pk=submission.learner_id)
    rows = Submission.objects.select_for_update(of=("self",)).select_related("learner", "after")
    return rows.get(pk=submission.pk)


def next_credit_id(reference: str, stem: str) -> str:
    """Return the CreditID of the next version: `ccid:aacr.org:R-4K7M-ABIM-MK-2` where `…-MK-` has been used once.

    Reports are never deleted, and whoever asks holds the learner's row. The claim's reference finds them by index: a
    search by the first letters of the CreditID would read the whole table where the database sorts by language.
    """
    return f"{stem}{versions(reference, stem).count() + 1}"


def versions(reference: str, stem: str) -> SubmissionQuerySet:
    """Return the additions of one credit of a claim."""
    rows = Submission.objects.filter(reference=reference, action=Submission.Action.ADD)
    return rows.filter(credit_id__startswith=stem)


def standing_of(submission: Submission) -> tuple[State, str]:
    """Return ready, draft with everything that is missing, or held where another account has the number.

    Call it in a transaction, and save the report in it.
    """
    missing = missing_in(submission)
    if missing:
        return State.DRAFT, missing
    other = numbers.held_by_another(submission)
    return (State.HELD, other) if other else (State.READY, "")


def missing_in(submission: Submission) -> str:
    """Return everything that is missing or wrong in a report, in words; empty for a complete one."""
    row = submission
    return " ".join(checks.faults(row.registry, row.board, row.identity, row.completion))


def set_clocks(submission: Submission, clocks: Sequence[tuple[str, date]], begin: datetime | None = None) -> None:
    """Write down the deadlines, the nearest first.

    The thirty days, which begin with the submission or with `begin`, are ACCME's for points; what has no deadline of
    its registry's own has them as well.
    """
    name = TO_TAKE_BACK if submission.is_deletion else THIRTY_DAYS
    own = (name, ((begin or submission.created_at) + REPORT_WITHIN).date())
    all_of_them = {own, *clocks} if submission.is_moc or not clocks else {*clocks}
    nearest_first = sorted(all_of_them, key=lambda clock: (clock[1], clock[0]))
    submission.clocks = [[name, day.isoformat()] for name, day in nearest_first]
    submission.report_by = nearest_first[0][1]


def schedule(submission: Submission, *, anew: bool = False) -> None:
    """See to it that a submission that is ready leaves when its time has come; call it in a transaction.

    `anew` starts work again that has ended or was given up. What is not PARS's leaves in a file that the office writes.
    """
    if submission.state == State.DRAFT and submission.learner_is_missing:
        _remind_later(submission)
    if submission.state != State.READY or submission.registry != Submission.Registry.PARS:
        return
    kind = "reporting.match" if identities.asks_first(submission) else "reporting.send"
    if identities.is_unknown(submission):
        verdicts.wait_for_match(submission)
    if anew:
        ensure(kind, submission.pk, due=submission.send_at, reference=submission.reference, dead=True)
    else:
        enqueue(kind, submission.pk, due=submission.send_at, reference=submission.reference)


def _remind_later(submission: Submission) -> None:
    """Plan the one reminder of what only the learner can add, unless its deadline is too near."""
    deadline = datetime.combine(submission.report_by, time.min, UTC)
    due = max(deadline - REMIND_BEFORE, submission.created_at + REMIND_AFTER)
    if due < deadline:
        enqueue("reporting.remind", submission.pk, due=due, reference=submission.reference)


def _deletion(submission: Submission, now: datetime) -> Submission:
    deletion = Submission(
        learner=submission.learner,
        reference=submission.reference,
        registry=submission.registry,
        board=submission.board,
        action=Submission.Action.DELETE,
        credit_id=submission.credit_id,
        identity=submission.identity,
        number_digest=submission.number_digest,
        completion=submission.completion,
        reply_to=submission.reply_to,
        after=submission,
        created_at=now,
        send_at=now,
    )
    set_clocks(deletion, ())
    if submission.state == State.ELSEWHERE:
        deletion.state, deletion.reason = State.HELD, checks.SEE_FIRST
    elif deletion.registry == Submission.Registry.CPE:
        deletion.state, deletion.reason = State.HELD, checks.BY_HAND
    deletion.save()
    schedule(deletion)
    return deletion


def delete_anew(submission: Submission, now: datetime) -> Submission:
    """Ask for a deletion, once more if it was asked for before; call it in a transaction."""
    earlier = Submission.objects.filter(credit_id=submission.credit_id, action=Submission.Action.DELETE).first()
    return ask_again_to_delete(earlier, now) if earlier else _deletion(submission, now)


def ask_again_to_delete(deletion: Submission, now: datetime) -> Submission:
    """Ask once more for a deletion that is decided, with thirty days more; call it in a transaction."""
    set_clocks(deletion, (), now)
    clocks = {"clocks": deletion.clocks, "report_by": deletion.report_by}
    rows = Submission.objects.filter(pk=deletion.pk, state__in=DECIDED)
    fresh = {"reason": "", "fault": "", "decided_at": None, "taken_at": None, "batch": None}
    rows.update(state=State.READY, send_at=now, **fresh, **clocks)
    deletion.refresh_from_db()
    schedule(deletion, anew=True)
    return deletion

"""The one table of a submission's life: its states, and which may follow which."""

from django.db.models import TextChoices


class State(TextChoices):
    """Where a submission is, in the words that learners and office read."""

    DRAFT = "draft", "incomplete"
    READY = "ready", "ready to send"
    HELD = "held", "held back by the office"
    SENDING = "sending", "being sent"
    UNKNOWN = "unknown", "no answer; asking"
    PENDING = "pending", "accepted for processing"
    ACCEPTED = "accepted", "accepted by the board"
    REJECTED = "rejected", "rejected"
    CORRECTED = "corrected", "replaced by a corrected report"
    WITHDRAWN = "withdrawn", "taken back"
    ELSEWHERE = "elsewhere", "handled elsewhere"


NEXT: dict[State, frozenset[State]] = {
    # Something is missing in our own data; nothing was sent.
    State.DRAFT: frozenset({State.READY, State.HELD, State.WITHDRAWN, State.ELSEWHERE}),
    # Complete, and its time has come or will come.
    State.READY: frozenset({State.DRAFT, State.HELD, State.SENDING, State.WITHDRAWN, State.ELSEWHERE, State.ACCEPTED}),
    State.HELD: frozenset({State.DRAFT, State.READY, State.WITHDRAWN, State.ELSEWHERE}),
    # Committed before the request leaves (or the file is written): from here on it may have arrived.
    # Back to ready only when it certainly has not; withdrawn only with a file that was never uploaded.
    State.SENDING: frozenset(
        {
            State.READY,
            State.UNKNOWN,
            State.PENDING,
            State.ACCEPTED,
            State.REJECTED,
            State.WITHDRAWN,
            State.ELSEWHERE,
        }
    ),
    # No trustworthy answer came: the registry is asked, for a day at least; ready again only when it certainly does not
    # know the record, and not even then if that is being taken back.
    State.UNKNOWN: frozenset(
        {State.READY, State.SENDING, State.PENDING, State.ACCEPTED, State.REJECTED, State.WITHDRAWN, State.ELSEWHERE}
    ),
    # The registry has it; the board decides.
    State.PENDING: frozenset({State.UNKNOWN, State.ACCEPTED, State.REJECTED, State.WITHDRAWN, State.ELSEWHERE}),
    # A registry may turn out to know otherwise than it said: then it is asked, or its later word is taken over.
    State.ACCEPTED: frozenset({State.CORRECTED, State.WITHDRAWN, State.UNKNOWN, State.REJECTED}),
    State.REJECTED: frozenset({State.CORRECTED, State.WITHDRAWN, State.ELSEWHERE, State.ACCEPTED}),
    State.CORRECTED: frozenset(),
    State.WITHDRAWN: frozenset(),
    # The office may think better of it: back to where it was. And the registry may say what became of it.
    State.ELSEWHERE: frozenset(
        {State.DRAFT, State.READY, State.SENDING, State.UNKNOWN, State.ACCEPTED, State.REJECTED}
    ),
}
DECIDED = (State.ACCEPTED, State.REJECTED, State.CORRECTED, State.WITHDRAWN, State.ELSEWHERE)
NOT_SENT = (State.DRAFT, State.READY, State.HELD)
ON_ITS_WAY = (State.SENDING, State.UNKNOWN, State.PENDING)


def before(state: State) -> list[State]:
    """Return the states that `state` may follow; an open one may follow itself, with news about its reason."""
    itself = [] if state in DECIDED else [state]
    return itself + [earlier for earlier, later in NEXT.items() if state in later]

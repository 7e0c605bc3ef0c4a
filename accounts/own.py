"""Who decides is not who gains: an officer's own credit is another officer's business."""

from accounts.models import User

ANOTHER_OFFICER = "This is your own record: another officer must decide it."


def is_own(actor: User | None, person: User) -> bool:
    """Whether somebody would decide about themselves."""
    return actor is not None and actor.pk == person.pk

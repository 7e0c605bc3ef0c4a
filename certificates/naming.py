"""A learner's wish to be named otherwise: asked, and granted or declined by the office."""

from datetime import datetime

from accounts.models import User
from accounts.own import ANOTHER_OFFICER
from audit.models import record
from certificates import emails
from certificates.models import Certificate, NameCorrection
from certificates.services import day_in_words, issue
from jobs.transactions import short_write

State = NameCorrection.State
NAME = ("first_name", "last_name", "degrees")


class CannotDecide(ValueError):
    """Somebody else has decided meanwhile, or has to."""


def waiting(learner: User) -> NameCorrection | None:
    """Return the learner's wish that the office has not decided yet."""
    return NameCorrection.objects.filter(learner=learner, state=State.ASKED).first()


@short_write
def ask(*, certificate: Certificate, first_name: str, last_name: str, degrees: str, note: str) -> NameCorrection:
    """Write the wish down; one at a time."""
    names = {"first_name": first_name, "last_name": last_name, "degrees": degrees}
    names |= {"certificate": certificate, "note": note}  # type: ignore[dict-item]
    made, _ = NameCorrection.objects.get_or_create(learner=certificate.learner, state=State.ASKED, defaults=names)
    return made


@short_write
def grant(*, correction: NameCorrection, actor: User, now: datetime) -> list[Certificate]:
    """Change the name of the account, and issue every standing certificate that names it otherwise anew.

    Raises CannotDecide. The new certificates are mailed by themselves.
    """
    learner = User.objects.select_for_update().get(pk=correction.learner_id)
    _decide(correction, State.GRANTED, actor, now)
    before = learner.display_name
    for part in NAME:
        setattr(learner, part, getattr(correction, part))
    learner.save(update_fields=NAME)
    name = learner.display_name
    made = [
        issue(
            learner=learner,
            reference=row.reference,
            kind=row.kind,
            words={**row.data, "learner": name, "issued_on": day_in_words(now, row.zone)},  # type: ignore[typeddict-item]
            template=row.template,
            deliver_at=row.deliver_at,
            now=now,
            replaces=row,
            because=f"Your name was corrected to {name}.",
        )
        for row in Certificate.objects.of(learner).standing().order_by("id")
        if row.data["learner"] != name
    ]
    after = {"name": name, "certificates": ", ".join(map(str, made))}
    record(action="granted a name", subject=correction, actor=actor, before={"name": before}, after=after)
    return made


@short_write
def decline(*, correction: NameCorrection, actor: User, now: datetime) -> None:
    """Leave the name as it is, and tell the learner; raises CannotDecide."""
    _decide(correction, State.DECLINED, actor, now)
    record(action="declined a name", subject=correction, actor=actor)
    emails.name_declined(correction)


def _decide(correction: NameCorrection, state: str, actor: User, now: datetime) -> None:
    if actor.pk == correction.learner_id:
        raise CannotDecide(ANOTHER_OFFICER)
    asked = NameCorrection.objects.filter(pk=correction.pk, state=State.ASKED)
    if not asked.update(state=state, decided_by=actor, decided_at=now):
        raise CannotDecide("This was decided already.")

"""Keeps staff's own words in place of a generated statement, beside it and with the reason."""

from datetime import datetime

from accounts.models import User
from activities import statements
from activities.models import Activity, StatementEdit
from activities.services.guard import guarded
from audit.changes import stamp
from audit.models import record
from jobs.transactions import short_write

CHANGED = "Somebody else changed these words while your page was open; nothing of yours was saved yet."


class CannotEdit(Exception):
    """There is no such statement, or text or reason is missing."""


@short_write
def edit(
    *, activity: Activity, key: str, text: str, reason: str, actor: User, now: datetime, seen: str = ""
) -> StatementEdit | None:
    """Replace one statement's words; the generated ones again withdraw the edit, and None is returned.

    `seen` is the stamp of the words that the page had shown. Raises CannotEdit, and compliance.Refused when an
    accreditor would strike the words of a published activity.
    """
    list(Activity.objects.select_for_update().filter(pk=activity.pk).values_list("pk"))
    fresh = Activity.objects.with_words().get(pk=activity.pk)
    statement = statements.of(fresh).get(key)
    if statement is None:
        raise CannotEdit("This activity has no such statement any more. Load the page again.")
    if seen and seen != stamp(statement.text):
        raise CannotEdit(f"{CHANGED} They are now: “{statement.text}” Save again to put yours in their place.")
    words = "\n".join(line.strip() for line in text.strip().splitlines())
    if not words:
        raise CannotEdit("The text is empty. To use the generated words, press Use generated words.")
    if not reason.strip() and words != statement.generated:
        raise CannotEdit("Say why the prescribed words do not fit.")
    kept = StatementEdit(
        text=words, generated=statement.generated, reason=reason.strip(), edited_by=actor, edited_at=now
    )
    touched = Activity.objects.filter(pk=fresh.pk)
    with guarded(touched, actor=actor, now=now):
        StatementEdit.objects.filter(activity=fresh, key=key).delete()
        if words != statement.generated:
            kept.activity, kept.key = fresh, key
            kept.save()
    record(
        action="edited a statement" if kept.pk else "withdrew an edit",
        subject=fresh,
        actor=actor,
        before={key: statement.text},
        after={key: words},
        reason=reason.strip(),
    )
    return kept if kept.pk else None

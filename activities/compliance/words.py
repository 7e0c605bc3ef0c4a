"""Whether what staff wrote themselves reads as it should: prescribed words kept, no markup of word processors."""

import re
from collections.abc import Iterator
from datetime import datetime

from activities import statements
from activities.compliance.findings import Finding, error, note, warning
from activities.models import Activity
from activities.statements.lint import lint

TAG = re.compile(r"</?[a-z][\w:-]*(?:\s[^<>]*)?/?>", re.IGNORECASE)  # `<https://…>` is Markdown's, and no tag
TEXTS = ("title", "summary", "need", "audience", "outline", "completion", "credit_note", "system_requirements")


def markup(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """Tags that came along from a word processor are printed as they are."""
    texts = [(name, getattr(activity, name)) for name in TEXTS]
    texts += [("objectives-group", row.text) for row in activity.objectives.all()]
    for place, text in texts:
        if found := TAG.search(text):
            words = f"Markup from a word processor would be printed: {found[0][:40]}. Paste plain text."
            yield warning("markup", words, "The portal's own rule", place)


def edits(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """Each hand edit is read for what an accreditor would strike."""
    for statement in statements.of(activity).values():
        if statement.edit is None:
            continue
        for words in lint(statement, activity):
            yield error(
                "wording",
                f"{statement.heading}: {words}",
                "Prescribed wording",
                "statements",
                f"{statement.key} {words}",
            )
        if statement.is_stale:
            words = f"{statement.heading}: the facts have changed since it was edited by hand."
            yield warning("wording-stale", words, "The portal's own rule", "statements")
        yield note("wording-edited", f"{statement.heading} was edited by hand.", "The portal's own rule", "statements")

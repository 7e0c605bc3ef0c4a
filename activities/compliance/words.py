"""Whether staff's own words in place of generated statements keep what is prescribed."""

from collections.abc import Iterator
from datetime import datetime

from activities import statements
from activities.compliance.findings import Finding, error, note, warning
from activities.models import Activity
from activities.statements.lint import lint


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

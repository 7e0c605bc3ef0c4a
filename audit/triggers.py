"""Triggers that guard a table on both engines, put back after every migration."""

from dataclasses import dataclass

from django.db import connections

Statements = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Triggers:
    """What creates and what drops the triggers of one table, by engine; creating them again changes nothing."""

    table: str
    create: Statements
    drop: Statements

    def install(self, using: str = "default") -> None:
        """Create the triggers where they are missing; without the table nothing is done."""
        self._run(using, self.create)

    def remove(self, using: str = "default") -> None:
        """Drop the triggers; only a test that empties its own database has a reason to."""
        self._run(using, self.drop)

    def _run(self, using: str, statements: Statements) -> None:
        connection = connections[using]
        if self.table not in connection.introspection.table_names():
            return
        with connection.cursor() as cursor:
            for statement in statements[connection.vendor]:
                cursor.execute(statement)

"""How words are compared and searched, whoever typed them: without case, accents, and typographic signs."""

import re
import unicodedata
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Lookup, TextField

# Signs that word processors set in place of those on the keyboard, and letters that Unicode does not take apart.
APOSTROPHES = "\u2018\u2019\u201a\u201b\u02b9\u02bb\u02bc\u02bd\u02c8\u00b4`\u2032"
QUOTES, HYPHENS = "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "\u0131": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
SAME = str.maketrans(
    {**dict.fromkeys(APOSTROPHES, "'"), **dict.fromkeys(QUOTES, '"'), **dict.fromkeys(HYPHENS, "-"), **LETTERS}
)
NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # all that no XML document may hold
FIRST_ACCENT, LAST_ACCENT = "\u0300", "\u036f"  # of European alphabets; marks of other scripts are letters of theirs


def folded(text: str) -> str:
    """Return a text as it is compared: `jurgen muller` for `Jürgen  MÜLLER`."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(sign for sign in apart if not _is_silent(sign))
    return " ".join(unicodedata.normalize("NFKC", bare).translate(SAME).split())


def _is_silent(sign: str) -> bool:
    return FIRST_ACCENT <= sign <= LAST_ACCENT or unicodedata.category(sign) == "Cf"


@CharField.register_lookup
@TextField.register_lookup
class Spelled(Lookup):
    """`last_name__spelled="muller"`: contains these words, in whatever spelling."""

    lookup_name = "spelled"

    def get_prep_lookup(self) -> str:
        """Return the pattern, in which nothing of what was typed is a wildcard."""
        words = folded(str(self.rhs)).replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        return f"%{words}%"

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        """Call `folded`, which every connection knows (see `teach`)."""
        left, parameters = self.process_lhs(compiler, connection)
        return f"folded({left}) LIKE %s ESCAPE '\\'", [*parameters, self.rhs]

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        """Let PostgreSQL's extension take the accents off."""
        left, parameters = self.process_lhs(compiler, connection)
        return f"lower(unaccent(normalize({left}, NFKC))) LIKE %s", [*parameters, self.rhs]


def teach(*, connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Give a new connection to SQLite the function by which `Spelled` compares."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("folded", 1, lambda text: folded(text or ""), deterministic=True)

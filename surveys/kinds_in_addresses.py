"""The part of an address that names a kind of survey."""

from surveys.models import Survey


class KindConverter:
    """One of the kinds that learners answer; no other word matches."""

    regex = "|".join(kind for kind in Survey.Kind.values if kind != Survey.Kind.SET)

    def to_python(self, value: str) -> str:
        """Return the kind."""
        return value

    def to_url(self, value: str) -> str:
        """Return the kind."""
        return str(value)

"""Credit in the staff admin."""

from credits.admin import claims

__all__ = ["claims"]

"""Credit in the staff admin."""

from credits.admin import claims, lists

__all__ = ["claims", "lists"]

"""Credit in the staff admin."""

from credits.admin import claims, designs, lists

__all__ = ["claims", "designs", "lists"]

"""Credit in the staff admin."""

from credits.admin import claims, codes, designs, lists

__all__ = ["claims", "codes", "designs", "lists"]

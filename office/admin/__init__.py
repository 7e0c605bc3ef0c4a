"""The office's pages across the rooms."""

from office.admin import merging, reconciling

__all__ = ["merging", "reconciling"]

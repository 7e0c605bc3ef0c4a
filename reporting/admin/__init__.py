"""Reports in the staff admin."""

from reporting.admin import batches, submissions, years

__all__ = ["batches", "submissions", "years"]

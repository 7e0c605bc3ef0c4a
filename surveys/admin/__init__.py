"""Surveys in the staff admin: building them, their results without names, and how a learner stands."""

from surveys.admin import survey

__all__ = ["survey"]

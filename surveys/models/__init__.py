"""Surveys, their questions, and what learners answered."""

from surveys.models.question import Choice, Question, Row
from surveys.models.response import Answer, ExtraAttempt, Mark, Response
from surveys.models.survey import Survey

__all__ = ["Answer", "Choice", "ExtraAttempt", "Mark", "Question", "Response", "Row", "Survey"]

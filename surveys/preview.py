"""A survey as a learner would see it, for staff who build it: every question is on its page, and nothing is kept."""

from functools import cached_property

from django.utils import timezone

from accounts.models import User
from accounts.professions import Profession
from surveys.answering import Answering, Page
from surveys.models import Response, Survey
from surveys.request import RequestForCredit


class _EverythingAsked(Answering):
    """Shows what a condition would hide; the page's script hides it again until the answer is given."""

    @cached_property
    def asked(self) -> set[int]:
        return {question.pk for question in self.rows}


class _Request(_EverythingAsked, RequestForCredit):
    """A request seen by a physician; without a designation it begins with the questions."""

    @property
    def before_questions(self) -> list[Page]:
        return super().before_questions if self.offer.entitlements else []


def preview(survey: Survey, person: User) -> Answering:
    """Return a response of nobody's; `person` is taken for a physician, because they are asked most."""
    person.profession = Profession.PHYSICIAN
    response = Response(survey=survey, learner=person, typed={})
    is_request = survey.kind == Survey.Kind.REQUEST_FOR_CREDIT
    return _Request(response, timezone.now()) if is_request else _EverythingAsked(response)

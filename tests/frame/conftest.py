"""The learner in front of the Request for Credit, for the frame's tests as well."""

from tests.surveys.conftest import fill, signed_in

__all__ = ["fill", "signed_in"]

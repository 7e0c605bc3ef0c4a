"""A learner in front of the portal."""

from tests.surveys.conftest import fill, signed_in

__all__ = ["fill", "signed_in"]

"""What every test of certificates begins with."""

import pytest

from certificates import pdf


@pytest.fixture(autouse=True)
def _new_process() -> None:
    """Forget stationery, so that which way a certificate takes depends on the test alone."""
    pdf.forget()

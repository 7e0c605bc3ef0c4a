"""Tables that are given out can be brought again as they were."""

import pytest

from printing import sheet


@pytest.mark.parametrize(
    ("cell", "typed"),
    [("'-omics", "-omics"), ("'=1", "=1"), ("'+1", "+1"), ("'@a", "@a"), ("'tis", "'tis"), ("'", "'"), ("a", "a")],
)
def test_apostrophe_of_our_own_tables_is_taken_off(cell: str, typed: str) -> None:
    assert sheet.without_guard(cell) == typed

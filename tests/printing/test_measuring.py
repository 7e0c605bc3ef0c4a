"""Lines are measured in the fonts of this machine."""

import pytest

from printing import measuring

GARAMOND = "EB Garamond 12"
SERIF = (GARAMOND, "Noto Serif", "Noto Serif CJK SC")


@pytest.mark.parametrize("name", ["Ada Okafor", "Łukasz", "Nguyễn Thị Thơ", "Ọlá", "Иван"])
def test_face_that_has_the_letters_sets_them(name: str) -> None:
    assert measuring.sets_accents(name, GARAMOND)


@pytest.mark.parametrize("name", ["Ọlá Ẹ̀kọ́", "Ụchẹ Ńdụ́"])
def test_accent_without_a_letter_of_its_own_is_set_by_another_face(name: str) -> None:
    assert not measuring.sets_accents(name, GARAMOND)
    assert measuring.sets_accents(name, "Noto Serif")


def test_face_without_the_letters_sets_nothing() -> None:
    assert not measuring.sets_accents("王小明", GARAMOND)


def test_width_is_that_of_the_face_which_has_the_letter() -> None:
    assert measuring.width("", SERIF) == 0
    assert measuring.width("王王", SERIF) == 2  # a Chinese letter is as wide as it is high
    assert measuring.width("MM", SERIF) == 2 * measuring.width("M", SERIF)
    both = measuring.width("Ada 王", SERIF)
    assert both == pytest.approx(measuring.width("Ada ", SERIF) + measuring.width("王", SERIF))


def test_letters_that_no_font_has_are_named_once() -> None:
    text = "Ada \U00016fe4\U00016fe4 王 Okafor\u200f"
    assert measuring.unprintable(text, SERIF) == ["\U00016fe4"]

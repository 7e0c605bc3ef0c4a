"""Reads a page of a PDF back."""

from pypdf import PageObject


def starts_of_lines(page: PageObject) -> list[float]:
    """Return how far from the left edge each piece of text begins, in points."""
    starts: list[float] = []

    def see(words: str, frame: list[float], place: list[float], *_font: object) -> None:
        if words.strip():
            starts.append(frame[0] * place[4] + frame[4])

    page.extract_text(visitor_text=see)
    return starts

"""The one table of certifying boards that take completions through PARS, and the kinds of credit each knows.

Source: ACCME, CME that counts for Maintenance of Certification. The wording of ABIM's statement is prescribed; where
`prescribed` is false the portal uses the same form with the board's name, and the publish gate says so.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Board:
    """One board: `program` and `unit` are what its statement calls the program and its points."""

    code: str
    name: str
    program: str
    unit: str
    types: tuple[str, ...]
    prescribed: bool = False


CONTINUING = "Continuing Certification program"
PATIENT_SAFETY = "Patient Safety"

ABIM = Board(
    "ABIM",
    "American Board of Internal Medicine",
    "Maintenance of Certification (MOC) program",
    "MOC points",
    ("Medical Knowledge", "Practice Assessment", PATIENT_SAFETY),
    prescribed=True,
)
BOARDS = {
    board.code: board
    for board in (
        ABIM,
        Board("ABA", "American Board of Anesthesiology", CONTINUING, "points", ("Lifelong Learning", PATIENT_SAFETY)),
        Board(
            "ABOHNS",
            "American Board of Otolaryngology – Head and Neck Surgery",
            CONTINUING,
            "credits",
            ("Self-Assessment", "Improvement in Practice", PATIENT_SAFETY),
        ),
        Board(
            "ABOS",
            "American Board of Orthopaedic Surgery",
            CONTINUING,
            "credits",
            ("Lifelong Learning", "Self-Assessment"),
        ),
        Board(
            "ABP",
            "American Board of Pediatrics",
            CONTINUING,
            "points",
            ("Lifelong Learning & Self-Assessment", "Quality Improvement"),
        ),
        Board(
            "ABPATH",
            "American Board of Pathology",
            CONTINUING,
            "credits",
            ("Lifelong Learning", "Improvement in Medical Practice", PATIENT_SAFETY),
        ),
        Board("ABS", "American Board of Surgery", CONTINUING, "credits", ("Accredited CME", "Self-Assessment")),
        Board(
            "ABTS",
            "American Board of Thoracic Surgery",
            CONTINUING,
            "credits",
            ("Accredited CME", "Self-Assessment", PATIENT_SAFETY),
        ),
    )
}


def choices() -> list[tuple[str, str]]:
    """Return the boards to choose from."""
    return [(board.code, board.name) for board in BOARDS.values()]


def type_choices() -> list[tuple[str, str]]:
    """Return the kinds of credit of all boards; which of them a board knows is checked with the board."""
    return [(kind, kind) for kind in dict.fromkeys(kind for board in BOARDS.values() for kind in board.types)]

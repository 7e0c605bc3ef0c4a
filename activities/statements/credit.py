"""For how much of which credit an activity is designated, and which boards' points can be earned.

Sources: AMA PRA booklet (designation), ACPE, AAPA, ANCC, Joint Accreditation (IPCE), ABIM through ACCME (MOC).
"""

from django.utils import dateformat

from activities import boards, credit_types
from activities.models import Activity, CreditDesignation, MocRegistration, Provider
from activities.statements.words import Statement, figure, listed

COMMENSURATE = {
    "ama": (
        "Physicians should claim only the credit commensurate with the extent of their participation in the activity."
    ),
    "ancc": "Nurses should claim only the credit commensurate with the extent of their participation in the activity.",
    "aapa": "PAs should only claim credit commensurate with the extent of their participation.",
}  # fmt: skip


def _ama(row: CreditDesignation, activity: Activity) -> str:
    return (
        f"{activity.provider.with_article} designates this {activity.noun} for a maximum of {figure(row.stated)} AMA "
        f"PRA Category 1 Credit(s)™. {COMMENSURATE['ama']}"
    )


def _ancc(row: CreditDesignation, activity: Activity) -> str:
    hours = credit_types.ANCC.amount(figure(row.stated))
    return f"{activity.provider.short_name} designates this activity for {hours}. {COMMENSURATE['ancc']}"


def _acpe(row: CreditDesignation, activity: Activity) -> str:
    """ACPE wants the type of the activity told, and of home study when it was released and when it expires."""
    uan = f" (Universal Activity Number {row.uan})" if row.uan else ""
    kind = f" This is {row.pharmacy_noun}." if row.pharmacy_noun else ""
    first, last = (dateformat.format(day, "F j, Y") for day in (activity.starts_on, activity.ends_on))
    dates = f" Release date: {first}. Expiration date: {last}." if activity.is_self_study else ""
    hours = figure(row.stated)
    return (
        f"{activity.provider.short_name} designates this continuing education activity for {hours} contact "
        f"hour(s) ({credit_types.ceu(row.stated)} CEUs){uan}.{kind}{dates}"
    )


def _aapa(row: CreditDesignation, activity: Activity) -> str:
    until = row.approved_until or activity.ends_on
    return (
        f"{activity.provider.short_name} has been authorized by the American Academy of PAs (AAPA) to award AAPA "
        "Category 1 CME credit for activities planned in accordance with AAPA CME Criteria. This activity is "
        f"designated for {figure(row.stated)} AAPA Category 1 CME credits. Approval is valid until {until:%m/%d/%Y}. "
        f"{COMMENSURATE['aapa']}"
    )


def _ipce(row: CreditDesignation, _activity: Activity) -> str:
    return (
        f"This activity was planned by and for the healthcare team, and learners will receive {figure(row.stated)} "
        "Interprofessional Continuing Education (IPCE) credit for learning and change."
    )


def _participation(_row: CreditDesignation, activity: Activity) -> str:
    return (
        f"Other health care professionals receive a certificate of participation. It states the credit for which this "
        f"{activity.noun} was designated; each licensing body decides whether to accept it."
    )


DESIGNATIONS = {
    credit_types.AMA.code: ("Credit designation: physicians", _ama),
    credit_types.ANCC.code: ("Credit designation: nurses", _ancc),
    credit_types.ACPE.code: ("Credit designation: pharmacists", _acpe),
    credit_types.ACPE_TECHNICIAN.code: ("Credit designation: pharmacy technicians", _acpe),
    credit_types.AAPA.code: ("Credit designation: PAs", _aapa),
    credit_types.IPCE.code: ("Interprofessional continuing education", _ipce),
    credit_types.PARTICIPATION.code: ("Other professionals", _participation),
}


def designation(row: CreditDesignation, activity: Activity) -> Statement:
    """For how much of which credit the activity is designated."""
    heading, words = DESIGNATIONS[row.credit_type]
    return Statement(f"designation:{row.credit_type}", heading, words(row, activity))


def moc(row: MocRegistration) -> Statement:
    """One board's mandatory statement; ABIM's is prescribed, the other boards' take the same form.

    Patient safety is credit on top of the points, not points of its own (ABIM).
    """
    board = row.kind
    kinds = [kind for kind in row.point_types if kind != boards.PATIENT_SAFETY]
    safety = boards.PATIENT_SAFETY in row.point_types
    extra = " and patient safety MOC credit" if safety and kinds else ""
    points = " ".join(part for part in (listed(kinds) if kinds else "patient safety", board.unit) if part)
    return Statement(
        f"moc:{row.board}",
        "Maintenance of Certification" if board.prescribed else f"Continuing certification: {row.board}",
        "Successful completion of this CME activity, which includes participation in the evaluation component, enables "
        f"the participant to earn up to {figure(row.maximum)} {points}{extra} in the {board.name}'s ({board.code}) "
        f"{board.program}. Participants will earn {board.unit} equivalent to the amount of CME credits claimed for the "
        "activity. It is the CME activity provider's responsibility to submit participant completion information to "
        f"ACCME for the purpose of granting {board.code} MOC credit.",
    )


def permission(provider: Provider) -> str:
    """The words a learner agrees to before their completion goes to a board."""
    return (
        f"By providing your identifying information you are permitting {provider.name} to share your CME and/or "
        "MOC/continuing certification completion information with the Accreditation Council for Continuing Medical "
        "Education (ACCME) so that it is available to your licensing and, if applicable, your certifying board."
    )

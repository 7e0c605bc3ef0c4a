"""Reads staff's own words in place of a prescribed text and says what an accreditor would strike.

Sources: AMA PRA booklet (designation statement, trademark), ACCME (accreditation statement, Standards 3 and 4).
"""

import re
from collections.abc import Callable
from decimal import Decimal

from activities import credit_types
from activities.models import Activity, CreditDesignation
from activities.statements.credit import COMMENSURATE
from activities.statements.disclosure import shown_relationships
from activities.statements.words import Statement, figure

Check = Callable[[str, Activity, str], list[str]]

# What must not stand in any of the texts, and why.
STRUCK = (
    (r"approved for", "“approved for” is wrong: an activity is designated for credit."),
    (r"accredited for", "“accredited for” is wrong: providers are accredited, activities are designated."),
    (r"\bsponsor", "“sponsor” is the old term: write provider, joint providership or supporter."),
    (r"Essential Areas", "“Essential Areas” is outdated: write accreditation requirements and policies."),
    (r"commercial interest", "“commercial interest” is outdated: write ineligible company."),
    (r"\b(?:conflicts?|COI|relationships?)\b[^.]*\bresolved\b", "“resolved” is outdated: write mitigated."),
    (r"Category 1 CME(?! credit)", "“Category 1 CME” is not the name: write AMA PRA Category 1 Credit(s)™."),
    (r"(?<!PRA )(?<!AAPA )Category 1 [Cc]redit", "“Category 1 credit” is short for AMA PRA Category 1 Credit(s)™."),
    (r"ACCME credit", "“ACCME credit” does not exist: the AMA's credit is designated."),
    (r"AMA PRA Category 1 Credit(?:\(s\)|s)?(?!\(|s|™)", "The trademark sign ™ is missing after the credit's name."),
)  # fmt: skip


def lint(statement: Statement, activity: Activity) -> list[str]:
    """Return what is wrong with a hand edit, in words; nothing for a text as it was generated."""
    if statement.edit is None:
        return []
    text = statement.edit.text
    found = [words for pattern, words in STRUCK if re.search(pattern, text, re.IGNORECASE)]
    kind, _, detail = statement.key.partition(":")
    check = CHECKS.get(kind)
    return found + (check(text, activity, detail) if check else [])


def _designation(text: str, activity: Activity, credit_type: str) -> list[str]:
    row = next(row for row in activity.designations.all() if row.credit_type == credit_type)
    stands = re.search(_amount(row.stated), text)
    found = [] if stands else [f"The amount {figure(row.stated)} is missing."]
    return found + (_ama(text, activity, row) if credit_type == credit_types.AMA.code else [])


def _amount(amount: Decimal) -> str:
    """Return a pattern for an amount with as many zeros at its end as anybody likes: 2, 2.0, and 2.00."""
    whole, _, part = f"{amount.normalize():f}".partition(".")
    return rf"(?<![\d.,]){whole}" + (rf"\.{part}0*(?!\d)" if part else r"(?:\.0+)?(?![.,]?\d)")


def _ama(text: str, activity: Activity, row: CreditDesignation) -> list[str]:
    """The AMA allows no paraphrase: provider, designates, format, maximum, credit, in this order."""
    found = []
    if activity.noun not in text:
        found.append(f"The learning format is missing: {activity.noun}.")
    if "AMA PRA Category 1 Credit" not in text:
        found.append("The credit must be called AMA PRA Category 1 Credit(s)™.")
    if COMMENSURATE["ama"] not in text:
        found.append(f"The sentence “{COMMENSURATE['ama']}” is missing or changed.")
    order = rf"{re.escape(activity.provider.name)}.*designates this .* for a maximum of {_amount(row.stated)}"
    if not re.search(order, text):
        found.append(
            f"The order of words is wrong. It is: {activity.provider.with_article} designates this "
            f"{activity.noun} for a maximum of {figure(row.stated)} …"
        )
    return found


def _accreditation(text: str, activity: Activity, body: str) -> list[str]:
    found = [] if re.search(r"\bis (?:jointly )?accredited (?:by|as)\b", text) else ["“is accredited by” is missing."]
    names = [activity.provider.name, *([] if body else (row.name for row in activity.partners.all()))]
    return found + [f"The name {name} is missing." for name in names if name not in text]


def _moc(text: str, activity: Activity, code: str) -> list[str]:
    row = next(row for row in activity.moc_registrations.all() if row.board == code)
    needed = (row.kind.name, "participation in the evaluation component", "responsibility")
    found = [] if re.search(rf"up to {_amount(row.maximum)}", text) else [f"“up to {figure(row.maximum)}” is missing."]
    return found + [f"“{words}” is missing." for words in needed if words not in text]


def _disclosure(text: str, activity: Activity, _detail: str) -> list[str]:
    names = dict.fromkeys(name for row in shown_relationships(activity) for name in (row.person.name, row.company))
    return [f"The name {name} is missing." for name in names if name not in text]


def _mitigation(text: str, _activity: Activity, _detail: str) -> list[str]:
    return (
        []
        if re.search(r"(?<!not been )mitigated", text)
        else ["It must say that all relevant relationships have been mitigated."]
    )


def _support(text: str, activity: Activity, _detail: str) -> list[str]:
    rows = [row for row in activity.support.all() if row.is_executed]
    needed = [name for row in rows for name in (row.supporter, row.nature_in_words) if name]
    return [f"“{name}” is missing." for name in needed if name not in text]


CHECKS: dict[str, Check] = {
    "designation": _designation,
    "accreditation": _accreditation,
    "moc": _moc,
    "disclosure": _disclosure,
    "mitigation": _mitigation,
    "support": _support,
}

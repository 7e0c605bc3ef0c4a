"""Who in control of content has which relationships, that they are mitigated, unlabeled use, and who gave support.

Sources: ACCME Standards for Integrity and Independence, Standards 3 and 4.
"""

from activities.models import Activity, CommercialSupport, Person, Relationship, Role
from activities.statements.words import Statement, listed, with_period

NONE = "no relevant financial relationships with ineligible companies to disclose."
PLURALS = {
    Role.Part.PLANNER: "planners",
    Role.Part.FACULTY: "faculty",
    Role.Part.REVIEWER: "reviewers",
    Role.Part.STAFF: "staff",
    Role.Part.COMMITTEE: "committee members",
}
OUTSTANDING = "disclosure outstanding."
LATER = "The supporters will be named at the activity."

OFF_LABEL = {
    Activity.OffLabel.NONE: "Faculty will not discuss off-label uses.",
    Activity.OffLabel.DISCUSSED: (
        "Faculty may discuss uses of products that are not in their approved labeling. Before prescribing, consult the "
        "complete prescribing information for indications, contraindications, warnings, and adverse effects."
    ),
}


def disclosure(activity: Activity) -> Statement:
    """One line for each person with relevant relationships, then who has none, by name or as a group."""
    lines = {
        Activity.DisclosureRoute.HERE: _lines,
        Activity.DisclosureRoute.ELSEWHERE: _elsewhere,
        Activity.DisclosureRoute.EXEMPT: _exempt,
    }[Activity.DisclosureRoute(activity.disclosure_route)]
    return Statement("disclosure", "Disclosure", "\n".join(lines(activity)))


def shown_relationships(activity: Activity) -> list[Relationship]:
    """What learners read of, of everybody who has a part here: relevant relationships, and those not decided on yet."""
    people = {role.person_id for role in activity.roles.all()}
    relevant = [row.relationship for row in activity.judgements.all() if row.is_shown]
    return [row for row in relevant if row.person_id in people] + undecided(activity)


def undecided(activity: Activity) -> list[Relationship]:
    """The relationships that somebody disclosed and the office has not decided on; none is passed over in silence.

    Their descriptions are left out: nobody has read yet what was typed there.
    """
    rows = [row.relationship for row in activity.judgements.all()]
    judged = {(row.person_id, row.company, row.nature, row.described) for row in rows}
    people = {role.person_id: role.person for role in activity.roles.all()}
    return [
        Relationship(person=person, company=row["company"], nature=row["nature"])
        for person in people.values()
        for row in (person.disclosure.listed if person.disclosure else [])
        if (person.pk, row["company"], row["nature"], row["described"]) not in judged
    ]


def mitigation(activity: Activity) -> Statement | None:
    """The sentence that must follow disclosed relationships, once all are decided; None where there are none."""
    here = activity.disclosure_route == Activity.DisclosureRoute.HERE
    shown = here and bool(shown_relationships(activity)) and not undecided(activity)
    attested = activity.relationships_mitigated and activity.disclosure_route == Activity.DisclosureRoute.ELSEWHERE
    if not (shown or attested):
        return None
    words = "listed for these individuals" if shown else "for these individuals"
    return Statement(
        "mitigation", "Mitigation", f"All of the relevant financial relationships {words} have been mitigated."
    )


def off_label(activity: Activity) -> Statement | None:
    """Whether unlabeled uses will be discussed; customary, not required (None where nothing is said)."""
    text = OFF_LABEL.get(Activity.OffLabel(activity.off_label))
    return Statement("off_label", "Unlabeled use", text) if text else None


def support(activity: Activity) -> Statement:
    """The acknowledgement of commercial support: names and the nature of what was given in kind, nothing else.

    A supporter whose agreement is not executed is not named yet.
    """
    return Statement("support", "Acknowledgment of support", _support(activity))


def _support(activity: Activity) -> str:
    if activity.support_state == Activity.SupportState.NONE:
        return "This activity received no commercial support."
    rows = list(activity.support.all())
    named = [row for row in rows if row.is_executed]
    if activity.support_state == Activity.SupportState.PENDING or not named:
        return f"This activity is supported by educational grants. {LATER}"
    sources = [words for words in (_grants(named), _in_kind(named)) if words]
    later = f" {LATER.replace('The', 'Further', 1)}" if len(named) < len(rows) else ""
    return with_period(f"This activity is supported by {' and by '.join(sources)}") + later


def _grants(rows: list[CommercialSupport]) -> str:
    names = [row.supporter for row in rows if row.kind == CommercialSupport.Kind.GRANT]
    if not names:
        return ""
    return f"{'an educational grant' if len(names) == 1 else 'educational grants'} from {listed(names)}"


def _in_kind(rows: list[CommercialSupport]) -> str:
    given = [f"{row.supporter} ({row.nature_in_words})" for row in rows if row.kind == CommercialSupport.Kind.IN_KIND]
    return f"in-kind support from {listed(given)}" if given else ""


def _elsewhere(activity: Activity) -> list[str]:
    text = (
        f"{activity.provider.short_name} gives participants the financial relationships of everybody in control of "
        f"content in {activity.disclosure_place or 'material handed out'}, before the education begins."
    )
    return [text]


def _exempt(activity: Activity) -> list[str]:
    why = str(activity.get_exemption_display()).lower()
    return [f"For this activity no financial relationships had to be identified (ACCME Standard 3; {why})."]


def _lines(activity: Activity) -> list[str]:
    parts = _parts(activity)
    shown = _shown(activity)
    named = [(_named(person, roles), shown[person.pk]) for person, roles in parts if person.pk in shown]
    lines = [with_period(f"{name}: {_natures(companies)}") for name, companies in named]
    silent = [(person, roles) for person, roles in parts if person.pk not in shown]
    without = [(person, roles) for person, roles in silent if person.disclosure is not None]
    lines += [f"{_named(person, roles)}: {OUTSTANDING}" for person, roles in silent if person.disclosure is None]
    if not without:
        return lines
    if activity.absence_as_group:
        return [*lines, _group(without, {role for person, roles in parts if person.pk in shown for role in roles})]
    verb = "has" if len(without) == 1 else "have"
    return [*lines, f"{listed([_named(*entry) for entry in without])} {verb} {NONE}"]


def _shown(activity: Activity) -> dict[int, dict[str, list[str]]]:
    """The companies that learners read of, by person and by the nature of the relationship."""
    shown: dict[int, dict[str, list[str]]] = {}
    for row in shown_relationships(activity):
        natures = shown.setdefault(row.person_id, {})
        natures.setdefault(row.in_words, []).append(row.company)
    return shown


def _natures(companies: dict[str, list[str]]) -> str:
    """`Consultant: Novartis, Lilly; Royalties: UpToDate`."""
    return "; ".join(f"{nature}: {', '.join(names)}" for nature, names in companies.items())


def _parts(activity: Activity) -> list[tuple[Person, list[Role.Part]]]:
    """Each person once, in the order entered, with all their parts."""
    people: dict[int, tuple[Person, list[Role.Part]]] = {}
    for role in activity.roles.all():
        people.setdefault(role.person_id, (role.person, []))[1].append(Role.Part(role.part))
    return list(people.values())


def _named(person: Person, parts: list[Role.Part]) -> str:
    return f"{person} ({', '.join(str(part.label) for part in parts)})"


def _group(without: list[tuple[Person, list[Role.Part]]], with_some: set[Role.Part]) -> str:
    """`The planners and other faculty of this activity have no …`: other where somebody of the part is listed."""
    absent = dict.fromkeys(part for _person, parts in without for part in parts)
    names = [f"{'other ' if part in with_some else ''}{PLURALS[part]}" for part in absent]
    return f"The {listed(names)} of this activity have {NONE}"

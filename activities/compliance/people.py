"""Whether learners read who has which relationships before they begin (ACCME Standard 3) and who gave support (4)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from activities.compliance.findings import Finding, error, note, warning
from activities.models import Activity, Role
from activities.statements.words import listed

STANDARD_3 = "ACCME Standard 3"
STANDARD_4 = "ACCME Standard 4"
NAMED_BEFORE = timedelta(days=14)
SUPPORT = "support-group"


def disclosures(activity: Activity, now: datetime) -> Iterator[Finding]:
    """By the route that was chosen: here, elsewhere, or one of the exceptions."""
    route = activity.disclosure_route
    if route == Activity.DisclosureRoute.EXEMPT:
        if not activity.exemption:
            yield error("exemption", "Choose which exception applies.", STANDARD_3, "exemption")
        yield warning(
            "exempt", "Nothing is disclosed. Keep on file why the exception applies.", STANDARD_3, "exemption"
        )
    elif route == Activity.DisclosureRoute.ELSEWHERE:
        yield from _elsewhere(activity)
    elif not activity.roles.all():
        yield error("people", "Enter the people in control of content.", STANDARD_3, "roles-group")
    else:
        yield from _here(activity, now)


def _elsewhere(activity: Activity) -> Iterator[Finding]:
    if not activity.disclosure_place:
        yield error(
            "place-of-disclosure", "Name the material in which learners read it.", STANDARD_3, "disclosure_place"
        )
    if not activity.relationships_mitigated:
        words = "Attest that all relevant relationships are mitigated."
        yield error("mitigated", words, STANDARD_3, "relationships_mitigated")
    words = "Names, companies and natures do not stand on the page. Keep proof that learners receive them first."
    yield warning("elsewhere", words, f"{STANDARD_3}.5", "disclosure_route")


def _here(activity: Activity, now: datetime) -> Iterator[Finding]:
    judged = {row.relationship_id for row in activity.judgements.all()}
    roles: dict[int, list[Role]] = {}
    for role in activity.roles.all():
        roles.setdefault(role.person_id, []).append(role)
    for parts in roles.values():
        person = parts[0].person
        if person.disclosure is None:
            words = f"{person} has not disclosed anything yet, not even that there is nothing."
            yield error("not-disclosed", words, STANDARD_3, "people", str(person.pk))
        elif not person.has_disclosed(now):
            words = f"{person} disclosed more than twelve months ago."
            yield error("disclosure-old", words, f"{STANDARD_3}: last 24 months", "people", str(person.pk))
        for relationship in person.current_relationships:
            which = str(relationship.pk)
            if relationship.stops and not all(role.exception for role in parts):
                words = f"{person} ({relationship}) may not control content unless an exception applies."
                yield error("owner-or-employee", words, f"{STANDARD_3}.2", "roles-group", which)
            if relationship.pk not in judged:
                words = f"{person}: decide on “{relationship}”, not relevant or mitigated."
                yield error("not-judged", words, f"{STANDARD_3}.3–4", "people", which)
    if not activity.provider.disclosure_policy:
        yield note("policy", "The provider has no disclosure policy to show.", "Usual practice", "provider")


def support(activity: Activity, now: datetime) -> Iterator[Finding]:
    """What the page says about support agrees with the agreements."""
    rows = list(activity.support.all())
    state = activity.support_state
    if state == Activity.SupportState.NONE and rows:
        yield error(
            "support-state",
            "Supporters are entered, but the page says that there are none.",
            STANDARD_4,
            "support_state",
        )
    if state == Activity.SupportState.NAMED and not any(row.is_executed for row in rows):
        yield error(
            "support-names", "Name the supporters, with the day their agreement was executed.", STANDARD_4, SUPPORT
        )
    pending = state == Activity.SupportState.PENDING or any(not row.is_executed for row in rows)
    if state != Activity.SupportState.NONE and pending and now > activity.starts_at - NAMED_BEFORE:
        words = "Agreements are pending. Learners must read the supporters' names before the education begins."
        yield warning("support-pending", words, STANDARD_4, "support_state")
    missing = [row.supporter for row in rows if row.is_executed and not row.agreement]
    if missing:
        yield warning("agreement", f"Not on file: the signed agreement with {listed(missing)}.", STANDARD_4, SUPPORT)


def unlabeled_use(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """Customary, not required."""
    if not activity.off_label:
        yield note("off-label", "Nothing is said about unlabeled uses.", "Customary, not required", "off_label")

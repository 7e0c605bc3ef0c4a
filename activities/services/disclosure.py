"""Collects disclosures by personal links, and records how the office judged each relationship for an activity."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.core.files.base import File
from django.utils import timezone

from accounts.models import User
from accounts.spelling import folded
from activities import emails, uploads, watching, zones
from activities.models import Activity, Disclosure, Invitation, Judgement, Person, Provider, Relationship
from activities.models.people import frozen, methods_for
from activities.services.guard import guarded
from audit.changes import stamp
from audit.models import record
from jobs.transactions import short_write

NOON = time(12)
LINK_GOOD_FOR = timedelta(days=30)
TITLES = {"dr", "prof", "professor", "mr", "mrs", "ms"}
MOMENT = timedelta(microseconds=1)
AGREED = (
    "I have listed every financial relationship that I have had with ineligible companies in the past 24 months, of "
    "any amount, or I have had none. An ineligible company is one whose primary business is producing, marketing, "
    "selling, re-selling, or distributing healthcare products used by or on patients. I will tell the CME office when "
    "this changes."
)


class LinkClosed(Exception):
    """The link is unknown, used up or expired; the words say what to do."""


class NotThisPerson(Exception):
    """The signature is another person's name."""


class CannotRecord(Exception):
    """What came on paper is older than what is on record."""


class CannotJudge(Exception):
    """The decision does not fit the relationship or the person's part."""


@dataclass(frozen=True)
class Listed:
    """One relationship as it was listed."""

    company: str
    nature: str
    described: str = ""


def fingerprint(token: str) -> str:
    """Return what is kept of a link's secret."""
    return hashlib.sha256(token.encode()).hexdigest()


@short_write
def invite(
    *, person: Person, provider: Provider, actor: User, now: datetime, activity: Activity | None = None
) -> Invitation:
    """Write the mail with a link that works for this person alone, for 30 days; earlier links stop working.

    `activity` is that for which they are asked; without one they are asked in general.
    """
    token = secrets.token_urlsafe(24)
    close_links(person, now=now)
    invitation = Invitation.objects.create(
        person=person,
        fingerprint=fingerprint(token),
        office_email=provider.office_email,
        invited_by=actor,
        invited_at=now,
        expires_at=now + LINK_GOOD_FOR,
    )
    emails.disclosure_wanted(invitation, provider, activity, token)
    record(action="asked for a disclosure", subject=person, actor=actor)
    return invitation


def invitation_behind(token: str, *, now: datetime) -> Invitation:
    """Return the invitation to which a link belongs; raises LinkClosed."""
    found = Invitation.objects.select_related("person").filter(fingerprint=fingerprint(token)).first()
    if found is None:
        raise LinkClosed("This link is not complete. Copy the whole address out of the mail.")
    if found.used_at is not None:
        raise LinkClosed(f"This form was signed already. To change it, write to {found.office_email}.")
    if not found.is_open(now) and found.expires_at < found.invited_at + LINK_GOOD_FOR:
        words = "This link was closed: a newer one was mailed, or the office has recorded what you told it."
        raise LinkClosed(f"{words} Questions: {found.office_email}.")
    if not found.is_open(now):
        raise LinkClosed(f"This link has expired. Ask {found.office_email} for a new one.")
    return found


@short_write
def sign(*, token: str, listed: list[Listed], signature: str, now: datetime) -> Disclosure:
    """Keep what the person signed and spend the link; raises LinkClosed, NotThisPerson."""
    invitation = invitation_behind(token, now=now)
    person = invitation.person
    if _plain(signature) != _plain(person.name):
        raise NotThisPerson(
            f"This link is for {person.name} alone. Sign with exactly this name; if you are somebody else, leave it."
        )
    Person.objects.select_for_update().get(pk=person.pk)
    spent = Invitation.objects.filter(pk=invitation.pk, used_at=None, expires_at__gte=now).update(used_at=now)
    if not spent:
        raise LinkClosed(f"This form was signed, or the link closed, meanwhile. Write to {invitation.office_email}.")
    return keep(person=person, listed=listed, signature=signature.strip(), recorded_by=None, now=now)


@short_write
def record_on_paper(
    *,
    person: Person,
    listed: list[Listed],
    signature: str,
    actor: User,
    now: datetime,
    signed_on: date | None = None,
    scan: "File[bytes] | None" = None,
) -> Disclosure:
    """Keep a disclosure that staff enter, by the day on which it was signed (without one, now), with its scan.

    Open links of the person stop working, so that nothing is overwritten. Raises CannotRecord when a newer one is on
    record.
    """
    Person.objects.select_for_update().get(pk=person.pk)
    newest = Disclosure.objects.filter(person=person).first()
    if newest and signed_on and timezone.localdate(newest.signed_at) > signed_on:
        raise CannotRecord(f"A newer disclosure is on record, signed {_day(newest.signed_at)}.")
    signed_at = min(now, zones.instant(signed_on, NOON, settings.TIME_ZONE)) if signed_on else now
    signed_at = max(signed_at, newest.signed_at) if newest else signed_at
    close_links(person, now=now)
    made = keep(
        person=person, listed=listed, signature=signature.strip(), recorded_by=actor, now=now, signed_at=signed_at
    )
    if scan:
        scan.seek(0)
        made.scan.save(f"scan.{uploads.ending_of_proof(scan.read(16))}", scan)
    return made


def keep(
    *,
    person: Person,
    listed: Iterable[Listed],
    signature: str,
    recorded_by: User | None,
    now: datetime,
    signed_at: datetime | None = None,
) -> Disclosure:
    """Write the disclosure and bring the person's relationships in line with it; in the caller's transaction.

    A relationship is never changed: another nature or description is another one, to be judged anew. Until then the
    published pages show it as it was disclosed, and the offices are told.
    """
    current = _bring_in_line(person, list(dict.fromkeys(listed)), now)
    made = Disclosure.objects.create(
        person=person,
        signed_at=signed_at or now,
        signature=signature,
        words=AGREED if recorded_by is None else f"Recorded by the CME office. {AGREED}",
        listed=frozen(current),
        recorded_by=recorded_by,
    )
    record(
        action="disclosed", subject=person, actor=recorded_by, after={"relationships": made.listed}, reason=signature
    )
    watching.check_pages(Activity.objects.filter(pk__in=person.roles.values("activity")), now)
    return made


def close_links(person: Person, *, now: datetime) -> None:
    """Let no open link of this person work any more."""
    Invitation.objects.filter(person=person, used_at=None, expires_at__gt=now).update(expires_at=now - MOMENT)


def _bring_in_line(person: Person, rows: list[Listed], now: datetime) -> list[Relationship]:
    """Save the listed relationships and mark those as ended that are not listed any more."""
    known = {Listed(row.company, row.nature, row.described): row for row in person.relationships.all()}
    current = []
    for item in rows:
        row = known.pop(item, None) or Relationship(
            person=person, company=item.company, nature=item.nature, described=item.described
        )
        row.ended_at = None
        row.save()
        current.append(row)
    Relationship.objects.filter(pk__in=[row.pk for row in known.values()], ended_at=None).update(ended_at=now)
    return current


@short_write
def judge(
    *,
    activity: Activity,
    relationship: Relationship,
    decision: str,
    method: str,
    why: str,
    actor: User | None,
    now: datetime,
    seen: str = "",
) -> Judgement:
    """Record the office's decision about one relationship for one activity; raises CannotJudge.

    `seen` is the stamp of the decision that the page had shown.
    """
    mitigated = _check_judgement(activity, relationship, decision, method, why)
    with guarded(Activity.objects.filter(pk=activity.pk), actor=actor, now=now):
        before = Judgement.objects.filter(activity=activity, relationship=relationship).first()
        if seen and seen != stamp_of(before):
            raise CannotJudge(
                f"{before.judged_by if before else 'Somebody'} decided this while your page was open: "
                f"{before or 'undecided'}. Save again to put your decision in its place."
            )
        made, _ = Judgement.objects.update_or_create(
            activity=activity,
            relationship=relationship,
            defaults={
                "decision": decision,
                "method": method if mitigated else "",
                "why": why.strip(),
                "judged_by": actor,
                "judged_at": now,
            },
        )
    record(
        action="judged a relationship",
        subject=activity,
        actor=actor,
        before={"decision": str(before)} if before else {},
        after={"decision": str(made), "person": str(relationship.person), "method": made.method, "why": made.why},
    )
    return made


def stamp_of(judgement: Judgement | None) -> str:
    """Return the stamp of a decision, or of none."""
    return stamp(judgement.decision, judgement.method, judgement.why) if judgement else stamp()


def _check_judgement(activity: Activity, relationship: Relationship, decision: str, method: str, why: str) -> bool:
    """Return whether the decision is mitigation; raise CannotJudge when something is missing or does not fit."""
    parts = set(activity.roles.filter(person=relationship.person_id).values_list("part", flat=True))
    if not parts:
        raise CannotJudge(f"{relationship.person} has no part in this activity.")
    if decision not in Judgement.Decision.values:
        raise CannotJudge("Decide: not_relevant or mitigated.")
    mitigated = decision == Judgement.Decision.MITIGATED
    if mitigated and method not in methods_for(parts):
        raise CannotJudge("Choose how it was mitigated, one of the steps for this person's part.")
    if not why.strip() and (not mitigated or method == Judgement.Method.OTHER):
        raise CannotJudge("Say why: an accreditor will ask.")
    return mitigated


def _day(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%B %-d, %Y}"


def _plain(name: str) -> str:
    """Return a name as it is compared: in plain spelling, without dots and titles."""
    words = folded(name).replace(".", " ").split()
    return " ".join(word for word in words if word not in TITLES)

"""People in control of content, their disclosures, and how the office judged each relationship for an activity.

A disclosure is given once and held on the person: what they signed is frozen in `Disclosure`, the relationships in it
are rows of their own so that each can be judged for each activity. A relationship that a later disclosure no longer
names is marked as ended and never deleted: the pages for which it was judged go on showing it.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from activities.models.activity import Activity
from activities.uploads import scan_name

GOOD_FOR = timedelta(days=365)


class Person(models.Model):
    """Somebody who plans, teaches, writes, reviews or manages content."""

    name = models.CharField(max_length=150)
    degrees = models.CharField(max_length=80, blank=True)
    position = models.CharField(max_length=250, blank=True)
    email = models.EmailField(blank=True, help_text="Where the disclosure form is sent; shown to nobody else.")

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "people in control of content"
        verbose_name = "person in control of content"
        constraints = (
            models.UniqueConstraint(
                F("email"),
                condition=~Q(email=""),
                name="person_email_once",
                violation_error_message="Somebody else has this address. Each disclosure link is for one person.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}, {self.degrees}" if self.degrees else self.name

    @property
    def disclosure(self) -> "Disclosure | None":
        """The newest disclosure."""
        return next(iter(self.disclosures.all()), None)

    def has_disclosed(self, now: datetime) -> bool:
        """Whether the newest disclosure is not older than twelve months."""
        newest = self.disclosure
        return newest is not None and now - newest.signed_at <= GOOD_FOR

    @property
    def current_relationships(self) -> "list[Relationship]":
        """The relationships that the newest disclosure names."""
        return [row for row in self.relationships.all() if row.ended_at is None]


class Role(models.Model):
    """A person's part in one activity; `exception` lets an owner or employee of an ineligible company take part."""

    class Part(models.TextChoices):
        """What gives them control of content."""

        PLANNER = "planner", "Planner"
        FACULTY = "faculty", "Faculty"
        REVIEWER = "reviewer", "Reviewer"
        STAFF = "staff", "Staff"
        COMMITTEE = "committee", "Committee"

    class Exemption(models.TextChoices):
        """The three exceptions for owners and employees (ACCME Standard 3.2)."""

        UNRELATED = "unrelated", "The content is not related to the company's business lines or products"
        RESEARCH = "research", "The content is basic science or research methods; no care recommendations are made"
        TECHNICIAN = "technician", "Teaches, as a technician, the safe use of devices; does not recommend when to use"

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="roles")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="roles")
    part = models.CharField(max_length=10, choices=Part.choices)
    exception = models.CharField(
        max_length=12, choices=Exemption.choices, blank=True, help_text="Owners and employees of ineligible companies."
    )

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                F("activity"),
                F("person"),
                F("part"),
                name="role_once",
                violation_error_message="This person has this part already.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} ({self.get_part_display()})"


class Disclosure(models.Model):
    """What a person signed, frozen: the words they agreed to and the relationships as they listed them."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="disclosures")
    signed_at = models.DateTimeField(default=timezone.now)
    signature = models.CharField(max_length=150, help_text="The name as typed by the person, or who recorded it.")
    words = models.TextField()
    listed = models.JSONField(default=list)
    scan = models.FileField(upload_to=scan_name, blank=True, help_text="The signed paper, where there is one.")
    recorded_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="Empty: by the person."
    )

    class Meta:
        ordering = ("-signed_at", "-id")
        get_latest_by = "signed_at"

    def __str__(self) -> str:
        return f"{self.signature}, {timezone.localdate(self.signed_at)}"


class Relationship(models.Model):
    """A financial relationship with an ineligible company (ACCME Standard 3), by name and nature, never by amount."""

    class Nature(models.TextChoices):
        """What the relationship consists in."""

        EMPLOYEE = "employee", "Employee"
        OWNER = "owner", "Ownership interest"
        EXECUTIVE = "executive", "Executive role"
        STOCK = "stock", "Individual stocks or stock options"
        RESEARCHER = "researcher", "Researcher"
        CONTRACTOR = "contractor", "Independent contractor, contracted research included"
        CONSULTANT = "consultant", "Consultant"
        ADVISOR = "advisor", "Advisor"
        SPEAKER = "speaker", "Speaker"
        ROYALTIES = "royalties", "Royalties or patent beneficiary"
        OTHER = "other", "Other"

    STOPS = (Nature.EMPLOYEE, Nature.OWNER)

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="relationships")
    company = models.CharField("ineligible company", max_length=120)
    nature = models.CharField(max_length=12, choices=Nature.choices)
    described = models.CharField(
        max_length=120, blank=True, help_text="More exactly, for example “Board of Directors”; printed instead."
    )
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                F("person"),
                F("company"),
                F("nature"),
                F("described"),
                name="relationship_once",
                violation_error_message="This relationship is listed already.",
            ),
            models.CheckConstraint(
                condition=~Q(nature="other") | ~Q(described=""),
                name="other_relationship_is_described",
                violation_error_message="Say in a few words what the relationship is.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.in_words}: {self.company}"

    @property
    def in_words(self) -> str:
        """The nature as the page prints it."""
        return self.described or str(self.get_nature_display())

    @property
    def stops(self) -> bool:
        """Whether it keeps the person out, unless one of three exceptions applies (ACCME Standard 3.2)."""
        return self.nature in self.STOPS


class Judgement(models.Model):
    """The office's decision about one relationship for one activity: not relevant, or mitigated, how and why."""

    class Decision(models.TextChoices):
        """Whether learners read of it."""

        NOT_RELEVANT = "not_relevant", "Not relevant to this content"
        MITIGATED = "mitigated", "Relevant, and mitigated"

    class Method(models.TextChoices):
        """Steps of mitigation (ACCME's tools for Standard 3)."""

        DIVEST = "divest", "The person ended the relationship"
        RECUSE = "recuse", "Recusal from controlling the content concerned"
        PLAN_REVIEW = "plan_review", "Planning decisions reviewed by people without relevant relationships"
        CONTENT_REVIEW = "content_review", "Content reviewed by people without relevant relationships"
        ATTEST = "attest", "Attestation that recommendations are evidence-based and free of commercial bias"
        OTHER = "other", "Another way, described"

    PLANNERS = (Method.DIVEST, Method.RECUSE, Method.PLAN_REVIEW, Method.OTHER)
    OTHERS = (Method.DIVEST, Method.CONTENT_REVIEW, Method.ATTEST, Method.OTHER)

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="judgements")
    relationship = models.ForeignKey(Relationship, on_delete=models.PROTECT, related_name="judgements")
    decision = models.CharField(max_length=12, choices=Decision.choices)
    method = models.CharField(max_length=16, choices=Method.choices, blank=True)
    why = models.TextField(blank=True)
    judged_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    judged_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(F("activity"), F("relationship"), name="judged_once_per_activity"),
            models.CheckConstraint(
                condition=Q(decision="not_relevant") | ~Q(method=""), name="mitigated_by_a_method"
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.relationship}: {self.get_decision_display()}"

    @property
    def is_shown(self) -> bool:
        """Whether learners read of it."""
        return self.decision == self.Decision.MITIGATED


def methods_for(parts: set[str]) -> list[Judgement.Method]:
    """Return the steps of mitigation for people with these parts; planning and teaching have different ones."""
    planning = {Role.Part.PLANNER, Role.Part.COMMITTEE, Role.Part.STAFF}
    chosen = [*(Judgement.PLANNERS if parts & planning else ()), *(Judgement.OTHERS if parts - planning else ())]
    return list(dict.fromkeys(chosen))


class Invitation(models.Model):
    """A personal link to the disclosure form; only the link's fingerprint is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="invitations")
    fingerprint = models.CharField(max_length=64, unique=True, editable=False)
    office_email = models.EmailField()
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.person}, until {timezone.localdate(self.expires_at)}"

    def is_open(self, now: datetime) -> bool:
        """Whether the link still leads to the form."""
        return self.used_at is None and now <= self.expires_at


def frozen(relationships: "list[Relationship]") -> list[dict[str, Any]]:
    """Return relationships as a disclosure keeps them."""
    return [{"company": row.company, "nature": row.nature, "described": row.described} for row in relationships]

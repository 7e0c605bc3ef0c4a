"""The activity: what is taught, to whom, by whom, when and where."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.crypto import get_random_string

from activities import formats, zones
from activities.countries import check_country
from activities.credit_types import awarded_to
from activities.formats import Format
from activities.models import choices
from activities.models.entitlement import Entitlement
from activities.models.provider import Provider
from activities.models.querysets import ActivityQuerySet

ASIDE = timedelta(days=100_000)  # where a postponed day waits, so that lunch does not meet the next day's lunch
KEPT = ("id", "state", "published_at")  # moved by the services of state, never by a form that was opened before
CODE_CHARACTERS = "23456789BCDFGHJKMNPQRSTVWXZ"  # no vowels: a code on a slide never spells a word


def short_code() -> str:
    """Return six characters for the short address on the last slide: one of some 387 million."""
    return get_random_string(6, CODE_CHARACTERS)


class Activity(models.Model):
    """A regulated document, and until when its credit can be claimed.

    Staff give days and hours of the activity's own zone; `starts_at`, `ends_at` and `claim_until` are the UTC
    instants computed from them at each save, for rules and queries. For formats that are worked through alone the
    first and last day are release and expiry. `state` is moved by `activities.services.state` alone.
    """

    State = choices.State
    Delivery = choices.Delivery
    SupportState = choices.SupportState
    DisclosureRoute = choices.DisclosureRoute
    Exemption = choices.Exemption
    OffLabel = choices.OffLabel
    ClaimBy = choices.ClaimBy

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="activities")
    slug = models.SlugField(max_length=80, unique=True)
    code = models.CharField("short address", max_length=6, unique=True, default=short_code, editable=False)
    title = models.CharField(max_length=250)
    format = models.CharField(max_length=20, choices=formats.choices)
    format_description = models.CharField(
        max_length=80, blank=True, help_text="Only for “other”: a few words, printed in the statement and certificate."
    )
    delivery = models.CharField(max_length=10, choices=Delivery.choices, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    pars_id = models.CharField(
        "ACCME activity ID",
        max_length=9,
        blank=True,
        validators=[RegexValidator(r"\A[0-9]{9}\Z", "Nine digits, as PARS assigned them.")],
    )

    venue = models.CharField(max_length=150, blank=True)
    city = models.CharField(max_length=80, blank=True)
    region = models.CharField("state or region", max_length=80, blank=True)
    country = models.CharField(max_length=80, blank=True)
    time_zone = models.CharField(
        max_length=60, default="America/New_York", choices=zones.choices, validators=[zones.check_zone]
    )
    starts_on = models.DateField("first day or release", validators=[zones.check_day])
    ends_on = models.DateField("last day or expiry", validators=[zones.check_day])
    claim_until_day = models.DateField("credit can be claimed until", validators=[zones.check_day])
    claim_until_hour = models.TimeField("at", default=zones.END_OF_DAY)
    starts_at = models.DateTimeField(editable=False)
    ends_at = models.DateTimeField(editable=False)
    claim_until = models.DateTimeField(editable=False, db_index=True)
    estimated_minutes = models.PositiveIntegerField(
        null=True, blank=True, help_text="Formats without hours of their own: time to complete."
    )

    summary = models.TextField(blank=True, help_text="What it is, in a few sentences; PARS takes 2,500 characters.")
    need = models.TextField("educational need", blank=True)
    audience = models.TextField("target audience", blank=True)
    outline = models.TextField(blank=True, help_text="What is treated, a line for each subject.")
    url = models.URLField("its own web page", blank=True, help_text="Where people register or take part.")
    free = models.BooleanField("free of charge", default=False)
    completion = models.TextField(
        "how credit is earned", blank=True, help_text="What a learner must do, with the passing standard."
    )
    credit_note = models.TextField(blank=True, help_text="What else must be said about the number of credits.")
    system_requirements = models.TextField(blank=True)
    content_in_order = models.BooleanField(
        "content in order", default=True, help_text="Each part opens when the one before it is done."
    )
    claim_by = models.CharField(
        "credit is claimed by", max_length=10, choices=ClaimBy.choices, default=ClaimBy.SESSIONS
    )
    code_hours = models.PositiveSmallIntegerField(
        "a session's code holds for (hours)",
        null=True,
        blank=True,
        help_text="From the session's start. Empty: until credit can no longer be claimed.",
    )
    own_code = models.CharField(
        "code of the activity",
        max_length=20,
        blank=True,
        validators=[RegexValidator(r"\A[A-Za-z0-9]{6,20}\Z", "A code has 6 to 20 letters and digits.")],
        help_text="For content in another system, which shows it at the end; not for activities with sessions.",
    )
    own_code_days = models.PositiveSmallIntegerField(
        "it is good for (days)",
        null=True,
        blank=True,
        help_text="Within which a learner who has entered it asks for credit. Empty: until the deadline.",
    )
    attendance_is_ceiling = models.BooleanField(
        "attendance records limit the claim",
        default=False,
        help_text="Nobody can claim more than the imported attendance records show.",
    )
    related = models.ManyToManyField("self", blank=True, verbose_name="related activities")

    disclosure_route = models.CharField(
        "disclosures are given", max_length=10, choices=DisclosureRoute.choices, default=DisclosureRoute.HERE
    )
    disclosure_place = models.CharField(
        max_length=200, blank=True, help_text="Only if given elsewhere: “the program book”, “the meeting's app”."
    )
    exemption = models.CharField(max_length=20, choices=Exemption.choices, blank=True)
    relationships_mitigated = models.BooleanField(
        default=False, help_text="Only if given elsewhere: the office attests that all relevant ones are mitigated."
    )
    absence_as_group = models.BooleanField(
        "absence as a group", default=False, help_text="“The planners of this activity have no …” instead of names."
    )
    off_label = models.CharField(
        "unlabeled use", max_length=10, choices=OffLabel.choices, blank=True, default=OffLabel.UNSAID
    )
    open_findings = models.JSONField(default=list, editable=False)  # of a published page, as their identities
    support_state = models.CharField(max_length=10, choices=SupportState.choices, default=SupportState.NONE)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_on", "title")
        verbose_name_plural = "activities"
        permissions = (("publish_activity", "Can publish, unpublish, close and archive activities"),)
        constraints = (
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="activity_ends_after_start"),
            models.CheckConstraint(condition=Q(claim_until__gte=F("ends_at")), name="activity_claim_until_after_end"),
        )

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Compute the instants from the local days and hours, then save all but the state.

        A change of zone moves the sessions' instants, a postponement of the whole moves their days along.
        """
        self.set_instants()
        self.own_code = self.own_code.upper()
        before = None if self._state.adding else Activity.objects.filter(pk=self.pk).first()
        if before:
            fields = (field.name for field in self._meta.concrete_fields)
            kwargs.setdefault("update_fields", [name for name in fields if name not in KEPT])
        super().save(*args, **kwargs)
        if before:
            self._move_sessions(before)

    def get_absolute_url(self) -> str:
        """Return the address of the public page."""
        return reverse("activities:activity", args=[self.slug])

    def _move_sessions(self, before: "Activity") -> None:
        days = self.starts_on - before.starts_on
        postponed = days if self.ends_on - before.ends_on == days else timedelta(0)
        if not postponed and self.time_zone == before.time_zone:
            return
        sessions = list(self.sessions.all())
        for offset in (ASIDE, postponed - ASIDE) if postponed else (timedelta(0),):
            for session in sessions:
                session.day += offset
            self.sessions.bulk_update(sessions, ["day"])
        for session in sessions:
            session.compute()
        self.sessions.bulk_update(sessions, ["starts_at", "ends_at", "credit"])

    def set_instants(self) -> None:
        """Compute `starts_at`, `ends_at` and `claim_until`."""
        self.starts_at = zones.instant(self.starts_on, datetime.min.time(), self.time_zone)
        self.ends_at = zones.instant(self.ends_on, zones.END_OF_DAY, self.time_zone)
        self.claim_until = zones.instant(self.claim_until_day, self.claim_until_hour, self.time_zone)

    def clean(self) -> None:
        """Say which date is wrong before the database refuses it, and refuse a country that PARS would not know."""
        try:
            check_country(self.country)
        except ValidationError as error:
            raise ValidationError({"country": error}) from None
        if not (self.starts_on and self.ends_on and self.claim_until_day and self.claim_until_hour):
            return
        if not zones.is_zone(self.time_zone) or self.format not in formats.FORMATS:
            return  # the field itself says so
        self._check_span()
        self.set_instants()
        if self.claim_until < self.ends_at:
            raise ValidationError({"claim_until_day": "Credit must be claimable until the activity has ended."})

    def _check_span(self) -> None:
        for name in ("starts_on", "ends_on", "claim_until_day"):
            zones.check_day(getattr(self, name))
        first, last = ("release", "expiry") if self.is_self_study else ("first", "last day")
        if self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": f"The {last} lies before the {first}."})
        years = self.kind.longest_years
        if self.ends_on > self.last_possible_day:
            most = f"{years} years" if years > 1 else "12 months"
            last_day = f"{self.last_possible_day:%B %-d, %Y}"
            raise ValidationError({"ends_on": f"{self.kind.name}: at most {most}, until {last_day}."})

    @property
    def kind(self) -> Format:
        """The entry in the table of formats."""
        return formats.FORMATS[self.format]

    @property
    def noun(self) -> str:
        """The learning format as statements and certificates print it: `live activity`, `other activity (a game)`."""
        return f"{self.kind.noun} ({self.format_description})" if self.kind.described else self.kind.noun

    @property
    def last_possible_day(self) -> Any:
        """The last day that the format allows: three years for enduring material, twelve months for a meeting."""
        end = formats.years_later(self.starts_on, self.kind.longest_years)
        return end - timedelta(days=1) if self.kind.scheduled else end

    @property
    def is_self_study(self) -> bool:
        """Whether learners work on their own between release and expiry."""
        return not self.kind.scheduled

    @property
    def is_visible(self) -> bool:
        """Whether anybody may read its page; what is archived stays readable and is no longer listed."""
        return self.state != self.State.DRAFT

    @property
    def happens_somewhere(self) -> bool:
        """Whether people meet in one place."""
        return self.kind.scheduled and self.delivery != self.Delivery.STREAMED

    def deadline_has_passed(self, now: datetime) -> bool:
        """Whether `now` is after the last second of the deadline; that second itself still counts in full."""
        return now.replace(microsecond=0) > self.claim_until

    def stage(self, now: datetime) -> str:
        """Return the state in words; what is published and can no longer be claimed is `ready to close`."""
        return "ready to close" if self.waits_to_be_closed(now) else str(self.get_state_display())

    def waits_to_be_closed(self, now: datetime) -> bool:
        """Whether it is published and nobody can claim any more."""
        return self.state == self.State.PUBLISHED and self.deadline_has_passed(now)

    @property
    def is_claimed_by_learners(self) -> bool:
        """Whether learners ask for their credit; otherwise the office imports who has completed it."""
        return self.claim_by != self.ClaimBy.IMPORTED

    def entitlements(self, profession: str) -> list[Entitlement]:
        """Return what a learner of this profession may be awarded here, their own currency first; none is nothing."""
        rows = {row.credit_type: row for row in self.designations.all()}
        return [Entitlement(kind, rows[under.code]) for kind, under in awarded_to(profession, set(rows))]

    @property
    def deadline_in_words(self) -> str:
        """`Wednesday, February 23, 2022, 11:59 p.m. PST (Portland)`."""
        return zones.in_words(self.claim_until, self.time_zone, self.city)

    @property
    def start_in_words(self) -> str:
        """The first day's beginning, with its zone."""
        return zones.in_words(self.starts_at, self.time_zone, self.city)

    @property
    def dates_in_words(self) -> str:
        """`January 24–27, 2022`."""
        return zones.span_in_words(self.starts_on, self.ends_on)

    @property
    def place(self) -> str:
        """`Portland, Oregon`, `Online`, or `Portland, Oregon, and online`; empty where learners work on their own."""
        if self.is_self_study:
            return ""
        if self.delivery == self.Delivery.STREAMED:
            return "Online"
        place = ", ".join(part for part in (self.city, self.region, self.country) if part)
        return f"{place}, and online" if self.delivery == self.Delivery.HYBRID else place

    @property
    def is_jointly_provided(self) -> bool:
        """Whether organisations that are not accredited take part in providing it."""
        return bool(self.partners.all())

    @property
    def offers_moc(self) -> bool:
        """Whether points can be reported: PARS must know the activity, and a board must have registered it."""
        return bool(self.pars_id) and bool(self.moc_registrations.all())

"""People: the user, their identifiers at boards and licensing bodies, and the permissions they gave."""

import unicodedata
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts import addresses
from accounts.birthdays import check_birthday
from accounts.encryption import EncryptedTextField
from accounts.identifiers import Registry, check_identifier
from accounts.names import NameField
from accounts.professions import Profession


def member_number(written: str) -> str:
    """Return a number with the society as it is kept and compared: letters in capitals, no spaces around it."""
    return unicodedata.normalize("NFKC", written).strip().upper()


class PeopleManager(UserManager["User"]):
    """Creates people by e-mail address; there are no user names."""

    def unproven(self) -> models.QuerySet["User"]:
        """Return accounts that were opened at sign-in and never entered: no address of theirs was ever proved."""
        never_entered = self.filter(last_login=None, entered_by_office=False, is_staff=False, is_superuser=False)
        return never_entered.exclude(emailaddress__verified=True)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":  # type: ignore[override]
        """Save a person; without a password they sign in by mailed code."""
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":  # type: ignore[override]
        """Save a person who may do everything in the staff admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """A learner or a member of the CME office; signs in by e-mail.

    Names are kept as the boards have them. Of the birthday only month and day are kept, never the year: no registry
    asks for it.
    """

    username = None  # type: ignore[assignment]
    email = models.EmailField(max_length=254, unique=True, error_messages={"unique": "This address is taken."})
    first_name = NameField(
        "first name",
        max_length=100,
        blank=True,
        help_text="As your board or licensing body has it. Leave it empty if you have one name only.",
    )
    last_name = NameField("last name", max_length=100, help_text="As your board or licensing body has it.")
    degrees = models.CharField(max_length=60, blank=True, help_text="As on a certificate, for example MD, PhD.")
    profession = models.CharField(max_length=30, choices=Profession.choices, blank=True)
    country = models.CharField(max_length=80, blank=True)
    member_number = models.CharField(
        "number with the society",
        max_length=40,
        blank=True,
        help_text="Under which lists of attendance name the person; set by the office.",
    )
    wants_reminders = models.BooleanField(
        "remind me of deadlines", default=True, help_text="By mail, when credit that you can claim is about to be lost."
    )
    entered_by_office = models.BooleanField(default=False, editable=False)
    birth_month = EncryptedTextField(blank=True, default="")
    birth_day = EncryptedTextField(blank=True, default="")

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[PeopleManager] = PeopleManager()

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        ordering = ("last_name", "first_name", "id")
        constraints = (
            models.CheckConstraint(condition=Q(email=Lower("email")), name="person_email_in_lower_case"),
            models.UniqueConstraint(
                F("member_number"),
                condition=~Q(member_number=""),
                name="person_member_number_once",
                violation_error_message="Somebody else has this number.",
            ),
        )

    def __str__(self) -> str:
        return self.display_name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep address and number in the one form by which people are found."""
        self.email, self.member_number = addresses.normalized(self.email), member_number(self.member_number)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse a birthday that no calendar has."""
        super().clean()
        if self.birth_month or self.birth_day:
            check_birthday(self.birth_month, self.birth_day)

    @property
    def display_name(self) -> str:
        """The name as on a certificate: `Ada Okafor, MD`."""
        name = f"{self.first_name} {self.last_name}".strip()
        return f"{name}, {self.degrees}" if name and self.degrees else name

    @property
    def has_claim_details(self) -> bool:
        """Whether name and profession, which decide what may be awarded, are known."""
        return bool(self.last_name and self.profession)


class Identifier(models.Model):
    """A person's number at a board, registry or licensing body; text, because leading zeros count."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="identifiers")
    registry = models.CharField(max_length=10, choices=Registry.choices)
    number = EncryptedTextField()
    state = models.CharField(max_length=30, blank=True, help_text="For a state license: the state.")

    class Meta:
        ordering = ("registry", "state")
        constraints = (
            models.UniqueConstraint(F("user"), F("registry"), F("state"), name="identifier_once"),
            models.CheckConstraint(
                condition=Q(registry="LICENSE") ^ Q(state=""), name="identifier_state_with_license_only"
            ),
        )

    def __str__(self) -> str:
        return self.get_registry_display()

    def clean(self) -> None:
        """Refuse a number whose form its registry does not have, and a licence without its state."""
        if not self.registry:
            return  # the field itself says that it is missing
        check_identifier(self.registry, self.number)
        if (self.registry == Registry.LICENSE) != bool(self.state):
            raise ValidationError({"state": "A state license needs its state; other numbers have none."})


class Consent(models.Model):
    """A permission as it was given: the words, when, and when it was taken back."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=40)
    reference = models.CharField("claim", max_length=40, blank=True, db_index=True)
    text = models.TextField()
    given_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-given_at",)

    def __str__(self) -> str:
        return f"{self.purpose}, {timezone.localdate(self.given_at)}"

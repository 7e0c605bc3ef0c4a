"""Test data with traits; what a test does not name is ordinary and valid."""

from datetime import date, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import factory
from allauth.account.models import EmailAddress
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from accounts.models import User
from accounts.professions import Profession
from activities.models import Activity, CreditDesignation, MocRegistration, Provider, Session
from surveys.models import Choice, Question, Survey


class UserFactory(factory.django.DjangoModelFactory):
    """A physician; traits make other people."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    first_name = "Ada"
    last_name = "Okafor"
    degrees = "MD"
    profession = Profession.PHYSICIAN
    country = "United States"

    @factory.post_generation
    def address(self: Any, create: bool, extracted: object, **_kwargs: Any) -> None:
        """Confirm the address, as signing up does."""
        if create:
            EmailAddress.objects.create(user=self, email=self.email, verified=True, primary=True)

    class Params:
        nurse = factory.Trait(profession=Profession.NURSE, degrees="RN")
        officer = factory.Trait(is_staff=True, is_superuser=True, profession=Profession.OTHER)
        newcomer = factory.Trait(first_name="", last_name="", degrees="", profession="")


class ProviderFactory(factory.django.DjangoModelFactory):
    """An ACCME-accredited society."""

    class Meta:
        model = Provider
        django_get_or_create = ("name",)

    name = "Society of Examples"
    short_name = "SOE"
    accreditation = Provider.Accreditation.ACCME
    domain = "society.example"
    pars_id = "0000123"
    office_email = "cme@society.example"
    signatory_name = "Sam Signer"
    signatory_title = "Director"


class ActivityFactory(factory.django.DjangoModelFactory):
    """A published live activity that ended three days ago and can be claimed for three more weeks."""

    class Meta:
        model = Activity
        skip_postgeneration_save = True

    provider = factory.SubFactory(ProviderFactory)
    slug = factory.Sequence(lambda n: f"activity-{n}")
    title = "Progress in Examples"
    format = "live"
    state = Activity.State.PUBLISHED
    published_at = factory.LazyAttribute(lambda row: None if row.state == "draft" else timezone.now())
    pars_id = "202200001"
    delivery = Activity.Delivery.IN_PERSON
    city = "Portland"
    region = "Oregon"
    time_zone = "America/Los_Angeles"
    starts_on = factory.LazyFunction(lambda: today() - timedelta(days=6))
    ends_on = factory.LazyFunction(lambda: today() - timedelta(days=3))
    claim_until_day = factory.LazyFunction(lambda: today() + timedelta(days=21))

    class Params:
        self_study = factory.Trait(format="enduring", delivery="", city="", region="")
        to_study = factory.Trait(
            starts_on=factory.LazyFunction(lambda: today() - timedelta(days=30)),
            ends_on=factory.LazyFunction(lambda: today() + timedelta(days=60)),
            claim_until_day=factory.LazyFunction(lambda: today() + timedelta(days=90)),
        )
        draft = factory.Trait(state=Activity.State.DRAFT)
        under_way = factory.Trait(
            starts_on=factory.LazyFunction(lambda: today() - timedelta(days=1)),
            ends_on=factory.LazyFunction(lambda: today() + timedelta(days=2)),
        )
        to_come = factory.Trait(
            starts_on=factory.LazyFunction(lambda: today() + timedelta(days=5)),
            ends_on=factory.LazyFunction(lambda: today() + timedelta(days=8)),
        )
        over = factory.Trait(
            starts_on=factory.LazyFunction(lambda: today() - timedelta(days=40)),
            ends_on=factory.LazyFunction(lambda: today() - timedelta(days=37)),
            claim_until_day=factory.LazyFunction(lambda: today() - timedelta(days=9)),
        )

    @factory.post_generation
    def credit(self: Any, create: bool, extracted: dict[str, str] | None, **_kwargs: Any) -> None:
        """Designate for `credit={type: maximum}`; AMA PRA and participation, 18.50 each, unless given."""
        if not create:
            return
        for kind, maximum in (extracted or {"ama_pra": "18.50", "participation": "18.50"}).items():
            CreditDesignation.objects.create(activity=self, credit_type=kind, maximum=Decimal(maximum))

    @factory.post_generation
    def moc(self: Any, create: bool, extracted: str | None, **_kwargs: Any) -> None:
        """Register for ABIM Medical Knowledge points if `moc="18.50"` is given."""
        if create and extracted:
            MocRegistration.objects.create(
                activity=self, board="ABIM", point_types=["Medical Knowledge"], maximum=Decimal(extracted)
            )

    @factory.post_generation
    def questions(self: Any, create: bool, extracted: int | None, **_kwargs: Any) -> None:
        """Ask `questions=3` questions: the first required, the second for MOC, the rest as one likes."""
        if not create:
            return
        survey = Survey.objects.create(activity=self, kind=Survey.Kind.REQUEST_FOR_CREDIT)
        kinds = (Question.Kind.SINGLE, Question.Kind.MULTIPLE, Question.Kind.TEXT)
        for position in range(extracted or 0):
            question = Question.objects.create(
                survey=survey,
                position=position,
                kind=kinds[position % 3],
                text=f"Question {position}?",
                required=position == 0,
                required_for_moc=position == 1,
            )
            if question.kind != Question.Kind.TEXT:
                Choice.objects.create(question=question, position=1, text="Yes")
                Choice.objects.create(question=question, position=2, text="No")


def picture(form: str = "PNG", size: tuple[int, int] = (40, 20)) -> "ContentFile[bytes]":
    """A small picture, as an upload brings it."""
    content = BytesIO()
    Image.new("RGB", size, "teal").save(content, form)
    return ContentFile(content.getvalue(), name=f"logo.{form.lower()}")


def today() -> date:
    """The day it is in UTC."""
    return timezone.now().date()


def make_sessions(activity: Activity, count: int) -> None:
    """Give an activity a programme of `count` sessions of one hour, five minutes apart."""
    rows = []
    for number in range(count):
        hour, minute = divmod(8 * 60 + number * 5 % 600, 60)
        row = Session(
            activity=activity,
            title=f"Session {number}",
            day=activity.starts_on,
            begins=time(hour, minute),
            ends=time(hour + 1, minute),
        )
        row.compute()
        rows.append(row)
    Session.objects.bulk_create(rows)

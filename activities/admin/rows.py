"""The rows inside an activity's form."""

from typing import Any

from django.db.models import TextField
from django.http import HttpRequest
from unfold.admin import StackedInline, TabularInline
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextareaWidget

from activities.credit import CreditField
from activities.forms.desks import MocRowsFormSet, RoleForm, SupportForm
from activities.models import (
    ClosingRecord,
    CommercialSupport,
    CreditDesignation,
    LearnerCount,
    MocRegistration,
    Objective,
    Partner,
    Role,
)

CREDIT = {CreditField: {"widget": UnfoldAdminDecimalFieldWidget}}
SHORT_TEXT = {TextField: {"widget": UnfoldAdminTextareaWidget({"rows": 2})}}


class PartnerInline(TabularInline):
    """Organisations that are not accredited."""

    model = Partner
    extra = 0


class DesignationInline(StackedInline):
    """Credit."""

    model = CreditDesignation
    extra = 0
    formfield_overrides = CREDIT
    fields = (
        "credit_type", ("maximum", "per_session"), "uan", ("pharmacy_kind", "live_date"), "approved_until",
    )  # fmt: skip


class MocInline(StackedInline):
    """Boards."""

    model = MocRegistration
    formset = MocRowsFormSet
    extra = 0
    formfield_overrides = CREDIT


class ObjectiveInline(TabularInline):
    """Competence bullets and objectives."""

    model = Objective
    extra = 0
    formfield_overrides = SHORT_TEXT
    ordering_field = "position"


class RoleInline(TabularInline):
    """People in control."""

    model = Role
    form = RoleForm
    extra = 0
    autocomplete_fields = ("person",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("person")


class SupportInline(StackedInline):
    """Supporters, by name only."""

    model = CommercialSupport
    form = SupportForm
    extra = 0


class ClosingInline(StackedInline):
    """What ACCME asks for at the end."""

    model = ClosingRecord
    extra = 0
    verbose_name_plural = "Closing data"


class LearnerCountInline(TabularInline):
    """How many took part."""

    model = LearnerCount
    extra = 0
    verbose_name_plural = "Learners, for closing"

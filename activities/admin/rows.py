"""The rows inside an activity's form."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest
from unfold.admin import StackedInline, TabularInline

from activities.credit_types import AMA
from activities.forms.desks import MocRowsFormSet, SupportForm
from activities.models import (
    Activity,
    ClosingRecord,
    CommercialSupport,
    CreditDesignation,
    LearnerCount,
    MocRegistration,
    Objective,
    Partner,
    Role,
)


class PartnerInline(TabularInline):
    """Organisations that are not accredited."""

    model = Partner
    extra = 0


class DesignationInline(TabularInline):
    """Credit."""

    model = CreditDesignation
    extra = 0


class MocInline(StackedInline):
    """Boards; their points are held against the AMA PRA credit that is posted along, or else kept."""

    model = MocRegistration
    formset = MocRowsFormSet
    extra = 0

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        made = super().get_formset(request, obj, **kwargs)
        made.ama_maximum = _posted_maximum(request) or _kept_maximum(obj)
        return made


class ObjectiveInline(TabularInline):
    """Competence bullets and objectives."""

    model = Objective
    extra = 0
    ordering_field = "position"


class RoleInline(TabularInline):
    """People in control."""

    model = Role
    extra = 0
    autocomplete_fields = ("person",)


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


def _kept_maximum(activity: Activity | None) -> Decimal | None:
    row = activity.designations.filter(credit_type=AMA.code).first() if activity else None
    return row.maximum if row else None


def _posted_maximum(request: HttpRequest) -> Decimal | None:
    """Return the AMA PRA maximum that stands in the posted form."""
    for name, value in request.POST.items():
        if name.startswith("designations-") and name.endswith("-credit_type") and value == AMA.code:
            try:
                return Decimal(str(request.POST.get(name.replace("-credit_type", "-maximum"), "")))
            except InvalidOperation:
                return None  # the field itself says so
    return None

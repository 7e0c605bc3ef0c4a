"""Accredited organisations in the staff admin."""

from typing import Any

from django.contrib import admin

from activities.admin.guarded import GuardedAdmin
from activities.forms.desks import ProviderForm
from activities.models import Activity, Provider
from activities.models.querysets import ActivityQuerySet


@admin.register(Provider)
class ProviderAdmin(GuardedAdmin):
    """A change of its name or accreditation changes the words of all its activities, which is recorded for each."""

    form = ProviderForm
    list_display = ("name", "short_name", "accreditation", "pars_id", "office_email")
    search_fields = ("name__spelled", "short_name__spelled")

    def touched(self, rows: list[Any]) -> ActivityQuerySet:
        return Activity.objects.filter(provider__in=[row.pk for row in rows])

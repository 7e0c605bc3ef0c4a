"""Accredited organisations in the staff admin."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest

from accounts import signed_in
from activities.forms.desks import ProviderForm
from activities.models import Activity, Provider
from activities.services.recording import words_recorded
from audit.admin import RecordedAdmin


@admin.register(Provider)
class ProviderAdmin(RecordedAdmin):
    """A change of its name or accreditation changes the words of all its activities, which is recorded for each."""

    form = ProviderForm
    list_display = ("name", "short_name", "accreditation", "pars_id", "office_email")
    search_fields = ("name", "short_name")

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        if request.method != "POST" or object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        touched = Activity.objects.filter(provider_id=int(object_id))
        with transaction.atomic(), words_recorded(touched, actor=signed_in.person(request)):
            return super().changeform_view(request, object_id, form_url, extra_context)

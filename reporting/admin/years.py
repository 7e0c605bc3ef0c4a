"""The days of a reporting year, where they are not the usual ones."""

from django.contrib import admin

from audit.admin import RecordedAdmin
from reporting.models import ReportingYear


@admin.register(ReportingYear)
class ReportingYearAdmin(RecordedAdmin):
    """Until when a year's completions count, and until when PARS takes them."""

    list_display = ("year", "counts_until", "closes_on")

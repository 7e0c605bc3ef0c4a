"""Until when a year's completions count, and until when PARS takes them: by the settings, or as the office says."""

from datetime import date

from django.conf import settings

from reporting.models import ReportingYear


def days(year: int) -> tuple[date, date]:
    """Return the day until which completions of `year` count for it, and the day on which PARS closes."""
    own = ReportingYear.objects.filter(year=year).first()
    if own:
        return own.counts_until, own.closes_on
    return date(year, *settings.YEAR_COUNTS_UNTIL), date(year + 1, *settings.PARS_CLOSES)

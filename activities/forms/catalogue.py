"""The catalogue's search box and filters."""

from django import forms
from django.http import QueryDict

from activities import credit_types, formats
from activities.models import Activity, Provider
from activities.models.querysets import ActivityQuerySet

DAY = forms.DateInput(attrs={"type": "date"})
NO_DAY = {"invalid": "Enter a day as 2026-06-01."}


class CatalogueForm(forms.Form):
    """Every field may be empty; what cannot be understood is left out and said so."""

    q = forms.CharField(label="Search", required=False, max_length=100)
    format = forms.ChoiceField(label="Format", required=False)
    credit = forms.ChoiceField(label="Credit", required=False)
    provider = forms.ModelChoiceField(
        Provider.objects.none(), label="Provider", required=False, empty_label="Any provider"
    )
    since = forms.DateField(label="From", required=False, widget=DAY, error_messages=NO_DAY)
    until = forms.DateField(label="Until", required=False, widget=DAY, error_messages=NO_DAY)
    free = forms.BooleanField(label="Free of charge", required=False)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.typed = data
        self.fields["format"].choices = [("", "Any format"), *formats.choices()]  # type: ignore[attr-defined]
        types = [row for row in credit_types.choices() if row[0] != credit_types.PARTICIPATION.code]
        self.fields["credit"].choices = [("", "Any credit"), *types]  # type: ignore[attr-defined]
        offering = Activity.objects.published().values("provider")
        self.fields["provider"].queryset = Provider.objects.filter(pk__in=offering)  # type: ignore[attr-defined]
        self.is_valid()

    @property
    def is_used(self) -> bool:
        """Whether anything is searched or filtered."""
        return any(self.cleaned_data.values())

    def matching(self, activities: ActivityQuerySet) -> ActivityQuerySet:
        """Return the activities that match what could be understood."""
        wanted = self.cleaned_data
        found = activities.matching(wanted["q"]) if wanted.get("q") else activities
        if wanted.get("format"):
            found = found.filter(format=wanted["format"])
        if wanted.get("credit"):
            found = found.filter(designations__credit_type=wanted["credit"])
        if wanted.get("provider"):
            found = found.filter(provider=wanted["provider"])
        if wanted.get("since"):
            found = found.filter(ends_on__gte=wanted["since"])
        if wanted.get("until"):
            found = found.filter(starts_on__lte=wanted["until"])
        return found.filter(free=True) if wanted.get("free") else found

    def query_without_page(self) -> str:
        """Return the address's query for a link to another page of the same results."""
        kept = self.typed.copy()
        kept.pop("page", None)
        return kept.urlencode()

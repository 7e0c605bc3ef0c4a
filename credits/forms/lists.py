"""The upload of a list of attendance or completions."""

from django import forms

from credits.models import AttendanceImport


class ListForm(forms.Form):
    """A list and what its rows mean."""

    kind = forms.ChoiceField(
        label="The rows are",
        choices=AttendanceImport.Kind.choices,
        initial=AttendanceImport.Kind.ATTENDANCE,
        widget=forms.RadioSelect,
    )
    file = forms.FileField(label="CSV or Excel file", error_messages={"required": "Choose a file."})

"""What every page of a survey has in common."""

from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from django import forms

LONGEST_INPUT = 300  # characters, where a field says nothing of it


class PageForm(forms.Form):
    """A page: crispy draws its fields without a form element of its own and says what is wrong beside each.

    `short_labels` name fields in the summary where the label is too long for it; `headings` stand before a field there.
    """

    short_labels: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.headings: dict[str, str] = {}
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.use_required_attribute = False

    def first_input(self, name: str) -> str:
        """Return the id of the element that an error about the field `name` links to."""
        bound = self[name]
        several = isinstance(bound.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
        return f"{bound.auto_id}_0" if several else str(bound.auto_id)

    def is_asked(self, name: str) -> bool:  # noqa: ARG002 (pages with conditions look at the name)
        """Whether the field applies to this learner, so that an answer is expected."""
        return True

    def longest(self, name: str) -> int:
        """Return how many characters an input of the page may bring."""
        return int(getattr(self.fields.get(name), "max_length", None) or LONGEST_INPUT)

    @property
    def inputs(self) -> list[str]:
        """The names of all inputs of the page."""
        return list(self.fields)

    def in_words(self) -> list[tuple[str, str]]:
        """Return a bound form's fields and answers in words; a heading has no answer."""
        told: list[tuple[str, str]] = []
        for name in self.told:
            if name in self.headings:
                told.append((self.headings[name], ""))
            told.append((self.label_of(name), self._answer(name)))
        return told

    def label_of(self, name: str) -> str:
        """Return the words by which a summary names a field."""
        return self.short_labels.get(name, str(self.fields[name].label))

    def _answer(self, name: str) -> str:
        value, choices = self[name].value(), dict(getattr(self.fields[name], "choices", []))
        values = value if isinstance(value, list) else [value]
        words = ["Yes" if item is True else str(choices.get(item, item)) for item in values if item]
        return "; ".join(words) or "—"

    @property
    def told(self) -> list[str]:
        """The fields that a summary of the answers names."""
        return [name for name in self.fields if self.is_asked(name)]

    def as_typed(self, name: str) -> list[str]:
        """Return the strings of a field as a browser posts them while nothing is changed."""
        value = self[name].value()
        values = value if isinstance(value, list | tuple) else [value]
        return [str(item) for item in values if item not in (None, "", False)]

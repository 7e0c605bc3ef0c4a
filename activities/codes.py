"""A model field for several codes out of a table: a list in Python, JSON in the database, tick boxes in a form."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

Choices = list[tuple[str, str]]


class CodesField(models.JSONField):
    """A list of codes; `table` returns the choices, and a code that is not among them is refused."""

    def __init__(self, *args: Any, table: Callable[[], Choices] = list, **kwargs: Any) -> None:
        self.table = table
        kwargs |= {"default": list, "blank": kwargs.get("blank", True)}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("default")
        return name, path, args, kwargs

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        known = [code for code, _name in self.table()]
        unknown = [str(code) for code in value if code not in known]
        if unknown:
            raise ValidationError(f"{', '.join(unknown)} is not in the list.")

    def formfield(self, **kwargs: Any) -> Any:
        options = {"label": kwargs.get("label", self.verbose_name.capitalize()), "help_text": self.help_text}
        return forms.MultipleChoiceField(
            choices=self.table, required=not self.blank, widget=forms.CheckboxSelectMultiple, **options
        )

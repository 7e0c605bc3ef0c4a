"""Surveys in the staff admin."""

from django.contrib import admin
from unfold.admin import StackedInline, TabularInline

from audit.admin import RecordedAdmin
from surveys.models import Choice, Question, Survey


class ChoiceInline(TabularInline):
    """Answers to choose from."""

    model = Choice
    extra = 0


class QuestionInline(StackedInline):
    """Questions in order."""

    model = Question
    extra = 0
    show_change_link = True


@admin.register(Survey)
class SurveyAdmin(RecordedAdmin):
    """One survey with its questions."""

    list_display = ("activity", "kind")
    list_select_related = ("activity",)
    search_fields = ("activity__title",)
    autocomplete_fields = ("activity",)
    inlines = (QuestionInline,)


@admin.register(Question)
class QuestionAdmin(RecordedAdmin):
    """One question with its choices."""

    list_display = ("text", "survey", "kind", "required", "required_for_moc")
    list_select_related = ("survey__activity",)
    search_fields = ("text",)
    autocomplete_fields = ("survey",)
    inlines = (ChoiceInline,)

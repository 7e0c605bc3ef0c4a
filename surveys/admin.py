"""Surveys in the staff admin."""

from typing import Any

from django.contrib import admin
from unfold.admin import StackedInline, TabularInline

from activities.admin.guarded import GuardedAdmin
from activities.forms.struck import StruckForm
from activities.models import Activity
from activities.models.querysets import ActivityQuerySet
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
class SurveyAdmin(GuardedAdmin):
    """One survey with its questions."""

    form = StruckForm
    list_display = ("activity", "kind")
    list_select_related = ("activity",)
    search_fields = ("activity__title",)
    autocomplete_fields = ("activity",)
    inlines = (QuestionInline,)
    change_form_before_template = "admin/survey_links.html"

    def touched(self, rows: list[Any]) -> ActivityQuerySet:
        return Activity.objects.filter(pk__in=[row.activity_id for row in rows])


@admin.register(Question)
class QuestionAdmin(GuardedAdmin):
    """One question with its choices."""

    form = StruckForm
    list_display = ("text", "survey", "kind", "required", "required_for_moc")
    list_select_related = ("survey__activity",)
    search_fields = ("text",)
    autocomplete_fields = ("survey",)
    inlines = (ChoiceInline,)

    def touched(self, rows: list[Any]) -> ActivityQuerySet:
        return Activity.objects.filter(surveys__in=[row.survey_id for row in rows])

"""A survey in the staff admin: one form with all its questions, to be dragged into order."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import URLPattern
from unfold.admin import StackedInline
from unfold.decorators import display

from activities.admin.guarded import GuardedAdmin
from activities.forms.struck import StruckForm
from activities.models import Activity
from activities.models.querysets import ActivityQuerySet
from surveys.admin import desks
from surveys.forms.building import QuestionForm, QuestionFormSet
from surveys.models import Question, Survey
from surveys.services import building

ALWAYS = ("activity", "kind")
TEST = ("pass_mark", "attempts", "cooling_minutes", "shuffle", "feedback")


class QuestionInline(StackedInline):
    """Questions in order; a section begins a new page."""

    model = Question
    form = QuestionForm
    formset = QuestionFormSet
    extra = 0
    ordering_field = "position"
    collapsible = True
    fields = (
        "kind", "text", "help", "choice_lines", "row_lines", ("required", "required_for_moc"), "shown_if", "objective",
        "feedback", "position",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Question]:
        """Load choices and rows along."""
        rows: QuerySet[Question] = super().get_queryset(request)
        return rows.prefetch_related("choices", "rows")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may only look reads the choices as text."""
        if self.has_change_permission(request, obj):
            return super().get_fields(request, obj)
        return (("kind", "required", "required_for_moc"), "text", "help", "shown_choices", "feedback")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if self.has_change_permission(request, obj) else ("shown_choices",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(super().has_change_permission(request, obj)) and may_be_changed(obj)

    has_add_permission = has_change_permission
    has_delete_permission = has_change_permission

    @display(description="Choices")
    def shown_choices(self, question: Question) -> str:
        """In one line, the right ones marked."""
        words = [f"{row}{' (right)' if row.correct else ''}" for row in question.choices.all()]
        return "; ".join([*words, *(str(row) for row in question.rows.all())])


def may_be_changed(survey: Survey | None) -> bool:
    """Whether nobody has begun to answer it, and it is not retired."""
    return survey is None or survey.pk is None or not (survey.is_answered or survey.state == Survey.State.RETIRED)


@admin.register(Survey)
class SurveyAdmin(GuardedAdmin):
    """Surveys of activities, and question sets."""

    form = StruckForm
    list_display = ("__str__", "kind", "version", "shown_state")
    list_filter = ("kind", "state")
    list_select_related = ("activity",)
    search_fields = ("activity__title__spelled", "name__spelled")
    autocomplete_fields = ("activity",)
    inlines = (QuestionInline,)
    change_form_outer_before_template = "admin/surveys/beside.html"

    @display(description="State", ordering="state", label={"in use": "success", "draft": "info", "retired": "warning"})
    def shown_state(self, survey: Survey) -> str:
        """Colored."""
        return survey.get_state_display()

    def get_fields(self, _request: HttpRequest, obj: Survey | None = None) -> Any:
        """Only what the kind has; what depends on the kind comes once that is chosen."""
        if obj is None:
            return [*ALWAYS, "name", "introduction"]
        fields: list[Any] = [*ALWAYS, "name"] if obj.is_set else list(ALWAYS)
        fields.append("introduction")
        if obj.kind == Survey.Kind.POST_TEST:
            fields += TEST
        elif obj.kind == Survey.Kind.PRE_TEST:
            fields.append("shuffle")
        return [*fields, "after_days"] if obj.kind == Survey.Kind.FOLLOW_UP else fields

    def get_readonly_fields(self, _request: HttpRequest, obj: Survey | None = None) -> Any:
        """A survey stays what it is."""
        return ALWAYS if obj else ()

    def touched(self, rows: list[Any]) -> ActivityQuerySet:
        return Activity.objects.filter(pk__in=[row.activity_id for row in rows if row.activity_id])

    def has_change_permission(self, request: HttpRequest, obj: Survey | None = None) -> bool:
        return bool(super().has_change_permission(request, obj)) and may_be_changed(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Survey | None = None) -> bool:
        """What was answered stays."""
        return bool(super().has_delete_permission(request, obj)) and not (obj and obj.is_answered)

    def get_actions(self, request: HttpRequest) -> Any:
        """Surveys are deleted one by one, if at all."""
        found = super().get_actions(request)
        found.pop("delete_selected", None)
        return found

    def get_urls(self) -> list[URLPattern]:
        """The desks come first, or their addresses would be taken for a survey's number."""
        return [*desks.urls(self), *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Survey, form: Any, change: bool) -> None:
        """Hold up whoever is about to begin; raises CannotBuild when somebody has begun meanwhile.

        The activity is locked first, as everywhere; the state is that of this moment, not of the open form.
        """
        if change:
            list(self.touched([obj]).select_for_update().values_list("pk"))
            obj.state = building.locked(obj).state
        elif obj.activity and obj.activity.is_visible:
            obj.state = Survey.State.DRAFT  # built in peace, and put in use when it is ready
        super().save_model(request, obj, form, change)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except building.CannotBuild as refusal:
            messages.error(request, str(refusal))
            return redirect(request.get_full_path())

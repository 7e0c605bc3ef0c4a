"""The desks beside a survey: building it, its preview, its results, and how one learner stands in an activity."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts import signed_in
from activities.compliance import Refused
from audit.admin import RecordedAdmin
from audit.desks import at, require
from audit.rows import is_number
from surveys.admin import learners, resultsdesk
from surveys.models import Question, Survey
from surveys.preview import preview
from surveys.services import building
from surveys.views import answering as pages

View = Callable[..., HttpResponseBase]


def urls(admin: RecordedAdmin) -> list[URLPattern]:
    """Return the desks' addresses, each behind the admin's own sign-in."""
    return [
        at(admin, "<int:pk>/build/", build, "build"),
        at(admin, "<int:pk>/preview/", show_preview, "preview"),
        at(admin, "<int:pk>/preview/<slug:key>/", show_preview, "preview_page"),
        at(admin, "<int:pk>/results/", resultsdesk.results, "results"),
        at(admin, "<int:pk>/results/<int:question_pk>/", resultsdesk.texts, "texts"),
        at(admin, "<int:pk>/results.xlsx", resultsdesk.workbook, "workbook"),
        at(admin, "<int:pk>/results.pdf", resultsdesk.paper, "paper"),
        at(admin, "learners/<int:pk>/", learners.learners, "learners"),
        at(admin, "learners/<int:pk>/<int:learner_pk>/", learners.learner, "learner"),
    ]


def build(_admin: RecordedAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Do one thing with a survey: what its button says."""
    survey = get_object_or_404(Survey.objects.select_related("activity"), pk=pk)
    require(request, "surveys.change_survey")
    return _build(request, survey)


@require_POST
def _build(request: HttpRequest, survey: Survey) -> HttpResponse:
    shown = survey
    try:
        shown, words = VERBS[request.POST.get("verb", "")](request, survey)
        messages.success(request, words)
    except KeyError:
        raise PermissionDenied from None
    except (building.CannotBuild, ValidationError, Refused) as refusal:
        words = "; ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)
        messages.error(request, f"Nothing was changed. {words}")
    except IntegrityError:
        messages.error(request, "Nothing was changed: somebody else did the same at this moment. Look again.")
    return redirect("admin:surveys_survey_change", shown.pk)


def _new_version(request: HttpRequest, survey: Survey) -> tuple[Survey, str]:
    made = building.new_version(survey=survey, actor=signed_in.person(request))
    return made, f"Version {made.version} is a draft. Change it, then put it in use; until then nothing changes."


def _put_in_use(request: HttpRequest, survey: Survey) -> tuple[Survey, str]:
    made = building.put_in_use(survey=survey, actor=signed_in.person(request), now=timezone.now())
    return made, f"Version {made.version} is in use from now on."


def _retire(request: HttpRequest, survey: Survey) -> tuple[Survey, str]:
    building.retire(survey=survey, actor=signed_in.person(request), now=timezone.now())
    return survey, "It is retired: nobody is asked any more, and what was answered stays."


def _add_questions(request: HttpRequest, survey: Survey) -> tuple[Survey, str]:
    source = request.POST.get("source", "")
    actor = signed_in.person(request)
    count = building.add_questions(survey=survey, source=source, actor=actor, now=timezone.now())
    return survey, f"{count} questions were added at the end."


def _keep_as_set(request: HttpRequest, survey: Survey) -> tuple[Survey, str]:
    name = request.POST.get("name", "")
    made = building.keep_as_set(survey=survey, name=name, actor=signed_in.person(request))
    return survey, f"The question set “{made}” can now be added to other surveys."


def _duplicate(request: HttpRequest, survey: Survey) -> tuple[Survey, str]:
    number = request.POST.get("question", "")
    question = get_object_or_404(Question, survey=survey, pk=number if is_number(number) else 0)
    building.duplicate(question=question, actor=signed_in.person(request), now=timezone.now())
    return survey, "The copy stands right behind its original."


VERBS: dict[str, Callable[[HttpRequest, Survey], tuple[Survey, str]]] = {
    "new-version": _new_version,
    "put-in-use": _put_in_use,
    "retire": _retire,
    "add-questions": _add_questions,
    "keep-as-set": _keep_as_set,
    "duplicate": _duplicate,
}


def show_preview(_admin: RecordedAdmin, request: HttpRequest, pk: int, key: str = "") -> HttpResponse:
    """Show a page exactly as learners see it; what is entered is judged and not kept."""
    survey: Any = get_object_or_404(Survey.objects.select_related("activity__provider"), pk=pk)
    if not request.user.has_perm("surveys.view_survey"):
        raise PermissionDenied
    answering = preview(survey, signed_in.person(request))
    back = reverse("admin:surveys_survey_change", args=[pk])
    here = answering.page(key) if key else answering.pages[0]
    if here is None or here == answering.pages[-1]:
        messages.info(request, "That was the last page; learners check their answers then.")
        return redirect(back)
    form = answering.form(here, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        return redirect("admin:surveys_survey_preview_page", pk, answering.after(here).key)
    return pages.show(request, answering, here, form, status=422 if form.is_bound else 200, back=back)

"""Asking for MOC points after the claim, while the claim can still be made."""

from collections.abc import Mapping

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts import signed_in
from credits.models import Claim
from credits.services.permission import CannotGive
from reporting.recognition import warnings
from surveys.answering import Fault, faults_of
from surveys.forms.questions import QuestionsForm
from surveys.forms.registries import MocForm, known_of
from surveys.request import MOC
from surveys.services import points

DONE = "Thank you. Your completion is reported; we write to you when the board has answered."


@login_required
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask what the request asks who wishes for points; on POST have them reported, or lead back who says No."""
    mine = Claim.objects.filter(learner=signed_in.person(request)).select_related("activity__provider", "learner")
    claim, now = get_object_or_404(mine.prefetch_related("awards__designation"), reference=reference), timezone.now()
    refusal = points.refusal(claim, now)
    if refusal:
        return render(request, "surveys/no_points.html", {"claim": claim, "refusal": refusal}, status=403)
    data = request.POST if request.method == "POST" else None
    initial = {**known_of(claim.learner), "wants_moc": "yes"}
    form, questions = MocForm(data, initial=initial, activity=claim.activity), _questions(claim, data)
    if data is not None and form.is_valid() and not form.wished:
        return redirect(claim)
    if data is None or not (form.is_valid() and questions.is_valid()):
        return _show(request, claim, form, questions)
    said = [] if "anyway" in data else warnings(claim.learner, form.identities)
    if said:
        return _show(request, claim, form, questions, said)
    try:
        answers = questions.answers()
        points.ask(claim=claim, identities=form.identities, answers=answers, actor=claim.learner, now=now)
    except CannotGive as late:
        messages.error(request, str(late))
    else:
        messages.success(request, DONE)
    return redirect(claim)


def _questions(claim: Claim, data: Mapping[str, object] | None) -> QuestionsForm:
    questions = points.open_questions(claim)
    numbers = {row.pk for row in questions}
    return QuestionsForm(data, questions=questions, asked=numbers, needed=numbers, seed=None)


def _show(
    request: HttpRequest, claim: Claim, form: MocForm, questions: QuestionsForm, said: list[str] | None = None
) -> HttpResponse:
    faults: list[Fault] = [*faults_of(MOC, form), *faults_of(MOC, questions)] if form.is_bound else []
    context = {"claim": claim, "form": form, "questions": questions, "said": said, "faults": faults, "here": MOC}
    return render(request, "surveys/points.html", context, status=422 if faults else 200)

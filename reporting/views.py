"""The learner puts a report right: names, number and birthday, without doing the evaluation again."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts import fresh, signed_in
from reporting.forms import IdentityForm
from reporting.models import Submission
from reporting.recognition import warnings
from reporting.services import correcting

DONE = "Thank you. Your details are saved, and the report goes on with them; you need do nothing else."


@login_required
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how the learner was described to the board, and what it said; on POST report again as corrected."""
    mine = Submission.objects.filter(learner=signed_in.person(request))
    submission = get_object_or_404(mine, pk=pk)
    if not submission.may_be_corrected:
        return render(request, "reporting/settled.html", {"submission": submission}, status=403)
    data = request.POST if request.method == "POST" else None
    form = IdentityForm(data, initial=_known(submission), board=submission.board)
    if form.is_bound and not fresh.is_fresh(request):
        form.add_error(None, fresh.CONFIRM_FIRST)
    said = _said(submission, form) if form.is_bound and form.is_valid() and "anyway" not in request.POST else []
    if form.is_bound and form.is_valid() and not said:
        try:
            correcting.correct(
                submission=submission,
                identity={**submission.identity, **form.identity},
                actor=signed_in.person(request),
                reason="Corrected by the learner.",
                now=timezone.now(),
            )
        except correcting.CannotCorrect as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, DONE)
            return redirect("credits:claim", submission.reference)
    confirm = fresh.offer_to_confirm(request)
    context = {"submission": submission, "form": form, "said": said, "confirm": confirm}
    return render(request, "reporting/correct.html", context, status=422 if form.errors else 200)


def _said(submission: Submission, form: IdentityForm) -> list[str]:
    """Return what the board says against the details in a valid form; it does not bar them."""
    return warnings(submission.learner, {submission.board: form.identity}) if submission.is_moc else []


def _known(submission: Submission) -> dict[str, object]:
    """Return the identity as it was given; what was never given is empty."""
    return {name: value or "" for name, value in submission.identity.items()}

"""The profile: who I am, as boards and certificates need it; and no more reminders, without signing in."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt

from accounts import reminders, signed_in
from accounts.forms import ProfileForm
from accounts.models import User


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Show and save the profile of the person who is signed in, then go where they were going."""
    person = signed_in.person(request)
    if request.method == "POST":
        form = _saved(person, request.POST)
        if form.is_valid():
            messages.success(request, "Your details are saved.")
            return HttpResponseRedirect(_next(request) or reverse("accounts:profile"))
    else:
        form = ProfileForm(instance=User.objects.get(pk=person.pk))
    status = 422 if form.is_bound else 200
    context = {"form": form, "faults": _faults(form), "next": _next(request)}
    return render(request, "accounts/profile.html", context, status=status)


@transaction.atomic
def _saved(person: User, posted: QueryDict) -> ProfileForm:
    """Save what was posted if it is valid; the row is locked, so that nothing else that changes it is undone."""
    active = User.objects.select_for_update().filter(is_active=True)
    form = ProfileForm(posted, instance=get_object_or_404(active, pk=person.pk))
    if form.is_valid():
        form.save()
    return form


@csrf_exempt  # mail programs post here by themselves (RFC 8058); the signed address says who it is for
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, and on POST turn the reminders of this person off; certificates are mailed all the same."""
    person = reminders.person_of(token)
    if person is None:
        raise Http404
    if request.method == "POST":
        User.objects.filter(pk=person.pk).update(wants_reminders=False)
    return render(request, "accounts/unsubscribe.html", {"done": request.method == "POST", "person": person})


def _faults(form: ProfileForm) -> list[dict[str, str]]:
    """Return what is wrong, each with the element it is about, for the summary above the form."""
    return [
        {"element": form[name].auto_id, "words": f"{form[name].label}: {words}"}
        for name, errors in form.errors.items()
        for words in errors
    ]


def _next(request: HttpRequest) -> str:
    address = request.POST.get("next") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if safe else ""

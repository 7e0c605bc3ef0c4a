"""The profile: who I am, as boards and certificates need it; proving once more that it is me; no more reminders."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.views import BaseReauthenticateView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.forms.models import model_to_dict
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt

from accounts import confirming, fresh, limits, reminders, services, signed_in
from accounts.forms import DETAILS, DetailsForm, ProfileForm
from accounts.models import User


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Show and save who the person is, then go where they were going; newcomers are asked for the least."""
    person = signed_in.person(request)
    newcomer = not person.has_claim_details
    if request.method == "POST":
        form = _saved(request, person)
        if form.is_valid():
            messages.success(request, "Your details are saved.")
            return HttpResponseRedirect(_next(request) or reverse("accounts:profile"))
    else:
        form = _form(request, User.objects.get(pk=person.pk))
    context = {
        "form": form,
        "faults": _faults(form),
        "next": _next(request),
        "newcomer": newcomer,
        "confirm": "" if newcomer else fresh.offer_to_confirm(request),
    }
    return render(request, "accounts/profile.html", context, status=422 if form.is_bound else 200)


def _form(request: HttpRequest, person: User) -> DetailsForm:
    posted = request.POST if request.method == "POST" else None
    if not person.has_claim_details:
        return DetailsForm(posted, instance=person)
    return ProfileForm(posted, instance=person, fresh=fresh.is_fresh(request))


@transaction.atomic
def _saved(request: HttpRequest, person: User) -> DetailsForm:
    """Save what was posted if it is valid; the row is locked, so that nothing else that changes it is undone."""
    active = User.objects.select_for_update().filter(is_active=True)
    person = get_object_or_404(active, pk=person.pk)
    details, numbers = model_to_dict(person, DETAILS), services.known_numbers(person)
    form = _form(request, person)
    if form.is_valid():
        saved = form.save()
        services.record_details(user=saved, before=details, after=model_to_dict(saved, DETAILS), actor=saved)
        services.record_numbers(user=saved, before=numbers, actor=saved)
    return form


class ConfirmView(BaseReauthenticateView):
    """Asks for a code that is mailed to the person's address, before something about who they are is changed."""

    template_name = "accounts/confirm.html"
    form_class = confirming.CodeForm

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()
        return kwargs | {"request": self.request}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Mail a code unless one that was mailed is still good."""
        if not confirming.is_pending(request) and not confirming.mail_code(request):
            return limits.too_many(request)
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Check the code, or mail another one."""
        if "again" not in request.POST:
            response: HttpResponse = super().post(request, *args, **kwargs)
            return response
        if not confirming.mail_code(request):
            return limits.too_many(request)
        return HttpResponseRedirect(request.get_full_path())

    def form_valid(self, form: confirming.CodeForm) -> HttpResponse:
        """Note when it was, and go on with what was asked for."""
        confirming.note(self.request)
        response: HttpResponse = super().form_valid(form)
        return response

    def form_invalid(self, form: confirming.CodeForm) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_default_success_url(self) -> str:
        url: str = get_adapter(self.request).get_login_redirect_url(self.request)
        return url


confirm = login_required(ConfirmView.as_view())


@csrf_exempt  # mail programs post here by themselves (RFC 8058); the signed address says who it is for
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, and on POST turn the reminders of this person off; certificates are mailed all the same."""
    person = reminders.person_of(token)
    if person is None:
        raise Http404
    if request.method == "POST":
        User.objects.filter(pk=person.pk).update(wants_reminders=False)
    return render(request, "accounts/unsubscribe.html", {"done": request.method == "POST", "person": person})


def _faults(form: DetailsForm) -> list[dict[str, str]]:
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

"""Results and downloads of registries: uploaded, columns named, differences acted on."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern
from django.utils import timezone
from unfold.admin import ModelAdmin

from accounts import signed_in
from audit.admin import KeptAdmin
from audit.desks import at, page, require
from audit.rows import is_number
from office.admin import reports
from office.forms import TableForm
from office.models import Reconciliation
from office.registry_tables import FIELDS
from office.services import reconciling

View = Callable[..., HttpResponseBase]
PER_PAGE = 100
NO_CHOICE = "Tick at least one difference."
NOT_THIS_KIND = "None of those that were ticked is of this kind; nothing was done."
ACTIONS = {
    "ask again": (reconciling.ask_again, "PARS is asked again about {} of them."),
    "delete again": (reconciling.delete_again, "PARS is told again to delete {} of them."),
    "report again": (reconciling.report_again, "Deleted there and reported again with our amount: {} of them."),
}


@admin.register(Reconciliation)
class ReconciliationAdmin(KeptAdmin):
    """Tables that registries gave us."""

    list_display = ("name", "kind", "state", "total", "same", "uploaded_by", "uploaded_at")
    list_select_related = ("uploaded_by",)
    list_filter = ("kind", "state")

    def has_add_permission(self, request: HttpRequest) -> bool:  # type: ignore[override]
        """Tables are brought by hand."""
        return request.user.has_perm("office.add_reconciliation")

    def get_urls(self) -> list[URLPattern]:
        """The pages stand where Django's forms would."""
        return [
            at(self, "add/", upload, "add"),
            at(self, "<int:pk>/change/", shown, "change"),
            at(self, "activity/<int:pk>/", reports.activity, "activity"),
            at(self, "year/<int:year>/", reports.year, "year"),
            *super().get_urls(),
        ]


def upload(site: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Take a table; what is wrong with the whole of it is said at once."""
    require(request, "office.add_reconciliation")
    bound = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = TableForm(*bound)
    if form.is_bound and form.is_valid():
        try:
            made = reconciling.upload(**form.cleaned_data, actor=signed_in.person(request), now=timezone.now())
        except ValidationError as error:
            form.add_error("file", error)
        else:
            return redirect("admin:office_reconciliation_change", made.pk)
    context = {"title": "Read results, or reconcile", "form": form}
    return page(site, request, "admin/office/upload.html", context, refused=bool(form.errors))


def shown(site: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Ask which column is what; afterwards show only the differences, and on POST act on them."""
    require(request, "office.view_reconciliation")
    found = get_object_or_404(Reconciliation.objects.select_related("uploaded_by"), pk=pk)
    if request.method == "POST":
        require(request, "office.add_reconciliation")
        try:
            _do(request, found)
        except reconciling.CannotReconcile as refusal:
            messages.error(request, str(refusal))
        return redirect(request.path)
    differences = found.differences.select_related("submission__learner")
    context = {
        "title": f"{found.get_kind_display()}: {found}",
        "found": found,
        "fields": [(name, label, found.columns.get(name)) for name, (label, _) in FIELDS.items()],
        "page": Paginator(differences, PER_PAGE).get_page(request.GET.get("page")),
        "decisions": found.differences.filter(kind="decision", done="").count(),
    }
    return page(site, request, "admin/office/reconciliation.html", context)


def _do(request: HttpRequest, found: Reconciliation) -> None:
    verb, actor, reason = request.POST.get("verb", ""), signed_in.person(request), request.POST.get("reason", "")
    chosen = found.differences.filter(pk__in=[pk for pk in request.POST.getlist("rows") if is_number(pk)], done="")
    if verb == "compare":
        reconciling.compare(reconciliation=found, columns=_columns(request, found))
    elif verb == "take over":
        require(request, "reporting.change_submission")
        count = reconciling.take_over(reconciliation=found, actor=actor)
        messages.success(request, f"{count} decisions are being taken over; the learners concerned are written to.")
    elif not chosen:
        raise reconciling.CannotReconcile(NO_CHOICE)
    elif verb in ACTIONS:
        require(request, "reporting.change_submission")
        act, words = ACTIONS[verb]
        count, refused = act(differences=chosen, actor=actor, reason=reason, now=timezone.now())
        if count:
            messages.success(request, words.format(count))
        elif not refused:
            messages.warning(request, NOT_THIS_KIND)
        for refusal in refused:
            messages.error(request, refusal)
    else:
        reconciling.set_aside(differences=chosen, actor=actor, reason=reason)


def _columns(request: HttpRequest, found: Reconciliation) -> dict[str, int]:
    """Return the chosen column of each field; none is chosen where the field is left out."""
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    return {name: int(place) for name, place in typed.items() if is_number(place) and int(place) < len(found.headers)}

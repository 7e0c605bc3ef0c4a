"""Files for PARS and CPE Monitor: written, downloaded, taken back while they were not uploaded."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern
from django.utils import timezone
from unfold.admin import ModelAdmin

from accounts import signed_in
from audit.admin import KeptAdmin
from audit.desks import at, page, require
from audit.models import record
from reporting import batches
from reporting.models import Batch
from reporting.services import batching

View = Callable[..., HttpResponse]


@admin.register(Batch)
class BatchAdmin(KeptAdmin):
    """What left in files."""

    list_display = ("__str__", "made_by", "made_at", "taken_back_at")
    list_select_related = ("made_by",)
    list_before_template = "admin/reporting/batches_links.html"

    def get_urls(self) -> list[URLPattern]:
        """The pages stand where Django's forms would."""
        own = [
            at(self, "write/", write, "write"),
            at(self, "<int:pk>/change/", shown, "change"),
            at(self, "<int:pk>/file/", file, "file"),
        ]
        return [*own, *super().get_urls()]


def write(site: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Say what could leave in files; on POST write them."""
    require(request, "reporting.add_batch")
    now = timezone.now()
    if request.method == "POST":
        try:
            made = batching.write(kind=_kind(request), actor=signed_in.person(request), now=now)
        except batching.CannotBatch as refusal:
            messages.error(request, str(refusal))
            return redirect(request.path)
        messages.success(request, f"{len(made)} file{'s' if len(made) > 1 else ''} to download and upload.")
        return redirect("admin:reporting_batch_change", made[0].pk)
    kinds = [(kind, batching.waiting(kind, now).count()) for kind in Batch.Kind]
    return page(
        site, request, "admin/reporting/write.html", {"title": "Files for PARS and CPE Monitor", "kinds": kinds}
    )


def shown(site: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Show a file's reports and their states; on POST take the file back."""
    require(request, "reporting.view_batch")
    batch = get_object_or_404(Batch.objects.select_related("made_by"), pk=pk)
    if request.method == "POST":
        require(request, "reporting.add_batch")
        actor, reason = signed_in.person(request), request.POST.get("reason", "")
        try:
            count = batching.take_back(batch=batch, actor=actor, reason=reason, now=timezone.now())
            messages.success(request, f"Ready to send again: {count}.")
        except batching.CannotBatch as refusal:
            messages.error(request, str(refusal))
        return redirect(request.path)
    rows = batch.submissions.select_related("learner").order_by("pk")
    waiting = rows.filter(state="sending").count()
    context = {
        "title": str(batch),
        "batch": batch,
        "has_csv": "csv" in batches.extensions(batch),
        "rows": rows[:200],
        "total": rows.count(),
        "waiting": waiting,
    }
    return page(site, request, "admin/reporting/batch.html", context)


def file(_site: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Send the file."""
    require(request, "reporting.view_batch")
    batch = get_object_or_404(Batch, pk=pk)
    offered = batches.extensions(batch)
    extension = request.GET.get("as", offered[0])
    if extension not in offered:
        raise Http404
    record(action="downloaded a batch", subject=batch, actor=request.user)
    headers = {"Content-Disposition": f'attachment; filename="{batches.name(batch, extension)}"'}
    return HttpResponse(
        batches.content(batch, extension), content_type=batches.CONTENT_TYPES[extension], headers=headers
    )


def _kind(request: HttpRequest) -> Batch.Kind:
    try:
        return Batch.Kind(request.POST.get("kind", ""))
    except ValueError:
        raise batching.CannotBatch("Choose PARS or CPE Monitor.") from None

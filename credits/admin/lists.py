"""Lists of attendance and completions in the office: uploaded, looked at row by row, imported, undone."""

from collections.abc import Callable, Iterator

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern
from django.utils import timezone
from unfold.admin import ModelAdmin

from accounts import signed_in
from audit.admin import KeptAdmin, SearchableAdmin
from audit.desks import at, page, require
from audit.models import record
from audit.rows import is_number
from credits import attendance
from credits.forms.lists import ListForm
from credits.models import Attendance, AttendanceImport, ImportedRow
from credits.services import importing
from printing import sheet

View = Callable[..., HttpResponseBase]
PER_PAGE = 100
HEADERS = ("row", *(aliases[0] for aliases in attendance.COLUMNS.values()), "result", "why", "now")


@admin.register(Attendance)
class AttendanceAdmin(KeptAdmin):
    """Who was there, by record."""

    list_display = ("learner", "activity", "session", "amount")
    list_filter = ("activity",)
    list_select_related = ("learner", "activity", "session")
    search_fields = (
        "learner__last_name__spelled", "learner__email", "activity__title__spelled", "session__title__spelled",
    )  # fmt: skip
    show_full_result_count = False


@admin.register(AttendanceImport)
class AttendanceImportAdmin(SearchableAdmin):
    """Lists."""

    list_display = ("name", "kind", "state", "total", "uploaded_by", "uploaded_at")
    list_filter = ("state", "kind")
    list_select_related = ("uploaded_by",)
    search_fields = ("name",)

    def get_urls(self) -> list[URLPattern]:
        """A list's own page stands where Django's form would."""
        own = [
            at(self, "add/", upload, "add"),
            at(self, "<int:pk>/change/", shown, "change"),
            at(self, "<int:pk>/rows.csv", rows, "rows"),
        ]
        return [*own, *super().get_urls()]

    def has_change_permission(self, *_args: object) -> bool:
        """What was uploaded stays."""
        return False

    def has_delete_permission(self, *_args: object) -> bool:
        """Kept: it explains what was imported."""
        return False


def upload(site: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Take a list; what is wrong with the whole of it is said at once, its rows are checked by a job."""
    require(request, "credits.add_attendanceimport")
    bound = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = ListForm(*bound)
    if form.is_bound and form.is_valid():
        actor, now = signed_in.person(request), timezone.now()
        try:
            made = importing.upload(
                file=form.cleaned_data["file"], kind=form.cleaned_data["kind"], actor=actor, now=now
            )
        except ValidationError as error:
            form.add_error("file", error)
        else:
            return redirect("admin:credits_attendanceimport_change", made.pk)
    context = {"title": "Import attendance or completions", "form": form, "columns": attendance.COLUMNS}
    return page(site, request, "admin/credits/upload.html", context, refused=bool(form.errors))


def shown(site: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Show every row with what is to become of it, or became of it; on POST import the list or undo it."""
    require(request, "credits.view_attendanceimport")
    found = get_object_or_404(AttendanceImport.objects.select_related("uploaded_by"), pk=pk)
    if request.method == "POST":
        require(request, "credits.add_attendanceimport")
        _do(request, found)
        return redirect(request.get_full_path())
    wanted = request.GET.get("verdict", "")
    listed = found.rows.select_related("activity", "session", "learner")
    if wanted in ImportedRow.Verdict.values:
        listed = listed.filter(verdict=wanted)
    earlier = AttendanceImport.objects.filter(sha256=found.sha256, pk__lt=found.pk).first()
    context = {
        "title": f"List {found}",
        "found": found,
        "earlier": earlier,
        "wanted": wanted,
        "page": Paginator(listed, PER_PAGE).get_page(request.GET.get("page")),
        **importing.counts(found),
    }
    return page(site, request, "admin/credits/list.html", context)


def rows(_site: ModelAdmin, request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Give every row with its result as a table."""
    require(request, "credits.view_attendanceimport")
    found = get_object_or_404(AttendanceImport, pk=pk)
    record(action="downloaded a list's rows", subject=found, actor=request.user)
    headers = {"Content-Disposition": f'attachment; filename="list-{found.pk}.csv"'}
    return StreamingHttpResponse(
        sheet.lines(HEADERS, _cells(found)), content_type="text/csv; charset=utf-8", headers=headers
    )


def _cells(found: AttendanceImport) -> Iterator[tuple[object, ...]]:
    for row in found.rows.iterator(chunk_size=PER_PAGE):
        as_uploaded = (row.cells.get(name, "") for name in attendance.COLUMNS)
        yield (row.number, *as_uploaded, row.get_verdict_display(), row.words, row.get_state_display())


def _do(request: HttpRequest, found: AttendanceImport) -> None:
    actor = signed_in.person(request)
    try:
        if request.POST.get("verb") == "leave out":
            chosen = [int(number) for number in request.POST.getlist("rows") if is_number(number)]
            count = importing.leave_out(source=found, rows=chosen, actor=actor)
            messages.success(request, f"Left out: {count}.")
        elif request.POST.get("verb") == "undo":
            if "sure" not in request.POST:
                messages.error(request, "Nothing was undone: tick that you are sure.")
                return
            importing.undo(source=found, actor=actor)
        else:
            importing.carry_out(source=found, doubtful=bool(request.POST.get("doubtful")), actor=actor)
    except importing.CannotImport as refusal:
        messages.error(request, str(refusal))

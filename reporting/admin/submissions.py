"""Submissions in the staff admin: the queue by state and by days left, every exchange, and decisions with a reason."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, reverse
from django.utils import dateformat, timezone
from unfold.admin import TabularInline
from unfold.decorators import action, display

from accounts import signed_in
from audit.admin import KeptAdmin
from audit.desks import at, page, require
from audit.rows import is_number
from reporting import states
from reporting.admin import shown
from reporting.forms import DecisionForm, OfficeIdentityForm
from reporting.models import Exchange, Line, Submission
from reporting.services import correcting, deciding
from reporting.states import State

MOST = 1000
LABELS = {
    State.DRAFT.label: "warning",
    State.READY.label: "info",
    State.HELD.label: "warning",
    State.SENDING.label: "info",
    State.UNKNOWN.label: "warning",
    State.PENDING.label: "info",
    State.ACCEPTED.label: "success",
    "recorded": "success",
    "deleted": "success",
    State.REJECTED.label: "danger",
}
AT_THE_REGISTRY = ("attempted_at", "taken_at", "seen_at", "absent_since")
OPEN = (*states.NOT_SENT, *states.ON_ITS_WAY, State.REJECTED)
View = Callable[..., HttpResponse]


class ExchangeInline(TabularInline):
    """What was sent and answered."""

    model = Exchange
    extra = 0
    can_delete = False
    fields = readonly_fields = ("at", "last_at", "times", "operation", "status", shown.sent, shown.answered)

    def has_add_permission(self, *_args: object) -> bool:
        """Evidence is not written by hand."""
        return False


class DaysLeft(admin.SimpleListFilter):
    """By the nearest deadline of what is not settled."""

    title, parameter_name = "days left", "left"

    def lookups(self, _request: HttpRequest, _admin: Any) -> list[tuple[str, str]]:
        """Return the spans."""
        return [("over", "over"), ("7", "7 days or less"), ("30", "30 days or less"), ("more", "more than 30 days")]

    def queryset(self, _request: HttpRequest, rows: QuerySet[Submission]) -> QuerySet[Submission]:
        """Narrow to a span."""
        today, wanted = timezone.now().date(), self.value()
        if wanted is None:
            return rows
        rows = rows.filter(state__in=OPEN)
        if wanted == "over":
            return rows.filter(report_by__lt=today)
        if wanted == "more":
            return rows.filter(report_by__gt=today + timedelta(days=30))
        return rows.filter(report_by__range=(today, today + timedelta(days=30 if wanted == "30" else 7)))


@admin.register(Submission)
class SubmissionAdmin(KeptAdmin):
    """What which board was told about whom."""

    list_display = (
        "reference", "learner", shown.activity, "board", "action", "shown_state", "fault", "shown_reason", "deadline",
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": ("credit_id", "reference", "registry", "board", "action", "state", "reason", "fault")}),
        ("Completion", {"fields": (shown.activity, shown.activity_id, shown.credit, shown.completed_on)}),
        ("Learner, as the registry has them", {"fields": (shown.name, shown.number, shown.birthday)}),
        (
            "When",
            {"fields": (shown.deadlines, "created_at", "send_at", *AT_THE_REGISTRY, "decided_at", "after", "batch")},
        ),
    )
    readonly_fields = (
        shown.activity, shown.activity_id, shown.credit, shown.completed_on, shown.name, shown.number, shown.birthday,
        shown.deadlines,
    )  # fmt: skip
    list_filter = (
        "state",
        DaysLeft,
        "action",
        "registry",
        "board",
        "fault",
        ("decided_at", admin.EmptyFieldListFilter),
    )
    ordering = (F("decided_at").asc(nulls_first=True), "report_by", "pk")
    list_select_related = ("learner",)
    search_fields = ("^reference", "credit_id", "learner__last_name__spelled", "learner__email", "completion__activity")
    inlines = (ExchangeInline,)
    change_form_outer_before_template = "admin/reporting/submission_links.html"
    list_before_template = "admin/reporting/queue.html"
    show_full_result_count = False
    actions = ("decide_about",)

    def get_urls(self) -> list[URLPattern]:
        """The desks come first, or their addresses would be taken for a report's number."""
        own = [at(self, "decide/", decide, "decide"), at(self, "<int:pk>/identity/", identity, "identity")]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show above the list how many there are in each state, and whether PARS answers."""
        added = Submission.objects.filter(action=Submission.Action.ADD).order_by()
        counts = dict(added.values_list("state").annotate(Count("pk")))
        queue = [(state, counts[state]) for state in State if counts.get(state)]
        line = Line.objects.filter(silent_until__gt=timezone.now()).first()
        deletions = Submission.objects.filter(action=Submission.Action.DELETE, decided_at=None).count()
        above = {"queue": queue, "line": line, "deletions": deletions}
        drawn: HttpResponse = super().changelist_view(request, {**(extra_context or {}), **above})
        return drawn

    @action(description="Hold, release, send again, handled elsewhere …", permissions=["decide"])
    def decide_about(self, request: HttpRequest, queryset: QuerySet[Submission]) -> HttpResponse:
        """Show what could be decided about the chosen reports; nothing is done yet."""
        chosen = [str(pk) for pk in queryset.values_list("pk", flat=True)[: MOST + 1]]
        if len(chosen) > MOST:
            messages.error(request, f"At most {MOST:,} reports at a time. Narrow the list and choose again.")
            return redirect(request.get_full_path())
        return _show(self, request, DecisionForm(initial={"reports": chosen, "back": request.GET.urlencode()}), chosen)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Whether the person may decide about reports."""
        return request.user.has_perm("reporting.change_submission")

    @display(description="State", ordering="state", label=LABELS)
    def shown_state(self, submission: Submission) -> tuple[str, str]:
        """Colored, and since when nobody knows."""
        words, left = submission.state_in_words, submission.attempted_at
        unknown = submission.state == State.UNKNOWN and left
        since = dateformat.format(timezone.localtime(left), "F j, P T") if left else ""
        return words, f"unknown since {since}; asking" if unknown else words

    @display(description="Why")
    def shown_reason(self, submission: Submission) -> str:
        """In short."""
        return str(submission.reason)[:120]

    @display(description="Until", ordering="report_by")
    def deadline(self, submission: Submission) -> str:
        """The nearest clock, with the days that are left."""
        name = submission.clocks[0][0] if submission.clocks else ""
        words = f"{submission.report_by:%b} {submission.report_by.day}, {name}"
        left = submission.days_left(timezone.now().date())
        return f"{words} ({left} days)" if submission.state in OPEN else words


def decide(site: SubmissionAdmin, request: HttpRequest) -> HttpResponse:
    """Show the chosen reports with what can be decided; on POST decide, row by row, for those that are ticked."""
    require(request, "reporting.change_submission")
    listed = [pk for pk in request.POST.getlist("shown") if is_number(pk)][:MOST]
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _show(site, request, form, listed, refused=True)
    done, refused = 0, []
    for submission in form.cleaned_data["reports"]:
        try:
            _decide(request, submission, form.cleaned_data)
            done += 1
        except (deciding.CannotDecide, correcting.CannotCorrect) as refusal:
            refused.append(f"{submission.learner}, {submission.get_action_display()} {submission.credit_id}: {refusal}")
    if done:
        messages.success(request, f"Decided for {done} report{'s' if done > 1 else ''}.")
    for words in refused:
        messages.error(request, words)
    return redirect(f"{reverse('admin:reporting_submission_changelist')}?{form.cleaned_data['back']}")


def _decide(request: HttpRequest, submission: Submission, data: dict[str, Any]) -> None:
    told: dict[str, Any] = {"submission": submission, "actor": signed_in.person(request), "reason": data["reason"]}
    if data["verb"] == "hold":
        deciding.hold(**told)
    elif data["verb"] == "release":
        deciding.release(**told)
    elif data["verb"] == "elsewhere":
        deciding.settle_elsewhere(**told)
    else:
        deciding.send_again(**told, now=timezone.now())


def _show(
    site: SubmissionAdmin, request: HttpRequest, form: DecisionForm, listed: list[str], *, refused: bool = False
) -> HttpResponse:
    rows = Submission.objects.filter(pk__in=listed).select_related("learner")
    chosen = [str(pk) for pk in form["reports"].value() or []]
    context = {"title": "Decide about reports", "form": form, "rows": rows, "chosen": chosen}
    return page(site, request, "admin/reporting/decide.html", context, refused=refused)


def identity(site: SubmissionAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Show how a learner was described to a board; on POST report again as corrected."""
    submission = get_object_or_404(Submission.objects.select_related("learner"), pk=pk)
    require(request, "reporting.change_submission")
    known = {name: value or "" for name, value in submission.identity.items()}
    form = OfficeIdentityForm(request.POST if request.method == "POST" else None, initial=known, board=submission.board)
    if form.is_bound and form.is_valid():
        try:
            made = correcting.correct(
                submission=submission,
                identity={**submission.identity, **form.identity},
                actor=signed_in.person(request),
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
        except correcting.CannotCorrect as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{made.board} is told again.")
            return redirect("admin:reporting_submission_change", made.pk)
    context = {"title": f"Identity: {submission.learner}", "submission": submission, "form": form}
    return page(site, request, "admin/reporting/identity.html", context, refused=bool(form.errors))

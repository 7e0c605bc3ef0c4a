"""Background work in the staff admin: what waits, what was given up, and a button to try again."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import action, display

from audit.admin import KeptAdmin, RecordedAdmin
from jobs.models import Job


@admin.register(Job)
class JobAdmin(KeptAdmin, RecordedAdmin):
    """Jobs, to read; jobs that were given up can be revived."""

    list_display = ("key", "kind", "shown_state", "due", "attempts", "error")
    list_filter = ("state", "kind")
    search_fields = ("key", "^reference")
    actions = ("try_again",)
    change_form_before_template = "admin/reference_links.html"
    show_full_result_count = False

    @display(description="State", ordering="state", label={"to do": "info", "done": "success", "given up": "danger"})
    def shown_state(self, job: Job) -> str:
        """Colored."""
        return job.get_state_display()

    @action(description="Try again", permissions=["revive"])
    def try_again(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        """Put given-up jobs back to the start of the queue."""
        dead = [job for job in jobs if job.state == Job.State.DEAD]
        for job in dead:
            job.revive()
            self.log_change(request, job, "Tried again.")
        messages.success(request, f"{len(dead)} of {len(jobs)} chosen jobs had been given up and start again now.")

    def has_revive_permission(self, request: HttpRequest) -> bool:
        """Reading is not enough to start work again."""
        return request.user.has_perm("jobs.change_job")

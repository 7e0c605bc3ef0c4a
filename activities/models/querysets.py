"""Many activities at once: what is visible, what a search finds, and what a page needs loaded along."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, F, Q, Value, When

if TYPE_CHECKING:
    from activities.models.activity import Activity  # noqa: F401 (the type of a row)

LISTED = ("published", "closed")
VISIBLE = (*LISTED, "archived")
SEARCHED = ("title", "summary", "audience", "need", "outline", "city", "provider__name", "provider__short_name")


class ActivityQuerySet(models.QuerySet["Activity"]):
    """Many activities."""

    def published(self) -> "ActivityQuerySet":
        """Return what the catalogue lists."""
        return self.filter(state__in=LISTED)

    def visible(self) -> "ActivityQuerySet":
        """Return what anybody may read: what is listed, and what was listed once."""
        return self.filter(state__in=VISIBLE)

    def matching(self, words: str) -> "ActivityQuerySet":
        """Return those that have every word somewhere in their facts, objectives, sessions or faculty."""
        found = self
        for word in words.split():
            anywhere = Q()
            for field in SEARCHED:
                anywhere |= Q(**{f"{field}__spelled": word})
            for related in ("objectives__text", "roles__person__name", "sessions__title"):
                anywhere |= Q(pk__in=self.filter(**{f"{related}__spelled": word}).values("pk"))
            found = found.filter(anywhere)
        return found

    def soonest_first(self, now: datetime) -> "ActivityQuerySet":
        """Order what can be claimed now first, the newest on top; then what comes next; then what is over."""
        group = Case(When(claim_until__lt=now, then=Value(2)), When(starts_at__gt=now, then=Value(1)), default=Value(0))
        coming = Case(When(starts_at__gt=now, then=F("starts_at")))
        return self.order_by(group, coming.asc(), F("starts_at").desc(), "title")

    def with_credit(self) -> "ActivityQuerySet":
        """Load provider, designations and registrations along."""
        return self.select_related("provider").prefetch_related("designations", "moc_registrations")

    def with_words(self) -> "ActivityQuerySet":
        """Load everything that `activities.statements` puts into words along."""
        from activities.models.people import Judgement, Role  # noqa: PLC0415 (they know activities, not the reverse)

        return self.with_credit().prefetch_related(
            "partners",
            "statement_edits",
            "support",
            models.Prefetch("roles", Role.objects.select_related("person")),
            "roles__person__disclosures",
            models.Prefetch("judgements", Judgement.objects.select_related("relationship__person")),
        )

    def with_everything(self) -> "ActivityQuerySet":
        """Load everything that the gates ask about along, in a constant number of queries."""
        return self.with_words().prefetch_related("objectives", "sessions", "content", "roles__person__relationships")

"""The one door: the steps of an activity for one learner at one time, each with its state, reason and fix.

The learner's pages draw these steps, every submit refuses by them, and staff read in them why there is no certificate.
There is no second way in.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User
from activities import zones
from activities.models import Activity, ContentItem
from credits import deadlines
from surveys.models import Response, Survey
from surveys.standing import Standing
from surveys.steps import NotOpen, State, Step

Kind = Survey.Kind
COMPLETE_PROFILE = "Complete your profile first."
FOLLOW_EACH_OTHER = "The parts follow each other."


def steps(*, activity: Activity, learner: User, now: datetime) -> list[Step]:
    """Return the steps in order; those that the activity does not have are left out."""
    return Way(Standing(activity, learner), now).steps


def step(kind: str, *, activity: Activity, learner: User, now: datetime) -> Step:
    """Return how a survey's step stands; one that the activity does not have is locked."""
    return Way(Standing(activity, learner), now).step(kind)


def require_open(kind: str, *, activity: Activity, learner: User, now: datetime) -> None:
    """Raise NotOpen unless the learner may answer and submit this survey at this moment."""
    found = step(kind, activity=activity, learner=learner, now=now)
    if not found.is_open:
        raise NotOpen(found)


class Way:
    """All steps of one learner at one moment."""

    def __init__(self, standing: Standing, now: datetime) -> None:
        self.standing, self.now = standing, now
        self.activity, self.learner = standing.activity, standing.learner
        found = [self._details(), self._pre_test(), self._part()]
        found += [self._post_test(found[-1])]
        found += [self._evaluation([row for row in found[2:] if row])]
        found += [self._request([row for row in found[2:] if row])]
        found += [self._certificate(), self._follow_up()]
        self.steps = [row for row in found if row]

    def step(self, kind: str) -> Step:
        """Return the step of this key."""
        missing = Step(kind, str(Kind(kind).label), State.LOCKED, "This activity does not have it.")
        return next((row for row in self.steps if row.key == kind), missing)

    def item(self, item: ContentItem) -> Step:
        """Return how one item of the content stands."""
        address = reverse("surveys:item", args=[self.activity.slug, item.pk])
        shut = self._window(self._study_until)
        if shut:
            return Step("item", item.title, *shut, address=address, was_done=self.standing.is_done(item))
        if self.standing.is_done(item):
            return Step("item", item.title, State.DONE, address=address)
        earlier = self.standing.items[: self.standing.items.index(item)]
        before = next((row for row in earlier if not self.standing.is_done(row)), None)
        if self.activity.content_in_order and before:
            return Step("item", item.title, State.LOCKED, f"First: {before.title}.", FOLLOW_EACH_OTHER, address)
        return Step("item", item.title, State.OPEN, address=address)

    def step_of_part(self) -> Step:
        """Return the step of studying or taking part."""
        return next(row for row in self.steps if row.key == "part")

    # The steps -----------------------------------------------------------------------------------------------------

    def _details(self) -> Step:
        done = self.standing.claim is not None or self.learner.has_claim_details
        back = urlencode({"next": self.activity.get_absolute_url()})
        return Step(
            key="details",
            title="Your name and profession",
            state=State.DONE if done else State.OPEN,
            reason="" if done else "They decide which credit you can be awarded and stand on your certificate.",
            fix="" if done else "Complete your profile.",
            address=f"{reverse('accounts:profile')}?{back}",
        )

    def _pre_test(self) -> Step | None:
        """It never blocks anything, and closes when the learner begins to study."""
        if not self._has(Kind.PRE_TEST):
            return None
        make = self._maker(Kind.PRE_TEST, "Pre-test (optional)")
        if self.standing.submitted(Kind.PRE_TEST):
            return make(State.DONE, "Taken. Thank you.")
        if self.standing.progress or self.standing.responses.get(Kind.POST_TEST):
            return make(State.LOCKED, "Skipped: it can be taken only before you study.")
        return make(*self._window(self._study_until, Kind.PRE_TEST) or (State.OPEN, "It shows what you know already."))

    def _part(self) -> Step:
        title = "Study the activity" if self.activity.is_self_study else "Take part"
        if self.standing.items:
            return self._study(title)
        if self.now < self.activity.starts_at:
            return Step("part", title, State.LOCKED, f"Begins on {self.activity.start_in_words}.")
        over = self.now > self.activity.ends_at
        return Step("part", title, State.DONE if over else State.OPEN, self.activity.dates_in_words)

    def _study(self, title: str) -> Step:
        address = reverse("surveys:study", args=[self.activity.slug])
        items, undone = len(self.standing.items), len(self.standing.undone)
        shut = self._window(self._study_until) if undone else None
        if shut:
            return Step("part", title, *shut, address=address)
        state = State.OPEN if undone else State.DONE
        return Step("part", title, state, f"{items - undone} of {items} parts done.", "", address)

    def _post_test(self, part: Step | None) -> Step | None:
        if not self._has(Kind.POST_TEST):
            return None
        make, best = self._maker(Kind.POST_TEST, "Post-test"), self.standing.best
        if self.standing.has_passed and best:
            return make(State.DONE, f"Passed with {best.percent} %.")
        shut = self._window(self._study_until, Kind.POST_TEST) or self._after([part] if part else [])
        if shut:
            return make(*shut)
        if self.standing.draft(Kind.POST_TEST):
            return make(State.OPEN, "Begun and not submitted yet. What you answered is kept.")
        return make(*self._next_attempt(best))

    def _next_attempt(self, best: Response | None) -> tuple[State, str, str]:
        survey = self.standing.surveys[Kind.POST_TEST]
        used = len(self.standing.submitted(Kind.POST_TEST))
        need = f"{survey.pass_mark} % is needed to pass."
        if best is None:
            return State.OPEN, need, ""
        score, left = f"Your best score is {best.percent} %; {need}", self._attempts_left
        if left is not None and left <= 0:
            return State.FAILED, f"{score} All {used} attempts are used.", self._ask_office("for one more attempt")
        again = max(
            filter(None, (row.may_follow_at() for row in self.standing.submitted(Kind.POST_TEST))), default=None
        )
        if again and again > self.now:
            return State.LOCKED, f"{score} You can try again from {self._in_words(again)}.", "Come back then."
        rest = "" if left is None else f" {left} more {'attempt' if left == 1 else 'attempts'}."
        return State.OPEN, score + rest, ""

    @property
    def _attempts_left(self) -> int | None:
        """How many more attempts may be begun; None for as many as one likes."""
        allowed = self.standing.surveys[Kind.POST_TEST].attempts
        used = len(self.standing.responses.get(Kind.POST_TEST, ()))
        return None if allowed is None else allowed + self.standing.extra_attempts - used

    @property
    def attempts_are_used(self) -> bool:
        """Whether a learner who has not passed needs staff to be allowed one more attempt."""
        if Kind.POST_TEST not in self.standing.surveys or self.standing.has_passed:
            return False
        return self._attempts_left is not None and self._attempts_left <= 0

    def _evaluation(self, before: list[Step]) -> Step | None:
        if not self._has(Kind.EVALUATION):
            return None
        make = self._maker(Kind.EVALUATION, "Evaluation")
        if self.standing.submitted(Kind.EVALUATION):
            return make(State.DONE, "Submitted. Thank you.")
        return make(*self._window(self._claim_until, Kind.EVALUATION) or self._after(before) or (State.OPEN, ""))

    def _request(self, before: list[Step]) -> Step:
        make, claim = self._maker(Kind.REQUEST_FOR_CREDIT, "Request for Credit"), self.standing.claim
        if claim:
            gone = "Withdrawn by the CME office" if claim.is_withdrawn else "Submitted"
            return make(State.DONE, f"{gone}, reference {claim.reference}.")
        if not self.activity.is_claimed_by_learners:
            words = "The CME office records who has completed it. You need not request anything; a mail tells you."
            return make(State.LOCKED, words, self._ask_office("if you have completed it and no mail came"))
        shut = self._window(self._claim_until, Kind.REQUEST_FOR_CREDIT)
        if shut:
            return make(*shut)
        if not self.learner.has_claim_details:
            return make(State.LOCKED, "Your name and profession are not complete.", COMPLETE_PROFILE)
        if not self.activity.entitlements(self.learner.profession):
            profession = self.learner.get_profession_display()
            return make(State.LOCKED, f"It offers no credit for: {profession}.", self._ask_office())
        return make(*self._after(before) or (State.OPEN, f"Open until {self._in_words(self._claim_until)}."))

    def _certificate(self) -> Step:
        claim = self.standing.claim
        if claim and claim.is_withdrawn:
            return Step("certificate", "Certificate", State.FAILED, "Revoked.", self._ask_office())
        self_study = self.activity.is_self_study
        if claim and (self_study or self.now > self.activity.ends_at):
            return Step("certificate", "Certificate", State.DONE, "See what was awarded.", "", claim.get_absolute_url())
        if claim:
            return Step("certificate", "Certificate", State.LOCKED, "Sent by e-mail after the activity has ended.")
        comes = "at once after your request" if self_study else "after your request and the activity's end"
        if not self.activity.is_claimed_by_learners:
            comes = "when the CME office has recorded your completion"
        return Step("certificate", "Certificate", State.LOCKED, f"Sent by e-mail {comes}.")

    def _follow_up(self) -> Step | None:
        """Asked of those who claimed, some weeks later; it blocks nothing."""
        claim = self.standing.claim
        if claim is None or not self._has(Kind.FOLLOW_UP):
            return None
        make = self._maker(Kind.FOLLOW_UP, "Follow-up")
        if self.standing.submitted(Kind.FOLLOW_UP):
            return make(State.DONE, "Submitted. Thank you.")
        survey = self.standing.surveys.get(Kind.FOLLOW_UP)
        due = claim.claimed_at + timedelta(days=survey.after_days) if survey else self.now
        if due > self.now:
            day = zones.local(due, self.activity.time_zone)
            return make(State.LOCKED, f"We shall ask you by mail on {day:%B} {day.day}, {day.year}.")
        return make(State.OPEN, "What became of your plans?")

    # What they have in common --------------------------------------------------------------------------------------

    @property
    def _study_until(self) -> datetime:
        """Self-study and its tests end with the expiry; what goes with a meeting ends with the deadline."""
        return self.activity.ends_at if self.activity.is_self_study else self._claim_until

    @property
    def _claim_until(self) -> datetime:
        """The deadline, or the end of the office's late grant to this learner."""
        return deadlines.claim_until(self.activity, self.standing.grant)

    def _has(self, kind: str) -> bool:
        """Whether there is something to do, or was: what is retired is finished by who has begun it."""
        submitted = self.standing.has_passed if kind == Kind.POST_TEST else bool(self.standing.submitted(kind))
        return kind in self.standing.surveys or self.standing.draft(kind) is not None or submitted

    def _maker(self, kind: str, title: str) -> Callable[..., Step]:
        address = reverse("surveys:begin", args=[self.activity.slug, kind])

        def make(state: State, reason: str, fix: str = "", first: Step | None = None) -> Step:
            return Step(str(kind), title, state, reason, fix, address, first)

        return make

    def _window(self, until: datetime, kind: str = "") -> tuple[State, str, str] | None:
        """Return why a step is shut at this time, and what can be done about it."""
        if not deadlines.is_in_use(self.activity, self.standing.grant):
            return State.LOCKED, "Credit cannot be requested for this activity at present.", self._ask_office()
        if self.now < self.activity.starts_at:
            what = "Credit can be requested" if kind == Kind.REQUEST_FOR_CREDIT else "It is open"
            return State.LOCKED, f"{what} from {self.activity.start_in_words}.", "Come back then."
        if self.now.replace(microsecond=0) <= until:
            return None
        over = "The activity expired on" if until < self.activity.claim_until else "The deadline was"
        draft = self.standing.draft(kind)
        begun = self._in_words(draft.started_at) if draft and draft.is_kept else ""
        kept = f" What you began on {begun} was not submitted." if begun else ""
        return State.FAILED, f"{over} {self._in_words(until)}.{kept}", self._ask_office()

    def _after(self, before: list[Step]) -> tuple[State, str, str, Step] | None:
        """Return what must be done first; taking part in a meeting is what the learner attests."""
        for row in before:
            taking_part = row.key == "part" and not self.standing.items
            if not row.is_done and not taking_part:
                return State.LOCKED, f"First: {row.title}.", row.fix if row.state == State.FAILED else "", row
        return None

    def _ask_office(self, what: str = "if you believe that this is wrong") -> str:
        return f"Write to {self.activity.provider.office_email} {what}."

    def _in_words(self, moment: datetime) -> str:
        return zones.in_words(moment, self.activity.time_zone, self.activity.city)

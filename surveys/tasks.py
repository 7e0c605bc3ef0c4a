"""Asks learners what became of their plans: whether, and of whom, is decided when it is due.

The mail and the end of the job are one transaction: a crash before it leaves everything to do, after it nothing.
"""

from datetime import timedelta

from django.utils import timezone

from credits.models import Claim
from jobs.models import Job
from jobs.registry import Later, handles
from surveys import emails
from surveys.models import Response, Survey


@handles("surveys.follow_up", queue="mail")
def follow_up(job: Job) -> None:
    """Write the mail, unless there is no follow-up any more or the learner has answered it already."""
    response = Response.objects.select_related("survey__activity", "learner").get(pk=job.subject_id)
    activity, learner = response.activity, response.learner
    survey = Survey.objects.in_use().filter(activity=activity, kind=Survey.Kind.FOLLOW_UP).first()
    answered = Response.objects.filter(
        survey__activity=activity, survey__kind=Survey.Kind.FOLLOW_UP, learner=learner, state="submitted"
    )
    if survey is None or answered.exists():
        return
    claim = Claim.objects.by_learner(learner, activity).select_related("activity__provider", "learner").get()
    due = claim.claimed_at + timedelta(days=survey.after_days)
    if due > timezone.now():
        raise Later(due)
    with job.finishing():
        emails.follow_up(claim)

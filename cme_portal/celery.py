"""The Celery application: it wakes runners of the durable queue and carries no work of its own.

Start a worker with `celery -A cme_portal worker -Q certificates,mail,reporting,office`, and one
`celery -A cme_portal beat`.
"""

import os

from celery import Celery
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cme_portal.settings")

SWEEP_SECONDS = 2.0
FORGOTTEN_SECONDS = 300.0
QUEUES = ("certificates", "mail", "reporting", "office")


def _check(**_: object) -> None:
    from cme_portal.checks import refuse_to_start  # noqa: PLC0415 (this module is imported before settings are read)

    refuse_to_start()


worker_init.connect(_check, weak=False)
beat_init.connect(_check, weak=False)

app = Celery("cme_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    f"sweep-{queue}": {
        "task": "jobs.drain",
        "schedule": SWEEP_SECONDS,
        "kwargs": {"queue": queue},
        "options": {"queue": queue, "expires": 2 * SWEEP_SECONDS},
    }
    for queue in QUEUES
} | {
    "sweep-forgotten": {
        "task": "jobs.sweep",
        "schedule": FORGOTTEN_SECONDS,
        "options": {"queue": "office", "expires": FORGOTTEN_SECONDS},
    }
}

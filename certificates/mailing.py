"""“Send me my certificates”: a list with links, mailed to whoever has the mailbox."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db.models import Q
from django.urls import reverse
from django.utils.crypto import salted_hmac

from accounts.models import User
from certificates.models import Certificate, CertificateQuerySet, ListRequest
from jobs.queue import enqueue
from jobs.transactions import short_write

SALT = "certificates.mailing"
LASTS = timedelta(hours=24)


@short_write
def ask(email: str) -> None:
    """Write the wish down; whether anybody has this address is looked up later, so that the answer tells nothing."""
    asked = ListRequest.objects.create(email=email)
    enqueue("certificates.send_list", asked.pk)


def owner_of(email: str) -> User | None:
    """Return whose address it is: the one they sign in with, or another that they confirmed."""
    people = User.objects.filter(is_active=True)
    confirmed = Q(emailaddress__email__iexact=email, emailaddress__verified=True)
    return people.filter(email=email).first() or people.filter(confirmed).first()


def certificates_of(learner: User) -> CertificateQuerySet:
    """Return what can be downloaded: everything that stands, newest first."""
    return Certificate.objects.of(learner).standing()


def address_of(learner: User) -> str:
    """Return the address of the learner's list; it holds for a day, and only while the account has its address."""
    token = signing.dumps([learner.pk, _mark(learner)], salt=SALT)
    return f"{settings.PUBLIC_URL}{reverse('certificates:mailed', args=[token])}"


def learner_of(token: str) -> User | None:
    """Return whose list a link leads to; None when it is too old, or was not made by us."""
    try:
        pk, mark = signing.loads(token, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    learner = User.objects.filter(pk=pk, is_active=True).first()
    return learner if learner and _mark(learner) == mark else None


def _mark(learner: User) -> str:
    """Return what changes with the address and does not tell it."""
    return salted_hmac(SALT, learner.email).hexdigest()[:16]

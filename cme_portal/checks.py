"""What keeps the portal from starting: a setting with which it would fail later, or stand open, each with a good value.

Every command checks it before it does anything, web server and workers before they serve.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core import checks

SHORTEST_KEY = 32
MAKE_A_KEY = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
MAKE_RANDOM = 'python -c "import secrets; print(secrets.token_urlsafe(48))"'
ON_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


def problems() -> Iterator[tuple[str, str]]:
    """Return the name of each wrong setting with what is wrong and what to set."""
    yield from _keys()
    yield from _credentials()
    if settings.DEMO:
        if settings.HTTPS:
            yield "DEMO", "A demonstration has people whose password everybody knows. Set DEMO=false, or HTTPS=false."
        return
    if not settings.DEBUG:
        yield from _of_production()


def _keys() -> Iterator[tuple[str, str]]:
    if len(settings.SECRET_KEY) < SHORTEST_KEY:
        yield "SECRET_KEY", f"It has fewer than {SHORTEST_KEY} characters. A good one: {MAKE_RANDOM}"
    if not settings.FIELD_KEYS:
        yield "FIELD_KEYS", f"There is no key for encrypted columns. Make one: {MAKE_A_KEY}"
    for number, key in enumerate(settings.FIELD_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            yield (
                "FIELD_KEYS",
                f"Key {number} of {len(settings.FIELD_KEYS)} is no Fernet key. A good one: {MAKE_A_KEY}",
            )


def _credentials() -> Iterator[tuple[str, str]]:
    """Headers carry ASCII; anything else would fail in every job that reports."""
    for name, value in (("PROVIDER_ID", "provider"), ("USER", "user"), ("PASSWORD", "password")):
        if not all(" " <= letter <= "~" for letter in settings.PARS[value]):
            yield (
                f"PARS_{name}",
                "It has signs that cannot be sent to PARS. Use plain letters, digits and signs only.",
            )


def _of_production() -> Iterator[tuple[str, str]]:
    public, pars = urlsplit(settings.PUBLIC_URL), urlsplit(settings.PARS["url"])
    if public.scheme != "https" or public.hostname in ON_THIS_MACHINE:
        yield (
            "PUBLIC_URL",
            "Mails and certificates would name it. Set the portal's own, like https://cme.society.example.",
        )
    if not settings.EMAIL_TRANSPORT:
        yield "EMAIL_URL", "Mails would become files. Set a server, like smtp+tls://user:password@mail.example:587."
    if settings.PARS["password"] and pars.scheme != "https":
        yield "PARS_URL", "The credentials would travel in clear. Set PARS's address, with https."
    if "*" in settings.ALLOWED_HOSTS:
        yield "ALLOWED_HOSTS", f"It must name the portal's own hosts, like {public.hostname or 'cme.society.example'}."
    if settings.FAIL_POINT:
        yield "FAIL_POINT", "It kills processes, for tests. Leave it empty."
    secret = settings.ANYMAIL.get("WEBHOOK_SECRET")
    if settings.MAIL_SERVICE and not all(part for part in str(secret or ":").partition(":")):
        yield "ANYMAIL", 'It needs a "WEBHOOK_SECRET": "<name>:<password>", or anybody could report mails as bounced.'


@checks.register(checks.Tags.security)
def settings_are_right(**_: Any) -> list[checks.CheckMessage]:
    """Return an error for each wrong setting."""
    return [checks.Error(f"{name}: {words}", id="cme_portal.E001") for name, words in problems()]


def refuse_to_start() -> None:
    """End the process with the wrong settings and good values, if there are wrong ones."""
    wrong = [f"{name}: {words}" for name, words in problems()]
    if wrong:
        raise SystemExit("The portal does not start:\n  " + "\n  ".join(wrong))

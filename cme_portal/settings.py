"""Every setting of the portal; what differs between a laptop and production comes from the environment.

`docs/operation.md` lists the variables. Without DATABASE_URL and REDIS_URL the portal runs on SQLite with one
polling worker; with them, on PostgreSQL and Celery. Nothing else in the code asks which of the two it is.
"""

from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import environ

from cme_portal import keys, logs, office_look

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# Where it runs -------------------------------------------------------------------------------------------------

VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var")))
DEMO = env.bool("DEMO", default=False)  # own keys, mails shown in the browser, plain HTTP; never in production
if DEMO:  # pragma: no branch (production's settings are tested in a process of their own)
    keys.ensure(VAR_DIR / "keys.env")
    env.read_env(str(VAR_DIR / "keys.env"))

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY")
FIELD_KEYS = env.list("FIELD_KEYS")  # Fernet keys for encrypted columns: the first encrypts, all decrypt
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
PUBLIC_URL = env("PUBLIC_URL", default="http://localhost:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# Applications, lowest room last ----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "bootstrap",
    "crispy_forms",
    "crispy_bootstrap5",
    "allauth",
    "allauth.account",
    "csp",
    "cme_portal",
    "demo",
    "surveys",
    "office",
    "credits",
    "certificates",
    "reporting",
    "activities",
    "outbox",
    "jobs",
    "audit",
    "accounts",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cme_portal.middleware.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "cme_portal.middleware.keep_personal_pages_out_of_caches",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "cme_portal.middleware.PlainText",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "cme_portal.middleware.redirect_after_refused_form",
]

ROOT_URLCONF = "cme_portal.urls"
WSGI_APPLICATION = "cme_portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cme_portal.context.site",
            ],
            "builtins": ["cme_portal.templatetags.days"],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SITE_NAME = env("SITE_NAME", default="CME Portal")

# Database --------------------------------------------------------------------------------------------------------

SQLITE = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(VAR_DIR / "portal.sqlite3")}
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL") if env("DATABASE_URL", default="") else SQLITE,
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"] |= {
        "OPTIONS": {
            # IMMEDIATE: a transaction that reads and then writes waits for its turn instead of failing at once.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # FULL: an accepted claim survives a power cut.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;",
        },
        "TEST": {"NAME": str(VAR_DIR / "test.sqlite3")},
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}

# Rate limits live in the database, so that a frozen Redis can stop nobody from signing in.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # with the default of 300 a busy hour would forget the counts
    },
}

# Work after the commit -------------------------------------------------------------------------------------------

REDIS_URL = env("REDIS_URL", default="")
FAIL_POINT = env("FAIL_POINT", default="")  # tests only: the process kills itself when it reaches this point

CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_timeout": 2,  # None, the default, hangs for ever when Redis is frozen
    "socket_connect_timeout": 1,
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 60
CELERY_TASK_TIME_LIMIT = 90  # below the shortest lease, so that no work outlives its lease
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_TIMEZONE = "UTC"
# Reports wait for PARS's answers most of the time, so that one process sends several side by side.
QUEUE_THREADS = {"reporting": env.int("REPORTING_THREADS", default=4)}

# Mail ------------------------------------------------------------------------------------------------------------

EMAIL_BACKEND = "outbox.backend.OutboxBackend"  # writes a row; a worker sends it by the transport below
EMAIL_TRANSPORT = env.email_url("EMAIL_URL") if env("EMAIL_URL", default="") else None  # None: files in MAIL_DIR
MAIL_SERVICE = env("MAIL_SERVICE", default="")  # instead of SMTP: a name that django-anymail knows, like "mailgun"
ANYMAIL = env.json("ANYMAIL", default={})  # that service's own settings
if MAIL_SERVICE:  # pragma: no cover (production's settings are tested in a process of their own)
    EMAIL_TRANSPORT = {"EMAIL_BACKEND": f"anymail.backends.{MAIL_SERVICE}.EmailBackend"}
MAIL_DIR = VAR_DIR / "mail"
MAIL_PER_MINUTE = env.int("MAIL_PER_MINUTE", default=0)  # 0: as fast as the server takes them
MAIL_PER_MINUTE_TO_ONE_DOMAIN = env.int("MAIL_PER_MINUTE_TO_ONE_DOMAIN", default=0)
MAIL_KEEP_DAYS = env.int("MAIL_KEEP_DAYS", default=90)  # words and attachments of mails that have left
SHOW_MAILS = (DEMO or DEBUG) and EMAIL_TRANSPORT is None  # the page of sent mails; never in production
DEFAULT_FROM_EMAIL = env("FROM_EMAIL", default="CME Portal <cme@localhost>")
OFFICE_EMAIL = env("OFFICE_EMAIL", default=parseaddr(DEFAULT_FROM_EMAIL)[1])  # whom people ask about their account

# Certificates ------------------------------------------------------------------------------------------------------

SIGNING_KEY = env("SIGNING_KEY", default="")  # PEM files with which certificates are signed; empty: they are not
SIGNING_CERTIFICATE = env("SIGNING_CERTIFICATE", default="")
SIGNING_CHAIN = env("SIGNING_CHAIN", default="")
SIGNING_PASSPHRASE = env("SIGNING_PASSPHRASE", default="")
PAPER = env("PAPER", default="letter")  # or "a4", where a provider has not chosen

# Registries --------------------------------------------------------------------------------------------------------

# How long registries take completions, as days and (month, day); bodies change them.
ACPE_DAYS = env.int("ACPE_DAYS", default=60)
YEAR_COUNTS_UNTIL = tuple(int(part) for part in env("YEAR_COUNTS_UNTIL", default="12-31").split("-"))
PARS_CLOSES = tuple(int(part) for part in env("PARS_CLOSES", default="03-31").split("-"))
BATCH_ROWS = env.int("BATCH_ROWS", default=5000)  # completions in one file for PARS or CPE Monitor
REMIND_BEFORE_DAYS = env.list("REMIND_BEFORE_DAYS", cast=int, default=[14, 3])  # before a deadline, who has begun
MERGE_UNDO_DAYS = env.int("MERGE_UNDO_DAYS", default=30)  # how long two accounts can be parted again

PARS = {
    "url": env("PARS_URL", default="http://127.0.0.1:8765"),
    "provider": env("PARS_PROVIDER_ID", default=""),
    "user": env("PARS_USER", default=""),
    "password": env("PARS_PASSWORD", default=""),
    "poll": timedelta(seconds=env.int("PARS_POLL_SECONDS", default=3600)),
    # How long the registry must go on saying that it has no record: after one last left, and after one was deleted.
    "settle": timedelta(seconds=env.int("PARS_SETTLE_SECONDS", default=24 * 3600)),
    "confirm": timedelta(seconds=env.int("PARS_CONFIRM_SECONDS", default=900)),
    "format": env("PARS_FORMAT", default="json"),  # or xml
    "per_second": env.int("PARS_PER_SECOND", default=10),  # requests of all workers together; 0: no limit
}

# Signing in ------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_request_login_code"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
# allauth's own sign-up is closed (accounts.adapter); without password1 here its sign-in would not ask for passwords.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]
ACCOUNT_FORMS = {
    "request_login_code": "accounts.allauth_forms.SignInForm",
    "confirm_login_code": "accounts.allauth_forms.SignInCodeForm",
    "confirm_email_verification_code": "accounts.allauth_forms.AddressCodeForm",
    "confirm_password_reset_code": "accounts.allauth_forms.PasswordCodeForm",
}
ACCOUNT_ADAPTER = "accounts.adapter.Adapter"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
# Codes are typed, never clicked: hospital mail scanners spend one-click links before their owner sees them.
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = PUBLIC_URL.partition(":")[0]
ACCOUNT_RATE_LIMITS = {
    # A hospital shares one address, so limits per person are the narrow ones and limits per address are wide.
    "login": "120/m/ip",
    "login_failed": "60/m/ip,5/300s/key",
    "request_login_code": "60/m/ip,5/m/key,20/h/key",
    "reset_password": "20/m/ip,5/m/key,10/h/key",
    "confirm_email": "1/180s/key,10/h/key",
}
FRESH_FOR = timedelta(minutes=env.int("FRESH_MINUTES", default=15))  # how long a sign-in may change who one is
# How often one network address, one mailbox, one code, or one person may do something (`accounts.limits`).
RATES = {
    "verify": "120/m/ip",
    "send": "20/m/ip",
    "send_to_one": "3/h/key",
    "mail_code": "5/m/key,20/h/key",
    "code_guess": "3/900s/key",
    "amend": "10/h/key",  # one claim: each change is a mail, a certificate and a report
    "ask_registry": "30/h/key",  # by one person
    "ask_registry_about": "10/d/key",  # about one number: nobody tries birthdays
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)
SESSION_COOKIE_AGE = 8 * 60 * 60

# Security --------------------------------------------------------------------------------------------------------

HTTPS = env.bool("HTTPS", default=not (DEMO or DEBUG))
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
# Only this host is the portal's: the society's other hosts may still speak HTTP, and browsers forget neither promise.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # they ask for both
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "cme_portal.views.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # a survey of hundreds of questions is one form, or 1,000 sessions
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    },
}
# Unfold's admin evaluates Alpine expressions and carries inline scripts; only staff pages are given this.
STAFF_CONTENT_SECURITY_POLICY = {
    "script-src": ["'self'", "'unsafe-inline'", "'unsafe-eval'"],
    "style-src": ["'self'", "'unsafe-inline'"],
}

# Language, time, static files ----------------------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
# The office's: its pages show every instant in this zone. Learners read the zone of each activity.
TIME_ZONE = env("OFFICE_TIME_ZONE", default="America/New_York" if DEMO else "UTC")
FORMAT_MODULE_PATH = "cme_portal.formats"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(BASE_DIR / "static_collected")))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEMO or DEBUG
MEDIA_URL = "uploads/"
MEDIA_ROOT = Path(env("UPLOADS_DIR", default=str(VAR_DIR / "uploads")))  # served by views that ask who may read
FOUND = "django.contrib.staticfiles.storage.StaticFilesStorage"
COLLECTED = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": FOUND if WHITENOISE_USE_FINDERS else COLLECTED},
}

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False

UNFOLD = {**office_look.UNFOLD, "SITE_SUBHEADER": SITE_NAME}

LOGGING = logs.to_console(env("LOG_LEVEL", default="INFO"))

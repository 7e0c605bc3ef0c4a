"""What the suite needs before Django's settings are read: keys, a folder of its own, and, if asked, real servers.

Loaded by pytest as a plugin. With TEST_ENGINE=servers it starts a throw-away PostgreSQL and Redis from Debian's
packages and points DATABASE_URL and REDIS_URL to them; xdist's workers inherit both.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet

from tests import servers

SERVERS = os.environ.get("TEST_ENGINE") == "servers"

if "PYTEST_XDIST_WORKER" not in os.environ and "CME_TEST_FOLDER" not in os.environ:
    folder = Path(tempfile.mkdtemp(prefix="cme-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ |= {
        "CME_TEST_FOLDER": str(folder),
        "VAR_DIR": str(folder),
        "OFFICE_TIME_ZONE": "UTC",
        "SECRET_KEY": "a key for tests only, long enough to satisfy every check of it",
        "FIELD_KEYS": Fernet.generate_key().decode(),
        "DEMO": "true",  # plain HTTP, static files from their source, the page of sent mails
        "PARS_PROVIDER_ID": "0000123",
        "PARS_USER": "tester",
        "PARS_PASSWORD": "a password for tests",
        "PARS_PER_SECOND": "0",
        "PARS_SETTLE_SECONDS": "0",  # tests of silence set both as they are in life
        "PARS_CONFIRM_SECONDS": "0",
    }
    for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL"):
        os.environ.pop(name, None)
    if SERVERS:
        os.environ["DATABASE_URL"] = servers.start_postgresql(folder / "postgresql")
        os.environ["REDIS_URL"] = servers.start_redis(folder / "redis")

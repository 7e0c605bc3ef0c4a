"""Makes the keys of a demonstration installation, once, so that nobody has to invent secrets to look around."""

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet


def ensure(path: Path) -> None:
    """Write SECRET_KEY and FIELD_KEYS to `path` unless it exists; safe when two processes start at once.

    The whole file is linked into place, so a reader never meets half of it.
    """
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(f"SECRET_KEY={secrets.token_urlsafe(48)}\nFIELD_KEYS={Fernet.generate_key().decode()}\n")
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()

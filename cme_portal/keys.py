"""Makes the keys of a demonstration installation, once, so that nobody has to invent secrets to look around.

`python -m cme_portal.keys FOLDER` makes a key and a certificate with which certificates of credit can be signed on a
developer's machine; nobody else trusts it.
"""

import os
import secrets
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

LASTS = timedelta(days=10 * 365)


def ensure(path: Path) -> None:
    """Write SECRET_KEY and FIELD_KEYS to `path` unless it exists; safe when two processes start at once.

    The whole file is linked into place, so a reader never meets half of it.
    """
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(f"SECRET_KEY={secrets.token_urlsafe(48)}\nFIELD_KEYS={Fernet.generate_key().decode()}\n")
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def ensure_signing(folder: Path) -> None:
    """Write key.pem and certificate.pem (ECDSA P-256, self-signed) to `folder` unless they exist."""
    if (folder / "certificate.pem").exists():
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "CME Portal (for development)")])
    now = datetime.now(UTC)
    uses = dict.fromkeys(("key_encipherment", "data_encipherment", "key_agreement", "crl_sign"), False)
    uses |= dict.fromkeys(("encipher_only", "decipher_only"), False)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=True, content_commitment=True, key_cert_sign=True, **uses), critical=True
        )
        .sign(key, hashes.SHA256())
    )
    (folder / "key.pem").touch(mode=0o600)
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(Encoding.PEM))


if __name__ == "__main__":
    ensure_signing(Path(sys.argv[1]))

"""Signs a PDF (PAdES) so that any reader shows who issued it and that nothing was changed since.

The signature is one more incremental update: the bytes before it stay as they are. Key and certificate are loaded once.
"""

import io
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from pyhanko.sign import SimpleSigner

FIELD = "Provider"


def is_on() -> bool:
    """Whether this installation signs."""
    return bool(settings.SIGNING_KEY)


def sign(content: bytes) -> bytes:
    """Return the signed PDF, which begins with `content`; raises ValueError where there is no usable key."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415 (takes a second to load)
    from pyhanko.sign import PdfSignatureMetadata, PdfSigner  # noqa: PLC0415
    from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter  # noqa: PLC0415

    facts = PdfSignatureMetadata(field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    signer = PdfSigner(facts, signer=_signer(), new_field_spec=SigFieldSpec(FIELD))
    written = signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(content)))
    return bytes(written.getvalue())


def forget() -> None:
    """Forget the key, because the settings name another."""
    _signer.cache_clear()


@cache
def _signer() -> "SimpleSigner":
    from pyhanko.sign import SimpleSigner  # noqa: PLC0415

    passphrase = settings.SIGNING_PASSPHRASE.encode() or None
    chain = [settings.SIGNING_CHAIN] if settings.SIGNING_CHAIN else None
    signer: SimpleSigner | None = SimpleSigner.load(  # type: ignore[no-untyped-call]
        settings.SIGNING_KEY, settings.SIGNING_CERTIFICATE, ca_chain_files=chain, key_passphrase=passphrase
    )
    if signer is None:
        raise ValueError("SIGNING_KEY and SIGNING_CERTIFICATE: no key and certificate that belong together there.")
    return signer

"""Who supplies an attachment that is kept elsewhere, so that its bytes are not stored a second time."""

from collections.abc import Callable

Supplier = Callable[[str], bytes | None]
SUPPLIERS: dict[str, Supplier] = {}


def supplies(name: str) -> Callable[[Supplier], Supplier]:
    """Register the decorated function for attachments of this name.

    It is given the attachment's key and returns its bytes, or None when it must not be sent any more: then the whole
    message is not sent.
    """

    def register(function: Supplier) -> Supplier:
        SUPPLIERS[name] = function
        return function

    return register

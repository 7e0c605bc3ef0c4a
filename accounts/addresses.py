"""E-mail addresses: one form for one mailbox."""


def normalized(address: str) -> str:
    """Return an address in lower case, and its domain as mail servers know it: `nia@xn--exmple-cua.org`.

    What is no domain stays as it was typed, for the form's own check to refuse.
    """
    name, at, domain = address.strip().lower().rpartition("@")
    try:
        return f"{name}{at}{domain.encode('idna').decode()}"
    except UnicodeError:
        return f"{name}{at}{domain}"

"""The hosts from which videos may be played inside a page, and the address of their player for a pasted one.

Adding a host is one entry here; `static/study.js` knows how each player tells where it is.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Host:
    """One host: which addresses people paste, and where its player is; `{video}` and `{start}` are filled in."""

    code: str
    name: str
    pasted: re.Pattern[str]
    origin: str
    path: str


HOSTS = (
    Host(
        "youtube",
        "YouTube",
        re.compile(
            r"\Ahttps://(?:(?:www\.|m\.)?youtube(?:-nocookie)?\.com/(?:watch\?(?:.*&)?v=|embed/|live/|shorts/)|youtu\.be/)"
            r"(?P<video>[\w-]{11})(?:[?&#].*)?\Z"
        ),
        "https://www.youtube-nocookie.com",
        "/embed/{video}?enablejsapi=1&rel=0&start={start}",
    ),
    Host(
        "vimeo",
        "Vimeo",
        re.compile(r"\Ahttps://(?:www\.|player\.)?vimeo\.com/(?:video/)?(?P<video>\d{6,12})(?:[?#].*)?\Z"),
        "https://player.vimeo.com",
        "/video/{video}?dnt=1#t={start}s",
    ),
)
NAMES = " or ".join(host.name for host in HOSTS)


@dataclass(frozen=True)
class Player:
    """A video in its host's player."""

    host: Host
    video: str

    def address(self, start: int) -> str:
        """Return the player's address, to begin at this second."""
        return self.host.origin + self.host.path.format(video=self.video, start=start)


def player(pasted: str) -> Player | None:
    """Return the player for an address that somebody pasted; None if it is no video of these hosts."""
    for host in HOSTS:
        found = host.pasted.match(pasted)
        if found:
            return Player(host, found["video"])
    return None

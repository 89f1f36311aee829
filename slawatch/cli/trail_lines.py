"""What `slawatch explain` says of a chat: its steps, what its page looked like, who its lines are marked as.

Words only; knows neither store nor figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from slawatch.model import Reply
from slawatch.usecases.explain import Explanation

CLOCKS = {"page": "the page's clock", "server": "the server's clock", "local": "our own clock"}

Line = tuple[str, str]


def steps(found: Explanation) -> Iterator[Line]:
    """Yield what happened in a chat beside its messages, in order."""
    for moment in found.moments:
        when = f"{at(moment.at)} {margin(moment.earlier, moment.later)}"
        yield (
            moment.kind.value.replace("-", " "),
            f"{when} by {CLOCKS.get(moment.clock, moment.clock)}{saw(moment.saw)}",
        )


def exhibits(found: Explanation, written: Sequence[Path]) -> Iterator[Line]:
    """Yield what was kept of a chat's page, and where it was written to, or how to get at it."""
    for number, one in enumerate(found.exhibits):
        what = "the page in words" if one.media.startswith("text/") else one.media
        yield "" if number else "kept", f"{at(one.at)} {one.moment.value.replace('-', ' ')}: {what}, {one.file}"
        yield "", f"sha256 {one.sha256}"
    for path in written:
        yield "written to", str(path)
    if found.exhibits and not written:
        yield "", f"write them to files: slawatch explain {found.request.public_id} --out FOLDER"


def marked(found: Explanation, reply: Reply) -> Iterator[Line]:
    """Yield who wrote a line of a chat by its own marks, and whether a machine said that it is one."""
    mark = found.marks.get(reply.message_id)
    if mark is not None:
        yield "marked as", f"{mark.author.value} ({mark.by})" if mark.by else f"{mark.author.value}: nothing marks it"
    if reply.says_machine is not None:
        yield "", f"{'says' if reply.says_machine else 'does not say, in words we know,'} that it is a machine"


def saw(what: str) -> str:
    """Return what was seen behind a colon; "" for nothing."""
    return f": {what}" if what else ""


def at(instant: datetime) -> str:
    """Return the instant in UTC, to the millisecond."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3]


def margin(earlier: timedelta, later: timedelta) -> str:
    """Return by how much a time may be off: "± 1.0 s", or both sides where they differ."""
    if earlier == later:
        return f"± {earlier.total_seconds():.3f} s"
    return f"(- {earlier.total_seconds():.3f} s, + {later.total_seconds():.3f} s)"

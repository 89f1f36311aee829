"""`slawatch classify`: what slawatch makes of messages, and why. Needs no config, keeps and judges nothing itself."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from slawatch.cli import FAILED
from slawatch.cli.lines import counted, harmless
from slawatch.cli.options import examples
from slawatch.durations import show
from slawatch.mail.parse import RAW_MAX
from slawatch.model import Promise
from slawatch.report.words import Words
from slawatch.usecases.examine import Examined, examine, is_mail

STDIN = "-"
LABEL = 12  # columns of the words on the left
AUTOMATIC = {True: "a machine wrote it", False: "a person wrote it", None: "a person has to settle who wrote it"}
ABOUT = {"reply": "a reply", "matter": "the matter", "return": "a person's return"}


@click.command(
    "classify",
    epilog=examples(
        "slawatch classify answer.eml",
        "slawatch classify ~/Mail/INBOX --json | jq -r .kind | sort | uniq -c",
        "fetch-one-mail | slawatch classify -",
    ),
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line for each message, for scripts.")
def command(files: tuple[str, ...], *, as_json: bool) -> int:
    """Say of each message what it is, and by which rules: an answer of a person, a machine's receipt, a bounce ...

    A FILE holds one message as it was received (.eml). Of a folder all files below it are read, "-" is standard input.
    Nothing is sent or kept and no config is needed. What cannot be read, or is no mail, is named with its reason; the
    others are judged all the same, and the exit code is 1.
    """
    words = Words("en", folder=None, space=" ")
    failed = 0
    with _progress(list(_listed(files))) as names:
        for name in names:
            found = _examined(name)
            failed += isinstance(found, str)
            facts = _facts(name, found, words)
            click.echo(json.dumps(facts, ensure_ascii=False) if as_json else "\n".join(_block(facts)))
    if failed and not as_json:
        click.echo(f"{counted(failed, 'file')} could not be judged", err=True)
    return FAILED if failed else 0


def _listed(files: Sequence[str]) -> Iterator[str]:
    """Yield each file, and of a folder all below it, in their order; what hides behind a dot there is no message."""
    for name in files:
        path = Path(name)
        if name != STDIN and path.is_dir():
            below = sorted(one for one in path.rglob("*") if one.is_file())
            yield from (str(one) for one in below if not any(part[0] == "." for part in one.relative_to(path).parts))
        else:
            yield name


def _progress(names: Sequence[str]) -> Any:
    """Return the names; a bar moves while they are gone through, on a terminal that shows nothing else."""
    seen = sys.stderr.isatty() and not sys.stdout.isatty()
    return click.progressbar(names, label="reading", file=sys.stderr, hidden=not seen, show_pos=True)


def _examined(name: str) -> Examined | str:
    """Return what is known of a message, or why nothing is."""
    try:
        if name == STDIN:
            raw = sys.stdin.buffer.read(RAW_MAX)
        else:
            with Path(name).open("rb") as file:
                raw = file.read(RAW_MAX)
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    except ValueError as error:  # a name with a NUL
        return f"cannot be read: {error}"
    if not is_mail(raw):
        return "is no mail: it does not begin with a header such as From: or Subject:" if raw else "is empty"
    return examine(raw, seen_at=datetime.now(UTC))


def _facts(name: str, found: Examined | str, words: Words) -> dict[str, object]:
    """Return what is printed of one message; names and order are a contract with other people's scripts."""
    name = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")  # whatever the file system calls it
    if isinstance(found, str):
        return {"file": name, "kind": "unknown", "automatic": None, "because": [], "promise": None, "error": found}
    kind = found.classification.kind
    return {
        "file": name,
        "kind": kind.value,
        "automatic": kind.automatic,
        "because": [harmless(words.rule(reason)) for reason in found.classification.because],
        "promise": _promise(found.promise) if found.promise else None,
        "error": None,
    }


def _promise(promise: Promise) -> dict[str, object]:
    within, business = promise.within, promise.business_time
    return {
        "quote": harmless(promise.quote),
        "about": promise.about.value,
        "within_seconds": within.total_seconds() if within is not None else None,
        "business_days": promise.business_days,
        "business_seconds": business.total_seconds() if business is not None else None,
        "due_at": promise.due_at.isoformat() if promise.due_at is not None else None,
    }


def _block(facts: dict[str, Any]) -> Iterator[str]:
    """Yield the lines that a person reads of one message, an empty one at their end."""
    yield harmless(facts["file"])
    lines: Iterable[tuple[str, str]]
    if facts["error"]:
        lines = [("error", facts["error"])]
    else:
        lines = [
            ("kind", facts["kind"].replace("-", " ")),
            ("automatic", AUTOMATIC[facts["automatic"]]),
            *(("because", why) for why in facts["because"]),
            *_promised(facts["promise"]),
        ]
    for label, line in lines:
        yield f"  {label:<{LABEL}}{line}"
    yield ""


def _promised(promise: dict[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Yield in words what is promised: the sentence, and what was understood of it."""
    if promise is None:
        return
    yield "promises", f"“{promise['quote']}”"
    if promise["within_seconds"] is not None:
        until = f"within {show(timedelta(seconds=promise['within_seconds']))}"
    elif promise["business_days"] is not None:
        until = f"within {counted(promise['business_days'], 'business day')}"
    elif promise["business_seconds"] is not None:
        until = f"within {show(timedelta(seconds=promise['business_seconds']))} of service time"
    else:
        until = f"by {promise['due_at']}"
    yield "", f"{ABOUT[promise['about']]} {until}"

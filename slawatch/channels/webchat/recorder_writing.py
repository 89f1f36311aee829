"""Writes what a person has pointed at as a recipe, with comments on what is missing or may break. Opens no page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from slawatch.channels.webchat.recorder import LINES, Lines, Part, Picked, Recorded

SENDERS = {Part.OURS: "visitor", Part.BOT: "bot", Part.AGENT: "agent"}
WEAK = "# weak: it leads through the page's structure, and breaks with it. Look for something better."

_HEAD = """\
# Recorded by pointing. Try it with: slawatch recipe check FILE
schema = 1"""
_NO_LINES = """\
# No lines were pointed at{why}. This is a guess; correct it.
item = "[role=log] > *\""""
_NO_KEY = '# key = "data-id"   # nothing seen tells the lines apart; one that is painted again may count twice'
_NO_COMMON = "# weak: the lines have nothing else in common. Look for a class or an attribute of theirs."
_POLL = "# poll_ms = 3000   # how often the widget asks for news, where it is not told at once"
_RULES = """\
# Whose line it is: the first rule that fits wins. What none fits is unknown, and its words alone tell; where you know
# that only people write there, put unknown_is = "agent" above."""
_BY_WORDS = """\
# Nothing in the page tells lines of this sender from the others. Their words may:
# [[transcript.classify]]
# pattern = "(?i)virtual assistant"
# sender = "{sender}\""""
_FLAGS = """\
# What else the page shows, if it does; take away the # and put its own selectors (plain CSS):
# [flags]
# typing = ".typing"
# queue = { select = ".queue", number = '(\\d+)' }
# offline = ".offline-form"
# captcha = "iframe[src*=captcha]"
# closed = ".chat-ended\""""


def written(recorded: Recorded, *, name: str) -> str:
    """Return the recipe's text. What must be there and was not shown stands in it as a guess, marked as such."""
    locale = recorded.locale if re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", recorded.locale) else ""
    tables = (
        [
            _HEAD,
            f"name = {_text(name)}",
            f"url = {_text(recorded.url)}",
            *([f"locale = {_text(locale)}"] if locale else []),
            '# timezone = "Europe/Berlin"   # if the page writes times without their zone',
        ],
        _consent(recorded),
        _open(recorded),
        _prechat(recorded),
        _compose(recorded),
        _transcript(recorded),
        [_FLAGS],
    )
    return "\n\n".join("\n".join(lines) for table in tables if (lines := list(table))) + "\n"


def _consent(recorded: Recorded) -> Iterator[str]:
    banner = recorded.parts.get(Part.CONSENT)
    if banner:
        yield "[consent]"
        yield from _steps([(banner, _step("click", banner, (), "optional = true", 'timeout = "5 s"'))])


def _open(recorded: Recorded) -> Iterator[str]:
    launcher = recorded.parts.get(Part.LAUNCHER)
    if launcher or recorded.frame:
        yield "[open]"
    if launcher:
        yield from _steps([(launcher, _step("click", launcher, ()))])
    if recorded.frame:
        yield f"frame = {_list(recorded.frame)}"


def _prechat(recorded: Recorded) -> Iterator[str]:
    more = {Part.NAME: ('value = "{persona.name}"',), Part.EMAIL: ('value = "{persona.email}"',), Part.START: ()}
    steps = [
        (picked, _step("fill" if values else "click", picked, recorded.frame, *values))
        for part, values in more.items()
        if (picked := recorded.parts.get(part))
    ]
    if steps:
        yield "[prechat]"
        yield from _steps(steps)


def _compose(recorded: Recorded) -> Iterator[str]:
    field, button = recorded.parts.get(Part.INPUT), recorded.parts.get(Part.SEND)
    yield "[compose]"
    if field is None:
        yield "# The field that is typed in was not pointed at. This is a guess; correct it."
    elif field.weak:
        yield WEAK
    yield f"input = {_text(field.selector if field else 'role=textbox')}"
    if button and button.weak:
        yield WEAK
    yield f"send = {_text(button.selector if button else 'enter')}"


def _transcript(recorded: Recorded) -> Iterator[str]:
    lines = recorded.lines
    yield "[transcript]"
    if lines is None:
        yield _NO_LINES.format(why=f", or not to any use: {recorded.problem}" if recorded.problem else "")
        return
    if lines.root not in ("", "body"):
        yield f"root = {_text(lines.root)}"
    if re.fullmatch(r"\*|[a-z]+", lines.item):
        yield _NO_COMMON
    yield f"item = {_text(lines.item)}"
    yield f"key = {_text(lines.key)}" if lines.key else _NO_KEY
    if lines.text:
        yield f"text = {_text(lines.text)}"
    if lines.time:
        select, attr = lines.time
        inside = f"select = {_text(select)}, " if select else ""
        yield f"time = {{ {inside}attr = {_text(attr)}, iso = true }}"
    yield _POLL
    yield ""
    yield from _rules(lines)


def _rules(lines: Lines) -> Iterator[str]:
    yield _RULES
    for part in LINES:
        mark = lines.rules.get(part)
        if mark:
            yield f'\n[[transcript.classify]]\nmatch = {_text(mark)}\nsender = "{SENDERS[part]}"'
        elif mark is not None:
            yield "\n" + _BY_WORDS.format(sender=SENDERS[part])
        elif part is not Part.BOT:
            yield f"\n# No line of this sender was pointed at: {SENDERS[part]}."


def _step(action: str, picked: Picked, usual: tuple[str, ...], *more: str) -> str:
    frame = [] if picked.frame == usual else [f"frame = {_list(picked.frame)}"]
    return f"{{ {', '.join([f'{action} = {_text(picked.selector)}', *more, *frame])} }}"


def _steps(steps: Iterable[tuple[Picked, str]]) -> Iterator[str]:
    yield "steps = ["
    for picked, step in steps:
        if picked.weak:
            yield f"    {WEAK}"
        yield f"    {step},"
    yield "]"


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _text(value: str) -> str:
    """Return text as TOML writes it: as it is where that can be, else as JSON would, which TOML knows, too."""
    if '"' in value and "'" not in value and value.isprintable():
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

"""What the values in a recipe may be: each function returns one in its true type and notes what is wrong with it.

Which keys there are stands in recipe_schema.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeAlias

from slawatch import values
from slawatch.channels.webchat.recipe import (
    ENTER,
    Action,
    Mark,
    Rule,
    Sender,
    Step,
)
from slawatch.channels.webchat.recipe_selectors import attribute, css, playwright
from slawatch.channels.webchat.recipe_stamps import ISO, Stamping, midnight
from slawatch.tomlfile import KeyPath, Reader, quoted, unknown, where
from slawatch.values import MistakeError

SITE = "site"  # a time of the zone that the page is opened in
PERSONA = ("{persona.name}", "{persona.email}")
TEXT = "{text}"
OPTIONAL_TIMEOUT = timedelta(seconds=3)  # a banner that has not come by then does not come

Read: TypeAlias = Callable[[Reader, KeyPath, Any], Any]


def plain(read: Callable[[Any], Any]) -> Read:
    """Return what reads a value that says all there is to say about it."""
    return lambda reader, path, value: reader.check(path, value, read, None)


# --- single values ---


def viewport(value: Any) -> tuple[int, int]:
    """Return width and height of a window."""
    whole = isinstance(value, list) and all(isinstance(one, int) and not isinstance(one, bool) for one in value)
    if not whole or len(value) != 2 or min(value) < 200 or max(value) > 10_000:  # noqa: PLR2004  width and height
        raise MistakeError(f"{quoted(value)} is no size of a window; write it in pixels, like [1280, 800]")
    return value[0], value[1]


def locale(value: Any) -> str:
    """Return the language of a browser."""
    if not re.fullmatch(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", values.text(value)):
        raise MistakeError(f'{quoted(value)} is no language of a browser; write it as "de-DE"')
    return str(value)


def _pattern(value: Any) -> re.Pattern[str]:
    try:
        return re.compile(values.text(value))
    except re.error as error:
        raise MistakeError(f"{quoted(value)} is no regular expression: {error}; correct it") from None


def _number(value: Any) -> re.Pattern[str]:
    pattern = _pattern(value)
    if not pattern.groups:
        raise MistakeError(f"{quoted(value)} has no group that holds the figure; write '(\\d+)' where it stands")
    return pattern


def millis(least: int) -> Callable[[Any], timedelta]:
    """Return what reads whole milliseconds, at least `least`."""
    return lambda value: timedelta(milliseconds=values.whole(least, 600_000)(value))


def send(value: Any) -> str:
    """Return the selector of what sends, or ENTER."""
    selector = playwright(value)
    return ENTER if selector.lower() == ENTER else selector


def schema(value: Any) -> int:
    """Return the version of the format."""
    if value != 1 or isinstance(value, bool):
        raise MistakeError(f"{quoted(value)} is no schema that this slawatch knows; write 1")
    return 1


def _strptime(value: Any) -> str:
    try:
        midnight(values.text(value))
    except (ValueError, re.error):
        raise MistakeError(f'{quoted(value)} is no form of a time; write it as for strptime, like "%H:%M:%S"') from None
    if "%" not in value:
        raise MistakeError(f'{quoted(value)} holds no time; write it as for strptime, like "%H:%M:%S"')
    return str(value)


def _zone(value: Any) -> str:
    return SITE if value == SITE else values.zone(value)


# --- what has an inside of its own ---


def _table(reader: Reader, path: KeyPath, value: Any, known: tuple[str, ...], write: str) -> Mapping[str, Any] | None:
    if not isinstance(value, dict):
        reader.mistakes.add(path, f"{quoted(value)} is not a table; write {write}")
        return None
    reader.mistakes.add_unknown_keys(path, value, known)
    return value


def steps(*placeholders: str) -> Read:
    """Return what reads a list of steps; their values may hold these placeholders."""

    def read(reader: Reader, path: KeyPath, value: Any) -> tuple[Step, ...] | None:
        if not isinstance(value, list):
            reader.mistakes.add(path, f'{quoted(value)} is no list of steps; write [ {{ click = "#chat" }} ]')
            return None
        made = [_step(reader, (*path, index), one, placeholders) for index, one in enumerate(value)]
        return tuple(step for step in made if step is not None)

    return read


_ACTIONS = tuple(str(action) for action in Action)
_VALUED = (Action.FILL, Action.SELECT)


def _step(reader: Reader, path: KeyPath, value: Any, placeholders: tuple[str, ...]) -> Step | None:
    known = (*_ACTIONS, "value", "on", "frame", "optional", "timeout")
    if not isinstance(value, dict):
        reader.mistakes.add(path, f'{quoted(value)} is not a table; write {{ click = "#chat" }}')
        return None
    table: Mapping[str, Any] = value
    named = [name for name in _ACTIONS if name in table]
    strange = [key for key in table if key not in known]
    if not named and strange:
        reader.mistakes.add((*path, strange[0]), unknown("step", strange[0], _ACTIONS), key=True)
        return None
    reader.mistakes.add_unknown_keys(path, table, known)
    if len(named) != 1:
        which = f'"{named[0]}" and "{named[1]}" are given together' if named else "it says nothing to do"
        reader.mistakes.add(path, f'{which}; write one step each, like {{ click = "#chat" }}')
        return None
    action = Action(named[0])
    by_key = action is Action.PRESS
    _misplaced(reader, path, table, action)
    done = reader.take(path, table, action, values.text if by_key else playwright, None)
    selector = reader.take(path, table, "on", playwright, "") if by_key else done
    given: str | None = done if by_key else ""
    if action in _VALUED:
        given = reader.need(path, table, "value", _filled(placeholders), f'"{PERSONA[0]}"')
    optional = reader.take(path, table, "optional", values.truth, default=False)
    timeout = reader.take(path, table, "timeout", values.duration, OPTIONAL_TIMEOUT if optional else None)
    frame = frames(reader, (*path, "frame"), table["frame"]) if "frame" in table else None
    if selector is None or given is None:
        return None
    place = f"{reader.document.path}:{reader.document.line(path)}: {where(path)}"
    return Step(
        action=action, selector=selector, value=given, optional=optional, timeout=timeout, frame=frame, place=place
    )


def _misplaced(reader: Reader, path: KeyPath, table: Mapping[str, Any], action: Action) -> None:
    for key, fit in (("value", action in _VALUED), ("on", action is Action.PRESS)):
        if key in table and not fit:
            whose = "fill and select" if key == "value" else "press"
            reader.mistakes.add((*path, key), f'"{key}" belongs to {whose}, not to {action}; leave it out', key=True)


def _filled(placeholders: tuple[str, ...]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        for found in re.findall(r"\{[^{}]*\}", values.text(value)):
            if found not in placeholders:
                raise MistakeError(f"{quoted(found)} is not filled in here; write {' or '.join(placeholders)}")
        return str(value)

    return read


def frames(reader: Reader, path: KeyPath, value: Any) -> tuple[str, ...] | None:
    """Read the chain of frames, the outermost first."""
    if not isinstance(value, list):
        reader.mistakes.add(path, f'{quoted(value)} is not a list; write ["iframe[title=Chat]"]')
        return None
    found = (reader.check((*path, index), one, playwright, None) for index, one in enumerate(value))
    return tuple(one for one in found if one is not None)


def mark(*more: str) -> Read:
    """Return what reads something to be seen: a CSS selector, or a table with a pattern and `more` keys."""

    def read(reader: Reader, path: KeyPath, value: Any) -> Mark | None:
        if isinstance(value, str):
            select = reader.check(path, value, css, None)
            return Mark(select=select) if select is not None else None
        table = _table(reader, path, value, ("select", "pattern", *more), '".offline", or { select = ".offline" }')
        if table is None:
            return None
        select = reader.need(path, table, "select", css, '".offline"')
        pattern = reader.take(path, table, "pattern", _pattern, None)
        number = reader.take(path, table, "number", _number, None) if "number" in more else None
        return Mark(select=select, pattern=pattern, number=number) if select is not None else None

    return read


def stamping(reader: Reader, path: KeyPath, value: Any) -> Stamping | None:
    """Read how an item says when it was written."""
    known = ("attr", "select", "format", "iso", "tz")
    table = _table(reader, path, value, known, '{ attr = "data-time", iso = true }')
    if table is None:
        return None
    iso = reader.take(path, table, "iso", values.truth, default=False)
    written = reader.take(path, table, "format", _strptime, "")
    if ("format" in table) == iso:
        which = '"iso" and "format" are given together' if iso else 'neither "iso" nor "format" is given'
        reader.mistakes.add(path, f'{which}; write iso = true, or format = "%H:%M:%S"')
        return None
    return Stamping(
        format=ISO if iso else written,
        attr=reader.take(path, table, "attr", attribute, ""),
        select=reader.take(path, table, "select", css, ""),
        zone=reader.take(path, table, "tz", _zone, SITE),
    )


def rules(reader: Reader, path: KeyPath, value: Any) -> tuple[Rule, ...] | None:
    """Read whose line an item is."""
    if not isinstance(value, list):
        reader.mistakes.add(path, f"{quoted(value)} is no list; write each rule under [[{where(path)}]]")
        return None
    found = (_rule(reader, (*path, index), one) for index, one in enumerate(value))
    return tuple(one for one in found if one is not None)


def _rule(reader: Reader, path: KeyPath, value: Any) -> Rule | None:
    table = _table(reader, path, value, ("match", "pattern", "sender"), '{ match = ".operator", sender = "agent" }')
    if table is None:
        return None
    if "match" not in table and "pattern" not in table:
        reader.mistakes.add(path, 'neither "match" nor "pattern" is given; write which lines it is about')
    match = reader.take(path, table, "match", css, "")
    pattern = reader.take(path, table, "pattern", _pattern, None)
    sender = reader.need(path, table, "sender", values.choice([str(one) for one in Sender], "sender"), '"agent"')
    return Rule(sender=Sender(sender), match=match, pattern=pattern) if sender else None

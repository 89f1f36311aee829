"""Reads a TOML file a person wrote and says on which line anything in it stands, so that mistakes can be shown there.

Knows nothing of what the keys mean; config.py and probe.py do.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from slawatch.errors import ConfigError

T = TypeVar("T")
D = TypeVar("D")
KeyPath: TypeAlias = tuple[str | int, ...]
"""Where a value stands: keys, and indices from 0 inside arrays, as in ("company", "shop", "target", 0, "address")."""

SHOWN_MAX = 60  # characters of a value repeated in a message; longer ones would make it more than one line
LISTED_MAX = 12  # names offered where none is near; more are no help on one line


@dataclass(frozen=True)
class Document:
    """A TOML file that could be read. `path` is as the caller gave it and is shown so in messages."""

    path: Path
    data: Mapping[str, Any]
    raw: bytes

    @property
    def folder(self) -> Path:
        """The folder the file lies in, absolute: what paths written in it are relative to."""
        return self.path.resolve().parent

    def line(self, path: KeyPath) -> int:
        """Return the line, from 1, on which the value at `path` begins; for a missing key that of its table."""
        for end in range(len(path), 0, -1):
            if path[:end] in self._lines:
                return self._lines[path[:end]]
        return 1

    def at(self, path: KeyPath) -> Any:
        """Return the value at `path`, which must be there."""
        value: Any = self.data
        for part in path:
            value = value[part]
        return value

    @cached_property
    def _lines(self) -> Mapping[KeyPath, int]:
        # Only for files with mistakes: finding lines costs more than reading the file.
        return _Locator(_decode(self.path, self.raw)).lines


class Mistakes:
    """All mistakes found in one file; they are reported together, in the order of their lines."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._found: list[tuple[int, str]] = []

    def add(self, path: KeyPath, what: str, *, key: bool = False) -> None:
        """Note that the value at `path` is wrong; `what` repeats it in double quotes and says what to do.

        With `key`, the mistake is the key itself: where then names its table only, as `what` names the key.
        """
        line = self._document.line(path)
        named = where(path[:-1] if key else path)
        place = f"{self._document.path}:{line}"
        found = (line, f"{place}: {named}: {what}" if named else f"{place}: {what}")
        if found not in self._found:  # what is inherited is looked at once for each heir
            self._found.append(found)

    def add_unknown_keys(
        self, path: KeyPath, table: Mapping[str, Any], known: Iterable[str], *, what: str = "key"
    ) -> None:
        """Note every key of the table at `path` that is not among the known ones; `what` is the noun for them."""
        names = sorted(known)
        for key in table:
            if key not in names:
                self.add((*path, key), unknown(what, key, names), key=True)

    def lines(self) -> tuple[str, ...]:
        """Return one line a mistake, `config.toml:10: target[1].address: "b" has no "@"`, in the order of the file."""
        return tuple(text for _, text in sorted(self._found, key=lambda found: found[0]))

    def stop_if_any(self) -> None:
        """Raise ConfigError with all that was found; return where nothing was."""
        if self._found:
            raise ConfigError(self.lines())


class Reader:
    """Takes values out of a file's tables and notes what is wrong with them; a mistaken value counts as not given.

    What to make of a value is said by functions that return it in its true type or raise ValueError (values.py).
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.mistakes = Mistakes(document)

    def check(self, path: KeyPath, value: Any, read: Callable[[Any], T], default: D) -> T | D:
        """Return what `read` makes of the value, the default where it refuses it."""
        try:
            return read(value)
        except ValueError as error:
            self.mistakes.add(path, str(error))
            return default

    def take(self, path: KeyPath, table: Mapping[str, Any], key: str, read: Callable[[Any], T], default: D) -> T | D:
        """Return the value of the key, the default where it is missing or mistaken."""
        return self.check((*path, key), table[key], read, default) if key in table else default

    def need(self, path: KeyPath, table: Mapping[str, Any], key: str, read: Callable[[Any], T], write: str) -> T | None:
        """Return the value of a key that must be there, None where it is missing or mistaken."""
        if key not in table:
            self.mistakes.add(path, f'"{key}" is missing; write {key} = {write}')
            return None
        return self.check((*path, key), table[key], read, None)

    def each(self, path: KeyPath, table: Mapping[str, Any], key: str, read: Callable[[Any], T]) -> tuple[T, ...] | None:
        """Return those elements of an array that `read` accepts, None where the key is missing or no array."""
        if key not in table:
            return None
        value = table[key]
        if not isinstance(value, list):
            self.mistakes.add((*path, key), f"{quoted(value)} is not a list; put it in square brackets")
            return None
        read_all = (self.check((*path, key, index), item, read, None) for index, item in enumerate(value))
        return tuple(item for item in read_all if item is not None)

    def table(self, path: KeyPath, table: Mapping[str, Any], key: str, write: str) -> Mapping[str, Any]:
        """Return the table under the key, an empty one where there is none; `write` shows how one looks."""
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self.mistakes.add((*path, key), f"{quoted(value)} is not a table; write {write}")
        return {}


def read(path: Path, *, if_missing: str = "") -> Document:
    """Return the file's contents. A byte order mark, as some Windows editors write it, is passed over.

    `if_missing` says what to do where there is no such file.

    Raises:
        ConfigError: the file is missing, cannot be read, is not UTF-8 or is not TOML; one line.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError([f"{path}: there is no such file" + (f"; {if_missing}" if if_missing else "")]) from None
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror or error}"]) from None
    text = _decode(path, raw)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([_syntax_mistake(path, text, str(error))]) from None
    except RecursionError:
        raise ConfigError(
            [f"{path}: its arrays or tables are nested too deeply to be read; write them flatter"]
        ) from None
    return Document(path, data, raw)


def where(path: KeyPath) -> str:
    """Return the path as people write it: company.shop.target[2].address, counting from 1."""
    shown = ""
    for part in path:
        if isinstance(part, int):
            shown += f"[{part + 1}]"
        else:
            name = part if _BARE_KEY.fullmatch(part) else quoted(part)
            shown += f".{name}" if shown else name
    return shown


def quoted(value: object) -> str:
    """Return a value of a TOML file in double quotes, on one line and cut where it is long.

    Of a table only the keys are shown: its values may be secrets.
    """
    text = _shown(value)
    return f'"{text[: SHOWN_MAX - 1]}…"' if len(text) > SHOWN_MAX else f'"{text}"'


def unknown(what: str, word: str, known: Iterable[str]) -> str:
    """Return `there is no channel "emial": did you mean "email"?`, or what there is where nothing is near."""
    from difflib import get_close_matches  # noqa: PLC0415  only a mistake pays for it

    names = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), names, n=1)
    missing = f"there is no {what} {quoted(word)}"
    if near:
        return f"{missing}: did you mean {quoted(names[near[0]])}?"
    if not 0 < len(names) <= LISTED_MAX:
        return missing
    return f"{missing}; write {one_of(list(names.values()))}"


def one_of(names: Sequence[str]) -> str:
    """Return `"a", "b" or "c"`."""
    shown = [quoted(name) for name in names]
    return " or ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = …" for key in value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_shown(item) for item in value) + "]"
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in str(value))


_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_CURES = {  # by the beginning of tomllib's message; the others say themselves what to do
    "Invalid value": 'text stands in quotes: key = "text"',
    "Cannot overwrite a value": "remove one of the two",
    "Cannot declare": "put both under one header",
    "Illegal character": "close the text with a quote",
}


def _decode(path: Path, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f'"0x{raw[error.start]:02x}"'
        raise ConfigError([f"{path}:{line}: the byte {found} is not UTF-8; save the file as UTF-8"]) from None


def _syntax_mistake(path: Path, text: str, message: str) -> str:
    lines = text.rstrip().split("\n")
    found = _POSITION.search(message)
    if found is None or found[1] is None:
        return f"{path}:{len(lines)}: this is not TOML: the file ends too early; close its last value or header"
    line = int(found[1])
    # Only the key is repeated, never the value: the line may hold a password without its quotes.
    key = re.match(r"\s*([A-Za-z0-9_.-]+)\s*=", lines[line - 1]) if line <= len(lines) else None
    named = f"{key[1]}: " if key else ""
    what = re.sub(r"\('(.*)',?\)", lambda names: quoted(names[1].replace("', '", ".")), message[: found.start()])
    cure = next((f"; {cure}" for start, cure in _CURES.items() if what.startswith(start)), "")
    return f"{path}:{line}: {named}this is not TOML: {what[0].lower()}{what[1:]}{cure}"


class _Locator:
    """Finds the line of every key and array element. Trusts that the text is valid TOML, so it need not check."""

    _BLANK = r"(?:[ \t\n]|#[^\n]*)*"
    _KEY = r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*'"""
    _DOT = r"[ \t]*(\.?)[ \t]*"
    # A multi-line string may end in up to two quotes of its own before the closing three.
    _STRING = r'(?s:"""(?:\\.|[^\\])*?"""(?:"{0,2})' r"|'''.*?'''(?:'{0,2})" r'|"(?:\\.|[^"\\])*"' r"|'[^']*')"
    _SCALAR = r"[^,\]}\n#]*"

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._text = text
        self._at = 0
        self._newlines = [found.start() for found in re.finditer("\n", text)]
        self._tables: dict[KeyPath, int] = {}  # how often each [[header]] has come so far
        table: KeyPath = ()
        while self._skip() < len(text):
            table = self._header() if text[self._at] == "[" else self._pair(table)

    def _skip(self) -> int:
        self._at = _end(self._BLANK, self._text, self._at)
        return self._at

    def _header(self) -> KeyPath:
        begin = self._at
        repeated = self._text.startswith("[[", begin)
        self._at += 2 if repeated else 1
        *outer, last = self._keys()
        self._at += 2 if repeated else 1
        path: KeyPath = ()
        for part in outer:
            path = self._inside((*path, part))
        path = (*path, last)
        if repeated:
            self._note(path, begin, implied=True)
            self._tables[path] = self._tables.get(path, 0) + 1
        path = self._inside(path)
        self._note(path, begin)
        return path

    def _pair(self, table: KeyPath) -> KeyPath:
        begin = self._at
        path = (*table, *self._keys())
        self._note(path, begin)
        self._at += 1  # the =
        self._skip()
        self._value(path)
        return table

    def _keys(self) -> list[str]:
        parts: list[str] = []
        dotted = True
        self._skip()
        while dotted:
            end = _end(self._KEY, self._text, self._at)
            part = self._text[self._at : end]
            parts.append(tomllib.loads(f"key = {part}")["key"] if part[0] in "\"'" else part)
            self._at = _end(self._DOT, self._text, end)
            dotted = "." in self._text[end : self._at]
        return parts

    def _value(self, path: KeyPath) -> None:
        opening = self._text[self._at]
        if opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            self._at = _end(self._STRING if opening in "\"'" else self._SCALAR, self._text, self._at)

    def _array(self, path: KeyPath) -> None:
        self._at += 1
        index = 0
        while self._text[self._skip()] != "]":
            self._note((*path, index), self._at)
            self._value((*path, index))
            index += 1
            if self._text[self._skip()] == ",":
                self._at += 1
        self._at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1
        while self._text[self._skip()] != "}":
            self._pair(path)
            if self._text[self._skip()] == ",":
                self._at += 1
        self._at += 1

    def _inside(self, path: KeyPath) -> KeyPath:
        return (*path, self._tables[path] - 1) if path in self._tables else path

    def _note(self, path: KeyPath, at: int, *, implied: bool = False) -> None:
        line = bisect_left(self._newlines, at) + 1
        for end in range(1, len(path)):
            self.lines.setdefault(path[:end], line)
        if implied:
            self.lines.setdefault(path, line)
        else:
            self.lines[path] = line


def _end(pattern: str, text: str, at: int) -> int:
    # Compiled here, once, as re remembers it: only files with mistakes pay for it.
    found = re.compile(pattern).match(text, at)
    return found.end() if found else at

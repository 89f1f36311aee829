"""Templates compiled once for all reports of a process: compiling takes longer than drawing what they say.

Holds no page and no word. Whoever changes a template gets it compiled anew: its text is part of what is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

from jinja2 import BytecodeCache, pass_context
from jinja2.bccache import Bucket


class _Kept(BytecodeCache):
    """The code of each template's newest text."""

    def __init__(self) -> None:
        self._codes: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._codes.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key] = (bucket.checksum, bucket.code)


_PAGES, _TEXTS = _Kept(), _Kept()


def kept(*, escape: bool) -> BytecodeCache:
    """Return what holds the code of this process's templates; apart for pages and for text, which compile otherwise."""
    return _PAGES if escape else _TEXTS


def each_time(of: Callable[..., str]) -> Callable[..., str]:
    """Return the filter so that no template is compiled with its result in it: it depends on language and zone."""

    @pass_context
    def filtered(_context: object, *values: Any, **options: Any) -> str:
        return of(*values, **options)

    return filtered

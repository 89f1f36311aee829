"""Recipes of website chats, before anybody is asked by them: which vendors there are, whether one works, making one.

Sends no message to any company; what a recipe's steps do before its input takes text is done.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from slawatch import values
from slawatch.channels.webchat import recorder_window
from slawatch.channels.webchat.recipe import Base, Recipe
from slawatch.channels.webchat.recipe_reading import bases, load
from slawatch.channels.webchat.recorder_writing import written
from slawatch.errors import OutputError, UsageError


def vendors(folder: Path) -> tuple[Base, ...]:
    """Return the vendors' recipes that one can build on, in the order of their names; `folder` may hold one's own.

    Raises:
        ConfigError: one of them has mistakes.
    """
    return bases((folder,))


def place_for(url: str) -> Path:
    """Return where a recipe for this page goes unless told otherwise: recipes/shop-example.toml.

    Raises:
        UsageError: it is no web address.
    """
    try:
        host = urlsplit(values.url(url)).hostname or ""
    except ValueError as error:
        raise UsageError(f"URL: {error}") from None
    name = re.sub(r"[^a-z0-9]+", "-", host.lower().removeprefix("www.")).strip("-")
    return Path("recipes") / f"{name or 'site'}.toml"


def record(url: str, path: Path, *, browser: str = "", tell: Callable[[str], None] = lambda _: None) -> Recipe:
    """Let a person point at the parts of a chat, write the recipe that comes of it to `path`, and return it.

    Raises:
        UsageError: there is such a file already. OutputError: it cannot be written.
        ChannelUnavailableError: as recorder_window.record.
    """
    if path.exists():
        raise UsageError(f'"{path}" is there already; remove it, or name another file with --out')
    text = written(recorder_window.record(url, browser=browser, tell=tell), name=path.stem)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from None
    return load(path, folders=(path.parent,))

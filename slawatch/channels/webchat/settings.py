"""What a visitor of websites is: the keys of the config, and what is wrong with them.

Loaded with every config, so it must load nothing else that takes time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from slawatch.channels.email.settings import address_problem as mail_problem

_RECIPE = re.compile(r"[a-z0-9][a-z0-9._-]*")


def address_problem(address: str) -> str | None:
    """Return what is wrong with the address of a target: the name of a recipe, as its file is called without .toml.

    Addresses are compared in lower case, and so that one name means one file, the file's is in lower case as well.
    """
    if address.endswith(".toml"):
        return f'"{address}" is a file; write the recipe\'s name alone, "{address.removesuffix(".toml")}"'
    if "://" in address:
        return f'"{address}" is a page; write a recipe for it, and its name here, like "acme" for recipes/acme.toml'
    if not _RECIPE.fullmatch(address.lower()):
        return f'"{address}" is no name of a recipe; write it like "acme" for recipes/acme.toml'
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The keys of an account in the config; `help` of each field is what the reference says about it."""

    name: str = field(metadata={"help": "who asks: what forms before a chat are filled in with"})
    email: str = field(default="", metadata={"help": "the e-mail address for such forms, where they want one"})
    recipes: Path = field(
        default=Path("recipes"), metadata={"help": "the folder with a recipe for each chat, named like its target"}
    )
    browser: str = field(
        default="",
        metadata={"help": "the browser's program; chromium-headless-shell, chromium or google-chrome where not given"},
    )
    sandbox: bool | None = field(
        default=None,
        metadata={"help": "whether the browser runs in its sandbox; for root it cannot, for others it does"},
    )
    chats_max: int = field(default=20, metadata={"help": "how many chats may be open at once", "between": (1, 200)})
    opening_max: int = field(
        default=4, metadata={"help": "how many of them may be opening at once, which is what costs", "between": (1, 50)}
    )
    timeout: timedelta = field(
        default=timedelta(seconds=30), metadata={"help": "how long one step in the page may take"}
    )

    def problems(self) -> list[tuple[str, str]]:
        """Return what is wrong beyond the types of single fields: (field, message) each."""
        return list(self._problems())

    def _problems(self) -> Iterable[tuple[str, str]]:
        if any(not letter.isprintable() for letter in self.name):
            yield "name", f"{self.name!r} holds a line break or control character; remove it"
        problem = mail_problem(self.email) if self.email else None
        if problem:
            yield "email", problem
        if self.opening_max > self.chats_max:
            yield (
                "opening_max",
                f'"{self.opening_max}" are more than may be open at all, "{self.chats_max}"; write less',
            )

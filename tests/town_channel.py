"""The town as a channel of a config: its keys, and how its people are written. Tests nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from slawatch.channels.social.settings import SocialSettings, handle_problem
from tests.social_town import TownChannel

__all__ = ["PUBLIC", "Settings", "TownChannel", "address_problem"]

PUBLIC = True
HANDLE = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(SocialSettings):
    """The keys of an account in the town."""

    def problems(self) -> Iterable[tuple[str, str]]:
        return list(self.shared_problems(HANDLE, "@anna"))


def address_problem(address: str) -> str | None:
    """Return what is wrong with somebody's handle."""
    return handle_problem(address, HANDLE, "@acme")

"""What a person needs to see of a post beside its ids: who wrote it, by handle, and what it says. Judges nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from slawatch import match
from slawatch.errors import StoreError
from slawatch.model import Facts, Message, Writer
from slawatch.usecases import in_public
from slawatch.usecases.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A post as people know it. `text` is "" where it was thrown away, `who` then "@handle" of a company's alone."""

    who: str
    text: str


class Posts:
    """The posts of one store, each looked up when it is asked for."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._handles = cache(self._known)

    def shown(self, message: Message) -> Shown | None:
        """Return the post; None where the message is a letter."""
        if not message.remote_id.startswith(f"{message.channel}:"):
            return None
        facts = self._facts(message)
        handle = self._handles(message.channel).get(message.sender, "")
        if facts is not None:
            handle = facts.headers.get("handle", (handle,))[0]
        who = f"@{handle.removeprefix('@')}" if handle else message.sender
        return Shown(who=who, text=facts.text if facts is not None else "")

    def of_no_concern(self, message: Message) -> bool:
        """Whether it is a post by somebody who writes for none of the companies, as far as anybody can tell."""
        facts = self._facts(message) if message.remote_id.startswith(f"{message.channel}:") else None
        return facts is not None and all(
            match.posted_by(facts, in_public.accounts_of(self._world, company, message.channel)).writer
            is Writer.BYSTANDER
            for company in self._world.config.companies
        )

    def _facts(self, message: Message) -> Facts | None:
        try:
            facts = self._world.reader(message.channel)(self._world.store.raw(message.sha256))
        except StoreError:
            return None
        return facts if facts.platform and facts.readable else None

    def _known(self, channel: str) -> dict[str, str]:
        return {found.id: found.handle for found in self._world.store.identities(channel).values()}

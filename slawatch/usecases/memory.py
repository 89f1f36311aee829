"""What a channel on which everybody reads along may ask of the store. Decides nothing."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from slawatch.config import Config
from slawatch.model import Mode
from slawatch.store import Store

if TYPE_CHECKING:
    from slawatch.channels.base import Identity

SECRET = "hashing_key"  # meta: what people who must not be recognised are hashed with  # noqa: S105  a key's name
SECRET_BYTES = 32


class AccountMemory:
    """One account's part of what slawatch remembers (channels.base.Memory)."""

    def __init__(self, store: Store, config: Config, account: str) -> None:
        self._store = store
        self._config = config
        self._account = account
        self._channel = config.accounts[account].channel

    def charge(self, what: str, *, calls: int = 1, resources: Sequence[str] = (), each: int = 0) -> None:
        """Note calls of one kind and what they brought."""
        self._store.charge(self._account, what, calls=calls, resources=resources, each=each)

    def spent(self, since: datetime) -> int:
        """Return what was charged on that UTC day and since, in millionths."""
        return self._store.spent(self._account, since)

    def identity(self, address: str) -> Identity | None:
        """Return who an address was found to belong to; None where that was not looked up yet."""
        return self._identities([address]).get(address)

    def observed(self) -> Sequence[Identity]:
        """Return who the targets are that are merely observed from this account."""
        addresses = [
            target.address
            for company in self._config.companies.values()
            for target in company.targets
            if target.mode is Mode.OBSERVE and target.account == self._account
        ]
        return tuple(self._identities(addresses).values())

    def accounts(self) -> Sequence[Identity]:
        """Return every account that is known to be a company's, asked, observed or only answering."""
        companies = self._config.companies.values()
        return tuple(self._identities([one for each in companies for one in each.addresses(self._channel)]).values())

    def direct(self, address: str) -> bool:
        """Return whether the target of this address is asked by direct message."""
        return any(
            target.direct
            for company in self._config.companies.values()
            for target in company.targets
            if (target.channel, target.address) == (self._channel, address)
        )

    def taken(self, remote_ids: Sequence[str]) -> frozenset[str]:
        """Return those of our posts that a request or a reply of ours is already known to be."""
        known = self._store.known_for(tokens=(), message_ids=remote_ids, envelope_ids=()).by_message_id
        return frozenset(one for one in remote_ids if one.lower() in known)

    def secret(self) -> bytes:
        """Return this store's own key for hashing; made at its first use."""
        known = self._store.meta(SECRET)
        if known is None:
            known = secrets.token_hex(SECRET_BYTES)
            self._store.set_meta(SECRET, known)
        return bytes.fromhex(known)

    def _identities(self, addresses: Sequence[str]) -> dict[str, Identity]:
        from slawatch.channels.base import Identity  # noqa: PLC0415  channels are loaded on use

        known = self._store.identities(self._channel) if addresses else {}
        return {
            one: Identity(address=one, id=known[one].id, handle=known[one].handle, name=known[one].name)
            for one in addresses
            if one in known
        }

"""Fetch what came in and keep the raw evidence first; only then have it judged (derive.py).

Never throws a message away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from slawatch import rules
from slawatch.errors import ChannelError
from slawatch.model import Facts, Message, Request
from slawatch.usecases.world import News, World

if TYPE_CHECKING:
    from slawatch.channels.base import Batch, Channel, Thread

LEASE = timedelta(minutes=10)


@dataclass(slots=True)
class Collecting:
    """What one pass brought. `failed` maps an account to the reason why its mailbox could not be read."""

    messages: int = 0
    replies: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    busy: list[str] = field(default_factory=list)


def collect(world: World, accounts: list[str] | None = None) -> Collecting:
    """Read every account (or those named) to the end and derive what its messages mean.

    An account that another process is reading is left to it. One that cannot be read is noted as not observed; the
    others go on.
    """
    done = Collecting()
    for account in accounts if accounts is not None else list(world.config.accounts):
        if world.ending():
            break
        if not world.store.take_inbox(account, world.worker, LEASE):
            done.busy.append(account)
            continue
        try:
            _read_through(world, account, done)
        except ChannelError as error:
            why = str(error).removeprefix(f"{account}: ")  # whoever shows it names the account
            _not_observed(world, account, why, done)
            world.tell(News(what="not-observed", words=f"cannot look: {why}", ref=account))
        finally:
            world.store.release_inbox(account, world.worker)
    return done


def _read_through(world: World, account: str, done: Collecting) -> None:
    channel = world.channel(account)
    derive(world, account, channel, done)  # what a crash left between keeping and deriving
    senders = cache(partial(_senders, world))
    threads = partial(_threads, world, account)
    _identify(world, account, channel)
    warned = world.store.warning(account)
    while True:
        batch = channel.collect(world.store.cursor(account), senders=senders, threads=threads)
        new = world.store.add_batch(
            account, world.config.accounts[account].channel, batch, observed=_observed(world, account, batch)
        )
        done.messages += len(new)
        derive(world, account, channel, done, read={one.remote_id: one.facts for one in batch.messages})
        for note in batch.notes:
            world.tell(News(what="note", words=note, ref=account))
        if batch.warning and batch.warning != warned:
            world.tell(News(what="warning", words=batch.warning, ref=account))
        if batch.more and world.ending():
            return  # the next pass goes on where the cursor stands
        if batch.more:
            world.store.take_inbox(account, world.worker, LEASE)
            continue
        if batch.looked_until is None:  # a folder is missing, as the notes say
            _not_observed(world, account, "; ".join(batch.notes), done)
        return


def _observed(world: World, account: str, batch: Batch) -> Sequence[Request]:
    if not batch.observed:
        return ()
    from slawatch.usecases import in_public  # noqa: PLC0415  mailboxes have no use for it

    return in_public.as_requests(world, account, batch.observed)


def _threads(world: World, account: str) -> Sequence[Thread]:
    if not world.config.accounts[account].public:
        from slawatch.usecases import chats  # noqa: PLC0415  mailboxes have no use for it

        return chats.threads(world, account)
    from slawatch.usecases import in_public  # noqa: PLC0415  mailboxes have no use for it

    return in_public.threads(world, account)


def _identify(world: World, account: str, channel: Channel) -> None:
    """Find out who the companies are on a channel of public posts: without that nobody's reply could count.

    To look again whether they still are must hold up nothing.
    """
    if getattr(channel, "public", False):
        from slawatch.usecases import in_public  # noqa: PLC0415  mailboxes have no use for it

        public = in_public.as_public(channel)
        if public is not None:
            in_public.identify(world, account, public)


def _senders(world: World) -> frozenset[str]:
    """Return the domains the companies may write from, with those above them, and the addresses they are asked at."""
    from slawatch import match  # noqa: PLC0415  a pass that finds nothing piled up has no use for it
    from slawatch.match import domains  # noqa: PLC0415  same

    companies = world.config.companies.values()
    trusted = world.store.trusted_domains()
    addresses = [target.address for company in companies for target in company.targets]
    named = [domain for company in companies for domain in (*company.domains, *trusted.get(company.key, ()))]
    everybody = match.party("", domains=named, addresses=addresses)
    own = everybody.domains - domains.MAIL_PROVIDERS
    return frozenset({*own, *(name for one in own for name in domains.parents(one)), *everybody.addresses})


def _not_observed(world: World, account: str, why: str, done: Collecting) -> None:
    world.store.note_failure(account, why)
    done.failed[account] = why


def derive(
    world: World, account: str, channel: Channel, done: Collecting, *, read: Mapping[str, Facts] | None = None
) -> None:
    """Match and classify every message of the account that today's rules have not yet seen.

    `read` holds the facts of those that were parsed just now, by their remote ids. A first look at a full mailbox, or
    new rules, may take longer than the lease, which is renewed on the way.
    """
    renewed_at = world.clock.now()
    judged: set[int] = set()
    # One text that answered two requests sheds another light on its first copy, which is then judged once more.
    while waiting := world.store.messages(account=account, rules_before=rules.ALL):
        from slawatch.usecases.derive import AT_ONCE, Desk  # noqa: PLC0415  most passes find nothing to judge

        desk = Desk(world, account)
        for start in range(0, len(waiting), AT_ONCE):
            if world.clock.now() - renewed_at >= LEASE / 2:
                renewed_at = world.clock.now()
                world.store.take_inbox(account, world.worker, LEASE)
            some = waiting[start : start + AT_ONCE]
            replies, news = desk.derive(list(_with_facts(world, channel, some, read or {})))
            ids = {one.id for one in some}
            done.replies += 0 if ids <= judged else replies  # what is judged once more is no other reply
            judged |= ids
            for one in news:
                world.tell(one)


def _with_facts(
    world: World, channel: Channel, messages: list[Message], read: Mapping[str, Facts]
) -> Iterator[tuple[Message, Facts]]:
    for message in messages:
        found = read.get(message.remote_id)
        yield message, channel.read(world.store.raw(message.sha256)) if found is None else found

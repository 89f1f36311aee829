"""What is only done where everybody can read along: who is who, silence proven, deletions heeded.

Posts nothing and judges no message.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from slawatch import token
from slawatch.errors import ChannelError
from slawatch.inheritance import STANDARD
from slawatch.match.posts import Accounts
from slawatch.model import Delivery, DeliveryProof, Form, Origin, Request, Text
from slawatch.usecases.assisted import find_posted, invite
from slawatch.usecases.collect import Collecting, derive
from slawatch.usecases.outcomes import public_standard, standard_for, standard_of
from slawatch.usecases.send import Sending
from slawatch.usecases.world import News, World

if TYPE_CHECKING:
    from slawatch.channels.base import Channel, Observed, Public, Thread
    from slawatch.model import Incoming

YOUNG = 3  # times the limit of the first objective: as long an answer may come any moment
VERIFY_BACK = timedelta(days=30)  # older ones were settled long ago, whatever became of them
VERIFY_AT_ONCE = 100
IDENTIFY_EVERY = timedelta(days=7)  # X takes a cent for each
TRY_AGAIN = timedelta(hours=1)  # after handles could not be looked up again
OTHERS_KEPT = timedelta(days=30)  # as long as silence is asked about
FORGOTTEN = "forgotten:"  # meta, with the account's name: when others' words were last thrown away
OBSERVED = "observed"  # stands in the place of a probe's name
PRESENT_AT_AGES = (timedelta(days=7),)
"""When a reply is looked for once more, whether its author has deleted it: after the window, when it is shown.

Each look has its price: at X five times that of having read the reply in the first place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """What became of the requests whose window closed without an answer, by public id."""

    proven: tuple[str, ...] = ()
    not_observable: tuple[str, ...] = ()


def look_after(
    world: World, collecting: Collecting, sending: Sending, *, accounts: Sequence[str] | None = None
) -> None:
    """Do what a pass has to do on public channels beside sending and collecting, with all accounts or with these.

    An account that cannot be asked now is left to the next pass, and the others go on.
    """
    find_posted(world)
    sending.to_post += [request.public_id for request in invite(world)]
    for account in public_accounts(world):
        if (
            account in collecting.failed
            or account in collecting.busy
            or (accounts is not None and account not in accounts)
        ):
            continue
        # What stops the one need not stop the other.
        for task in (partial(verify, done=collecting), heed_deletions, forget_others):
            try:
                task(world, account)
            except ChannelError as error:
                why = str(error).removeprefix(f"{account}: ")
                world.tell(News(what="not-observed", words=f"cannot look: {why}", ref=account))


def public_accounts(world: World) -> list[str]:
    """Return the accounts of public channels. Where the config has no target left for one, its requests still stand."""
    return [name for name, account in world.config.accounts.items() if account.public]


def as_public(channel: Channel) -> Public | None:
    """Return the channel if everybody can read along on it."""
    from slawatch.channels.base import Public  # noqa: PLC0415  channels are loaded on use

    return channel if isinstance(channel, Public) else None


# --- who is who ---


def identify(world: World, account: str, channel: Public) -> None:
    """Look up who the addresses belong to that nobody has looked up for a week; what nobody has, once a day.

    A handle that has passed to somebody else would have a stranger asked and the company's silence counted: its company
    is paused until a person has put that right, and its replies go on counting by the account it had.

    Raises:
        ChannelError: they cannot be looked up now.
    """
    name = world.config.accounts[account].channel
    known = world.store.identities(name)
    now = world.clock.now()
    wanted = [
        address
        for address in addresses_of(world, account)
        if (
            now - known[address].found_at >= IDENTIFY_EVERY
            if address in known
            else _may_ask_again(world, name, address)
        )
    ]
    wanted += [
        address
        for address in _our_addresses(world, name)
        if address not in {*known, *wanted} and _may_ask_again(world, name, address)
    ]
    if not wanted:
        return
    again = all(address in known for address in addresses_of(world, account))
    if again and not _is_time(world, _away(name), TRY_AGAIN):
        return
    try:
        found = channel.identify(wanted)
    except ChannelError as error:
        if not again:
            raise
        # Whose they are is known well enough to read their answers meanwhile.
        world.store.set_meta(_away(name), now.isoformat())
        world.tell(News(what="not-observed", words=f"cannot look up whose the handles are: {error}", ref=account))
        return
    for address in wanted:
        one, before = found.get(address), known.get(address)
        if one is not None and (before is None or before.id == one.id):
            world.store.keep_identity(name, address, remote_id=one.id, handle=one.handle, name=one.name)
        elif before is None:
            world.store.set_meta(_nobody(name, address), now.isoformat())
            world.tell(News(what="nobody", words=f'there is no "{address}" on {name}; correct the config', ref=account))
        else:
            world.store.keep_identity(name, address, remote_id=before.id, handle=before.handle, name=before.name)
            _passed_on(world, address, "nobody" if one is None else f'another account ("{one.name}")')


def _passed_on(world: World, address: str, whose: str) -> None:
    """Pause the companies of an address that does not belong to them any more."""
    why = f'"{address}" belongs to {whose} now; correct the config, then resume'
    for company in world.config.companies.values():
        listed = (
            *(target.address for target in company.targets),
            *(one for each in company.handles.values() for one in each),
        )
        if address in listed and f"company:{company.key}" not in world.store.paused():
            world.store.pause(f"company:{company.key}", why)
            world.tell(News(what="paused", words=f"paused: {why}", ref=company.key))


def addresses_of(world: World, account: str) -> list[str]:
    """Return every address of the companies that are asked or observed with an account, on its channel."""
    name = world.config.accounts[account].channel
    companies = (
        company
        for company in world.config.companies.values()
        if any(target.account == account for target in company.targets)
    )
    return [address for company in companies for address in company.addresses(name)]


def our_ids(world: World, channel: str) -> frozenset[str]:
    """Return who we are on a channel, with all our accounts, as far as that was looked up."""
    known = world.store.identities(channel)
    return frozenset(known[one].id for one in _our_addresses(world, channel) if one in known)


def _our_addresses(world: World, channel: str) -> list[str]:
    accounts = world.config.accounts.values()
    return [str(getattr(one.settings, "handle", "")) for one in accounts if one.channel == channel]


def _nobody(channel: str, address: str) -> str:
    return f"nobody:{channel}:{address}"


def _away(channel: str) -> str:
    return f"identities-away:{channel}"


def _may_ask_again(world: World, channel: str, address: str) -> bool:
    return _is_time(world, _nobody(channel, address), timedelta(days=1))


def _is_time(world: World, key: str, after: timedelta) -> bool:
    last = world.store.meta(key)
    return last is None or world.clock.now() - datetime.fromisoformat(last) >= after


def accounts_of(world: World, company: str, channel: str) -> Accounts:
    """Return who a company is on a channel: its accounts, those a person has trusted included, and its domains."""
    return all_accounts(world, [company], channel)[company]


def all_accounts(world: World, companies: Iterable[str], channel: str) -> dict[str, Accounts]:
    """Return who each of these companies is on a channel; of hundreds, that is looked up at once."""
    known, trusted = world.store.identities(channel), world.store.trusted_domains()
    found = {}
    for key in companies:
        company, theirs = world.config.companies.get(key), trusted.get(key, ())
        ids = {known[one].id for one in (company.addresses(channel) if company else ()) if one in known}
        found[key] = Accounts(
            ids=frozenset(ids | {one for one in theirs if ":" in one}),
            domains=frozenset({*(company.domains if company else ()), *(one for one in theirs if ":" not in one)}),
        )
    return found


# --- what stands ---


def threads(world: World, account: str) -> list[Thread]:
    """Return what stands open on the account, the youngest first: asked or observed, and not answered yet."""
    from slawatch.channels.base import Thread  # noqa: PLC0415  channels are loaded on use

    now = world.clock.now()
    since = now - max(_windows(world)) - timedelta(days=1)
    look = cache(partial(_look, world))
    found = []
    for one in world.store.open_posts(account, since):
        window, young, direct = look(one.company, one.channel, one.target)
        if one.asked_at + window > now - timedelta(days=1):
            found.append(
                Thread(
                    remote_id=one.remote_id,
                    target=one.target,
                    asked_at=one.asked_at,
                    direct=direct,
                    observed=one.observed,
                    young=now - one.asked_at <= young,
                )
            )
    return found


def verify(world: World, account: str, done: Collecting) -> Silence:
    """Ask the far side once more about every request whose window has closed without an answer.

    Only then is it missed. One about which the far side cannot be asked any more is void: its silence may be ours. A
    request that somebody did respond to is asked about as well: the answer may stand in the conversation without
    naming us. That it cannot be asked about any more takes nothing back of the response.
    """
    now = world.clock.now()
    looked = world.store.observed_until(account)
    channel = world.channel(account)
    public = as_public(channel)
    if looked is None or public is None:
        return Silence()
    due = {
        one.request.remote_id: one.request
        for one in world.store.standing_posts(
            account, now - VERIFY_BACK, until=looked - min(_windows(world)), unproven=True
        )
        if _closes_at(world, one.request) <= looked
    }
    proven: list[str] = []
    blind: list[str] = []
    keys = list(due)
    for start in range(0, len(keys), VERIFY_AT_ONCE):
        some = [_thread(world, due[key], now) for key in keys[start : start + VERIFY_AT_ONCE]]
        found = public.verify(some)
        _keep(world, account, channel, found.messages, done)
        for key in found.seen:
            if key in due:
                world.store.verified(due[key].id, now)
                proven.append(due[key].public_id)
        for key, why in found.unseen.items():
            if key in due and _responded(world, due[key]):
                world.store.verified(due[key].id, now)
            elif key in due:
                world.store.not_observable(due[key].id, f"not observable: {why}")
                blind.append(due[key].public_id)
                world.tell(News(what="void", words=f"not observable: {why}", ref=due[key].public_id))
    return Silence(proven=tuple(proven), not_observable=tuple(blind))


def heed_deletions(world: World, account: str) -> int:
    """Throw away the text of every reply that its author has deleted; return how many. Stamps and kinds stay.

    What a crash left between noticing and throwing away is made good first.
    """
    _throw_away(world, account)
    public = as_public(world.channel(account))
    unsure = world.store.unsure_messages(account, PRESENT_AT_AGES) if public is not None else []
    if public is None or not unsure:
        return 0
    gone = public.gone([message.remote_id for message in unsure])
    world.store.mark_gone([message.id for message in unsure if message.remote_id in gone])
    world.store.mark_present([message.id for message in unsure if message.remote_id not in gone])
    _throw_away(world, account)
    return len(gone)


def forget_others(world: World, account: str) -> int:
    """Throw away, once a day, what others than companies wrote to us a month ago; return how many that were.

    Until then one of them may turn out to be a company's account that nobody has named (key `handles`).
    """
    key = f"{FORGOTTEN}{account}"
    if not _is_time(world, key, timedelta(days=1)):
        return 0
    now = world.clock.now()
    forgotten = world.store.forget_others(account, now - OTHERS_KEPT)
    world.store.set_meta(key, now.isoformat())
    return forgotten


def _throw_away(world: World, account: str) -> None:
    thrown_away = world.store.purge_gone()
    known = world.store.identities(world.config.accounts[account].channel).values() if thrown_away else ()
    handles = {one.id: f"@{one.handle}" for one in known}
    for message in thrown_away:
        who = handles.get(message.sender, message.sender)
        world.tell(News(what="deleted", words=f"{who} deleted a reply; its text is thrown away", ref=account))


def _keep(world: World, account: str, channel: Channel, messages: Sequence[Incoming], done: Collecting) -> None:
    from slawatch.channels.base import Batch  # noqa: PLC0415  channels are loaded on use

    if messages:
        batch = Batch(messages=tuple(messages), cursor=world.store.cursor(account))
        world.store.add_batch(account, world.config.accounts[account].channel, batch)
        derive(world, account, channel, done)


def _responded(world: World, request: Request) -> bool:
    return any(one.counts and one.kind.by_person for one in world.store.replies([request.id]).get(request.id, []))


def _windows(world: World) -> list[timedelta]:
    """Return every window that a request may have, one whose target is gone included."""
    targets = [target for company in world.config.companies.values() for target in company.targets]
    return [STANDARD.window, public_standard().window, *(target.standard.window for target in targets)]


def _closes_at(world: World, request: Request) -> datetime:
    return (request.accepted_at or request.intended_at) + standard_of(world, request).window


def _thread(world: World, request: Request, now: datetime) -> Thread:
    from slawatch.channels.base import Thread  # noqa: PLC0415  channels are loaded on use

    asked_at = request.accepted_at or request.intended_at
    _, young, direct = _look(world, request.company, request.channel, request.target)
    return Thread(
        remote_id=request.remote_id,
        target=request.target,
        asked_at=asked_at,
        direct=direct,
        observed=request.origin is Origin.OBSERVED,
        young=now - asked_at <= young,
    )


def _look(world: World, company: str, channel: str, address: str) -> tuple[timedelta, timedelta, bool]:
    """Return how long answers are looked for, for how long they may come any moment, and whether in private."""
    target = world.target(company, channel, address)
    standard = standard_for(world, company, channel, address)
    limits = [one.limit for one in standard.objectives]
    return standard.window, YOUNG * min(limits, default=timedelta(0)), target.direct if target else False


# --- what others ask ---


def as_requests(world: World, account: str, observed: Sequence[Observed]) -> list[Request]:
    """Return other people's questions as requests that count for themselves, with none of their words."""
    channel = world.config.accounts[account].channel
    now = world.clock.now()
    found = []
    for one in observed:
        company = next(
            (
                company.key
                for company in world.config.companies.values()
                if any((target.channel, target.address) == (channel, one.target) for target in company.targets)
            ),
            None,
        )
        target = world.target(company, channel, one.target) if company else None
        if target is None:
            continue
        found.append(
            Request(
                id=0,
                public_id=f"R{secrets.token_hex(4)}",
                origin=Origin.OBSERVED,
                company=target.company,
                channel=channel,
                target=target.address,
                account=account,
                text=Text(probe=OBSERVED, lang=one.lang or target.lang, variant=0, subject="", body="", form=Form.POST),
                token=token.new(secrets.token_bytes(8)),
                message_id=f"{secrets.token_hex(12)}@observed.invalid",
                delivery=Delivery.SENT,
                due_at=one.at,
                zone=target.zone,
                intended_at=min(one.at, now),
                accepted_at=one.at,
                accepted_uncertainty=one.uncertainty,
                submitted_at=one.at,
                submitted_uncertainty=one.uncertainty,
                proof=DeliveryProof.PROVEN,
                remote_id=one.remote_id,
                asked_by=one.asked_by,
            )
        )
    return found

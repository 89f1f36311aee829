"""The apology after everything was called off: drafted for all who were asked lately, sent once and only if told.

Goes through the outbox of letters, so that no crash and no second call sends it twice. Calls nothing off itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import blake2b

from slawatch.errors import UsageError
from slawatch.imported import ACCOUNT as IMPORTED
from slawatch.model import Delivery, Origin, Request
from slawatch.store import Letter, LetterDraft
from slawatch.usecases import mailing, notices
from slawatch.usecases.world import STOP_FILE, World

ASKED_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Apology:
    """A letter to one address, about all it was asked; `done` where it was written to about these before."""

    key: str
    company: str
    channel: str
    address: str
    account: str
    lang: str
    subject: str
    body: str
    requests: tuple[Request, ...]
    done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Apologies:
    """`letters` can leave by e-mail, `by_hand` cannot: a person says it there. `left_alone` have asked for silence."""

    letters: tuple[Apology, ...]
    by_hand: tuple[Apology, ...]
    left_alone: tuple[Apology, ...]


def drafts(world: World, *, within: timedelta = ASKED_WITHIN) -> Apologies:
    """Return an apology for each address that was asked within that time, or may have been; nothing is kept or sent."""
    asked: dict[tuple[str, str, str, str], list[Request]] = {}
    since = world.clock.now() - within
    for one in world.store.requests(delivery=(Delivery.SENT, Delivery.UNCERTAIN, Delivery.SENDING), since=since):
        if one.made_up or one.account == IMPORTED or one.origin not in {Origin.SENT, Origin.ADOPTED}:
            continue
        asked.setdefault((one.company, one.channel, one.target.lower(), one.account), []).append(one)
    found = [_draft(world, requests) for _, requests in sorted(asked.items())]
    kept = {letter.key for letter in world.store.letters(keys=[one.key for one in found])}
    letters, by_hand, left_alone = [], [], []
    for apology in found:
        known = replace(apology, done=apology.key in kept)
        if world.store.opted_out(known.company, known.address) is not None:
            left_alone.append(known)
        elif _writes(world, known.account):
            letters.append(known)
        else:
            by_hand.append(known)
    return Apologies(letters=tuple(letters), by_hand=tuple(by_hand), left_alone=tuple(left_alone))


def send(world: World, apologies: Sequence[Apology]) -> list[Letter]:
    """Send each once, whatever is paused, and return the letters as they then stand; what could not leave, later does.

    Raises:
        UsageError: the file STOP forbids whatever leaves.
    """
    if (world.config.folder / STOP_FILE).exists():
        raise UsageError(
            f"abort --send: a file {STOP_FILE} lies beside {world.config.path.name}; remove it to apologise"
        )
    with world.store.together():
        letters = world.store.add_letters([_letter(world, one) for one in apologies if not one.done])
        for letter in letters:
            world.store.audit("apologised", f"address:{letter.recipient}", letter.subject)
    mailing.send_letters(world, letters)
    return world.store.letters(keys=[one.key for one in letters])


def _draft(world: World, requests: Sequence[Request]) -> Apology:
    newest = max(requests, key=lambda one: (one.intended_at, one.id))
    account = world.config.accounts.get(newest.account)
    sender = str(getattr(account.settings, "address", "")) if account else ""
    lang = newest.text.lang
    try:
        subject, body = notices.apology(world, lang, requests, sender=sender or newest.account, contact=sender or "-")
    except UsageError:  # nobody has words in the probe's language
        lang = world.config.lang
        subject, body = notices.apology(world, lang, requests, sender=sender or newest.account, contact=sender or "-")
    return Apology(
        # Asked again later, they may be apologised to again: the newest question is part of what makes it the same.
        key=mailing.apology_key(newest.company, newest.target, newest.public_id),
        company=newest.company,
        channel=newest.channel,
        address=newest.target,
        account=newest.account,
        lang=lang,
        subject=subject,
        body=body,
        requests=tuple(requests),
    )


def _writes(world: World, account: str) -> bool:
    from slawatch.channels.base import FindsNotes, Writes  # noqa: PLC0415  hardly any pass apologises

    if account not in world.config.accounts:
        return False
    channel = world.channel(account)
    return isinstance(channel, Writes) and isinstance(channel, FindsNotes)


def _letter(world: World, one: Apology) -> LetterDraft:
    from slawatch.channels.base import FindsNotes, Note  # noqa: PLC0415  hardly any pass apologises

    note = Note(
        to=one.address,
        subject=one.subject,
        body=one.body,
        key=f"apology.{blake2b(one.key.encode(), digest_size=12).hexdigest()}",
        lang=one.lang,
        evidence=True,
    )
    channel = world.channel(one.account)
    return LetterDraft(
        key=one.key,
        about="",
        until=world.clock.now(),
        account=one.account,
        recipient=one.address,
        subject=one.subject,
        message_id=channel.note_id(note.key) if isinstance(channel, FindsNotes) else note.key,
        packed=mailing.packed(note),
    )

"""Finds all that is kept of an address, a company's requests or one request, and erases it. Figures and hashes stay.

It never says in the clear whom it erased: the audit log keeps a keyed hash, which tells two apart and nothing more.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import zipfile
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from slawatch import spellings
from slawatch.errors import UsageError
from slawatch.model import Delivery
from slawatch.usecases.copies import copies
from slawatch.usecases.lock import TICK
from slawatch.usecases.memory import SECRET, SECRET_BYTES
from slawatch.usecases.world import World

ERASED = "erased"  # the action in the audit log
DIGITS = 12  # of a hash: enough to tell a thousand addresses apart
FILE_MAX = 200_000_000  # bytes of a file beside the store that is looked through
CLOSED = "erased on request"


class Kind(StrEnum):
    """What somebody named."""

    ADDRESS = "address"
    COMPANY = "company"
    REQUEST = "request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who, or what, is to be erased. `sought` finds an address; `requests` are those of a company, or the one."""

    kind: Kind
    name: str
    sought: re.Pattern[str] | None = None
    requests: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is kept of them. `places` counts rows by table and column, `files` hold it outside the store.

    `texts` are requests whose wording goes, `audit` and `register` entries that stay on purpose.
    """

    messages: tuple[int, ...] = ()
    texts: tuple[int, ...] = ()
    exhibits: tuple[tuple[int, str, int], ...] = ()
    letters: tuple[int, ...] = ()
    slots: tuple[int, ...] = ()
    unsent: tuple[int, ...] = ()
    places: dict[str, int] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    audit: int = 0
    register: int = 0

    def __bool__(self) -> bool:
        """Whether there is anything to erase in the store."""
        return bool(
            self.messages or self.texts or self.exhibits or self.letters or self.slots or self.unsent or self.places
        )

    @property
    def counts(self) -> dict[str, int]:
        """Return how much there is of what, for people and scripts."""
        counted = {
            "messages": len(self.messages),
            "texts of requests": len(self.texts),
            "pictures and pages": len(self.exhibits),
            "letters to you": len(self.letters),
            "planned slots": len(self.slots),
            "requests not yet sent": len(self.unsent),
            **self.places,
        }
        return {name: number for name, number in counted.items() if number}


def subject_of(world: World, text: str) -> Subject:
    """Return who is meant: a company's key, a request's id, else an address. Raises UsageError where it is none."""
    given = text.strip()
    request = world.store.request(given)
    if request is not None:
        return Subject(kind=Kind.REQUEST, name=given, requests=(request.id,))
    if given in world.config.companies or world.store.was_asked(given):
        ids = tuple(one.id for one in world.store.requests(company=given))
        return Subject(kind=Kind.COMPANY, name=given, requests=ids)
    if "@" not in given and ":" not in given:
        raise UsageError(
            f'erase: "{given}" is no company, no request and no address; write a key, an id such as R4f2a…, '
            'or "anna@shop.example"'
        )
    return Subject(kind=Kind.ADDRESS, name=given, sought=spellings.pattern(given))


def find(world: World, subject: Subject) -> Found:
    """Return all that is kept; changes nothing. Goes through all raw evidence for an address."""
    if subject.sought is not None:
        return _find_address(world, subject.sought)
    requests = list(subject.requests)
    unsent, texts = _by_sending(world, requests)
    return Found(
        messages=tuple(world.store.alike(world.store.messages_of(requests))) if requests else (),
        texts=tuple(texts),
        unsent=tuple(unsent),
        exhibits=tuple(world.store.exhibits_of(requests)) if requests else (),
    )


def erase(world: World, subject: Subject, found: Found) -> bool:
    """Erase what was found; False where the file could not be written anew, as somebody else uses it."""
    store = world.store
    with store.together():
        for slot in found.slots:
            store.close_slot(slot, CLOSED)
        store.withdraw(list(found.unsent), CLOSED)
        store.erase_messages(found.messages)
        store.erase_exhibits(found.exhibits)
        store.seal_requests(found.texts)
        store.erase_letters(found.letters)
        if subject.sought is not None:
            store.rewrite(subject.sought, sign_of(world, subject))
        counts = ", ".join(f"{number} {name}" for name, number in found.counts.items())
        store.audit(ERASED, scope_of(world, subject), counts or "nothing was kept")
    store.extend_chain()
    return store.write_anew()


def scope_of(world: World, subject: Subject) -> str:
    """Return what the audit log calls it: an address by its keyed hash alone."""
    return f"{subject.kind}:{sign_of(world, subject) if subject.sought is not None else subject.name}"


def sign_of(world: World, subject: Subject) -> str:
    """Return what stands in an address's place: the same for one address, and nothing that leads back to it."""
    key = world.store.meta(SECRET)
    if key is None:
        key = secrets.token_hex(SECRET_BYTES)
        world.store.set_meta(SECRET, key)
    return f"erased-{hmac.new(key.encode(), subject.name.lower().encode(), hashlib.sha256).hexdigest()[:DIGITS]}"


def named_in_config(world: World, subject: Subject) -> bool:
    """Whether the config file still names it, so that it would be asked again."""
    if subject.sought is None:
        return subject.kind is Kind.COMPANY and subject.name in world.config.companies
    return subject.sought.search(world.config.path.read_text(encoding="utf-8", errors="replace")) is not None


def _find_address(world: World, sought: re.Pattern[str]) -> Found:
    store = world.store
    messages = [number for number, sha256 in store.evidence_kept() if spellings.stands_in(store.raw(sha256), sought)]
    texts = store.requests_that_mention(sought)
    exhibits = [one for one in store.exhibits_of() if one[2] in texts or spellings.stands_in(store.raw(one[1]), sought)]
    slots, planned = store.planned_for(sought)
    unsent, texts = _by_sending(world, sorted({*texts, *planned}), also=set(planned) - set(texts))
    audit, register = store.stays(sought)
    return Found(
        messages=tuple(store.alike(messages)) if messages else (),
        texts=tuple(texts),
        exhibits=tuple(exhibits),
        letters=tuple(store.letters_that_mention(lambda raw: spellings.stands_in(raw, sought))),
        slots=tuple(slots),
        unsent=tuple(unsent),
        places=store.mentions(sought),
        files=tuple(_files(world, sought)),
        audit=audit,
        register=register,
    )


def _by_sending(world: World, ids: list[int], *, also: AbstractSet[int] = frozenset()) -> tuple[list[int], list[int]]:
    """Return which of the requests have not left, and of which the text can go: all but those that leave just now.

    The text of those in `also` holds nothing to erase.
    """
    requests = world.store.requests(ids=ids) if ids else []
    unsent = [one.id for one in requests if one.delivery is Delivery.INTENDED]
    return unsent, [one.id for one in requests if one.delivery is not Delivery.SENDING and one.id not in also]


def _files(world: World, sought: re.Pattern[str]) -> Iterator[Path]:
    """Yield the files of ours outside the store that hold it: reports, packs, copies of the store, channels' notes."""
    out = world.config.out
    made = sorted(path for path in out.rglob("*") if path.is_file()) if out.is_dir() else []
    store = world.config.store
    beside = (path for path in store.parent.glob(f"{store.name}.*") if path.name != f"{store.name}{TICK}")
    of_channels = sorted(one for path in beside for one in (path.rglob("*") if path.is_dir() else [path]))
    for path in dict.fromkeys((*made, *copies(world), *filter(Path.is_file, of_channels))):
        if path.stat().st_size <= FILE_MAX and any(spellings.stands_in(part, sought) for part in _parts(path)):
            yield path


def _parts(path: Path) -> Iterator[bytes]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    else:
        yield path.read_bytes()

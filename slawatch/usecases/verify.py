"""Holds a report's file to its word: whether it was altered, and whether its figures follow from the evidence of then.

Works on a copy of the store that is taken back to the instant the report was made. Changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from slawatch import __version__, rules
from slawatch.errors import UsageError
from slawatch.model import Request
from slawatch.report import columns, proof
from slawatch.report.again import Figure, differences, different_words, leaves
from slawatch.report.model import Material
from slawatch.store import Store
from slawatch.usecases.chained import Chained, Fault, reading_only, verify_chain
from slawatch.usecases.recompute import recompute
from slawatch.usecases.report import choice_of, gather
from slawatch.usecases.world import World

METHOD = "method"
# What says how it was made is no figure; that it differs is a reason.
NO_FIGURES = frozenset({"version", "config_digest", "made_at", "plan", "zone"})


class State(StrEnum):
    """What became of one group's figures."""

    HOLDS = "holds"
    CHANGED = "changed"
    DOUBTED = "doubted"  # they come out the same, but evidence under them is not what was linked
    SEALED = "sealed"  # nothing speaks against them, but part of the evidence was thrown away
    GONE = "gone"  # nothing of the group is there any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One group of a report: how many of its `figures` were compared, and which differ. `sealed` names requests."""

    company: str
    channel: str
    origin: str
    state: State
    figures: int
    changed: tuple[Figure, ...] = ()
    sealed: tuple[str, ...] = ()
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a report's file came to.

    `intact`: its own digest is right. `known`: whether the store remembers just this file, None where it remembers none
    of that instant. `linked`: whether its head is one of this store's chain. `words` are visible lines that are not
    what the figures give: "-" in the file, "+" made anew. `recomputed` is False where it was not made from a store.
    """

    path: Path
    made_at: datetime
    intact: bool
    known: bool | None
    linked: bool
    recomputed: bool
    groups: tuple[Checked, ...]
    words: tuple[str, ...]
    chained: Chained
    notes: tuple[str, ...] = ()

    @property
    def altered(self) -> bool:
        """Whether somebody changed the file since it was made."""
        return not self.intact or self.known is False or (bool(self.words) and self.known is None and self.same_words)

    @property
    def same_words(self) -> bool:
        """Whether the same figures would be put into the same words: same version, nothing sealed, all holds."""
        return not self.notes and all(one.state is State.HOLDS for one in self.groups)

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against the report."""
        fine = {State.HOLDS, State.SEALED}
        return not self.altered and self.linked and all(one.state in fine for one in self.groups)

    @property
    def sealed(self) -> tuple[str, ...]:
        """Return the requests whose evidence was thrown away in part, by their public ids."""
        return tuple(sorted({request for one in self.groups for request in one.sealed}))


@dataclass(frozen=True, slots=True)
class _Then:
    """A clock that stands at the instant a report was made."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        del seconds

    def when(self, machine: datetime) -> datetime:
        return machine


def verify_report(
    world: World, path: Path, *, head: str = "", tell: Callable[[int], object] = lambda _done: None
) -> Verified:
    """Recompute every figure of the report as of when it was made, by today's rules and config.

    Raises:
        UsageError: the file cannot be read, or holds no figures.
    """
    wanted = head
    raw, found = _read(path)
    figures = found.facts["figures"]
    try:
        made_at = datetime.fromisoformat(figures[METHOD]["made_at"])
        choice = choice_of(found.facts["asked"]) if found.facts.get("asked") else None
        head = str(found.facts["chain_head"])
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f'verify: "{path}": its figures cannot be read ({error})') from None
    chained = verify_chain(world, head=wanted, tell=tell)
    link = world.store.link_of_head(head)
    common: dict[str, Any] = {
        "path": path,
        "made_at": made_at,
        "intact": found.intact,
        "known": world.store.remembers(hashlib.sha256(raw).hexdigest(), made_at),
        "chained": chained,
    }
    if choice is None:
        return Verified(**common, linked=True, recomputed=False, groups=(), words=())
    notes = tuple(_reasons(world, found.facts))
    if columns.EACH in figures:
        from slawatch.usecases.verify_wide import groups_of_very_many  # noqa: PLC0415  hardly any report is of thousands

        with _as_of(world, figures, link.number if link else 0) as then:
            groups, words = groups_of_very_many(
                then, found, choice, chain_head=head, doubted=_doubted(chained.faults), notes=notes
            )
        return Verified(**common, linked=link is not None, recomputed=True, groups=groups, words=words, notes=notes)
    with _as_of(world, figures, link.number if link else 0) as then:
        judged = recompute(then)
        material = replace(gather(then, choice), chain_head=head, asked=found.facts["asked"])
        again, page = _made_anew(material, world, str(found.facts["lang"]))
        sealed = _sealed(then, [case.request for case in material.cases])
    doubted = _doubted(chained.faults)
    linked_otherwise = frozenset(doubted)
    for change in judged.messages:
        for number in {tie.request_id for tie in (*change.before.ties, *change.after.ties)}:
            asked = next((case.request for case in material.cases if case.request.id == number), None)
            if asked is not None:
                before, after = (made.kind.value if made.kind else "ours" for made in (change.before, change.after))
                doubted.setdefault(asked.public_id, []).append(f"message {change.message.id}: {before} -> {after}")
    requests = [case.request for case in material.cases]
    unsure = world.store.decided_since(made_at)
    checked = compared(figures, again, requests, sealed, doubted, notes, linked_otherwise, unsure=unsure)
    return Verified(
        **common,
        linked=link is not None or (head == "" and not figures["groups"]),
        recomputed=True,
        groups=tuple(checked),
        words=tuple(different_words(found.page, page)),
        notes=notes,
    )


def _read(path: Path) -> tuple[bytes, proof.Sealed]:
    try:
        raw = path.read_bytes()
        return raw, proof.opened(raw.decode("utf-8"))
    except OSError as error:
        raise UsageError(f'verify: "{path}" cannot be read ({error.strerror})') from None
    except (UnicodeDecodeError, proof.NoProofError) as error:
        raise UsageError(f'verify: "{path}": {error}') from None


class _as_of:  # noqa: N801  used like a function
    """A world taken back to when these figures were made, on a copy that is thrown away."""

    def __init__(self, world: World, figures: Mapping[str, Any], link: int) -> None:
        self._world = world
        self._method = figures[METHOD]
        self._link = link
        self._folder = tempfile.TemporaryDirectory(prefix="slawatch-")
        self._store: Store | None = None

    def __enter__(self) -> World:
        at = datetime.fromisoformat(self._method["made_at"])
        clock = _Then(at)
        copy = Path(self._folder.name) / self._world.config.store.name
        self._world.store.copy_to(copy)
        self._store = Store(copy, clock=clock, key_file=self._world.config.privacy.key_file)
        self._store.open()
        looked = {
            name: datetime.fromisoformat(until) if until else None
            for name, until in self._method["observed_until"].items()
        }
        self._store.rewind(at, link=self._link, looked_until=looked)
        self._store.drop_spoilt()
        return reading_only(replace(self._world, store=self._store, clock=clock))

    def __exit__(self, *_: object) -> None:
        if self._store is not None:
            self._store.close()
        self._folder.cleanup()


def _made_anew(material: Material, world: World, lang: str) -> tuple[dict[str, Any], str]:
    from slawatch.report import build, render  # noqa: PLC0415  numpy and jinja are loaded only by what needs them

    book = build.build(material)
    page = proof.opened(render.html(book, lang=lang, folder=world.config.folder)).page
    return json.loads(json.dumps(render.data(book))), page


def _reasons(world: World, facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is different now from when the report was made, apart from the evidence."""
    method = facts["figures"][METHOD]
    if facts["rules"] != rules.ALL:
        yield f"rules changed: {facts['rules']} -> {rules.ALL}"
    if method["config_digest"] != world.config.digest:
        yield f"config changed: {method['config_digest'][:12]} -> {world.config.digest[:12]}"
    if method["version"] != __version__:
        yield f"slawatch changed: {method['version']} -> {__version__}"


def _sealed(world: World, requests: Sequence[Request]) -> set[str]:
    purged = world.store.purged_of([request.id for request in requests])
    return {request.public_id for request in requests if request.id in purged}


def _doubted(faults: Sequence[Fault]) -> dict[str, list[str]]:
    """Return by request what the chain says against what its figures rest on."""
    found: dict[str, list[str]] = {}
    for fault in faults:
        for request in fault.requests:
            found.setdefault(request, []).append(f"{fault.kind} {fault.item}: {fault.what}")
    return found


def compared(
    said: Mapping[str, Any],
    again: Mapping[str, Any],
    requests: Sequence[Request],
    sealed: AbstractSet[str],
    doubted: Mapping[str, Sequence[str]],
    notes: Sequence[str],
    linked: frozenset[str],
    *,
    unsure: AbstractSet[str] = frozenset(),
) -> Iterator[Checked]:
    """Yield of each group what became of its figures; `requests` are at least those that anything is said against.

    Of those that are `unsure` nobody can tell any more what they were: other figures of theirs prove nothing.
    """
    now = {_key(group): group for group in again["groups"]}
    near: dict[tuple[str, str], set[str]] = {}
    for request in requests:
        for one in (request.company, "*"):
            near.setdefault((one, request.way), set()).add(request.public_id)
    for group in said["groups"]:
        company, channel, origin = key = _key(group)
        ours = near.get((company, channel), set())
        other = now.pop(key, None)
        changed = tuple(differences(group, other)) if other is not None else ()
        hidden = tuple(sorted(ours & sealed))
        state = State.SEALED if hidden else State.HOLDS
        if any(one in linked for one in ours):
            state = State.DOUBTED
        if other is None:
            state = State.GONE
        elif changed and not (ours & unsure):
            state = State.CHANGED
        elif changed:
            changed, hidden = (), tuple(sorted({*hidden, *(ours & unsure)}))
        why = [f"{one}: {words}" for one in sorted(ours & set(doubted)) for words in doubted[one]]
        yield Checked(
            company=company,
            channel=channel,
            origin=origin,
            state=state,
            figures=sum(1 for _ in leaves(group)),
            changed=changed,
            sealed=hidden,
            why=_why(state, why, (*notes, *_lost(doubted, ours))),
        )
    for (company, channel, origin), group in now.items():
        more = (Figure(name="n", was=None, now=group["n"]),)
        yield Checked(company=company, channel=channel, origin=origin, state=State.CHANGED, figures=0, changed=more)
    method, method_now = ({k: v for k, v in one[METHOD].items() if k not in NO_FIGURES} for one in (said, again))
    changed = tuple(differences(method, method_now))
    yield Checked(
        company="",
        channel=METHOD,
        origin="",
        state=State.CHANGED if changed else State.HOLDS,
        figures=sum(1 for _ in leaves(method)),
        changed=changed,
        why=tuple(notes) if changed else (),
    )


def _why(state: State, near: Sequence[str], far: Sequence[str]) -> tuple[str, ...]:
    """Return what speaks against a group: what is wrong with its own requests, then what may have changed it all."""
    if state in {State.CHANGED, State.GONE}:
        return (*near, *far)
    return tuple(near) if state is State.DOUBTED else ()


def _lost(doubted: Mapping[str, Sequence[str]], ours: set[str]) -> Iterator[str]:
    """Yield what is said against requests that the store does not hold any more."""
    for request in sorted(set(doubted) - ours):
        for words in doubted[request]:
            if words.endswith("removed"):
                yield f"{request}: {words}"


def _key(group: Mapping[str, Any]) -> tuple[str, str, str]:
    return str(group["company"]), str(group["channel"]), str(group["origin"])

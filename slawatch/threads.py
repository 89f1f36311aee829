"""Puts the letters of an archive together into conversations. Decides on what they say of themselves; looks nothing up.

Unlike match/, which looks for secrets that slawatch sent out, it has nothing but what every mail program writes. So
it says of each letter by what it belongs where it stands, and how sure that is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from slawatch.model import MatchEvidence, Strength

FOLLOWS_WITHIN = timedelta(days=30)
"""How long after a conversation's last letter one may still join it by its subject; as late replies are matched."""

SAME_SUBJECT_MAX = 50  # conversations; notices of one wording come by the thousand, and two are ambiguous already
CITED_MAX = 60  # ids of one letter that are looked at; References of long lists of them are cut by mail programs, too

_PREFIXES = re.compile(
    r"^\s*(?:(?:re|aw|antw|antwort|sv|vs|fwd?|wg|tr|rv|r|i|automatische antwort|automatic reply)\s*(?:\[\d+\])?\s*:"
    r"|\[[^\[\]]{1,60}\])\s*",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"\s*\([^()]{1,30}\)\s*$")
_REPLIES = re.compile(r"^\s*(?:\[[^\[\]]{1,60}\]\s*)?(?:re|aw|antw|antwort|sv|vs)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_PASSES_ON = re.compile(r"^\s*(?:fwd?|wg|tr)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_TELLING = re.compile(r"\w{3,}")
_TELLING_MIN = 2  # words of a subject: "Hello" and "Question" are everybody's


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """As much of a letter as its place in a conversation depends on.

    `number` is its own, in any order. `ours` tells who wrote it. `others` names the outsiders that wrote it or got it,
    by whatever name they are grouped under. Ids are lower case without brackets; `at` is aware. `tickets` and `thread`
    are its names for the matter (match/keys.py). What is `bulk` belongs nowhere but where it cites something.
    """

    number: int
    at: datetime
    ours: bool
    others: frozenset[str]
    own_id: str = ""
    cited_ids: tuple[str, ...] = ()
    subject: str = ""
    tickets: tuple[str, ...] = ()
    thread: str = ""
    bulk: bool = False

    @property
    def opens(self) -> bool:
        """Whether it replies to nothing, by its own word: it cites no letter and its subject bears no "Re:"."""
        return not self.cited_ids and not _REPLIES.match(self.subject)

    @property
    def passes_on(self) -> bool:
        """Whether it only passes another letter on."""
        return bool(_PASSES_ON.match(self.subject))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """A letter of a conversation, and what holds it there."""

    letter: Letter
    evidence: MatchEvidence
    strength: Strength
    saw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A first letter and those that follow it, in the order of their times."""

    first: Letter
    rest: tuple[Tie, ...]


def plain_subjects(subject: str) -> tuple[str, ...]:
    """Return a subject in lower case, without what replies, help desks and lists put before it.

    A second form lacks what stands in brackets at the end, where help desks write how a case stands. A form that would
    not tell two conversations apart is left out.
    """
    text = " ".join(subject.split())
    while (shorter := _PREFIXES.sub("", text, count=1)) != text:
        text = shorter
    forms = (text.strip().casefold(), _SUFFIX.sub("", text).strip().casefold())
    return tuple(dict.fromkeys(form for form in forms if len(_TELLING.findall(form)) >= _TELLING_MIN))


def conversations(letters: Iterable[Letter], *, we_ask: bool) -> list[Conversation]:
    """Return every conversation, in the order in which they began; `we_ask` says which side's questions are wanted.

    What letters cite ties them for certain. Where they cite nothing they may join an earlier conversation with the same
    outsider: by a case number learned there (strong), by Thread-Index, or by their subject within 30 days (medium);
    by a subject that fits several conversations only weakly. A letter by which the asking side opens one joins none;
    the other side's may be a reply even then, as help desks write theirs without citing anything.
    """
    ordered = sorted(letters, key=lambda one: (one.at, one.number))
    known = _Known()
    found: list[_Growing] = []
    for group in _by_ids(ordered):
        first = _first(group)
        anew = first.ours is we_ask and first.opens and not first.tickets
        joins = None if anew or first.bulk else known.place(first)
        if joins is None:
            grown = _Growing(first=first)
            found.append(grown)
        else:
            grown = joins.into
            grown.rest.append(Tie(letter=first, evidence=joins.evidence, strength=joins.strength, saw=joins.saw))
        for letter in group:
            if letter is first:
                continue
            if joins is None:
                tie = Tie(letter=letter, evidence=MatchEvidence.CITED_ID, strength=Strength.CERTAIN, saw=_cites(letter))
            else:
                tie = Tie(letter=letter, evidence=joins.evidence, strength=joins.strength, saw=joins.saw)
            grown.rest.append(tie)
        known.learn(grown, group)
    return [
        Conversation(first=one.first, rest=tuple(sorted(one.rest, key=lambda tie: (tie.letter.at, tie.letter.number))))
        for one in sorted(found, key=lambda one: (one.first.at, one.first.number))
    ]


def _cites(letter: Letter) -> str:
    return letter.cited_ids[0] if letter.cited_ids else letter.own_id


@dataclass(slots=True)
class _Growing:
    first: Letter
    rest: list[Tie] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    into: _Growing
    evidence: MatchEvidence
    strength: Strength
    saw: str


@dataclass(slots=True)
class _Known:
    """What later letters may name to join an earlier conversation, all of it per outsider."""

    by_ticket: dict[tuple[str, str], _Growing] = field(default_factory=dict)
    by_thread: dict[str, _Growing] = field(default_factory=dict)
    by_subject: dict[tuple[str, str], dict[int, tuple[_Growing, datetime]]] = field(default_factory=dict)

    def learn(self, grown: _Growing, group: Sequence[Letter]) -> None:
        for letter in group:
            if letter.thread:
                self.by_thread.setdefault(letter.thread, grown)
            for other in letter.others:
                for ticket in letter.tickets:
                    self.by_ticket.setdefault((other, ticket), grown)
                for subject in plain_subjects(letter.subject):
                    places = self.by_subject.setdefault((other, subject), {})
                    places.pop(id(grown), None)  # so that the one that was spoken in last stands last
                    places[id(grown)] = (grown, letter.at)
                    if len(places) > SAME_SUBJECT_MAX:
                        del places[next(iter(places))]

    def place(self, letter: Letter) -> _Place | None:
        """Return the conversation the letter joins, None where it is the first of its own."""
        for other in sorted(letter.others):
            for ticket in letter.tickets:
                if (found := self.by_ticket.get((other, ticket))) is not None:
                    return _Place(into=found, evidence=MatchEvidence.TICKET, strength=Strength.STRONG, saw=ticket)
        found = self.by_thread.get(letter.thread) if letter.thread else None
        if found is not None:
            return _Place(into=found, evidence=MatchEvidence.THREAD, strength=Strength.MEDIUM, saw="Thread-Index")
        return self._by_subject(letter)

    def _by_subject(self, letter: Letter) -> _Place | None:
        """Return the conversation by its subject: as it stands, and only then without what stands in brackets."""
        for subject in plain_subjects(letter.subject):
            for other in sorted(letter.others):
                fits = [
                    grown
                    for grown, last_at in self.by_subject.get((other, subject), {}).values()
                    if last_at <= letter.at <= last_at + FOLLOWS_WITHIN
                    and (not letter.opens or letter.ours is not grown.first.ours)
                ]
                if fits:
                    strength = Strength.MEDIUM if len(fits) == 1 else Strength.WEAK
                    return _Place(into=fits[-1], evidence=MatchEvidence.THREAD, strength=strength, saw=subject)
        return None


def _first(group: Sequence[Letter]) -> Letter:
    """Return the letter the others follow: the earliest that replies to nothing, else the earliest.

    Two clocks may stamp a question a moment after its answer.
    """
    return next((one for one in group if one.opens), next((one for one in group if not one.cited_ids), group[0]))


def _by_ids(ordered: Sequence[Letter]) -> list[list[Letter]]:
    """Return the letters in groups that are tied by what they cite, each group and all of them in the order of time.

    An id that is no letter's here ties those who cite it only where they share an outsider: some software cites one id
    in everything it ever sends.
    """
    union = _Union(len(ordered))
    owners: dict[str, int] = {}
    for place, letter in enumerate(ordered):
        if letter.own_id:
            owners.setdefault(letter.own_id, place)
    citers: dict[tuple[str, str], int] = {}
    for place, letter in enumerate(ordered):
        for cited in _cited(letter):
            if cited in owners:
                union.tie(place, owners[cited])
            else:
                for other in letter.others:
                    union.tie(place, citers.setdefault((cited, other), place))
    groups: dict[int, list[Letter]] = {}
    for place, letter in enumerate(ordered):
        groups.setdefault(union.root(place), []).append(letter)
    return list(groups.values())


class _Union:
    """Places that belong together; the smallest of each lot is its root."""

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))

    def root(self, place: int) -> int:
        while self._parents[place] != place:
            self._parents[place] = self._parents[self._parents[place]]
            place = self._parents[place]
        return place

    def tie(self, one: int, other: int) -> None:
        low, high = sorted((self.root(one), self.root(other)))
        self._parents[high] = low


def _cited(letter: Letter) -> Sequence[str]:
    ids = letter.cited_ids
    return ids if len(ids) <= CITED_MAX else (*ids[: CITED_MAX // 2], *ids[-CITED_MAX // 2 :])

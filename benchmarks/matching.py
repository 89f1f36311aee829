"""What it costs to find out to which of very many open requests each of very many messages belongs.

    python -m benchmarks.matching [MESSAGES] [REQUESTS]

The floor goes through each message once, to the end of its header, as whoever reads it must. The naive way looks in
each message for what every request sent out; a few messages tell what all would take. Ours is timed with everything at
hand (the rules alone), with what it takes to say who wrote each message, and out of a store on disk, as `collect` does
it. Every message is made for one request by one row of the table of evidence, and is counted where it got there.
"""

from __future__ import annotations

import base64
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.measure import Cost, alternating, cpu, ratio, table, timed, wall
from slawatch import match
from slawatch.clock import to_micros
from slawatch.model import Facts, Match, MatchEvidence, MessageKind, Report
from slawatch.store import Store
from slawatch.testing import BEFORE_SUMMER_TIME as NOW
from slawatch.testing import FakeClock
from slawatch.token import ALPHABET, LENGTH, find_all

MESSAGES, REQUESTS, ROUNDS, NAIVE, AT_ONCE = 100_000, 100_000, 1, 4, 200
OF_ONE_COMPANY = 40  # open requests; far more than manners allow, so that guesses have something to choose from
SIDE = match.our_side(["own.example"], "mx.own.example")
SEEN = (("authentication-results", "mx.own.example; dmarc=pass header.from=shop.example; spf=pass"),)
HOUR = timedelta(hours=1)
FLOOR, RULES_ALONE, WRITERS, STORED = (
    "one pass to the end of the header",
    "match.find, everything at hand",
    "and who wrote it",
    "match.find, out of a store on disk",
)
MIX = {
    MatchEvidence.DELIVERED_TO: 40,
    MatchEvidence.CITED_ID: 15,
    MatchEvidence.SUBJECT: 15,
    MatchEvidence.ENVELOPE_ID: 5,
    MatchEvidence.TICKET: 5,
    MatchEvidence.BODY: 5,
    MatchEvidence.THREAD: 5,
    MatchEvidence.SOLE_OPEN: 5,
    None: 5,  # of a stranger, about something else
}
SENTENCES = (
    "Vielen Dank für Ihre Anfrage, die wir gerne beantworten.",
    "Die Lieferung dauert in der Regel zwei bis drei Werktage.",
    "We ship within 2 working days, and you can return goods for 30 days.",
    "Unsere Öffnungszeiten sind Montag bis Freitag von 9 bis 18 Uhr.",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of the benchmark."""

    id: int
    company: str
    token: str
    message_id: str
    envelope_id: str
    subject: str


@dataclass(frozen=True, slots=True)
class Came:
    """A message, in its raw form and read; `meant` is the request it is about, `by` the row that should find it."""

    raw: bytes
    facts: Facts
    meant: int
    by: MatchEvidence | None


def requests(number: int) -> list[Asked]:
    """Return so many, each with secrets of its own."""
    dice = random.Random(1)
    tokens: set[str] = set()
    while len(tokens) < number:
        tokens.add("".join(dice.choices(ALPHABET, k=LENGTH)))
    return [
        Asked(
            id=serial + 1,
            company=f"shop{serial // OF_ONE_COMPANY}",
            token=token,
            message_id=f"{serial:x}.{dice.getrandbits(64):x}@own.example",
            envelope_id=f"slw-{dice.getrandbits(80):020x}",
            subject=f"Frage zur Lieferung von Artikel {_word(dice)} {_word(dice)} (mein Zeichen {token})",
        )
        for serial, token in enumerate(sorted(tokens))
    ]


def _word(dice: random.Random) -> str:
    return "".join(dice.choices("abcdefghijklmnoprstuvw", k=7))


def thread_of(request: Asked) -> bytes:
    """Return the head of the request's Exchange conversation."""
    return request.id.to_bytes(22, "big")


def messages(asked: Sequence[Asked], number: int) -> Iterator[Came]:
    """Yield so many messages, each about a request drawn at random, found by a row drawn at random."""
    dice = random.Random(2)
    for serial in range(number):
        (by,) = dice.choices(list(MIX), weights=list(MIX.values()))
        one = dice.choice(asked)
        text = "\n".join(dice.choices(SENTENCES, k=dice.randint(3, 20)))
        facts = _facts(serial, one, by, text)
        header = [
            *(f"{name}: {value}" for name, value in SEEN),
            *(f"Delivered-To: {address}" for address in facts.delivered_to),
            f"From: Service <{facts.sender}>",
            f"To: {', '.join(facts.recipients)}",
            f"Subject: {facts.subject}",
            f"Message-ID: <{facts.own_id}>",
            *(f"References: <{cited}>" for cited in facts.cited_ids),
            *(f"{name}: {value}" for name, values in facts.headers.items() for value in values),
        ]
        raw = "\r\n".join([*header, "", facts.text, facts.quoted]).encode()
        yield Came(raw=raw, facts=facts, meant=one.id, by=by)


def _facts(serial: int, one: Asked, by: MatchEvidence | None, text: str) -> Facts:
    mailbox = f"anna+{one.token}@own.example" if by is MatchEvidence.DELIVERED_TO else "anna@own.example"
    subject = {
        MatchEvidence.SUBJECT: f"AW: {one.subject}",
        MatchEvidence.TICKET: f"[#{4_000_000 + one.id}] Ihre Nachricht",
        MatchEvidence.THREAD: f"AW: {one.subject.partition(' (')[0]}",
    }.get(by or MatchEvidence.BY_HAND, "Ihre Nachricht an uns")
    thread = base64.b64encode(thread_of(one) + b"12345").decode()
    return Facts(
        sender=f"service@{one.company}.example" if by else f"jo@stranger{serial}.example",
        recipients=(mailbox,),
        delivered_to=(mailbox,),
        subjects=(subject,),
        own_id=f"{serial}@{one.company}.example",
        cited_ids=(one.message_id,) if by is MatchEvidence.CITED_ID else (f"{serial}.else@mail.example",),
        reports=(Report(type="delivery-status", action="failed", envelope_id=one.envelope_id),)
        if by is MatchEvidence.ENVELOPE_ID
        else (),
        headers={"thread-index": (thread,)} if by is MatchEvidence.THREAD and serial % 2 else {},
        trace=SEEN,
        text=text,
        quoted=f"> {one.subject}\n> {text}" if by is MatchEvidence.BODY else f"> {text}",
    )


class AtHand:
    """Everything known, in memory."""

    def __init__(self, asked: Sequence[Asked]) -> None:
        self.known = match.Known(
            by_token={one.token: one.id for one in asked},
            by_message_id={one.message_id: one.id for one in asked},
            by_envelope_id={one.envelope_id: one.id for one in asked},
        )
        self.parties = parties(asked)
        self.directory = match.Directory(self.parties)
        self.company = {one.id: one.company for one in asked}
        self._open: dict[str, list[match.Open]] = {}
        self._taught: dict[str, list[match.Taught]] = {}
        for one in asked:
            self._open.setdefault(one.company, []).append(
                match.Open(
                    request_id=one.id, subject=one.subject, token=one.token, since=NOW - HOUR, until=NOW + 100 * HOUR
                )
            )
            for key in taught_by(one):
                found = match.Taught(key=key, message_id=one.id, request_id=one.id)
                self._taught.setdefault(key, []).append(found)

    def find(self, facts: Facts) -> Match | None:
        """Match one message."""
        return match.find(facts, self.known, beside=partial(self._beside, facts), at=NOW)

    def find_with_writer(self, facts: Facts) -> Match | None:
        """Match one message and say who wrote it."""
        finding = match.judge(facts, SIDE)
        found = self.find(facts)
        for request_id in found.request_ids if found else ():
            match.written_by(
                facts,
                self.parties[self.company[request_id]],
                evidence=found.evidence if found else MatchEvidence.BODY,
                kind=MessageKind.ANSWER,
                side=SIDE,
                finding=finding,
            )
        return found

    def _beside(self, facts: Facts) -> match.Beside:
        companies = self.directory.companies(facts.sender)
        return match.Beside(
            taught=[found for key in match.keys_of(facts) for found in self._taught.get(key, ())] if companies else (),
            open=[one for company in companies for one in self._open.get(company, ())],
        )


def parties(asked: Sequence[Asked]) -> Mapping[str, match.Party]:
    """Return who the companies are."""
    return {
        company: match.party(company, domains=[f"{company}.example"], addresses=[f"service@{company}.example"])
        for company in dict.fromkeys(one.company for one in asked)
    }


def taught_by(one: Asked) -> tuple[str, str]:
    """Return what an earlier letter taught us of the request."""
    return f"ticket:{4_000_000 + one.id}", f"thread:{thread_of(one).hex()}"


class Stored:
    """The same out of a store on disk, for two hundred messages at a time, as `collect` asks for it."""

    def __init__(self, asked: Sequence[Asked], path: Path) -> None:
        self.store = Store(path, clock=FakeClock(NOW))
        self.store.open()
        fill(self.store, asked)
        self._directory = match.Directory(parties(asked))

    def find_all(self, some: Sequence[Came]) -> list[Match | None]:
        """Match these messages."""
        facts = [one.facts for one in some]
        known = self.store.known_for(
            tokens=[token for one in facts for text in _searched(one) for token in find_all(text)],
            message_ids=[key for one in facts for key in (*one.cited_ids, *one.embedded_ids, one.own_id)],
            envelope_ids=[report.envelope_id for one in facts for report in one.reports],
        )
        return [match.find(one, known, beside=partial(self._beside, one), at=NOW) for one in facts]

    def _beside(self, facts: Facts) -> match.Beside:
        companies = self._directory.companies(facts.sender)
        if not companies:
            return match.Beside()
        candidates = self.store.candidates(companies, account="main", since=NOW - 100 * HOUR, until=NOW)
        return match.Beside(
            taught=self.store.taught(companies, match.keys_of(facts)),
            open=[
                match.Open(
                    request_id=one.request_id,
                    subject=one.subject,
                    token=one.token,
                    since=one.intended_at,
                    until=one.intended_at + 200 * HOUR,
                    answered_at=one.answered_at,
                )
                for one in candidates
            ],
        )


def _searched(facts: Facts) -> tuple[str, ...]:
    return (facts.sender, *facts.delivered_to, *facts.recipients, *facts.subjects, facts.text, facts.quoted)


def fill(store: Store, asked: Sequence[Asked]) -> None:
    """Lay the requests into a store, all sent an hour ago, each with an earlier letter that taught us its names."""
    at = to_micros(NOW - HOUR)
    connection = store._connection()  # noqa: SLF001 - sending 100 000 requests one by one takes many minutes
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO request (id, public_id, origin, company, channel, target, account, probe, lang, variant, subject,"
        " body, token, message_id, delivery, due_at, zone, intended_at, accepted_at)"
        " VALUES (?, ?, 'sent', ?, 'email', ?, 'main', 'delivery-time', 'de', 0, ?, '', ?, ?, 'sent', ?, 'UTC', ?, ?)",
        (
            (
                one.id,
                f"R{one.id}",
                one.company,
                f"service@{one.company}.example",
                one.subject,
                one.token,
                one.message_id,
                at,
                at,
                at,
            )
            for one in asked
        ),
    )
    connection.executemany(
        "INSERT INTO attempt (request_id, number, envelope_id, account, worker, started_at, ended_at, outcome)"
        " VALUES (?, 1, ?, 'main', 'bench', ?, ?, 'sent')",
        ((one.id, one.envelope_id, at, at) for one in asked),
    )
    connection.execute("INSERT INTO blob VALUES ('0', 'zlib', 0, x'')")
    connection.executemany(
        "INSERT INTO message (id, account, channel, remote_id, folder, sha256, own_id, sender, subject, stamp_at,"
        " stamp_source, stamp_earlier, stamp_later, seen_at) VALUES (?, 'main', 'email', ?, '', '0', '', '', '', ?,"
        " 'seen', 0, 0, ?)",
        ((one.id, str(one.id), at, at) for one in asked),
    )
    connection.executemany("INSERT INTO derived (message_id, rules) VALUES (?, 'bench')", ((one.id,) for one in asked))
    connection.executemany(
        "INSERT INTO learned (company, key, request_id, message_id) VALUES (?, ?, ?, ?)",
        ((one.company, key, one.id, one.id) for one in asked for key in taught_by(one)),
    )
    connection.execute("COMMIT")


def to_the_end_of_the_header(came: Sequence[Came]) -> None:
    """Go through the header of each message, line by line."""
    for one in came:
        one.raw.partition(b"\r\n\r\n")[0].split(b"\r\n")


def naive(came: Sequence[Came], secrets: Sequence[tuple[bytes, bytes, bytes]]) -> None:
    """Look in each message for the three secrets of every request."""
    for one in came:
        raw = one.raw
        for token, message_id, envelope_id in secrets:
            if token in raw or message_id in raw or envelope_id in raw:
                break


def arrived(came: Sequence[Came], found: Sequence[Match | None]) -> Counter[str]:
    """Count by row how many messages got to their request by the row they were made for."""
    counts: Counter[str] = Counter()
    for one, got in zip(came, found, strict=True):
        if one.by is None:
            counts["stranger"] += got is None
        elif got is not None and got.evidence is one.by:
            counts[one.by] += one.meant in got.request_ids or one.by is MatchEvidence.SOLE_OPEN
        elif got is None and one.by is MatchEvidence.SOLE_OPEN:
            counts[one.by] += OF_ONE_COMPANY > 1  # more than a person could choose from: rightly nothing
    return counts


def main(number: int, of: int) -> None:
    """Measure and print."""
    asked = requests(of)
    came = list(messages(asked, number))
    at_hand = AtHand(asked)
    secrets = [(one.token.encode(), one.message_id.encode(), one.envelope_id.encode()) for one in asked]
    with tempfile.TemporaryDirectory() as folder:
        stored = Stored(asked, Path(folder) / "slawatch.db")
        runs: dict[str, Callable[[], object]] = {
            FLOOR: partial(to_the_end_of_the_header, came),
            RULES_ALONE: lambda: [at_hand.find(one.facts) for one in came],
            WRITERS: lambda: [at_hand.find_with_writer(one.facts) for one in came],
            STORED: lambda: [stored.find_all(came[first : first + AT_ONCE]) for first in range(0, number, AT_ONCE)],
        }
        costs = alternating({name: partial(timed, run) for name, run in runs.items()}, ROUNDS)
        slow = timed(partial(naive, came[:NAIVE], secrets))
        costs["naive: a look for every request"] = [
            Cost(wall=slow.wall * number / NAIVE, cpu=slow.cpu * number / NAIVE)
        ] * ROUNDS
        counts = arrived(came, [at_hand.find(one.facts) for one in came])
        stored.store.close()
    print(f"{number:,} messages against {of:,} open requests of {len(at_hand.parties):,} companies; {ROUNDS} round")
    print(f"naive: extrapolated from {NAIVE} messages")
    table(
        ("", "s", "cpu s", "us/message", "/ floor"),
        [
            (
                name,
                f"{median(map(wall, found)):,.1f}",
                f"{median(map(cpu, found)):,.1f}",
                f"{1e6 * median(map(wall, found)) / number:,.1f}",
                f"{ratio(costs, name, FLOOR, wall):,.0f}",
            )
            for name, found in costs.items()
        ],
    )
    made = Counter("stranger" if one.by is None else one.by for one in came)
    print("got there: " + ", ".join(f"{name} {counts[name]:,} of {total:,}" for name, total in made.most_common()))


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [MESSAGES, REQUESTS][len(given) :]))

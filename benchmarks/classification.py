"""How well messages are told apart on labelled real mail, and what it costs; how our cutting of quotations does.

    python -m benchmarks.classification [--mail ../shared/data/mail] [--all]

The first table counts kinds by label over the sources that were held out while the rules were written: two whole
sources and half of a third (with --all: every source). "machine" is the share that is surely called one, "person" the
share that is credited as a person's; what is neither is left to review. The second says what a letter costs, beside
parsing it. The third cuts people's letters with our own code and with mail-parser-reply, where that is installed
(development only): letters left without a word, letters in which a marked line is left, time.
"""

from __future__ import annotations

import argparse
import csv
import email
import importlib
import importlib.util
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.measure import alternating, cpu, ratio, table, timed
from slawatch import classify
from slawatch.mail import cut, parse
from slawatch.model import Facts, MessageKind

MAIL = Path(__file__).resolve().parents[2] / "shared/data/mail"
HELD_OUT = frozenset({"froide", "spamassassin"})
HALVED = "sisimai"
PEOPLE = frozenset({"human", "human-interim", "human-solution"})
MACHINES = ("bounce", "bounce-delayed", "feedback-report", "auto-reply", "ack", "ooo", "notification", "bulk", "spam")
ROUNDS = 5
TIMED = 200  # letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One message with what people called it."""

    label: str
    raw: bytes
    facts: Facts


def held_out(row: Mapping[str, str]) -> bool:
    """Whether the rules were written without looking at this message."""
    source = row["file"].partition("/")[0]
    return source in HELD_OUT or (source == HALVED and int(row["sha256"][0], 16) % 2 == 1)


def main(arguments: Sequence[str]) -> int:
    """Print the tables, or that there is no labelled mail to count."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--mail", type=Path, default=MAIL, help="a folder with labels.csv and the messages it names")
    parser.add_argument("--all", action="store_true", help="count the sources that the rules were written on, too")
    given = parser.parse_args(arguments)
    if not (given.mail / "labels.csv").is_file():
        print(f"no labelled mail in {given.mail}")
        return 0
    with (given.mail / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if given.all or held_out(row)]
    raw = [(row["label"], (given.mail / row["file"]).read_bytes()) for row in rows]
    mail = [Labelled(label=label, raw=octets, facts=parse.facts(octets)) for label, octets in raw]
    _kinds(mail)
    print()
    _costs(mail)
    print()
    _cutting([one for one in mail if one.label in PEOPLE])
    return 0


def _kinds(mail: Sequence[Labelled]) -> None:
    found: dict[str, Counter[MessageKind]] = {}
    for one in mail:
        found.setdefault(one.label, Counter())[classify.classify(one.facts).kind] += 1
    header = ("label", "n", "machine", "person", "review", "kinds")
    lines = [
        (
            label,
            str(kinds.total()),
            *(_share(kinds, automatic=automatic) for automatic in (True, False, None)),
            ", ".join(f"{kind.value} {n}" for kind, n in kinds.most_common()),
        )
        for label, kinds in sorted(found.items())
    ]
    together = sum((found[label] for label in MACHINES if label in found), Counter())
    people = sum((found[label] for label in PEOPLE if label in found), Counter())
    for name, kinds in (("all machines'", together), ("all people's", people)):
        lines.append((name, str(kinds.total()), *(_share(kinds, automatic=sure) for sure in (True, False, None)), ""))
    table(header, lines)


def _share(kinds: Counter[MessageKind], *, automatic: bool | None) -> str:
    number = sum(n for kind, n in kinds.items() if kind.automatic is automatic)
    return f"{100 * number / max(kinds.total(), 1):.1f} %"


def _costs(mail: Sequence[Labelled]) -> None:
    letters = [one for one in mail if one.label in PEOPLE][:TIMED]

    def judged() -> None:
        for one in letters:
            classify.classify(one.facts)

    def parsed() -> None:
        for one in letters:
            parse.facts(one.raw)

    judged()  # patterns are compiled on first use
    costs = alternating({"parse": partial(timed, parsed), "classify": partial(timed, judged)}, ROUNDS)
    table(
        ("of a person's letter", "ms of processor time", "/ parse"),
        [
            (
                name,
                f"{min(map(cpu, costs[name])) / len(letters) * 1000:.2f}",
                f"{ratio(costs, name, 'parse', cpu):.2f}",
            )
            for name in costs
        ],
    )


def _cutting(mail: Sequence[Labelled]) -> None:
    letters = [letter for letter in map(_letter, mail) if letter.strip()]
    cutters: dict[str, Callable[[str], str]] = {"mail/cut.py": lambda letter: cut.cut(letter).text}
    if importlib.util.find_spec("mailparser_reply") is not None:
        reader = importlib.import_module("mailparser_reply").EmailReplyParser(languages=["en", "de"])
        cutters["mail-parser-reply"] = lambda letter: str(reader.parse_reply(text=letter))
    lines = []
    for name, cutter in cutters.items():
        texts: list[str] = []
        cost = timed(partial(_into, texts, cutter, letters))
        empty = sum(not text.strip() for text in texts)
        marked = sum(any(line.lstrip().startswith(">") for line in text.split("\n")) for text in texts)
        lines.append((name, str(len(letters)), str(empty), str(marked), f"{cost.cpu / len(letters) * 1000:.2f}"))
    table(("cut by", "letters", "left empty", "quotes left", "ms each"), lines)


def _into(texts: list[str], cutter: Callable[[str], str], letters: Sequence[str]) -> None:
    texts.extend(cutter(letter) for letter in letters)


def _letter(one: Labelled) -> str:
    """Return the plain text of a message as it came, before anything is cut."""
    message = email.message_from_bytes(one.raw)
    parts = [part for part in message.walk() if part.get_content_type() == "text/plain"]
    payloads = [part.get_payload(decode=True) for part in parts]
    return "\n".join(octets.decode("utf-8", "replace") for octets in payloads if isinstance(octets, bytes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

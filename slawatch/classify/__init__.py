"""Says what a message is and why, from its facts alone. A machine's letter must never earn the credit of a person's.

Where the two cannot be told apart the kind is unknown, and a person settles it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from slawatch.classify import chats, letters, marks, newsletters, notices, posts
from slawatch.classify.marks import Trust
from slawatch.classify.phrases import Role
from slawatch.classify.sameness import fingerprint
from slawatch.classify.stopping import RULE as ASKS_TO_STOP
from slawatch.classify.stopping import asks_to_stop
from slawatch.model import Classification, Facts, MessageKind, Reason, Text

__all__ = ["ASKS_TO_STOP", "FASTEST_PERSON_SECONDS", "classify", "fingerprint"]

FASTEST_PERSON_SECONDS = 20.0
"""No one reads a letter, finds out and types a reply in less (own estimate); what looks like it is left unknown."""


def classify(
    facts: Facts,
    *,
    asked: Text | None = None,
    seconds_after: float | None = None,
    expected: Sequence[str] = (),
    target: str = "",
    seen_same: int = 0,
    fastest_person: float = FASTEST_PERSON_SECONDS,
) -> Classification:
    """Return the kind of a message with the rules that decided.

    Reports and bounces come first, as they bear the marks of automatic answers too; then subjects and marks of
    machines, bulk mail, and last what the letter says. Of a post only what it says counts, and whether its account
    calls itself a machine; of a line in a chat first who wrote it by the far side's marks. `asked` is the request it
    answers, `seconds_after` how long after it the message came, `expected` the facts of which one makes an answer,
    `target` the address asked. `seen_same` is how many other requests of the company got a text with the same
    fingerprint.
    """
    if facts.chat:
        found = _of_chat(
            facts,
            asked=asked,
            seconds_after=seconds_after,
            expected=expected,
            seen_same=seen_same,
            fastest_person=fastest_person,
        )
        return _finished(found, facts, asked)
    if facts.platform:
        found = _of_post(
            facts,
            asked=asked,
            seconds_after=seconds_after,
            expected=expected,
            seen_same=seen_same,
            fastest_person=fastest_person,
        )
        return _finished(found, facts, asked)
    notice = notices.by_report(facts, target) or notices.by_rules(facts)
    if notice is not None:
        return notice
    found = _of_letter(
        facts,
        asked=asked,
        seconds_after=seconds_after,
        expected=expected,
        seen_same=seen_same,
        fastest_person=fastest_person,
    )
    return _finished(found, facts, asked)


def _finished(found: Classification, facts: Facts, asked: Text | None) -> Classification:
    """Return the judgement with the text's fingerprint, and with what asks us to stop: that changes no kind."""
    stop = asks_to_stop(facts, found.kind, asked)
    because = found.because if stop is None else (*found.because, stop)
    return replace(found, because=because, fingerprint=fingerprint(facts))


def _of_letter(
    facts: Facts,
    *,
    asked: Text | None,
    seconds_after: float | None,
    expected: Sequence[str],
    seen_same: int,
    fastest_person: float,
) -> Classification:
    answers = marks.answers(facts)
    letter = letters.read(
        facts.text, facts.signature, asked=asked, answers=answers, quotes=answers and bool(facts.quoted)
    )
    machine = _machine(facts, letter, answers=answers)
    if machine is not None:
        return machine
    found = letters.judge(letter, expected=expected, from_machine=marks.trusted(facts).get(Trust.SENT_BY_MACHINE))
    doubts = _hasty(seconds_after, fastest_person)
    if seen_same and (letter.has(Role.RECEIPT) or not letters.tells(found)):
        doubts.append(_same(seen_same))
    return _doubted(found, doubts)


def _of_post(
    facts: Facts,
    *,
    asked: Text | None,
    seconds_after: float | None,
    expected: Sequence[str],
    seen_same: int,
    fastest_person: float,
) -> Classification:
    post = posts.read(facts, asked=asked)
    found = posts.judge(post, facts, expected=expected)
    doubts = _hasty(seconds_after, fastest_person)
    # In public everybody has their set phrases, people too ("Please DM us your number. ^JK"): a name below tells.
    if seen_same and not post.signed and (post.letter.has(Role.RECEIPT) or not letters.tells(found)):
        doubts.append(_same(seen_same))
    return _doubted(found, doubts)


def _of_chat(
    facts: Facts,
    *,
    asked: Text | None,
    seconds_after: float | None,
    expected: Sequence[str],
    seen_same: int,
    fastest_person: float,
) -> Classification:
    line = chats.read(facts, asked=asked)
    found = chats.judge(line, facts, expected=expected)
    return chats.doubted(
        found, line, facts, seconds_after=seconds_after, seen_same=seen_same, fastest_person=fastest_person
    )


def _hasty(seconds_after: float | None, fastest_person: float) -> list[Reason]:
    hasty = seconds_after is not None and seconds_after < fastest_person
    return [Reason(rule="faster-than-a-person", saw=f"{seconds_after:.0f} s")] if hasty else []


def _doubted(found: Classification, doubts: Sequence[Reason]) -> Classification:
    """Return what is left of a judgement where something speaks against a person's having written it."""
    if doubts and found.kind.by_person:
        return Classification(kind=MessageKind.UNKNOWN, because=(*doubts, *found.because))
    if doubts and letters.says_nothing_of_its_own(found):
        return Classification(kind=MessageKind.ACKNOWLEDGEMENT, because=(*doubts, *found.because))
    return found


def _same(times: int) -> Reason:
    return Reason(rule="same-text-elsewhere", saw=f"{times} other request{'s' if times > 1 else ''}")


def _machine(facts: Facts, letter: letters.Letter, *, answers: bool) -> Classification | None:
    """Return what headers and subject alone prove to be a machine's."""
    trusted = marks.trusted(facts)
    away = marks.away(facts)
    if away:
        return _found(MessageKind.OUT_OF_OFFICE, Reason(rule="away-subject", saw=away))
    if Trust.AWAY in trusted:
        return _found(MessageKind.OUT_OF_OFFICE, trusted[Trust.AWAY])
    receipt = marks.receipt(facts)
    proof = trusted.get(Trust.ANSWERED_BY_MACHINE)
    if receipt:
        proof = proof or Reason(rule="receipt-subject", saw=receipt)
    if proof is not None:
        for kind, role in ((MessageKind.BOT, Role.BOT), (MessageKind.OUT_OF_OFFICE, Role.AWAY)):
            if letter.has(role):
                return _found(kind, proof, letter.saw(role))
        return _found(MessageKind.ACKNOWLEDGEMENT, proof)
    bulk = newsletters.to_many(facts, answers=answers)
    return _found(MessageKind.BULK, bulk) if bulk is not None else None


def _found(kind: MessageKind, *because: Reason) -> Classification:
    return Classification(kind=kind, because=because)

"""Says what a message is and why, from its facts alone. A machine's letter must never earn the credit of a person's.

Where the two cannot be told apart the kind is unknown, and a person settles it.
"""

from __future__ import annotations

from collections.abc import Sequence

from slawatch.classify import letters, marks, notices
from slawatch.classify.marks import Trust
from slawatch.classify.phrases import Role
from slawatch.model import Classification, Facts, MessageKind, Reason, Text

RULES = "classify-1"
"""Stored with every classification; a change of these rules changes it, so that old messages are judged anew."""

FASTEST_PERSON_SECONDS = 20.0
"""No one reads a letter, finds out and types a reply in less (own estimate); what looks like it is left unknown."""


def classify(
    facts: Facts,
    *,
    asked: Text | None = None,
    seconds_after: float | None = None,
    expected: Sequence[str] = (),
    target: str = "",
    fastest_person: float = FASTEST_PERSON_SECONDS,
) -> Classification:
    """Return the kind of a message with the rules that decided.

    Reports and bounces come first, as they bear the marks of automatic answers too; then subjects and marks of
    machines, bulk mail, and last what the letter says. `asked` is the request it answers, `seconds_after` how long
    after it the message came, `expected` the facts of which one makes an answer, `target` the address asked.
    """
    notice = notices.by_report(facts, target) or notices.by_rules(facts)
    if notice is not None:
        return notice
    letter = letters.read(f"{facts.text}\n{facts.signature}", asked=asked)
    machine = _machine(facts, letter)
    if machine is not None:
        return machine
    found = letters.judge(letter, expected=expected, from_machine=marks.trusted(facts).get(Trust.SENT_BY_MACHINE))
    if found.kind.by_person and seconds_after is not None and seconds_after < fastest_person:
        hasty = Reason(rule="faster-than-a-person", saw=f"{seconds_after:.0f} s")
        return Classification(kind=MessageKind.UNKNOWN, because=(hasty, *found.because))
    return found


def _machine(facts: Facts, letter: letters.Letter) -> Classification | None:
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
    bulk = marks.bulk(facts)
    return _found(MessageKind.BULK, bulk) if bulk is not None else None


def _found(kind: MessageKind, *because: Reason) -> Classification:
    return Classification(kind=kind, because=because)

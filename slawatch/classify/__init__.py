"""Says what a message is and why, from its facts alone. A machine's letter must never earn the credit of a person's.

Where the two cannot be told apart the kind is unknown, and a person settles it.
"""

from __future__ import annotations

import re
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

    Reports and bounces come first, as they bear the marks of automatic answers too; then subjects and marks of machines,
    bulk mail, and last what the letter says. `asked` is the request it answers, `seconds_after` how long after it the
    message came, `expected` the facts of which one makes an answer, `target` the address asked.
    """
    notice = notices.by_report(facts, target) or notices.by_rules(facts)
    if notice is not None:
        return notice
    letter = letters.read(f"{facts.text}\n{facts.signature}", asked=asked)
    machine = _machine(facts, letter)
    if machine is not None:
        return machine
    found = letters.judge(
        letter, asked=asked, expected=expected, from_machine=marks.trusted(facts).get(Trust.SENT_BY_MACHINE)
    )
    if found.kind.by_person and seconds_after is not None and seconds_after < fastest_person:
        hasty = Reason(rule="faster-than-a-person", saw=f"{seconds_after:.0f} s")
        return Classification(kind=MessageKind.UNKNOWN, because=(hasty, *found.because))
    return found


def _machine(facts: Facts, letter: letters.Letter) -> Classification | None:
    """Return what headers and subject alone prove to be a machine's."""
    trusted = marks.trusted(facts)
    subject = next((match for text in facts.subjects if (match := _AWAY_SUBJECT.search(text))), None)
    if subject is not None:
        return _found(MessageKind.OUT_OF_OFFICE, Reason(rule="away-subject", saw=subject[0].strip()))
    if Trust.AWAY in trusted:
        return _found(MessageKind.OUT_OF_OFFICE, trusted[Trust.AWAY])
    receipt = next((match for text in facts.subjects if (match := _RECEIPT_SUBJECT.search(text))), None)
    proof = trusted.get(Trust.ANSWERED_BY_MACHINE)
    if receipt is not None:
        proof = proof or Reason(rule="receipt-subject", saw=receipt[0].strip())
    if proof is not None:
        for kind, role in ((MessageKind.BOT, Role.BOT), (MessageKind.OUT_OF_OFFICE, Role.AWAY)):
            if letter.has(role):
                return _found(kind, proof, letter.saw(role))
        return _found(MessageKind.ACKNOWLEDGEMENT, proof)
    bulk = marks.bulk(facts)
    return _found(MessageKind.BULK, bulk) if bulk is not None else None


def _found(kind: MessageKind, *because: Reason) -> Classification:
    return Classification(kind=kind, because=because)


# An automatic answer puts its words in front of our subject; "Re:" before them means a person answered such a note.
_AWAY_SUBJECT = re.compile(
    r"^\W{0,3}(?:abwesend|abwesenheit(?:snotiz|smeldung|sbenachrichtigung|sassistent)?\b|nicht im (?:büro|hause?|dienst)\b"
    r"|out[- ]of[- ](?:the[- ])?office\b|ooo\b|oof\b|vacation (?:reply|message|notice)|away (?:until|from|till|message)\b"
    r"|(?:im|in) urlaub\b|urlaub(?:snotiz|sbenachrichtigung)|i am (?:currently )?(?:away|out of)|on (?:vacation|holiday|leave)\b"
    r"|absence\b|notification d'absence|réponse automatique d'absence|fuori (?:sede|ufficio)|afwezig|ausente)"
    r"|^[\w .,'-]{1,60} (?:is|will be) (?:out of (?:the )?office|on (?:vacation|leave|holiday)|away)\b"
    r"|^[\w .,'-]{1,60} ist (?:nicht im (?:büro|hause?)|außer haus|abwesend|im urlaub)\b",
    re.IGNORECASE,
)
_RECEIPT_SUBJECT = re.compile(
    r"^\W{0,3}(?:\[[^\]]{0,40}\] {0,2})?(?:auto(?:matic|matische|mated|mat)?[- ]?(?:reply|response|antwort|antw|answer|e-?mail|nachricht|confirmation"
    r"|acknowledg\w+)\b|automatisch generiert|(?:e-?mail )?(?:eingangs|empfangs)bestätigung\b|bestätigung (?:des|ihres?) "
    r"(?:eingangs?|erhalts?|anfrage|nachricht)|acknowledge?ment of (?:receipt|your)|(?:receipt|confirmation) of your (?:message|request|e-?mail|inquiry|enquiry)"
    r"|(?:we (?:have )?received|we've received) your\b|(?:your|ihre?) (?:request|anfrage|nachricht|e-?mail|message|ticket)"
    r" .{0,60}(?:has been received|received|ist eingegangen|eingegangen|erhalten)\b|your e-?mail to .{0,60}\breceived"
    r"|réponse automatique|risposta automatica|respuesta automática|automatisch antwoord|automatiskt svar|auto:)",
    re.IGNORECASE,
)

"""Judges letters by what their sentences do. What could have been written by a machine is left to a person to settle."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from slawatch.classify.phrases import FIRST_PERSON, HOW_LONG, ROLES, SPECIFIC_DAY, WHY, Role
from slawatch.model import Classification, MessageKind, Reason, Text

LETTER_MAX = 8000  # characters of a letter that are judged
_SENTENCES_MAX = 150
_SENTENCE_MAX = 500
_SAW_MAX = 120

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[^\sa-zäöü])|\n")
_WORD = re.compile(r"\w+")
_WRAPPED = 55  # a line at least so long goes on in the next one


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter's sentences by their roles, in reading order."""

    by_role: dict[Role, list[str]] = field(default_factory=dict)
    text: str = ""

    def has(self, *roles: Role) -> bool:
        """Whether a sentence has one of the roles."""
        return any(role in self.by_role for role in roles)

    def saw(self, role: Role) -> Reason:
        """Return the rule of a role with the first sentence that has it."""
        return Reason(rule=role.value, saw=self.by_role.get(role, [""])[0][:_SAW_MAX])


def read(text: str, *, asked: Text | None = None) -> Letter:
    """Return the letter's sentences with their roles; those that only repeat what was asked are left out."""
    ours = _squeezed(f"{asked.subject}\n{asked.body}") if asked else ""
    by_role: dict[Role, list[str]] = {}
    kept: list[str] = []
    for sentence in _sentences(text[:LETTER_MAX]):
        if ours and len(sentence) > _SAW_MAX // 6 and _squeezed(sentence) in ours:
            continue
        kept.append(sentence)
        role = _role(sentence)
        if role is not None:
            by_role.setdefault(role, []).append(sentence)
    return Letter(by_role, "\n".join(kept))


def judge(
    letter: Letter, *, asked: Text | None = None, expected: Collection[str] = (), from_machine: Reason | None = None
) -> Classification:
    """Return the kind of a letter without a mark that proves a machine.

    `from_machine` is a mark of a system through which people write too (a ticket system, a no-reply address): then only
    what is plainly a receipt is called so, and the rest is left unknown.
    """
    machine = _machine(letter, from_machine)
    if machine is not None:
        return machine
    if from_machine is not None:
        return _kind(MessageKind.UNKNOWN, from_machine)
    return _person(letter, asked, expected)


def _machine(letter: Letter, from_machine: Reason | None) -> Classification | None:
    """Return what a machine's letter is, None where nothing in the text betrays one."""
    if letter.has(Role.BOT):
        return _kind(MessageKind.BOT, letter.saw(Role.BOT))
    substance = letter.has(Role.CONTENT, Role.INTERIM, Role.REFUSAL, Role.HANDOFF, Role.QUESTION)
    if letter.has(Role.AWAY):
        if letter.has(Role.CONTENT) and not letter.has(Role.AUTOMATIC) and from_machine is None:
            return _kind(MessageKind.UNKNOWN, letter.saw(Role.AWAY), letter.saw(Role.CONTENT))
        return _kind(MessageKind.OUT_OF_OFFICE, letter.saw(Role.AWAY))
    if letter.has(Role.AUTOMATIC):
        if letter.has(Role.RECEIPT, Role.GENERIC_PROMISE, Role.COURTESY) or not substance:
            return _kind(MessageKind.ACKNOWLEDGEMENT, letter.saw(Role.AUTOMATIC))
        return _kind(MessageKind.UNKNOWN, letter.saw(Role.AUTOMATIC))
    if letter.has(Role.RECEIPT) and (from_machine is not None or not substance):
        return _kind(MessageKind.ACKNOWLEDGEMENT, letter.saw(Role.RECEIPT))
    if letter.has(Role.GENERIC_PROMISE) and not substance:
        return _kind(MessageKind.ACKNOWLEDGEMENT, letter.saw(Role.GENERIC_PROMISE))
    return None


def _person(letter: Letter, asked: Text | None, expected: Collection[str]) -> Classification:
    """Return what a person's letter is; UNKNOWN where it says nothing that a form letter could not say."""
    told = _tells(letter, expected)
    on_the_matter = told is not None or _shares_words(letter, asked)
    content = letter.by_role.get(Role.CONTENT, [])
    if (
        letter.has(Role.RECEIPT, Role.GENERIC_PROMISE)
        and not on_the_matter
        and not letter.has(Role.INTERIM, Role.QUESTION)
    ):
        receipt = Role.RECEIPT if letter.has(Role.RECEIPT) else Role.GENERIC_PROMISE
        return _kind(MessageKind.UNKNOWN, letter.saw(receipt))
    if told is not None:
        return _kind(MessageKind.ANSWER, Reason(rule="names-expected-fact", saw=told))
    if letter.has(Role.REFUSAL):
        return _kind(MessageKind.REFUSAL, letter.saw(Role.REFUSAL))
    if letter.has(Role.QUESTION) and _asks(letter):
        return _kind(MessageKind.QUESTION, letter.saw(Role.QUESTION))
    if letter.has(Role.INTERIM) and len(content) <= len(letter.by_role[Role.INTERIM]) + 1:
        return _interim(letter)
    if letter.has(Role.HANDOFF) and len(content) <= 1:
        return _kind(MessageKind.HANDOFF, letter.saw(Role.HANDOFF))
    if content:
        return _kind(MessageKind.ANSWER, letter.saw(Role.CONTENT))
    if letter.has(Role.QUESTION):
        return _kind(MessageKind.QUESTION, letter.saw(Role.QUESTION))
    if letter.has(Role.COURTESY):
        return _kind(MessageKind.UNKNOWN, letter.saw(Role.COURTESY))
    return _kind(MessageKind.UNKNOWN, Reason(rule="nothing-to-judge"))


def _interim(letter: Letter) -> Classification:
    said = " ".join([*letter.by_role[Role.INTERIM], *letter.by_role.get(Role.CONTENT, [])])
    return Classification(
        kind=MessageKind.INTERIM,
        because=(letter.saw(Role.INTERIM),),
        how_long=bool(HOW_LONG.search(said)),
        why=bool(WHY.search(said)),
    )


def _asks(letter: Letter) -> bool:
    """Whether the letter's point is to ask: more than a question at the end of an answer."""
    content = letter.by_role.get(Role.CONTENT, [])
    return len(content) <= len(letter.by_role[Role.QUESTION]) + 1


def _tells(letter: Letter, expected: Collection[str]) -> str | None:
    text = _squeezed(letter.text)
    return next((fact for fact in expected if _squeezed(fact) and _squeezed(fact) in text), None)


_COMMON = frozenset(
    "nachricht anfrage antwort frage fragen danke vielen freundlichen gruessen kunde kunden service team message request "
    "answer question questions thank thanks regards customer support please hello would could about their there which "
    "where while your with from have this that ihnen ihre ihrer ihren unsere unser haben werden wurde können bitte "
    "gerne guten sehr geehrte damen herren diese dieser einen einer eine nicht oder auch sind wird noch mich mein "
    "meine wissen möchte würde know like wondering".split()
)
_TELLING_MIN = 5  # letters; shorter words are in every letter


def _shares_words(letter: Letter, asked: Text | None) -> bool:
    """Whether what the letter says of its own uses words of the question, or where that is unknown, says anything."""
    own = [*letter.by_role.get(Role.CONTENT, []), *letter.by_role.get(Role.INTERIM, [])]
    if asked is None:
        return any(FIRST_PERSON.search(sentence) for sentence in own)
    return bool(_telling(own) & _telling([asked.subject, asked.body]))


def _telling(texts: Iterable[str]) -> set[str]:
    words = (word.lower() for text in texts for word in _WORD.findall(text))
    return {word for word in words if len(word) >= _TELLING_MIN and word not in _COMMON}


def _role(sentence: str) -> Role | None:
    """Return what a sentence does, None for scraps (a name, a number, a line of an address)."""
    for role, pattern in ROLES:
        if pattern.search(sentence):
            if role is Role.GENERIC_PROMISE and SPECIFIC_DAY.search(sentence):
                return Role.INTERIM
            return None if role is Role.GREETING else role
    return Role.CONTENT if _says_something(sentence) else None


def _says_something(sentence: str) -> bool:
    words = _WORD.findall(sentence)
    return len(words) >= 3 and any(word[0].islower() for word in words)  # noqa: PLR2004 - the shortest sentence


def _sentences(text: str) -> Sequence[str]:
    lines: list[str] = []
    going_on = False
    for raw in text.split("\n"):
        line = " ".join(raw.split())
        if going_on and line:
            lines[-1] += f" {line}"
        elif line:
            lines.append(line)
        going_on = len(line) >= _WRAPPED
    found = (sentence.strip()[:_SENTENCE_MAX] for line in lines for sentence in _SENTENCE_END.split(line))
    return [sentence for sentence in found if sentence][:_SENTENCES_MAX]


def _squeezed(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


def _kind(kind: MessageKind, *because: Reason) -> Classification:
    return Classification(kind=kind, because=because)

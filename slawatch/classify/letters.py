"""Judges letters by what their sentences do. What a machine could have written too is left for a person to settle."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from slawatch.classify.expected import stated
from slawatch.classify.phrases import (
    ANSWERING,
    COURTESY_CLAUSE,
    FIRST_PERSON,
    GREETING_CLAUSE,
    HOW_LONG,
    MAIL_OF_OURS,
    OF_MACHINES,
    OF_PEOPLE,
    SHORT_ANSWER,
    SPECIFIC_DAY,
    WHY,
    Role,
)
from slawatch.model import Classification, MessageKind, Reason, Text

LETTER_MAX = 4000  # characters of a letter that are judged
_SENTENCES_MAX = 80
_SENTENCE_MAX = 500
_SAW_MAX = 120
_TELLS = "names-expected-fact"
_SENTENCE_WORDS_MIN = 3
_REPEATED_MIN = 20  # characters; a shorter sentence may stand in the question and in the answer by chance
_WRAPPED = 55  # a line of so many characters goes on in the next one
_TELLING_MIN = 5  # letters; shorter words stand in every letter

# "14. August", "Nr. 5" and "z. B. so" go on.
_SENTENCE_END = re.compile(r"(?<=[^\d\s][.!?…])\s+(?=[^\sa-zäöü\d])")
_WORD = re.compile(r"\w+")
# Help desks repeat our subject in quotation marks; no one else's words decide what a letter is.
_PASSAGE = re.compile(r"[\"„“”«»][^\"„“”«»\n]{3,300}[\"„“”«»]")
_SUBSTANCE = (Role.CONTENT, Role.INTERIM, Role.REFUSAL, Role.HANDOFF, Role.QUESTION)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter's sentences by their roles, in reading order, and what it answers."""

    by_role: dict[Role, list[str]]
    asked: Text | None = None

    def has(self, *roles: Role) -> bool:
        """Whether a sentence has one of the roles."""
        return any(role in self.by_role for role in roles)

    def of(self, *roles: Role) -> list[str]:
        """Return the sentences with these roles."""
        return [sentence for role in roles for sentence in self.by_role.get(role, [])]

    def saw(self, *roles: Role) -> Reason:
        """Return as a rule the first of these roles that a sentence has, with that sentence."""
        role = next((role for role in roles if role in self.by_role), roles[0])
        return Reason(rule=role.value, saw=next(iter(self.of(role)), "")[:_SAW_MAX])


def read(text: str, *, asked: Text | None = None) -> Letter:
    """Return the letter's sentences by their roles; those that only repeat what was asked are left out."""
    ours = _squeezed(f"{asked.subject}\n{asked.body}") if asked else ""
    topics = _telling([asked.subject, asked.body]) if asked else frozenset()
    by_role: dict[Role, list[str]] = {}
    for sentence in _sentences(_PASSAGE.sub("…", text[:LETTER_MAX])):
        if len(sentence) >= _REPEATED_MIN and _squeezed(sentence) in ours:
            continue
        role, said = _role(sentence, topics)
        if role is not None:
            by_role.setdefault(role, []).append(said)
    return Letter(by_role, asked)


def judge(letter: Letter, *, expected: Sequence[str] = (), from_machine: Reason | None = None) -> Classification:
    """Return the kind of a letter without a mark that proves a machine.

    `from_machine` is the mark of a system through which people write too (a ticket system, a no-reply address): then a
    receipt is called so, and the rest is left unknown.
    """
    machine = _machine(letter, from_machine)
    if machine is not None:
        return machine
    if from_machine is not None:
        return Classification(kind=MessageKind.UNKNOWN, because=(from_machine,))
    return _person(letter, expected)


def tells(found: Classification) -> bool:
    """Whether it was judged by a fact that was expected: such a letter deals with the matter, whoever else got it."""
    return any(reason.rule == _TELLS for reason in found.because)


def _machine(letter: Letter, from_machine: Reason | None) -> Classification | None:
    """Return what a machine's letter is, None where nothing in the text betrays one."""
    substance = letter.has(*_SUBSTANCE)
    kind = MessageKind.ACKNOWLEDGEMENT
    role = Role.AUTOMATIC
    if letter.has(Role.BOT):
        kind, role = MessageKind.BOT, Role.BOT
    elif letter.has(Role.AWAY):
        proven = letter.has(Role.AUTOMATIC) or from_machine is not None or not letter.has(Role.CONTENT)
        kind, role = MessageKind.OUT_OF_OFFICE if proven else MessageKind.UNKNOWN, Role.AWAY
    elif letter.has(Role.AUTOMATIC):
        if substance and not letter.has(Role.RECEIPT, Role.GENERIC_PROMISE, Role.COURTESY):
            kind = MessageKind.UNKNOWN
    elif letter.has(Role.RECEIPT) and (from_machine is not None or not substance):
        role = Role.RECEIPT
    elif letter.has(Role.GENERIC_PROMISE) and not substance:
        role = Role.GENERIC_PROMISE
    elif not substance and any(MAIL_OF_OURS.search(sentence) for sentence in letter.of(Role.COURTESY)):
        role = Role.COURTESY
    else:
        return None
    return Classification(kind=kind, because=(letter.saw(role),))


def _person(letter: Letter, expected: Sequence[str]) -> Classification:
    """Return what a person's letter is; UNKNOWN where it says nothing that a form letter could not say."""
    told = stated(letter.of(Role.CONTENT, Role.INTERIM, Role.BOILERPLATE, Role.HANDOFF), expected)
    content = letter.of(Role.CONTENT)
    if told:
        facts = tuple(Reason(rule=_TELLS, saw=fact) for fact in told)
        return Classification(kind=MessageKind.ANSWER, because=facts, complete=len(told) == len(expected))
    if _form_letter(letter):
        because = letter.saw(Role.RECEIPT, Role.GENERIC_PROMISE, Role.CONTENT)
        return Classification(kind=MessageKind.UNKNOWN, because=(Reason(rule="form-letter"), because))
    if letter.has(Role.REFUSAL):
        role = Role.HANDOFF if letter.has(Role.HANDOFF) else Role.REFUSAL  # "not by e-mail, please call us"
        kind = MessageKind.HANDOFF if role is Role.HANDOFF else MessageKind.REFUSAL
    elif letter.has(Role.QUESTION) and len(content) <= len(letter.of(Role.QUESTION)) + 1:
        kind, role = MessageKind.QUESTION, Role.QUESTION
    elif letter.has(Role.INTERIM) and len(content) <= len(letter.of(Role.INTERIM)) + 1:
        return _interim(letter)
    elif letter.has(Role.HANDOFF) and len(content) <= 1:
        kind, role = MessageKind.HANDOFF, Role.HANDOFF
    elif content:
        return Classification(
            kind=MessageKind.ANSWER, because=(letter.saw(Role.CONTENT),), complete=False if expected else None
        )
    else:
        return Classification(kind=MessageKind.UNKNOWN, because=(Reason(rule="nothing-to-judge"),))
    return Classification(kind=kind, because=(letter.saw(role),))


def _interim(letter: Letter) -> Classification:
    """Return INTERIM with what was said, UNKNOWN for "we are looking into it", which machines write as well."""
    said = " ".join(letter.of(Role.INTERIM, Role.CONTENT))
    how_long, why = bool(HOW_LONG.search(said)), bool(WHY.search(said))
    if not (how_long and why) and not _personal(letter):
        return Classification(kind=MessageKind.UNKNOWN, because=(Reason(rule="form-letter"), letter.saw(Role.INTERIM)))
    return Classification(kind=MessageKind.INTERIM, because=(letter.saw(Role.INTERIM),), how_long=how_long, why=why)


def _form_letter(letter: Letter) -> bool:
    """Whether the letter speaks of "your request" without a word that shows it was read."""
    if letter.has(Role.QUESTION, Role.REFUSAL, Role.HANDOFF) or _personal(letter):
        return False
    if letter.has(Role.RECEIPT, Role.GENERIC_PROMISE):
        return True
    content = letter.of(Role.CONTENT)
    return letter.asked is not None and any(MAIL_OF_OURS.search(sentence) for sentence in content)


def _personal(letter: Letter) -> bool:
    """Whether the letter shows a writer who read ours: one who says "I", names a day, or uses our words."""
    own = letter.of(Role.CONTENT, Role.INTERIM)
    if any(FIRST_PERSON.search(sentence) for sentence in own):
        return True
    if any(SPECIFIC_DAY.search(sentence) for sentence in letter.of(Role.INTERIM)):
        return True
    topics = [letter.asked.subject, letter.asked.body] if letter.asked else []
    return bool(_telling(own) & _telling(topics))


def _role(sentence: str, topics: frozenset[str]) -> tuple[Role | None, str]:
    """Return what a sentence does and its words without greeting and thanks; None for scraps (a name, an address)."""
    for role, pattern in OF_MACHINES:
        if pattern.search(sentence) and not (role is Role.RECEIPT and sentence.endswith("?")):
            return role, sentence
    rest = COURTESY_CLAUSE.cut_off(GREETING_CLAUSE.cut_off(sentence)).strip()
    if not _WORD.search(rest):
        return Role.COURTESY if COURTESY_CLAUSE.search(sentence) else None, sentence
    for role, pattern in OF_PEOPLE:
        if pattern.search(rest):
            return _weighed(role, rest, topics), rest
    return Role.CONTENT if _says_something(rest) else None, rest


def _weighed(role: Role, sentence: str, topics: frozenset[str]) -> Role:
    """Return the role of a sentence once it is known whether it speaks of the matter or of the correspondence.

    "We reply by Thursday" is more than a form letter promises; "deliveries take up to 3 days, that is normal" answers a
    question about deliveries.
    """
    on_topic = bool(_telling([sentence]) & topics)
    if role is Role.GENERIC_PROMISE and SPECIFIC_DAY.search(sentence):
        return Role.INTERIM
    if role is Role.BOILERPLATE and on_topic:
        return Role.CONTENT
    if role is Role.GENERIC_PROMISE and on_topic and not ANSWERING.search(sentence):
        return Role.CONTENT
    return role


def _says_something(sentence: str) -> bool:
    if SHORT_ANSWER.search(sentence) or HOW_LONG.search(sentence):
        return True
    words = _WORD.findall(sentence)
    return len(words) >= _SENTENCE_WORDS_MIN and any(word[0].islower() for word in words)


def _sentences(text: str) -> Sequence[str]:
    """Return the sentences; lines that a mail program wrapped are joined."""
    lines: list[str] = []
    going_on = False
    for raw in text.split("\n"):
        line = " ".join(raw.split())
        if going_on and line:
            lines[-1] += f" {line}"
        elif line:
            lines.append(line)
        going_on = len(line) >= _WRAPPED
    return [found[:_SENTENCE_MAX] for line in lines for found in _SENTENCE_END.split(line) if found][:_SENTENCES_MAX]


def _squeezed(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


def _telling(texts: Iterable[str]) -> frozenset[str]:
    words = (word.lower() for text in texts for word in _WORD.findall(text))
    return frozenset(word for word in words if len(word) >= _TELLING_MIN and word not in _COMMON)


# Words that questions and form letters share, whatever they are about.
_COMMON_DE = (
    "allgemein anfrage anliegen antwort antworten beantworten bearbeitung bitte damen danke diese diesen "
    "dieser dieses einem einen einer eines erhalten erreichen etwas frage fragen freundliche freundlichen "
    "geehrte geehrter gerne gruesse grüße grüßen guten haben hallo herren herzlichen ihnen ihrem ihren ihrer "
    "informationen innerhalb kunde kunden kundenservice können könnten lange machen meine meinem meinen meiner "
    "melden mitteilen möchte möchten nachricht nicht nummer oder schnell service sollte sowie tagen telefon "
    "ticket unser unsere unserem unseren unserer vielen vorab welche welchen werden werktage werktagen wieder "
    "wissen wäre würde würden zeit zwischen über "
)
_COMMON_EN = (
    "about after answer before business could customer customers dear email enquiry given hello however "
    "inquiry kind know letter like message other please possible question questions regards reply request "
    "should since still support thank thanks their there these they this those ticket time times wanted where "
    "whether which while within wondering working would write writing your yours "
)
_COMMON = frozenset(f"{_COMMON_DE} {_COMMON_EN}".split())

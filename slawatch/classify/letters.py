"""Judges letters by what their sentences do. What a machine could have written too is left for a person to settle."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from slawatch.classify.common import BEGINNING, COMMON, SERVICE_SPEAK
from slawatch.classify.expected import stated
from slawatch.classify.of_abroad import ABROAD
from slawatch.classify.of_machines import OF_MACHINES
from slawatch.classify.of_people import OF_PEOPLE
from slawatch.classify.pattern import Pattern, folded
from slawatch.classify.phrases import (
    AMOUNT,
    ANSWERING,
    COURTESY_CLAUSE,
    DEFINITE,
    FIRST_PERSON,
    GREETING_CLAUSE,
    HOW_LONG,
    MAIL_OF_OURS,
    RESTATED_CLAUSE,
    SHORT_ANSWER,
    SPECIFIC_DAY,
    TEAM,
    WHY,
    Role,
)
from slawatch.model import Classification, MessageKind, Reason, Text

LETTER_MAX = 4000  # characters of a letter that are judged
_SENTENCES_MAX = 80
_SENTENCE_MAX = 500
_SAW_MAX = 120
_LOOKED_AT = 6  # sentences among which the one that is shown is chosen
TELLS = "names-expected-fact"
_FORM_LETTER = "form-letter"
_SENTENCE_WORDS_MIN = 3
REPEATED_MIN = 20  # characters; a shorter sentence may stand in the question and in the answer by chance
_WRAPPED = 55  # a line of so many characters goes on in the next one
_TELLING_MIN = 5  # letters; shorter words stand in every letter
_OWN_WORDS_MIN = 2
_CLAUSES_MAX = 3  # "Hello Ms Marten, thanks for writing, sorry for the delay, ..."
_ASIDE_MAX = 2  # sentences about something else that a receipt may hold: opening hours, a way to track parcels
_CLOSING_LINES = 4  # where a letter that is not from a person names the team

# "14. August", "Nr. 5" and "z. B. so" go on. Chinese and Japanese sentences end without a space.
SENTENCE_END = re.compile(r"(?<=[^\d\s][.!?…])\s+(?=[^\sa-zäöü\d])|(?<=[。\uff01\uff1f])")
_WORD = re.compile(r"\w+")
# Help desks repeat our subject in quotation marks; no one else's words decide what a letter is.
PASSAGE = re.compile(r"[\"„“”«»][^\"„“”«»\n]{3,300}[\"„“”«»]")
_SUBSTANCE = (Role.CONTENT, Role.INTERIM, Role.REFUSAL, Role.HANDOFF, Role.QUESTION)
_FORMAL = (Role.RECEIPT, Role.GENERIC_PROMISE, Role.COURTESY, Role.TICKET)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter's sentences by their roles, in reading order, and what it answers.

    `answers`: it says that it answers a mail (by "Re:" or an id); `quotes`: it holds that mail, as people's do.
    """

    by_role: dict[Role, list[str]]
    asked: Text | None = None
    answers: bool = False
    quotes: bool = False
    from_team: bool = False

    def has(self, *roles: Role) -> bool:
        """Whether a sentence has one of the roles."""
        return any(role in self.by_role for role in roles)

    def of(self, *roles: Role) -> list[str]:
        """Return the sentences with these roles."""
        return [sentence for role in roles for sentence in self.by_role.get(role, [])]

    def saw(self, *roles: Role) -> Reason:
        """Return as a rule the first of these roles that a sentence has, with the sentence that says most."""
        role = next((role for role in roles if role in self.by_role), roles[0])
        sentences = self.of(role)
        said = self._most(sentences) if role is Role.CONTENT else next(iter(sentences), "")
        return Reason(rule=role.value, saw=said[:_SAW_MAX])

    def _most(self, sentences: Sequence[str]) -> str:
        """Return the first sentence that says something definite of what was asked, else what comes closest to it."""
        everything = (self.asked is not None, True)
        best, most = "", (False, False)
        for sentence in sentences[:_LOOKED_AT]:
            says = self._says(sentence)
            if not best or says > most:
                best, most = sentence, says
            if says == everything:
                break
        return best

    def _says(self, sentence: str) -> tuple[bool, bool]:
        """Return how much a sentence deals with what was asked: it speaks of it, it says something definite."""
        return self._on_topic(sentence), definite(sentence)

    def _on_topic(self, sentence: str) -> bool:
        """Whether a word of it begins like one that was asked: "liefern" speaks of the "Lieferzeit"."""
        return bool(self.asked and _beginnings([sentence]) & _beginnings([self.asked.subject, self.asked.body]))

    def substantial(self) -> bool:
        """Whether a sentence deals with what was asked, or with anything at all where that is not known.

        It uses a word of ours, says something definite, or holds words that do not stand in every company's praise of
        itself. One that speaks of our question, in whatever words, has to say something definite.
        """
        content = self.of(Role.CONTENT)
        if self.asked is None:
            return bool(content)
        return any(self.deals(one) for one in content)

    def deals(self, sentence: str) -> bool:
        """Whether a sentence deals with what was asked, as far as words can tell."""
        on_topic, definite = self._says(sentence)
        if definite or SHORT_ANSWER.search(sentence):
            return True
        return not MAIL_OF_OURS.search(sentence) and (on_topic or _of_its_own(sentence))

    def says_i(self, *roles: Role) -> bool:
        """Whether a sentence of these roles speaks of its writer as one person."""
        return any(FIRST_PERSON.search(sentence) for sentence in self.of(*roles))


def read(
    text: str, signature: str = "", *, asked: Text | None = None, answers: bool = False, quotes: bool = False
) -> Letter:
    """Return the letter's sentences by their roles; those that only repeat what was asked are left out.

    Of the signature only what machines say counts: the rest stands below every letter, whatever was asked.
    """
    ours = squeezed(f"{asked.subject}\n{asked.body}") if asked else ""
    topics = _telling([asked.subject, asked.body]) if asked else frozenset()
    by_role: dict[Role, list[str]] = {}
    lower = folded(f"{text[:LETTER_MAX]}\n{signature[:LETTER_MAX]}")
    machines = [(role, pattern) for role, pattern in (*OF_MACHINES, *ABROAD) if pattern.may_fit(lower)]
    for sentence in _sentences(PASSAGE.sub("…", text[:LETTER_MAX])):
        if len(sentence) >= REPEATED_MIN and squeezed(sentence) in ours:
            continue
        role, said = _role(sentence, machines, topics)
        if role is not None and not (len(said) >= REPEATED_MIN and squeezed(said) in ours):
            by_role.setdefault(role, []).append(said)
    for sentence in _sentences(PASSAGE.sub("…", signature[:LETTER_MAX])):
        role = _of_machine(sentence, machines)
        if role is not None:
            by_role.setdefault(role, []).append(sentence)
    closing = [line for line in f"{text[:LETTER_MAX]}\n{signature}"[:LETTER_MAX].split("\n") if line.strip()]
    from_team = any(TEAM.search(line.strip()) for line in closing[-_CLOSING_LINES:])
    return Letter(by_role, asked, answers, quotes, from_team)


def judge(letter: Letter, *, expected: Sequence[str] = (), from_machine: Reason | None = None) -> Classification:
    """Return the kind of a letter without a mark that proves a machine.

    `from_machine` is the mark of a system through which people write too (a ticket system, a no-reply address): then a
    receipt is called so, and the rest is left unknown.
    """
    machine = _machine(letter, from_machine)
    if machine is not None:
        return machine
    if from_machine is None and letter.has(Role.NO_REPLIES):
        from_machine = letter.saw(Role.NO_REPLIES)
    if from_machine is not None:
        # What answers nobody was not written to us by anybody: a notice of some system.
        kind = MessageKind.UNKNOWN if letter.asked or letter.answers else MessageKind.BULK
        return Classification(kind=kind, because=(from_machine,))
    return _person(letter, expected)


def tells(found: Classification) -> bool:
    """Whether it was judged by a fact that was expected: such a letter deals with the matter, whoever else got it."""
    return any(reason.rule == TELLS for reason in found.because)


def says_nothing_of_its_own(found: Classification) -> bool:
    """Whether it was left open because a machine could have written it: then speed or sameness decides."""
    return any(reason.rule == _FORM_LETTER for reason in found.because)


def _machine(letter: Letter, from_machine: Reason | None) -> Classification | None:
    """Return what a machine's letter is, None where nothing in the text betrays one."""
    kind = MessageKind.ACKNOWLEDGEMENT
    if letter.has(Role.BOT):
        kind, role = MessageKind.BOT, Role.BOT
    elif letter.has(Role.AWAY):
        kind, role = _away(letter, from_machine), Role.AWAY
    elif _held(letter, from_machine):
        kind, role = MessageKind.DELAY_NOTICE, Role.HELD
    elif letter.has(Role.AUTOMATIC):
        kind, role = _automatic(letter), Role.AUTOMATIC
    elif (formal := _formal(letter, from_machine)) is not None:
        role = formal
    elif letter.has(Role.TICKET) and not letter.has(*_SUBSTANCE) and not letter.quotes:
        role = Role.TICKET
    elif letter.has(Role.NOTICE, Role.SURVEY) and _tells_only(letter):
        role = Role.NOTICE if letter.has(Role.NOTICE) else Role.SURVEY
        kind = MessageKind.UNKNOWN if letter.asked else MessageKind.BULK
    else:
        return None
    return Classification(kind=kind, because=(letter.saw(role),))


def _held(letter: Letter, from_machine: Reason | None) -> bool:
    """Whether a guard before a mailbox wrote it: nobody says "I" in it, and it says little else."""
    if not letter.has(Role.HELD) or letter.says_i(Role.HELD):
        return False
    return from_machine is not None or letter.has(Role.AUTOMATIC) or not _says_more(letter)


def _tells_only(letter: Letter) -> bool:
    """Whether a notice does nothing else; one that answers nobody may say a word beside."""
    if letter.quotes or letter.has(Role.REFUSAL):
        return False
    if letter.asked is not None or letter.answers:
        return not letter.has(*_SUBSTANCE)
    return not _says_more(letter) and not personal(letter)


def _away(letter: Letter, from_machine: Reason | None) -> MessageKind:
    """Return OUT_OF_OFFICE unless the letter says more: people mention their holidays, too."""
    if from_machine is not None or letter.has(Role.AUTOMATIC, Role.NO_REPLIES):
        return MessageKind.OUT_OF_OFFICE
    said_twice = len(letter.of(Role.AWAY)) > 1 and not letter.quotes
    return MessageKind.UNKNOWN if _says_more(letter) and not said_twice else MessageKind.OUT_OF_OFFICE


def _says_more(letter: Letter) -> bool:
    """Whether a note holds more than a word beside: it quotes us, asks something, or says something definite."""
    content = letter.of(Role.CONTENT)
    return letter.has(Role.QUESTION) or letter.quotes or len(content) > _ASIDE_MAX or any(map(definite, content))


def _automatic(letter: Letter) -> MessageKind:
    """Return ACKNOWLEDGEMENT where what calls itself automatic does not look like the answer of a ticket system."""
    if letter.has(*_FORMAL) or not letter.has(*_SUBSTANCE, Role.NOTICE):
        return MessageKind.ACKNOWLEDGEMENT
    return MessageKind.UNKNOWN if letter.asked or letter.answers else MessageKind.BULK


def _formal(letter: Letter, from_machine: Reason | None) -> Role | None:
    """Return what shows that a letter is a receipt: it says what receipts say, nothing else, and nobody says "I"."""
    if not letter.has(Role.RECEIPT, Role.GENERIC_PROMISE, Role.COURTESY):
        return None
    if letter.says_i(Role.RECEIPT, Role.GENERIC_PROMISE, *_SUBSTANCE):
        return None
    machine = from_machine is not None
    thanks = any(MAIL_OF_OURS.search(sentence) for sentence in letter.of(Role.COURTESY))
    alone = not letter.has(*_SUBSTANCE)
    # A letter to us that says "your request" and a word about something else; among people, one may well do that.
    nearly_alone = (letter.asked is not None or letter.from_team) and _only_asides(letter)
    promised = letter.has(Role.GENERIC_PROMISE)
    if letter.has(Role.RECEIPT) and (machine or alone or nearly_alone or (promised and _only_asides(letter))):
        return Role.RECEIPT
    if promised and (alone or (thanks and nearly_alone)):
        return Role.GENERIC_PROMISE
    if thanks and alone and (machine or letter.from_team) and not letter.has(Role.PLEASANTRY):
        return Role.COURTESY
    return None


def _only_asides(letter: Letter) -> bool:
    """Whether what a receipt says beside is little and about something else: opening hours, an app."""
    if letter.has(Role.QUESTION, Role.REFUSAL) or letter.quotes or personal(letter):
        return False
    return len(letter.of(Role.CONTENT, Role.INTERIM)) <= _ASIDE_MAX


def _person(letter: Letter, expected: Sequence[str]) -> Classification:
    """Return what a person's letter is; UNKNOWN where it says nothing that a form letter could not say."""
    told = stated(letter.of(Role.CONTENT, Role.INTERIM, Role.BOILERPLATE, Role.HANDOFF), expected)
    content = letter.of(Role.CONTENT)
    if told and not _stands_in_a_receipt(letter):
        facts = tuple(Reason(rule=TELLS, saw=fact) for fact in told)
        return Classification(kind=MessageKind.ANSWER, because=facts, complete=len(told) == len(expected))
    if told or _form_letter(letter):
        because = letter.saw(Role.RECEIPT, Role.GENERIC_PROMISE, Role.TICKET, Role.NOTICE, Role.CONTENT)
        return _unknown(_FORM_LETTER, because)
    role = _does(letter)
    if role is None:
        if content or letter.has(Role.PLEASANTRY, Role.COURTESY):
            return _unknown("no-substance", letter.saw(Role.CONTENT, Role.PLEASANTRY, Role.COURTESY))
        return _unknown("nothing-to-judge")
    if role is Role.INTERIM:
        return _interim(letter)
    complete = False if role is Role.CONTENT and expected else None
    return Classification(kind=_KINDS[role], because=(letter.saw(role),), complete=complete)


def _stands_in_a_receipt(letter: Letter) -> bool:
    """Whether what the letter tells may stand in a company's receipt for all: nobody says "I", the team signs."""
    return letter.has(Role.RECEIPT) and letter.from_team and not letter.says_i(Role.RECEIPT, *_SUBSTANCE)


_KINDS = {
    Role.CONTENT: MessageKind.ANSWER,
    Role.QUESTION: MessageKind.QUESTION,
    Role.HANDOFF: MessageKind.HANDOFF,
    Role.REFUSAL: MessageKind.REFUSAL,
}


def _does(letter: Letter) -> Role | None:
    """Return what a person's letter does before all, None where it does nothing."""
    content = len(letter.of(Role.CONTENT))
    if letter.has(Role.REFUSAL):
        return Role.HANDOFF if letter.has(Role.HANDOFF) else Role.REFUSAL  # "not by e-mail, please call us"
    if letter.has(Role.QUESTION) and content <= len(letter.of(Role.QUESTION)) + 1:
        return Role.QUESTION
    if letter.has(Role.INTERIM) and content <= len(letter.of(Role.INTERIM)) + 1:
        return Role.INTERIM
    if letter.has(Role.HANDOFF) and content <= 1:
        return Role.HANDOFF
    return Role.CONTENT if letter.substantial() else None


def _unknown(rule: str, *because: Reason) -> Classification:
    return Classification(kind=MessageKind.UNKNOWN, because=(Reason(rule=rule), *because))


def _interim(letter: Letter) -> Classification:
    """Return INTERIM with what was said, UNKNOWN for "I am looking into it", which machines write as well.

    A person's says at least how long or why, and shows a writer; one that says both needs not show any.
    """
    said = " ".join(letter.of(Role.INTERIM, Role.CONTENT))
    how_long, why = bool(HOW_LONG.search(said)), bool(WHY.search(said))
    if not (how_long and why) and not ((how_long or why) and personal(letter)):
        return _unknown(_FORM_LETTER, letter.saw(Role.INTERIM))
    return Classification(kind=MessageKind.INTERIM, because=(letter.saw(Role.INTERIM),), how_long=how_long, why=why)


def _form_letter(letter: Letter) -> bool:
    """Whether the letter speaks of "your request" without a word that shows it was read."""
    if letter.has(Role.RECEIPT) and not personal(letter):
        return True  # receipts ask for a number and name a hotline, too
    if letter.has(Role.QUESTION, Role.REFUSAL, Role.HANDOFF) or personal(letter):
        return False
    if letter.has(Role.GENERIC_PROMISE) or (letter.has(Role.NOTICE) and not letter.answers):
        return True
    content = letter.of(Role.CONTENT)
    return letter.asked is not None and any(MAIL_OF_OURS.search(sentence) for sentence in content)


def personal(letter: Letter) -> bool:
    """Whether the letter shows a writer who read ours: one who says "I", names a day, or uses our words."""
    if letter.says_i(Role.CONTENT, Role.INTERIM):
        return True
    if any(SPECIFIC_DAY.search(sentence) for sentence in letter.of(Role.INTERIM)):
        return True
    topics = [letter.asked.subject, letter.asked.body] if letter.asked else []
    return bool(_telling(letter.of(Role.CONTENT, Role.INTERIM)) & _telling(topics))


def _role(sentence: str, machines: Iterable[tuple[Role, Pattern]], topics: frozenset[str]) -> tuple[Role | None, str]:
    """Return what a sentence does and its words without greeting and thanks; None for scraps (a name, an address)."""
    machine = _of_machine(sentence, machines)
    if machine is not None:
        return machine, sentence
    rest = without_courtesy(sentence)
    if not _WORD.search(rest):
        return Role.COURTESY if COURTESY_CLAUSE.search(GREETING_CLAUSE.cut_off(sentence).strip()) else None, sentence
    for role, pattern in OF_PEOPLE:
        if pattern.search(rest):
            return _weighed(role, rest, topics), rest
    return Role.CONTENT if says_something(rest) else None, rest


def without_courtesy(sentence: str) -> str:
    """Return a sentence without greeting, thanks and apology before it, nor what only says our question again."""
    rest = sentence
    for _ in range(_CLAUSES_MAX):
        shorter = COURTESY_CLAUSE.cut_off(GREETING_CLAUSE.cut_off(rest)).strip()
        shorter = _without_ours(shorter).strip()
        if shorter == rest:
            break
        rest = shorter
    return rest


def _without_ours(sentence: str) -> str:
    """Return a sentence without the clause that says what we asked, unless that holds something definite."""
    match = RESTATED_CLAUSE.search(sentence)
    return sentence if match is None or definite(match[0]) else sentence[match.end() :]


def _of_machine(sentence: str, machines: Iterable[tuple[Role, Pattern]]) -> Role | None:
    """Return what a machine does with such a sentence, None where machines do not write it."""
    for role, pattern in machines:
        if pattern.search(sentence) and not (role is Role.RECEIPT and sentence.endswith("?")):
            return role
    return None


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
    if role is Role.PLEASANTRY and AMOUNT.search(sentence):
        return Role.CONTENT
    if role is Role.GENERIC_PROMISE and on_topic and not ANSWERING.search(sentence):
        return Role.CONTENT
    return role


def says_something(sentence: str) -> bool:
    """Whether it is more than a scrap (a name, an address)."""
    words = _WORD.findall(sentence)
    if len(words) >= _SENTENCE_WORDS_MIN and any(word[0].islower() for word in words):
        return True
    return bool(SHORT_ANSWER.search(sentence) or HOW_LONG.search(sentence))


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
    return [found[:_SENTENCE_MAX] for line in lines for found in SENTENCE_END.split(line) if found][:_SENTENCES_MAX]


def definite(sentence: str) -> bool:
    """Whether it names an amount, a day, or says that something is possible or to be had."""
    return bool(AMOUNT.search(sentence) or DEFINITE.search(sentence))


def _of_its_own(sentence: str) -> bool:
    """Whether it holds words that say what it is about, other than that a company means well."""
    return len(_beginnings([sentence]) - SERVICE_SPEAK) >= _OWN_WORDS_MIN


def squeezed(text: str) -> str:
    """Return nothing but the words, so that one text can be found in another."""
    return " ".join(_WORD.findall(text.lower()))


def _telling(texts: Iterable[str]) -> frozenset[str]:
    words = (word.lower() for text in texts for word in _WORD.findall(text))
    return frozenset(word for word in words if len(word) >= _TELLING_MIN and word not in COMMON)


def _beginnings(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word[:BEGINNING] for word in _telling(texts))

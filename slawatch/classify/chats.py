"""Judges the lines of a chat: a few words each, typed by somebody who is there, or sent by a machine that says it is.

What the far side's own marks say decides first (Facts.author); words and speed can only take credit away from it.
Each line is judged alone: "Hi" says that somebody is there, and the line below it may be the answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from slawatch.classify import of_chats as words
from slawatch.classify import of_posts, posts
from slawatch.classify.letters import SENTENCE_END, Letter, says_nothing_of_its_own, tells, without_courtesy
from slawatch.classify.of_machines import OF_MACHINES
from slawatch.classify.phrases import AMOUNT, DEFINITE, FIRST_PERSON, HOW_LONG, SPECIFIC_DAY, WHY, Role
from slawatch.model import Author, Classification, Facts, MessageKind, Reason, Text

SOONEST_SECONDS = 5.0
"""No agent's own line comes sooner after our question, not even a prepared one.

A question of ours has some 15 words, and people read 238 in a minute (Brysbaert 2019, Journal of Memory and Language
109, a review of 190 studies): that is 4 seconds before the hand moves.
"""
READING_SECONDS = 4.0
TYPED_A_SECOND = 10.0
"""Characters. The fastest of 168,000 people typed 120 words a minute (Dhakal et al. 2018, CHI, "Observations on Typing
from 136 Million Keystrokes"). Whoever has a text ready is faster, and needs to have found it: see `_soonest`."""
GREETING_SECONDS = 10.0
"""Programs greet and ask for a moment in the agent's name as soon as a chat is given to one (own estimate)."""
NAMED = ("vendor-field", "config")
"""How `Facts.author_by` begins where the vendor itself names the agent, or the user knows that people write there; all
other marks only name machines."""

_LINES_MAX = 40
_LINE_MAX = 500
_SAW_MAX = 120
_TEXT_MAX = 2000
_SHORT_MAX = 8  # words of a line that says nothing of the matter; who writes more without a word of it is a form
_SCRAP_MAX = 3  # where neither the words are kind nor the vendor says that an agent typed them
_YES_MAX = 2  # words of a mere yes ("ja, genau")
_WORD = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")
# Nobody minds capitals here: "sure! it takes 3 days"; nor does "z. B." end a sentence.
_ENDS = re.compile(r"(?<=[!?…])\s+|(?<=\w{3}\.)\s+")
_OPENING = re.compile(r"^([^:]{1,30}:)\s+(?=\S+\s+\S+\s+\S)")  # "I have looked it up: it takes 3 days"
# "let me see... it's 3 days", "Moment, das sind 4 Tage": two lines of which the second tells.
_AND_THEN = re.compile(
    r"(?:\.\.+|…|[,:;]|\s[–-])\s+(?=(?:(?:so|ok|okay|also|ah),? )?(?:it(?:'s| is| takes| costs)|that(?:'s| is| takes)"
    r"|es (?:sind|ist|dauert|kostet)|das (?:sind|ist|dauert|kostet)|\d+[ -]))",
    re.IGNORECASE,
)
_SUBSTANCE = (Role.CONTENT, Role.QUESTION, Role.HANDOFF, Role.REFUSAL)
_NOTHING_YET = frozenset({"greets", "says-nothing-yet", Role.INTERIM.value})


@dataclass(frozen=True, slots=True)
class Line:
    """A line's sentences by their roles, and what a whole chat shows beside: a greeting, a name below, a machine's."""

    post: posts.Post
    greets: str = ""
    thanks: str = ""
    welcome: str = ""
    machine: str = ""
    named: bool = False
    text: str = ""

    @property
    def letter(self) -> Letter:
        """The sentences."""
        return self.post.letter


def read(facts: Facts, *, asked: Text | None = None) -> Line:
    """Return what the sentences of a line do, those that chats have of their own first, the others as in posts."""
    text, signed = posts.bare(facts.text[:_TEXT_MAX], facts.sender_name)
    by_role: dict[Role, list[str]] = {}
    greets = thanks = welcome = machine = ""
    named = False
    left: list[str] = []
    for sentence in _sentences(text):
        thanks = thanks or words.FORMAL_THANKS.saw([sentence])
        welcome = welcome or words.WELCOME.saw([sentence])
        said = _without_greeting(sentence)
        greets = greets or (sentence if said != sentence else "")
        named = named or words.INTRODUCTION.search(words.GREETING.cut_off(sentence).strip()) is not None
        if not _WORD.search(said):
            continue
        bare = without_courtesy(said)
        machine = machine or _says_machine(sentence, bare)
        role = _role(bare) if _WORD.search(bare) else Role.PLEASANTRY
        if role is None:
            left.append(bare)
        else:
            by_role.setdefault(role, []).append(bare if _WORD.search(bare) else said)
    rest = posts.read(replace(facts, text="\n".join(left), direct=True), asked=asked)
    for role, sentences in rest.letter.by_role.items():
        by_role.setdefault(role, []).extend(sentences)
    machine = machine or next(iter(rest.letter.of(Role.BOT, Role.AUTOMATIC)), "")
    _mere_yes(by_role, asked)
    letter = Letter(by_role, asked, answers=True)
    post = posts.Post(letter, signed or rest.signed, rest.foreign)
    return Line(post, greets=greets, thanks=thanks, welcome=welcome, machine=machine, named=named, text=text)


def _says_machine(sentence: str, bare: str) -> str:
    """Return the sentence where it says that a machine speaks, else "". `bare` is without what is said for courtesy."""
    if words.DENIES.search(sentence):
        return ""
    says = words.SAYS_MACHINE.search(sentence) or any(one.search(bare) for _, one in of_posts.MACHINES)
    return sentence if says else ""


def judge(line: Line, facts: Facts, *, expected: Sequence[str] = ()) -> Classification:
    """Return the kind of a line by its marks and its words; how fast it came is not asked here."""
    named = words.NAMED_MACHINE.saw([facts.sender_name])
    if facts.author is Author.BOT:
        return _machine(line, Reason(rule="marked-as-machine", saw=facts.author_by), says=bool(line.machine or named))
    if line.machine:
        return _machine(line, Reason(rule=Role.BOT.value, saw=line.machine[:_SAW_MAX]), says=True)
    found = _unmarked(line, facts, says=bool(named))
    if found is not None:
        return found
    found = _person(line, facts, expected)
    if named and found.kind.by_person:
        because = (Reason(rule="named-like-a-machine", saw=named), *found.because)
        return Classification(kind=MessageKind.UNKNOWN, because=because)
    return found


def doubted(
    found: Classification,
    line: Line,
    facts: Facts,
    *,
    seconds_after: float | None,
    seen_same: int,
    fastest_person: float,
) -> Classification:
    """Return what is left of a judgement where it came too fast for a person, or others got the same text."""
    doubts: list[Reason] = []
    if seconds_after is not None and seconds_after < _soonest(found, line, facts, fastest_person):
        doubts.append(Reason(rule="faster-than-a-person", saw=f"{seconds_after:.0f} s"))
    nothing_yet = any(reason.rule in _NOTHING_YET for reason in found.because)
    # An agent of the vendor's sends prepared answers by hand; greetings go out by themselves in many programs.
    if seen_same and (nothing_yet or (not _is_named(facts) and not line.post.signed and not tells(found))):
        saw = f"{seen_same} other request{'s' if seen_same > 1 else ''}"
        doubts.append(Reason(rule="same-text-elsewhere", saw=saw))
    if doubts and found.kind.by_person:
        return Classification(kind=MessageKind.UNKNOWN, because=(*doubts, *found.because))
    if doubts and says_nothing_of_its_own(found):
        return _by_machine(MessageKind.ACKNOWLEDGEMENT, says=False, because=(*doubts, *found.because))
    return found


def _soonest(found: Classification, line: Line, facts: Facts, fastest_person: float) -> float:
    """Return how many seconds after our question a person could have sent this at the soonest.

    Of an agent by the vendor's own field: who reads and types as fast as people can, never more than `fastest_person`,
    as a prepared text may be sent by then. Of anybody else nobody says that they sit there and wait: as with letters.
    """
    if not _is_named(facts):
        return fastest_person
    typed = READING_SECONDS + len(line.text) / TYPED_A_SECOND
    least = GREETING_SECONDS if any(reason.rule in _NOTHING_YET for reason in found.because) else SOONEST_SECONDS
    return min(fastest_person, max(least, typed))


def _is_named(facts: Facts) -> bool:
    return facts.author is Author.AGENT and facts.author_by.startswith(NAMED)


# --- machines ---


def _machine(line: Line, mark: Reason, *, says: bool) -> Classification:
    """Return what a machine's line is: a receipt, a note that nobody is there, else a robot's."""
    letter = line.letter
    if letter.has(Role.AWAY):
        return _by_machine(MessageKind.OUT_OF_OFFICE, says=says, because=(mark, letter.saw(Role.AWAY)))
    told = letter.has(Role.CONTENT) and any(letter.deals(one) for one in letter.of(Role.CONTENT))
    receipt = letter.has(Role.RECEIPT) or (line.thanks and letter.has(Role.GENERIC_PROMISE))
    receipt = receipt or letter.has(Role.AUTOMATIC)
    introduces = bool(line.machine) and FIRST_PERSON.search(line.text) is not None
    if receipt and not (told or introduces or letter.has(Role.QUESTION)):
        because = (mark, letter.saw(Role.RECEIPT, Role.GENERIC_PROMISE, Role.AUTOMATIC))
        return _by_machine(MessageKind.ACKNOWLEDGEMENT, says=says, because=because)
    return _by_machine(MessageKind.BOT, says=says, because=(mark,))


def _unmarked(line: Line, facts: Facts, *, says: bool) -> Classification | None:
    """Return what a line is that machines send by themselves, though no mark tells; None where people may write it."""
    letter = line.letter
    somebodys = line.post.signed or letter.says_i(*_SUBSTANCE, Role.INTERIM)
    if letter.has(Role.NOTICE, Role.SURVEY) and not somebodys:
        return _by_machine(MessageKind.BOT, says=says, because=(letter.saw(Role.NOTICE, Role.SURVEY),))
    absent = _absent(line, facts)
    if absent is not None or not _receipt(line, facts):
        return absent
    said = letter.has(Role.RECEIPT, Role.GENERIC_PROMISE)
    because = letter.saw(Role.RECEIPT, Role.GENERIC_PROMISE) if said else _thanked(line)
    kind = MessageKind.UNKNOWN if letter.has(*_SUBSTANCE) else MessageKind.ACKNOWLEDGEMENT
    return _by_machine(kind, says=says, because=(because,))


def _by_machine(kind: MessageKind, *, says: bool, because: tuple[Reason, ...]) -> Classification:
    return Classification(kind=kind, because=because, says_machine=says if kind.automatic else None)


def _absent(line: Line, facts: Facts) -> Classification | None:
    """Return what a line is that says that nobody is there; None where none does.

    Somebody who says "I", or answers beside, is there after all, and where the vendor names an agent "we are closed
    today" may be the answer to when they are open: then a person has to look.
    """
    letter = line.letter
    if not letter.has(Role.AWAY):
        return None
    asked_hours = letter.asked is not None and _hours_asked(letter.asked)
    there = letter.says_i(*_SUBSTANCE, Role.INTERIM) or letter.has(Role.REFUSAL)
    told = letter.has(*_SUBSTANCE) or FIRST_PERSON.search(line.text) is not None
    doubtful = there or line.post.signed or (_is_named(facts) and (asked_hours or told))
    kind = MessageKind.UNKNOWN if doubtful else MessageKind.OUT_OF_OFFICE
    return _by_machine(kind, says=False, because=(letter.saw(Role.AWAY),))


def _hours_asked(asked: Text) -> bool:
    return bool(of_posts.ASKS_HOURS.search(f"{asked.subject} {asked.body}"))


def _receipt(line: Line, facts: Facts) -> bool:
    """Whether it confirms, or lets us wait for whoever is free, and nobody says "I".

    Accounts of messengers send such lines by themselves as ordinary ones; so the mark of an agent does not help them.
    Only where the vendor names the agent, "we will get back to you" alone is left for a person to look at.
    """
    letter = line.letter
    if line.post.signed or letter.says_i(Role.RECEIPT, Role.GENERIC_PROMISE, Role.INTERIM, *_SUBSTANCE):
        return False
    if letter.has(Role.RECEIPT):
        return True
    if letter.has(*_SUBSTANCE, Role.INTERIM) or _is_named(facts):
        return False
    return letter.has(Role.GENERIC_PROMISE) or bool(line.thanks)


def _thanked(line: Line) -> Reason:
    return Reason(rule=Role.COURTESY.value, saw=line.thanks[:_SAW_MAX])


# --- people ---


def _person(line: Line, facts: Facts, expected: Sequence[str]) -> Classification:
    """Return what a line is that no machine's words stand in; without the vendor's word it must show a person."""
    found = _does(line, facts, expected)
    if not found.kind.by_person or _is_named(facts) or tells(found) or _shows_person(found, line):
        return found
    return Classification(kind=MessageKind.UNKNOWN, because=(Reason(rule="form-letter"), *found.because))


def _shows_person(found: Classification, line: Line) -> bool:
    """Whether a line bears what set texts seldom do: a name below, an "I", few words, an amount of what was asked.

    Accounts of messengers send set texts as ordinary lines, and no list of words knows them all. When somebody is there
    stands in most of them, so where that was asked only few words will do.
    """
    if line.post.signed or FIRST_PERSON.search(line.text) or line.named:
        return True
    count = len(_WORD.findall(line.text))
    if found.kind is MessageKind.INTERIM:
        return count <= _SCRAP_MAX and not words.WE.search(line.text)
    if found.kind is not MessageKind.ANSWER:
        return count <= _SHORT_MAX
    told = line.letter.of(Role.CONTENT)
    if line.letter.asked is not None and _hours_asked(line.letter.asked):
        return count <= _SHORT_MAX and any(words.HOURS_STATED.search(one) for one in told)
    return any(_tells_amount(one) or words.YES_OR_NO.search(one) for one in told)


def _tells_amount(sentence: str) -> bool:
    """Whether it says how much or how long; the time of day is told of by whoever is away."""
    cut = words.CLOCK.cut_off(sentence)
    return bool(AMOUNT.search(cut)) and not words.WE_WRITE.search(sentence)


def _does(line: Line, facts: Facts, expected: Sequence[str]) -> Classification:
    """Return what a line does before all; without any marks it is judged like a post."""
    letter = line.letter
    if _form(line, facts):
        said = letter.has(Role.GENERIC_PROMISE, *_SUBSTANCE)
        because = letter.saw(Role.GENERIC_PROMISE, *_SUBSTANCE) if said else _thanked(line)
        return Classification(kind=MessageKind.UNKNOWN, because=(Reason(rule="form-letter"), because))
    found = posts.judge(line.post, replace(facts, headers={}, direct=True), expected=expected)
    if facts.author is not Author.AGENT:
        return found
    mark = Reason(rule="marked-as-person", saw=facts.author_by)
    if found.kind is MessageKind.UNKNOWN:
        found = _of_agent(line, facts, found, expected)
    elif found.kind is MessageKind.INTERIM and words.AT_IT.saw(letter.of(Role.INTERIM)):
        found = replace(found, why=True)  # "I'm asking our warehouse": in a chat nobody says more
    return found if found.kind is MessageKind.UNKNOWN else replace(found, because=(*found.because, mark))


def _of_agent(line: Line, facts: Facts, found: Classification, expected: Sequence[str]) -> Classification:
    """Return what an agent's line is that nobody could judge without the mark; as it was found where it tells nothing.

    That somebody is there ends the first wait and no other: it says neither how long nor why, and asks nothing that we
    have not said already.
    """
    letter = line.letter
    hours = _hours(letter)
    if hours:
        because = Reason(rule=Role.CONTENT.value, saw=hours[:_SAW_MAX])
        return Classification(kind=MessageKind.ANSWER, because=(because,), complete=False if expected else None)
    if letter.has(Role.INTERIM) and not letter.has(*_SUBSTANCE):
        said = " ".join(letter.of(Role.INTERIM))
        how_long, why = (bool(pattern.search(said)) for pattern in (HOW_LONG, WHY))
        why = why or bool(words.AT_IT.search(said))
        return Classification(kind=MessageKind.INTERIM, because=(letter.saw(Role.INTERIM),), how_long=how_long, why=why)
    if letter.has(Role.RECEIPT, Role.GENERIC_PROMISE, Role.BOILERPLATE, Role.AWAY) or line.thanks:
        return found
    if line.greets and not _nobodys(line, facts) and not letter.has(Role.CONTENT):
        return _there("greets", line.greets)
    kind_words = letter.has(Role.PLEASANTRY, Role.COURTESY)
    most = _SHORT_MAX if kind_words or _is_named(facts) else _SCRAP_MAX
    most += _SCRAP_MAX if kind_words and FIRST_PERSON.search(line.text) else 0
    if facts.text.strip() and len(_WORD.findall(line.text)) <= most:
        return _there("says-nothing-yet", facts.text.strip())
    return found


def _nobodys(line: Line, facts: Facts) -> bool:
    """Whether a greeting is nobody's own, like "Welcome to Acme! How can we help?", which stands in all chats."""
    formal = bool(line.welcome) or line.letter.has(Role.PLEASANTRY) or bool(_DIGIT.search(line.text))
    return formal and not (_is_named(facts) or line.named or FIRST_PERSON.search(line.text))


def _form(line: Line, facts: Facts) -> bool:
    """Whether what a line tells may stand in all that an account sends by itself: opening hours, "your order number?".

    It thanks for the message or welcomes us, or promises a reply in general, and nobody says "I". What is definite and
    not about hours no program knows before we ask; and of what the vendor calls an agent's we take its word.
    """
    letter = line.letter
    general = letter.has(Role.GENERIC_PROMISE)
    beside = line.thanks or general or (line.welcome and letter.has(*_SUBSTANCE))
    if _is_named(facts) or line.post.signed or not beside or FIRST_PERSON.search(line.text):
        return False
    told = [one for one in letter.of(Role.CONTENT) if letter.deals(one) and not words.HOURS_STATED.search(one)]
    hours = letter.asked is not None and _hours_asked(letter.asked)
    return general or hours or not told


def _hours(letter: Letter) -> str:
    """Return the sentence that says when somebody is there, "" where none does or nobody asked."""
    if letter.asked is None or not _hours_asked(letter.asked):
        return ""
    return next((one for one in letter.of(Role.CONTENT) if words.HOURS_STATED.search(one)), "")


def _there(rule: str, saw: str) -> Classification:
    because = (Reason(rule=rule, saw=saw[:_SAW_MAX]),)
    return Classification(kind=MessageKind.INTERIM, because=because, how_long=False, why=False)


# --- sentences ---


def _role(sentence: str) -> Role | None:
    """Return what a sentence does by the words of chats, None where posts have to say."""
    return next((role for role, does in _IN_ORDER if does(sentence)), None)


def _few(sentence: str) -> bool:
    return len(_WORD.findall(sentence)) <= _SHORT_MAX


def _asks(sentence: str) -> bool:
    return sentence.endswith("?")


def _tells(sentence: str) -> bool:
    """Whether it says yes or no, or in few words something definite."""
    if _asks(sentence):
        return False
    if words.YES_OR_NO.search(sentence) and not of_posts.COMFORTS.search(sentence):
        return True
    stated = AMOUNT.search(sentence) or DEFINITE.search(sentence)
    about_replies = of_posts.INTERIM.search(sentence) or of_posts.FORWARDED.search(sentence)
    return _few(sentence) and bool(stated) and not about_replies


_RECEIPT_OF_LETTERS = tuple(pattern for role, pattern in OF_MACHINES if role is Role.RECEIPT)
_IN_ORDER: tuple[tuple[Role, Callable[[str], object]], ...] = (
    (Role.INTERIM, lambda one: words.MOMENT.search(one) and FIRST_PERSON.search(one)),
    (Role.AWAY, lambda one: words.AWAY.search(one) and not words.WEEKLY.search(one)),
    (Role.RECEIPT, lambda one: words.RECEIPT.search(one) or any(each.search(one) for each in _RECEIPT_OF_LETTERS)),
    (Role.NOTICE, words.OWN_LINES.search),
    (Role.INTERIM, words.MOMENT.search),
    (Role.BOILERPLATE, lambda one: words.STILL_THERE.search(one) or words.NOT_UNDERSTOOD.search(one)),
    (Role.GENERIC_PROMISE, lambda one: words.PROMISE.search(one) and not SPECIFIC_DAY.search(one)),
    (Role.PLEASANTRY, lambda one: any(each.search(one) for each in (words.OFFER, words.KIND_WORDS, words.DENIES))),
    (Role.PLEASANTRY, lambda one: _asks(one) and _mere(one)),  # "Yes?": somebody is there
    (Role.INTERIM, lambda one: words.AT_IT.search(one) and not _asks(one)),
    (Role.REFUSAL, words.DECLINES.search),
    (Role.HANDOFF, lambda one: words.ELSEWHERE.search(one) and not words.THEY_WRITE.search(one)),
    (Role.QUESTION, lambda one: _few(one) and not _asks(one) and words.ASKS.search(one)),
    (Role.CONTENT, _tells),
)
"""What is looked for first decides: a moment that somebody asks for before whoever is away, that before an answer."""


def _without_greeting(sentence: str) -> str:
    """Return a sentence without hello and who is there before it."""
    rest = words.GREETING.cut_off(sentence).strip()
    if words.SAYS_MACHINE.search(rest):
        return rest
    return words.INTRODUCTION.cut_off(rest).strip()


def _mere(sentence: str) -> bool:
    """Whether it is a yes or no and nothing else."""
    return bool(words.YES_OR_NO.search(sentence)) and len(_WORD.findall(sentence)) <= _YES_MAX


def _mere_yes(by_role: dict[Role, list[str]], asked: Text | None) -> None:
    """Take a mere yes out of what deals with the matter where we asked how long: it says that somebody is there."""
    said = by_role.get(Role.CONTENT, [])
    if asked is None or not words.OPEN_QUESTION.search(asked.body):
        return
    kept = [one for one in said if not _mere(one)]
    if kept:
        by_role[Role.CONTENT] = kept
    elif said:
        del by_role[Role.CONTENT]
        by_role.setdefault(Role.PLEASANTRY, []).extend(said)


def _sentences(text: str) -> Sequence[str]:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    whole = (one for line in lines for each in SENTENCE_END.split(line) for one in _ENDS.split(each))
    opened = (one for each in whole for one in _OPENING.split(each))
    return [part[:_LINE_MAX].strip() for one in opened for part in _AND_THEN.split(one) if part.strip()][:_LINES_MAX]

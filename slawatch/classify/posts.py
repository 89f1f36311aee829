"""Judges public posts and direct messages: short, without a subject, often signed "^JK" by whoever typed them.

Nothing of mail is looked at: no header, no delivery report. A post counts as a machine's only where it, or its account,
says so; what a machine could have written as well is unknown, as with letters.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from slawatch.classify import of_posts as words
from slawatch.classify.expected import stated
from slawatch.classify.letters import (
    LETTER_MAX,
    PASSAGE,
    REPEATED_MIN,
    SENTENCE_END,
    TELLS,
    Letter,
    definite,
    personal,
    says_something,
    squeezed,
    without_courtesy,
)
from slawatch.classify.of_abroad import ABROAD
from slawatch.classify.of_machines import OF_MACHINES
from slawatch.classify.of_people import OF_PEOPLE
from slawatch.classify.pattern import Pattern, folded
from slawatch.classify.phrases import AMOUNT, HOW_LONG, SHORT_ANSWER, SPECIFIC_DAY, WHY, Role
from slawatch.model import Classification, Facts, MessageKind, Reason, Text

_SENTENCES_MAX = 80
_SENTENCE_MAX = 500
_READ_MIN = 2  # little words of English or German in a text that its platform takes for another language
_FOREIGN_MIN = 30  # characters; whoever writes more without any such word writes another language
_OURS = frozenset({"de", "en", "und", ""})

_LEADING = re.compile(r"^(?:\s*[.,]?@[\w.@-]+[,:]?)+\s*")
_LINK = re.compile(r"(?:\bhttps?://|\bwww\.|\bt\.co/|\bbit\.ly/)\S+?(?=[.,?!);:]*(?:\s|$))")
_LINK_ENDS = re.compile(r"(\[link\])(?=\s+[A-ZÄÖÜ¡¿])")
_PART = re.compile(r"\(?\b[1-9]\s?/\s?[1-9]\b\)?|\(cont\.?\)")
_TAGS = re.compile(r"(?:\s+#\w+)+[\s.]*$")
_TAG = re.compile(r"#(?=[^\W\d])")
_FACES = re.compile(
    "(?:[\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\u20e3\u2661\u2665]+"
    r"|(?<!\w)[:;=8]['~^]?-?[)(DPp/\]\[]+(?!\w)|(?<!\w)[(\[]+-?[:;=](?!\w)|<3+)+"
)
_SHORT = ((re.compile(r"\b(?:pl[sz]|plz)\b,?", re.IGNORECASE), "please"), (re.compile(r"\bplease, "), "please "))
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("\u2019\u2018\u00b4`", "'"),
        **dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\ufeff\ufe0f\u2060", ""),
    }
)
_SENTENCE_END = re.compile(
    SENTENCE_END.pattern
    + r"|(?<=\d[.!?])\s+(?=(?:We|I|Our|You|Please|The|If|This|It|For|More|Any|DM|Send|Wir|Ich|Bitte|Du|Das|Die"
    r"|Der|Für|Wenn|Unser|Mehr|Noch|Bei)\b)"
)
_HEY = re.compile(r"^(?:hey|hiya|howdy|heya|huhu|hi)\b[^,.!?:]{0,30}[,.!:]+\s*", re.IGNORECASE)
_BUT = re.compile(
    r"[,;–-]\s+(?=(?:but|however|although|aber|jedoch|allerdings)\b)"
    r"|\s[-–—]\s(?=(?:you|we|i|it|please|have|can|could|do|if|this|that|there|the|let|dm|send|our|is|are|what|which"
    r"|bitte"
    r"|du|wir|das|der|die|ihr|sie)\b)"
    r"|\s(?=but (?:we|i|it|you|the|this|our|they|there)\b)",
    re.IGNORECASE,
)

# "^JK", "*MM", "/Tom", "-Anna", "- Kirsty", "= JJ", "^S.D.", "-Anwar": at the very end, behind a sign.
_SIGN = re.compile(
    r"(?:(?:^|(?<=[\s.!?…)\]'\"]))(?P<mark>[-–—=~|/]{1,2}\s?)|(?P<sure>[\^*]\s?))"
    r"(?P<name>(?-i:[A-Z])[\w'.]{0,14}(?: (?-i:[A-Z])\.?)?|(?<=[\^*])[a-z]{1,3})"
    r"\s*(?:[.…)]|\[link\]|\s)*$"
)
# Not "thanks Robin", which names whom it is said to.
_CLOSED_BY = re.compile(
    r"(?:^|(?<=[\s.!?]))(?:lg|vg|mfg|gru(?:ß|ss)|(?:viele|liebe|beste|schöne|sonnige) gr(?:ü|ue)(?:ß|ss)e|kind regards"
    r"|best regards|best wishes|regards)[,!]?\s+(?:von )?(?P<name>(?-i:[A-ZÄÖÜ])[\w']{1,14})\.?\s*(?:\[link\]|[\s.])*$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")
_NO_NAME = re.compile(
    r"^(?:the|your|our|thanks?|team|support|service|help|customer|care|kundenservice|kundendienst|dein\w*|euer"
    r"|ihr\w*|bot|auto\w*|info|noon|midnight)\b|(?:team|support|service|bot|care|help)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Post:
    """A post's sentences by their roles, and how the one who typed it signed, "" where nobody did."""

    letter: Letter
    signed: str
    foreign: bool = False


def read(facts: Facts, *, asked: Text | None = None) -> Post:
    """Return what the sentences of a post do, without whom it is addressed to, links, faces and who signed it."""
    text, signed = bare(facts.text, facts.sender_name)
    lower = folded(text)
    machines = [*words.MACHINES, *((role, one) for role, one in ABROAD if role in _SAID and one.may_fit(lower))]
    by_role: dict[Role, list[str]] = {}
    hours_asked = bool(asked and words.ASKS_HOURS.search(f"{asked.subject} {asked.body}"))
    ours = squeezed(asked.body) if asked else ""
    for sentence in _sentences(PASSAGE.sub("…", text)):
        if len(sentence) >= REPEATED_MIN and squeezed(sentence) in ours:
            continue
        role, said = _role(sentence, machines, direct=facts.direct)
        if role in _MAY_TELL_HOURS and not (signed or hours_asked) and words.HOURS.search(said):
            role = Role.GENERIC_PROMISE
        if role is not None:
            by_role.setdefault(role, []).append(said)
    lang = next(iter(facts.headers.get("lang", ())), "").lower().partition("-")[0]
    known = len(words.FUNCTION.all(text))
    foreign = (lang not in _OURS and known < _READ_MIN) or (not known and len(text) > _FOREIGN_MIN)
    return Post(Letter(by_role, asked, answers=True), signed, foreign)


def bare(text: str, writer: str = "") -> tuple[str, str]:
    """Return the words of a post, each link as "[link]", and the name or initials it is signed with.

    `writer` is the account's name: "-Acme" below a post of Acme's is nobody's signature.
    """
    text = html.unescape(text[:LETTER_MAX]).translate(_SIGNS)
    text = _LEADING.sub("", text)
    text = _LINK.sub("[link]", text)
    text = _PART.sub(" ", text)
    text = _TAG.sub("", _TAGS.sub("", _FACES.sub(" . ", text))).strip()
    text = re.sub(r"(?<=[.!?…,:])(?:\s+\.)+(?=\s|$)|^\.\s", "", text).strip()
    text, signed = _unsigned(text, writer)
    for short, whole in _SHORT:
        text = short.sub(whole, text)
    return _LINK_ENDS.sub(r"\1.", text), signed


def judge(post: Post, facts: Facts, *, expected: Sequence[str] = ()) -> Classification:
    """Return the kind of a post, by the same measure as a letter's (letters.py)."""
    letter = post.letter
    machine = _machine(post, facts)
    if machine is not None:
        return machine
    # Not what stands in a promise: "you will hear from us within 5 days" is not about deliveries.
    told = stated(letter.of(Role.CONTENT, Role.BOILERPLATE, Role.HANDOFF), expected)
    form = _form(post)
    if told and not form:
        because = tuple(Reason(rule=TELLS, saw=fact) for fact in told)
        return Classification(kind=MessageKind.ANSWER, because=because, complete=len(told) == len(expected))
    role = None if form else _does(post)
    if role is None:
        return _left_open(letter, form=form)
    if role is Role.INTERIM:
        return _interim(post)
    complete = False if role is Role.CONTENT and expected else None
    return Classification(kind=_KINDS[role], because=(letter.saw(role),), complete=complete)


def _left_open(letter: Letter, *, form: bool) -> Classification:
    """Return UNKNOWN: sympathy alone ("sorry to hear that") deals with nothing, and tells of nobody who is at it."""
    if form or letter.has(Role.GENERIC_PROMISE):
        return _unknown("form-letter", letter.saw(Role.RECEIPT, Role.GENERIC_PROMISE, Role.CONTENT))
    if letter.has(Role.CONTENT, Role.PLEASANTRY, Role.COURTESY):
        return _unknown("no-substance", letter.saw(Role.CONTENT, Role.PLEASANTRY, Role.COURTESY))
    return _unknown("nothing-to-judge")


_KINDS = {
    Role.CONTENT: MessageKind.ANSWER,
    Role.QUESTION: MessageKind.QUESTION,
    Role.HANDOFF: MessageKind.HANDOFF,
    Role.REFUSAL: MessageKind.REFUSAL,
}
_MAY_TELL_HOURS = frozenset({Role.CONTENT, Role.PLEASANTRY, Role.BOILERPLATE})
_SAID = frozenset({Role.BOT, Role.AUTOMATIC})


def _machine(post: Post, facts: Facts) -> Classification | None:
    """Return what a post is that says, or whose account says, that a machine wrote it.

    Somebody's initials below it say the contrary: then a person has to look.
    """
    declared = next((one for one in facts.headers.get("automated", ()) if one.lower() not in {"no", "false", ""}), "")
    if declared:
        because = Reason(rule="header", saw=f"automated: {declared}")
        kind = MessageKind.BOT
    elif post.letter.has(*_SAID):
        because = post.letter.saw(Role.BOT, Role.AUTOMATIC)
        kind = MessageKind.BOT if post.letter.has(Role.BOT) else MessageKind.ACKNOWLEDGEMENT
    else:
        return None
    return Classification(kind=MessageKind.UNKNOWN if post.signed else kind, because=(because,))


def _form(post: Post) -> bool:
    """Whether it confirms that our message came in, with nobody's name below and nobody who says "I"."""
    letter = post.letter
    return letter.has(Role.RECEIPT) and not post.signed and not letter.says_i(*_SUBSTANCE, Role.RECEIPT)


_SUBSTANCE = (Role.CONTENT, Role.INTERIM, Role.REFUSAL, Role.HANDOFF, Role.QUESTION)


def _does(post: Post) -> Role | None:
    """Return what a post does before all, None where it does nothing.

    Whoever both answers and asks for a direct message has answered; whoever asks for one to be told more sends us
    there. Most of what is said beside is sympathy, so beside a hand-off only what is definite counts as an answer.
    """
    letter = post.letter
    said = [] if post.foreign else letter.of(Role.CONTENT)
    told = [one for one in said if letter.deals(one) or any(pattern.search(one) for pattern in _TELLING)]
    sent = letter.of(Role.HANDOFF)
    if sent and (not told or not all(words.ANY_QUESTIONS.search(one) for one in sent)):
        return Role.CONTENT if any(_answers(one) for one in told) else Role.HANDOFF
    if letter.has(Role.QUESTION) and len(told) <= len(letter.of(Role.QUESTION)):
        return Role.QUESTION
    if told:
        return Role.CONTENT
    return next((role for role in (Role.REFUSAL, Role.INTERIM, Role.QUESTION) if letter.has(role)), None)


def _answers(sentence: str) -> bool:
    if definite(sentence) or words.STATED.search(sentence):
        return True
    return len(sentence.split()) >= (_YES_WORDS_MIN if SHORT_ANSWER.search(sentence) else _ANSWER_WORDS_MIN)


_TELLING = (words.STATED, words.AFFIRMS, words.POINTS)
_YES_WORDS_MIN = 4  # "Yes! DM us" says no more than that they will help
_ANSWER_WORDS_MIN = 9  # fewer beside "please DM us" are mostly about us: "that is not the service we aim for"


def _interim(post: Post) -> Classification:
    """Return INTERIM where a person shows: by a name, by saying "I", a day, or both how long and why."""
    letter = post.letter
    said = " ".join(letter.of(Role.INTERIM, Role.CONTENT))
    how_long, why = bool(HOW_LONG.search(said)), bool(WHY.search(said.replace("'ve ", " have ")))
    person = bool(post.signed or ((how_long or why) and personal(letter)))
    told_hours = not post.signed and any(words.HOURS.search(one) for one in letter.of(Role.GENERIC_PROMISE))
    if told_hours or (not person and not (how_long and why)):
        return _unknown("form-letter", letter.saw(Role.INTERIM))
    return Classification(kind=MessageKind.INTERIM, because=(letter.saw(Role.INTERIM),), how_long=how_long, why=why)


def _unknown(rule: str, *because: Reason) -> Classification:
    return Classification(kind=MessageKind.UNKNOWN, because=(Reason(rule=rule), *because))


_RECEIPT = tuple(pattern for role, pattern in OF_MACHINES if role is Role.RECEIPT)
_OF_LETTERS = frozenset(
    {Role.REFUSAL, Role.SURVEY, Role.GENERIC_PROMISE, Role.BOILERPLATE, Role.QUESTION, Role.INTERIM, Role.PLEASANTRY}
)


def _role(sentence: str, machines: Iterable[tuple[Role, Pattern]], *, direct: bool) -> tuple[Role | None, str]:
    """Return what a sentence does and its words without greeting and thanks; None for scraps."""
    for role, pattern in machines:
        if pattern.search(sentence):
            return role, sentence
    rest = without_courtesy(_HEY.sub("", sentence))
    if not _WORD.search(rest.replace("[link]", "")):
        return (Role.COURTESY if _WORD.search(sentence.replace("[link]", "")) else None), sentence
    known = _of_post(rest, direct=direct)
    if known is not None:
        return known, rest
    if any(pattern.search(rest) for pattern in _RECEIPT):
        return Role.RECEIPT, rest
    for role, pattern in OF_PEOPLE:
        if role in _OF_LETTERS and pattern.search(rest):
            day_named = role is Role.GENERIC_PROMISE and SPECIFIC_DAY.search(rest)
            return (Role.INTERIM if day_named else role), rest
    return (Role.CONTENT if says_something(rest) else None), rest


def _of_post(rest: str, *, direct: bool) -> Role | None:
    """Return what a sentence does by the words of posts, None where they tell nothing.

    In a direct message nobody is sent to direct messages.
    """
    elsewhere = not direct and words.DIRECT.search(rest)
    if words.CONDITIONAL.search(rest) and not elsewhere and not words.NAMED_WAY.search(rest):
        return Role.CONTENT if words.ADVICE.search(rest) and not words.HANDOFF.search(rest) else Role.BOILERPLATE
    if elsewhere:
        return Role.HANDOFF
    return next((role for role, pattern in _IN_ORDER if pattern.search(rest)), None) or (
        Role.PLEASANTRY
        if words.EMPATHY.search(rest) and not (AMOUNT.search(rest) or words.STATED.search(rest))
        else None
    )


_IN_ORDER: tuple[tuple[Role, Pattern], ...] = (
    (Role.QUESTION, words.MATTER),
    (Role.PLEASANTRY, words.COMFORTS),
    (Role.CONTENT, SHORT_ANSWER),
    (Role.CONTENT, words.AFFIRMS),
    (Role.HANDOFF, words.HANDOFF),
    (Role.REFUSAL, words.REFUSAL),
    (Role.PLEASANTRY, words.OFFER),
    (Role.CONTENT, words.ADVICE),
    (Role.QUESTION, words.QUESTION),
    (Role.INTERIM, words.FORWARDED),
    (Role.INTERIM, words.INTERIM),
)
"""What is looked for first decides: a question that names a hotline asks, advice as a question advises."""


def _sentences(text: str) -> Sequence[str]:
    """Return the sentences, and what stands behind a "but" as one of its own: most posts have no room for two."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    whole = [one for line in lines for one in _SENTENCE_END.split(line) if one]
    return [part[:_SENTENCE_MAX].strip() for one in whole for part in _BUT.split(one) if part.strip()][:_SENTENCES_MAX]


def _unsigned(text: str, writer: str) -> tuple[str, str]:
    """Return the text without its signature, and that: initials or a name behind a sign, or below a closing word."""
    for form in (_SIGN, _CLOSED_BY):
        match = form.search(text)
        if match and not _is_no_name(match["name"], writer):
            links = "[link]" if "[link]" in match[0] else ""
            return f"{text[: match.start()].rstrip()} {links}".rstrip(), match["name"].strip(". ")
    return text, ""


def _is_no_name(name: str, writer: str) -> bool:
    """Whether what stands there is the company, a team or a day: "-Acme", "^Team", "from Monday - Friday"."""
    plain = name.strip(". ").lower()
    its_own = {word.lower() for word in _WORD.findall(writer)}
    return plain in its_own or bool(_NO_NAME.search(plain) or SPECIFIC_DAY.search(plain))

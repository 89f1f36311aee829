"""Finds names of people in what they write: introduced, titled, signed with, or known from elsewhere.

Knows no list of names: what stands where a name stands is one, unless it is the word for a desk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

Span = tuple[str, int, int]  # rule, start, end

SHORTEST_NAME = 3  # letters; "Li" or "Jo" alone would be found in every other word
SIGNATURE_MAX = 2_000  # characters
SIGNATURE_LINES = 25  # below a closing; what comes later is text again

_C = r"[A-ZÄÖÜÀ-ÖØ-Þ]"
_PART = rf"(?:{_C}(?:['’]{_C})?[\wßäöüà-öø-ÿ]+(?:['’][\wßäöüà-öø-ÿ]+)?(?:-{_C}[\wßäöüà-öø-ÿ]+)*|{_C}\.)"
_SMALL = r"(?:(?:von|van|de|der|den|zu|di|da|del|al|el|bin)[ \t]+){0,2}"  # "von der Aue"
NAME = rf"{_PART}(?:[ \t]+{_SMALL}{_PART}){{0,3}}"
_DEGREE = r"(?:(?:Dr|Prof|Dipl|Ing|Mag|Ph\.?D|M\.?A|B\.?A|med|jur|phil)\.?(?:-[A-Z]\w{1,8}\.?)?[ \t]+){0,3}"


def _one_of(*words: str) -> str:
    return f"(?:{'|'.join(words)})"


_TITLES = _one_of(
    *("Herrn?", "Frau", r"Hr\.", r"Fr\.", "Mr", "Mrs", "Ms", "Miss", "Mx", "Sir", "Madam", "Kolleg(?:e|in|en)"),
    *("colleague", "Monsieur", "Madame", "Mme", "Se[ñn]or(?:a|ita)?", "Sra?", "Signora?", "Mevrouw", "Meneer"),
)
# "Damen und Herren" is followed by no name; what follows a title on the same line is one.
_TITLED = re.compile(rf"\b(?:{_TITLES}\.?[ \t]+){{1,2}}(?P<name>{_DEGREE}{NAME})")
_DOCTOR = re.compile(rf"\b(?:Dr|Prof)\.[ \t]+(?P<name>{NAME})")

_SPOKEN = _one_of(
    *(
        "my name is",
        "i am",
        "i['’]m",
        "this is",
        "you(?:['’]re| are) (?:now )?(?:chatting|speaking|talking) (?:with|to)",
    ),
    *("mein name ist", "ich hei(?:ß|ss)e", "hier (?:ist|schreibt(?: (?:ihnen|dir))?)"),
    *(
        "(?:sie|du) chatte[nst]* (?:jetzt |nun )?mit",
        "je m['’]appelle",
        "me llamo",
        "mi chiamo",
        "ik ben",
        "mijn naam is",
    ),
)
_INTRODUCED = re.compile(rf"\b(?i:{_SPOKEN})[ \t]+(?P<name>{_DEGREE}{NAME})")
_FROM_THERE = r"(?=[ \t]+(?:vom|von|aus|und helfe)\b)"  # "ich bin Kundin" names nobody, "ich bin Lisa vom Service" does
_I_FROM = re.compile(rf"\b(?i:ich bin)[ \t]+(?:(?:der|die)[ \t]+)?(?P<name>{NAME}){_FROM_THERE}")
_CAME_IN = _one_of(
    *(r"(?:has )?(?:joined|left|entered)\b", r"is (?:now )?typing", r"here\b"),
    r"(?:ist|hat|schreibt gerade)[ \t]+(?:de[mnr][ \t]+(?:Chat|Gespräch|Unterhaltung)|dem chat|jetzt im)",
)
_JOINED = re.compile(rf"(?m)(?:^|[.!:][ \t]+)(?P<name>{NAME})[ \t]+{_CAME_IN}")

_GRUSS = r"gr[üu](?:ß|ss)\w*"
_CLOSING = _one_of(
    r"(?:mit )?(?:(?:vielen|besten) dank und )?(?:freundlich|best|viel|lieb|herzlich|schön|sonnig)\w{0,6} "
    rf"{_GRUSS}(?: (?:aus|von) [^\n,]{{1,40}})?",
    *("mfg", "lg", "vg", "hochachtungsvoll", _GRUSS),
    r"(?:with )?(?:my |many )?(?:(?:kind|best|warm)(?:est)? (?:regards|wishes)|regards|sincerely)",
    r"(?:very )?(?:sincerely yours|yours (?:sincerely|faithfully|truly)|truly yours)",
    *(r"(?:many )?thanks(?: again)?", "thank you", "cheers", "all the best", "best"),
    r"have an? \w+ (?:day|weekend|evening)",
    *(r"(?:bien )?cordialement", r"(?:un )?(?:cordial )?saludos?", r"(?:cordiali|distinti) saluti"),
    r"met vriendelijke groet\w*",
).replace(" ", r"[ \t]+")
# A closing stands alone on its line, perhaps with the name behind it.
_CLOSED = re.compile(
    rf"(?m)^[ \t]*(?P<closing>(?i:{_CLOSING}))[ \t]*[,.!]*[ \t]*(?P<behind>(?:{NAME}[ \t]*[,.]?[ \t]*)?)$"
)
# In one line, as in posts and chats, it stands at the very end.
_CLOSED_INLINE = re.compile(rf"(?:^|[.!?,;][ \t]+)(?i:{_CLOSING})[ \t]*[,!]*[ \t]+(?P<name>{NAME})[ \t]*\.?[ \t]*$")
_OPENS_TOO = frozenset({"thanks", "thank", "many", "best", "have"})  # "Thanks!" opens a letter as well as it closes one
_AFTERTHOUGHT = re.compile(r"(?mi)^[ \t]*p\.?[ \t]?s\.?\b")
_INITIALS = re.compile(
    rf"(?m)(?:(?<=\s)|^)[-–—^/*~|]{{1,2}}[ \t]?(?P<name>[A-Z]{{1,3}}|{_PART}(?:[ \t]{_PART})?)"
    r"[ \t]*\.?(?=$|[ \t]+https?:)"
)
_PERSON = re.compile(rf"(?:(?:i\.[ \t]?[AV]\.|ppa\.?)[ \t]+)?{_DEGREE}{NAME}[,.]?")
_A_MACHINE = (
    re.compile(  # "I am Lumi, your virtual assistant": a machine's name is nobody's, and it says that it is one
        r"(?i)[,:]?[ \t]+(?:the|your|an?|der|die|eine?|ihre?|deine?)?[ \t]*(?:\w+[ \t]+)?"
        r"(?:virtu|digital|automat|(?:chat-?)?bot\b|ki\b|ai\b|künstlich|artificial)"
    )
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SAID = (_INTRODUCED, _I_FROM, _JOINED, _CLOSED_INLINE)

# What a company calls its desks, and the small words around.
_DESKS = frozenset(
    _WORD.findall(
        "support service services team kundenservice kundendienst kundenbetreuung kundencenter kundendialog customer "
        "care help desk helpdesk info office sales vertrieb shop online store gmbh ag kg ltd inc llc co "
        "ihr ihre your dein euer mail noreply reply admin system bot chatbot assistant assistent virtual "
        "virtuelle virtueller automatic automatisch anfragen kontakt contact post redaktion verwaltung bestellung "
        "bestellungen orders hotline social media community agent mitarbeiter mitarbeiterin dialog"
    )
)
# Said where a name might stand, and no name: "This is Great", "I am Sorry", "Hier ist Ihre Antwort", "Monday here".
_NO_NAMES = frozenset(
    _WORD.findall(
        "ihr ihre ihren ihnen sie wir uns unser unsere der die das ein eine eben leider heute morgen jetzt bitte danke "
        "guten tag hallo hello hi dear sorry great thanks thank you your our the it we they that this there here yes "
        "no not monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag "
        "samstag sonntag happy glad afraid pleased sure damen herren kunde kundin customer sir madam and und what how "
        "please all everything someone somebody nobody an in im i a at on auftrag order ref"
    )
)


def found(text: str, people: Iterable[str], keep: Iterable[str]) -> Iterator[Span]:
    """Yield where names and signatures stand; `people` are known ones, words of the names in `keep` are nobody's."""
    yield from _signatures(text)
    for form in (_TITLED, _DOCTOR):
        for match in form.finditer(text):
            yield "titled-name", *match.span("name")
    for rule, forms in (("introduced-name", _SAID), ("initials", (_INITIALS,))):
        for form in forms:
            for match in form.finditer(text):
                if not _nobody(match["name"]) and not _A_MACHINE.match(text, match.end()):
                    yield rule, *match.span("name")
    yield from _known(text, people, frozenset(word.lower() for name in keep for word in _WORD.findall(name)))


def names_in(text: str) -> frozenset[str]:
    """Return the names that a text gives away."""
    names = {match["name"] for form in (_TITLED, _DOCTOR) for match in form.finditer(text)}
    names |= {match["name"] for form in _SAID for match in form.finditer(text) if not _nobody(match["name"])}
    for _, start, end in _signatures(text):
        lines = (line.strip() for line in text[start:end].splitlines())
        names |= {next((line for line in lines if _names_a_person(line)), "")}
    return frozenset(names - {""})


def _signatures(text: str) -> Iterator[Span]:
    """Yield where signatures stand: from behind a closing to the end, or to an afterthought."""
    for match in _CLOSED.finditer(text):
        if match["closing"].lower().split()[0] in _OPENS_TOO and not _ends(text, match):
            continue
        end = _end_of_lines(text, match.end(), SIGNATURE_LINES)
        later = _AFTERTHOUGHT.search(text, match.end(), end)
        end = later.start() if later else end
        start = match.start("behind") if match["behind"].strip() else match.end()
        start += len(text[start:end]) - len(text[start:end].lstrip())
        end = start + len(text[start:end].rstrip())
        if start < end:
            yield "signature", start, end


def _ends(text: str, match: re.Match[str]) -> bool:
    """Whether little follows, the first of it a name: then it is a closing."""
    below = text[match.end() : match.end() + SIGNATURE_MAX]
    following = [line.strip() for line in below.splitlines() if line.strip()]
    if match["behind"].strip():
        return True
    return bool(following) and len(following) <= SIGNATURE_LINES and _names_a_person(following[0])


def _end_of_lines(text: str, start: int, lines: int) -> int:
    for _ in range(lines + 1):
        at = text.find("\n", start)
        if at < 0:
            return len(text)
        start = at + 1
    return start - 1


def _names_a_person(line: str) -> bool:
    return bool(_PERSON.fullmatch(line)) and not _nobody(line)


def _nobody(name: str) -> bool:
    """Whether what stands where a name might stand is a desk's, or a word that only begins with a capital."""
    words = [word.lower() for word in _WORD.findall(name)]
    return not words or words[0] in _NO_NAMES or any(word in _DESKS for word in words)


def _known(text: str, people: Iterable[str], keep: frozenset[str]) -> Iterator[Span]:
    """Yield where known names stand: whole ones in any case, a part of one where it is written like a name."""
    whole: set[str] = set()
    parts: set[str] = set()
    for name in people:
        words = [word for word in _WORD.findall(name) if len(word) >= SHORTEST_NAME]
        persons = [word for word in words if word.lower() not in _DESKS | _NO_NAMES | keep]
        if len(persons) == len(words) > 1:  # of "Anna, Acme Service" only what may be a person's goes
            family, comma, given = name.partition(",")
            whole.add(" ".join(f"{given} {family}".split() if comma else name.split()))
        parts.update(word for word in persons if word[0].isupper())
    spelt = [
        *("(?i:" + r"[ \t]+".join(map(re.escape, one.split())) + ")" for one in sorted(whole, key=len, reverse=True)),
        *(f"(?:{re.escape(one)}|{re.escape(one.upper())})s?" for one in sorted(parts, key=len, reverse=True)),
    ]
    if spelt:
        for match in re.finditer(rf"(?<!\w)(?:{'|'.join(spelt)})(?!\w)", text):
            yield "known-name", *match.span()

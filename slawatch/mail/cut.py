"""Cuts a letter into what was written anew, the signature and what is only repeated.

It reads line by line in one pass: the libraries for this use patterns that need seconds for a page of blank lines.
"""

from __future__ import annotations

import html
import re
from typing import NamedTuple

HTML_MAX = 262_144  # characters of HTML that are read; what a person writes stands well before


class Parts(NamedTuple):
    """The three parts of a letter; joined they are less than the whole, as separators and markers are left out."""

    text: str
    signature: str
    quoted: str


def cut(letter: str) -> Parts:
    """Return the parts of a plain-text letter.

    Lines marked with ">" are quoted wherever they stand. After a line such as "On Monday X wrote:", or a repeated
    header, everything is quoted, unless marked lines show where the quotation ends: then a writer who answers below it
    is heard. Where such a line opens the letter, indentation or a sign of the writer's own ("--]") marks them, too.
    """
    anew: list[str] = []
    quoted: list[str] = []
    lines = [line.rstrip() for line in letter.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    at = 0
    mark = _NEVER
    while at < len(lines):
        line = lines[at]
        if _marked(line) or mark.match(line):
            quoted.append(line.lstrip(" >|"))
        elif length := _attribution(lines, at) or _header(lines, at):
            rest = at + length
            quoted += lines[at:rest]
            shown = _next_filled(lines, rest)
            mark = _own_mark(shown) if not any(anew) else _NEVER
            if not (_marked(shown) or mark.match(shown)):
                quoted += lines[rest:]
                break
            at = rest
            continue
        elif _RULED.match(line[:_LINE_MAX]):
            quoted += lines[at:]
            break
        elif not _REPLY_ABOVE.search(line[:_LINE_MAX]):
            anew.append(line)
        at += 1
    text, signature = _signature(anew)
    return Parts(text, signature, "\n".join(quoted).strip())


def from_html(source: str) -> str:
    """Return HTML as plain text with line breaks where a reader would see them; mail programs' quotations get a ">".

    What the tag itself hides is left out: nobody was told it. A style sheet may still hide what is kept. It is no
    parser: it takes tags away in one pass, so that no malformed page can hold it up.
    """
    source = source[:HTML_MAX]
    pieces: list[str] = []
    open_tags: list[tuple[str, _Look]] = []
    open_quotes: list[bool] = []  # of each, whether it or one around it repeats a letter
    lower = source.lower()
    at = 0
    while match := _TAG.search(source, at):
        _say(pieces, source[at : match.start()], open_tags)
        at = match.end()
        name = (match["name"] or "").lower()
        if match["comment"]:
            at = _after(lower, "-->", at)
            continue
        if name in _HIDDEN and not match["end"]:
            at = _after(lower, f"</{name}", at)
            continue
        if match["end"]:
            _closed(open_tags, name, at_most=_LOOKED_BACK)
        else:
            _opened(open_tags, name, match["rest"])
        if name == "blockquote":
            if not match["end"]:
                within = open_quotes[-1:] == [True]
                open_quotes.append(within or bool(_QUOTE_MARK.search(match["rest"][:_LINE_MAX])))
            elif open_quotes:
                open_quotes.pop()
            pieces.append("\n")
        elif name in _BLOCKS:
            pieces.append("\n")
        if open_quotes[-1:] == [True] and pieces[-1:] == ["\n"]:
            pieces.append("> ")
    _say(pieces, source[at:], open_tags)
    lines = (_SPACES.sub(" ", line).strip() for line in "".join(pieces).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


_LINE_MAX = 400  # characters of a line that are looked at; a header or attribution is shorter

_TAG = re.compile(r"(?P<comment><!--)|<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]{0,15})(?P<rest>[^<>]*)>")
_HIDDEN = frozenset({"head", "script", "style", "template", "title"})
_EMPTY = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"})  # they hold nothing
_ENDED_BY_NEXT = frozenset({"li", "p"})  # of these, none lies within another
_OPEN_MAX = 300  # tags within each other that are told apart
_LOOKED_BACK = 50  # of them, for the one that is closed
_ATTRIBUTES_MAX = 2000  # characters of a tag that are looked at
_TELLS_LOOK = re.compile(r"style|hidden|color|size|background")
_GONE = re.compile(
    r"(?:^|[\s\"'])hidden(?:$|[\s=/])"
    r"|(?:^|[\s;\"'=])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0?\.?0+(?![.\d])"
    r"|max-(?:height|width)\s*:\s*[01](?:px|pt)?(?![.\w%])"
    r"|text-indent\s*:\s*-\d{3}|(?:left|top)\s*:\s*-\d{3})"
)
_SIZE = re.compile(r"font-size\s*:\s*([\w.%]{1,20})")
_TINY = re.compile(r"0+(?:\.\d{1,3})?(?:px|pt|%)?|0+(?:\.0+)?r?em|1(?:px|pt|%)")
_COLOUR = re.compile(r"(?:^|[\s;\"'=])color\s*[:=]\s*[\"']?\s*(#?\w+(?:\([\d\s,.]{1,40}\))?)")
_GROUND = re.compile(r"(?:background(?:-color|-image)?|bgcolor)\s*[:=]\s*[\"']?\s*(#?\w+(?:\([\d\s,.]{1,40}\))?)")
_WHITE = frozenset({"#fff", "#ffffff", "white", "rgb(255,255,255)", "transparent"})
_BLOCKS = frozenset(
    {"br", "p", "div", "tr", "table", "li", "ul", "ol", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "section"}
)
_QUOTE_MARK = re.compile(r"cite|quote|border-left", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\xa0\u200b\ufeff]+")
_BLANK_LINES = re.compile(r"\n{3,}")

_REPLY_ABOVE = re.compile(
    r"(?:write|type|enter) your reply above this line|reply above this line|antwort(?:en sie)? bitte (?:ober|über)",
    re.IGNORECASE,
)
_RULED = re.compile(
    r"^[\s*]*[-_=]{2,}[\s>]*(?:original message|original-?nachricht|ursprüngliche (?:nachricht|mail|e-mail)"
    r"|forwarded message|weitergeleitete nachricht|reply message|message d'origine|mensaje original"
    r"|messaggio originale)\b",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"^[\s*]*(?P<name>from|von|sent|gesendet|date|datum|to|an|cc|subject|betreff|de|envoyé|objet|à|message-id"
    r"|enviado(?: el)?|enviada(?: em)?|fecha|para|asunto|assunto|da|inviato|data|oggetto|van|verzonden|aan|onderwerp"
    r"|från|skickat|till|ämne|fra|sendt|til|emne|od|wysłano|do|temat"
    r"|发件人|发送时间|收件人|主题|差出人|送信日時|宛先|件名)[\s*]*[:\uff1a]",
    re.IGNORECASE,
)
_FIRST_FIELDS = frozenset({"from", "von", "de", "da", "van", "från", "fra", "od", "date", "发件人", "差出人"})
_HEAD_FIELDS = 3  # a repeated header shows at least so many of its fields
_HEAD_LINES = 8  # and within so many lines
_ATTRIBUTED = re.compile(
    r"(?:\b(?:wrote|writes|said|schrieb|schreibt|a écrit|schreef|escribió|escreveu|ha scritto|skrev|kirjoitti"
    r"|napisał\w{0,2}|napsal\w?|írta|пишет|написал\w?)\b|写道|のメール)[^:]{0,200}[:\uff1a]\s*$",
    re.IGNORECASE,
)
_ATTRIBUTION_START = re.compile(r"^\s*(?:on|am|at|in|le|op|el|il|em|den|de|w dniu|dne|quoting|begin)\b", re.IGNORECASE)
_DATED = re.compile(r"\d|@")
_ATTRIBUTION_LINES = 3  # mail programs wrap it, at most so far
_SIGNATURE = re.compile(r"^-- ?$")
_SENT_FROM = re.compile(
    r"^(?:sent from my|sent from outlook|get outlook for|gesendet mit|von meinem \S+ gesendet"
    r"|diese nachricht wurde von meinem|gesendet von (?:meinem|mail|outlook))\b",
    re.IGNORECASE,
)


def _marked(line: str) -> bool:
    return line.lstrip().startswith(">") or bool(_BARRED.match(line))


_BARRED = re.compile(r"^\s{0,4}\|(?:\s|$)(?!.*\|)|^[A-Za-z]{1,4}> ")  # exmh's bars, not those of a table; "JD> "
_INDENTED = re.compile(r"^(?:\t| {2,})\s*\S")
_SIGN = re.compile(r"[^\w\s]{1,4}")
_NEVER = re.compile(r"(?!)")


def _own_mark(line: str) -> re.Pattern[str]:
    """Return what marks quoted lines in a letter whose first quoted line is this: its indentation or its signs."""
    if _INDENTED.match(line):
        return _INDENTED
    sign = _SIGN.match(line)
    return re.compile(re.escape(sign[0])) if sign else _NEVER


def _next_filled(lines: list[str], at: int) -> str:
    return next((line for line in lines[at : at + _HEAD_LINES] if line), "")


def _attribution(lines: list[str], at: int) -> int:
    """Return how many lines from here say who wrote what follows, 0 where none does.

    They name a date or an address, or marked lines follow; "she wrote that it takes three days:" does neither.
    """
    length_max = _ATTRIBUTION_LINES if _ATTRIBUTION_START.search(lines[at]) else 1
    for length in range(1, length_max + 1):
        together = lines[at : at + length]
        if not together[-1] or _marked(together[-1]):
            return 0
        said = " ".join(line[-_LINE_MAX:] for line in together)
        if _ATTRIBUTED.search(said[-_LINE_MAX:]):
            return length if _DATED.search(said) or _marked(_next_filled(lines, at + length)) else 0
    return 0


def _header(lines: list[str], at: int) -> int:
    """Return how many lines a repeated letter's header takes from here, 0 where none begins: its fields in a column."""
    field = _FIELD.match(lines[at][:_LINE_MAX])
    if field is None or field["name"].lower() not in _FIRST_FIELDS:
        return 0
    places = [place for place in range(at, min(at + _HEAD_LINES, len(lines))) if _FIELD.match(lines[place][:_LINE_MAX])]
    names = {found["name"].lower() for place in places if (found := _FIELD.match(lines[place][:_LINE_MAX]))}
    return places[-1] + 1 - at if len(names) >= _HEAD_FIELDS else 0


def _signature(lines: list[str]) -> tuple[str, str]:
    """Part the signature off: below "-- " (RFC 3676, section 4.3) or a telephone's advertisement of itself."""
    for at, line in enumerate(lines):
        if (_SIGNATURE.match(line) or _SENT_FROM.match(line)) and any(lines[:at]):
            return "\n".join(lines[:at]).strip(), "\n".join(lines[at:]).removeprefix("--").strip()
    return "\n".join(lines).strip(), ""


def _say(pieces: list[str], text: str, open_tags: list[tuple[str, _Look]]) -> None:
    if not open_tags or open_tags[-1][1].seen:
        pieces.append(_unescape(text))


class _Look(NamedTuple):
    """How what stands in an open tag looks; each of these comes down from the tag around it."""

    gone: bool = False
    tiny: bool = False
    white: bool = False
    ground: bool = False  # on a colour of its own, white is seen

    @property
    def seen(self) -> bool:
        return not (self.gone or self.tiny or (self.white and not self.ground))


def _opened(open_tags: list[tuple[str, _Look]], name: str, attributes: str) -> None:
    """Note a tag that was opened, with how it looks."""
    if name in _ENDED_BY_NEXT:
        _closed(open_tags, name, at_most=1)
    if name in _EMPTY or len(open_tags) >= _OPEN_MAX:
        return
    look = open_tags[-1][1] if open_tags else _Look()
    own = attributes[:_ATTRIBUTES_MAX].lower()
    if _TELLS_LOOK.search(own):
        size, colour = _SIZE.search(own), _COLOUR.search(own)
        look = _Look(
            gone=look.gone or bool(_GONE.search(own)),
            tiny=bool(_TINY.fullmatch(size[1])) if size else look.tiny,
            white="".join(colour[1].split()) in _WHITE if colour else look.white,
            ground=look.ground or any("".join(one.split()) not in _WHITE for one in _GROUND.findall(own)),
        )
    open_tags.append((name, look))


def _closed(open_tags: list[tuple[str, _Look]], name: str, *, at_most: int) -> None:
    """Note that the innermost tag of this name was closed, and those in it, if it is among the last so many."""
    for back in range(1, min(at_most, len(open_tags)) + 1):
        if open_tags[-back][0] == name:
            del open_tags[-back:]
            return


def _after(text: str, mark: str, at: int) -> int:
    """Return where `mark` begins or, for the end of a comment, ends; the end of the text where it never comes."""
    found = text.find(mark, at)
    if found < 0:
        return len(text)
    return found + len(mark) if mark.endswith(">") else found


def _unescape(text: str) -> str:
    try:
        text = html.unescape(text)
    except ValueError:  # a number of more digits than Python converts (4300)
        return text
    return text.replace("\n", " ").replace("\r", " ")

"""Recognises mail that was sent to many, by its headers or by how such letters are written. Decides nothing else.

People write to discussion lists, too: there the list's own footer and headers prove nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from slawatch.classify import subjects
from slawatch.classify.pattern import Pattern
from slawatch.model import Facts, Reason

ENOUGH = 3  # points; one sign alone stands in people's letters, too
TEXT_MAX = 12_000  # characters
_FOOTER_FROM = 0.5  # of the text: people ask how to unsubscribe at its beginning
_SALES_MAX = 3
_SAW_MAX = 40  # characters of each sign that are shown
_LINKS = (4, 10)  # links that make one point and two
_SHOUTS = 3  # lines in capitals or with several exclamation marks


def to_many(facts: Facts, *, answers: bool) -> Reason | None:
    """Return why a message was sent to many, None for one that answers somebody or where too little says so."""
    if answers:
        return None
    discussed = _discussion(facts)
    if not discussed:
        for name, pattern in _HEADERS:
            for value in facts.headers.get(name, ()):
                if pattern.search(value):
                    return Reason(rule="bulk-header", saw=f"{name}: {' '.join(value.split())[:80]}")
    saw = _written_to_many(facts, discussed=discussed)
    return Reason(rule="bulk-text", saw=", ".join(saw)) if saw else None


def _written_to_many(facts: Facts, *, discussed: bool) -> list[str]:
    """Return what in the text speaks for a letter to many, nothing where that is too little."""
    text = f"{facts.text}\n{facts.signature}"[:TEXT_MAX]
    found = [] if discussed else list(_footers(facts, text))
    found += [(1, saw) for saw in sorted(_SALES.all(text))[:_SALES_MAX]]
    found.append((1, _RIGHTS.saw([text])))
    found.append((1, subjects.TO_MANY.saw(facts.subjects)))
    links = len(_LINK.findall(text))
    found += [(1, f"{links} links") for enough in _LINKS if links >= enough]
    found += [(1, "!!!")] if len(_SHOUT.findall(text)) >= _SHOUTS else []
    saw = {" ".join(words.split())[:_SAW_MAX]: points for points, words in found if words}
    return list(saw) if sum(points for points, words in found if words) >= ENOUGH else []


def _footers(facts: Facts, text: str) -> Iterator[tuple[int, str]]:
    """Yield what only senders to many write, with its points, and what lists of people write as well."""
    match = _LEAVE.search(text)
    if match is not None:
        yield (ENOUGH if match.start() >= _FOOTER_FROM * len(text) else 1), match[0]
    yield 2, _WHY_SENT.saw([text])
    yield 2, _BROWSER.saw([text])
    yield 2, _SENDER.saw([facts.sender])


def _discussion(facts: Facts) -> bool:
    """Whether it came through a list on which people write to each other (RFC 2369: one may post to it)."""
    headers = facts.headers
    if any("mailto:" in value for value in headers.get("list-post", ())):
        return True
    return any(name in headers for name in _DISCUSSION)


_DISCUSSION = (
    "x-beenthere",
    "x-mailman-version",
    "x-mailing-list",
    "mailing-list",
    "x-mailinglist",
    "x-list-administrivia",
)
_ANY = Pattern("")
_HEADERS: tuple[tuple[str, Pattern], ...] = (
    ("list-unsubscribe", _ANY),
    ("list-id", _ANY),
    ("x-campaign", _ANY),
    ("x-campaignid", _ANY),
    ("x-campaign-id", _ANY),
    ("x-csa-complaints", _ANY),
    ("x-mc-user", _ANY),
    ("x-mailchimp-id", _ANY),
    ("x-newsletter", _ANY),
    ("x-newsletter-id", _ANY),
    ("x-bulkmail", _ANY),
    (
        "x-mailer",
        Pattern(r"mailchimp|newsletter|bulk|mass ?mail|phplist|sendblaster|group ?mail|cleverreach|inxmail|campaign"),
    ),
)
_SENDER = Pattern(
    r"^(?:[\w.-]{0,30}[-_.])?(?:newsletters?|news|marketing|offers?|angebote|deals|promo\w*"
    r"|mailings?)(?:[-_.][\w.-]{0,30})?@"
)
_LEAVE = Pattern(
    r"\bunsubscribe\b|\bopt[- ]?out\b|\bnewsletter\b.{0,40}(?:abbestellen|abmelden)|(?:abbestellen"
    r"|abmelden).{0,40}\bnewsletter",
    r"\b(?:remove|removed|delete)\b.{0,40}\b(?:from|mailing list|our list|future mail\w*)\b|\bto be removed\b"
    r"|\bremove\b.{0,20}\bsubject\b",
    r"\b(?:stop|longer wish|no longer want|prefer not|don't want|not wish)\b.{0,40}\b(?:receiv|hear|mail)"
    r"|\bmanage (?:your )?(?:\w+ )?preferences\b",
    r"\bkeine? (?:\w+ ){1,3}mehr (?:\w+ ){0,2}(?:erhalten|bekommen|empfangen)\b",
    r"\b(?:nicht mehr|keine weiteren) (?:\w+ ){0,4}(?:erhalten|zugeschickt|informiert)\b|\bvom verteiler\b"
    r"|\bnewsletter-?abmeldung\b|\bhier abmelden\b",
    r"\b(?:se désabonner|désinscri\w+|darse de baja|cancelar (?:la )?suscripción"
    r"|cancella\w* (?:la )?iscrizione|disiscriv\w+"
    r"|uitschrijven|afmelden|avregistrera|afmeld|wypisz|wypisać|odhlásit|leiratkoz|отписаться|退订|取消订阅|配信停止)",
)
_WHY_SENT = Pattern(
    r"\byou(?:'re| are| have)? (?:receiv\w+|getting|got) (?:this|these|our)\b.{0,80}\b(?:because|as a|since"
    r"|subscri|regist)",
    r"\bthis (?:e-?mail|message|newsletter) (?:was|is|has been) (?:sent|mailed|being sent) to\b",
    r"\bsie (?:erhalten|bekommen) (?:diese[nr]?|unseren) .{0,40}\b(?:weil|da|als)\b|\bdiese (?:e-?mail"
    r"|nachricht) wurde an .{1,60} (?:gesendet|verschickt)\b",
)
_BROWSER = Pattern(
    r"\b(?:view|read|see|open) (?:this|it|the)? ?(?:e-?mail |message |newsletter )?(?:in|on|with) (?:your|a"
    r"|the) (?:web )?browser\b",
    r"\b(?:im|in ihrem|zur) (?:web)?browser\w* (?:ansehen|anzeigen|öffnen|lesen)\b|\bwird (?:diese"
    r"|der) .{0,30}nicht (?:richtig|korrekt) angezeigt\b"
    r"|\bonline-?version\b|\bweb ?version\b",
)
_RIGHTS = Pattern(
    r"©|\(c\) ?(?:19|20)\d\d|\bcopyright (?:©|\(c\)|(?:19|20)\d\d)",
    r"\ball rights reserved\b|\balle rechte vorbehalten\b|\bimpressum\b",
)
_SALES = Pattern(
    r"\b(?:\d{1,2} ?% (?:off|rabatt|discount|sparen)|special offers?|free shipping|limited[- ]time"
    r"|for a limited|act now|order now|buy now|shop now"
    r"|click here|click below|click on the link|free trial|money[- ]back|risk[- ]free|no obligation|no risk"
    r"|lowest prices?|best prices?|low rates?"
    r"|call now|don't miss|hurry|once in a lifetime|guaranteed|100 ?% (?:free|guaranteed)|absolutely free"
    r"|totally free|free gift|bonus"
    r"|earn (?:money|\$|up to|extra)|make (?:money|\$|thousands)|work (?:from|at) home|extra income"
    r"|financial freedom|get rich|cash prize|you(?:'ve| have) won"
    r"|winner|lottery|jackpot|casino|mortgage|refinanc\w+|credit report|debt|consolidat\w+|lose weight"
    r"|weight loss|viagra|cialis|pharmacy|prescription"
    r"|hair loss|herbal|enlarge\w*|adult|xxx|hot (?:girls|teens)|opportunity of|business opportunity"
    r"|multi-?level|mlm|bulk e-?mail|e-?mail addresses"
    r"|million (?:dollars|us)|next of kin|confidential(?:ity)? of this transaction|transfer (?:of )?(?:the"
    r"|this) (?:sum|fund|money)\w*|stock (?:pick|alert)|invest(?:ors?|ment))\b",
    r"\b(?:jetzt (?:kaufen|bestellen|sichern|entdecken|anmelden|zugreifen|shoppen)|gutscheincode|rabattcode"
    r"|versandkostenfrei|nur (?:heute|solange|noch bis)"
    r"|solange der vorrat|hier klicken|klicken sie hier|gratis dazu|unverbindlich|sonderangebot\w*"
    r"|schnäppchen|gewinnspiel|geld-zurück|neuheiten|kollektion"
    r"|unsere (?:neuen|aktuellen|besten) (?:angebote|produkte|preise)|angebote der woche|exklusiv für sie)\b",
)
_LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)
_SHOUT = re.compile(r"!!|^[^a-z\n]{0,60}\b[A-Z]{4,}\b[^a-z\n]{8,}$", re.MULTILINE)

"""What a sentence can do in a letter, and the little words of letters: greetings, thanks, closings. Decides nothing."""

from __future__ import annotations

from enum import StrEnum

from slawatch.classify.pattern import Pattern
from slawatch.classify.words import DAY, OURS, SPAN


class Role(StrEnum):
    """What a sentence does in a letter; the values are the ids of rules."""

    AUTOMATIC = "says-it-is-automatic"
    NO_REPLIES = "takes-no-replies"
    BOT = "says-it-is-a-bot"
    AWAY = "says-nobody-is-there"
    HELD = "holds-our-mail"
    RECEIPT = "confirms-receipt"
    TICKET = "tells-of-a-ticket"
    NOTICE = "tells-of-an-event"
    SURVEY = "asks-for-a-rating"
    COURTESY = "thanks"
    PLEASANTRY = "pleasantries"
    GENERIC_PROMISE = "promises-in-general"
    BOILERPLATE = "boilerplate"
    REFUSAL = "refuses"
    QUESTION = "asks-back"
    HANDOFF = "sends-elsewhere"
    INTERIM = "says-it-goes-on"
    CONTENT = "deals-with-the-matter"


MAIL_OF_OURS = Pattern(rf"\b{OURS}\b")
HOW_LONG = Pattern(rf"\b{SPAN}", rf"\b{DAY}")
SPECIFIC_DAY = Pattern(rf"\b{DAY}")
FIRST_PERSON = Pattern(r"\b(?:ich|mir|mich|meine?[mnrs]?|i|i'm|i've|i'll|i'd|me|my)\b")
ANSWERING = Pattern(
    r"\b(?:\w*antwort\w*|rückmeldung\w*|melden|bearbeit\w*|kümmern|repl(?:y|ies)|respon\w+|answer\w*"
    r"|get back|process\w*)\b"
)
SHORT_ANSWER = Pattern(r"^(?:ja|nein|doch|yes|no|yep|nope|correct|richtig|stimmt|leider (?:nein|nicht))\b")
WHY = Pattern(
    r"\b(?:weil|da (?:wir|ich|der|die|das|unser\w*|es|hier|noch|sich)|denn|aufgrund|wegen|deshalb|deswegen"
    r"|daher)\b",
    r"\b(?:because|since (?:we|i|our|the)|due to|as (?:we|i|our|the) \w+|owing to|therefore)\b",
    r"\b(?:rücksprache|nachfragen|nachgefragt|erfragen|\w*klären|kläre|prüfen|prüfe|recherchieren|einholen)\b",
    r"\b(?:wait(?:ing)? for|warte[nt]? (?:noch )?auf|(?:need|have) to (?:check|ask|verify|clarify|find"
    r"|wait|speak))\b",
    r"\b(?:checking|looking into|investigat\w+|clarify\w*|ask(?:ed|ing) (?:our|the|my))\b",
    r"\bhave (?:forwarded|passed|handed|escalated)\b|\bweiter(?:geleitet|gegeben|gereicht)\b",
    r"\ban (?:die|den|das|unser\w*|meine\w*) (?:\S+ ){1,3}(?:über|ab)?gegeben\b",
)

_NAMED = r"(?:[ ,]+[\w.'’-]+){0,5}"
GREETING_CLAUSE = Pattern(
    rf"^(?:sehr geehrte\w?|hallo|guten (?:tag|morgen|abend)|liebe[rs]?|moin|servus|grüß gott|hi|hello|dear"
    rf"|good (?:morning|afternoon|evening|day)|greetings)\b(?:[^,.!:]{{0,60}}[,.!:]+|{_NAMED}$)",
    rf"^(?:(?:mit |many )?(?:freundliche|beste|viele|liebe|herzliche|schöne)[nm]? gr[üu](?:ß|ss)\w*|mfg"
    rf"|lg)\b{_NAMED}[,.!]*$",
    r"^(?:with |many )?(?:(?:kind|best|warm)(?:est)? (?:regards|wishes)|regards|sincerely"
    r"|yours (?:sincerely|faithfully|truly)"
    rf"|cheers|best)\b{_NAMED}[,.!]*$",
    r"^(?:ihr|ihre|your|the|das|dein|euer)(?: \S+){0,4} ?(?:team|kundenservice|kundendienst|service"
    r"|support)\b[,.!]*$",
    r"^(?:\S+ ){0,3}(?:kundenservice|kundendienst|service|support|customer (?:service|care"
    r"|support))[- ]?(?:team)?[,.]*$",
)
COURTESY_CLAUSE = Pattern(
    r"^(?:(?:haben sie )?(?:vielen|herzlichen|besten|lieben|tausend|ganz herzlichen|schönen) dank"
    r"|danke(?:schön)?"
    r"|wir (?:be)?danken|ich (?:be)?danke|schön|thank you|(?:many |kind )?thanks|we (?:really )?appreciate"
    r"|we thank"
    r"|i (?:really )?appreciate)\b[^,.!:;–]{0,160}(?:, ?(?:dass|daß|wenn"
    r"|that)\b[^,.!:;–]{0,160}){0,2}(?:[,.!:;–]+|$)",
    r"^(?:i(?:'ve)? )?(?:got|received) (?:it|this|your (?:\w+ )?(?:message|mail|e-?mail|note"
    r"|letter))\b[^,.!:;–]{0,40}(?:[,.!:;–]+|$)",
    r"^(?:es tut (?:mir|uns)|(?:bitte )?entschuldig\w+|wir entschuldig\w+|sorry|(?:we |i |my "
    r"|our )?apolog\w+|(?:i|we)(?:'m| am"
    r"| are|'re) sorry)\b[^,.!:;–]{0,160}(?:[,.!:;–]+|$)",
    r"^(?:sehr )?gerne?\b[^.!:;–]{0,40}\b(?:beantworte\w*|helfe\w*|weiter|mit)\b[^.!:;–]{0,60}(?:[.!:;–]+|$)",
)

_ASKED = (
    r"[^,.!?:;–]{0,200}(?:, ?(?:ob|wie|was|wann|wo|welche\w*|dass|und|if|how|what|when|which|and)\b"
    r"[^,.!?:;–]{0,200}){0,3}(?:[,.!?:;–]+|$)"
)
# Whoever says what we asked has told us nothing yet.
RESTATED_CLAUSE = Pattern(
    rf"^(?:sie|du) (?:möchte\w*|woll\w*|willst|würde\w*) (?:\w+ ){{0,8}}?(?:wissen|erfahren)\b{_ASKED}",
    rf"^(?:sie|du) (?:frag\w+|erkundig\w+|interessier\w+)\b{_ASKED}",
    rf"^(?:sie|du) ha(?:ben|st|tten|ttest) [^.!?:;]{{0,160}}?\b(?:gefragt|erkundigt|angefragt)\b{_ASKED}",
    rf"^(?:es geht ihnen|ihnen geht es|sie schreiben|sie wünschen) (?:also )?(?:um|auskunft|informationen)\b{_ASKED}",
    rf"^(?:(?:i|we) (?:see|read|note|noticed|gather|understand)(?: that)? )?(?:so )?"
    rf"you(?:'re| are|'ve| have|'d| would)?"
    rf" (?:like to|want(?:ed)? to|wish(?:ed)? to|asked|asking|inquir\w+|enquir\w+|wonder\w*|interested)\b{_ASKED}",
)

# Who writes for a team hides behind it; a person who answers gives a name, or none at all.
TEAM = Pattern(
    r"\b(?:service|support|kunden\w+|customer \w+|help ?desk)[ -]?(?:team|center|centre|desk|abteilung"
    r"|department)\b",
    r"\b(?:ihr|euer|dein|the|your) (?:\S+ ){0,4}(?:\S{1,30}-)?team\b|\bteam (?:von|of) ",
    r"\b(?:kundenservice|kundendienst|kundenbetreuung|customer (?:service|care|support))\b",
    r"^(?:the |your |ihr |das )?[\w.&' -]{1,40} team\W*$",
)
AMOUNT = Pattern(
    rf"\b{SPAN}",
    r"\b\d+(?:[.,]\d+)? ?(?:€|eur\b|euro|\$|usd|£|gbp|chf|%|kg\b|cm\b|mm\b|km\b|uhr\b|am\b|pm\b|a\.m|p\.m)",
    r"(?:€|\$|£|\beur|\busd|\bchf) ?\d",
    r"https?://|www\.",
)
DEFINITE = Pattern(
    rf"\b{DAY}",
    r"\b(?:kostenlos\w*|kostenfrei\w*|gratis|umsonst|möglich|unmöglich|verfügbar|vorrätig|ausverkauft"
    r"|lieferbar)\b",
    r"\b(?:free of charge|for free|possible|impossible|available|in stock|sold out|discontinued)\b",
)

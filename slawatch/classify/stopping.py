"""Finds that a company asks us to leave it alone, in its own words: German and English. Judges no kind.

Precise rather than complete: what sends us elsewhere, speaks of an order or of a newsletter of theirs is none.
"""

from __future__ import annotations

import re

from slawatch.classify.letters import LETTER_MAX, PASSAGE, SENTENCE_END
from slawatch.classify.pattern import Pattern, folded
from slawatch.model import Facts, Form, MessageKind, Reason, Text

RULE = "asks-to-stop"
_SENTENCE_MAX = 400
_SAW_MAX = 120

# Receipts ask not to be written to about the same matter again, newsletters say how to leave them: no machine asks us.
_OF_PEOPLE = frozenset({kind for kind in MessageKind if kind.by_person} | {MessageKind.UNKNOWN})

_SENDINGS = (
    r"(?:e-?mails?|mails?|messages?|letters?|enquir(?:y|ies)|inquir(?:y|ies)|requests?|questions?|nachrichten|anfragen"
    r"|schreiben|fragen|zusendungen|testanfragen|zuschriften)"
)
_AGAIN = r"(?:again|any ?more|any longer|any further|in (?:the )?future|ever)"
_MORE = r"(?:mehr|wieder|weiter(?:hin)?|nochmals?|noch ?(?:ein)?mal|erneut|länger|künftig|in zukunft)"
_ADDRESS_US = (
    r"(?:kontaktier\w*|anschreib\w*|schreib\w*|anmail\w*|mail(?:en|t)|kontakt|anfrag\w*|belästig\w*|behellig\w*"
    r"|stör\w*)"
)
_LIST = (
    r"(?:verteilers?|mail(?:ing)?[- ]?list\w*|listen?|lists?|distribution list|datenbank|database|records|adressbuch"
    r"|contacts|umfragen?|survey|study|studie|kartei)"
)

_ASKS = Pattern(
    # English
    rf"\b(?:do not|don't|never) (?:ever )?(?:contact|e-?mail|mail|write to|write|message|text|dm|bother) (?:us|me)"
    rf"(?: \w+){{0,2}} {_AGAIN}\b",
    r"\b(?:do not|don't|never) (?:contact|e-?mail|write to|message|bother) (?:us|me)\s*(?:[.!,;]|$)",
    r"\b(?:stop|cease|quit) (?:e-?mailing|contacting|messaging|writing to|writing|spamming|asking|bothering|harassing"
    r"|texting|pestering|testing) (?:us|me)\b",
    rf"\b(?:stop|cease|quit) sending (?:us |me )?(?:these |such |any |your |more |further |test ){{0,2}}{_SENDINGS}\b",
    r"\b(?:stop|cease|end) (?:all |any |this |these |your )?(?:further )?(?:contact|correspondence|test(?:s|ing)?)\b"
    r"(?! (?:person|form|details|page))",
    r"\b(?:remove|delete|take|strike|drop) (?:us|me|our (?:\w+[- ]){0,2}(?:address|company|name|details))"
    rf" (?:off|from|out of) (?:of )?(?:your|this|the) (?:[\w-]+ ){{0,2}}{_LIST}\b",
    r"\bunsubscribe (?:us|me)\b|\bopt us out\b|\b(?:leave|let) (?:us|me) (?:alone|be in peace)\b",
    r"\b(?:we|i) (?:do not|don't|no longer|would (?:like|prefer) not to|would rather not)(?: (?:wish|want|like|care))?"
    r" ?(?:to )?be (?:contacted|e-?mailed|written to|asked|tested|bothered)\b",
    r"\b(?:we|i) (?:do not|don't|no longer) (?:wish|want|like|care) to (?:get|receive|be sent)"
    rf" (?:any |more |further |such |these |your |test ){{1,3}}{_SENDINGS}\b",
    r"\b(?:refrain|desist|abstain) from (?:contacting|e-?mailing|writing to|sending)"
    r" (?:us|me|further|any|such|more)\b",
    rf"\b(?:please )?(?:send (?:us )?)?no (?:further|more) {_SENDINGS},? (?:please|from you)\b",
    rf"\bplease send (?:us )?no (?:further|more) {_SENDINGS}\b",
    # German
    rf"\b{_ADDRESS_US} (?:sie |du |ihr )?(?:bitte )?(?:uns|mich|mir)(?: \w+){{0,2}} nicht {_MORE}\b",
    rf"\b(?:uns|mich|mir) (?:bitte )?(?:\w+ )?nicht {_MORE} (?:zu )?{_ADDRESS_US}\b",
    rf"\bbitte (?:\w+ )?nicht {_MORE} {_ADDRESS_US}\b",
    rf"\b(?:senden|schicken|schreiben|mailen|stellen|send|schick|schreib)e?t? (?:sie )?(?:uns |mir )?(?:bitte "
    rf")?(?:uns |mir )?"
    rf"(?:keine (?:weiteren |solchen |derartigen ){{1,2}}{_SENDINGS}|keine {_SENDINGS} mehr)\b",
    rf"\b(?:sehen|seht|sieh) (?:sie )?(?:bitte )?von (?:jeglichen |weiteren |künftigen |solchen |derartigen ){{1,2}}"
    rf"(?:{_SENDINGS}|kontaktaufnahmen?|kontaktversuchen) ab\b",
    rf"\b(?:unterlassen|unterlasst|unterlass) (?:sie )?(?:es )?(?:bitte )?(?:ab sofort |künftig )?"
    rf"(?:(?:jegliche|weitere|künftige|solche|derartige|diese|ihre) ){{1,2}}(?:{_SENDINGS}|kontaktaufnahmen?"
    rf"|kontaktversuche)\b",
    rf"\b(?:verzichten|verzichtet|verzichte) (?:sie )?(?:bitte )?auf (?:jegliche |weitere |künftige |solche ){{1,2}}"
    rf"(?:{_SENDINGS}|kontaktaufnahmen?)\b",
    r"\b(?:nehmen|nehmt|nimm|streichen|streicht|streich|entfernen|entfernt|entferne|löschen|löscht|lösche) (?:sie )?"
    r"(?:bitte )?(?:uns|mich|unsere (?:[\w-]+ ){0,2}(?:adresse|firma|daten)|diese adresse) (?:bitte "
    r")?(?:umgehend |sofort |unverzüglich )?"
    rf"(?:aus|von) (?:ihre[mrn]|dem|der|eure[mrn]|deine[mr]) (?:[\w-]+ ){{0,2}}(?:[\w]+-)?(?:e-?mail-?)?{_LIST}\b",
    rf"\b(?:aus|von) (?:ihre[mr]|dem|der) (?:[\w-]+ ){{0,2}}{_LIST} (?:zu )?(?:nehmen|streichen|entfernen"
    rf"|löschen|auszutragen)\b",
    r"\b(?:tragen|tragt) sie (?:uns|mich) (?:bitte )?(?:\w+ ){0,4}aus\b",
    r"\b(?:wir|ich) (?:möchten?|wollen|will|wünschen?) (?:\w+ ){0,3}nicht (?:mehr|weiter(?:hin)?|länger)"
    r" (?:\w+ ){0,3}(?:kontaktiert|angeschrieben|angefragt|getestet|belästigt|behelligt) (?:zu )?werden\b",
    rf"\b(?:wir|ich) (?:möchten?|wollen|will|wünschen?) (?:\w+ ){{0,3}}(?:keine (?:weiteren |solchen "
    rf"|derartigen ){{1,2}}{_SENDINGS}"
    rf"|keine {_SENDINGS} mehr|keinen (?:weiteren )?kontakt|keine (?:weitere )?kontaktaufnahme)\b",
    r"\bhör(?:en sie|t|) (?:bitte )?(?:damit )?auf,? (?:uns|mich|mir) (?:\w+ ){0,4}zu (?:\w+)\b",
    r"\blass(?:en sie|t|) (?:uns|mich) (?:bitte )?in (?:ruhe|frieden)\b",
    rf"\bstopp(?:en sie|t|) (?:bitte )?(?:diese|ihre|alle|weitere) (?:\w+ )?(?:{_SENDINGS}|kontaktaufnahmen?)\b",
)
# Said alone it can mean nothing else: "STOP", "Bitte nicht mehr."
_ALONE = re.compile(
    r"(?:nein,? |no,? )?(?:please |bitte |kindly )?(?:stop|stopp|unsubscribe|opt[- ]?out|abmelden|austragen|abbestellen"
    r"|(?:das )?nicht mehr|(?:das )?lassen|aufhören|no more)(?: (?:it|this|that|now|immediately|sofort|damit"
    r"|please|bitte"
    r"|(?:e-?mails?|mails|e-?mailing|asking|anfragen)))?[\s.!,:;–-]*"
)
# Sent elsewhere, asked to wait, or told how to leave a newsletter: nobody wants to be left alone by us.
_OTHERWISE = Pattern(
    r"^(?:if|falls|wenn|sofern|should|sollten|sollte|um sich)\b",
    r"\b(?:until|unless|bis (?:sie|wir|zum|zur|dahin)|solange|bevor|before)\b",
    r"\b(?:sondern|stattdessen|instead|rather use|but (?:use|via|through|by|please)|nutzen sie|verwenden sie"
    r"|benutzen sie)\b",
    r"\buse (?:our|the|this)\b|\b(?:via|through) (?:our|the|this)\b|\bby (?:phone|fax|post|telephone)\b",
    r"\bper (?:fax|telefon|post|brief)\b|\b(?:unter|über|an|auf) diese[rnms]?\b|\bat this\b|\bon this "
    r"(?:number|channel)\b",
    r"\b(?:click|klicken|link|abmeldelink|newsletters?)\b|\b(?:brauch(?:en|st|t)|müssen|musst|need|needn't)\b",
    r"\b(?:do not|don't|did not|didn't|does not|doesn't|can't|cannot|won't|never|will not|would not) (?:\w+ )?stop\b",
    r"\b(?:delays?|verzöger\w*|zu diesem (?:vorgang|anliegen|ticket|fall|thema)|regarding this|about this "
    r"(?:matter|case))\b",
    r"\b(?:asked|told|bat|baten|gebeten|wants?|möchte|customers?|kunde|kunden|kundin) us to\b",
)
_PREFIX = re.compile(r"^(?:\s*(?:re|aw|antw|antwort|fw|fwd|wg)(?:\[\d+\])?\s*:)+\s*", re.IGNORECASE)


def asks_to_stop(facts: Facts, kind: MessageKind, asked: Text | None = None) -> Reason | None:
    """Return what in a message asks us not to write again, None where nothing does.

    Only what a person may have written is looked at, and only its own words: subject and text, without what they quote
    and without our own subject, which an answer repeats.
    """
    if kind not in _OF_PEOPLE:
        return None
    subject = _PREFIX.sub("", facts.subject)
    if asked is not None and asked.form is Form.LETTER:
        subject = subject.replace(asked.subject, " ")
    for sentence in (subject.strip(), *_sentences(facts.text)):
        said = _said(sentence)
        if said:
            return Reason(rule=RULE, saw=said[:_SAW_MAX])
    return None


def _said(sentence: str) -> str:
    lower = folded(sentence).replace("’", "'")
    if _ALONE.fullmatch(lower):
        return sentence.strip()
    if lower.endswith("?") and not lower.startswith(("could you", "can you", "would you", "können sie", "könnten sie")):
        return ""
    found = _ASKS.search(lower)
    return sentence[found.start() : found.end()].strip() if found and not _OTHERWISE.search(lower) else ""


def _sentences(text: str) -> list[str]:
    """Return the sentences of a text, its lines joined where they are wrapped."""
    own = PASSAGE.sub(" ", text[:LETTER_MAX])
    found = []
    for paragraph in re.split(r"\n\s*\n", own):
        lines = [line.strip() for line in paragraph.splitlines() if not line.lstrip().startswith(">")]
        found += [one.strip()[:_SENTENCE_MAX] for one in SENTENCE_END.split(" ".join(lines)) if one.strip()]
    return found

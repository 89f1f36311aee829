"""What may not be written to a company, in German and English: it would be untrue, unfair or against the law.

Finds and names it; what to do about it is up to the caller. A person can still write badly in ways no rule foresees.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from slawatch.model import Probe

SHOWN_MAX = 50  # characters of the offending words repeated in a message


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing not to write.

    `words` holds one pattern a line, in lower case, each matched from word boundary to word boundary; `signs` is one
    pattern matched anywhere. A hit in a sentence that also holds a word of `unless` is none.
    """

    name: str
    instead: str
    words: str = ""
    signs: str = ""
    unless: str = ""
    for_customers: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Offence:
    """Where a probe breaks a rule. `path` is that of the probe's file: ("de", "variant", 0, "body")."""

    path: tuple[str | int, ...]
    rule: str
    words: str
    instead: str


# The pieces of "answer me by Friday". They must stand in one clause: "let me know whether you deliver within 3 days"
# asks for no answer within 3 days. German sets every clause off by a comma, English by one of the words here.
_REPLY_EN = (
    "(?:answer|reply|respond|response|(?:get|come) back to (?:me|us)|hear(?:ing)? from you|write back|confirm"
    "|(?:let|tell|inform) (?:me|us))"
)
_CLAUSE_EN = r"\b(?:(?!\b(?:whether|if|how|what|which|when|where|who|that|you)\b)[^.!?]){0,50}?\b"
_DAY_EN = (
    r"(?:today|tonight|tomorrow|noon|(?:next |this )?(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:the )?end of"
    r"|next week|close of business|\d{1,2}(?:st|nd|rd|th)?)"
)
_LIMIT_EN = (
    r"(?:within (?:\d+|an?|one|two|three|four|five|six|seven|ten|twelve|fourteen|the next|a few)"
    rf"|(?:by|before|until) {_DAY_EN}|(?:no|not) later than|at the latest|as soon as possible|asap|immediately"
    r"|at once|without delay|promptly|urgently|today)"
)
_REPLY_DE = (
    r"(?:antwort\w*|beantwort\w*|rückmeldung\w*|melden|bescheid|mitteil\w*|(?:teilen|sagen|schreiben) sie (?:mir|uns)"
    r"|(?:teilt?|sagt?|schreibt?) (?:mir|uns)"
    r"|bestätig\w*|stellungnahme|auskunft)"
)
_CLAUSE_DE = r"\b(?:(?!\b(?:normalerweise|üblicherweise|gewöhnlich|in der regel)\b)[^.!?,]){0,60}?\b"
_DAY_DE = (
    r"(?:heute|morgen|übermorgen|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend|ende"
    r"|(?:zum )?(?:\d{1,2}(?:\. ?\w+)?|(?:kommende|nächste)[mnrs]?))"
)
_LIMIT_DE = (
    r"(?:(?:innerhalb|binnen) (?:von )?(?:der nächsten |weniger )?(?:\d+|eine[rs]|zwei|drei|vier|fünf|sechs|sieben|zehn"
    rf"|vierzehn|tagen|stunden)|(?:bis )?spätestens|bis (?:spätestens )?{_DAY_DE}|noch heute|umgehend\w*"
    r"|unverzüglich\w*|schnellstmöglich\w*|baldmöglichst\w*|so (?:schnell|bald) wie möglich"
    r"|sofort(?:ige[nrs]?)?(?! (?:verfügbar|liefer)))"
)

RULES = (
    Rule(
        name="threat",
        instead="ask only; announce nothing",
        words=r"""
            lawyers?|attorneys?|solicitors?|ombudsman|trading standards|small claims
            (?:to|in) court
            su(?:e|ing) (?:you|your|the company)
            legal (?:action|steps|proceedings|consequences)
            consumer (?:protection|advice|watchdog)
            (?:bad|negative|terrible|poor|one[- ]star|1[- ]star) (?:review|rating)s?
            report (?:you|your company) to|complain to|complaint (?:to|with|against)
            (?:or else|otherwise),? (?:i|we)(?:'ll|'d| will| shall| would| must| have to| am going| are going)
            (?:face|be|have) (?:the )?consequences|go to the (?:press|media)
            (?:rechts)?anw(?:alts?|alte|älten?|ältin|ältinnen)
            verklag\w*|klage (?:einreichen|einzureichen|erheben|führen)|vor gericht|gerichtlich\w*|juristisch\w*
            rechtliche[nrs]? (?:schritte|konsequenzen|mittel|folgen)
            verbraucher(?:schutz|zentrale)\w*|schlichtungsstelle\w*|aufsichtsbehörde\w*
            anzeige (?:erstatten|gegen)|erstatten? (?:\w+ )?anzeige|abmahn\w*
            (?:negativ|schlecht)e[nrs]? (?:bewertung|rezension|kritik)\w*
            (?:andernfalls|ansonsten|sonst) (?:werden?|muss|müssen|müsste|sehe|bin|behalte) (?:ich|wir)
            konsequenzen|an die (?:presse|öffentlichkeit)
            boy[ck]ott\w*|shitstorm\w*|name and shame|shame on you|go(?:es|ing)? viral|schäm(?:t euch|en sie sich)
        """,
    ),
    Rule(
        name="deadline",
        instead="leave the time to the company; it is what is measured",
        words=rf"""
            (?<!do you )(?<!usually )(?<!normally ){_REPLY_EN}{_CLAUSE_EN}{_LIMIT_EN}
            {_LIMIT_EN}{_CLAUSE_EN}(?:i|we) (?:expect|need|require|want|must have)
            (?:i|we) (?:expect|demand|require|insist on) (?:an?|your|you|to)
            (?:set|setting|give|giving) you (?:an?|until|one|\d+)
            (?:this|it|matter)(?:'s| is) (?:\w+ )?urgent|urgently need|urgent (?:request|reply)
            {_REPLY_DE}{_CLAUSE_DE}{_LIMIT_DE}
            {_LIMIT_DE}{_CLAUSE_DE}{_REPLY_DE}
            erwarten? (?:ich |wir )?(?:(?:ihr|eur|dein)?e|eine|von (?:ihnen|euch|dir)|bis|innerhalb)
            (?:ich|wir) (?:verlangen?|fordern?|bestehen?)
            (?:setzen?|geben?) (?:ich |wir )?(?:ihnen|euch|dir)|fristsetzung|nachfrist
            (?:es|das|die sache|die angelegenheit) (?:ist (?:\w+ )?dringend|eilt)
            dringende (?:bitte|anfrage)|dringend um
        """,
    ),
    Rule(
        name="law",
        instead="ask how the company does it, not what the law demands",
        signs="§",
        words=r"""
            art(?:\. ?| )\d+|arti(?:cle|kel) \d+ ?(?:\(\d\) ?)?(?:of|des|der|gdpr|dsgvo|ds-gvo|gg|abs)
            gdpr|ccpa|dsgvo|ds-gvo|bdsg|bgb|hgb|uwg|ttdsg|ddg|agg|bfsg|ifg|foia
            datenschutz-?grundverordnung|general data protection
            (?:data protection|consumer|equality|sale of goods|disabilit\w+|freedom of information)[\w ]{0,20} act
            statut(?:es?|ory)|(?:required|obliged|bound|entitled) by law|under (?:\w+ )?law
            legally (?:required|obliged|bound|entitled)|legal (?:obligations?|duty|duties|rights?)
            subject access|data subject|right (?:of|to) (?:access|erasure|be forgotten)
            (?:delete|erase|copy of) (?:all )?my (?:personal )?data
            gesetzlich\w*(?! feiertag)|(?:laut|per|nach dem|von) gesetz\w*|gesetzgeber\w*
            rechtlich (?:verpflichtet|vorgeschrieben)|rechtsanspruch\w*|rechtsgrundlage\w*
            paragra(?:ph|f)(?:en)? \d+|abs(?:\.|atz) ?\d+|(?:section|paragraph) \d+ of
            (?:auskunft über|löschen sie|löschung|kopie) (?:aller? )?(?:meine[nr]?|(?:der|die) über mich)
            löscht (?:bitte )?(?:alle )?(?:meine|die über mich)
            auskunftsersuchen|betroffenenrecht\w*|eu-(?:verordnung|richtlinie)
        """,
    ),
    Rule(
        name="selling",
        instead="ask about what the company offers; offer it nothing",
        words=r"""
            (?:we|i) (?:can |could )?(?:offer|sell|provide|speciali[sz]e)
            our (?:products?|services?|company|agency|solutions?|platform|offers?|clients?|customers?)
            partnership|collaborat\w+|business proposal|guest (?:post|article)|backlinks?|seo
            affiliate|sponsor\w*|(?:boost|increase|grow|promote) your|discount for you
            (?:wir|ich) (?:bieten?|vertreiben?|verkaufen?)
            unsere?[mnrs]? (?:produkte?n?|dienst\w*|firma|agentur|unternehmen|lösung\w*|angebot\w*|plattform|kunden)
            kooperation\w*|zusammenarbeit|partnerschaft|gast(?:beitrag|artikel)\w*|suchmaschinen\w*
            (?:ihr|eur|dein)en? (?:umsatz|sichtbarkeit|reichweite|verkäufe)
        """,
    ),
    Rule(
        name="link",
        instead="leave out addresses of pages and mailboxes; filters for unwanted mail distrust them",
        signs=(
            r"https?://\S*|www\.\S*|mailto:\S*|[\w.+-]+@[\w-]+\.\w+"
            r"|[\w}-]\.(?:com|de|org|net|io|eu|at|ch|info|biz|shop|co|uk|app|fr|nl)\b"
        ),
        words="""
            click (?:here|on this|on the link|the link)
            klicken sie (?:hier|auf den link|auf diesen link)
        """,
    ),
    Rule(
        name="order",
        instead="ask how it would be, without ordering anything",
        words=r"""
            i(?:'d like|'d love| would like| would love| want| wish|'m going| am going) to (?:order|buy|purchase|book)
            i(?:'d like|'d love| would like| would love| want| wish|'m going| am going) to (?:reserve|place an order)
            hereby (?:order|book)|(?:i am|i'm) ordering|sign me up|cancel my
            (?<!if )(?<!when )(?<!before )(?<!once )(?<!after )(?<!can )(?<!could )(?<!do )(?<!should )(?<!may )i order
            please (?:ship|deliver|reserve|book)
            please send (?:me |us )?(?:\d+|one|two|three|four|five|six|ten|a dozen|a sample)
            i(?:'ll| will) take (?:\d+|one|two|three|it|them|the)
            hiermit (?:bestell|buch|reservier|order)\w*|stornier\w*
            (?<!wenn )(?<!falls )(?<!ob )(?<!bevor )(?<!nachdem )(?<!dass )(?<!sobald )ich bestelle
            (?:ich|wir) (?:möchten?|würden?|will|wollen) [^.!?,]{0,50}?(?:bestellen|kaufen|buchen|reservieren|erwerben)
            bitte (?:liefern|reservieren|buchen) sie
            (?:liefern|reservieren|buchen|schicken|senden) sie (?:mir|uns) (?:bitte )?(?:\d+|zwei|drei|vier|fünf|zehn)
            (?:schicken|senden) sie (?:mir|uns) (?:bitte )?eine? (?:exemplar|stück|muster|packung|paar)
            (?:liefert|reserviert|bucht|schickt|sendet) (?:mir|uns) (?:bitte )?(?:\d+|zwei|drei|vier|fünf|zehn)
            ich nehme (?:\d+|eine?[mn]?|zwei|drei|das|den|die)
        """,
    ),
    Rule(
        name="complaint",
        instead="invent no damage, delay or displeasure",
        words=r"""
            (?:arrived|came|is|was|are|were|been|got|received) [^.!?]{0,30}?(?:damaged|broken|defective|faulty|torn)
            (?:arrived|came|is|was|are|were|been|got|received) [^.!?]{0,30}?(?:scratched|leaking|incomplete)
            (?:doesn't|does not|didn't|did not|don't|won't|stopped|isn't|is not) work(?:ing)?
            (?:not|never|\w+n't) (?:yet )?(?:arrived?|received?|been delivered|turned up)
            sent me (?:the|a) wrong|wrong (?:item|product|size|order) (?:was|arrived|came)
            disappointed|unacceptable|outrageous|disgusted|dissatisfied|scam
            (?:my|this) complaint|(?:i|we) (?:have a|want to|wish to|would like to|must|need to) complain(?:t)?
            (?:my|mein) (?:money|refund|geld)
            (?:ist|war|sind|waren|wurde|kam|kamen|ging|habe|hat) [^.!?,]{0,40}?(?:beschädigt|defekt|kaputt|zerbrochen)
            (?:ist|war|sind|waren|wurde|kam|kamen|ging|habe|hat) [^.!?,]{0,40}?(?:zerkratzt|gerissen|unvollständig)
            funktionier\w* (?:leider |überhaupt |gar )*nicht
            (?:nicht|nie) (?:angekommen|erhalten|bekommen|eingetroffen|geliefert worden)
            falsche[ns]? (?:artikel|produkt|ware|teil|größe) (?:geliefert|erhalten|bekommen|geschickt)
            enttäuscht|verärgert|empört|unverschämt|inakzeptabel|frechheit|betrug
            meine (?:reklamation|beschwerde)|ich (?:möchte|muss|will) [^.!?,]{0,30}?(?:reklamieren|beschweren)
        """,
        unless=r"""
            if|in case|should|suppose|supposing|say|whether|what happens|nothing|no one
            falls|wenn|sollten?|ob|angenommen|was passiert|nichts|niemand
        """,
    ),
    Rule(
        name="customer",
        instead="ask as anybody can, or write customer = true where only a real customer asks it",
        for_customers=False,
        words=r"""
            my (?:last |recent |latest )?(?:order|purchase|delivery|parcel|package|shipment|invoice|contract)
            my (?:subscription|booking|membership|(?:customer |online )?account|customer number)
            (?:i|we)(?:'ve| have| had)? (?:just |recently |already )?(?:ordered|bought|purchased|booked|subscribed)
            (?:as a|being a|i am a|i'm a|been a|registered as a) (?:[\w-]+ ){0,2}customer
            (?:i|we) have (?:an|a customer) account|having an account
            order (?:number|no\.?):? ?#?\d+
            meine?[mnrs]? (?:letzten? )?(?:bestellung|lieferung|paket|rechnung|sendung|auftrag|vertrag|kundenkonto)
            meine?[mnrs]? (?:kundennummer|kundenkarte|buchung|abo|abonnement|einkauf|kauf|bestellnummer|auftragsnummer)
            meine?[mns]? konto bei (?:ihnen|euch|\{company\})|ich habe ein (?:kunden)?konto
            ein kundenkonto bei (?:ihnen|euch) habe
            (?:habe ich|ich habe|haben wir|wir haben) [^.!?,]{0,60}?(?:bestellt|gekauft|erworben|gebucht)
            als (?:\w+ )?kund(?:e|in)|ich bin (?:\w+ ){0,3}kund(?:e|in)
            (?:bestell|auftrags|kunden)(?:nummer|nr\.?):? ?\d+
        """,
        unless="""
            if|in case|suppose|supposing|say
            falls|wenn|angenommen
        """,
    ),
    Rule(
        name="persona",
        instead="say nothing of who asks that is not true of everybody",
        words=r"""
            i(?:'m| am) (?:an? |in a )?(?:disabled|blind|deaf|pregnant|wheelchair\w*|pensioner|retired|student)
            i(?:'m| am) (?:an? )?(?:diabetic|elderly|single (?:mother|father)|\d{2} years old)
            i (?:use|sit in|have|need) a (?:wheelchair|guide dog|disability|baby)
            my (?:wife|husband|son|daughter|mother|father|mum|mom|dad|child|children|kids|partner|girlfriend|boyfriend)
            my (?:friend|grandmother|grandfather|dog|cat|boss|birthday|wedding)
            ich (?:bin|sitze) (?:\w+ )?(?:im rollstuhl|auf einen rollstuhl|blind|taub|gehörlos|schwerhörig|schwanger)
            ich bin (?:\w+ )?(?:(?:geh|schwer)?behindert|alleinerziehend|(?:rentner|student|allergiker)(?:in)?)
            meine?[mnrs]? (?:frau|mann|sohn|tochter|mutter|vater|kind|kinder|kindern|freund|freundin|hund|katze)
            meine?[mnrs]? (?:oma|opa|großmutter|großvater|chef|chefin|geburtstag|hochzeit)
        """,
    ),
    Rule(
        name="leftover",
        instead="write it out; only {company}, {name} and {reference} are filled in",
        signs=r"\[[^\]]*\]|<[^>]*>",
        words="""
            xx+|todo|tbd|lorem ipsum|john doe|max mustermann
        """,
    ),
)


def offences(probe: Probe) -> Iterator[Offence]:
    """Yield each place where the probe breaks a rule, in the order of languages, variants, posts and rules.

    Every rule is held against every text, whatever its language: people mix them.
    """
    for path, text in _texts(probe):
        plain = _plain(text)
        for rule in RULES:
            if rule.for_customers or not probe.customer:
                for words in _hits(rule, plain):
                    yield Offence(path=path, rule=rule.name, words=words, instead=rule.instead)


def _texts(probe: Probe) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for lang, wording in probe.wordings.items():
        yield (lang, "follow_up"), wording.follow_up
        for index, variant in enumerate(wording.variants):
            yield (lang, "variant", index, "subject"), variant.subject
            yield (lang, "variant", index, "body"), variant.body
        for index, post in enumerate(wording.posts):
            yield (lang, "post", "texts", index), post
        yield (lang, "post", "follow_up"), wording.post_follow_up


def _plain(text: str) -> str:
    """Return the text on one line, apostrophes straight and letters composed: no way of typing is to hide a word."""
    return " ".join(unicodedata.normalize("NFKC", text).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())


# Not lower(): it makes some letters two, and places found in the one text must hold in the other. Patterns without
# IGNORECASE search twice as fast (measured over the shipped probes).
_SMALL = str.maketrans(string.ascii_uppercase + "ÄÖÜ", string.ascii_lowercase + "äöü")


def _hits(rule: Rule, text: str) -> Iterator[str]:
    pattern, unless = _compiled(rule)
    small = text.translate(_SMALL)
    for found in pattern.finditer(small):
        if not (unless and unless.search(_sentence(small, found.start(), found.end()))):
            words = text[found.start() : found.end()].strip()
            yield words if len(words) <= SHOWN_MAX else words[: SHOWN_MAX - 1] + "…"


def _sentence(text: str, start: int, end: int) -> str:
    begin = max(text.rfind(mark, 0, start) for mark in ".!?")
    ends = [at for at in (text.find(mark, end) for mark in ".!?") if at >= 0]
    return text[begin + 1 : min(ends, default=len(text))]


@cache
def _compiled(rule: Rule) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
    # On use: compiling takes longer than a pass of the daemon that has nothing to send.
    patterns = [pattern for pattern in (_any_of(rule.words), rule.signs) if pattern]
    return re.compile("|".join(patterns)), re.compile(_any_of(rule.unless)) if rule.unless else None


def _any_of(lines: str) -> str:
    patterns = [line.strip() for line in lines.splitlines() if line.strip()]
    return rf"\b(?:{'|'.join(patterns)})\b" if patterns else ""

"""Whether a sentence promises something by the times it names, and what. Words only; knows no dates.

Pure. A promise is the company's own word of what will have happened by then. No promise is what it asks of us
("please reply by Friday"), what depends on something else ("once we have your payment"), what it tells of the past, of
others or of its business in general ("delivery takes 3 days"), what it denies ("we cannot promise"), and a question.
"""

from __future__ import annotations

import re
from functools import cache

from slawatch.model import PromiseAbout


@cache
def _expression(source: str) -> re.Pattern[str]:
    return re.compile(source)


def _has(source: str, text: str) -> bool:
    return bool(_expression(source).search(text))


HINT = (
    r"\d|tag|woche|stunde|minute|monat|jahr|quartal|heut|morgen|mittag|abend|ostern|pfingsten|weihnacht|silvester"
    r"|neujahr|feiertag|fest\b"
    r"|tomorrow|tonight|day|week|hour|month|year|noon|evening|morning|afternoon|christmas|easter|holidays"
    r"|fortnight|quarter|eod|cob|eob|close of|end of|schluss|feierabend"
    r"|januar|februar|maerz|april|mai\b|juni|juli|august|september|oktober|november|dezember|january|february"
    r"|march|may\b|june|july|october|december"
)

_REPLY = (
    r"\bmeld(?:e|en|et)\b|\b(?:zurueck|rueck)\w*meld\w*|antwort|stellungnahme|rueckruf|rufen? .{0,40}\b(?:zurueck"
    r"|an)\b|zurueck(?:zu)?rufen|anrufen"
    r"|auf (?:sie|dich|euch) zu\b|\bkontakt(?:ier\w*)?\b|in verbindung\b|hoeren (?:sie|du|wir)|hoerst du"
    r"|von (?:uns|mir) (?:zu )?hoer|\bbescheid\b|informier|mitteil|teilen? .{0,60}\bmit\b|zwischenstand"
    r"|\bnachricht von (?:uns|mir)|schreib(?:e|en) (?:ich|wir|ihnen|dir|euch)|(?:ich|wir) schreib(?:e|en)|auskunft"
    r"|\bupdate\b|neuigkeiten|rueckinfo|feedback"
    r"|(?:anfrage|anliegen|nachricht|e-?mail|mail|schreiben|ticket|frage|antrag|eingabe|beschwerde|reklamation"
    r"|nachfrage|zuschrift|vorgang|fall)\w* .{0,90}(?:bearbeit|pruef|kuemmer|widm|beantwort|ansehen|angenommen"
    r"|nachgeh|annehm)"
    r"|(?:bearbeit|pruef|kuemmer|widm)\w* .{0,60}(?:anfrage|anliegen|nachricht|e-?mail|\bmail|schreiben|ticket"
    r"|\bfrage|antrag|beschwerde|reklamation|vorgang)"
    r"|bearbeitungs?(?:zeit|dauer)|bearbeitung\b"
    r"|\brepl(?:y|ies|ied|ying)\b|\brespon(?:d|se|ses|ds|ding)\b|\banswer|\b(?:get|getting|come|be|coming|are"
    r"|got) (?:right )?back (?:to|with)\b|back to you|\btouch\b|\bcontact(?:ing|ed)?\b|reach out|reaching out"
    r"|hear(?:ing)? (?:\w+ )?from"
    r"|\bfollow(?:ing)?[- ]?up|let you know|let you have|(?:give|send|provide|offer|have)\b.{0,30}\b(?:update"
    r"|feedback|news|information|details|more info|status)|updat(?:e|ed|ing) you|keep you (?:posted|updated"
    r"|informed)"
    r"|call(?:ing)? you|call(?:ed)? back|callback|phone you|ring you|e-?mail(?:ing)? you|writ(?:e|ing) (?:back "
    r"|again )?(?:to )?you|write back|write again|revert|inform you|advise you|notify you|tell you|speak soon"
    r"|\bword from us"
    r"|(?:handle|process|address|review|look|attend|deal|go through|work)\w*\b.{0,40}\b(?:requests?|inquir\w+"
    r"|enquir\w+|messages?|e-?mails?|questions?|quer\w+|tickets?|cases?|complaints?)\b"
    r"|\b(?:requests?|inquir\w+|enquir\w+|messages?|e-?mails?|questions?|quer\w+|tickets?|cases?|complaints?"
    r"|submissions?)\b.{0,60}\b(?:handled|processed|addressed|reviewed|looked|attended|dealt|seen to)"
    r"|processing (?:time|your)|turn-?around"
)
_MATTER = (
    r"liefer|geliefert|versand|versend|verschick|zustell|zugestellt|eintreff|eingetroffen|\btrifft\b"
    r"|treffen .{0,40}\bein\b|ankomm|\bkommt\b|\bkommen\b|schick|\bsend(?:e|en|et)\b|\bsenden|zusend|uebersend"
    r"|gesendet|gesandt"
    r"|erstatt|gutschr|gutgeschrieben|ueberweis|ueberwies|rueckzahl|zurueckzahl|auszahl|ersatz|reparier|reparatur"
    r"|\bfertig|behoben|beheb|geloest|loesen|loesung|erledig|abgehol|abhol|abholbereit|techniker|monteur|vorbei"
    r"|einbau|eingebaut"
    r"|installier|freischalt|freigeschaltet|aktivier|storn|umtausch|umgesetzt|umsetz|korrigier|korrektur|bereit"
    r"|erhalten|erhaelt|bekomm|\bdauern\b|klaer|pruef|kuemmer|nachfrag|frage .{0,40}\bnach\b|nachschau|schaue"
    r"|sehe .{0,30}\ban\b|ansehen|erstell|bearbeit|ausgetauscht|austausch"
    r"|\bhaben (?:sie|wir|du)\b|\bhast du\b|verfuegung|abgeschlossen|abschlie|da sein|auf den weg|rausgehen|raus\b"
    r"|geht .{0,30}\b(?:raus|zu)\b|\bvorliegen|ausgefuehrt|eingerichtet|einricht|besorg|nachliefer|zugehen|termin"
    r"|gebucht|eingestellt|buch(?:e|en)\b|weiterleit|liegt .{0,60}\b(?:bereit|vor)\b|gedulden|geduld|rechnen"
    r"|\bship|\bdeliver|\bdispatch|\barriv|\bsen[dt]\b|\bsending|\brefund|\bcredit|\breimburs|\bpa(?:y|id)\b"
    r"|\btransfer|\brepair|\bfix|\bresol|\bsolv|\breplac|\btechnician|\bengineer|\bvisit|\binstall|\bactivat"
    r"|\bcancel|\bcomplet|\bready|\breceive|\bhave (?:it|this|that|your|the)\b|\bwith you\b"
    r"|\bdone\b|\bsorted|\bcheck|look(?:ing)? into|investigat|find out|\bask\b|arrang|correct|take(?:s|n)?\b"
    r"|process|unlock|restor|available|issue[ds]?\b|post(?:ed)?\b|in the (?:post|mail)|on its way|finali[sz]e"
    r"|finish|deal with|clarif|set up|handle|prepare|work(?:ing)? on|collect|book|schedul|appoint|be there"
    r"|up and running|back online|on your doorstep"
)
_AWAY = (
    r"\bwieder (?:da|zurueck|zu erreichen|erreichbar|im (?:buero|haus|dienst|einsatz)|fuer sie|an(?:wesend| bord)"
    r"|vor ort|persoenlich)|nicht (?:im (?:buero|hause?|dienst|amt)|erreichbar|anwesend|vor ort|da\b|zu erreichen"
    r"|am (?:arbeits)?platz)|ausser haus|abwesen|im urlaub|in urlaub|elternzeit|dienstreise|krankgeschrieben"
    r"|fortbildung"
    r"|zurueck (?:im|aus|sein|in|bin)|(?:bin|sind|ist|sein|wieder) .{0,50}\bzurueck\b|\bzurueck (?:bin|ist|sind)"
    r"|rueckkehr|betriebsferien|betriebsurlaub|geschlossen|kehre?n? .{0,40}\bzurueck|wieder (?:besetzt|geoeffnet)"
    r"|out of (?:the )?office|out of town|on (?:\w+ )?(?:leave|vacation|holidays?)|\baway\b|back (?:in|at|on|from"
    r"|online|by|tomorrow|next|mon|tue|wed|thu|fri|the|and|\d)|\b(?:am|is|are|be|being) back\b(?! to)"
    r"|\breturn(?:ing|s)?\b(?: to (?:the office|work|my desk|office)| from| on| \w+day|$| in| by| tomorrow| next)"
    r"|not (?:be )?(?:in the office|available|at my desk|working|reachable|back)|unavailable|\bclosed\b"
    r"|annual leave|no access to|my return\b|in the office (?:again|on|from)"
)
_NOBODY_RETURNS = (
    r"(?:get|come|got|getting|be|are) (?:right )?back (?:to|with) (?:you|me|us|him|her|them)"
    r"|return(?:ing)? (?:your|the|it|this|any|all) |\breturns?\b.{0,20}(?:policy|period|label)|(?:antwort|melde"
    r"|rueckmeldung|call|reply|respond|answer|ruf)\w*.{0,60}\b(?:zurueck|back)\b"
)

_WE = r"\b(?:wir|ich|uns|unser\w*|mein\w*|kolleg\w*|team|i|we|i'll|we'll|i'm|we're|us|our|my|me|colleagues?)\b"
_YOU = r"\b(?:sie|ihnen|ihr|ihre[nrms]?|du|dir|dich|dein\w*|euch|euer|eure\w*|you|your|yours|you'll)\b"
_FUTURE = (
    r"\b(?:werden?|wird|wirst|werdet|sollten?|soll|sollen|koennen (?:sie|wir)|kann ich|ich kann|wir koennen"
    r"|duerfen sie|moechten? (?:wir|ich)|wollen wir|will|i'll|we'll|you'll|it'll|they'll|he'll|she'll|that'll"
    r"|this'll|shall|should|going to|to be|can expect|may expect|aim|try|plan|hope|intend|expected|due|scheduled"
    r"|promise|guarantee|garantier\w*|versprech\w*|zusag\w*|sag\w* .{0,30}\bzu\b|voraussichtlich|spaetestens"
    r"|geplant|vorgesehen|erwart\w*|be able|rechnen|bemueh\w*|versuch\w*)\b"
)
_PAST = (
    r"\b(?:wurden?|waren?|hatten?|worden|gestern|vorgestern|letzte[nrms]?|vergangene[nrms]?|damals)\b"
    r"|\b(?:hat|habe|haben|ist|sind|bin)\b.{0,120}?\b(?:\w{0,12}ge\w{2,14}(?:t|en)|erhalten|bekommen|empfangen"
    r"|ver(?:sandt|schickt|sendet|sucht|passt)|beantwortet|informiert|bestellt|bearbeitet|erreicht|uebergeben"
    r"|kontaktiert)\b"
    r"|\b(?:was|were|had|did|didn't|yesterday|last|has been|have been|'ve been)\b|\b(?:we|i|you|they|she|he|it"
    r"|we've|i've|you've|courier|warehouse)(?: have| has|'ve)?(?: already| just| now)? (?:received|sent|shipped"
    r"|contacted|answered|replied|responded|called|got|placed|ordered|wrote|written|asked|delivered|dispatched"
    r"|refunded|spoke|tried|opened|paid|posted|resolved|fixed)\b"
)
_NEGATED = (
    r"\b(?:nicht|kein|keine[nrms]?|niemals|nie|nirgends|ohne)\b(?! (?:spaeter|laenger|mehr als|nur|zoegern))"
    r"|\b(?:can't|cannot|can not|won't|don't|doesn't|isn't|aren't|unable|never|neither|nor|not|no)\b(?! (?:later"
    r"|longer|more than|only|problem|worries|exceed|need|charge))"
    r"|\bfruehestens\b|\bat the earliest\b|\bunmoeglich\b|\bimpossible\b|\bweder\b|ausgeschlossen|haven't|hasn't"
    r"|didn't|wouldn't|couldn't|shouldn't"
)
_DOUBTED = (
    r"\b(?:vielleicht|moeglicherweise|eventuell|evtl|unter umstaenden|maybe|perhaps|possibly|might|could be"
    r"|koennte[n]? (?:es|sein|sich|noch)|theoretisch|in theory|fraglich|unclear|unklar|ungewiss)\b"
)
_SURELY = (
    r"\b(?:spaetestens|at the latest|no later than|latest by|in jedem fall|auf jeden fall|in any case|either way"
    r"|so oder so)\b"
)
_CONDITION = (
    r"\b(?:wenn|falls|sofern|sobald|vorausgesetzt|sollten sie|solltest du|bei (?:bestell|zahlungs"
    r"|eingang ihrer (?:zahlung|bestellung|rueck|unterlagen|ware))\w*|if|once|unless|provided|should you"
    r"|as soon as(?! possible)|when(?:ever)?|depending|subject to|abhaengig|je nach(?:dem)?|ob|whether|wie lange"
    r"|wieviel\w*|how (?:long|many|soon)|after (?:we|you|they|it|he|she|the (?:item|goods|parcel))|until (?:we|you"
    r"|they))\b"
)
_EVENT = (
    r"(?:nach|ab|seit|von|after|of|from|following|upon|post|nachdem)\b(?! (?:now|today|heute|jetzt|sofort|uns\b"
    r"|mir\b|us\b|me\b|our\b|unser|on\b|here|this (?:e-?mail|message)|(?:the )?(?:receipt|receiving"
    r"|arrival) of (?:your|this|the) (?:\w+ )?(?:e-?mail|mail|message|request|inquiry|enquiry|query|question"
    r"|letter|submission|ticket)"
    r"|receiv\w+ (?:your|this|the|an|a) (?:\w+ )?(?:e-?mail|mail|message|request|inquiry|enquiry|query|question"
    r"|letter|submission|ticket)|(?:dem )?(?:eingang|erhalt|zugang) (?:ihrer|deiner|der|dieser) (?:anfrage"
    r"|nachricht|e-?mail|mail|zuschrift|mitteilung|frage)|eingang (?:ihres|deines) (?:schreibens|tickets"
    r"|anliegens)|receipt\b(?! of)|submission|eingang\b(?= ?(?:[,.]|$|be|zu|eine|per|\w+en\b))))"
)
_DEMAND = (
    r"\b(?:bitte|bitten (?:wir )?sie|please|kindly|pls|could you|can you|would you|make sure|be sure|remember"
    r"|ensure)\b(?! (?:haben sie (?:noch )?(?:\w+ ){0,4}geduld|gedulden|rechnen|allow|expect|bear|be patient"
    r"|give us|wait|note that (?:we|it|our)|beachten sie, dass|geben sie (?:uns"
    r"|mir) (?:noch )?(?:\w+ ){0,4}(?:zeit|tag|stund)))"
    r"|\b(?:you|sie) (?:have to|need to|must|can|may|could|should|koennen|muessen|sollten|duerfen|moechten|have"
    r"|haben)\b(?! (?:also |auch |also |\w+ ){0,3}?(?:expect|hear|receive|get|count on|rely|look forward|mit|bis"
    r"|innerhalb|in den|erwarten|in \w+ \w+ mit|das|den|die|ihr|your|a reply|an answer|it\b|eine|the))"
    r"|\b(?:koennen|muessen|sollten|duerfen|koenn(?:t|en)|haben) sie\b(?! (?:bis|in|innerhalb|mit|auch|sich"
    r"|spaetestens|eine|die|ihr|unsere|dann|morgen|heute|von uns|das|den))"
    r"|^(?:dann |und |oder |also )?(?:antworten|melden|senden|schicken|teilen|geben|bestaetigen|rufen|schreiben"
    r"|pruefen|wenden|nennen|ueberweisen|zahlen|kommen|holen|reichen|nutzen|beachten) sie\b"
    r"|^(?:then |and |or |just |so )?(?:reply|respond|send|let us know|call|write|confirm|contact|get in touch"
    r"|order|pay|return|return it|tell us|provide|use|note|check|try|visit|keep|book|come|collect)\b"
    r"|\b(?:widerruf\w*|rueckgaberecht|rueckgabe|garantie\b|gewaehrleistung|kuendigungsfrist|gueltig|warranty"
    r"|return policy|withdrawal|notice period|valid\b|expires?|opening hours|oeffnungszeiten"
    r"|geschaeftszeiten (?:sind|:)|sprechzeiten|erreichbar|geoeffnet|we are open|we're open|reach us"
    r"|erreichen sie uns|gilt|angebot gilt)\b"
)
_IN_GENERAL = (
    r"\b(?:in der regel|normalerweise|ueblicherweise|gewoehnlich|meist(?:ens)?|durchschnittlich|im (?:durchschnitt"
    r"|schnitt|normalfall|allgemeinen)|grundsaetzlich|generell|standard\w*|usually|normally|typically|generally"
    r"|on average|in general|as a rule|ordinarily|commonly|most (?:orders|parcels|customers|deliveries)|often|oft"
    r"|haeufig|immer|always|stets)\b"
)
_BUT = (
    r"\b(?:aber|jedoch|allerdings|leider|but|however|unfortunately|longer|laenger|would|wuerden?|delayed"
    r"|verzoeger\w*|eigentlich|momentan nicht)\b"
)
_OURS = (
    r"\b(?:ihr|ihre[nrms]?|dein\w*|your|yours|ihnen|dir|you)\b|\b(?:(?:i|we)(?:'ll| will| am| are| shall| can|'m"
    r"|'re| should| expect| plan| hope| aim)|i'll|we'll|werde(?:n)? (?:ich|wir)|(?:ich|wir) werden?|ich"
    r"|sie (?:erhalten|bekommen|haben|koennen)|(?:erhalten|bekommen|haben) sie)\b"
    r"|\b(?:der|die|das|the|this|dieser?s?) .{0,60}\b(?:wird|werden|will|should|soll|is (?:expected|due|scheduled"
    r"|going)|geht|kommt|ist)\b|\b(?:es|das|it|this|that) (?:wird|will|should|soll|may)\b"
    r"|\bein(?:e)? .{0,40}\bwird\b|\b(?:a|an) .{0,40}\bwill\b|\bwir .{0,120}\b(?:noch|heute|morgen|montag|dienstag"
    r"|mittwoch|donnerstag|freitag)\b"
)
_BUSINESS = (
    r"\b(?:lieferzeit\w*|versandzeit\w*|versanddauer|lieferdauer|laufzeit\w*|postlaufzeit\w*|delivery times?"
    r"|shipping times?|lead times?|transit times?|dispatch times?|shipping takes|delivery takes"
    r"|delivery (?:usually|normally|within|is)|versand dauert|lieferung dauert|(?:die |der |eine )?(?:lieferung"
    r"|versand|zustellung) (?:erfolgt|innerhalb|dauert|wird (?:\w+ ){0,3}dauern|nach)|delivery will take|orders"
    r"|bestellungen|parcels are|pakete werden|deliveries|lieferungen|sendungen|items|products|produkte"
    r"|artikel werden|we (?:ship|deliver|dispatch|send out)|wir (?:liefern|versenden|verschicken"
    r"|erstatten)(?! (?:ihn|ihr|dir|dein|euch|die|das|den)))\b"
)
_THEIR_WORDS = re.compile(r'"[^"]{2,200}"')


def gist(clause: str, sentence: str, *, opens: bool, until: bool) -> PromiseAbout | None:
    """Return what a folded clause promises by the one time it names, None where it promises nothing by then.

    `sentence` is all of it, for verbs and conditions that stand elsewhere. `opens` is True of "from Monday" and `until`
    of "until Monday", which promise a person's return and nothing else.
    """
    if _comes_back(clause, sentence, until=until):
        return None if sentence.endswith("?") else PromiseAbout.RETURN
    if opens or sentence.endswith("?") or _void(clause, sentence):
        return None
    return _what(clause, sentence)


def _comes_back(clause: str, sentence: str, *, until: bool) -> bool:
    here = clause if _has(_AWAY, clause) else sentence if not _has(f"{_REPLY}|{_MATTER}", clause) else ""
    if not _has(_AWAY, here) or _has(_NOBODY_RETURNS, here):
        return False
    if _has(_DEMAND.split("|\\b(?:widerruf")[0], clause):
        return False
    return until or not _has(
        r"\b(?:abwesen|urlaub|out of|away|unavailable|closed|geschlossen|nicht)\b(?!.*\b(?:wieder|zurueck|back"
        r"|return))",
        here,
    )


def _void(clause: str, sentence: str) -> bool:
    """Whether something in the clause, or a condition before it, takes the promise away."""
    if _has(_NEGATED, clause) or _has(_DOUBTED, clause) or _has(_DEMAND, clause):
        return True
    if _has(_PAST, clause) and not _has(_FUTURE, clause):
        return True
    if _conditional(clause, sentence):
        return True
    return _has(_IN_GENERAL, sentence) and _has(_BUT, sentence)


def _conditional(clause: str, sentence: str) -> bool:
    if _has(_SURELY, clause):
        return False
    if _has(_CONDITION, clause):
        return not _has(
            r"(?:bescheid|let you know|tell you|inform\w*|check|find out|see|mitteil\w*|klaer\w*|confirm"
            r"|sagen)\b.{0,60}\b(?:ob|if|whether|when|how)\b",
            clause,
        )
    before = sentence[: sentence.find(clause)]
    return _has(rf"^(?:\w+ ){{0,2}}?(?:{_CONDITION})", before)


def _what(clause: str, sentence: str) -> PromiseAbout | None:
    for text in (clause, sentence):
        if _has(_REPLY, text):
            return PromiseAbout.REPLY
        if _has(_MATTER, text):
            general = _has(_IN_GENERAL, sentence) or _has(_BUSINESS, clause)
            return PromiseAbout.MATTER if _has(_OURS, text) and not general else None
    return None


def unquoted(sentence: str) -> str:
    """Return the folded sentence with what it cites ("we answer within 24 h", you wrote) taken out, as long as before."""
    return _THEIR_WORDS.sub(lambda found: "#" * len(found[0]), sentence)


_CLAUSE_END = (
    r"[;:]\s|,\s|\s-\s|\(|\)|\s(?:und|and|but|aber|sowie|jedoch|however)\s(?=(?:wir|ich|sie|ihr|ihre|i|we|you|your"
    r"|it|the|er|es|der|die|das|then|dann|will|werden|melden|is|should|aim|try|can|kommt|wird|hope|plan)\b)"
    r"|,?\s(?:weil|because|since|denn|sodass|as we|as i)\s"
)


def clauses(sentence: str) -> list[tuple[int, int]]:
    """Return where the clauses of a folded sentence begin and end; they cover it without gaps."""
    ends = [found.end() for found in _expression(_CLAUSE_END).finditer(sentence)]
    starts = [0, *ends]
    return list(zip(starts, [*ends, len(sentence)], strict=True))


def hints(sentence: str) -> bool:
    """Whether a folded sentence may name a time at all: a quick no spares most sentences the rest."""
    return _has(HINT, sentence)

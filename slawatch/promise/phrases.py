"""The phrases, German and English, that tell promises from other sentences; in folded spelling. Words only.

Gaps within a pattern are bounded, so that each takes time linear in the sentence.
"""

from __future__ import annotations

from slawatch.promise.named import either, one_of
from slawatch.promise.words import MONTHS, any_of

# --- what is promised ---

_LETTER_DE = one_of(
    "anfrage anliegen nachricht e-?mail mail schreiben ticket frage antrag eingabe beschwerde reklamation nachfrage "
    "zuschrift vorgang fall"
)
_LETTER_EN = one_of(
    r"requests? inquir\w+ enquir\w+ messages? e-?mails? mail questions? quer\w+ tickets? cases? complaints? letters? "
    r"submissions?"
)
_DEALS_DE = r"(?:bearbeit|pruef|kuemmer|widm|beantwort|ansehen|angenommen|annehm|nachgeh)"
_DEALS_EN = r"(?:handl|process|address|review|look|attend|deal|go through|work|seen to)"

REPLIES = either(
    r"\bmeld(?:e|en|et)\b|\b(?:zurueck|rueck)\w*meld|antwort|stellungnahme|rueckruf|rueckinfo|feedback",
    r"\brufe?n? .{0,40}\b(?:zurueck|an)\b|\bruft .{0,40}\b(?:zurueck|an)\b|zurueck(?:zu)?rufen|\banrufen",
    r"\bauf (?:sie|dich|euch) zu\b|\bkontakt(?:ier\w*)?\b|\bin verbindung\b|\bbescheid\b|informier|mitteil",
    r"zwischenstand",
    r"\bhoer\w* .{0,60}\bvon (?:uns|mir)\b|\bvon (?:uns|mir) .{0,40}\bhoer|\bnachricht von (?:uns|mir)\b|neuigkeiten",
    r"\bteilen? .{0,60}\bmit\b|\bschreibe?n? (?:ich|wir|ihnen|dir|euch)\b|\b(?:ich|wir) schreib|\bauskunft|\bupdate",
    rf"{_LETTER_DE}\w* .{{0,90}}{_DEALS_DE}|{_DEALS_DE}\w* .{{0,60}}{_LETTER_DE}|bearbeitungs?(?:zeit|dauer)",
    r"bearbeitung\b",
    r"\brepl(?:y|ies|ied|ying)\b|\brespon(?:d|se)|\banswer|\bback to (?:you|this)\b",
    r"\bback with (?:an?|some|more|the|you)\b",
    r"\bin touch\b|\bcontact(?:ing|ed)?\b|\breach(?:ing)? out\b|\bhear(?:d|ing)? (?:back )?(?:\w+ )?from\b",
    r"\bfollow(?:ing)?[- ]?up\b",
    r"\blet you (?:know|have)\b|\bupdat(?:e|ed|ing) you\b|\bkeep you (?:posted|updated|informed)\b|\bspeak soon\b",
    r"\brevert\b",
    r"\b(?:give|send|provide|offer|have|get)\b.{0,30}\b(?:update|feedback|news|information|details|more info|status)\b",
    r"\b(?:call|phone|ring|e-?mail|inform|advise|notify|tell)(?:ing)? you\b|\bcall(?:ed)? back\b|\bcallback\b",
    r"\ba call\b",
    r"\bwrit(?:e|ing) (?:back |again )?(?:to )?you\b|\bwrite (?:back|again)\b",
    r"\b(?:word|e-?mail|letter|message|call) from us\b",
    rf"\b{_DEALS_EN}\w*\b.{{0,40}}\b{_LETTER_EN}\b|\b{_LETTER_EN}\b.{{0,60}}\b{_DEALS_EN}",
    r"\bprocessing (?:time|your|can|may|will|takes)\b|\bturn-?around\b",
)
DOES = either(
    r"liefer|versand|versend|verschick|zustell|zugestellt|eintreff|eingetroffen|\btrifft\b|\btreffen .{0,40}\bein\b",
    r"ankomm",
    r"\bkomm(?:t|en)\b|schick|\b(?:zu|ueber)?send(?:e|en|et)\b|zusend|uebersend|gesendet|gesandt",
    r"\bgeht .{0,30}\b(?:raus|zu)\b",
    r"erstatt|gutschr|gutgeschrieben|ueberweis|ueberwies|rueckzahl|zurueckzahl|auszahl|\bauf ihrem konto\b|ersatz",
    r"ersetz",
    r"reparier|reparatur|\bfertig|behoben|beheb|geloest|loesen|loesung|erledig|abgehol|abhol|abgeschlossen|abschlie",
    r"techniker|monteur|\bvorbei|einbau|eingebaut|installier|freischalt|freigeschaltet|aktivier|storn|umtausch",
    r"austausch",
    r"ausgetauscht|umgesetzt|umsetz|umbuch|korrigier|korrektur|bereit|\berhaelt|\berhalten\b|bekomm|\bdauern\b",
    r"klaer|pruef",
    r"kuemmer|nachfrag|\bfrage .{0,40}\bnach\b|\bschaue?\b|\bsehe .{0,30}\ban\b|ansehen|erstell|bearbeit|\bhast du\b",
    r"\bhaben (?:sie|wir|du)\b|verfuegung|\bda sein\b|\bauf den weg\b|\braus\b|rausgehen|\bvorliegen|ausgefuehrt",
    r"einricht",
    r"eingerichtet|besorg|zugehen|\btermin|gebucht|\bbuch(?:e|en)\b|weiterleit|\bliegt .{0,60}\b(?:bereit|vor)\b",
    r"geduld",
    r"\blaufen\b|\bfunktionier|\brechnen\b|eingestellt|entscheidung|\bbei (?:ihnen|dir)\b",
    r"\bship|\bdeliver|\bdispatch|\barriv|\bsen[dt]\b|\bsending|\brefund|\bcredit|\breimburs|\bpa(?:y|id)\b|\btransfer",
    r"\brepair|\bfix|\bresol|\bsolv|\breplac|\btechnician|\bengineer|\bvisit|\binstall|\bactivat|\bcancel|\bcomplet",
    r"\bready|\breceive|\bhave (?:it|this|that|your|the)\b|\bwith you\b|\bdone\b|\bsort(?:ed)? |\bcheck",
    r"\blook(?:ing)? into",
    r"\binvestigat|\bfind out|\bask\b|\barrang|\bcorrect|\btake(?:s|n)?\b|\bprocess|\bunlock|\brestor|\bavailable",
    r"\bissue[ds]?\b",
    r"\bpost(?:ed)?\b|\bin the (?:post|mail)\b|\bon its way\b|\bfinali[sz]e|\bfinish|\bdeal with|\bclarif",
    r"\bset up\b|\bhandle",
    r"\bprepare|\bwork(?:ing)? on\b|\bcollect|\bbook|\bschedul|\bappoint|\bbe there\b|\bup and running\b",
    r"\bback online\b",
    r"\byour (?:account|door(?:step)?|place)\b|\bdecision\b|\bhave a look\b",
)
AWAY = either(
    (
        r"\bwieder (?:da\b|zurueck|zu erreichen|erreichbar|im (?:buero|haus|dienst|einsatz)|fuer sie|anwesend"
        r"|an bord|vor ort)"
    ),
    r"\bnicht (?:im (?:buero|hause?|dienst|amt)|erreichbar|anwesend|vor ort|da\b|zu erreichen|am (?:arbeits)?platz)",
    r"\bausser haus|\babwesen|\b(?:im|in) urlaub|elternzeit|dienstreise|krankgeschrieben|\bfortbildung",
    r"betriebs(?:ferien|urlaub)",
    r"\bzurueck (?:im|aus|sein|in|bin|ist|sind)\b|\b(?:bin|sind|ist|wieder) .{0,50}\bzurueck\b|rueckkehr",
    r"\bgeschlossen\b",
    r"\bkehre?n? .{0,40}\bzurueck|\bwieder (?:besetzt|geoeffnet)",
    r"\bout of (?:the )?office|\bout of town|\bon (?:\w+ )?(?:leave|vacation|holidays?)\b|\baway\b|\bunavailable",
    r"\bclosed\b",
    r"\bback (?:in(?! the day)|at|on(?! tomorrow)|from|by|tomorrow|next|mon|tue|wed|thu|fri|the|\d)",
    r"\b(?:am|is|are|be|being|i'm) back\b",
    r"\breturn(?:ing|s)?\b(?: to (?:the office|work|my desk|office)| from| on| \w+day|$| in| by| tomorrow| next)",
    r"\bnot (?:be )?(?:in the office|available|at my desk|working|reachable|back)|\bno access to",
    r"\bin the office (?:again|on|from)",
    r"\bannual leave|\bnot in (?:until|till|today|this|on)\b|\btravell?ing\b|\bmy return\b",
)
NOBODY_RETURNS = either(
    r"\b(?:hear|heard|hearing|write|writes|turned|money|cash) back\b",
    r"\b(?:get|come|got|getting|be|are|coming) (?:right )?back (?:to|with) (?:you|me|us|him|her|them|this)\b",
    r"\breturn(?:ing)? (?:your|the|it|this|any|all) |\breturns?\b.{0,20}(?:policy|period|label)|\bcall you back\b",
    r"\bcallback\b",
    r"(?:antwort|meld|rueckmeldung|call|reply|respond|answer|\bruf)\w*.{0,60}\b(?:zurueck|back)\b|\babgeschlossen\b",
)
GONE = (
    r"\b(?:abwesen\w*|urlaub|out of|away|unavailable|closed|geschlossen|nicht|not|no access)\b"
    r"(?!.*\b(?:wieder|zurueck|back|return))"
)

# --- what takes a promise away ---

NEGATED = either(
    (
        rf"\b{one_of('nicht kein keine keinen keiner keinem keines niemals nie ohne')}\b(?! (?:spaeter|laenger"
        r"|mehr als|nur|zoegern))"
    ),
    rf"\b(?:{one_of('unable never neither nor not no')}|can't|cannot|can not|won't|don't|doesn't|isn't|aren't)\b"
    r"(?! (?:later|longer|more than|only|problem|worries|exceed|need|charge))",
    r"\b(?:haven't|hasn't|didn't|wouldn't|couldn't|shouldn't)\b",
    r"\bfruehestens\b|\bearliest\b|\bunmoeglich\b|\bimpossible\b|\bweder\b|\bausgeschlossen\b|\babzusehen\b",
    r"\brefrain\b",
)
DOUBTED = either(
    rf"\b{one_of('vielleicht moeglicherweise eventuell evtl theoretisch')}\b",
    rf"\b{one_of('fraglich unklar ungewiss maybe perhaps possibly')}\b",
    r"\b(?:hoffe|hoffen|hoffentlich|hope|hopefully)\b",
    r"\b(?:unter umstaenden|might|could be|koennten? (?:es|sein|sich|noch)|in theory|unclear)\b",
)
HOPES = r"\b(?:hoffe|hoffen|hope),? (?:dass|that|we|i|ich|wir)\b"
SURELY = (
    r"\b(?:spaetestens|at the latest|no later than|latest by|in jedem fall|auf jeden fall|in any case|either way)\b"
)

_OUR_LETTER = rf"(?:(?:ihre[rs]?|deine[rs]?|der|dieser|your|this|the|an?) )?(?:\w+ )?(?:{_LETTER_DE}\w*|{_LETTER_EN})"
_COMES_IN = (
    r"(?:(?:dem|the|your|ihrem) )?(?:eingang|erhalt|zugang|receipt|receiving|arrival)(?: of)?"
    rf"(?! {_OUR_LETTER}\b)(?= \w)"
)
CONDITION = either(
    rf"\b(?:{one_of('wenn falls sofern sobald vorausgesetzt abhaengig')})\b",
    rf"\b(?:{one_of('if once unless provided when whenever depending')})\b",
    r"\b(?:sollten sie|solltest du|should you|as soon as(?! possible)|subject to|je nach(?:dem)?|ob|whether|nachdem)\b",
    r"\bbei (?:bestell|zahlungs)\w+|\b(?:wie|how) (?:lange|long|viel\w*|many|soon)\b",
    rf"\b(?:nach|after|upon|following|mit|ab|bei|from|of) {_COMES_IN}",
    (
        r"\b(?:after|nach|ab|from) (?:your |ihrer? |der |the )?(?:payment|order|purchase|zahlung\w*|bestell\w*"
        r"|ruecksendung"
        r"|auftrag\w*|versand)\b"
    ),
    r"\b(?:after|until) (?:we|you|they|it|he|she|the (?:item|goods|parcel))\b",
)
BEGINS_WITH_CONDITION = rf"^(?:\w+ ){{0,2}}?{CONDITION}"
ASKED_ABOUT = (  # "we will let you know by Friday whether it is in stock"
    r"\b(?:bescheid|let you know|tell you|inform\w*|check|find out|see|mitteil\w*|klaer\w*|confirm|sagen)\b"
    r".{0,60}\b(?:ob|if|whether|when|how)\b"
)
_ASKS_YET_PROMISES = (
    r"(?! (?:haben sie (?:noch )?(?:\w+ ){0,4}geduld|gedulden|rechnen|allow|expect|bear|be patient|give us"
    r"|wait|note that"
    r"|beachten sie, dass|geben sie (?:uns|mir) (?:noch )?(?:\w+ ){0,4}(?:zeit|tag|stund)))"
)
ASKED_OF_US = either(
    rf"\b(?:bitte|bitten (?:wir )?sie|please|kindly|pls|could you|can you|would you)\b{_ASKS_YET_PROMISES}",
    r"\b(?:make sure|be sure|remember|ensure)\b",
    r"\b(?:you|sie) (?:would have to|have to|need to|must|can|may|could|should|koennen|muessen|sollten|duerfen"
    r"|moechten|have|haben)\b"
    r"(?! (?:\w+ ){0,3}?(?:expect|hear|receive|get|count on|rely|look forward|mit|bis|innerhalb|in den"
    r"|erwarten|das|den|die|ihr"
    r"|your|a reply|an answer|it\b|eine|the|heard))",
    r"\b(?:koennen|muessen|sollten|duerfen|koenn(?:t|en)|haben) sie\b"
    r"(?! (?:bis|in|innerhalb|mit|auch|sich|spaetestens|eine|die|ihr|unsere|dann|morgen|heute|von uns|das|den))",
    rf"^(?:dann |und |oder |also )?{one_of('antworten melden senden schicken teilen geben bestaetigen rufen')} sie\b",
    rf"^(?:dann |und |oder |also )?{one_of('schreiben pruefen wenden')} sie\b",
    rf"^(?:dann |und |oder |also )?{one_of('nennen ueberweisen zahlen kommen holen reichen nutzen beachten')} sie\b",
    (
        r"^(?:then |and |or |just "
        rf"|so )?{one_of('reply respond send call write confirm contact order pay return provide use')}\b"
    ),
    (
        rf"^(?:then |and |or |just |so )?(?:{one_of('note check try visit keep book come collect')}|tell us"
        r"|let us know|get in touch)\b"
    ),
    rf"\b{one_of('rueckgabe garantie gewaehrleistung kuendigungsfrist gueltig')}\b",
    rf"\b{one_of('gilt warranty withdrawal valid expire expires')}\b",
    rf"\b{one_of('oeffnungszeiten sprechzeiten erreichbar geoeffnet anmeldung registration zahlbar payable')}\b",
    r"\b(?:widerruf|rueckgaberecht)\w*|\breturn policy\b|\bnotice period\b|\bopening hours\b",
    r"\bwe(?:'re| are) open\b|\breach us\b",
    r"\b(?:sie koennen uns|koennen sie uns|you can (?:call|reach|contact|phone|e-?mail|write) us)\b",
    r"\berreichen sie uns\b|\bgeschaeftszeiten (?:sind|:)|\bopen until\b",
)
PAST = either(
    rf"\b{one_of('wurde wurden war waren hatte hatten worden konnte konnten gestern vorgestern damals')}\b",
    r"\b(?:letzte|vergangene)[nrms]?\b",
    r"\b(?:hat|habe|haben|ist|sind|bin)\b.{0,120}?\b(?:\w{0,12}ge\w{2,14}(?:t|en)|erhalten|bekommen|empfangen"
    r"|beantwortet|informiert"
    r"|ver(?:sandt|schickt|sendet|sucht|passt)|bestellt|bearbeitet|erreicht|uebergeben|kontaktiert)\b",
    rf"\b(?:{one_of('was were had did yesterday last')}|has been|have been|'ve been)\b",
    r"\b(?:we|i|you|they|she|he|it|we've|i've|you've|courier|warehouse)(?: have| has|'ve)?(?: already| just| now)? "
    rf"{one_of('received sent shipped contacted answered replied responded')}\b",
    rf"{one_of('called got placed ordered wrote written asked')}\b",
    r"\b(?:we|i|you|they|she|he|it|we've|i've|you've|courier|warehouse)(?: have| has|'ve)?(?: already| just| now)? "
    rf"{one_of('delivered dispatched refunded spoke tried opened paid posted resolved fixed')}\b",
)
FUTURE = either(
    rf"\b{one_of('werde werden wird wirst werdet sollte sollten soll')}\b",
    rf"\b{one_of('sollen will shall should aim try plan hope intend expect')}\b",
    (
        r"\b(?:koennen (?:sie|wir)|kann ich|ich kann|wir koennen|duerfen sie|moechten? (?:wir|ich)|wollen wir"
        r"|be able|going to|to be)\b"
    ),
    r"\b(?:i|we|you|it|they|he|she|that|this)'ll\b|\b(?:can|may) expect\b",
    r"\b(?:expected|due|scheduled|promise|guarantee)\b",
    r"\b(?:garantier|versprech|zusag|erwart|bemueh|versuch)\w*|\bsag\w* .{0,30}\bzu\b",
    rf"\b{one_of('voraussichtlich spaetestens geplant vorgesehen rechnen')}\b",
)

# --- statements about the business in general ---

IN_GENERAL = either(
    (
        r"\b(?:in der regel|im (?:durchschnitt|schnitt|normalfall|allgemeinen)|on average|in general|as a rule"
        r"|in most cases)\b"
    ),
    rf"\b{one_of('normalerweise ueblicherweise gewoehnlich meist meistens')}\b",
    rf"\b{one_of('durchschnittlich grundsaetzlich generell immer oft')}\b",
    rf"\b{one_of('haeufig stets usually normally typically generally ordinarily commonly often always')}\b",
    r"\bstandard\w*|\bmost (?:orders|parcels|customers|deliveries)\b",
)
BUT = (
    r"\b(?:aber|jedoch|allerdings|leider|eigentlich|laenger|wuerden?|but|however|unfortunately|longer|would|delayed)\b"
)
BUSINESS = either(
    r"\b(?:liefer|versand|lauf|postlauf)zeit\w*|\b(?:liefer|versand)dauer\b",
    r"\b(?:delivery|shipping|lead|transit|dispatch) times?\b",
    r"\b(?:shipping|delivery) (?:takes|usually|normally|within|will take)\b",
    r"\b(?:versand|lieferung|zustellung) (?:erfolgt|innerhalb|dauert|nach)\b",
    r"\b(?:versand|lieferung|zustellung) wird (?:\w+ ){0,3}dauern\b",
    rf"\b{one_of('orders bestellungen deliveries lieferungen sendungen items products produkte')}\b",
    r"\b(?:parcels are|pakete werden|artikel werden)\b",
    r"\bwe (?:ship|deliver|dispatch|send out)\b",
    r"\bwir (?:liefern|versenden|verschicken|erstatten)(?! (?:ihn|ihr|dir|dein|euch|die|das|den))",
)
TO_US = either(
    rf"\b{one_of('ihr ihre ihrer ihren ihrem ihres ihnen dir you your yours ich gedulden geduld')}\b|\bdein\w*",
    r"\b(?:i|we)(?:'ll| will| am| are| shall| can|'m|'re| should| expect| plan| hope| aim)\b",
    r"\bwerden? (?:ich|wir)\b|\bwir werden\b",
    r"\bsie (?:erhalten|bekommen|haben|koennen)\b|\b(?:erhalten|bekommen|haben) sie\b",
    (
        r"\b(?:der|die|das|the|this|diese[rs]?|ein|eine|an?) .{0,60}\b(?:wird|werden|will|should|soll"
        r"|is (?:expected|due|scheduled|going)|geht|kommt|ist)\b"
    ),
    r"\b(?:es|das|it|this|that|alles|everything) (?:wird|will|should|soll)\b|\bsollte (?:es|das|alles)\b",
    r"\bwir .{0,120}\b(?:noch|heute|morgen|montag|dienstag|mittwoch|donnerstag|freitag)\b",
)

# --- reading ---

HINTS = one_of(
    "tag woch stunde minute monat jahr quartal heut morgen mittag abend oster pfingsten weihnacht silvester neujahr "
    "fest morrow night lunch day week hour month year noon evening morning christmas easter holidays fortnight quarter "
    "eod cob eob close end schluss feierabend januar februar maerz april mai juni juli august september oktober "
    "november dezember january february march may june july october december mon tue wed thu fri sat sun"
)
HINT_IN_NUMBERS = (
    r"\d[.:/-] ?\d|\d ?(?:h|hrs?|std|mins?|uhr|[ap]\.?m|st|nd|rd|th|o'clock)\b|\b(?:zum|am|kw) \d"
    r"|\d\.? ?(?:jan|feb|mar|mrz|apr|jun|jul|aug|sep|oct|okt|nov|dec|dez)"
)
CLAUSE_ENDS = either(
    rf"[;:]\s|,\s(?!(?:de[nmr] |the )?(?:\d|{any_of(MONTHS)}\b))|\s-\s|\(|\)",
    r"\s(?:und|and|but|aber|sowie|jedoch|however)\s"
    rf"(?={one_of('wir ich sie ihr ihre er es der die das dann werden melden')}\b"
    rf"|{one_of('i we you your it the then will is should aim try expect')}\b"
    r"|(?:can|kommt|wird|hope|plan)\b)",
    r",?\s(?:weil|because|since|denn|sodass|as we|as i)\s",
)

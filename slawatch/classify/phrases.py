"""The phrases, German and English, by which sentences of service letters are told apart. Words only; decides nothing.

Gaps within a pattern are bounded, so that each takes time linear in the sentence.
"""

from __future__ import annotations

from enum import StrEnum

from slawatch.classify.pattern import Pattern


class Role(StrEnum):
    """What a sentence does in a letter; the values are the ids of rules."""

    AUTOMATIC = "says-it-is-automatic"
    BOT = "says-it-is-a-bot"
    AWAY = "says-nobody-is-there"
    RECEIPT = "confirms-receipt"
    COURTESY = "thanks"
    GENERIC_PROMISE = "promises-in-general"
    BOILERPLATE = "boilerplate"
    REFUSAL = "refuses"
    QUESTION = "asks-back"
    HANDOFF = "sends-elsewhere"
    INTERIM = "says-it-goes-on"
    CONTENT = "deals-with-the-matter"


_MAIL_DE = (
    r"(?:e-?mail|mail|nachricht|anfrage|schreiben|anliegen|mitteilung|zuschrift|kontaktanfrage|eingabe|antrag|"
    r"helpdesk-anforderung)"
)
_MAIL_EN = r"(?:e-?mail|mail|message|request|inquiry|enquiry|query|question|letter|submission|case|ticket)"
_OURS = rf"(?:ihre|ihr|deine|dein|diese|die|your|this)[nmrs]? (?:\w+ ){{0,2}}(?:{_MAIL_DE}|{_MAIL_EN})"

_WEEKDAY = (
    r"(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
)
_MONTH_DE = r"(?:januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember)"
_MONTH_EN = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_DAY = (
    rf"(?:{_WEEKDAY}|heute|morgen (?:früh|vormittag|mittag|nachmittag|abend|wieder|raus|bei)|bis morgen"
    rf"|übermorgen"
    r"|today|tonight|tomorrow|next week|(?:nächste|kommende)[rn]? woche|ende der woche|end of (?:the "
    r"|this )?(?:week|day)"
    rf"|\d{{1,2}}\. ?\d{{1,2}}\.|\d{{1,2}}\. {_MONTH_DE}|{_MONTH_EN} \d|\d{{1,2}} {_MONTH_EN})"
)
_NUMBER = (
    r"(?:\d{1,3}(?:[.,]\d)?|ein(?:e|er|em|en|ige|igen|iger)?|zwei|drei|vier|fünf|sechs|sieben|acht|neun"
    r"|zehn|zwölf"
    r"|vierzehn|mehrere[nr]?|wenige[nr]?|an?|one|two|three|four|five|six|seven|eight|nine|ten|a few"
    r"|several|a couple of)"
)
_UNIT = (
    r"(?:min(?:ute)?[ns]?|stunden?|std|h|hours?|(?:werk|arbeits|bank)?tage?n?|(?:business |working |week)?days?"
    r"|wochen?|weeks?|monate?n?|months?)\b"
)
_SPAN = rf"{_NUMBER}(?: ?(?:-|–|bis|to|or|oder|und) ?{_NUMBER})?[ -]?(?:\w+e[nr]? |more |full )?{_UNIT}"

MAIL_OF_OURS = Pattern(rf"\b{_OURS}\b")
HOW_LONG = Pattern(rf"\b{_SPAN}", rf"\b{_DAY}")
SPECIFIC_DAY = Pattern(rf"\b{_DAY}")
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
    r"\bhave (?:forwarded|passed|handed|escalated)\b|\bweiter(?:geleitet|gegeben)\b",
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
    r"^(?:(?:vielen|herzlichen|besten|lieben) dank|danke|wir (?:be)?danken|ich (?:be)?danke|schön, dass"
    r"|thank you"
    r"|(?:many )?thanks|we (?:really )?appreciate|we thank|i appreciate)\b[^,.!:;–]{0,160}(?:[,.!:;–]+|$)",
    r"^(?:es tut (?:mir|uns)|(?:bitte )?entschuldig\w+|wir entschuldig\w+|sorry|(?:we |i |my "
    r"|our )?apolog\w+|(?:i|we)(?:'m| am"
    r"| are|'re) sorry)\b[^,.!:;–]{0,160}(?:[,.!:;–]+|$)",
    r"^(?:sehr )?gerne?\b[^.!:;–]{0,40}\b(?:beantworte\w*|helfe\w*|weiter|mit)\b[^.!:;–]{0,60}(?:[.!:;–]+|$)",
)

# The first role that fits is the sentence's. Machines come first: what follows must not earn them a person's credit.
OF_MACHINES: tuple[tuple[Role, Pattern], ...] = (
    (
        Role.BOT,
        Pattern(
            r"\bchat-?bot\b",
            r"\b(?:virtuelle|digitale|intelligente)[rn]? assistent\w*|\bki-(?:assistent\w*|agent\w*|bot)\b",
            r"\b(?:virtual|digital|ai|automated) (?:assistant|agent)\b",
            r"\bi(?:'m| am) (?:a bot|an ai|a virtual|an automated)\b",
            r"\b(?:künstliche[rn]? intelligenz|artificial intelligence)\b.{0,60}\b(?:erstellt|beantwortet"
            r"|generated|written)\b",
            r"\b(?:erstellt|beantwortet|generated|written|answered)\b.{0,60}(?:künstliche[rn]? intelligenz"
            r"|artificial intell)",
            r"\bai[- ]generated\b|\bki[- ]generiert\w*",
        ),
    ),
    (
        Role.AUTOMATIC,
        Pattern(
            r"\bautomatisch(?:e[nrs]?)? (?:\w+ )?(?:generiert|erstellt|erzeugt|versand|versend|verschick"
            r"|gesendet|antwort"
            r"|nachricht|e-?mail|mail|rückmeldung|eingangs|empfangs|bestätig|mitteilung|schreiben)",
            r"\b(?:maschinell|systemseitig|vom system) (?:\w+ )?(?:erstellt|erzeugt|generiert|versand|versend)",
            r"\bautomat(?:ic|ically|ed) (?:\w+ )?(?:generated|repl(?:y|ies)|response|message"
            r"|e-?mail|mail"
            r"|acknowledg\w+|notification|confirmation|answer|sent|created|receipt)\b",
            r"\bauto[- ]?(?:reply|response|responder|generated|acknowledg\w+)\b|\b(?:is|was) automated\b",
            r"\b(?:do not|don't|cannot) (?:directly )?(?:reply|respond) (?:directly )?to this\b"
            r"|\bunmonitored\b",
            r"\breplies to this (?:e-?mail|message|address) (?:are|will) not\b",
            r"\bnicht (?:direkt )?auf diese (?:e-?mail|mail|nachricht)\b|\bantworten sie (?:bitte )?nicht\b",
            r"\b(?:auf )?diese (?:e-?mail|mail|nachricht) (?:bitte )?nicht (?:zu )?(?:be)?antwort",
            r"\b(?:be)?antworten sie (?:bitte )?(?:auf )?diese (?:e-?mail|mail|nachricht) (?:bitte )?nicht\b",
        ),
    ),
    (
        Role.AWAY,
        Pattern(
            r"\b(?:ich bin|wir sind|i am|i'm|we are|i will be|i'll be|we will be|he is|she is|frau \w+ ist"
            r"|herr \w+ ist)\b"
            r".{0,60}\b(?:nicht (?:im (?:büro|hause?|dienst|amt)|erreichbar|am arbeitsplatz)"
            r"|auß?ss?er haus|(?:im|in) urlaub"
            r"|abwesend|in elternzeit|auf dienstreise|out of (?:the )?office|out of town|on (?:\w+ )?leave"
            r"|on (?:vacation|holidays?)|away (?:from (?:the|my) (?:office|desk)|until|till|on)|currently away"
            r"|travell?ing|not in the office)\b",
            r"\b(?:ich|i|wir|we)\b.{0,30}\b(?:erst )?(?:wieder|back)\b.{0,25}\b(?:im büro|erreichbar"
            r"|in the office)\b",
            r"\b(?:betriebsferien|betriebsurlaub|abwesenheitsnotiz|out[- ]of[- ]office)\b",
            r"\b(?:e-?mails?|mails?|nachrichten?)\b.{0,20}\bnicht weitergeleitet\b",
            r"\bmeiner abwesenheit\b|\b(?:during|in) my absence\b|\bupon my return\b|\bnach meiner rückkehr\b",
        ),
    ),
    (
        Role.RECEIPT,
        Pattern(
            rf"\b(?:wir haben|haben wir) {_OURS}\b.{{0,60}}\b(?:erhalten|empfangen|registriert|aufgenommen"
            rf"|entgegengenommen)\b",
            rf"\b{_OURS}\b.{{0,80}}\b(?:eingegangen|erhalten haben|eingetroffen|registriert|erfasst"
            rf"|angelegt|aufgenommen"
            r"|übermittelt|empfangen)\b",
            r"\b(?:be)?stätigen\b.{0,40}\b(?:eingang|erhalt|empfang)\b",
            rf"\b(?:eingang|erhalt|empfang) {_OURS}\b.{{0,40}}bestätig",
            r"\b(?:eingangs|empfangs)bestätigung\b",
            r"\b(?:ticket|vorgangs|bearbeitungs|fall|referenz|case)-?\s?(?:nummer|nr\.?|id"
            r"|kennung)(?: lautet| ist|:)",
            r"\b(?:ticket|vorgang|fall|case)\b.{0,40}\b(?:wurde|haben wir|ist)\b.{0,40}\b(?:eröffnet"
            r"|erstellt|angelegt"
            r"|zugewiesen|registriert)\b",
            r"\bunter der (?:\w*nummer|nr\.?|referenz|id)\b.{0,40}\b(?:registriert|erfasst|bearbeitet"
            r"|geführt|gespeichert)\b",
            rf"\bwe(?:'ve| have)? (?:now |successfully )?(?:received|got|logged|registered|recorded) {_OURS}\b",
            rf"\b{_OURS}\b.{{0,80}}\b(?:has been|have been|was|is) (?:successfully |well |now )?(?:received"
            rf"|registered|logged"
            r"|created|opened|assigned|recorded|submitted|forwarded|queued)\b",
            r"\b(?:ticket|case|reference|request)\b.{0,40}\b(?:has been|was) (?:created|opened|assigned"
            r"|logged|registered)\b",
            r"\b(?:ticket|case|reference|request|enquiry|inquiry) (?:number|id|no\.?|#)(?: is\b| has\b|:)",
            r"\b(?:confirm|acknowledge)s?\b.{0,30}\breceipt\b|\backnowledge?ment of\b",
            rf"\b{_OURS} (?:ist|wurde)\b.{{0,60}}\b(?:weitergeleitet|zugestellt|übergeben)\b",
        ),
    ),
)
OF_PEOPLE: tuple[tuple[Role, Pattern], ...] = (
    (
        Role.REFUSAL,
        Pattern(
            r"\b(?:können|dürfen|möchten|werden|kann|darf) (?:wir|ich) (?:\S+ ){0,8}?(?:nicht|keine[nr]?"
            r"|kein)\b.{0,60}"
            r"\b(?:beantworten|auskunft|auskünfte|weiterhelfen|behilflich|bearbeiten|angaben|helfen)\b",
            r"\b(?:wir|ich) (?:können|dürfen|möchten|werden|kann|darf) (?:\S+ ){0,8}?(?:nicht|keine[nr]?"
            r"|kein)\b.{0,60}"
            r"\b(?:beantworten|auskunft|auskünfte|weiterhelfen|behilflich|bearbeiten|angaben|helfen)\b",
            r"\b(?:wir|ich) (?:erteile|gebe|beantworte)n?\b.{0,60}\bkeine\b",
            r"\b(?:erteilen|geben|beantworten) wir\b.{0,60}\b(?:keine|nicht)\b|\bkeine ausk(?:unft|ünfte)\b",
            r"\bnur (?:für )?(?:unsere[nr]? )?(?:bestands)?kund(?:en|innen)\b.{0,40}\b(?:beantwort\w*"
            r"|auskunft)",
            r"\b(?:we|i)(?: are|'re| am|'m) (?:unfortunately |afraid |sorry, )?(?:unable|not able"
            r"|not in a position|not allowed"
            r"|not permitted) to (?:\w+ ){0,3}(?:answer|help|assist|provide|respond|reply|comment|share"
            r"|disclose|support)\b",
            r"\b(?:we|i) (?:can ?not|can't|won't|will not|do not|don't) (?:\w+ ){0,2}(?:answer|help you"
            r"|assist|respond|reply"
            r"|comment|provide (?:this|that|such|any|such) (?:info|inquir|enquir|question|answer|detail))",
            r"\b(?:must|have to) decline\b|\bmüssen wir (?:leider )?ablehnen\b|\blehnen wir ab\b",
        ),
    ),
    (
        Role.BOILERPLATE,
        Pattern(
            r"\b(?:weitere[nr]?|noch|any|further|more|additional|other) (?:fragen|rückfragen|questions?"
            r"|queries)\b",
            r"\brückfragen\b|\bzögern sie nicht\b|\b(?:don't|do not|never|not) hesitate\b|\bfeel free to\b",
            r"\bgerne? zur verfügung\b|\b(?:happy|glad|pleased|here) to help\b|\bif (?:you need"
            r"|there is) anything\b",
            r"\bfreuen uns\b|\blook(?:ing)? forward\b|\b(?:service|sprech|büro)zeiten\b"
            r"|\bin der zwischenzeit\b",
            r"\bhäufigen? (?:gestellten? )?fragen\b|\bfaqs?\b|\bhelp cent(?:er|re)\b|\bin the meantime\b",
            r"\bweitere informationen (?:finden|erhalten)\b|\bvertrauliche\b|\bconfidential\b"
            r"|\bdatenschutz\w*|\bprivacy\b",
            r"\bvir(?:en|us)\b|\bnewsletter\b|\bschönen tag\b|\b(?:nice|great|good|lovely) (?:day|weekend)\b",
            r"\bbetreff\b.{0,50}\b(?:unverändert|angeben|lassen|beibehalten)\b",
            r"\b(?:subject|reference)\b.{0,40}\b(?:unchanged|quote|include)\b|\bquote (?:this"
            r"|the) (?:number|reference)\b",
            r"\b(?:hilfreich|helpful)\b|\bbewerten sie\b|\brate (?:our|this|your)\b|\b(?:umfrage|survey)\b",
            r"\bhohe[nms]? (?:\w+ )?(?:\w*aufkommen|nachfrage|anzahl)\b",
            r"\b(?:high|large|unusual|increased) (?:\w+ )?(?:volumes?|numbers?|demand)\b",
            r"\bum (?:ihr |ihre |etwas |dein )?(?:verständnis|geduld)\b"
            r"|\bhaben sie (?:bitte )?(?:noch )?(?:etwas )?geduld\b",
            r"\byour (?:kind )?(?:patience|understanding)\b|\bbear with us\b|\bis important to us\b"
            r"|\bist uns wichtig\b",
            r"\bdiese e-?mail\b.{0,60}\b(?:nicht hätten|irrtümlich|versehentlich)|\b(?:received"
            r"|receive) this .{0,30}\berror\b",
            r"\bkeine weiteren (?:eingaben|schritte)\b|\bno (?:further )?action\b|\bsent from my\b",
            r"^[-_=*\s]+$|^\S*https?://\S+$|^(?:tel|telefon|phone|fax|e-?mail|web|betreff|subject)\b.{0,3}:",
            r"\b(?:kommentar|lösung|antwort|comment|reply|solution|update)\b.{0,30}\b(?:hinzugefügt"
            r"|vorgeschlagen|added"
            r"|aktualisiert|updated|posted)\b",
            r"\baktualisierung mitteilen\b|\blösung (?:dafür )?gefunden\b|\bticket online\b"
            r"|\bticket schließen\b",
            r"\bsie haben\b.{0,40}\b(?:ticket|anfrage|vorgang)\b.{0,60}\b(?:eröffnet|gestellt|gesendet)\b",
            r"\byou (?:recently )?(?:opened|submitted|raised)\b.{0,40}\b(?:ticket|request|case)\b",
            r"\bweitere (?:details|informationen) mitteilen\b|\bweitere aktualisierungen\b",
        ),
    ),
    (
        Role.GENERIC_PROMISE,
        Pattern(
            r"\b(?:wir|unser\w* \S+)\b.{0,40}\b(?:melde|kümmer|bearbeite|beantworte|werde|setze|antworte"
            r"|versuche|bemühe|prüfe)"
            r"\w*\b.{0,120}\b(?:schnellst\w*|baldmöglichst|bald|umgehend|in kürze|kurzfristig|zeitnah"
            r"|schnell wie möglich"
            rf"|nächstmöglich\w*|reihenfolge|unverzüglich|um ihr anliegen|(?:innerhalb|binnen|spätestens"
            rf"|in) .{{0,20}}{_SPAN})",
            r"\b(?:melden|kümmern) (?:wir )?uns\b",
            r"\b(?:bearbeitung\w*|beantwortung|\w*antwort\w*|prüfung|rückmeldung)\b.{0,60}\b(?:bis zu"
            r"|innerhalb|in der regel"
            r"|normalerweise|derzeit|aktuell|dauert|dauern|schnellst\w*)\b",
            rf"\b(?:bis zu|up to|within|innerhalb von|in) {_SPAN}.{{0,60}}\b(?:normal|üblich|usual|typical"
            rf"|expected"
            r"|repl(?:y|ies)|respon\w*|answer|\w*antwort\w*|contact you|bearbeit\w*|in anspruch)\b",
            r"\b(?:ihr|dein) (?:anliegen|ticket|vorgang)\b.{0,60}\b(?:wird|werden)\b.{0,60}\b(?:bearbeitet"
            r"|geprüft"
            r"|beantwortet|behandelt|erledigt)\b",
            r"\b(?:ihre|deine|jede|alle) (?:\w*anfragen?|nachricht|e-?mails?)\b.{0,60}\b(?:wird"
            r"|werden)\b.{0,60}"
            r"\b(?:bearbeitet|geprüft|beantwortet|weiterbearbeitet)\b",
            r"\b(?:we|our (?:\w+ ){1,3}|someone|one of our (?:\w+ ){1,2}|an? (?:member|colleague"
            r"|representative|agent)\b.{0,30}?)"
            r" ?(?:will|aim|try|endeavou?r|shall|strive|'ll)\b.{0,80}\b(?:get back|be in touch|respond"
            r"|reply|answer"
            r"|contact you|in contact|process|review|attend|return|handle)\b",
            rf"\b(?:respon(?:d|se)\w*|repl(?:y|ies)|answer\w*|processing)\b.{{0,60}}\b(?:(?:within|in|up to"
            rf"|takes?)\b"
            rf".{{0,20}}{_SPAN}|shortly|as quickly as|normally|usually|typically)",
            r"\b(?:as soon as (?:possible|we can)|so (?:bald|schnell) wie möglich|schnellstmöglich\w*"
            r"|at our earliest"
            r"|in due course)\b|\blösung erarbeiten\b",
            r"\b(?:normal|üblich|usual)\w* (?:bearbeitungs|antwort|response |reply )(?:zeit\w*|times?)\b",
        ),
    ),
    (
        Role.QUESTION,
        Pattern(
            r"\b(?:benötig|brauch|fehl)\w+ (?:wir |ich |uns |mir |hierzu |dazu |dafür |noch |bitte "
            r"|zunächst |zuerst |jedoch "
            r"|allerdings |vorab )*(?:ihre?n?|deine?n?|folgende|weitere|genauere|mehr|die (?:\w*nummer"
            r"|angabe))\b",
            r"\b(?:teilen|nennen|schicken|senden|geben|schreiben|verraten) sie (?:uns"
            r"|mir)\b(?!.{0,40}\bzurück)",
            r"\b(?:nenn\w*|schick\w*|sende?|gib|schreib\w*|teil\w*) (?:uns|mir) (?:bitte|doch|noch|kurz|mal)\b",
            r"\bbitte (?:um|ergänzen|übermitteln|geben sie)\b.{0,60}\b(?:nummer|angabe\w*|adresse|details"
            r"|daten|info\w*)",
            r"\b(?:please|could you|can you|would you|kindly)\b.{0,30}\b(?:provide|send|tell|let (?:us"
            r"|me) know|confirm"
            r"|share|specify|clarify|give(?! (?:me|us) (?:until|till|some|a ))|supply|advise|state)\b",
            r"\b(?:we|i)(?:'d| would)? (?:still |also |first )?(?:need|require) (?:to know |some |more "
            r"|an? |the |your |further "
            r"|additional )+(?:\w+ ){0,3}(?:number|address|details?|information|name|model|postcode|zip"
            r"|date|order)\b",
            r"\b(?:may|could|can) (?:we|i) (?:please )?(?:have|ask|get)\b|\bcould you (?:please )?\w+",
            r"\?\W*$",
        ),
    ),
    (
        Role.HANDOFF,
        Pattern(
            r"\b(?:wenden|richten) sie (?:sich|ihre \S+)\b|\bwende dich\b|\brufen? (?:sie )?uns\b.{0,40}\ban\b",
            r"\b(?:nutze|verwende|benutze)n?\b.{0,60}\b(?:formular|portal|chat|app|hotline|kundenkonto"
            r"|telefon\w*)\b",
            r"\b(?:kontakt|online-?|web)formular\b|\b(?:contact|web|online) ?form\b",
            r"\b(?:kontaktieren|erreichen) sie\b.{0,60}\b(?:unter|telefonisch|über|bitte|direkt)\b",
            r"\b(?:ausschließlich|nur(?: noch)?) (?:telefonisch|über (?:das|unser\w*)|per (?:telefon|chat))\b",
            r"\b(?:please|kindly|you (?:can|may|should|need to|have to))\b.{0,30}\b(?:contact|call|phone"
            r"|ring|reach out"
            r"|get in touch|message us|dm us|fill (?:in|out)|use (?:our|the)|visit|submit|turn to|log in)\b",
            r"\b(?:dm|direktnachricht|direct message|private message)\b",
        ),
    ),
    (
        Role.INTERIM,
        Pattern(
            r"\b(?:ich|wir)\b (?:\S+ ){0,4}?(?:klären?|prüfen?|fragen? .{0,30}(?:nach|an)|erkundigen?"
            r"|recherchieren?"
            r"|schauen?|kümmere|leiten? .{0,40}weiter|warten?)\b",
            r"\b(?:kläre|prüfe|frage|schaue|leite|melde|warte) ich\b(?!.{0,30}\bgern)",
            r"\b(?:klären|prüfen|warten) wir\b(?!.{0,30}\bgern)",
            r"\bhaben?\b.{0,80}\b(?:weitergeleitet|weitergegeben|nachgefragt|angefragt|gebeten"
            r"|in auftrag gegeben)\b",
            r"\b(?:muss|müssen|musste|müssten)\b.{0,80}\b(?:klären|abklären|prüfen|nachfragen|nachsehen"
            r"|erfragen|fragen"
            r"|rücksprache|warten|einholen)\b",
            r"\bmelde mich\b|\bgeben? ihnen (?:\w+ )?(?:bescheid|rückmeldung)\b"
            r"|\bsage ihnen (?:\w+ )?bescheid\b",
            r"\bhören (?:sie )?.{0,40}von (?:mir|uns)\b|\bkommen? .{0,30}auf sie zu\b"
            r"|\bmeldet sich\b.{0,60}\bbei ihnen\b",
            r"\bdauer[tn]n?\b.{0,60}\bnoch\b|\bnoch (?:etwas |ein wenig |\S+ )?(?:zeit|geduld)\b"
            r"|\bbin (?:noch )?dran\b",
            rf"\b(?:benötige|brauche)n? (?:ich |wir )?(?:dafür |dazu |noch |leider )*(?:etwas zeit|{_SPAN}"
            rf"|bis)",
            r"\b(?:i|we)(?:'ll| will|'m| am|'re| are)(?: just| currently| still| now| going to)? (?:check"
            r"|find out|ask|look|investigat|wait"
            r"|clarify|forward|get(?:ting)? back|come back|be back|let you know|follow up|need)\w*",
            r"\b(?:i|we)(?:'ve| have)(?: already| just| now)? (?:forwarded|passed|asked|escalated"
            r"|contacted|handed|raised"
            r"|requested)\b",
            r"\b(?:i|we) (?:still |first |just )?(?:need|have) (?:to|until|till|a (?:bit"
            r"|little)) (?:\w+ ){0,3}?(?:check|ask"
            r"|verify|find out|clarify|speak|talk|wait|look|confirm|more time|longer)\b",
            rf"\b(?:i|we)(?:'ll| will)? (?:still )?needs? (?:about |until |till |at least "
            rf"|another )*(?:{_SPAN}|{_DAY})",
            rf"\b(?:it|this)(?:'ll| will)? (?:still |probably )?takes? (?:us |me )?(?:another |until "
            rf"|till )(?:{_SPAN}|{_DAY})",
            r"\bgive (?:me|us) (?:until|till|some|a )",
            r"\b(?:is|are|bin|sind|ist) (?:still |currently |noch |gerade |derzeit )?(?:being (?:checked"
            r"|looked|clarified"
            r"|investigated)|in (?:klärung|bearbeitung|prüfung))\b",
            r"\bwill (?:get back|be in touch|contact you|call you|let you know|write to you)\b|\bmore time\b",
            r"\byou(?:'ll| will) hear (?:from|back)\b",
        ),
    ),
)

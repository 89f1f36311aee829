"""The phrases, German and English, by which sentences of service letters are told apart. Data only; nothing is decided.

Gaps in a pattern are bounded, so that each takes time linear in the sentence.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Role(StrEnum):
    """What a sentence does in a letter; the values are the ids of the rules."""

    GREETING = "greeting"
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


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_MAIL_DE = r"(?:e-?mail|mail|nachricht|anfrage|schreiben|anliegen|mitteilung|zuschrift|kontaktanfrage|eingabe|antrag)"
_MAIL_EN = r"(?:e-?mail|mail|message|request|inquiry|enquiry|query|question|letter|submission|case|ticket|note)"
_DAY = (
    r"(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|monday|tuesday|wednesday|thursday|friday|saturday"
    r"|sunday|heute|morgen|übermorgen|today|tonight|tomorrow|next week|nächste woche|nächster woche|kommende woche"
    r"|kommender woche|ende der woche|end of (?:the |this )?week|end of (?:the )?day|\d{1,2}\.\s?\d{1,2}\.|\d{1,2}/\d{1,2}"
    r"|\d{1,2}\. (?:januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember)"
    r"|(?:january|february|march|april|may|june|july|august|september|october|november|december) \d)"
)
_SPAN = (
    r"(?:\d{1,3}(?:[.,]\d)?|ein(?:e|er|em|en|ige|igen|ige)?|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|zwölf|vierzehn"
    r"|mehrere[nr]?|wenige[nr]?|an?|one|two|three|four|five|six|seven|eight|nine|ten|a few|several|couple of)"
    r"\s?(?:-|–|bis|to|or|oder)?\s?(?:\d{1,3}|zwei|drei|vier|fünf|two|three|four|five)?\s?"
    r"(?:kleine[nr]?|weitere[nr]?|more|full|volle[nr]?)?\s?"
    r"(?:min(?:ute)?[ns]?\b|stunden?\b|std\b|h\b|hours?\b|(?:werk|arbeits|bank)?tage?n?\b|(?:business |working |week)?days?\b"
    r"|wochen?\b|weeks?\b|monate?n?\b|months?\b)"
)
_MAIL_OF_OURS = rf"(?:ihre|ihr|deine|dein|diese|die|your|this)[nmrs]? (?:\w+ ){{0,2}}(?:{_MAIL_DE}|{_MAIL_EN})"

HOW_LONG = re.compile(rf"\b(?:{_SPAN}|{_DAY})", re.IGNORECASE)
WHY = _any(
    r"\b(?:weil|da (?:wir|ich|der|die|das|unser|es|hier|noch|sich)|denn|aufgrund|wegen|deshalb|deswegen|daher|nämlich)\b",
    r"\bbecause\b|\bsince (?:we|i|our|the)\b|\bdue to\b|\bas (?:we|i|our|the) \w+|\bowing to\b|\bin order to\b|\btherefore\b",
    r"\b(?:rücksprache|nachfragen|abklären|abklären|klären|prüfen|geprüft|recherchieren)\b",
    r"\b(?:wait(?:ing)? for|wartet? (?:noch )?auf|warten (?:noch )?auf|need to (?:check|ask|verify|clarify|find)|have to (?:check|ask))",
    r"\b(?:checking|looking into|investigat\w+|clarify\w*|ask(?:ed|ing) (?:our|the|my))\b",
    r"\bhave (?:forwarded|passed|handed|escalated)\b|\bweitergeleitet\b|\bweitergegeben\b",
)
SPECIFIC_DAY = re.compile(rf"\b{_DAY}", re.IGNORECASE)
FIRST_PERSON = re.compile(r"\b(?:ich|mir|mich|mein[a-z]{0,2}|I|I'm|I've|I'll|I'd|me|my)\b")

# The first role that fits is a sentence's role. Marks of machines come first: they must not earn credit by what follows.
ROLES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (
        Role.GREETING,
        _any(
            r"^(?:sehr geehrte\w?|hallo|guten (?:tag|morgen|abend)|liebe[rs]?|moin|servus|grüß gott|hi|hello|dear|good"
            r" (?:morning|afternoon|evening|day)|greetings)\b.{0,60}$",
            r"^(?:mit (?:freundlichen|besten|herzlichen|lieben)|freundliche|beste|viele|liebe|herzliche|schöne)n? (?:gr[üu](?:ß|ss)\w*"
            r"|empfehlungen).{0,80}$",
            r"^(?:(?:kind|best|warm|many|with (?:kind|best)|yours) ?(?:regards|wishes|sincerely|faithfully|truly)?|regards"
            r"|sincerely|cheers|thanks|thank you|many thanks|danke|vielen dank|mfg|lg|i\. ?a\.?|best)[,.!]?$",
            r"^(?:ihr|ihre|your|the|das|dein|euer) (?:\S+ ){0,4}(?:team|kundenservice|kundendienst|service|support)\b.{0,30}$",
            r"^(?:\S+ ){0,3}(?:kundenservice|kundendienst|service[- ]?team|support[- ]?team|customer (?:service|care|support)"
            r"|team)[,.]?$",
        ),
    ),
    (
        Role.BOT,
        _any(
            r"\b(?:chat-?bot|virtuelle[rn]? assistent\w*|digitale[rn]? assistent\w*|ki-(?:assistent\w*|agent\w*|bot)|k\.?i\.? erstellt)",
            r"\b(?:virtual|digital|ai|automated) (?:assistant|agent)\b|\bi(?:'m| am) (?:a bot|an ai|a virtual|an automated)",
            r"\b(?:künstliche[rn]? intelligenz|artificial intelligence)\b.{0,60}(?:erstellt|beantwortet|generated|written|answer)",
            r"\b(?:erstellt|beantwortet|generated|written|answered)\b.{0,60}(?:künstliche[rn]? intelligenz|artificial intelligence)",
            r"\bai[- ]generated\b|\bki[- ]generiert\w*",
        ),
    ),
    (
        Role.AUTOMATIC,
        _any(
            r"\bautomatisch(?:e[nrs]?)? (?:generiert|erstellt|erzeugt|versand|versend|verschick|gesendet|antwort|nachricht|e-?mail"
            r"|mail|rückmeldung|eingangs|empfangs|bestätig|mitteilung|schreiben)",
            r"\b(?:maschinell|systemseitig|vom system) (?:\w+ )?(?:erstellt|erzeugt|generiert|versand|versend)",
            r"\bautomati(?:c|cally|sed|zed|ted) (?:\w+ )?(?:generated|reply|replies|response|message|e-?mail|mail|acknowledg\w+"
            r"|notification|confirmation|answer|sent|created|receipt)",
            r"\bauto[- ]?(?:reply|response|responder|generated|acknowledg\w+)\b|\b(?:this|an) (?:is an )?automated\b",
            r"\b(?:do not|don't|please don't|cannot) (?:directly )?(?:reply|respond) (?:directly )?to this\b|\bunmonitored\b",
            r"\b(?:nicht|keine) (?:direkt )?auf diese (?:e-?mail|mail|nachricht)|\bauf diese (?:e-?mail|mail|nachricht).{0,30}"
            r"(?:nicht|keine) ?(?:antwort|reag)",
            r"\bdiese (?:e-?mail|mail|nachricht) (?:bitte )?nicht (?:zu )?(?:be)?antwort",
            r"\b(?:antworten|beantworten) sie (?:bitte )?(?:nicht )?(?:auf )?diese (?:e-?mail|mail|nachricht) (?:bitte )?nicht",
            r"\bantworten sie (?:bitte )?nicht\b|\breplies to this (?:e-?mail|message|address) are not\b",
        ),
    ),
    (
        Role.AWAY,
        _any(
            r"\b(?:ich bin|wir sind|i am|i'm|we are|i will be|i'll be|we will be|ich werde|he is|she is|is|ist|sind)\b.{0,50}"
            r"\b(?:nicht im (?:büro|haus|hause|dienst|amt)|außer haus|ausser haus|im urlaub|in urlaub|abwesend|in elternzeit|auf dienstreise"
            r"|nicht erreichbar|nicht am arbeitsplatz|out of (?:the )?office|out of town|on (?:annual |maternity |parental |sick |paternity )?leave"
            r"|on (?:vacation|holiday|holidays)|away (?:from|until|till)|travell?ing|currently away|not in the office|unavailable until)\b",
            r"\b(?:büro|geschäft|praxis|office|shop|store)\b.{0,60}\b(?:geschlossen|closed)\b.{0,40}\b(?:bis|vom|until|from|wegen|due)\b",
            r"\b(?:ich bin|wir sind|i am|i will be|we are).{0,20}\b(?:erst )?(?:wieder|back)\b.{0,25}\b(?:da|im büro|erreichbar|in the office)\b",
            r"\b(?:ab|from|on) .{0,25}\bwieder (?:für sie )?(?:da|im büro|erreichbar)\b",
            r"\b(?:betriebsferien|betriebsurlaub|abwesenheitsnotiz|out[- ]of[- ]office)\b",
            r"\b(?:während|in) meiner abwesenheit\b|\b(?:during|in) my absence\b|\bupon my return\b|\bnach meiner rückkehr\b",
        ),
    ),
    (
        Role.RECEIPT,
        _any(
            rf"\b(?:wir haben|haben wir) {_MAIL_OF_OURS}\b.{{0,60}}\b(?:erhalten|empfangen|registriert|aufgenommen|entgegengenommen)\b",
            rf"\b{_MAIL_OF_OURS}\b.{{0,80}}\b(?:eingegangen|erhalten haben|eingetroffen|registriert|erfasst|angelegt|aufgenommen"
            r"|übermittelt|empfangen)\b",
            rf"\b(?:be)?stätigen\b.{{0,40}}\b(?:eingang|erhalt|empfang)\b|\b(?:eingang|erhalt|empfang) {_MAIL_OF_OURS}\b.{{0,40}}bestätig",
            r"\b(?:eingangs|empfangs)bestätigung\b",
            r"\b(?:ihre?|die|folgende) (?:ticket|vorgangs|bearbeitungs|fall|referenz|case)-?\s?(?:nummer|nr|id|kennung)\b",
            r"\b(?:ticket|vorgang|fall|case)\b.{0,40}\b(?:wurde|haben wir|ist)\b.{0,40}\b(?:eröffnet|erstellt|angelegt|zugewiesen|registriert)",
            r"\bunter der (?:\w*nummer|nr\.?|referenz|id)\b.{0,40}\b(?:registriert|erfasst|bearbeitet|geführt|gespeichert)",
            rf"\b(?:we|we've|we have) (?:have )?(?:now |successfully )?(?:received|got|logged|registered|recorded) {_MAIL_OF_OURS}",
            rf"\b{_MAIL_OF_OURS}\b.{{0,80}}\b(?:(?:has|have) been|was|is) (?:successfully |well |now )?(?:received|registered|logged|created"
            r"|opened|assigned|recorded|submitted|forwarded|queued|delivered)\b",
            r"\b(?:ticket|case|reference|request)\b.{0,40}\b(?:has been|was) (?:created|opened|assigned|logged|registered)\b",
            r"\b(?:your|the) (?:ticket|case|reference|request|enquiry|inquiry) (?:number|id|no\.?|#)",
            r"\b(?:confirm|acknowledge)s?\b.{0,30}\breceipt\b|\backnowledgement of\b|\b(?:this is|as) (?:a |an )?(?:receipt|confirmation)\b",
            rf"\b{_MAIL_OF_OURS} (?:ist|wurde)\b.{{0,60}}\b(?:weitergeleitet|zugestellt|übergeben)\b",
        ),
    ),
    (
        Role.REFUSAL,
        _any(
            r"\b(?:können|dürfen|möchten|werden|kann|darf) (?:wir|ich) (?:\S+ ){0,8}?(?:nicht|keine[nr]?|kein)\b.{0,60}"
            r"\b(?:beantworten|auskunft|auskünfte|weiterhelfen|behilflich|bearbeiten|angaben|helfen)\b",
            r"\b(?:wir|ich) (?:können|dürfen|möchten|werden|kann|darf) (?:\S+ ){0,8}?(?:nicht|keine[nr]?|kein)\b.{0,60}"
            r"\b(?:beantworten|auskunft|auskünfte|weiterhelfen|behilflich|bearbeiten|angaben|helfen)\b",
            r"\b(?:erteilen|geben|beantworten) (?:wir|ich)?\b.{0,50}\b(?:keine (?:auskunft|auskünfte|angaben|anfragen|fragen)|nicht per)\b",
            r"\b(?:wir|ich) (?:erteilen|geben|beantworten)\b.{0,50}\bkeine\b",
            r"\bkeine (?:auskunft|auskünfte) (?:per|an|zu|über)\b|\bnur (?:unseren )?kund(?:en|innen)\b.{0,40}\b(?:beantwort|auskunft)",
            r"\b(?:we|i)(?:'re| are| am|'m)? (?:unfortunately )?(?:unable|not able|not in a position|not allowed|not permitted) to"
            r" (?:\w+ ){0,3}(?:answer|help|assist|provide|respond|reply|comment|process|share|disclose|support)",
            r"\b(?:we|i) (?:can ?not|can't|won't|will not|do not|don't) (?:\w+ ){0,2}(?:answer|help you|assist|respond|reply|comment|process"
            r"|provide (?:this|that|such|any) (?:info|inquir|enquir|question|answer|detail))",
            r"\b(?:must|have to) decline\b|\bmüssen wir (?:leider )?ablehnen\b|\blehnen wir ab\b",
        ),
    ),
    (
        Role.BOILERPLATE,
        _any(
            r"\b(?:weitere(?:n|r)?|noch|rück|any|further|more|additional|other)\s?-?(?:fragen|frage|questions?|queries|rückfragen)\b",
            r"\brückfragen\b|\bzögern sie nicht\b|\b(?:don't|do not|never|not) hesitate\b|\bfeel free to\b|\b(?:gern|gerne) zur verfügung\b",
            r"\b(?:happy|glad|pleased|here) to help\b|\bif (?:you need|there is) anything\b|\bfreuen uns\b|\blook(?:ing)? forward\b",
            r"\b(?:servicezeiten|sprechzeiten|bürozeiten)\b|\bhäufig(?:e|en) (?:gestellte )?fragen\b|\bfaqs?\b|\bhelp (?:center|centre)\b",
            r"\bin der zwischenzeit\b|\bin the meantime\b|\bweitere informationen (?:finden|erhalten)\b|\bvertrauliche\b|\bconfidential\b",
            r"\bdatenschutz\w*\b|\bprivacy[- ]policy\b|\bviren\b|\bvirus\b|\bnewsletter\b|\bschönen tag\b|\b(?:nice|great|good|lovely) day\b",
            r"\bbetreff\b.{0,50}\b(?:unverändert|angeben|lassen|beibehalten)\b|\b(?:subject|reference)\b.{0,40}\b(?:unchanged|quote|include)\b",
            r"\b(?:hat|did|was|war) (?:ihnen |this |diese |dir )?(?:diese )?(?:antwort|answer|helpful|hilfreich)|\bbewerten sie\b|\brate (?:our|this|your)\b",
            r"\bhohe[ns]? (?:\w+ )?(?:aufkommen|anfrageaufkommen|nachfrage|anzahl)|\b(?:high|large|unusual|increased) (?:\w+ )?(?:volume|number|demand)",
            r"\b(?:um|bitten um) (?:ihr |ihre |etwas |dein )?(?:verständnis|geduld)\b|\bhaben sie (?:bitte )?(?:noch )?(?:etwas |ein wenig )?geduld\b",
            r"\b(?:thank you|thanks|appreciate|ask) for (?:your )?(?:\w+ )?(?:patience|understanding)\b|\byour patience\b|\bbear with us\b",
            r"\bihr (?:ticket|vorgang|anliegen) ist uns wichtig\b|\bis important to us\b|\bkeine weiteren (?:eingaben|schritte)\b|\bno (?:further )?action\b",
            r"\bsent from my\b|\bwritten by .{0,40}\bon behalf\b|^[-_=*\s]+$|^\S*https?://\S+$|^(?:tel|telefon|phone|fax|e-?mail|web)\b.{0,3}:",
            r"\b(?:kommentar|lösung|antwort|comment|reply|solution|update)\b.{0,30}\b(?:hinzugefügt|vorgeschlagen|added|aktualisiert|updated)\b",
            r"\baktualisierung mitteilen\b|\blösung (?:dafür )?gefunden\b|\bticket online\b|\bdieses ticket schließen\b|\bprivacy\b",
        ),
    ),
    (
        Role.GENERIC_PROMISE,
        _any(
            rf"\b(?:wir|unser\w* \S+) (?:melden?|kümmer\w+|bearbeite\w*|beantworte\w*|werden?|setzen|antworte\w*|versuchen|bemühen)\b.{{0,120}}\b(?:schnellst\w*"
            rf"|baldmöglichst|bald|umgehend|in kürze|kurzfristig|zeitnah|so schnell wie möglich|(?:innerhalb|binnen|spätestens) .{{0,20}}{_SPAN}"
            rf"|in {_SPAN}|nächstmöglich\w*|reihenfolge|bei ihnen melden|bei ihnen)",
            r"\b(?:melden|kümmern) (?:wir )?uns\b.{0,80}\b(?:schnellst\w*|baldmöglichst|bald|umgehend|in kürze|zeitnah|so schnell wie möglich|innerhalb|binnen"
            r"|unverzüglich|um ihr anliegen)",
            rf"\b(?:bearbeitung\w*|beantwortung|antwort\w*|prüfung|rückmeldung)\b.{{0,60}}\b(?:bis zu|innerhalb|in der regel|normalerweise|derzeit|aktuell"
            rf"|dauert|dauern|schnellst\w*)\b",
            rf"\b(?:bis zu|up to|within|innerhalb von|in) {_SPAN}\b.{{0,60}}\b(?:normal|üblich|usual|typical|expected|reply|replies|respon\w*|answer|antwort\w*"
            r"|contact you|bearbeit\w*|dauern|in anspruch)",
            r"\b(?:ihr|dein) (?:anliegen|ticket|vorgang)\b.{0,60}\b(?:wird|werden)\b.{0,60}\b(?:bearbeitet|geprüft|beantwortet|behandelt|erledigt)",
            r"\b(?:ihre|deine|jede|alle) (?:\w*anfragen?|nachricht|e-?mails?)\b.{0,60}\b(?:wird|werden)\b.{0,60}\b(?:bearbeitet|geprüft|beantwortet|weiterbearbeitet)",
            r"\b(?:we|our \w+|someone|one of our \w+|a (?:member|colleague|representative)|an agent)\b.{0,60}\b(?:will|aim|try|endeavou?r|shall|strive|'ll)\b.{0,80}"
            r"\b(?:get back|be in touch|respond|reply|answer|contact you|in contact|process|review|attend|return|handle)",
            rf"\b(?:respon(?:d|se)\w*|repl(?:y|ies)|answer\w*|processing)\b.{{0,60}}\b(?:(?:within|in|up to|take|takes)\b.{{0,20}}{_SPAN}|as soon as possible|shortly"
            r"|as quickly as|normally|usually|typically)",
            r"\b(?:as soon as (?:possible|we can)|so (?:bald|schnell) wie möglich|schnellstmöglich\w*|at our earliest|in due course)\b",
            r"\b(?:lösung erarbeiten|weitere aktualisierungen)\b|\b(?:normal|üblich)\w* (?:bearbeitungs|antwort)zeit\w*",
        ),
    ),
    (
        Role.QUESTION,
        _any(
            r"\b(?:benötig\w+|brauch\w+|fehlt|fehlen) (?:wir |ich |uns |mir )?(?:hierzu |dazu |dafür |noch |bitte |zunächst |zuerst |jedoch |allerdings )*(?:ihre?n?|deine?n?"
            r"|eine?n?|die|folgende|weitere|genauere|mehr)\b",
            r"\b(?:teilen|nennen|schicken|senden|geben|schreiben|verraten) sie (?:uns|mir)\b(?!.{0,40}\bzurück)",
            r"\b(?:nenn\w*|schick\w*|sende?|gib|schreib\w*|teil\w*) (?:uns|mir) (?:bitte|doch|noch|kurz|mal)\b",
            r"\bbitte (?:um|ergänzen|übermitteln|geben sie)\b.{0,60}\b(?:nummer|angabe\w*|adresse|details|daten|information\w*)",
            r"\b(?:please|could you|can you|would you|kindly)\b.{0,30}\b(?:provide|send|tell|let (?:us|me) know|confirm|share|specify|clarify|give|supply|advise|state)\b",
            r"\b(?:we|i)(?:'d| would)? (?:still |also |first )?(?:need|require) (?:to know |some |more |a |an |the |your |further |additional )+(?:\w+ ){0,3}"
            r"(?:number|address|details?|information|name|model|postcode|zip|date|order)",
            r"\b(?:may|could|can) (?:we|i) (?:please )?(?:have|ask|get)\b|\bcould you (?:please )?\w+",
            r"\?\W*$",
        ),
    ),
    (
        Role.HANDOFF,
        _any(
            r"\b(?:wenden|richten) sie (?:sich|ihre \S+)\b|\b(?:nutzen|verwenden|benutzen) sie\b.{0,50}\b(?:formular|portal|chat|app|hotline|kundenkonto|telefon)",
            r"\b(?:nutze|verwende|wende dich)\b.{0,50}\b(?:formular|portal|chat|app|hotline|an)\b|\b(?:rufen|ruf) (?:sie )?uns\b.{0,40}\ban\b",
            r"\b(?:kontaktformular|online-?formular|webformular|contact form|web ?form|online form)\b",
            r"\b(?:kontaktieren|erreichen) sie\b.{0,60}\b(?:unter|telefonisch|über|bitte|direkt)\b|\bausschließlich (?:telefonisch|über|per)\b|\bnur (?:noch )?(?:telefonisch|über (?:das|unser))\b",
            r"\b(?:please|kindly|you (?:can|may|should|need to|have to))\b.{0,30}\b(?:contact|call|phone|ring|reach out|get in touch|message us|dm us|fill (?:in|out)|use (?:our|the)|visit|submit|turn to|log in)\b",
            r"\b(?:dm|direktnachricht|direct message|private message)\b",
        ),
    ),
    (
        Role.INTERIM,
        _any(
            r"\b(?:ich|wir)\b (?:\S+ ){0,4}?(?:kläre[n]?|prüfe[n]?|frage[n]? .{0,30}(?:nach|an)|erkundige[n]?|recherchiere[n]?|schaue[n]?|kümmere|leite[n]? .{0,40}weiter|warte[n]?)\b",
            r"\b(?:kläre|prüfe|frage|schaue|leite|melde|warte) ich\b|\b(?:klären|prüfen|warten) wir\b",
            r"\b(?:habe|haben)\b.{0,80}\b(?:weitergeleitet|weitergegeben|nachgefragt|angefragt|gebeten|in auftrag gegeben)\b",
            r"\b(?:muss|müssen|musste|müssten)\b.{0,60}\b(?:klären|abklären|prüfen|nachfragen|nachsehen|erfragen|fragen|rücksprache|warten|einholen)\b",
            r"\b(?:melde mich|melden uns|gebe ihnen (?:bescheid|rückmeldung)|geben ihnen (?:bescheid|rückmeldung)|sage ihnen bescheid|hören (?:sie )?.{0,30}von (?:mir|uns)|komme auf sie zu|kommen auf sie zu)",
            r"\bmeldet sich\b.{0,60}\bbei ihnen\b|\b(?:dauert|dauern)\b.{0,60}\bnoch\b|\bnoch (?:etwas |ein wenig |\S+ )?(?:zeit|geduld)\b|\bbin (?:noch )?dran\b",
            rf"\b(?:benötige|benötigen|brauche|brauchen) (?:ich|wir)? ?(?:dafür |dazu |noch |leider )*(?:etwas zeit|{_SPAN}|bis)",
            r"\b(?:i|we)(?:'ll| will|'m| am|'re| are)(?: just| currently| still| now)? (?:check|checking|find out|ask|asking|look|looking|investigat\w+|wait|waiting|clarify\w*|forward|forwarding|get back|come back|be back|let you know|need|follow up|update)",
            r"\b(?:i|we)(?:'ve| have)(?: already| just| now)? (?:forwarded|passed|asked|escalated|contacted|handed|raised|requested)\b",
            r"\b(?:i|we) (?:still |first |just )?(?:need|have) (?:to|until|till|a (?:bit|little)) (?:\w+ ){0,3}?(?:check|ask|verify|find out|clarify|speak|talk|wait|look|confirm|more time|longer)",
            rf"\b(?:i|we|it|this)(?:'ll| will)? (?:still )?(?:need|take)s? (?:us |me |another |about |until |till |up to |at least )*(?:{_SPAN}|{_DAY})",
            r"\b(?:is|are|bin|sind|ist) (?:still |currently |noch |gerade |derzeit )?(?:being (?:checked|looked|clarified|investigated)|in (?:klärung|bearbeitung|prüfung))\b",
            r"\bwill (?:get back|be in touch|contact you|call you|let you know|write to you)\b|\byou(?:'ll| will) hear (?:from|back)\b|\bmore time\b",
        ),
    ),
    (
        Role.COURTESY,
        _any(
            r"^(?:\S+ ){0,4}?(?:vielen dank|danke|herzlichen dank|besten dank|wir danken|wir bedanken|ich danke|ich bedanke|schön, dass)\b",
            r"^(?:\S+ ){0,4}?(?:thank you|thanks|many thanks|we appreciate|we thank|i appreciate|it was good to hear)\b",
            r"^(?:es tut (?:mir|uns)|entschuldig\w+|wir entschuldig\w+|bitte entschuldig\w+|sorry|apologi[sz]e|my apologies|we apologi[sz]e|i apologi[sz]e|i'm sorry|i am sorry|we are sorry|we're sorry|leider)\b.{0,80}\b(?:verspätet\w*|späte\w*|unannehm\w*|delay|late|inconvenience|wartezeit|warten)\b",
            r"^(?:gern|gerne)\b.{0,60}\b(?:beantwort|helfen|weiter|mit)\w*",
        ),
    ),
)

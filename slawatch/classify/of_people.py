"""The phrases by which people's sentences are told apart, German and English: questions, refusals … Words only.

The first role that fits is the sentence's; what fits none deals with the matter, if it says anything.
"""

from __future__ import annotations

from slawatch.classify.pattern import Pattern
from slawatch.classify.phrases import Role
from slawatch.classify.words import DAY, SPAN

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
            r"\b(?:we|i) (?:do not|don't|no longer|cannot) (?:accept|take|process|handle"
            r"|deal with) (?:\w+ ){0,3}(?:inquir|enquir|request|question"
            r"|e-?mails?\b)|\bnehmen wir (?:\w+ ){0,4}(?:nicht|keine)\b.{0,40}\b(?:entgegen|an)\b",
            r"\b(?:must|have to) decline\b|\bmüssen wir (?:leider )?ablehnen\b|\blehnen wir ab\b",
        ),
    ),
    (
        Role.SURVEY,
        Pattern(
            r"\b(?:rate|rating of|feedback on|review of|feedback about) (?:our|your|the|this|us|my)\b"
            r"|\bhow (?:did|would you rate|satisfied|are) (?:we|you|i)\b"
            r".{0,30}\b(?:do|doing|with|help|rate|satisfied)?|\b(?:satisfaction|short|quick|brief"
            r"|our) survey\b|\btake (?:a|this|our) (?:\w+ )?survey\b"
            r"|\bleave (?:us )?(?:a |your )?(?:review|feedback|rating)\b|\bwas this (?:\w+ )?helpful\b",
            r"\b(?:love|like) to (?:hear|know) (?:your|what|how)\b|\bwhat (?:do )?you think (?:of"
            r"|about) (?:us|our)\b",
            r"\bbewerten sie\b|\bbewerte\b.{0,30}\b(?:uns|service|antwort)\b|\b(?:umfrage|befragung"
            r"|kundenbefragung|zufriedenheitsbefragung)\b"
            r"|\bwie (?:zufrieden|hat ihnen|haben wir|bewerten)\b|\b(?:war (?:das|diese antwort"
            r"|unsere antwort)) (?:\w+ )?hilfreich\b|\bweiterempfehlen\b",
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
            rf"|in) .{{0,20}}{SPAN})",
            r"\b(?:melden|kümmern) (?:wir )?uns\b|\bwe(?:'re| are) on it\b|\bwir sind (?:schon )?(?:dran"
            r"|für sie dran)\b|\bunaufgefordert\b",
            r"\b(?:ein|einer|eine|unsere?) (?:\w+ ){0,3}?(?:[\w-]*mitarbeiter\w*|kolleg\w+|team|expert\w+"
            r"|sachbearbeiter\w*|fachabteilung|berater\w*)\b.{0,60}"
            r"\b(?:melde\w*|kümmer\w*|setz\w*|prüf\w*|bearbeite\w*|antworte\w*|wird|werden|schau\w*|sehen)\b",
            r"\byou (?:can expect|will (?:soon |shortly )?receive|should (?:hear|receive)"
            r"|will hear)\b.{0,40}\b(?:reply|response|answer|hear|us|from)\b"
            r"|\b(?:agents?|representatives?|specialists?|colleagues?|team members?)\b.{0,40}\b(?:will|shall"
            r"|is going to|are going to)\b.{0,40}\b(?:you|your|it|shortly|soon)\b",
            r"\bsie (?:erhalten|bekommen|hören) (?:von uns |in kürze |bald |schnellstmöglich |umgehend "
            r"|innerhalb |so ).{0,80}(?:antwort|rückmeldung|nachricht|von uns|möglich)\b",
            r"\b(?:bearbeitung\w*|beantwortung|\w*antwort\w*|prüfung|rückmeldung)\b.{0,60}\b(?:bis zu"
            r"|innerhalb|in der regel"
            r"|normalerweise|derzeit|aktuell|dauert|dauern|schnellst\w*)\b",
            rf"\b(?:bis zu|up to|within|innerhalb von|in) {SPAN}.{{0,60}}\b(?:normal|üblich|usual|typical"
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
            rf".{{0,20}}{SPAN}|shortly|as quickly as|normally|usually|typically)",
            r"\b(?:as soon as (?:possible|we can)|so (?:bald|schnell) wie möglich|schnellstmöglich\w*"
            r"|at our earliest"
            r"|in due course)\b|\blösung erarbeiten\b",
            r"\b(?:normal|üblich|usual)\w* (?:bearbeitungs|antwort|response |reply )(?:zeit\w*|times?)\b",
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
            r"\b(?:did|does|has) (?:that|this|it)\b.{0,30}\b(?:answer|help|resolve|clarify)\w*\b|\bsonst noch\b"
            r"|\b(?:is there )?anything else\b|\b(?:ist|war|sind|wurde) (?:damit )?(?:ihre"
            r"|deine) fragen?\b.{0,30}\b(?:beantwortet|geklärt)\b",
            r"\b(?:hilft|half) (?:ihnen|dir) das\b|\b(?:konnte|konnten|kann) (?:ich|wir) (?:ihnen"
            r"|dir) (?:damit |hiermit )?(?:weiter)?(?:ge)?helfen\b",
            r"\bwie (?:kann|können|darf) (?:ich|wir) (?:ihnen|dir) (?:\w+ ){0,2}(?:helfen|weiterhelfen"
            r"|behilflich)\b|\bhow (?:can|may|could) (?:i|we) "
            r"(?:help|assist|be of)\b|\bwhat can (?:i|we) do for you\b|\bwas (?:kann|können) (?:ich"
            r"|wir) für (?:sie|dich) tun\b",
            r"\bfreuen uns\b|\blook(?:ing)? forward\b|\b(?:service|sprech|büro)zeiten\b"
            r"|\bin der zwischenzeit\b",
            r"\bhäufigen? (?:gestellten? )?fragen\b|\bfaqs?\b|\bhelp cent(?:er|re)\b|\bin the meantime\b",
            r"\bweitere informationen (?:finden|erhalten)\b|\bvertrauliche\b|\bconfidential\b"
            r"|\bdatenschutz\w*|\bprivacy\b",
            r"\bvir(?:en|us)\b|\bnewsletter\b|\bschönen tag\b|\b(?:nice|great|good|lovely) (?:day|weekend)\b",
            r"\bbetreff\b.{0,50}\b(?:unverändert|angeben|lassen|beibehalten)\b",
            r"\b(?:subject|reference)\b.{0,40}\b(?:unchanged|quote|include)\b|\bquote (?:this"
            r"|the) (?:number|reference)\b",
            r"\b(?:office|business|service|support) hours\b|\b(?:geschäfts|service|büro|sprech)zeiten\b"
            r"|\bplease note (?:that )?(?:we|our|this)\b",
            r"\b(?:in|bei) (?:sehr )?(?:dringenden|eiligen) (?:fällen?|anliegen|angelegenheiten|fragen)\b"
            r"|\b(?:for|in|if)\b.{0,20}\burgent\b|\bin case of emergency\b",
            r"\b(?:bitte |please )(?:geben sie|nennen sie|quote|include|mention|use)\b.{0,60}\b(?:ticket"
            r"|vorgangs|bearbeitungs|reference|case|referenz)"
            r"|\bbitte (?:sehen sie|verzichten sie)\b.{0,60}\b(?:rückfragen|nachfragen|mehrfach)",
            r"\bhohe[nms]? (?:\w+ )?(?:\w*aufkommen|nachfrage|anzahl)\b",
            r"\b(?:high|large|unusual|increased) (?:\w+ )?(?:volumes?|numbers?|demand)\b",
            r"\bum (?:ihr |ihre |etwas |dein )?(?:verständnis|geduld)\b"
            r"|\bhaben sie (?:bitte )?(?:noch )?(?:etwas )?geduld\b",
            r"\byour (?:kind )?(?:patience|understanding)\b|\bbear with us\b|\bis important to us\b"
            r"|\bist uns wichtig\b",
            r"\bdiese e-?mail\b.{0,60}\b(?:nicht hätten|irrtümlich|versehentlich)|\b(?:received"
            r"|receive) this .{0,30}\berror\b",
            r"\bkeine weiteren (?:eingaben|schritte)\b|\bno (?:further )?action\b|\bsent from my\b",
            r"^\W*(?:\w+\W+){0,4}https?://\S+$|^(?:view|reply to|turn off|manage|open) (?:this |the "
            r"|your )?(?:request|ticket|case|issue)",
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
        Role.QUESTION,
        Pattern(
            r"\b(?:benötig|brauch|fehl)\w+ (?:wir |ich |uns |mir |hierzu |dazu |dafür |noch |bitte "
            r"|zunächst |zuerst |jedoch "
            r"|allerdings |vorab )*(?:ihre?n?|deine?n?|folgende|weitere|genauere|mehr|die (?:\w*nummer"
            r"|angabe))\b",
            r"\b(?:teilen|nennen|schicken|senden|geben|schreiben|verraten) sie (?:uns"
            r"|mir)\b(?!.{0,40}\bzurück)",
            r"\b(?:nenn\w*|schick\w*|sende?|gib|schreib\w*|teil\w*) (?:uns|mir) (?:bitte|doch|noch|kurz|mal)\b",
            r"\bbitten? (?:ich|wir)(?: sie)? (?:noch |zunächst |daher )?um (?:\w+ ){0,3}(?:angabe|nennung"
            r"|mitteilung|zusendung|übersendung"
            r"|\w*nummer|auskunft|info)",
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
            r"\b(?:schreiben|richten|stellen) sie (?:uns |ihre \w+ )?(?:bitte )?(?:über|an) (?:das|unser\w*"
            r"|die) \w+",
            r"\b(?:please )?direct your (?:\w+ )?(?:question|inquiry|enquiry|request)s? to\b|\b(?:contact"
            r"|speak to|ask) (?:our|the|your) (?:\w+ ){0,3}"
            r"(?:team|department|line|hotline|dealer|branch|office|retailer)\b",
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
            r"\b(?:liegt|liegen|steht|stehen|hängt|befindet sich)\b.{0,30}\bnoch\b"
            r"|\b(?:ist|sind)\b.{0,30}\bnoch (?:beim?|offen|in (?:klärung|bearbeitung|prüfung))\b",
            r"\b(?:is|are) (?:unfortunately |currently )?still "
            r"(?:being|waiting|pending|stuck|open|under|with (?:our|the))\b"
            r"|\b(?:has|have) (?:still )?not (?:yet )?(?:arrived|been (?:able|checked|decided)|heard"
            r"|come back)\b",
            r"\bdauer[tn]n?\b.{0,60}\bnoch\b|\bnoch (?:etwas |ein wenig |\S+ )?(?:zeit|geduld)\b"
            r"|\bbin (?:noch )?dran\b",
            rf"\b(?:benötige|brauche)n? (?:ich |wir )?(?:dafür |dazu |noch |leider )*(?:etwas zeit|{SPAN}"
            rf"|bis)",
            r"\b(?:i|we)(?:'ll| will|'m| am|'re| are)(?: just| currently| still| now| going to)? (?:check"
            r"|find out|ask|look|investigat|wait"
            r"|clarify|forward|get(?:ting)? back|come back|be back|let you know|follow up|need)\w*",
            rf"\b(?:i|we)(?:'ll| will| shall) (?:\w+ )?(?:write|call|reply|respond|answer|report|update|tell"
            rf"|send)\b.{{0,60}}\b(?:{SPAN}|{DAY})",
            rf"\b(?:ich|wir) (?:\w+ ){{0,2}}fragen? (?:\w+ ){{0,4}}(?:{DAY}|morgen)",
            rf"\b(?:schreibe|antworte|berichte|sage|rufe|schicke|sende) (?:ich )?(?:\w+ ){{0,4}}(?:{DAY}"
            rf"|in {SPAN})",
            r"\b(?:i|we)(?:'ve| have)(?: already| just| now)? (?:forwarded|passed|asked|escalated"
            r"|contacted|handed|raised"
            r"|requested)\b",
            r"\b(?:i|we) (?:still |first |just )?(?:need|have) (?:to|until|till|a (?:bit"
            r"|little)) (?:\w+ ){0,3}?(?:check|ask"
            r"|verify|find out|clarify|speak|talk|wait|look|confirm|more time|longer)\b",
            rf"\b(?:i|we)(?:'ll| will)? (?:still )?needs? (?:about |until |till |at least "
            rf"|another )*(?:{SPAN}|{DAY})",
            rf"\b(?:it|this)(?:'ll| will)? (?:still |probably )?takes? (?:us |me )?(?:another |until "
            rf"|till )(?:{SPAN}|{DAY})",
            r"\bgive (?:me|us) (?:until|till|some|a )",
            r"\b(?:is|are|bin|sind|ist) (?:still |currently |noch |gerade |derzeit )?(?:being (?:checked"
            r"|looked|clarified"
            r"|investigated)|in (?:klärung|bearbeitung|prüfung))\b",
            r"\bwill (?:get back|be in touch|contact you|call you|let you know|write to you)\b|\bmore time\b",
            r"\byou(?:'ll| will) hear (?:from|back)\b",
        ),
    ),
    (
        Role.PLEASANTRY,
        Pattern(
            r"\bgerne? (?:beantworte|beantworten|helfe|helfen|kümmere|kümmern|unterstütze|unterstützen|stehe"
            r"|stehen|nehme|gebe)\b"
            r"|\b(?:beantworte|beantworten|helfe|helfen|kümmere|unterstütze|gebe|geben|nehme|sehe|sehen"
            r"|schaue|schauen)\w* (?:ich |wir )?(?:\w+ ){0,5}gerne?\b",
            r"\b(?:ich|wir) (?:hoffe|hoffen|wünsche|wünschen|freue mich|freuen uns|bedauer\w+|verstehe"
            r"|verstehen|schätze|schätzen)\b"
            r"|\bkann (?:ich )?(?:\w+ ){0,3}(?:verstehen|nachvollziehen)\b|\bdas ist (?:\w+ )?(?:verständlich"
            r"|ärgerlich)\b",
            r"\b(?:mein name ist|ich heiße|ich bin (?:\S+ ){1,3}(?:vom|aus dem|von der|und))\b"
            r"|\b(?:ihr\w*|dein\w*) (?:\w+ )?(?:zufriedenheit|anliegen|anfrage|frage)\b.{0,60}\b(?:wichtig"
            r"|herzen|ernst|guten händen|im mittelpunkt)\b",
            r"\b(?:liegt|liegen) (?:mir|uns) (?:\w+ ){0,3}am herzen\b|\b(?:close|dear) to our hearts?\b"
            r"|\bmeans a lot to us\b",
            r"\b(?:sehr|immer) ernst\b|\bseien sie versichert\b|\bsie können (?:sich darauf|darauf|sicher"
            r"|uns) (?:verlassen|vertrauen|sein)\b"
            r"|\b(?:immer|jederzeit|gerne?|rund um die uhr|persönlich) (?:für sie|für dich) (?:da"
            r"|erreichbar)\b|\bzur seite\b|\bmit rat und tat\b",
            r"\bschön,? (?:von ihnen|dass sie|von dir|dass du)\b|\bherzlich willkommen\b|\bfreude,? ihnen\b"
            r"|\bgute frage\b"
            r"|\bwie (?:kann|können|darf) (?:ich|wir) (?:ihnen|dir) (?:\w+ )?(?:helfen|weiterhelfen"
            r"|behilflich)\b|\bzufriedene[nr]? kund\w+\b"
            r"|\bdas beste (?:erlebnis|ergebnis)\b|\bunser bestes\b",
            r"\bmy name is\b|\b(?:i'm|i am|this is) [\w.'’-]+(?: [\w.'’-]+)? (?:from|with|at|here|and i(?:'m"
            r"| am|'ll| will))\b"
            r"|\b(?:i|we)(?:'ll| will|'d| would|'m| am|'re| are)? (?:just |really |truly |do )?(?:hope"
            r"|trust)\b|^hope (?:this|you|all)\b",
            r"\bi (?:can )?(?:completely |fully |totally |certainly |definitely |truly "
            r"|really )*(?:understand|appreciate|imagine|see) (?:how|your|that|why|where|the)\b"
            r"|\b(?:happy|glad|delighted|pleased|thrilled|excited|honou?red) (?:to|that) (?:\w+ ){0,2}(?:help"
            r"|assist|hear|answer|support|serve|see|have)\b"
            r"|\b(?:i|we) (?:can|will|'ll) (?:certainly |definitely |gladly )(?:help|assist)\b",
            r"\brest assured\b|\byou(?:'re| are) in (?:good|the right|great|safe) (?:hands|place)\b"
            r"|\bwe (?:truly |really |deeply |greatly )?value\b"
            r"|\b(?:very |extremely )seriously\b|\byour (?:satisfaction|experience)\b|\b(?:very |so "
            r"|really )?important to us\b"
            r"|\bwe(?:'re| are) (?:always |all )?(?:here (?:for you|to)|committed|dedicated|proud)\b",
            r"\b(?:my|our) (?:pleasure|priority|goal|aim|mission)\b|\b(?:great|good|excellent) question\b"
            r"|\bwelcome to\b|\bdo (?:my|our) (?:very )?best\b"
            r"|\bhow (?:can|may) (?:i|we) (?:help|assist|be of)\b|\blet me (?:help|assist) you\b"
            r"|\bbest possible (?:service|experience|answer|way)\b"
            r"|\bhave a (?:nice|great|good|lovely|wonderful)\b|\bit was (?:a )?(?:nice|pleasure|great)\b",
        ),
    ),
)

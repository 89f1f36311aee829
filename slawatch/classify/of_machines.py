"""The phrases by which machines are told, German and English: receipts, notes of absence, bots, notices. Words only.

They are looked for before those of people, so that a machine's letter never earns a person's credit.
"""

from __future__ import annotations

from slawatch.classify.pattern import Pattern
from slawatch.classify.phrases import Role
from slawatch.classify.words import OURS

OF_MACHINES: tuple[tuple[Role, Pattern], ...] = (
    (
        Role.BOT,
        Pattern(
            r"\bchat-?bot\b",
            r"\b(?:virtuelle|digitale|intelligente)[rn]? assistent\w*|\bki-(?:assistent\w*|agent\w*|bot)\b",
            r"\b(?:virtual|digital|ai|automated) (?:assistant|agent)\b",
            r"\b(?:i(?:'m| am)|this is) (?:\w+,? )?(?:your |the |our |an? )?(?:bot|ai|(?:ai|virtual|automated"
            r"|digital|chat) ?"
            r"(?:assistant|agent|bot|helper))\b",
            r"\bich bin (?:\w+, )?(?:ein|eine|der|die|ihr|ihre)\w* (?:\w+ )?(?:bot|ki|computerprogramm"
            r"|sprachmodell|"
            r"assistenzsystem|automat)\b|\blanguage model\b|\bsprachmodell\b|\bpowered by (?:ai|gpt|chatgpt"
            r"|openai)\b",
            r"\b(?:mit hilfe|mithilfe|durch|von) (?:einer |von |unserer )?(?:ki|künstlichen? intelligenz)\b"
            r"|\b(?:with|by|using) (?:the help of )?(?:an? |our )?(?:ai|artificial intelligence|bot)\b",
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
            r"\b(?:system|computer|machine)[- ]generated\b|\bgenerated (?:automatically|by (?:a|our"
            r"|the) system)\b",
            r"\bsent automatically\b|\bsystemnachricht\b|\bautomatisch (?:von|durch|vom|aus)\b",
            r"\b(?:e-?mail|nachricht|mail|mitteilung|antwort|bestätigung)\b.{0,40}\b(?:wurde|wird|ist|erfolgt)"
            r" (?:\w+ ){0,2}automatisch\b",
            cues="auto maschinell systemseitig system generated systemnachricht",
        ),
    ),
    (
        Role.NO_REPLIES,
        Pattern(
            r"\b(?:do not|don't|cannot|can not|not possible to) (?:directly )?(?:reply"
            r"|respond) (?:directly )?to (?:this|the)\b",
            r"\b(?:unmonitored|not monitored|no-?reply (?:address|e-?mail|mailbox))\b"
            r"|\b(?:cannot|can't|does not|doesn't|is not able to) (?:receive|accept) (?:\w+ ){0,2}(?:repl"
            r"|e-?mail|mail|message)",
            r"\brepl(?:y|ies) to this (?:e-?mail|message|address|mail)\b.{0,30}\b(?:not|un)"
            r"|\bplease do not (?:reply|respond)\b",
            r"\bnicht (?:direkt )?auf diese (?:e-?mail|mail|nachricht|adresse)\b"
            r"|\bantworten sie (?:bitte )?nicht\b",
            r"\b(?:auf )?diese (?:e-?mail|mail|nachricht) (?:bitte )?nicht (?:zu )?(?:be)?antwort",
            r"\b(?:be)?antworten sie (?:bitte )?(?:auf )?diese (?:e-?mail|mail|nachricht) (?:bitte )?nicht\b",
            r"\b(?:adresse|postfach|mailbox|absender|e-?mail-konto)\b.{0,60}\b(?:nicht (?:mehr )?(?:überwacht"
            r"|gelesen|betreut"
            r"|abgerufen|bearbeitet)|keine (?:antworten|e-?mails|nachrichten))",
            r"\bantworten (?:auf|an) diese\b.{0,60}\bnicht\b|\brückantworten\b.{0,60}\bnicht\b",
            cues="repl respond monitor receive accept antwort postfach mailbox absender adresse konto diese",
        ),
    ),
    (
        Role.AWAY,
        Pattern(
            r"\b(?:ich befinde mich|wir befinden uns)\b.{0,60}\b(?:im urlaub|in elternzeit"
            r"|auf (?:dienst)?reise\w*|im krankenstand)\b"
            r"|\b(?:i am|i'm) (?:currently )?(?:out|off) (?:sick|ill|today|until|till|this week|all week"
            r"|on)\b|\bkrank(?:gemeldet|geschrieben)\b",
            r"\bab (?:dem )?.{1,30} (?:bin ich|sind wir) wieder\b|\b(?:geschäftsstelle|büro|office|praxis"
            r"|kanzlei|zentrale|wir)\b (?:ist|sind|bleibt|bleiben|is|are)"
            r" (?:\w+ ){0,2}(?:über|während|wegen|aufgrund|heute|over|for|due to)\b.{0,40}\b(?:geschlossen"
            r"|closed)\b",
            r"\b(?:ich bin|wir sind|i am|i'm|we are|i will be|i'll be|we will be|he is|she is|frau \w+ ist"
            r"|herr \w+ ist)\b"
            r".{0,60}\b(?:nicht (?:im (?:büro|hause?|dienst|amt)|erreichbar|am arbeitsplatz)"
            r"|auß?ss?er haus|(?:im|in) urlaub"
            r"|abwesend|in elternzeit|auf dienstreise|out of (?:the )?office|out of town|on (?:\w+ )?leave"
            r"|on (?:vacation|holidays?)|away (?:from (?:the|my) (?:office|desk)|until|till|on)|currently away"
            r"|travell?ing|not in the office)\b",
            r"\b(?:i|he|she|we) (?:will|'ll|shall) (?:be )?(?:return|back)\w*\b.{0,20}\b(?:on|to|in|from|by"
            r"|at) (?:the )?"
            r"(?:office|work|\d|monday|tuesday|wednesday|thursday|friday|january|february|march|april|may"
            r"|june|july|august"
            r"|september|october|november|december)",
            r"\b(?:limited|no|intermittent|sporadic|restricted) access to (?:my |our )?(?:e-?mails?|mails?"
            r"|mailbox|inbox|phone)\b"
            r"|\bkeinen? (?:regelmäßigen |ständigen )?zugriff auf (?:meine|unsere)\b"
            r"|\b(?:e-?mails?|mailbox|postfach|nachrichten) (?:nur )?(?:unregelmäßig|sporadisch"
            r"|nicht regelmäßig)\b",
            r"\b(?:ich|wir|frau \w+|herr \w+|er|sie) (?:bin|sind|ist|werde|werden|wird) (?:\S+ ){0,6}?(?:ab"
            r"|bis|vom|zum|am) (?:\S+ ){1,8}?"
            r"(?:nicht (?:erreichbar|im büro|im haus\w*|da)|wieder (?:erreichbar|im büro|da|zurück|für sie)"
            r"|abwesend|im urlaub)\b",
            r"\b(?:on|in|im|meinem|meines|my) (?:\w+ )?(?:annual leave|parental leave|maternity leave"
            r"|sick leave|mutterschutz"
            r"|elternzeit|mutterschaftsurlaub|jahresurlaub|erholungsurlaub|urlaubs)\b",
            r"\b(?:no longer|not) (?:\w+ )?(?:with|employed|working|works?) (?:at|for|by|here|with"
            r"|the company)\b"
            r"|\bnicht mehr (?:\w+ ){0,3}(?:im unternehmen|im hause|bei der firma|tätig|beschäftigt)\b",
            r"\b(?:office|büro|kanzlei|praxis|geschäftsstelle|we|wir|betrieb|firma)\b (?:is|are|ist|sind"
            r"|bleibt|bleiben|hat|haben) "
            r"(?:currently |derzeit |zurzeit |momentan |vom |von |from |until |bis |between "
            r"|zwischen ).{0,60}\b(?:closed|geschlossen"
            r"|nicht besetzt|nicht erreichbar)\b",
            r"\b(?:ich|i|wir|we)\b.{0,30}\b(?:erst )?(?:wieder|back)\b.{0,25}\b(?:im büro|erreichbar"
            r"|in the office)\b",
            r"\b(?:betriebsferien|betriebsurlaub|abwesenheitsnotiz|out[- ]of[- ]office)\b",
            r"\b(?:e-?mails?|mails?|nachrichten?)\b.{0,20}\bnicht weitergeleitet\b",
            r"\b(?:currently|momentan|derzeit|zurzeit|aktuell|leider) (?:out of (?:the )?office"
            r"|on (?:vacation|leave|holidays?)"
            r"|away from (?:my|the) (?:desk|office)|nicht (?:im (?:büro|haus\w*|dienst)|erreichbar|am platz"
            r"|am arbeitsplatz))\b",
            r"\bmeiner abwesenheit\b|\b(?:during|in) my absence\b|\bupon my return\b|\bnach meiner rückkehr\b",
        ),
    ),
    (
        Role.HELD,
        Pattern(
            r"\b(?:confirm|verify|validate|authenticate)\b.{0,40}\b(?:your (?:e-?mail address|identity|sender"
            r"|message|e-?mail)"
            r"|that you (?:are|sent)|you are (?:a )?(?:human|real|not))",
            r"\b(?:message|e-?mail|mail|post|posting)\b.{0,60}\b(?:(?:is|are|was|has been"
            r"|have been) (?:being |currently |now )?"
            r"(?:held|quarantined|put on hold|queued for moderation|placed in quarantine)|awaits moderator"
            r"|awaiting (?:approval|moderation))",
            r"\b(?:to|in order to|um)\b.{0,40}\b(?:deliver|release|zustellen|zuzustellen|zugestellt"
            r"|freizugeben|freigeben)\b.{0,80}"
            r"\b(?:click|reply|visit|klicken|antworten|besuchen|bestätigen)\b",
            r"\b(?:click|reply|visit|klicken sie|antworten sie)\b.{0,120}\b(?:so that|to have|and) (?:your"
            r"|this) (?:message|e-?mail|mail)\b"
            r".{0,20}\b(?:delivered|released|accepted)",
            r"\bbestätigen sie\b.{0,60}\b(?:absender\w*|ihre (?:e-?mail-?)?adresse|dass sie)\b",
            r"\b(?:nachricht|e-?mail|mail)\b.{0,60}\b(?:zurückgehalten|in quarantäne"
            r"|wartet auf (?:die )?(?:freigabe|genehmigung))",
            r"\b(?:anti-?spam|spam protection|spamschutz|challenge[- ]response|sender verification"
            r"|absenderprüfung)\b",
            r"^is being held\b|\b(?:is|are|was|were) (?:being )?held (?:until|for|pending|back)\b"
            r"|\b(?:list|group) moderator\b.{0,60}\b(?:review|approv)",
            cues="confirm verify validate authenticate held quarant hold moderat approv releas deliver freig "
            "zuge zuzu zustell click klick accept bestätigen "
            "spam challenge verification prüfung genehm zurückgehalten",
        ),
    ),
    (
        Role.TICKET,
        Pattern(
            r"\b(?:ticket|case|request|inquiry|enquiry|incident|anfrage|vorgang|fall"
            r"|anliegen)\b.{0,60}\b(?:has been|was|is|is now|wurde"
            r"|ist|gilt als|status) (?:\w+ ){0,3}?(?:closed|resolved|solved|completed|marked|updated|reopened"
            r"|geschlossen|gelöst|abgeschlossen"
            r"|erledigt|aktualisiert|beendet|changed|geändert)\b",
            r"\b(?:geschlossen|closed)\b.{0,60}\b(?:keine (?:rückmeldung|antwort)|no (?:reply|response))"
            r"|\b(?:not heard (?:back )?from you|haven't heard|keine (?:rückmeldung"
            r"|antwort) (?:mehr )?(?:von ihnen )?erhalten)\b",
        ),
    ),
    (
        Role.RECEIPT,
        Pattern(
            rf"\b(?:wir haben|haben wir) {OURS}\b.{{0,60}}\b(?:erhalten|empfangen|registriert|aufgenommen"
            rf"|entgegengenommen)\b",
            rf"\b{OURS}\b.{{0,80}}\b(?:eingegangen|erhalten haben|eingetroffen|registriert|erfasst"
            rf"|angelegt|aufgenommen"
            r"|übermittelt|empfangen)\b",
            r"\b(?:sie|es|diese|dies) (?:ist|wurde) (?:bei uns |hier )?.{0,60}\b(?:eingegangen|registriert"
            r"|erfasst)\b",
            r"\bhat uns (?:gut |soeben )?erreicht\b|\b(?:ist|sind) (?:gut |soeben |wohlbehalten )?(?:bei uns "
            r"|hier )?angekommen\b",
            r"\b(?:hiermit|we (?:hereby )?|this (?:e-?mail "
            r"|message )?(?:is to )?)confirms?\b.{0,60}\b(?:received|receipt|eingegangen)\b",
            rf"\b{OURS}\b.{{0,60}}\b(?:has |have )?(?:now |safely )?(?:reached|arrived|come through)\b",
            r"\b(?:be)?stätigen\b.{0,40}\b(?:eingang|erhalt|empfang)\b",
            rf"\b(?:eingang|erhalt|empfang) {OURS}\b.{{0,40}}bestätig",
            r"\b(?:eingangs|empfangs)bestätigung\b",
            r"\b(?:ticket|vorgangs|bearbeitungs|fall|referenz|case)-?\s?(?:nummer|nr\.?|id"
            r"|kennung)(?: lautet| ist|:)",
            r"\b(?:ticket|vorgang|fall|case)\b.{0,40}\b(?:wurde|haben wir|ist)\b.{0,40}\b(?:eröffnet"
            r"|erstellt|angelegt"
            r"|zugewiesen|registriert)\b",
            r"\bunter der (?:\w*nummer|nr\.?|referenz|id)\b.{0,40}\b(?:registriert|erfasst|bearbeitet"
            r"|geführt|gespeichert)\b",
            rf"\bwe(?:'ve| have)? (?:now |successfully )?(?:received|got|logged|registered|recorded) {OURS}\b",
            rf"\b{OURS}\b.{{0,80}}\b(?:has been|have been|was|is) (?:successfully |well |now )?(?:received"
            rf"|registered|logged"
            r"|created|opened|assigned|recorded|submitted|forwarded|queued)\b",
            r"\b(?:ticket|case|reference|request)\b.{0,40}\b(?:has been|was) (?:created|opened|assigned"
            r"|logged|registered)\b",
            r"\b(?:ticket|case|reference|request|enquiry|inquiry) (?:number|id|no\.?|#)(?: is\b| has\b|:)",
            r"\b(?:we(?:'ve| have)?|ich habe|wir haben) (?:now |für sie )?(?:opened|created|logged"
            r"|raised)? ?(?:an?|ein\w*) (?:new |neues |support )?"
            r"(?:ticket|case|vorgang|fall)\b",
            r"\b(?:confirm|acknowledge)s?\b.{0,30}\breceipt\b|\backnowledge?ment of\b",
            rf"\b{OURS} (?:ist|wurde)\b.{{0,60}}\b(?:weitergeleitet|zugestellt|übergeben)\b",
            cues="erhalten empfangen registriert aufgenommen entgegengenommen eingegangen eingetroffen "
            "erfasst angelegt übermittelt unter "
            "eingang erhalt empfang ticket vorgang bearbeitungs fall referenz case nummer nr kennung receiv"
            " got logged registered "
            "recorded created opened assigned submitted forwarded queued reference request inquiry enquiry"
            " receipt acknowledg "
            "weitergeleitet zugestellt übergeben erreicht angekommen confirm reached arrived come",
        ),
    ),
    (
        Role.NOTICE,
        Pattern(
            r"\byou(?:'ve| have) (?:\w+ ){0,2}(?:\d+ )?(?:new|unread|pending) (?:\w+ )?(?:message"
            r"|notification|comment|repl|mail|document|invit|task|follower)",
            r"\b(?:es gibt|sie haben|du hast|there (?:is|are)|you have) (?:eine? |einen |a |an |\d+ )?"
            r"(?:neuen? |new )(?:\w+ )?"
            r"(?:antwort|rückmeldung|kommentar|repl|response|comment|update|answer)\w*\b"
            r"|\bnew (?:reply|response|comment|answer|post) (?:to|on|in) (?:your|the|a)\b",
            r"\b(?:has|have) (?:sent you|shared|commented on|mentioned you|invited you"
            r"|replied to your (?:post|comment|topic)|posted (?:a|in|on)"
            r"|requested access|added you|tagged you|assigned you)\b",
            r"\b(?:log|sign)(?:ging)? ?(?:in|on) (?:to|at|and|with|on)\b.{0,60}\b(?:view|read|see|reply"
            r"|respond|access|download|retrieve|continue)",
            r"\bto (?:view|read|see|reply to|retrieve|download) (?:the|this|your|it|full"
            r"|all)\b.{0,40}\b(?:click|visit|go to|follow|log|sign|open)",
            r"\bsie haben (?:eine|\d+|neue)\b.{0,20}\b(?:nachricht|benachrichtigung|mitteilung"
            r"|dokument)\w*\b.{0,40}\b(?:erhalten|postfach|portal"
            r"|konto|wartet|warten|liegt|vor)\b|\bneue (?:nachricht|mitteilung|benachrichtigung"
            r"|dokumente) (?:in|im|für sie|auf|liegt|zu)\b",
            r"\bhat (?:ihnen |dir |sie |dich )?(?:\w+ ){0,4}(?:nachricht|kommentar|datei|dokument"
            r"|einladung)\b.{0,20}\b(?:gesendet|hinterlassen|geschrieben"
            r"|geteilt|bereitgestellt|hochgeladen|geschickt)\b",
            r"\b(?:melden sie sich|loggen sie sich|logge dich|melde dich)\b.{0,60}\b(?:an|ein"
            r"|anmelden)\b.{0,60}\b(?:um|lesen|ansehen|abrufen)\b"
            r"|\b(?:um|zum)\b.{0,60}\b(?:lesen|anzusehen|anzeigen|abzurufen|abrufen"
            r"|anzuzeigen)\b.{0,60}\b(?:klicken|melden sie sich|folgen|loggen)",
            r"\b(?:password|passwort|kennwort)\b.{0,40}\b(?:reset|change|zurücks|zurückges|geändert|zurückzus)"
            r"|\b(?:verification|security|confirmation|one-time|bestätigungs|sicherheits|einmal)-?\s?(?:code"
            r"|alert|passwor)"
            r"|\b(?:new|neue) (?:sign-?in|login|log-in|anmeldung|device|gerät)\b",
            r"\byour (?:order|invoice|payment|subscription|account|booking|reservation|statement|package"
            r"|parcel|shipment|registration|trial|bill)\b"
            r".{0,60}\b(?:has been|is now|was|is) (?:\w+ )?(?:confirmed|shipped|ready|received|processed"
            r"|updated|created|activated|cancell?ed|due"
            r"|delivered|dispatched|available|expir|renewed|suspended)",
            r"\bihre? (?:bestellung|rechnung|zahlung|buchung|sendung|registrierung|abo\w*|reservierung"
            r"|konto\w*|kundenkonto|paket|kontoauszug)\b.{0,60}"
            r"\b(?:wurde|ist|wird|steht) (?:\w+ ){0,3}?(?:bestätigt|versandt|versendet|verschickt|bereit"
            r"|eingegangen|verarbeitet|aktiviert|storniert|fällig"
            r"|zugestellt|verfügbar|aktualisiert|gesperrt)",
            r"\b(?:notification|e-?mail|communication) (?:settings|preferences)\b"
            r"|\bbenachrichtigungseinstellungen\b|\bbenachrichtigungen (?:ab|de)"
            r"|\byou(?:'re| are) receiving (?:this|these)\b|\bsie (?:erhalten|bekommen) diese (?:e-?mail"
            r"|nachricht|mail)\b|\breceived this (?:e-?mail"
            r"|message|notification) because\b",
            r"\b(?:you have|you've|you are|you were) (?:been |now |successfully )*(?:subscribed|unsubscribed"
            r"|registered|added to|removed from)\b"
            r"|\bconfirm your (?:subscription|registration|account)\b|\b(?:mailing list|verteiler"
            r"|mailingliste)\b.{0,60}\b(?:subscri|angemeldet|eingetragen)",
        ),
    ),
)

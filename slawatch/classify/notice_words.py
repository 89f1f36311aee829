"""The words of mail systems: who they say they are, and how they say that mail did not arrive, or not yet. Words only.

German, English and a dozen other languages: a bounce is worded by the sender's side.
"""

from __future__ import annotations

from slawatch.classify.pattern import Pattern

REPORT_TYPE = Pattern(r"report-type=\"?([a-z-]{1,40})")
COMPLAINT_SUBJECT = Pattern(r"^complaint about message from ")
NULL_SENDER = Pattern(r"^\s*(?:<\s*>|<?mailer-daemon)")
SYSTEM_LOCAL = Pattern(
    r"^(?:mailer[-_.]?daemon|mail[-_.]?daemon|mdaemon|post[-_.]?master|mail\.delivery\.system|ndr$"
    r"|bounces?$|bounces?@|mailerdaemon|microsoftexchange[0-9a-f]{16,}|mmdf@|uucp@|mail[-_.]?(?:admin|system"
    r"|gateway)@)",
)
SYSTEM_NAME = Pattern(
    r"mail(?:er)?[- ]?(?:delivery|daemon)|(?:delivery|mail) (?:sub)?system|postmaster|system administrator"
    r"|systemadministrator|internet mail delivery|mail(?:er)? service|mail gateway|message transfer agent"
    r"|mail-?zustellsystem|system poczty|почтовая система|邮件系统|系统退信|郵件系統|メール配信|mail quota",
)

# Subjects stand at the beginning: "Re: Undeliverable" and "Fwd: failure notice" were written by people.
FAILURE_SUBJECT = Pattern(
    r"^\W{0,5}(?:\[?postmaster\]? {0,2})?(?:"
    r"undeliver(?:able|ed)|undelivered mail|non[- ]?deliver|not delivered|failure (?:notice|delivery)"
    r"|failed (?:mail|delivery)"
    r"|(?:e-?mail|mail|message)? ?deliver(?:y|ing)? ?(?:status )?(?:notification|report|failure|failed"
    r"|problem|error|has)"
    r"|(?:e-?mail|mail|message) delivery|(?:permanent|temporary) delivery|mail (?:system )?(?:error|failed"
    r"|failure|not)"
    r"|mail could not|returned (?:mail|to sender|message)|your (?:message|mail"
    r"|e-?mail) .{0,80}(?:could not|cannot|was not)"
    r"|(?:nachricht|e-?mail|mail) .{0,40}(?:nicht zugestellt|unzustellbar)|unzustellbar|nicht zustellbar"
    r"|zustellung"
    r"|fehler bei der (?:zustellung|übermittlung)|zustellungsfehler|warning: .{0,80}user unknown|rejected mail"
    r"|message rejected|could ?n.t deliver|processing error|email bounce"
    r"|benachrichtigung zum übermittlungsstatus"
    r"|nichtzustellbar|unzugestellt|nicht übermittelt|rückläufer|mail konnte nicht|nachricht konnte nicht"
    r"|übermittlungsfehler"
    r"|address not found|message (?:not delivered|blocked|could not|undeliver|delivery)|recipient (?:not"
    r"|unknown|address rejected)"
    r"|user unknown|unknown (?:user|recipient)|mailbox (?:full|unavailable|not found)|bounced (?:mail"
    r"|message)|e-?mail (?:not|un)deliver"
    r"|delayed mail \(still|could not send message|cannot send message|error sending|sending failed"
    r"|mail rejected|smtp error"
    r"|échec|non remis|non distribué|message non|courrier non|notification d.échec|rapport de non"
    r"|remise impossible"
    r"|mensaje (?:no|devuelto)|no se (?:puede|pudo|ha podido) entregar|no entregado|correo (?:no|devuelto)"
    r"|error de entrega|devuelto"
    r"|não entregue|mensagem não|falha na entrega|falha ao entregar|devolvid|mancato recapito|non recapitabil"
    r"|messaggio non"
    r"|impossibile (?:consegnare|recapitare)|consegna non|onbestelbaar|niet (?:bezorgd|afgeleverd|bestelbaar)"
    r"|bericht niet"
    r"|niedostarcz|nie dostarczon|zwrot (?:wiadomo|poczty)|wiadomość nie|nedoručiteln|nedoručen|kan (?:inte"
    r"|ikke) lever"
    r"|olevererb|ej levererb|ikke lever|ei voi toimittaa|toimitus epäonnistui|kézbesíthetetlen"
    r"|teslim edilemedi|iletilemedi"
    r"|nelivrabil|недоставлен|не доставлен|сообщение не|почта не|возврат|μη παραδ|αδυναμία παράδοσης"
    r"|系统退信|退信|郵件退|邮件(?:发送|投递|退回)|郵件(?:發送|投遞)|(?:无法|未能|無法)(?:投递|送达|投遞|傳遞|传递|发送)|投递(?:失败|状态)"
    r"|投遞失敗|来自.{0,20}退信|传送失败|傳送失敗|配信(?:不能|できません|エラー|失敗)|(?:送信|配送|メール)(?:エラー|できません|失敗)|未達|宛先不明"
    r"|メールが送信|반송|배달(?:되지|할 수|실패)|전송 ?실패|발송 ?실패"
    r")",
)
DELAY_SUBJECT = Pattern(
    r"^\W{0,5}(?:"
    r"warning.{0,20}(?:could not send|message .{0,60}delayed|has not yet been delivered|not yet)"
    r"|.{0,60}(?:notification|status).{0,20}\(delay(?:ed)?\)|deliver(?:y"
    r"|ed)? ?(?:status notification)?:? ?(?:delayed|warning)"
    r"|delivery status notification: warning|mail delivery warning|(?:message|mail"
    r"|delivery) (?:delivery )?delayed"
    r"|remise différée|retard|entrega (?:retrasada|atrasada)|retraso|ritardo|vertraagd|opóźnien|försenad"
    r"|forsink|задержк|延迟|遅延"
    r"|delayed mail|verzögert(?:e zustellung)?|zustellung .{0,30}verzöger|verzögerung bei der zustellung"
    r")",
)
FAILURE_BODY = Pattern(
    r"\b[45]\d\d[ -]{1,3}#?[45]\.\d{1,3}\.\d{1,3}\b|\(#?5\.\d{1,3}\.\d{1,3}\)|#5\.\d{1,3}\.\d{1,3}"
    r"|\bsaid: ?5\d\d\b"
    r"|\b55[0-4][ -]|\b5\.[0-7]\.\d{1,2}\b"
    r"|(?:could|can|was|were) ?n[o']t (?:be )?(?:deliver|reach|sent|process)|cannot be delivered"
    r"|unable to deliver"
    r"|(?:delivery|deliver) (?:to the following .{0,60})?(?:has )?failed|failed to deliver"
    r"|not (?:be )?delivered|undeliverable"
    r"|not deliverable|returned (?:to sender|because|without)|permanent(?:ly)? (?:fatal )?(?:error|fail"
    r"|deliver)"
    r"|fatal errors|giving up on|i've given up|(?:user|recipient|mailbox|account|address|host"
    r"|domain) (?:name )?(?:is )?"
    r"(?:unknown|not found|unavailable|disabled|inactive|invalid|does ?n.t exist|does not exist|rejected)"
    r"|(?:unknown|no such|invalid|bad|unrecogni[sz]ed) (?:local )?(?:user|recipient|mailbox|address"
    r"|account|domain|host|email)"
    r"|(?:mailbox|inbox|quota).{0,30}(?:full|exceed|over)|over (?:its )?quota|not listed in"
    r"|delivery (?:error|problem|failure)"
    r"|error(?:s)? (?:during|while|in) (?:delivery|sending)|message (?:was )?rejected|rejected by|too many hops"
    r"|nicht zugestellt|nicht zustellbar|unzustellbar|zustellung .{0,60}(?:fehlgeschlagen|gescheitert"
    r"|nicht möglich)"
    r"|empfänger(?:adresse)? .{0,40}(?:unbekannt|existiert nicht|nicht gefunden)|postfach .{0,30}voll"
    r"|wasn.t (?:delivered|found)|couldn.t be (?:delivered|found|reached)|address (?:not found|rejected)"
    r"|delivery has failed to"
    r"|hat .{0,40}(?:empfänger|adressat)\w* .{0,20}nicht erreicht|nachrichtenzustellung an|(?:empfänger"
    r"|adresse|benutzer).{0,40}(?:nicht gefunden"
    r"|unbekannt|gibt es nicht|existiert nicht)|kein (?:solcher )?(?:benutzer|empfänger)"
    r"|spam(?:verdacht)?.{0,20}(?:abgelehnt|abgewiesen)"
    r"|(?:abgelehnt|abgewiesen|zurückgewiesen)|(?:message|mail|mails) (?:is |was |has been )?(?:blocked"
    r"|refused|bounced)|access denied|relay(?:ing)? denied"
    r"|spam (?:message )?(?:detected|rejected)|policy (?:reasons|violation)|too large|size limit|timed out"
    r"|connection (?:refused|timed)"
    r"|inexistante?|inconnue?|boîte .{0,20}pleine|no existe|desconocid|buzón .{0,20}lleno|não existe"
    r"|caixa .{0,20}cheia|non esiste|casella .{0,20}piena"
    r"|bestaat niet|onbekend|nie istnieje|neexistuje|finns inte|findes ikke|finnes ikke|не существует"
    r"|ящик .{0,20}переполнен"
    r"|(?:不存在|无法投递|未能送达|已满|退回|拒收|被拒绝|投递失败|無法投遞)|(?:存在しません|見つかりません|届けることができません|配信できません|送信できません|いっぱい|拒否)"
    r"|(?:존재하지|없는 (?:사용자|계정)|배달할 수)"
    r"|n'a pas pu|n'existe pas|non remis|no se pudo|no ha podido|не доставлен|não pôde|non è stato possibile",
)
# Said of mail and never of parcels: "your package could not be delivered" is a shop's letter.
REFUSED_BODY = Pattern(
    r"\b[45]\d\d[ -]{1,3}#?[45]\.\d{1,3}\.\d{1,3}\b|\bsaid: ?5\d\d\b|\bno such user\b|\buser unknown\b"
    r"|\bunknown user\b",
    r"\b(?:message|e-?mail|mail|messages)\b.{0,160}\b(?:could ?not|can ?not|couldn't|was not"
    r"|has not been) (?:be )?delivered\b",
    r"\b(?:nachricht|e-?mail|mail)\b.{0,160}\b(?:konnte|kann|wurde) .{0,40}nicht (?:\w+ )?zugestellt\b",
    r"\bdelivery has failed to these recipients\b|\bthe following (?:address\w*"
    r"|recipients?)\b.{0,60}\b(?:failed|not delivered|undeliverable)\b",
    r"\bi(?:'m| am) afraid i wasn't able to deliver your message\b"
    r"|\b(?:sorry, )?we were unable to deliver your (?:message|e-?mail|mail)\b",
    r"\b(?:there was a )?problem delivering your (?:message|e-?mail|mail)\b|\byour (?:message|e-?mail"
    r"|mail) (?:to .{1,80} )?(?:wasn't|couldn't be|has not"
    r" been|could not be|cannot be|was not) delivered\b|\bthis is a permanent (?:error|failure)\b"
    r"|\bhas been returned to you\b",
    r"\bfehler bei der (?:nachrichten)?(?:zustellung|übermittlung)\b|\bempfänger konnten? nicht erreicht\b"
    r"|\bhat (?:den|die|folgende\w*) .{0,40}nicht erreicht\b",
    r"\b(?:mailbox|postfach|inbox) .{0,40}\b(?:is full|over quota|voll)\b|\bnachricht .{0,60}\b(?:abgelehnt"
    r"|abgewiesen|zurückgewiesen)\b",
    r"\bvotre message .{0,80}\b(?:n'a pas|pas pu|impossible)\b|\bsu mensaje .{0,80}\bno (?:se|pudo|ha)\b"
    r"|\bil (?:tuo|suo) messaggio .{0,60}\bnon\b",
    r"\b(?:your|the) (?:message|e-?mail|mail) to \S+@\S+ (?:was|has been|is) (?:rejected|refused|blocked"
    r"|returned|bounced)\b",
    r"(?:无法发送到|退信原因|收件人.{0,12}不存在)",
    r"(?:无法投递|未能送达|投递失败|被退回|系统退信|無法投遞)",
    r"(?:配信できません|送信できません|届けることができません)|не удалось доставить|не доставлен",
    r"\bnon-?delivery report\b|\bmessage n'a pas pu\b|\bmailbox (?:is )?full\b|\bquota exceeded\b"
    r"|\bpostfach .{0,30}\bvoll\b",
)
# Amazon's mail service reports in JSON ("notificationType":"Bounce"), its quotation marks often escaped.
SERVICE_NOTICE = Pattern(r"\b(?:notification|event)type\W{1,8}(?P<what>bounce|deliverydelay|delivery|complaint)\b")
DELAY_BODY = Pattern(
    r"has not yet been delivered|(?:will|delivery will|still) (?:continue|be re-?tr|keep trying|be attempted)"
    r"|delivery (?:is |will be )?(?:still )?(?:incomplete|pending|delayed)|we(?:'ll| will) (?:keep"
    r"|continue) (?:on )?(?:trying|retry|attempt)"
    r"|temporary (?:problem|failure|error) delivering|will be retried|wird (?:weiter(?:hin)? )?versucht"
    r"|erneut (?:zu)?(?:ge)?stell|weiterhin versucht"
    r"|warning message only|no action is required on your part|do not need to resend|still being retried"
    r"|delivery .{0,40}(?:has been |is )delayed|(?:noch|bisher) nicht zugestellt|weitere zustellversuche",
)
LAST_WORD = Pattern(
    r"(?:delivery|message|mail).{0,40}(?:failed permanently|has failed)"
    r"|permanent(?:ly)? (?:fatal )?(?:error|fail)"
    r"|giving up|(?:no longer|not) (?:be )?(?:retr|attempt)|user unknown|no such user",
)

# Whole letters of gateways that name no system: "Your message could not be delivered to anna@example.org".
BEGINS_AS_BOUNCE = Pattern(
    r"^\W{0,80}(?:(?:your|the following|this) (?:message|e-?mail|mail)\b.{0,80}(?:could not|cannot|can not"
    r"|was not|couldn't) be delivered to\W{1,20}\S+@"
    r"|(?:ihre|die folgende|diese) (?:nachricht|e-?mail|mail)\b.{0,80}(?:konnte|kann"
    r"|wurde) .{0,20}nicht .{0,80}\S+@"
    r"|votre message n.a pas pu .{0,40}\S+@)",
)

# What a mail program reports without the form of RFC 8098, and what it sends when a meeting is accepted.
READ_SUBJECT = Pattern(
    r"^\W{0,3}(?:not read|read|ungelesen|nicht gelesen|gelesen|lesebestätigung|empfangsbestätigung|non lu|lu"
    r"|leído|no leído|letto|lida|gelezen"
    r"|przeczytano|läst|læst|lest|luettu|прочитано|已读|開封済み|읽음|return receipt"
    r"|read receipt)\s*(?:\(\w+\))?\s*[:\uff1a]",
)
READ_BODY = Pattern(
    r"\b(?:was|has been) (?:read|displayed|opened|deleted without being read)\b"
    r"|\bwurde (?:\S+ ){0,8}(?:gelesen|angezeigt|geöffnet|ungelesen gelöscht)"
    r"|\ba été (?:lu|affiché)|\bha sido leíd|\bè stato letto|\bis gelezen|\breturn receipt\b"
    r"|\bdies ist eine (?:empfangs|lese)bestätigung",
    r"прочитано|已(?:被)?阅读|開封されました",
)
MEETING_SUBJECT = Pattern(
    r"^\W{0,3}(?:accepted|declined|tentative(?:ly accepted)?|cancell?ed|zugesagt|abgelehnt|abgesagt"
    r"|angenommen|mit vorbehalt|unter vorbehalt|accepté"
    r"|refusé|provisoire|aceptad[oa]|rechazad[oa]|accettato|rifiutato|geaccepteerd|geweigerd)\s*[:\uff1a]",
)
CALENDAR = Pattern(r"text/calendar\b.{0,200}\bmethod=\"?reply\b|content-classes:calendarmessage")

"""What subjects say: that a machine answers, that nobody is there, that this answers another letter. Words only.

An automatic answer puts its words in front of our subject; "Re:" before them means that a person answered such a note.
"""
# ruff: noqa: RUF001 - words of other alphabets hold letters that look like ours

from __future__ import annotations

from slawatch.classify.pattern import Pattern

_TAG = r"^\W{0,3}(?:\[[^\]]{0,40}\] {0,2})?"
_THEN = r"(?:\s*[:–—-]|\s*$|\s*\()"  # "Abwesend: Lieferzeit", but not "Abwesend am Freitag?"

ANSWERS = Pattern(
    r"^\s*(?:\[[^\]]{0,60}\]\s*)?(?:re|aw|antw|sv|rv|wg|fwd?|tr|rif|res|odp|vs|vl|ynt|ilt|回复|答复|回覆|答覆|轉寄|转发|返信)"
    r"\s*(?:\[\d+\]|\(\d+\))?\s*[:\uff1a]",
)
AWAY = Pattern(
    rf"{_TAG}(?:abwesenheits(?:notiz|meldung|benachrichtigung|assistent|info\w*|nachricht|hinweis)"
    rf"|abwesen(?:d|heit){_THEN}"
    rf"|(?:derzeit |zurzeit |momentan )?nicht im (?:büro|hause?|dienst)\b|außer haus\b|(?:im|in"
    rf"|bin im) urlaub(?:{_THEN}| bis| vom| ab)"
    r"|urlaubs(?:notiz|benachrichtigung|meldung|vertretung)"
    r"|(?:automatic |auto(?:mated)?[- ]?)?out[- ]of[- ](?:the[- ])?office\b|oo[of]\b|vacation (?:auto|reply"
    r"|message|notice|response)"
    r"|away (?:until|from|till|message|notice)|i(?:'m| am) (?:currently )?(?:away|out of)"
    r"|on (?:\w+ )?(?:vacation|holiday|leave)\b"
    rf"|absence{_THEN}|absence from)",
    r"^[\w .,'/()\[\]-]{1,80} (?:is|will be) (?:currently )?(?:out of (?:the )?office|on (?:vacation|leave"
    r"|holiday)|away)\b"
    r"|^[\w .,'/()\[\]-]{1,80} ist (?:derzeit )?(?:nicht im (?:büro|hause?)|außer haus|abwesend|im urlaub)\b",
    # French, Spanish, Portuguese, Italian, Dutch, the North, Polish, Czech, Hungarian, Turkish, Russian, East Asia
    rf"{_TAG}(?:message d.absence|notification d.absence|absente? du bureau|réponse automatique d.absence"
    rf"|en congés?{_THEN}"
    rf"|fuera de (?:la )?oficina|ausencia|ausente|de vacaciones|fora do escritório|ausência|em férias"
    rf"|fuori (?:sede|ufficio)"
    rf"|assen(?:za|te){_THEN}|in ferie{_THEN}|afwezig|niet aanwezig|buiten kantoor|frånvaro|ej på kontoret"
    rf"|på semester"
    rf"|fraværende|fravær{_THEN}|ikke til stede|ikke på kontoret|på ferie{_THEN}|poissaolo|poissa|lomalla"
    r"|nieobecność|poza biurem|nepřítomn|mimo kancelář|házon kívül|ofis dışında|izinde|вне офиса|нет на месте"
    r"|в отпуске"
    r"|不在(?:通知|のお知らせ|办公室|辦公室)|休假|外出自动|부재 ?중)",
)
RECEIPT = Pattern(
    r"^(?!\s*(?:re|aw|antw|wg|fwd?)\s*:).{0,200}\b(?:(?:eingangs|empfangs)bestätigung"
    r"|acknowledge?ment of receipt|confirmation of receipt)\b",
    rf"{_TAG}(?:auto(?:matic|matische|mated|mat)?[- ]?(?:reply|response|antwort|antw|answer|e-?mail|nachricht"
    rf"|confirmation"
    r"|responder|acknowledg\w+|notification)\b|automatisch generiert|(?:e-?mail )?(?:eingangs"
    r"|empfangs)bestätigung\b"
    r"|bestätigung (?:des|ihres?|deiner|zu|für) (?:eingangs?|erhalts?|(?:\w+ )?anfrage|(?:\w+ )?nachricht"
    r"|kontaktanfrage|e-?mail)"
    r"|acknowledge?ment of your|(?:receipt|confirmation) of your (?:message|request|e-?mail|inquiry|enquiry)"
    r"|(?:we (?:have )?(?:received|got)|we've (?:received|got)) your\b"
    r"|(?:your|ihre?|deine?) (?:\w+ )?(?:request|anfrage|nachricht|e-?mail|message|ticket|inquiry|enquiry"
    r"|case|anliegen|kontaktanfrage)\b"
    r".{0,60}\b(?:has been (?:received|created|registered|opened|logged)|received|ist eingegangen|eingegangen"
    r"|erhalten|wurde erstellt)\b"
    r"|(?:new )?(?:ticket|case|request|anfrage|vorgang)\b.{0,40}\b(?:created|opened|received|eröffnet"
    r"|erstellt|angelegt|eingegangen|registriert)\b"
    r"|your e-?mail to .{0,60}\breceived|wir haben ihre (?:\w+ )?(?:anfrage|nachricht|e-?mail|mail) erhalten"
    r"|thank(?:s| you) for (?:contacting|your (?:\w+ )?(?:e-?mail|message|inquiry|enquiry|request)"
    r"|getting in touch|reaching out|writing)"
    r"|(?:vielen |herzlichen )?dank(?:e)? für (?:ihre|deine) (?:\w+ )?(?:anfrage|nachricht|e-?mail|mail"
    r"|kontaktaufnahme|mitteilung)"
    r"|auto:|autoreply|auto ?antwort)",
    rf"{_TAG}(?:réponse automatique|accusé de réception|risposta automatica|respuesta automática"
    rf"|acuse de recibo|resposta automática"
    r"|automatisch antwoord|ontvangstbevestiging|automatiskt svar|autosvar|automatisk svar"
    r"|automaattinen vastaus|automatyczna odpowiedź"
    r"|odpowiedź automatyczna|autoodpowiedź|automatická odpověď|automatikus válasz|otomatik (?:yanıt|cevap)"
    r"|răspuns automat"
    r"|автоматический ответ|автоответ|автоматична відповідь|αυτόματη απάντηση"
    r"|自動(?:返信|応答|回覆|答覆)|自动(?:回复|答复"
    r"|应答)|자동 ?(?:회신|응답|답장)"
    r"|תשובה אוטומטית|رد تلقائي)",
)
# Company's own words for letters to many, and for what its systems tell.
TO_MANY = Pattern(
    r"\bnewsletter\b|\bdigest\b|\bweekly\b|\bmonthly\b|\b(?:\d{1,2} ?%|prozent) (?:off|rabatt)|\brabatt\b"
    r"|\bsale\b|\bspecial offer|\bangebote?\b"
    r"|\bgutschein\w*\b|\bfree shipping\b|\blast chance\b|\bnur (?:heute|noch)\b|\bjetzt (?:sichern|entdecken"
    r"|kaufen)\b|\bwebinar\b",
)

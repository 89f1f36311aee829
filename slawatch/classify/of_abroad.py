"""How machines say in other languages that they are machines, or that nobody is there. Words only.

People's letters in these languages are not read, only told from machines'.
"""

# ruff: noqa: RUF001 - words of other alphabets hold letters that look like ours

from __future__ import annotations

from slawatch.classify.pattern import Pattern
from slawatch.classify.phrases import Role

ABROAD: tuple[tuple[Role, Pattern], ...] = (
    (
        Role.AUTOMATIC,
        Pattern(
            # French, Spanish, Portuguese, Italian
            r"\b(?:message|réponse|courriel|e-mail|accusé de réception) (?:\w+ )?(?:automatique|généré)",
            r"\b(?:généré|envoyé)e? automatiquement\b|\bne pas répondre\b|\bmerci de ne pas (?:y )?répondre\b",
            r"\b(?:mensaje|respuesta|correo) (?:\w+ ){0,2}(?:automátic|generad)|\bno responda a este\b"
            r"|\bpor favor,? no responda\b",
            r"\b(?:mensagem|resposta|e-mail) (?:\w+ ){0,2}automátic|\bnão responda\b",
            r"\b(?:messaggio|risposta|e-?mail) (?:\w+ ){0,2}(?:automatic|generat)|\bnon rispondere a quest",
            # Dutch, Swedish, Danish, Norwegian, Finnish, Polish, Czech, Hungarian, Turkish, Romanian
            r"\bautomatisch (?:gegenereerd|verzonden|bericht|antwoord)|\bniet (?:op )?(?:dit bericht"
            r"|deze e-?mail) (?:te )?(?:be)?antwoord",
            r"\b(?:automatiskt|automatisk) (?:\w+ )?(?:svar|meddelande|besked|melding|genererad|genereret"
            r"|generert)|\bautosvar\b",
            r"\b(?:automaattinen|automaattisesti)\b|\bwiadomość (?:\w+ )?(?:automatycz|wygenerowan)"
            r"|\bautomatyczn\w+ odpowied",
            r"\bautomatick\w+ (?:odpověď|zpráv|vygenerov)|\bautomatikus (?:válasz|üzenet)|\botomatik (?:yanıt"
            r"|olarak|mesaj)|\brăspuns automat",
            # Russian, Ukrainian, Greek, Japanese, Chinese, Korean
            r"автоматическ\w+ (?:ответ|сообщени|уведомлени)|(?:создано|отправлено) автоматически"
            r"|не отвечайте на это|автоматична відповідь",
            r"αυτόματη (?:απάντηση|ειδοποίηση)|自動(?:返信|送信|応答"
            r"|配信|回覆|回复|答覆)|自动(?:回复|答复|发送|应答)|请勿(?:直接)?回复"
            r"|자동 ?(?:회신|응답|발신|답장)",
            cues="automat automátic automaatti automatyczn répon réponse "
            "respond generad respuesta resposta risposta rispondere "
            "generat généré beantwoord antwoord svar wygenerowan odpow odpov válasz yanıt otomatik răspuns "
            "автомат отвечайте αυτόματη 自動 自动 请勿 자동",
        ),
    ),
    (
        Role.AWAY,
        Pattern(
            r"\b(?:je suis|je serai|nous sommes) (?:\w+ ){0,4}(?:absent|en congé|en vacances|en déplacement)"
            r"|\bde retour le\b|\bmon absence\b",
            r"\b(?:estoy|estaré|me encuentro|estamos) (?:\w+ ){0,4}(?:fuera de (?:la )?oficina|de vacaciones"
            r"|ausente|de viaje)|\bmi ausencia\b",
            r"\b(?:estou|estarei|encontro-me) (?:\w+ ){0,4}(?:fora do escritório|de férias|ausente)"
            r"|\bminha ausência\b",
            r"\b(?:sono|sarò|siamo) (?:\w+ ){0,4}(?:fuori (?:sede|ufficio)|in ferie|assente|in vacanza)"
            r"|\bmia assenza\b",
            r"\bik ben (?:\w+ ){0,6}(?:afwezig|met vakantie|op vakantie|niet (?:op kantoor|aanwezig"
            r"|bereikbaar)|weer (?:bereikbaar|aanwezig))|\bmijn afwezigheid\b",
            r"\bjag är (?:\w+ ){0,5}(?:på semester|inte på kontoret|borta|ledig|tillbaka)"
            r"|\bjeg er (?:\w+ ){0,5}(?:på ferie|ikke på kontoret|bortrejst|tilbage|tilbake|fraværende)",
            r"\bolen (?:\w+ ){0,4}(?:lomalla|poissa)|\b(?:jestem|będę) (?:\w+ ){0,4}(?:nieobecn|na urlopie"
            r"|poza biurem)|\b(?:jsem|budu) (?:\w+ ){0,4}(?:mimo kancelář|na dovolené)",
            r"\b(?:szabadságon|házon kívül) |\bizindeyim\b|\bofis dışında|\bсейчас (?:\w+ )?в отпуске"
            r"|\bя (?:нахожусь )?в отпуске|不在(?:に|办公室|中)|休暇(?:中|を)|休假|부재 ?중|휴가",
            cues="congé absen vacan vacac déplacement retour ausen "
            "ausên oficina viaje férias escritório fuori ferie assen "
            "vakantie afwezig kantoor bereikbaar semester kontoret borta ledig tillbaka tilba bortrejst fravær "
            "lomalla poissa nieobecn urlopie biurem kancelář dovolené szabadság házon izin ofis отпуск 不在 休"
            " 부재 휴가 "
            "aanwezig",
        ),
    ),
    (
        Role.RECEIPT,
        Pattern(
            r"\b(?:nous avons bien reçu|avons (?:bien )?reçu|accusons réception|a (?:bien )?été (?:reçu"
            r"|enregistré)e?)\b",
            r"\b(?:hemos recibido|acusamos recibo|ha sido recibid|ha sido registrad)\w*|\b(?:recebemos"
            r"|foi recebid|foi registad|foi registrad)\w*",
            r"\b(?:abbiamo ricevuto|è stata (?:ricevuta|registrata)|è stato ricevuto)\b|\b(?:hebben (?:uw"
            r"|je) .{0,40}ontvangen|is (?:goed )?ontvangen)\b",
            r"\b(?:vi har (?:mottagit|tagit emot|modtaget|mottatt)|otrzymaliśmy|obdrželi jsme"
            r"|olemme vastaanottaneet|megkaptuk)\b",
            r"(?:получили ваше|ваше (?:обращение|письмо) (?:получено|зарегистрировано|принято))"
            r"|(?:已(?:经)?收到(?:您|你)|受け付け(?:まし|いた)|受付(?:いた|まし)|접수되었)",
            cues="reçu réception reçue enregistr recibi recibo recebid "
            "emot registra registad recebe ricevut ontvangen mottag modtag "
            "mottatt otrzymal obdrže vastaanott megkap получ зарегистр принято 收到 受 접수",
        ),
    ),
)

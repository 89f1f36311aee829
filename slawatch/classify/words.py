"""Pieces of patterns that several rules share: what a mail is called, days, amounts of time. German and English.

Gaps are bounded, so that each pattern made of them takes time linear in the sentence.
"""

from __future__ import annotations

MAIL_DE = (
    r"(?:e-?mail|mail|nachricht|anfrage|frage|schreiben|anliegen|mitteilung|zuschrift|kontaktanfrage|eingabe|antrag|"
    r"helpdesk-anforderung)"
)
MAIL_EN = r"(?:e-?mail|mail|message|request|inquiry|enquiry|query|question|letter|submission|case|ticket)"
OURS = rf"(?:ihre|ihr|deine|dein|diese|die|your|this)[nmrs]? (?:\w+ ){{0,2}}(?:{MAIL_DE}|{MAIL_EN})"

WEEKDAY = (
    r"(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
)
MONTH_DE = r"(?:januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember)"
MONTH_EN = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
DAY = (
    rf"(?:{WEEKDAY}|heute|morgen (?:früh|vormittag|mittag|nachmittag|abend|wieder|raus|bei)|bis morgen"
    rf"|übermorgen"
    r"|today|tonight|tomorrow|next week|(?:nächste|kommende)[rn]? woche|ende der woche|end of (?:the "
    r"|this )?(?:week|day)"
    rf"|\d{{1,2}}\. ?\d{{1,2}}\.|\d{{1,2}}\. {MONTH_DE}|{MONTH_EN} \d|\d{{1,2}} {MONTH_EN})"
)
NUMBER = (
    r"(?:\d{1,3}(?:[.,]\d)?|ein(?:e|er|em|en|ige|igen|iger)?|zwei|drei|vier|fünf|sechs|sieben|acht|neun"
    r"|zehn|zwölf"
    r"|vierzehn|mehrere[nr]?|wenige[nr]?|an?|one|two|three|four|five|six|seven|eight|nine|ten|a few"
    r"|several|a couple of)"
)
UNIT = (
    r"(?:min(?:ute)?[ns]?|stunden?|std|h|hours?|(?:werk|arbeits|bank)?tage?n?|(?:business |working |week)?days?"
    r"|wochen?|weeks?|monate?n?|months?)\b"
)
SPAN = rf"{NUMBER}(?: ?(?:-|–|bis|to|or|oder|und) ?{NUMBER})?[ -]?(?:\w+e[nr]? |more |full )?{UNIT}"

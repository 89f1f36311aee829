"""Finds telephone numbers, mail addresses and postal addresses in foreign text. Hours, dates and prices are none."""

from __future__ import annotations

import re
from collections.abc import Iterator

_CLOCKS = re.compile(r"^[012]?\d[0-5]\d[ \t]?[-–][ \t]?[012]?\d[0-5]\d$")  # "0900-1700"
_DATE = re.compile(r"^(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}[./-]\d{1,2}[./-]\d{1,2})\b")
_MORE = r"(?:[ \t./()–-]{0,3}\d)"
_PHONE = re.compile(
    rf"(?<![\w#/.=&%-])(?:(?:\+|00)[ \t(]{{0,2}}\d{_MORE}{{6,16}}|\(?0{_MORE}{{6,14}}"
    r"|\(\d{3}\)[ \t]?\d{3}[ .-]?\d{4}|(?:1[ .-])?\d{3}[.-]\d{3}[.-]\d{4})(?!\w)"
)
_LABEL = (
    r"(?:tel(?:efon|ephone)?|fon|phone|fax|mob(?:il\w*|ile)?|handy|hotline|durchwahl|ext(?:ension)?|whatsapp"
    r"|call[ \t]us(?:[ \t](?:at|on))?)"
)
_LABELLED = re.compile(
    rf"(?i)\b{_LABEL}\b[ \t]*(?:nr\.?|no\.?|number|nummer)?[ \t]*[.:]{{0,2}}[ \t]*(?P<number>[+(]?\d{_MORE}{{2,18}})"
)
_MAIL = re.compile(r"(?<![\w.+%-])[\w.+%'-]{1,64}@(?P<domain>[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})")

_C = r"[A-ZÄÖÜ]"
_LEADING = r"(?:(?:Am|An der|Im|In der|Auf der|Zum|Zur|Alte[rn]?|Neue[rn]?|Große?|Kleine?)[ \t]+)?"
_WAY = (
    r"(?:[sS]tra(?:ß|ss)e|[sS]tr\.|[wW]eg|[pP]latz|[aA]llee|[gG]asse|[rR]ing|[uU]fer|[dD]amm|[cC]haussee)"
    rf"(?:[ \t]{_C}\w+){{0,2}}"
)
_STREET = re.compile(
    rf"\b{_LEADING}{_C}[\w.ßäöüé'’-]{{0,40}}(?:[ \t]{_C}?[\wßäöü-]{{1,30}}){{0,2}}?[ \t]?{_WAY}[ \t]+"
    r"\d{1,4}[ \t]?[a-z]?\b(?:[ \t]?[-/][ \t]?\d{1,4}[a-z]?\b)?"
)
_STREET_ABROAD = re.compile(
    rf"\b\d{{1,5}}[a-zA-Z]?,?[ \t]+(?:{_C}[\w'’.-]{{0,30}}[ \t]+){{1,4}}"
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Way|Square|Boulevard|Blvd|Court|Crescent|Terrace|Place|Close"
    r"|Gardens|Quay)\b\.?"
)
# Any words with a number are a street where a postcode follows: "Am Markt 5, 12345 …".
_BEFORE_TOWN = re.compile(
    rf"(?<!\w)(?:{_C}[\w.äöüß-]{{1,40}}[ \t]+){{1,4}}\d{{1,4}}[ \t]?[a-z]?"
    rf"(?=[ \t]*(?:,|\r?\n)[ \t]*(?:[A-Z]{{1,2}}-)?\d{{5}}[ \t]+{_C})"
)
_NO_TOWN = (
    r"(?!Stück|Euro|Kund|Artikel|Uhr|Punkt|Meter|Produkt|Mal\b|Liter|Gramm|Watt|Jahr|Person|Nutzer|Zeichen|Bestellung)"
)
_TOWN = re.compile(
    rf"\b(?:[A-Z]{{1,2}}-)?\d{{5}}[ \t]+{_NO_TOWN}{_C}[a-zäöüß]{{2,}}"
    rf"(?:[- ](?:{_C}[\wäöüß]+|am|an der|im|ob der)){{0,3}}"
)
_POSTCODE = re.compile(r"\b(?:[A-Z]{1,2}\d[A-Z\d]?[ \t]?\d[A-Z]{2}|[A-Z]{2}[ \t]+\d{5}(?:-\d{4})?)\b")
_BOX = re.compile(r"\b(?i:p\.?[ \t]?o\.?[ \t]?box|postfach)[ \t]+\d[\d \t]{0,10}")
_POSTAL = (_STREET, _STREET_ABROAD, _BEFORE_TOWN, _TOWN, _POSTCODE, _BOX)


def found(text: str) -> Iterator[tuple[str, int, int, str]]:
    """Yield rule, start and end of each, with the domain that stays of a mail address, "" for all others."""
    for match in _MAIL.finditer(text):
        yield "mail-address", *match.span(), match["domain"]
    for match in _PHONE.finditer(text):
        if not _CLOCKS.match(match[0]) and not _DATE.match(match[0]):
            yield "phone", *match.span(), ""
    for match in _LABELLED.finditer(text):
        if not _DATE.match(match["number"]):
            yield "phone", *match.span("number"), ""
    for form in _POSTAL:
        for match in form.finditer(text):
            yield "postal-address", *match.span(), ""

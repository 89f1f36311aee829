"""Turn a step of a practice company into a real mail, as its software would write it. Texts stand in letters.toml."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from importlib.resources import files
from typing import Any

from slawatch.practice.companies import PracticeCompany

WORD = re.compile(r"\w{4,}")
ANSWER = "answer"
BOUNCE = "bounce"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a company's software knows of a letter that came in."""

    subject: str
    body: str
    message_id: str
    reply_to: str
    raw: bytes = b""

    @classmethod
    def read(cls, raw: bytes) -> Asked:
        """Return what a help desk reads from a mail."""
        mail: Message = message_from_bytes(raw, policy=SMTP)
        part = mail.get_body(("plain",)) if isinstance(mail, EmailMessage) else None
        return cls(
            subject=str(mail["Subject"] or ""),
            body=part.get_content() if part is not None else "",
            message_id=str(mail["Message-ID"] or "").strip(),
            reply_to=parseaddr(str(mail["Reply-To"] or mail["From"] or ""))[1],
            raw=raw,
        )


class Letters:
    """Writes the companies' mails. The same dice give the same letters."""

    def __init__(self, questions: Mapping[str, str]) -> None:
        """`questions` maps a probe's name to all its wordings, by which a company recognises what it is asked."""
        self._texts: dict[str, Any] = tomllib.loads(files(__package__).joinpath("letters.toml").read_text("utf-8"))
        self._questions = {name: set(WORD.findall(text.lower())) for name, text in questions.items()}

    def topic(self, body: str) -> str:
        """Return the probe whose wordings share most words with the letter, "" where none shares any."""
        words = set(WORD.findall(body.lower()))
        shared = {name: len(words & known) / (len(known) ** 0.5 or 1) for name, known in self._questions.items()}
        best = max(shared, key=lambda name: shared[name], default="")
        return best if best and shared[best] > 0 else ""

    def write(
        self, company: PracticeCompany, letter: str, asked: Asked, *, at: datetime, dice: random.Random
    ) -> tuple[str, bytes]:
        """Return envelope sender and bytes of the letter; a bounce has the empty envelope sender."""
        if letter == BOUNCE:
            return "", self._bounce(company, asked, at, dice)
        texts = self._texts[company.lang]
        text: dict[str, Any] = (
            self._answer(texts[ANSWER], asked, dice) if letter == ANSWER else dice.choice(texts[letter])
        )
        number = str(dice.randrange(100_000, 999_999))
        mail = EmailMessage(policy=SMTP)
        mail["From"] = f"{company.agent or company.name} <{company.address}>"
        mail["To"] = asked.reply_to
        mail["Date"] = format_datetime(at)
        mail["Message-ID"] = f"<{dice.getrandbits(80):020x}@{company.domain}>"
        mail["Subject"] = self._subject(company, asked, number, text)
        if company.threads:
            mail["In-Reply-To"] = asked.message_id
            mail["References"] = asked.message_id
        for name, value in text.get("headers", {}).items():
            mail[name] = value
        body = text["body"].format(agent=company.agent or company.name, company=company.name, number=number)
        if letter == ANSWER and company.threads:
            body += "\n" + self._quoted(company, asked, at)
        mail.set_content(body, cte="8bit")
        return company.address, mail.as_bytes()

    def _answer(self, texts: Mapping[str, Any], asked: Asked, dice: random.Random) -> dict[str, Any]:
        """Return an answer to what was asked, as people vary it: another opening, another close."""
        cores = texts.get(self.topic(asked.body)) or texts["any"]
        parts = (dice.choice(texts["openings"]), dice.choice(cores), dice.choice(texts["closings"]))
        return {"body": "\n\n".join(part.strip() for part in parts) + "\n"}

    def _subject(self, company: PracticeCompany, asked: Asked, number: str, text: Mapping[str, Any]) -> str:
        if not company.threads or "subject" in text:
            template = str(text.get("subject") or self._texts[company.lang]["new_subject"])
            return template.format(company=company.name, subject=asked.subject, number=number)
        reply = "AW" if company.lang == "de" else "Re"
        ticket = company.ticket.format(number=number) + " " if company.ticket else ""
        return f"{reply}: {ticket}{asked.subject}"

    def _quoted(self, company: PracticeCompany, asked: Asked, at: datetime) -> str:
        lead = str(self._texts[company.lang]["quote_lead"]).format(day=f"{at:%Y-%m-%d}", who=asked.reply_to)
        return lead + "\n" + "".join(f"> {line}\n" for line in asked.body.splitlines())

    def _bounce(self, company: PracticeCompany, asked: Asked, at: datetime, dice: random.Random) -> bytes:
        """Return a delivery status notification as RFC 3464 describes it: text, status, the original's headers."""
        boundary = f"{dice.getrandbits(64):016x}/mx.{company.domain}"
        head, _, _ = asked.raw.replace(b"\r\n", b"\n").partition(b"\n\n")
        text = str(self._texts["bounce"]["body"]).format(
            boundary=boundary,
            company=company.name,
            host=f"mx.{company.domain}",
            address=company.address,
            to=asked.reply_to,
            date=format_datetime(at),
            id=f"{dice.getrandbits(80):020x}@mx.{company.domain}",
            headers=head.decode("utf-8", "surrogateescape"),
        )
        return text.encode("utf-8", "surrogateescape").replace(b"\n", b"\r\n")

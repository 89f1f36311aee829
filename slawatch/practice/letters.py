"""Turn a step of a practice company into a real mail, as its software would write it. Texts stand in letters.toml."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Mapping, Sequence
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
TRIES = 500  # of 49 beginnings that can be put together a company writes some 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a company's software knows of a letter that came in. `cites` is what it replies to, "" for a new matter."""

    subject: str
    body: str
    message_id: str
    reply_to: str
    cites: str = ""
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
            cites=str(mail["In-Reply-To"] or "").strip(" <>"),
            raw=raw,
        )


class Letters:
    """Writes the companies' mails. The same dice give the same letters, from the beginning on."""

    def __init__(self, questions: Mapping[str, str]) -> None:
        """`questions` maps a probe's name to all its wordings, by which a company recognises what it is asked."""
        self._written: set[tuple[str, str, str]] = set()
        self._texts: dict[str, Any] = tomllib.loads(files(__package__).joinpath("letters.toml").read_text("utf-8"))
        self._questions = {name: set(WORD.findall(text.lower())) for name, text in questions.items()}

    def begin(self) -> None:
        """Forget what was written, so that the same dice give the same letters again."""
        self._written.clear()

    def topic(self, body: str) -> str:
        """Return the probe whose wordings share most words with the letter, "" where none shares any."""
        own = "\n".join(line for line in body.splitlines() if not line.startswith(">"))
        words = set(WORD.findall(own.lower()))
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
        some = texts[letter]
        if isinstance(some, dict):  # people vary what they write: another opening, another close
            cores = some.get(self.topic(asked.body)) or some["any"]
            text = self._put_together(company, (some["openings"], cores, some["closings"]), dice)
        else:
            text = dice.choice(some)
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

    def _put_together(
        self, company: PracticeCompany, parts: Sequence[Sequence[str]], dice: random.Random
    ) -> dict[str, Any]:
        """Return a letter of one text of each part, and never the same twice as long as there are others.

        Whoever sends one text to several requests is a machine, and is taken for one.
        """
        for _ in range(TRIES):
            opening, core, closing = (dice.choice(part).strip() for part in parts)
            if (company.key, opening, core) not in self._written:
                break
        self._written.add((company.key, opening, core))
        return {"body": f"{opening}\n\n{core}\n\n{closing}\n"}

    def _subject(self, company: PracticeCompany, asked: Asked, number: str, text: Mapping[str, Any]) -> str:
        if not company.threads or "subject" in text:
            template = str(text.get("subject") or self._texts[company.lang]["new_subject"])
            return template.format(company=company.name, subject=asked.subject, number=number)
        reply = "AW" if company.lang == "de" else "Re"
        ticket = company.ticket.format(number=number) + " " if company.ticket else ""
        return f"{reply}: {ticket}{asked.subject.removeprefix('Re: ')}"

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

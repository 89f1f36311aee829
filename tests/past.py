"""Years of mail made up with the truth beside it: who asked whom, what came back in which way, and how long it took."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

ME = "anna@own.example"
BEGAN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MX = "mx.own.example"

OPENINGS = ("Good morning", "Hello Anna", "Dear Ms Example", "Guten Tag", "Hallo Frau Example", "Hi there")
FACTS = (
    "we deliver within {n} working days, and every parcel can be tracked",
    "the table is available in {wood} and costs {n}0 euros",
    "wir liefern innerhalb von {n} Werktagen, und jedes Paket lässt sich verfolgen",
    "der Laden hat bis {n} Uhr geöffnet, am Samstag bis mittags",
    "spare parts for the lamp are on our website, the shade costs {n} euros",
    "die Rechnung liegt in Ihrem Kundenkonto unter den Bestellungen vom {n}. Mai",
)
WOODS = ("oak", "ash", "beech", "walnut", "cherry", "maple")
THINGS = (
    *("shelf", "lamp", "chair", "carpet", "Keller", "Regal", "Samstag", "colour", "drawer", "Vorhang", "mirror"),
    *("Schublade", "cushion", "Farbe", "window", "Teppich", "kettle", "Spiegel", "basket", "Kissen", "door", "Garten"),
)
CLOSINGS = (
    "Kind regards\nMaeve Doyle",
    "Best wishes, Tom",
    "Freundliche Grüße\nJ. Ott",
    "Viele Grüße aus dem Laden, Lena",
)
RECEIPT = "We have received your message and registered it under number 4711. This is an automatic reply.\n"
AWAY = "I am out of the office until Monday and will answer your message when I am back.\n"
QUESTIONS = (
    ("delivery time for the oak table", "Could you tell me how long the delivery of the oak table takes?\n"),
    ("opening hours at Christmas", "When is the shop open between Christmas and New Year?\n"),
    ("Rechnung für meine letzte Bestellung", "Können Sie mir bitte die Rechnung noch einmal schicken?\n"),
    ("spare parts for the lamp", "Are there spare parts for the lamp, and what do they cost?\n"),
)

MANNERS = ("cited", "receipt", "away", "ticket", "exchange", "subject", "silent", "bounced", "slow")


@dataclass
class Truth:
    """What the figures must come to: by Message-ID of the question, whom it counts to and after how long it ended."""

    first: dict[str, tuple[str, timedelta | None]] = field(default_factory=dict)
    bounced: set[str] = field(default_factory=set)

    def of(self, group: str) -> list[timedelta | None]:
        return [wait for key, (whose, wait) in self.first.items() if whose == group and key not in self.bounced]


@dataclass(frozen=True)
class Mail:
    """A letter as it lies in a folder ("inbox" or "sent"), and when it was filed there."""

    raw: bytes
    at: datetime
    folder: str


@dataclass
class Past:
    """Everything that was made up. `asks` says which side asks: "we" or "they"."""

    mails: list[Mail] = field(default_factory=list)
    truth: Truth = field(default_factory=Truth)


def letter(
    *,
    sender: str,
    to: str,
    subject: str,
    text: str,
    own_id: str,
    at: datetime,
    cites: Sequence[str] = (),
    received: bool = False,
    headers: Iterable[tuple[str, str]] = (),
) -> bytes:
    """Return a letter as mail programs write it; with `received` as it lies in an inbox."""
    message = EmailMessage()
    if received:
        stamp = format_datetime(at)
        message["Received"] = f"from mail.far.example by {MX} with ESMTP id {own_id[:8]}; {stamp}"
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = format_datetime(at - timedelta(seconds=1))
    message["Message-ID"] = f"<{own_id}>"
    if cites:
        message["In-Reply-To"] = f"<{cites[-1]}>"
        message["References"] = " ".join(f"<{one}>" for one in cites)
    for name, value in headers:
        message[name] = value
    message.set_content(text)
    return message.as_bytes()


def make(count: int, *, seed: str = "past", companies: int = 12, noise: float = 1.0, we_ask: bool = True) -> Past:
    """Return that many conversations, each in one of MANNERS, among letters that are no questions (`noise` per one).

    With `we_ask` we ask the companies; else their customers ask us, and we answer in the same manners.
    """
    dice = random.Random(seed)  # noqa: S311 - a made-up past
    past = Past()
    for number in range(count):
        manner = MANNERS[number % len(MANNERS)]
        _converse(past, number, manner, f"shop{number % companies}.example", dice, we_ask=we_ask)
        if dice.random() < noise:
            _noise(past, number, dice)
    past.mails.sort(key=lambda one: one.at)
    return past


def _converse(past: Past, number: int, manner: str, domain: str, dice: random.Random, *, we_ask: bool) -> None:
    at = BEGAN + timedelta(minutes=37 * number + dice.randint(0, 30))
    asked_id = f"q{number}.{dice.getrandbits(40):010x}@{'own.example' if we_ask else domain}"
    subject, body = QUESTIONS[number % len(QUESTIONS)]
    subject = f"{subject} ({number})"
    outsider = f"service@{domain}" if we_ask else f"customer{number}@{domain}"
    me = ME if we_ask else "info@own.example"
    asker, answerer = (me, outsider) if we_ask else (outsider, me)
    ours, theirs = ("sent", "inbox") if we_ask else ("inbox", "sent")
    index = base64.b64encode(number.to_bytes(6, "big") + dice.randbytes(16)).decode() if manner == "exchange" else ""
    extra = [("Thread-Index", index)] if index else []
    past.mails.append(
        Mail(
            letter(
                sender=asker, to=answerer, subject=subject, text=body, own_id=asked_id, at=at,
                received=ours == "inbox", headers=extra,
            ),
            at,
            ours,
        )
    )  # fmt: skip
    group = domain if we_ask else me
    wait = timedelta(seconds=dice.randint(120, 60_000)) if manner != "slow" else timedelta(days=9, seconds=number)

    def reply(
        after: timedelta, text: str, *, subject_: str = "", cites: Sequence[str] = (asked_id,), **more: str
    ) -> None:
        its_id = f"a{number}.{dice.getrandbits(40):010x}@{domain if we_ask else 'own.example'}"
        headers = [(name.replace("_", "-"), value) for name, value in more.items()]
        sender = more.get("From_", answerer)
        raw = letter(
            sender=sender,
            to=asker,
            subject=subject_ or f"Re: {subject}",
            text=text,
            own_id=its_id,
            at=at + after,
            cites=cites,
            received=theirs == "inbox",
            headers=[one for one in headers if one[0] != "From-"],
        )
        past.mails.append(Mail(raw, at + after, theirs))

    answer = _answer(dice)
    truth: timedelta | None = wait
    if manner in {"cited", "slow"}:
        reply(wait, answer)
    elif manner == "receipt":
        reply(timedelta(seconds=3), RECEIPT, Auto_Submitted="auto-replied")
        reply(wait, answer)
    elif manner == "away":
        reply(timedelta(seconds=3), AWAY, Auto_Submitted="auto-replied (vacation)", X_Auto_Response_Suppress="All")
        reply(wait, answer)
    elif manner == "ticket":
        reply(timedelta(seconds=3), RECEIPT, subject_=f"[SRV-{number + 100}] {subject}", Auto_Submitted="auto-replied")
        reply(wait, answer, subject_=f"[SRV-{number + 100}] Your request", cites=())
    elif manner == "exchange":
        reply(wait, answer, cites=(), Thread_Index=_next_index(index), subject_="AW: something else")
    elif manner == "subject":
        reply(wait, answer, cites=())
    elif manner == "bounced" and we_ask:
        _bounce(past, number, at, asked_id, asker, answerer, dice)
        past.truth.bounced.add(asked_id)
        truth = None
    else:
        truth = None
    past.truth.first[asked_id] = (group, truth)


def _answer(dice: random.Random) -> str:
    """Return what a person writes: no two are the same but for numbers, or they would be taken for a machine's."""
    first, second = dice.sample(FACTS, 2)
    said = [one.format(n=dice.randint(3, 19), wood=dice.choice(WOODS)) for one in (first, second)]
    extra = " ".join(dice.sample(THINGS, 7))
    return f"{dice.choice(OPENINGS)},\n\n{said[0]}. Besides, {said[1]} ({extra}).\n\n{dice.choice(CLOSINGS)}\n"


def _next_index(index: str) -> str:
    return base64.b64encode(base64.b64decode(index) + b"\0\1\2\3\4").decode()


def _bounce(
    past: Past, number: int, at: datetime, asked_id: str, asker: str, answerer: str, dice: random.Random
) -> None:
    boundary = f"b{dice.getrandbits(32):08x}"
    came = at + timedelta(seconds=5)
    raw = (
        f"Received: from localhost by {MX} with ESMTP; {format_datetime(came)}\r\n"
        f"From: MAILER-DAEMON@{MX}\r\nTo: {asker}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"Date: {format_datetime(came)}\r\nMessage-ID: <b{number}.{dice.getrandbits(32):08x}@{MX}>\r\n"
        "MIME-Version: 1.0\r\n"
        f"Content-Type: multipart/report; report-type=delivery-status; boundary={boundary}\r\n\r\n"
        f"--{boundary}\r\nContent-Type: text/plain\r\n\r\nThe mail system: user unknown\r\n"
        f"--{boundary}\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; {MX}\r\n\r\n"
        f"Final-Recipient: rfc822; {answerer}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"--{boundary}\r\nContent-Type: message/rfc822\r\n\r\nFrom: {asker}\r\nTo: {answerer}\r\n"
        f"Message-ID: <{asked_id}>\r\nSubject: x\r\n\r\nbody\r\n--{boundary}--\r\n"
    )
    past.mails.append(Mail(raw.replace("\r\n", "\n").encode(), came, "inbox"))


def _noise(past: Past, number: int, dice: random.Random) -> None:
    """Add a letter that asks nobody anything: a newsletter, spam, our own to several, a passed-on letter."""
    at = BEGAN + timedelta(minutes=37 * number + 20)
    own_id = f"n{number}.{dice.getrandbits(40):010x}@noise.example"
    kind = number % 4
    if kind == 0:
        raw = letter(
            sender="news@shop1.example", to=ME, subject="Our offers of the week", text="Buy now. Unsubscribe here.\n",
            own_id=own_id, at=at, received=True, headers=[("List-Unsubscribe", "<mailto:off@shop1.example>")],
        )  # fmt: skip
        past.mails.append(Mail(raw, at, "inbox"))
    elif kind == 1:
        raw = letter(
            sender="noreply@bank.example", to=ME, subject="Your statement is ready", text="Please log in.\n",
            own_id=own_id, at=at, received=True,
        )  # fmt: skip
        past.mails.append(Mail(raw, at, "inbox"))
    elif kind == 2:
        to = "one@shop1.example, two@shop2.example, three@shop3.example"
        raw = letter(sender=ME, to=to, subject="We have moved", text="Our new address.\n", own_id=own_id, at=at)
        past.mails.append(Mail(raw, at, "sent"))
    else:
        raw = letter(
            sender=ME, to="friend@shop1.example", subject="Fwd: look at that", text="> so funny\n", own_id=own_id, at=at
        )
        past.mails.append(Mail(raw, at, "sent"))


def write_mbox(path: Path, mails: Iterable[Mail]) -> Path:
    """Write an mbox as mail programs do: separators in the writer's own local time, "From " lines quoted."""
    with path.open("wb") as file:
        for one in mails:
            file.write(f"From - {one.at:%a %b %d %H:%M:%S %Y}\n".encode())
            file.write(one.raw.replace(b"\nFrom ", b"\n>From "))
            file.write(b"\n" if one.raw.endswith(b"\n") else b"\n\n")
    return path


def write_maildir(path: Path, mails: Iterable[Mail]) -> Path:
    """Write a Maildir with a subfolder for what was sent."""
    for number, one in enumerate(mails):
        folder = path / "cur" if one.folder == "inbox" else path / ".Sent" / "cur"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{int(one.at.timestamp()) + 1}.M{number}P1.host:2,S").write_bytes(one.raw)
    return path

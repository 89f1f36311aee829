"""A made-up week of chats: answered, begun by robots, missed, shut, parked, over a bridge, on the telephone by hand.

Like tests/report_sample.py, of which it is the part that has steps and pictures.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from slawatch.channels.chat.settings import STANDARD
from slawatch.model import (
    AttemptOutcome,
    Author,
    Delivery,
    DeliveryProof,
    Form,
    MatchEvidence,
    MessageKind,
    Moment,
    MomentKind,
    Origin,
    Reason,
    Relationship,
    Reply,
    Request,
    Stamps,
    Text,
    VoidReason,
)
from slawatch.report.model import Case, CompanyView, Kept, Mark, Material
from tests.report_sample import DAY, MADE_AT, MINUTE, SINCE, case, material, reply, request

PICTURES = Path(__file__).parent / "pictures"
SECOND = timedelta(seconds=1)
START = SINCE + 10 * timedelta(hours=1)
PERSONA = "Anna Example"
QUESTION = "How long does delivery to Munich take?"
GREETING = "Hello Anna! I am Lumi, the virtual assistant. What can I do for you?"
PAGE = """- banner: Lindqvist Lamps
- heading "Contact" [level=1]
- heading "Chat with us" [level=2]
- text: Hello Anna! I am Lumi, the virtual assistant.
- text: How long does delivery to Munich take?
- text: You are number 3 in the queue."""
COMPANIES = {"lindqvist": "Lindqvist Lamps", "moss": "Moss & Fern Nursery"}
Step = tuple[MomentKind, float] | tuple[MomentKind, float, str]


def chat(number: int, company: str, at: datetime, **changes: object) -> Request:
    """Return a question that was asked in the chat on a company's page."""
    return request(
        number,
        company,
        at,
        **{
            "channel": "webchat",
            "target": f"https://{company}.example/contact",
            "account": "visitor",
            "text": Text(probe="delivery-time", lang="en", variant=0, subject="", body=QUESTION, form=Form.CHAT),
            "remote_id": f"webchat:{number}",
            "intended_at": at - 9 * SECOND,
            "accepted_uncertainty": timedelta(milliseconds=1),
            "proof": DeliveryProof.PROVEN,
            "made_up": False,
            **changes,
        },
    )


def refused(number: int, company: str, at: datetime, why: VoidReason, detail: str) -> Request:
    """Return a question that could not be asked."""
    asked = chat(number, company, at)
    return replace(
        asked, delivery=Delivery.REFUSED, accepted_at=None, remote_id="", void_reason=why, void_detail=detail
    )


def steps(asked: Request, *told: Step, clock: str = "page", later: timedelta = timedelta(0)) -> tuple[Moment, ...]:
    """Return the steps of a chat, each with its seconds since the question stood there, and what was seen of it."""
    began = asked.accepted_at or asked.intended_at
    return tuple(
        Moment(
            request=asked.message_id,
            kind=one[0],
            at=began + one[1] * SECOND,
            later=later,
            clock=clock,
            saw=one[2] if len(one) > 2 else "",
        )
        for one in told
    )


def line(number: int, asked: Request, kind: MessageKind, seconds: float, **changes: object) -> Reply:
    """Return a line of a chat, so many seconds after the question."""
    stamps = Stamps(at=(asked.accepted_at or asked.intended_at) + seconds * SECOND, source="page", why="observed")
    return reply(
        number,
        asked,
        kind,
        seconds * SECOND,
        **{
            "stamps": stamps,
            "sender": "webchat:anybody",
            "subject": "",
            "evidence": MatchEvidence.CONVERSATION,
            "because": (Reason(rule="deals-with-the-matter", saw="working days"),),
            **changes,
        },
    )


def kept(at: datetime, moment: MomentKind, picture: str = "", *, words: str = "") -> tuple[Kept, ...]:
    """Return what was kept of a page at one step: a picture by its name, and the page in words."""
    found = []
    if picture:
        raw = (PICTURES / f"chat-{picture}.jpg").read_bytes()
        found.append(Kept(moment=moment, at=at, media="image/jpeg", raw=raw))
    if words:
        found.append(Kept(moment=moment, at=at + SECOND / 10, media="text/plain", raw=words.encode()))
    return tuple(found)


def held(
    asked: Request,
    lines: tuple[tuple[Reply, str, Mark], ...] = (),
    moments: tuple[Moment, ...] = (),
    exhibits: tuple[Kept, ...] = (),
    **changes: object,
) -> Case:
    """Return a chat as the use case would make it."""
    found = case(
        asked,
        [one for one, _, _ in lines],
        standard=STANDARD,
        moments=moments,
        texts={one.message_id: text for one, text, _ in lines},
    )
    marks = {one.message_id: mark for one, _, mark in lines}
    return replace(found, exhibits=exhibits, marks=marks, told_again=asked.told_again, **changes)  # type: ignore[arg-type]


AGENT = Mark(Author.AGENT, "vendor-field: data-sender=operator")
BOT = Mark(Author.BOT, "vendor-field: data-sender=bot")
NOBODY = Mark(Author.UNKNOWN)
IS_BOT = (Reason(rule="says-it-is-a-bot", saw="virtual assistant"),)


def robot_first() -> Case:
    """Return the chat with everything in it: a robot that says so, a queue, somebody who joins and answers."""
    asked = chat(1, "lindqvist", START)
    moments = steps(
        asked,
        (MomentKind.OPENED, -8.2),
        (MomentKind.READY, -6.9),
        (MomentKind.GREETING, -6.1, GREETING),
        (MomentKind.SUBMITTED, 0),
        (MomentKind.ACCEPTED, 0.14),
        (MomentKind.QUEUED, 2.4, "You are number 3 in the queue"),
        (MomentKind.QUEUED, 20.1, "You are number 2 in the queue"),
        (MomentKind.QUEUED, 31.5, "You are number 1 in the queue"),
        (MomentKind.AGENT_JOINED, 41, "Jonas Vogt has joined"),
        (MomentKind.TYPING, 44),
        (MomentKind.TYPING, 47),
        (MomentKind.TYPING, 49),
        (MomentKind.TYPING, 51),
        (MomentKind.CLOSED, 180, "The chat has ended"),
    )
    lines = (
        (
            line(1, asked, MessageKind.BOT, 1.8, says_machine=True, because=IS_BOT),
            "I am the virtual assistant. I will look for a colleague.",
            BOT,
        ),
        (
            line(2, asked, MessageKind.ANSWER, 52.3),
            "Three to four working days, Ms Example. You get a link to follow it.",
            AGENT,
        ),
    )
    exhibits = (
        *kept(START - 6 * SECOND, MomentKind.OPENED, "opened"),
        *kept(START + SECOND, MomentKind.SUBMITTED, "submitted", words=PAGE),
        *kept(START + 53 * SECOND, MomentKind.FIRST_ANSWER, "first-answer"),
    )
    return held(asked, lines, moments, exhibits, greeted_as_machine=True)


def silent_robot(number: int = 3) -> Case:
    """Return a chat in which a robot spoke and said nothing of what it is, and nobody answered."""
    asked = chat(number, "lindqvist", START + 2 * DAY)
    moments = steps(
        asked,
        (MomentKind.OPENED, -5),
        (MomentKind.READY, -3),
        (MomentKind.SUBMITTED, 0),
        (MomentKind.QUEUED, 1, "Please wait"),
        (MomentKind.CLOSED, 900, "Nobody is free at the moment. Please try again later."),
    )
    bot = line(31, asked, MessageKind.BOT, 0.9, says_machine=False, because=(Reason(rule="form-letter"),))
    return held(asked, ((bot, "Thanks for reaching out! Somebody will be with you in a moment.", BOT),), moments)


def parked() -> Case:
    """Return a chat that waited longer than its page stayed open; the answer came while it was closed."""
    asked = chat(6, "lindqvist", START + 4 * DAY)
    told: list[Step] = [(MomentKind.OPENED, -4), (MomentKind.READY, -3), (MomentKind.SUBMITTED, 0)]
    for turn in range(1, 7):
        told += [(MomentKind.PARKED, 200 * turn), (MomentKind.REOPENED, 200 * turn + 190)]
    answer = line(61, asked, MessageKind.ANSWER, 1390)
    seen = Stamps(at=answer.stamps.at, source="seen", why="between two looks", earlier=190 * SECOND)
    answer = replace(answer, stamps=seen)
    return held(asked, ((answer, "Sorry for the wait: three to four working days.", NOBODY),), steps(asked, *told))


def shut(number: int, company: str, why: VoidReason, picture: str, saw: str) -> Case:
    """Return a try that led to nobody, with what the page showed."""
    asked = refused(number, company, START + number * DAY, why, saw)
    began = asked.intended_at
    seen = steps(asked, (MomentKind.OPENED, 2), (MomentKind.OFFLINE_FORM, 4, saw))
    if why is not VoidReason.OFFLINE:
        seen = seen[:1]
    found = held(asked, (), seen, kept(began + 4 * SECOND, MomentKind.OPENED, picture) if picture else ())
    tried = replace(found.attempts[0], outcome=AttemptOutcome.REFUSED, detail=saw, started_at=began + 5 * SECOND)
    return replace(found, attempts=(tried,))


def over_a_bridge(number: int, at: datetime, seconds: float, **changes: object) -> Case:
    """Return a question by WhatsApp over Matrix that was answered."""
    asked = chat(
        number,
        "lindqvist",
        at,
        **{"channel": "matrix", "network": "whatsapp", "target": "!room:hs.example", "account": "rooms", **changes},
    )
    told = ((MomentKind.DELIVERED, 0.6), (MomentKind.READ, seconds / 2), (MomentKind.TYPING, seconds - 8))
    stamps = Stamps(at=at + seconds * SECOND, source="platform", later=SECOND)
    answer = line(number * 10, asked, MessageKind.ANSWER, seconds, stamps=stamps)
    marked = ((answer, "Hi! Three to four working days.", Mark(Author.AGENT, "platform-flag: m.text")),)
    return held(asked, marked, steps(asked, *told, clock="server", later=SECOND))


def by_telephone() -> Case:
    """Return a call that a person made, who kept the time."""
    at = START + 3 * DAY
    asked = chat(
        20,
        "lindqvist",
        at,
        channel="manual",
        network="phone",
        target="+49 30 1234",
        account="me",
        origin=Origin.RECORDED,
    )
    asked = replace(asked, continues=4, accepted_uncertainty=SECOND)
    told = ((MomentKind.QUEUED, 4, "please hold the line"), (MomentKind.AGENT_JOINED, 95))
    stamps = Stamps(at=at + 130 * SECOND, source="seen", earlier=SECOND, later=SECOND)
    answer = line(201, asked, MessageKind.ANSWER, 130, stamps=stamps)
    return held(asked, ((answer, "Three to four working days.", NOBODY),), steps(asked, *told, clock="local"))


def in_chats() -> Material:
    """Return the whole week, of two companies."""
    quick = chat(2, "lindqvist", START + DAY)
    quick_lines = (
        (line(21, quick, MessageKind.INTERIM, 19), "Hi, I look it up, one minute.", AGENT),
        (line(22, quick, MessageKind.ANSWER, 66), "Three to four working days.", AGENT),
    )
    quick_steps = steps(quick, (MomentKind.OPENED, -4), (MomentKind.SUBMITTED, 0), (MomentKind.AGENT_JOINED, 12))
    doubtful = chat(12, "moss", START)
    unknown = line(121, doubtful, MessageKind.UNKNOWN, 5, because=(Reason(rule="nothing-to-judge"),))
    left = chat(13, "moss", START + DAY)
    bridged = over_a_bridge(10, START + 2 * DAY + 40 * MINUTE, 340, continues=3, told_again=True)
    came_back = chat(11, "lindqvist", START + 5 * DAY, channel="matrix", network="whatsapp", account="rooms")
    cases = [
        robot_first(),
        held(quick, quick_lines, quick_steps),
        silent_robot(),
        shut(4, "lindqvist", VoidReason.OFFLINE, "offline", "Nobody is there right now. Leave us a message."),
        shut(5, "lindqvist", VoidReason.CAPTCHA, "captcha", "Please show that you are a person."),
        parked(),
        shut(7, "lindqvist", VoidReason.RECIPE_BROKEN, "", "“#chat-open” is not on the page"),
        shut(8, "moss", VoidReason.WIDGET_ABSENT, "", "no frame of a chat within 30 s"),
        bridged,
        over_a_bridge(9, START + 6 * DAY, 75, continues=2, told_again=False),
        held(came_back, (), steps(came_back, (MomentKind.UNDELIVERED, 3, "FAIL_PERMANENT"), clock="server")),
        by_telephone(),
        held(doubtful, ((unknown, "Hi", NOBODY),), steps(doubtful, (MomentKind.SUBMITTED, 0))),
        held(left, (), steps(left, (MomentKind.SUBMITTED, 0), (MomentKind.LEFT, 65, "the browser ended"))),
        held(chat(14, "moss", START + 9 * DAY, channel="manual", network="threema", account="me")),
    ]
    return material(
        cases,
        standard=STANDARD,
        companies={
            key: CompanyView(key=key, name=name, relationship=Relationship.CONSENTED, zone="Europe/Berlin")
            for key, name in COMPANIES.items()
        },
        looks={"visitor": MADE_AT, "rooms": MADE_AT, "me": MADE_AT},
        ours=(PERSONA, "anna@example.org"),
        plan=("delivery-time: twice a week",),
    )


def hostile_chat(text: str) -> Material:
    """Return a chat in which everything that others write or show is `text`."""
    asked = chat(1, "moss", START, channel="matrix", network=text, void_detail=text)
    told = steps(asked, *((kind, float(number), text) for number, kind in enumerate(MomentKind)), clock=text)
    answer = line(1, asked, MessageKind.ANSWER, 99, sender=f"x:{text}", because=(Reason(rule=text, saw=text),))
    robot = line(2, asked, MessageKind.BOT, 98, says_machine=False, because=())
    lines = ((answer, text, Mark(Author.AGENT, text)), (robot, text, Mark(Author.BOT, text)))
    shots = (
        *kept(START, MomentKind.OPENED, "opened", words=text),
        Kept(moment=MomentKind.CLOSED, at=START, media=text, raw=text.encode("utf-8", "replace")),
        Kept(moment=MomentKind.CLOSED, at=START, media="image/svg+xml", raw=text.encode("utf-8", "replace")),
    )
    view = CompanyView(key="moss", name=text, relationship=Relationship.COMPETITOR, zone="Europe/Berlin")
    return material([held(asked, lines, told, shots)], standard=STANDARD, companies={"moss": view})

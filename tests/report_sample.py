"""A made-up period of eleven companies, each answering in its own way: what the report's tests are fed with.

Verdicts and waits come from the real waits.py, so that the report is never tested on figures that cannot occur.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from slawatch import pledges, promise
from slawatch.hours import Calendar, ServiceHours
from slawatch.model import (
    Attempt,
    AttemptOutcome,
    Delivery,
    DeliveryProof,
    FollowUp,
    Form,
    MatchEvidence,
    Measure,
    MessageKind,
    Moment,
    Objective,
    ObjectiveKind,
    Origin,
    Outcome,
    Promise,
    PromiseAbout,
    PublishedPromise,
    Purpose,
    Reason,
    Relationship,
    Reply,
    Request,
    Stamps,
    Standard,
    Strength,
    Text,
    Verdict,
    VoidReason,
    Writer,
    WrittenBy,
)
from slawatch.report.model import Blind, Case, CompanyView, Material
from slawatch.stretches import with_hours
from slawatch.waits import outcome

SINCE = datetime(2026, 3, 1, 23, tzinfo=UTC)
UNTIL = datetime(2026, 3, 29, 22, tzinfo=UTC)  # midnight in Berlin, after the change to summer time
MADE_AT = datetime(2026, 3, 30, 6, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EMAIL = Standard(
    objectives=(
        Objective(measure=Measure.FIRST_RESPONSE, kind=ObjectiveKind.MEAN, limit=HOUR),
        Objective(measure=Measure.ANSWER, kind=ObjectiveKind.SHARE, limit=DAY, at_least=0.9),
    ),
    window=timedelta(days=7),
)

# What comes back to a request: the kind and how long after it was taken over.
Script = list[tuple[MessageKind, timedelta]]
Behaviour = Callable[[random.Random], Script]


def _about(chance: random.Random, median: timedelta, spread: float = 0.5) -> timedelta:
    return timedelta(seconds=round(median.total_seconds() * chance.lognormvariate(0, spread)))


def prompt(chance: random.Random) -> Script:
    return [(MessageKind.ANSWER, _about(chance, 12 * MINUTE))]


def slow(chance: random.Random) -> Script:
    return [(MessageKind.ANSWER, _about(chance, 26 * HOUR, 0.7))]


def receipt_then_answer(chance: random.Random) -> Script:
    return [
        (MessageKind.ACKNOWLEDGEMENT, _about(chance, MINUTE)),
        (MessageKind.ANSWER, _about(chance, 50 * MINUTE, 0.8)),
    ]


def receipt_only(chance: random.Random) -> Script:
    return [(MessageKind.ACKNOWLEDGEMENT, _about(chance, MINUTE))]


def out_of_office(chance: random.Random) -> Script:
    script = [(MessageKind.OUT_OF_OFFICE, _about(chance, MINUTE))]
    return [*script, (MessageKind.ANSWER, _about(chance, 3 * DAY))] if chance.random() < 0.7 else script


def interim_then_answer(chance: random.Random) -> Script:
    first = _about(chance, 25 * MINUTE, 0.6)
    return [(MessageKind.INTERIM, first), (MessageKind.ANSWER, first + _about(chance, 20 * HOUR, 0.5))]


def asks_back(chance: random.Random) -> Script:
    first = _about(chance, 40 * MINUTE, 0.9)
    return [(MessageKind.QUESTION, first), (MessageKind.ANSWER, first + _about(chance, 9 * HOUR, 0.4))]


def three_days_is_normal(chance: random.Random) -> Script:
    first = _about(chance, 8 * MINUTE)
    late = chance.random() < 0.12
    return [
        (MessageKind.ACKNOWLEDGEMENT, first),
        (MessageKind.ANSWER, _about(chance, 9 * DAY if late else 2 * DAY, 0.2)),
    ]


def new_thread(chance: random.Random) -> Script:
    kind = MessageKind.UNKNOWN if chance.random() < 0.08 else MessageKind.ANSWER
    return [(kind, _about(chance, 32 * MINUTE, 1.2))]


def bounce(chance: random.Random) -> Script:
    return [(MessageKind.BOUNCE, _about(chance, MINUTE))] if chance.random() < 0.9 else []


def never(_: random.Random) -> Script:
    return []


COMPANIES: dict[str, tuple[str, Behaviour]] = {
    "alder-books": ("Alder & Finch Books", prompt),
    "brightwater": ("Brightwater Bicycles", slow),
    "cobalt": ("Cobalt Coffee Roasters", receipt_then_answer),
    "dunmore": ("Dunmore Outdoor", receipt_only),
    "elderflower": ("Elderflower Pharmacy", out_of_office),
    "fjord": ("Fjord Furniture", interim_then_answer),
    "glasshouse": ("Glasshouse Garden Centre", asks_back),
    "harrow": ("Harrow Hi-Fi", three_days_is_normal),
    "ivy-lane": ("Ivy Lane Toys", new_thread),
    "juniper": ("Juniper Textiles", bounce),
    "kestrel": ("Kestrel Tools", never),
}

SAYINGS = {
    MessageKind.ANSWER: "Dear Ms Berger, delivery to Munich takes three to four working days. You may return anything "
    "within 30 days; we send you a label. Kind regards, the service team",
    MessageKind.INTERIM: "Thank you for your question. I have to ask our warehouse and will write again by tomorrow.",
    MessageKind.QUESTION: "Happy to help! Which of the two models do you mean, the one with or the one without a lamp?",
    MessageKind.ACKNOWLEDGEMENT: "We have received your message and will answer as soon as possible. Ticket 48213.",
    MessageKind.OUT_OF_OFFICE: "I am out of the office and will read your message when I am back.",
    MessageKind.BOUNCE: "550 5.1.1 The email account that you tried to reach does not exist.",
    MessageKind.UNKNOWN: "see our help pages",
}
ROUND_THE_CLOCK = Calendar(ServiceHours(), "Europe/Berlin")
OFFICE = Calendar(ServiceHours(weekly=(((9 * 3600, 17 * 3600),),) * 5 + ((), ())), "Europe/Berlin")
OPEN_IN_OFFICE_HOURS = {"alder-books", "brightwater", "cobalt", "harrow"}
PUBLISHED = {
    ("brightwater", "email"): PublishedPromise(
        within=DAY, source="https://brightwater.example/contact", seen=date(2026, 3, 1)
    ),
    ("harrow", "email"): PublishedPromise(business_days=1, source="its automatic receipt"),
}
RECEIPTS = {
    "harrow": "Thank you. Your message has arrived. We reply within two business days. Ticket 48213.",
    "cobalt": "We have received your message and will reply within 2 hours of opening time. Ticket 48213.",
}


def saying(one: Reply) -> str:
    """Return what a reply says."""
    company = one.sender.partition("@")[2].removesuffix(".example")
    if one.kind is MessageKind.ACKNOWLEDGEMENT:
        return RECEIPTS.get(company, SAYINGS[one.kind])
    return SAYINGS.get(one.kind, "")


RULES = {
    MessageKind.ANSWER: Reason(rule="expected-fact", saw="working days"),
    MessageKind.INTERIM: Reason(rule="will-write-again", saw="will write again by tomorrow"),
    MessageKind.QUESTION: Reason(rule="asks-back", saw="Which of the two models"),
    MessageKind.ACKNOWLEDGEMENT: Reason(rule="header", saw="Auto-Submitted: auto-replied"),
    MessageKind.OUT_OF_OFFICE: Reason(rule="header", saw="Auto-Submitted: auto-replied"),
    MessageKind.BOUNCE: Reason(rule="delivery-status", saw="5.1.1"),
    MessageKind.UNKNOWN: Reason(rule="no-rule-fired"),
}


def token(number: int) -> str:
    """Return a token as it might be: 12 characters, different for each request."""
    return "".join("abcdefghijkmnpqrstuvwxyz23456789"[(number * 7 + place * number) % 32] for place in range(12))


def request(number: int, company: str, accepted_at: datetime, **changes: object) -> Request:
    """Return a request that was sent by e-mail and accepted at the given instant."""
    name = COMPANIES[company][0] if company in COMPANIES else company
    fields: dict[str, object] = {
        "id": number,
        "public_id": f"R-{number:04}",
        "origin": Origin.SENT,
        "company": company,
        "channel": "email",
        "target": f"service@{company}.example",
        "account": "main",
        "text": Text(
            probe="delivery-time",
            lang="en",
            variant=number % 4,
            subject=f"How long is delivery to Munich? ({token(number)})",
            body=f"Dear {name}, …",
        ),
        "token": token(number),
        "message_id": f"m{number}.{token(number)}@tester.example",
        "delivery": Delivery.SENT,
        "due_at": accepted_at - 5 * MINUTE,
        "zone": "Europe/Berlin",
        "intended_at": accepted_at - timedelta(seconds=4),
        "accepted_at": accepted_at,
        "accepted_uncertainty": timedelta(milliseconds=300),
        "made_up": True,
        **changes,
    }
    return Request(**fields)  # type: ignore[arg-type]


def reply(message_id: int, asked: Request, kind: MessageKind, after: timedelta, **changes: object) -> Reply:
    """Return a reply that came so long after its request was accepted."""
    assert asked.accepted_at is not None
    fields: dict[str, object] = {
        "message_id": message_id,
        "request_id": asked.id,
        "kind": kind,
        "stamps": Stamps(at=asked.accepted_at + after, source="own-mx", later=timedelta(seconds=1)),
        "evidence": MatchEvidence.DELIVERED_TO,
        "strength": Strength.CERTAIN,
        "because": (RULES.get(kind, Reason(rule="no-rule-fired")),),
        "sender": f"service@{asked.company}.example",
        "subject": f"Re: {asked.text.subject}",
        **changes,
    }
    return Reply(**fields)  # type: ignore[arg-type]


def case(
    asked: Request,
    replies: Iterable[Reply] = (),
    *,
    standard: Standard = EMAIL,
    observed_until: datetime = MADE_AT,
    texts: dict[int, str] | None = None,
    follow_ups: tuple[FollowUp, ...] = (),
    calendar: Calendar = ROUND_THE_CLOCK,
    published: PublishedPromise | None = None,
    moments: tuple[Moment, ...] = (),
) -> Case:
    """Return a case as the use case would make it."""
    came = tuple(reply for reply in replies if reply.stamps.at <= observed_until)

    def became(*, count_unknown: bool) -> Outcome:
        found = outcome(
            asked,
            came,
            standard=standard,
            observed_until=observed_until,
            follow_ups=follow_ups,
            moments=moments,
            count_unknown=count_unknown,
        )
        if found.verdict is Verdict.VOID:
            return found
        found = with_hours(found, asked, came, follow_ups, calendar=calendar, window=standard.window)
        promised = pledges.judge(asked, came, follow_ups, calendar=calendar, observed_until=observed_until)
        return replace(found, pledges=promised)

    due = None
    if published is not None and asked.accepted_at is not None:
        said = Promise(
            quote="", about=PromiseAbout.REPLY, within=published.within, business_days=published.business_days
        )
        due = pledges.due_at(said, asked.accepted_at, calendar)
    return Case(
        request=asked,
        outcome=became(count_unknown=False),
        outcome_counting_unknown=became(count_unknown=True),
        follow_ups=follow_ups,
        published_until=due,
        moments=moments,
        replies=came,
        texts=texts if texts is not None else {reply.message_id: saying(reply) for reply in came},
        attempts=(
            Attempt(
                id=asked.id,
                request_id=asked.id,
                number=1,
                envelope_id=f"env-{token(asked.id)}",
                started_at=asked.intended_at + timedelta(seconds=1),
                ended_at=asked.accepted_at,
                outcome=AttemptOutcome.SENT,
            ),
        ),
    )


def material(cases: Iterable[Case], *, standard: Standard = EMAIL, **changes: object) -> Material:
    """Return the material of some cases; companies that are not among the eleven get their key as name."""
    together = tuple(cases)
    keys = {one.request.company for one in together}
    ways = {(one.request.company, one.request.way) for one in together}
    fields: dict[str, object] = {
        "cases": together,
        "companies": {
            key: CompanyView(
                key=key,
                name=COMPANIES[key][0] if key in COMPANIES else key,
                relationship=Relationship.CONSENTED,
                zone="Europe/Berlin",
            )
            for key in keys
        },
        "standards": dict.fromkeys(ways, standard),
        "since": SINCE,
        "until": UNTIL,
        "made_at": MADE_AT,
        "zone": "Europe/Berlin",
        "looks": {"main": MADE_AT},
        "version": "0.1.0",
        "config_digest": "3f1c9a6f",
        **changes,
    }
    return Material(**fields)  # type: ignore[arg-type]


def four_weeks(seed: str = "four weeks", per_company: int = 40) -> Material:
    """Return four weeks of all eleven companies, about `per_company` requests each."""
    chance = random.Random(seed)  # noqa: S311 - a period that never was, no secret
    cases = []
    message_id = 0
    for index, (company, (_, behave)) in enumerate(COMPANIES.items()):
        for turn in range(per_company):
            spread = (UNTIL - SINCE) * (turn + chance.random()) / per_company
            number = 1 + index * per_company + turn
            asked = request(
                number,
                company,
                SINCE + spread,
                proof=DeliveryProof.PROVEN if chance.random() < 0.5 else DeliveryProof.PRESUMED,
            )
            if company == "kestrel" and turn == per_company // 2:
                cases.append(_refused(asked))
                continue
            replies = []
            for kind, after in behave(chance):
                message_id += 1
                replies.append(_in_full(reply(message_id, asked, kind, after), turn))
            if company == "ivy-lane" and turn in {7, 27}:
                message_id += 1
                replies.append(_doubtful(message_id, asked, Writer.STRANGER if turn == 7 else Writer.FORGED))
            calendar = OFFICE if company in OPEN_IN_OFFICE_HOURS else ROUND_THE_CLOCK
            said = PUBLISHED.get((company, "email"))
            ours = tuple(_follow_up(one) for one in replies if one.kind is MessageKind.QUESTION and turn % 8)
            cases.append(case(asked, replies, calendar=calendar, published=said, follow_ups=ours))
    return material(
        cases,
        blind=(
            Blind(
                "main", SINCE + 9 * DAY, SINCE + 9 * DAY + 3 * HOUR, "IMAP: connection refused by mail.tester.example"
            ),
        ),
        review_waiting=sum(one.outcome.in_review for one in cases),
        published=PUBLISHED,
        made_up_seed=seed,
        plan=("delivery-time, opening-hours, return-terms: every 16 h 48 min to each company, all days, any hour",),
    )


def _in_full(one: Reply, turn: int) -> Reply:
    """Return the reply with what its text promises, whether it is complete, and now and then by somebody else."""
    company = one.sender.partition("@")[2].removesuffix(".example")
    at = one.stamps.at
    one = replace(one, promises=promise.find(saying(one), at=at, zone="Europe/Berlin"))
    if one.kind is MessageKind.ANSWER and company in {"alder-books", "brightwater"}:
        one = replace(one, complete=bool(turn % 5))
    return one


def _doubtful(message_id: int, asked: Request, writer: Writer) -> Reply:
    """Return an answer that is not surely the company's."""
    return reply(
        message_id,
        asked,
        MessageKind.ANSWER,
        5 * MINUTE,
        written_by=WrittenBy(writer=writer, saw="mail.example"),
        sender="anna@mail.example",
    )


def _follow_up(question: Reply) -> FollowUp:
    sent_at = question.stamps.at + 3 * HOUR
    return FollowUp(
        id=question.message_id,
        request_id=question.request_id,
        message_id=question.message_id,
        purpose=Purpose.REPLY,
        subject=f"Re: {question.subject}",
        body="I mean the one with a lamp. Thank you!",
        own_id=f"f{question.message_id}@tester.example",
        envelope_id=f"slw-f{question.message_id}",
        delivery=Delivery.SENT,
        intended_at=sent_at,
        sent_at=sent_at,
    )


POST_STANDARD = Standard(
    objectives=(
        Objective(measure=Measure.FIRST_RESPONSE, kind=ObjectiveKind.SHARE, limit=timedelta(minutes=5), at_least=0.9),
        Objective(measure=Measure.ANSWER, kind=ObjectiveKind.SHARE, limit=HOUR, at_least=0.9),
    ),
    window=timedelta(days=5),
)
QUESTION = "Do you repair what you sell, or does somebody else do that?"


def posted(number: int, company: str, at: datetime, **changes: object) -> Request:
    """Return a question that was posted on X."""
    return request(
        number,
        company,
        at,
        **{
            "channel": "twitter",
            "target": f"@{company}",
            "account": "public",
            "text": Text(probe="repairs", lang="en", variant=0, subject="", body=QUESTION, form=Form.POST),
            "remote_id": f"twitter:{10**18 + number}",
            "intended_at": at,
            "accepted_uncertainty": timedelta(milliseconds=1),
            "proof": DeliveryProof.PROVEN,
            "made_up": False,
            **changes,
        },
    )


def post_reply(message_id: int, asked: Request, kind: MessageKind, after: timedelta, **changes: object) -> Reply:
    """Return a post below a question, of the company's or with `written_by` of somebody else."""
    stamps = Stamps(at=(asked.accepted_at or asked.intended_at) + after, source="snowflake")
    return reply(
        message_id,
        asked,
        kind,
        after,
        **{"sender": "twitter:42", "subject": "", "stamps": stamps, "evidence": MatchEvidence.CITED_ID, **changes},
    )


def in_public() -> Material:
    """Return a month on X: answered, handed off, deleted, missed for sure, not observable, by hand, and observed."""
    asked = [posted(number, "cobalt", SINCE + number * DAY) for number in range(1, 7)]
    asked[3] = replace(asked[3], verified_at=SINCE + 12 * DAY)
    asked[4] = replace(asked[4], void_reason=VoidReason.NOT_OBSERVED, void_detail="not observable: the search is over")
    asked[5] = replace(asked[5], origin=Origin.ADOPTED)
    stranger = WrittenBy(writer=Writer.BYSTANDER, saw="twitter:77")
    grumble = post_reply(1, asked[0], MessageKind.UNKNOWN, MINUTE, sender="twitter:77", written_by=stranger)
    answer = post_reply(2, asked[0], MessageKind.ANSWER, 4 * MINUTE)
    handoff = post_reply(3, asked[1], MessageKind.HANDOFF, 3 * MINUTE)
    gone = post_reply(4, asked[2], MessageKind.ANSWER, 9 * MINUTE)
    by_hand = post_reply(5, asked[5], MessageKind.ANSWER, 2 * MINUTE)
    nobody = Text(probe="observed", lang="en", variant=0, subject="", body="", form=Form.POST)
    seen = posted(20, "cobalt", SINCE + 2 * DAY, origin=Origin.OBSERVED, text=nobody)
    theirs = post_reply(6, seen, MessageKind.ANSWER, 30 * MINUTE)
    texts = {
        1: "They never reply, says GRUMBLER.",
        2: "Yes, in our own workshop. ^OC",
        3: "Please send us a DM.",
        5: "We do.",
        6: "Until six.",
    }
    handles = dict.fromkeys((2, 3, 4, 5, 6), "@cobalt_help") | {1: "@grumbler"}
    cases = []
    for one, came in ((asked[0], [grumble, answer]), (asked[1], [handoff]), (asked[2], [gone]), (asked[3], [])):
        cases.append(case(one, came, standard=POST_STANDARD, texts=texts))
    cases += [
        case(asked[4], [], standard=POST_STANDARD),
        case(asked[5], [by_hand], standard=POST_STANDARD, texts=texts),
        case(seen, [theirs], standard=POST_STANDARD, texts=texts),
    ]
    cases = [replace(one, handles=handles, deleted=frozenset({4})) for one in cases]
    return material(
        cases, standard=POST_STANDARD, looks={"public": MADE_AT}, skipped=2, costs={"public": 0.343}, plan=("X",)
    )


def hostile(text: str) -> Material:
    """Return material in which everything that others write, down to the company's name, is `text`."""
    asked = request(1, "evil", SINCE)
    asked = replace(asked, text=replace(asked.text, subject=text))
    came = [
        reply(
            number,
            asked,
            kind,
            number * MINUTE,
            subject=text,
            sender=f"x@{text}",
            because=(Reason(rule=text, saw=text),),
        )
        for number, kind in enumerate(MessageKind, start=1)
    ]
    answered = case(asked, came, texts={one.message_id: text for one in came})
    open_one = case(request(2, "evil", MADE_AT - HOUR))
    refused = _refused(request(3, "evil", SINCE))
    refused = replace(refused, request=replace(refused.request, void_detail=text))
    view = CompanyView(key="evil", name=text, relationship=Relationship.COMPETITOR, zone="Europe/Berlin")
    return material(
        [answered, open_one, refused],
        companies={"evil": view},
        blind=(Blind(text, SINCE, None, text),),
        looks={text: MADE_AT},
        plan=(text,),
        version=text,
        config_digest=text,
        made_up_seed=text,
    )


def _refused(asked: Request) -> Case:
    return case(
        replace(
            asked,
            delivery=Delivery.REFUSED,
            accepted_at=None,
            void_reason=VoidReason.REFUSED,
            void_detail="550 5.7.1 Message rejected due to local policy",
        )
    )

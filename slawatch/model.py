"""The words slawatch thinks in, as frozen values. No I/O, no clock, no decisions beyond what a word means.

Instants are aware and in UTC (clock.py); addresses are lower case but for targets on a channel that KEEPS_CASE;
Message-IDs are without angle brackets and lower case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

ZERO = timedelta(0)


class MessageKind(StrEnum):
    """What a message that came in is (docs/explanation.md, "Kinds of messages")."""

    ANSWER = "answer"
    INTERIM = "interim"
    QUESTION = "question"
    HANDOFF = "handoff"
    REFUSAL = "refusal"
    ACKNOWLEDGEMENT = "acknowledgement"
    OUT_OF_OFFICE = "out-of-office"
    BOT = "bot"
    BOUNCE = "bounce"
    DELAY_NOTICE = "delay-notice"
    DELIVERY_RECEIPT = "delivery-receipt"
    READ_RECEIPT = "read-receipt"
    ABUSE_REPORT = "abuse-report"
    BULK = "bulk"
    UNKNOWN = "unknown"

    @property
    def by_person(self) -> bool:
        """Whether a person wrote it; these end the wait for the first response."""
        return self in _BY_PERSON

    @property
    def automatic(self) -> bool | None:
        """True where a machine wrote it, False for a person, None where that is not known."""
        if self is MessageKind.UNKNOWN:
            return None
        return self not in _BY_PERSON


_BY_PERSON = frozenset(
    {
        MessageKind.ANSWER,
        MessageKind.INTERIM,
        MessageKind.QUESTION,
        MessageKind.HANDOFF,
        MessageKind.REFUSAL,
    }
)


class Relationship(StrEnum):
    """How the user stands to a company; sets burden limits and wording."""

    OWN = "own"
    CONSENTED = "consented"
    COMPETITOR = "competitor"
    PUBLIC_INTEREST = "public_interest"


class SlotState(StrEnum):
    """A planned sending time: planned, then claimed by one worker, then closed."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    CLOSED = "closed"


class Delivery(StrEnum):
    """How far a request got; the only state a request has."""

    INTENDED = "intended"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    SKIPPED = "skipped"  # prepared for a person, who did not post it in time: nobody was asked, so nothing is void


class Form(StrEnum):
    """In which form something is asked: a letter with a subject, a short public post, or a line in a chat."""

    LETTER = "letter"
    POST = "post"
    CHAT = "chat"


class Mode(StrEnum):
    """Who asks where everybody can read it (docs/explanation.md, "Asking in public")."""

    AUTO = "auto"  # slawatch posts by itself
    ASSISTED = "assisted"  # a person posts what slawatch has prepared
    OBSERVE = "observe"  # nobody asks: other people's questions are timed


class Origin(StrEnum):
    """Who asked; observed requests never share a group with the others."""

    SENT = "sent"
    ADOPTED = "adopted"
    OBSERVED = "observed"
    RECORDED = "recorded"
    IMPORTED = "imported"


class Verdict(StrEnum):
    """What became of a request's first response; derived, never stored as a state."""

    ANSWERED = "answered"
    MISSED = "missed"
    PENDING = "pending"
    VOID = "void"


class VoidReason(StrEnum):
    """Why a request stands outside the count: our side failed, or it never arrived."""

    REFUSED = "refused"
    BOUNCED = "bounced"
    UNCERTAIN = "uncertain"
    WITHDRAWN = "withdrawn"
    NOT_OBSERVED = "not-observed"
    NOT_SENT = "not-sent"
    # A way that is advertised, and led to nobody. It was no question yet, so nobody left it unanswered.
    OFFLINE = "offline"
    WIDGET_ABSENT = "widget-absent"
    BLOCKED = "blocked"
    CAPTCHA = "captcha"
    # Our own means failed.
    RECIPE_BROKEN = "recipe-broken"
    PROBE_ERROR = "probe-error"

    @property
    def theirs(self) -> bool:
        """Whether their side let nobody in: "advertised but not reachable"."""
        return self in _NOT_REACHABLE

    @property
    def ours(self) -> bool:
        """Whether our own means failed: that says nothing of their side."""
        return self in _OUR_MEANS


_OUR_MEANS = frozenset({VoidReason.RECIPE_BROKEN, VoidReason.PROBE_ERROR})
_NOT_REACHABLE = frozenset({VoidReason.OFFLINE, VoidReason.WIDGET_ABSENT, VoidReason.BLOCKED, VoidReason.CAPTCHA})


class DeliveryProof(StrEnum):
    """Whether the company's side is known to have taken the request over."""

    PROVEN = "proven"
    PRESUMED = "presumed"


class Strength(StrEnum):
    """How sure a match is; weak ones wait for a person and count nowhere."""

    CERTAIN = "certain"
    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"


class MatchEvidence(StrEnum):
    """What tied a message to a request, in the order it is looked for."""

    ENVELOPE_ID = "envelope-id"
    EMBEDDED_MESSAGE_ID = "embedded-message-id"
    DELIVERED_TO = "delivered-to"
    CITED_ID = "cited-id"
    CONVERSATION = "conversation"
    RECIPIENT = "recipient"
    SUBJECT = "subject"
    TICKET = "ticket"
    BODY = "body"
    THREAD = "thread"
    SOLE_OPEN = "sole-open"
    PLATFORM_ID = "platform-id"
    BY_HAND = "by-hand"


class Writer(StrEnum):
    """Who wrote a message, as far as that can be told; a company is credited only with its own."""

    COMPANY = "company"  # from one of its domains, and nothing speaks against that
    SYSTEM = "system"  # a mail system: bounces and receipts come from wherever they arose
    STRANGER = "stranger"  # not known to be the company's, but it may well be: a person looks at it
    BYSTANDER = "bystander"  # anybody else who joined in where everybody can read it; of no concern to anyone
    FORGED = "forged"  # from its domain by name, but our own server could not confirm that


class Author(StrEnum):
    """Who wrote a line of a chat, as the far side's own marks say; what they do not say stays unknown."""

    AGENT = "agent"
    BOT = "bot"
    OURSELVES = "ourselves"
    UNKNOWN = "unknown"


class MomentKind(StrEnum):
    """What happened in a chat beside its messages (docs/explanation.md, "Chats")."""

    OPENED = "opened"  # the page is there
    READY = "ready"  # the widget's input takes text
    GREETING = "greeting"  # what stood there before we said anything
    SUBMITTED = "submitted"  # our own text appeared
    ACCEPTED = "accepted"  # the far side confirmed it
    DELIVERED = "delivered"  # to the company's device
    READ = "read"
    QUEUED = "queued"
    TYPING = "typing"
    AGENT_JOINED = "agent-joined"
    AGENT_LEFT = "agent-left"
    NOTICE = "notice"  # a line of the system's own
    CLOSED = "closed"  # by the company or its system; we see as well as ever that nothing comes
    OFFLINE_FORM = "offline-form"
    UNDELIVERED = "undelivered"  # it came back: not the company's silence
    PARKED = "parked"  # the page is closed for now; what comes meanwhile is seen later
    REOPENED = "reopened"
    FIRST_ANSWER = "first-answer"  # an exhibit's only: the message itself says when
    LEFT = "left"  # from here on an answer would go unseen


class PromiseAbout(StrEnum):
    """What somebody says will happen by then."""

    REPLY = "reply"
    MATTER = "matter"  # what the letter is about will be done, sent, repaired
    RETURN = "return"  # a person will be back


class PledgeState(StrEnum):
    """What became of a promise. One that nothing we can see decides (a person's return) is not judged."""

    KEPT = "kept"
    BROKEN = "broken"
    RUNNING = "running"
    NOT_JUDGED = "not-judged"


class Purpose(StrEnum):
    """Why we write once more after a request."""

    REPLY = "reply"  # we were asked back
    THANKS = "thanks"


class AttemptOutcome(StrEnum):
    """How one try to send ended; `STARTED` is an attempt whose process has not reported back."""

    STARTED = "started"
    SENT = "sent"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"


class ObjectiveKind(StrEnum):
    """A limit on the mean, or on the share within a time."""

    MEAN = "mean"
    SHARE = "share"


class Measure(StrEnum):
    """Which wait an objective is about."""

    FIRST_RESPONSE = "first_response"
    ANSWER = "answer"


class Result(StrEnum):
    """The plain count of the period, with no claim beyond it."""

    MET = "met"
    NOT_MET = "not_met"
    NO_DATA = "no_data"


class Proof(StrEnum):
    """What the 95 % interval allows to claim."""

    MET = "proven_met"
    NOT_MET = "proven_not_met"
    NOT_PROVEN = "not_proven"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A rule that fired, by its id, with what it saw; words for the id stand in reports/*.toml under [rule]."""

    rule: str
    saw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """The value an indicator is held to.

    kind MEAN: restricted mean <= limit (`at_least` is None). kind SHARE: share within `limit` >= `at_least` (0..1).
    With `in_hours` the waits are those in service hours, and `limit` is service time.
    """

    measure: Measure
    kind: ObjectiveKind
    limit: timedelta
    at_least: float | None = None
    in_hours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """What a company is held to on one channel: its objectives and when a request counts as missed."""

    objectives: tuple[Objective, ...]
    window: timedelta
    late: timedelta = timedelta(days=30)


class OfferState(StrEnum):
    """Whether a company can be reached on a way, as a person or our own tries found."""

    OFFERED = "offered"
    HIDDEN = "hidden"  # it works, but hardly anybody would find it
    DEAD = "dead"  # advertised, and leads to nobody
    NOT_OFFERED = "not_offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """That a company offers a way, or not: by whose word (`source`: a page, or "" for our own tries) and since when."""

    company: str
    way: str
    state: OfferState
    source: str = ""
    seen: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """How long a customer waited; a lower bound while `ended` is False.

    The true wait lies between length - shorter and length + longer (stamps of two clocks, whole seconds).
    """

    length: timedelta
    ended: bool
    shorter: timedelta = ZERO
    longer: timedelta = ZERO

    def within(self, limit: timedelta) -> bool | None:
        """Whether the wait kept to the limit, which itself is in time; None while it may still do either.

        An open wait as long as the limit has broken it: at equal length an ended wait is the shorter one.
        """
        if self.ended:
            return self.length <= limit
        return False if self.length >= limit else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One step of a chat, between `at` - `earlier` and `at` + `later`; the same one may come in again.

    `request` is the request's `message_id`. `clock` says whose clock it is by: "page", "server" or "local". `saw` is
    what showed it, in the far side's own words: a position in the queue, a greeting, a name.
    """

    request: str
    kind: MomentKind
    at: datetime
    earlier: timedelta = ZERO
    later: timedelta = ZERO
    clock: str = "local"
    saw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """A picture, or the page in words, of a chat at one moment; `media` is its type, like "image/jpeg"."""

    request: str
    moment: MomentKind
    at: datetime
    media: str
    raw: bytes
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What is to be asked, fully worded: the output of choosing a probe, a language and a variant."""

    probe: str
    lang: str
    variant: int
    subject: str
    body: str
    form: Form = Form.LETTER


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One wording; may hold the placeholders {company}, {name} and (in the subject, exactly once) {reference}."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A probe in one language.

    `expects` names what a complete answer holds; `follow_up` is what we truthfully say when asked back. `posts` are the
    wordings for a short public post or a chat, without whom it is addressed to, and `post_follow_up` what we say there;
    a probe that is for letters alone has none.
    """

    variants: tuple[Variant, ...]
    expects: tuple[str, ...]
    follow_up: str
    posts: tuple[str, ...] = ()
    post_follow_up: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What is asked. `customer` is True where only a real customer can ask it truthfully."""

    name: str
    wordings: Mapping[str, Wording]
    tags: tuple[str, ...] = ()
    customer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A text that once went to a company, for the rule that none goes twice within 180 days."""

    company: str
    channel: str
    probe: str
    lang: str
    variant: int
    at: datetime
    open: bool = False
    form: Form = Form.LETTER


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A planned sending time. `key` is unique for ever, whatever is planned again.

    `put_off_until` is set while a limit holds it back, `why` says which, or why it was closed without a request.
    `continues` is the request whose matter is to be taken up again.
    """

    key: str
    company: str
    channel: str
    target: str
    account: str
    due_at: datetime
    zone: str
    id: int = 0
    state: SlotState = SlotState.PLANNED
    campaign: int | None = None
    put_off_until: datetime | None = None
    why: str = ""
    continues: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One sending of a probe to a target.

    `public_id` is shown in reports and commands; `token` is secret (whoever knows it can forge a reply) and is never
    shown outside the evidence. `accepted_at` is when the company's side, as far as we know, took the request over; it
    may be off by `accepted_uncertainty` to either side. `submitted_at` is when our own server did, by our clock, and
    stays what it is when a delivery report knows better of the company's. `copy_received_at` is our own server's stamp
    on our own Bcc copy. `remote_id` is what a platform calls it, as "platform:id", "" where there is no such name.
    `verified_at` is when, after the window had closed, the far side was asked once more whether there really is no
    answer. `asked_by` is the keyed hash of who asked what was merely observed. `network` is what it went over where the
    channel is only the way there ("whatsapp" over a bridge, "phone" by hand). `continues` is the request whose matter
    it takes up on another way, `told_again` whether we had to tell everything again there, as a person noted it.
    """

    id: int
    public_id: str
    origin: Origin
    company: str
    channel: str
    target: str
    account: str
    text: Text
    token: str
    message_id: str
    delivery: Delivery
    due_at: datetime
    zone: str
    intended_at: datetime
    accepted_at: datetime | None = None
    accepted_uncertainty: timedelta = ZERO
    submitted_at: datetime | None = None
    submitted_uncertainty: timedelta = ZERO
    proof: DeliveryProof = DeliveryProof.PRESUMED
    copy_received_at: datetime | None = None
    void_reason: VoidReason | None = None
    void_detail: str = ""
    next_attempt_at: datetime | None = None
    slot_id: int | None = None
    campaign: int | None = None
    made_up: bool = False
    remote_id: str = ""
    verified_at: datetime | None = None
    asked_by: str = ""
    network: str = ""
    continues: int | None = None
    told_again: bool | None = None

    @property
    def way(self) -> str:
        """What figures are given for: the network where the channel only leads there, else the channel."""
        return self.network or self.channel

    def remote_id_of(self, sent_as: str) -> str:
        """Return what a platform calls what was sent for it; "" for a letter, whose name is its Message-ID."""
        return "" if self.text.form is Form.LETTER else sent_as


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to send a request; its ENVID comes back in delivery reports."""

    id: int
    request_id: int
    number: int
    envelope_id: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: AttemptOutcome = AttemptOutcome.STARTED
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamps:
    """Every time a message carries, and the one chosen. The true arrival lies in [at - earlier, at + later].

    `source` names the chosen one: "own-mx" (the Received header our own server wrote), "internaldate", "received"
    (the newest Received), "platform", "page" or "seen"; `why` says what spoke for it or against the others.
    """

    at: datetime
    source: str
    why: str = ""
    earlier: timedelta = ZERO
    later: timedelta = ZERO
    internal_at: datetime | None = None
    date_header_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The machine-readable part of a report: delivery status (RFC 3464), disposition (8098) or feedback (5965)."""

    type: str  # "delivery-status", "disposition-notification", "feedback-report"
    action: str = ""  # failed, delayed, delivered, relayed, expanded
    status: str = ""  # 5.1.1
    recipient: str = ""
    remote_mta: str = ""
    diagnostic: str = ""
    envelope_id: str = ""
    at: datetime | None = None  # Last-Attempt-Date; many servers (Postfix) do not state it


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a message says of itself, read from its raw evidence without judging; the common ground of all channels.

    `text` is what the writer wrote anew, `signature` what stands below its "-- ", `quoted` what they repeated.
    `subjects` holds every plausible reading of the subject (decoded, raw, repaired), the best first. `headers` maps
    lower-case names to all their values. `trace` holds (name, value) of what servers wrote on top on the way, the
    newest first (Received and Authentication-Results): only their order tells ours from what came in with the letter.
    `readable` is False where the raw form could not be parsed: such a message still counts as "something arrived".

    Of a post on a platform: ids are "platform:id" throughout, `sender` is its author's. `cited_ids` names the post it
    replies to and the one its `conversation` began with. `direct` ones only we can read. `affiliations` are the
    accounts, as ids, and the domains that the platform itself confirms the author to belong to.

    Of a line in a chat `chat` is the address of the target that it is held with, "" for all else. `conversation` is the
    request's `message_id` where the chat is that request's alone, `cited_ids` what the line says it replies to.
    `author` is who wrote it by the far side's own marks, and `author_by` the mark, like "platform-flag: m.notice".
    `network` as in Request.
    """

    sender: str = ""
    sender_name: str = ""
    recipients: tuple[str, ...] = ()
    delivered_to: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ("",)
    own_id: str = ""
    cited_ids: tuple[str, ...] = ()
    embedded_ids: tuple[str, ...] = ()
    reports: tuple[Report, ...] = ()
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    trace: tuple[tuple[str, str], ...] = ()
    text: str = ""
    signature: str = ""
    quoted: str = ""
    readable: bool = True
    platform: str = ""
    conversation: str = ""
    direct: bool = False
    affiliations: tuple[str, ...] = ()
    chat: str = ""
    author: Author = Author.UNKNOWN
    author_by: str = ""
    network: str = ""

    @property
    def subject(self) -> str:
        """The best reading of the subject."""
        return self.subjects[0] if self.subjects else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A message as a channel hands it over: raw evidence first, untouched.

    `remote_id` is unique within the account and the same on every look (for e-mail "folder/uidvalidity/uid").
    """

    remote_id: str
    folder: str
    raw: bytes
    stamps: Stamps
    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An incoming message as stored; `sha256` names its raw evidence. `duplicate_of` is the first copy's id.

    `gone_at` is when we noticed that its author had deleted it, `purged_at` when its text was therefore thrown away.
    """

    id: int
    account: str
    channel: str
    remote_id: str
    folder: str
    sha256: str
    own_id: str
    sender: str
    subject: str
    stamps: Stamps
    seen_at: datetime
    duplicate_of: int | None = None
    gone_at: datetime | None = None
    purged_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenBy:
    """Who wrote a message, seen from one request's company, and what says so."""

    writer: Writer = Writer.COMPANY
    saw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tied:
    """What tied a message to one request."""

    evidence: MatchEvidence
    strength: Strength
    saw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which requests a message belongs to, and what tied it to them.

    Several ids with strength WEAK are candidates of which a person must choose. `evidence`, `strength` and `saw` are
    the best there is; `ties` holds by request id what tied it to the others, where that is less. `writers` says by
    request id who wrote it; a request that is not in it was replied to by its company.
    """

    request_ids: tuple[int, ...]
    evidence: MatchEvidence
    strength: Strength
    saw: str = ""
    ties: Mapping[int, Tied] = field(default_factory=dict)
    writers: Mapping[int, WrittenBy] = field(default_factory=dict)

    def tied(self, request_id: int) -> Tied:
        """Return what tied it to that request."""
        return self.ties.get(request_id) or Tied(evidence=self.evidence, strength=self.strength, saw=self.saw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What a letter promises: one amount of time or one date, and the sentence that says so.

    `within` counts by the clock from the letter's arrival, `business_days` and `business_time` in the company's
    calendar; `due_at` is the last instant of a date they named. Exactly one of the four is set.
    """

    quote: str
    about: PromiseAbout
    within: timedelta | None = None
    business_days: int | None = None
    business_time: timedelta | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pledge:
    """A promise made in one reply, its last instant in the company's calendar, and what became of it.

    `decided_at` is when the reply came that kept it, or (broken) that came too late; None where none has come.
    """

    promise: Promise
    message_id: int
    made_at: datetime
    due_at: datetime
    state: PledgeState
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPromise:
    """What a company publicly says about its reply time: on which page (`source`), seen on which day."""

    within: timedelta | None = None
    business_days: int | None = None
    source: str = ""
    seen: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """What a message is and why; for interim replies also whether the person said how long and why.

    `complete` says of an answer whether it states every fact the company is expected to state, None where none is
    expected. `fingerprint` is the same for texts that differ in numbers and names only, "" where there is too little.
    `says_machine` is, of a machine's words in a chat, whether they say that a machine speaks; None for all else.
    """

    kind: MessageKind
    because: tuple[Reason, ...]
    how_long: bool | None = None
    why: bool | None = None
    complete: bool | None = None
    fingerprint: str = ""
    says_machine: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A message matched to a request, with all that was derived from it.

    `settled` is True where a person has said what it is. `saw` is the piece of evidence that tied it to the request.
    """

    message_id: int
    request_id: int
    kind: MessageKind
    stamps: Stamps
    evidence: MatchEvidence
    strength: Strength
    because: tuple[Reason, ...] = ()
    how_long: bool | None = None
    why: bool | None = None
    sender: str = ""
    subject: str = ""
    saw: str = ""
    written_by: WrittenBy = field(default_factory=WrittenBy)
    complete: bool | None = None
    promises: tuple[Promise, ...] = ()
    settled: bool = False
    says_machine: bool | None = None

    @property
    def counts(self) -> bool:
        """Whether figures may rest on it: surely this request's, and from its company or a mail system."""
        return self.strength is not Strength.WEAK and self.written_by.writer in {Writer.COMPANY, Writer.SYSTEM}

    @property
    def in_review(self) -> bool:
        """Whether a person must say what it is before it can count.

        What is sent to many is not worth the question, nor what passers-by say in public.
        """
        if self.settled or self.kind is MessageKind.BULK or self.written_by.writer is Writer.BYSTANDER:
            return False
        return self.kind is MessageKind.UNKNOWN or not self.counts


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What we wrote once more: our reply to the question in message `message_id`, or thanks for the answer there.

    `sent_at` is set once it left, give or take `uncertainty`; from then on it is the company's turn again.
    """

    id: int
    request_id: int
    message_id: int
    purpose: Purpose
    subject: str
    body: str
    own_id: str
    envelope_id: str
    delivery: Delivery
    intended_at: datetime
    started_at: datetime | None = None
    sent_at: datetime | None = None
    uncertainty: timedelta = ZERO
    next_attempt_at: datetime | None = None
    detail: str = ""
    by_hand: bool = False
    remote_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a person decided about a message. `kind` and `request_ids` are None where the rules' word stands.

    `undone` gives the message back to the rules. `was` is what it was taken for before, in words.
    """

    id: int
    message_id: int
    at: datetime
    who: str
    reason: str
    kind: MessageKind | None = None
    request_ids: tuple[int, ...] | None = None
    was: str = ""
    undone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one request: derived from its replies and from how long we looked.

    Waits are None exactly where the verdict is VOID. `acknowledged` is the wait for the first machine receipt, None
    where none came. `late` is True where the first response came after the window (the wait is then censored at the
    window). `in_review` counts replies that a person must settle before they count.

    The waits `in_hours` run while the company says it works, None where it does not say; `window_in_hours` is how much
    of that time the window held. `outside_hours` is True where the first response came while it was closed. `paused`
    is the time it was our turn: after a question, until our follow-up left. `complete` speaks of the answer (see
    Classification). After `seen_until` an answer would have gone unseen for good; None where none can.
    """

    request_id: int
    verdict: Verdict
    void_reason: VoidReason | None = None
    proof: DeliveryProof = DeliveryProof.PRESUMED
    first_response: Wait | None = None
    answer: Wait | None = None
    acknowledged: timedelta | None = None
    first_reply_id: int | None = None
    answer_reply_id: int | None = None
    late: bool = False
    in_review: int = 0
    first_response_in_hours: Wait | None = None
    answer_in_hours: Wait | None = None
    outside_hours: bool | None = None
    window_in_hours: timedelta | None = None
    paused: timedelta = ZERO
    complete: bool | None = None
    pledges: tuple[Pledge, ...] = ()
    seen_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One audit: it survives its process and can be taken up again."""

    id: int
    name: str
    started_at: datetime
    until: datetime | None
    ended_at: datetime | None = None

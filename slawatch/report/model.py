"""What a report is made from, as frozen values: the use case fills them, build.py reads them.

No I/O, and no figures of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from slawatch.model import (
    Attempt,
    Author,
    FollowUp,
    Moment,
    MomentKind,
    Offer,
    Outcome,
    PublishedPromise,
    Relationship,
    Reply,
    Request,
    Standard,
)
from slawatch.noticing.floor import Floor
from slawatch.periods import Terms
from slawatch.redact import NO_OWN, Own

EXCERPT_MAX = 280  # characters of a reply shown; enough to judge its kind, too few to republish a letter
WHOLE_MAX = 4_000  # where the company alone reads it: what its own people wrote, whole but for the longest letters


@dataclass(frozen=True, slots=True)
class Mark:
    """Who wrote a line of a chat by the far side's own marks, and the mark that says so, "" where there is none."""

    author: Author
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A picture, or the page in words, kept of a chat at one moment.

    `raw` is None where it is left out of the report, for its size or because pictures were not wanted.
    """

    moment: MomentKind
    at: datetime
    media: str
    raw: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request with all that became of it.

    `outcome_counting_unknown` is the outcome if every reply waiting for review were a person's: the report shows
    figures with and without. `texts` holds, by message id, the cut text of a reply: foreign text, shown as text only.
    Of replies that are posts `handles` says who wrote them, and `deleted` which of them their authors have taken back.
    `follow_ups` is what we wrote once more. `published_until` is when the first response would have had to come by what
    the company says publicly, None where it says nothing.

    Of a chat `moments` are its steps and `exhibits` what was kept of its page; `marks` says by message id how the far
    side marks who wrote a line. `greeted_as_machine` tells that what stood there before we wrote said that a machine
    speaks. `told_again` is whether everything had to be told again where a matter was taken up on another way, None
    where it was not, or nobody knows. `langs` is by message id the language a reply is written in, where that is clear;
    `digests` are the SHA-256 of their raw evidence, of which that of the `sealed` ones was thrown away and
    that of the `locked` ones is encrypted, without a key at hand.
    `people` are the names that those who replied go by: they are shown nowhere.
    """

    request: Request
    outcome: Outcome
    outcome_counting_unknown: Outcome
    replies: tuple[Reply, ...] = ()
    texts: Mapping[int, str] = field(default_factory=dict)
    attempts: tuple[Attempt, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    published_until: datetime | None = None
    handles: Mapping[int, str] = field(default_factory=dict)
    deleted: frozenset[int] = frozenset()
    moments: tuple[Moment, ...] = ()
    exhibits: tuple[Kept, ...] = ()
    marks: Mapping[int, Mark] = field(default_factory=dict)
    greeted_as_machine: bool = False
    told_again: bool | None = None
    langs: Mapping[int, str] = field(default_factory=dict)
    digests: Mapping[int, str] = field(default_factory=dict)
    sealed: frozenset[int] = frozenset()
    locked: frozenset[int] = frozenset()
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a company says of its figures, or what was corrected in them; `request` is a public id, "" for none."""

    at: datetime
    company: str
    kind: str
    words: str
    request: str = ""
    changed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyView:
    """As much of a company as a reader of the report needs; `zone` is the IANA name its times are shown in."""

    key: str
    name: str
    relationship: Relationship
    zone: str
    domains: tuple[str, ...] = ()


class Blind(NamedTuple):
    """A span in which an account could not be looked into, and the error; `until` is None while it lasts."""

    account: str
    since: datetime
    until: datetime | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Where the requests are letters that were there already, found by a look back; nothing was sent for the report.

    `we_asked` tells which side they come from. `sources` names where the `letters` lie. `left_out` says of how many
    first letters, by the key of a reason, why they are no request; `noted` the same of single letters.
    """

    we_asked: bool
    sources: tuple[str, ...]
    letters: int
    conversations: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    noted: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastReport:
    """The report of the same scope before this one: its period, and its figures as `report --json` printed them."""

    made_at: datetime
    since: datetime
    until: datetime
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that requests of the report were imported from; with `answered_only` its makers left out the unanswered.

    `requests` is how many of the report's come from it; `without_answers` says that it tells first responses alone.
    """

    name: str
    at: datetime
    sha256: str
    requests: int
    answered_only: bool = False
    without_answers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything one report is about.

    `since` and `until` bound the instants at which the requests were asked (half open). `standards` is keyed by company
    and way (Request.way), and so is what companies say publicly of their reply time (`published`). `looks` is the last
    complete look into each account, None where there was none. `plan` says in one line each what is asked how often.
    `skipped` is how many questions a person was to post and did not: nobody was asked, so they are no requests here.
    `costs` is what accounts with prices were charged since then, in dollars. `ours` are the names and addresses we ask
    under: they are kept out of whatever others wrote; `redaction` is what the user wants cut and kept besides. `said`
    is what companies stated and what was corrected until this was gathered. `made_up_seed` is set where the history
    came from a generator and not from the world. Of each company's requests the newest `listed_max` are listed one by
    one, None for all; the figures hold them all.

    `canaries` say how letters to ourselves fared that left in the period, by account.
    `customers_only` says of the probes that are known whether only a customer can ask them.

    `before` are the requests of the period of the same length before `since`, without their replies' texts: for
    comparison only, they stand in no other figure. `terms` are those of error budgets, keyed like `standards`; a way
    without any has no budget. `ledger` are the requests of the budgets' periods that are not among `cases`, without
    texts. `last` is the report made before this one, None where none was.
    `offers` says which ways companies offer. `chain_head` is the head of the chain of evidence when this was gathered.
    `asked` is how the report was asked for, so that it can be asked for again; None where it is not from the store.
    """

    cases: tuple[Case, ...]
    companies: Mapping[str, CompanyView]
    standards: Mapping[tuple[str, str], Standard]
    published: Mapping[tuple[str, str], PublishedPromise] = field(default_factory=dict)
    since: datetime
    until: datetime
    made_at: datetime
    zone: str
    lang: str = "en"
    looks: Mapping[str, datetime | None] = field(default_factory=dict)
    blind: tuple[Blind, ...] = ()
    canaries: tuple[Floor, ...] = ()
    review_waiting: int = 0
    skipped: int = 0
    costs: Mapping[str, float] = field(default_factory=dict)
    ours: tuple[str, ...] = ()
    redaction: Own = NO_OWN
    said: tuple[Said, ...] = ()
    version: str = ""
    config_digest: str = ""
    made_up_seed: str | None = None
    plan: tuple[str, ...] = ()
    past: Past | None = None
    listed_max: int | None = None
    before: tuple[Case, ...] = ()
    customers_only: Mapping[str, bool] = field(default_factory=dict)
    last: LastReport | None = None
    terms: Mapping[tuple[str, str], Terms] = field(default_factory=dict)
    ledger: tuple[Case, ...] = ()
    offers: tuple[Offer, ...] = ()
    chain_head: str = ""
    excerpt_max: int = EXCERPT_MAX
    imports: tuple[Source, ...] = ()
    asked: Mapping[str, Any] | None = None

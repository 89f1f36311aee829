"""Past waits from letters that lie somewhere already: who asked whom, what came back, when. Sends and stores nothing.

The letters go through the same judgement as those of requests that slawatch sent: match, classify, waits. What they
cannot say is left open. Whether a letter asked anything at all nobody told us, so every one that opens a conversation
counts as a question.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from slawatch import __version__, classify, match, pledges, promise, threads, waits
from slawatch.channels.email import logins
from slawatch.channels.email.settings import OVERLAP, Settings
from slawatch.clock import MICROSECOND, Clock
from slawatch.config import Config
from slawatch.hours import Calendar, ServiceHours
from slawatch.mail import parse
from slawatch.mail.archive import Archive, Remote
from slawatch.mail.mailbox import Mailbox
from slawatch.match.domains import MAIL_PROVIDERS, party
from slawatch.model import (
    Delivery,
    Facts,
    FollowUp,
    MessageKind,
    Origin,
    Outcome,
    Purpose,
    Reason,
    Relationship,
    Reply,
    Request,
    Standard,
    Text,
    Verdict,
    Writer,
    WrittenBy,
)
from slawatch.report.model import Case, CompanyView, Material, Past
from slawatch.threads import Conversation, Tie
from slawatch.usecases.questions import Asked, Wanted, named, questions
from slawatch.usecases.survey import Noted, Show, Survey, group_of, survey

CHANNEL = "email"
LISTED_MAX = 100  # requests of a company that the report lists; with all of 17,000 it would have 25 MB
SOURCES_MAX = 6  # archives that are named
FAST = timedelta(minutes=2)  # of the same text within this time a machine is the likelier writer


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedBack:
    """Material for a report, and what it rests on. `groups` counts the companies, also beyond those that are shown.

    `observed_until` is the instant up to which an answer would have been seen, None where there was nothing to see.
    """

    material: Material
    past: Past
    groups: int
    observed_until: datetime | None


def keep_still(_words: str, _done: float) -> None:
    """Show nothing."""


def look_back(archives: Sequence[Archive], wanted: Wanted, *, made_at: datetime, show: Show = keep_still) -> LookedBack:
    """Return what the archives say about the waits in them.

    Raises:
        UsageError: a file cannot be read. ChannelUnavailableError: a mailbox cannot.
    """
    with ExitStack() as stack:
        for one in archives:
            stack.enter_context(one)
        found = survey(archives, wanted.ours, show)
        show("putting conversations together", 0)
        talks = threads.conversations((one.letter for one in found.noted.values()), we_ask=wanted.we_ask)
        left_out: Counter[str] = Counter()
        asked = list(questions(talks, found, wanted, left_out))
        largest = Counter(one.group for one in asked).most_common()
        kept = {group for group, _ in largest[: wanted.top]}
        left_out["beyond"] += sum(count for group, count in largest[wanted.top :])
        looked_until = _looked_until(archives, found, wanted)
        cases = list(
            _cases([one for one in asked if one.group in kept], archives, found, wanted, looked_until, left_out, show)
        )
    past = Past(
        we_asked=wanted.we_ask,
        sources=_named_sources(archives),
        letters=found.letters,
        conversations=len(talks),
        left_out={why: count for why, count in left_out.most_common() if count},
        noted={
            "twice": found.duplicates,
            "moved": found.moved,
            "unreadable": found.unreadable,
            "undated": found.undated,
        },
    )
    return LookedBack(
        material=_material(cases, wanted, past, looked_until, made_at),
        past=past,
        groups=len(largest),
        observed_until=looked_until,
    )


def _named_sources(archives: Sequence[Archive]) -> tuple[str, ...]:
    """Return the archives' names, of many the first few and how many more there are."""
    names = list(dict.fromkeys(one.name for one in archives))
    if len(names) <= SOURCES_MAX:
        return tuple(names)
    return (*names[: SOURCES_MAX - 1], f"… (+{len(names) - SOURCES_MAX + 1})")


def mailbox_of(
    config: Config, account: str, *, folders: Sequence[str], since: datetime | None, now: datetime, clock: Clock
) -> Archive:
    """Return the mailbox of an account as an archive. `since` bounds what is read; answers come after questions."""
    its: Settings = config.accounts[account].settings
    server = its.imap(logins.tokens(its, account, store=config.store, clock=clock))
    # A day more: IMAP's SINCE compares days, in the server's own zone.
    first = (since - OVERLAP).date() if since is not None else None
    return Remote(Mailbox(server), account, looked_at=now, folders=folders, since=first)


def _looked_until(archives: Sequence[Archive], found: Survey, wanted: Wanted) -> datetime | None:
    """Return up to when an answer would be seen: a mailbox was looked at then; of files, the newest of that side tells.

    Not the newest letter of all: a file of sent mail may go on for years after that of received mail ends.
    """
    looks = [one.looked_at for one in archives if one.looked_at is not None]
    answers = [one.stamps.at for one in found.noted.values() if one.letter.ours is not wanted.we_ask]
    ends = [min(looks)] if looks and len(looks) == len(archives) else answers
    return max(ends, default=None)


# --- what became of them ---


def _announce(asked: Sequence[Asked], found: Survey, archives: Sequence[Archive]) -> None:
    """Tell each archive which of its letters will be read whole, in the order of reading."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for one in asked:
        for noted in (one.first, *(found.noted[tie.letter.number] for tie in _answers(one))):
            wanted[noted.source].append(noted.stored.place)
    for archive in archives:
        archive.expect(wanted[archive.name])


def _cases(
    asked: Sequence[Asked],
    archives: Sequence[Archive],
    found: Survey,
    wanted: Wanted,
    looked_until: datetime | None,
    left_out: Counter[str],
    show: Show,
) -> Iterator[Case]:
    seen: dict[tuple[str, str], set[int]] = defaultdict(set)
    _announce(asked, found, archives)
    calendar = Calendar(ServiceHours(), wanted.zone)  # whose hours and holidays these were nobody said
    for number, one in enumerate(asked, 1):
        if number % 50 == 1:
            show(f"judging {len(asked)} questions", number / len(asked))
        facts = parse.facts(one.first.stored.whole())
        # With its whole text an outsider's may turn out to be a newsletter, or a machine's.
        if not wanted.we_ask and classify.classify(facts).kind.automatic:
            left_out["machine"] += 1
            continue
        request = _request(number, one, facts, wanted)
        judged = [_reply(request, one, tie, found, wanted, seen) for tie in _answers(one)]
        replies = [reply for reply, _ in judged]
        follow_ups = list(_follow_ups(request, one, replies, found))
        standard = wanted.standards.get(one.group, wanted.standard)
        plain, counting = (
            _outcome(request, replies, follow_ups, standard, calendar, looked_until, count_unknown=count_unknown)
            for count_unknown in (False, True)
        )
        yield Case(
            request=request,
            outcome=plain,
            outcome_counting_unknown=counting,
            replies=tuple(replies),
            texts={reply.message_id: text for reply, text in judged} if wanted.excerpts else {},
        )


def _outcome(
    request: Request,
    replies: Sequence[Reply],
    follow_ups: Sequence[FollowUp],
    standard: Standard,
    calendar: Calendar,
    looked_until: datetime | None,
    *,
    count_unknown: bool,
) -> Outcome:
    found = waits.outcome(
        request,
        replies,
        standard=standard,
        observed_until=looked_until,
        follow_ups=follow_ups,
        count_unknown=count_unknown,
    )
    if found.verdict is Verdict.VOID:
        return found
    promised = pledges.judge(request, replies, follow_ups, calendar=calendar, observed_until=looked_until)
    return replace(found, pledges=promised)


def _answers(one: Asked) -> Iterator[Tie]:
    """Yield what the other side wrote in the conversation."""
    for tie in one.conversation.rest:
        if tie.letter.ours is not one.first.letter.ours:
            yield tie


def _request(number: int, one: Asked, facts: Facts, wanted: Wanted) -> Request:
    at = one.first.stamps.at
    margin = max(one.first.stamps.earlier, one.first.stamps.later)
    name = one.first.letter.own_id or one.first.stored.place
    return Request(
        id=number,
        public_id=f"L{hashlib.sha256(name.encode()).hexdigest()[:8]}",
        origin=Origin.IMPORTED if wanted.we_ask else Origin.OBSERVED,
        company=one.group,
        channel=CHANNEL,
        target=one.target,
        account=one.first.source,
        text=Text(probe="", lang="", variant=0, subject=facts.subject, body=facts.text),
        token="",
        message_id=one.first.letter.own_id,
        delivery=Delivery.SENT,
        due_at=at,
        zone=wanted.zone,
        intended_at=at,
        accepted_at=at,
        accepted_uncertainty=margin,
    )


def _reply(
    request: Request,
    one: Asked,
    tie: Tie,
    found: Survey,
    wanted: Wanted,
    seen: dict[tuple[str, str], set[int]],
) -> tuple[Reply, str]:
    """Return the letter as a reply to the request, and its text."""
    noted = found.noted[tie.letter.number]
    facts = parse.facts(noted.stored.whole())
    known = {letter.own_id: request.id for letter in _all(one.conversation) if letter.own_id}
    by_rules = match.find(facts, match.Known(by_message_id=known))
    after = noted.stamps.at - one.first.stamps.at
    judge = partial(
        classify.classify, facts, asked=request.text, seconds_after=after.total_seconds(), target=request.target
    )
    kind = judge()
    same = seen[one.group, kind.fingerprint] - {request.id} if kind.fingerprint else set()
    seen[one.group, kind.fingerprint].add(request.id)
    # Our own people use text blocks, and nobody wants to deceive here: only what comes at once may be a machine's.
    if same and (wanted.we_ask or after <= FAST):
        kind = judge(seen_same=len(same))
    by_company = kind.kind.by_person or kind.kind is MessageKind.ACKNOWLEDGEMENT
    return (
        Reply(
            message_id=tie.letter.number,
            request_id=request.id,
            kind=kind.kind,
            stamps=noted.stamps,
            evidence=by_rules.evidence if by_rules else tie.evidence,
            strength=by_rules.strength if by_rules else tie.strength,
            because=kind.because if wanted.excerpts else tuple(_without_words(kind.because, facts)),
            how_long=kind.how_long,
            why=kind.why,
            sender=noted.sender,
            subject=facts.subject,
            saw=tie.saw,
            written_by=_writer(one, noted, kind.kind, wanted),
            complete=kind.complete,
            promises=promise.find(facts.text, at=noted.stamps.at, zone=wanted.zone) if by_company else (),
        ),
        facts.text,
    )


def _without_words(because: Iterable[Reason], facts: Facts) -> Iterator[Reason]:
    """Yield the rules that fired without what they quote from the letter."""
    said = " ".join(f"{facts.text} {facts.signature}".split())
    for one in because:
        yield replace(one, saw="") if one.saw.rstrip(" …") in said else one


def _all(talk: Conversation) -> list[threads.Letter]:
    return [talk.first, *(tie.letter for tie in talk.rest)]


_NOTICES = frozenset({MessageKind.BOUNCE, MessageKind.DELAY_NOTICE, MessageKind.DELIVERY_RECEIPT})


def _writer(one: Asked, noted: Noted, kind: MessageKind, wanted: Wanted) -> WrittenBy:
    """Return who wrote a reply. One from elsewhere than was asked may be the company's help desk, or anybody.

    Whether our own server confirmed the sender is not looked at: years later nobody knows how it signed its results.
    """
    if kind in _NOTICES:
        return WrittenBy(writer=Writer.SYSTEM, saw=noted.sender)
    if not wanted.we_ask:
        return WrittenBy(writer=Writer.COMPANY, saw=noted.sender)
    domains = [name for name, company in wanted.names.items() if company == one.group and name not in MAIL_PROVIDERS]
    asked = party(one.group, domains=domains, addresses=[one.target])
    owned = asked.owns(noted.sender)
    if owned or named(group_of(noted.sender), wanted) == one.group:
        return WrittenBy(writer=Writer.COMPANY, saw=owned or one.group)
    return WrittenBy(writer=Writer.STRANGER, saw=noted.sender.rpartition("@")[2])


def _follow_ups(request: Request, one: Asked, replies: Sequence[Reply], found: Survey) -> Iterator[FollowUp]:
    """Yield what the asking side wrote to each question that came back: until then it was its turn."""
    later = [
        found.noted[tie.letter.number] for tie in one.conversation.rest if tie.letter.ours is one.first.letter.ours
    ]
    for reply in replies:
        if reply.kind is not MessageKind.QUESTION:
            continue
        answer = next((noted for noted in later if noted.stamps.at >= reply.stamps.at), None)
        if answer is not None:
            yield FollowUp(
                id=answer.letter.number,
                request_id=request.id,
                message_id=reply.message_id,
                purpose=Purpose.REPLY,
                subject=answer.letter.subject,
                body="",
                own_id=answer.letter.own_id,
                envelope_id="",
                delivery=Delivery.SENT,
                intended_at=answer.stamps.at,
                sent_at=answer.stamps.at,
                uncertainty=max(answer.stamps.earlier, answer.stamps.later),
                by_hand=True,
            )


# --- the report's material ---


def _material(
    cases: Sequence[Case],
    wanted: Wanted,
    past: Past,
    looked_until: datetime | None,
    made_at: datetime,
) -> Material:
    asked = [case.request.intended_at for case in cases]
    since = wanted.since or min(asked, default=made_at)
    until = wanted.until or max([*asked, *([looked_until] if looked_until else [])], default=made_at) + MICROSECOND
    groups = sorted({case.request.company for case in cases})
    return Material(
        cases=tuple(cases),
        companies={
            group: CompanyView(
                key=group,
                name=group,
                relationship=Relationship.PUBLIC_INTEREST if wanted.we_ask else Relationship.OWN,
                zone=wanted.zone,
            )
            for group in groups
        },
        standards={(group, CHANNEL): wanted.standards.get(group, wanted.standard) for group in groups},
        since=min(since, until - MICROSECOND),
        until=until,
        made_at=made_at,
        zone=wanted.zone,
        lang=wanted.lang,
        looks=dict.fromkeys(past.sources, looked_until),
        version=__version__,
        config_digest=wanted.config_digest,
        past=past,
        listed_max=LISTED_MAX,
    )

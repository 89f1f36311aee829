"""Make of messages what they are: match, kind, writer, promises, and what they prove about the sending.

Everything here is derived: judged anew by other rules or after a person's decision, it takes the place of what was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

from slawatch import classify, match, promise, review, rules, token
from slawatch.deadline import DeadlineError, within
from slawatch.durations import show
from slawatch.inheritance import STANDARD
from slawatch.model import (
    Classification,
    Delivery,
    DeliveryProof,
    Facts,
    Match,
    Message,
    MessageKind,
    Promise,
    Reason,
    Request,
    Strength,
    Writer,
)
from slawatch.store import Found
from slawatch.store.deriving import Learned
from slawatch.usecases import canary, followed, in_public, opting
from slawatch.usecases.calendars import calendar_of
from slawatch.usecases.settle import it_left
from slawatch.usecases.world import News, World

if TYPE_CHECKING:
    from slawatch.config import Target

T = TypeVar("T")

JUDGING_SECONDS_MAX = 10.0  # of processor time for one letter; the worst known takes a third of one
TOOK_TOO_LONG = Classification(
    kind=MessageKind.UNKNOWN, because=(Reason(rule="took-too-long", saw=f"over {JUDGING_SECONDS_MAX:g} s"),)
)
AT_ONCE = 200  # messages in one transaction: each commit waits for the disk, and others wait for the transaction
MEANT_TO_LEAVE = timedelta(days=7)  # how long before it left a request may have been intended; we try for two days
CLOCK_OFF_MAX = timedelta(minutes=1)  # a report from before the sending or after its own arrival has a wrong clock
STATED_TO_THE_SECOND = timedelta(seconds=1)
TRIED_ONCE_MAX = timedelta(seconds=10)  # mail servers wait longer than that before they try again
TEACHES_NOTHING = match.NOTICES | {MessageKind.BULK}  # the ticket numbers in these may be anybody's
HANDED_OVER = frozenset({"delivered", "relayed", "expanded"})  # RFC 3464, section 2.3.3


class Desk:
    """One account's messages on their way to being replies, with what is the same for all of them."""

    def __init__(self, world: World, account: str) -> None:
        self._world = world
        self._store = world.store
        self._account = account
        self._own_addresses = _own_addresses(world, account)
        self._news: list[News] = []
        self._known_people: dict[str, dict[str, match.Accounts]] = {}

    def derive(self, messages: Sequence[tuple[Message, Facts]]) -> tuple[int, list[News]]:
        """Judge these messages, all in one transaction; return how many were replies and what is worth telling."""
        self._news = []
        known = self._store.known_for(
            tokens=[candidate for _, facts in messages for candidate in _tokens(facts)],
            message_ids=[
                one
                for _, facts in messages
                for one in (*facts.cited_ids, *facts.embedded_ids, facts.own_id, facts.conversation)
            ],
            envelope_ids=[report.envelope_id for _, facts in messages for report in facts.reports],
        )
        with self._store.together():
            replies = sum(
                not self._is_canary(message, facts) and self._derive_one(message, facts, known)
                for message, facts in messages
            )
        return replies, self._news

    def _is_canary(self, message: Message, facts: Facts) -> bool:
        """Whether it is a letter to ourselves that is back, which is nobody's reply."""
        if not canary.heard(self._world, facts, message):
            return False
        self._store.save_derived(message.id, match=None, own=True, classification=None, rules=rules.ALL)
        return True

    def _derive_one(self, message: Message, facts: Facts, known: match.Known) -> bool:
        """Judge one message; return whether it is a reply."""
        if facts.chat:
            return self._derive_line(message, facts, known)
        if facts.platform:
            return self._derive_post(message, facts, known)
        if match.is_own(facts, self._own_addresses, known):
            self._store.save_derived(message.id, match=None, own=True, classification=None, rules=rules.ALL)
            if facts.own_id in known.by_message_id and facts.own_id not in known.follow_ups:
                for request in self._store.requests(ids=[known.by_message_id[facts.own_id]]):
                    _own_copy(self._world, request, message)
            else:
                surely = match.surely_ours(facts, self._side)
                self._news += followed.own_letter(self._store, facts, message, self._own_addresses, surely=surely)
            return False
        about_follow_up = _about_follow_up(facts, known)
        finding = match.judge(facts, self._side)
        signed = finding.signed if finding else ()
        companies = self._directory.companies(facts.sender, signed)
        found = match.find(facts, known, beside=lambda: self._beside(facts, companies, message), at=message.stamps.at)
        requests = self._store.requests(ids=list(found.request_ids)) if found else []
        kind = self._kind_of(facts, requests, message)
        if found is not None:
            # The bounce of a later letter contradicts nothing that came before it.
            look_back = kind.kind is MessageKind.BOUNCE and not about_follow_up
            found = self._with_writers(found, requests, facts, kind.kind, finding, message, look_back=look_back)
        found, kind = review.settled(self._store.latest_review(message.id), found, kind)
        requests = self._store.requests(ids=list(found.request_ids)) if found else []
        self._store.save_derived(
            message.id,
            match=found,
            own=False,
            classification=kind,
            rules=rules.ALL,
            promises=self._promises(requests, facts, message, kind.kind),
            learned=_taught(found, requests, facts, kind) if found else (),
        )
        self._heed(message, kind, _of_theirs(found, requests) if found else companies)
        if found is None:
            return False
        if about_follow_up or any(key in known.follow_ups for key in facts.cited_ids):
            self._news += followed.heard(self._store, facts, message, kind.kind)
        for request in requests:
            self._learn(request, facts, message, kind.kind, found, about_follow_up=about_follow_up)
        return True

    def _derive_post(self, message: Message, facts: Facts, known: match.Known) -> bool:
        """Judge one post or direct message; return whether it is a reply of the company's."""
        if facts.own_id.lower() in known.by_message_id:
            self._store.save_derived(message.id, match=None, own=True, classification=None, rules=rules.ALL)
            return False
        companies = [key for key in self._world.config.companies if facts.sender in self._people(key, message).ids]
        found = match.find_post(
            facts, known, beside=lambda: self._beside(facts, companies, message), at=message.stamps.at
        )
        requests = self._store.requests(ids=list(found.request_ids)) if found else []
        if found is not None and requests:
            found = match.unless_to_others(
                found, facts, theirs=self._asked_of(requests[0], message), ours=self._our_ids
            )
        kind = self._kind_of(facts, requests, message)
        if found is not None:
            writers = {one.id: match.posted_by(facts, self._asked_of(one, message)) for one in requests}
            found = replace(found, writers=writers)
        found, kind = review.settled(self._store.latest_review(message.id), found, kind)
        requests = self._store.requests(ids=list(found.request_ids)) if found else []
        self._store.save_derived(
            message.id,
            match=found,
            own=False,
            classification=kind,
            rules=rules.ALL,
            promises=self._promises(requests, facts, message, kind.kind),
        )
        self._heed(message, kind, _of_theirs(found, requests) if found else ())
        if found is None:
            return False
        for request in requests:
            writer = found.writers.get(request.id)
            if writer is None or writer.writer is not Writer.BYSTANDER:
                self._learn(request, facts, message, kind.kind, found, about_follow_up=False)
        return any(one.id not in found.writers or found.writers[one.id].writer is Writer.COMPANY for one in requests)

    def _derive_line(self, message: Message, facts: Facts, known: match.Known) -> bool:
        """Judge one line of a chat; return whether it is a reply of the company's."""
        if match.is_own_line(facts, known):
            self._store.save_derived(message.id, match=None, own=True, classification=None, rules=rules.ALL)
            return False
        found = match.find_in_chat(
            facts, known, beside=lambda: self._open_in_chat(facts, message), at=message.stamps.at + message.stamps.later
        )
        requests = self._store.requests(ids=list(found.request_ids)) if found else []
        kind = self._kind_of(facts, requests, message)
        if found is not None:
            found = replace(found, writers={one.id: match.said_by(facts) for one in requests})
        found, kind = review.settled(self._store.latest_review(message.id), found, kind)
        requests = self._store.requests(ids=list(found.request_ids)) if found else []
        self._store.save_derived(
            message.id,
            match=found,
            own=False,
            classification=kind,
            rules=rules.ALL,
            promises=self._promises(requests, facts, message, kind.kind),
            learned=_taught(found, requests, facts, kind) if found else (),
        )
        self._heed(message, kind, _of_theirs(found, requests) if found else ())
        if found is None:
            return False
        for request in requests:
            self._learn(request, facts, message, kind.kind, found, about_follow_up=False)
        return True

    def _open_in_chat(self, facts: Facts, message: Message) -> match.Beside:
        """Return what was put to whoever this chat is held with, for as long as replies are matched."""
        at = message.stamps.at + message.stamps.later
        companies = self._chats.get(facts.chat.lower(), ())
        standards = {one.address.lower(): one.standard for key in companies for one in self._targets(key)}
        late = standards[facts.chat.lower()].late if companies else STANDARD.late
        candidates = self._store.candidates(companies, account=self._account, since=at - late, until=at)
        return match.Beside(
            open=[
                match.Open(
                    request_id=one.request_id,
                    subject=one.subject,
                    token=one.token,
                    since=one.accepted_at or one.intended_at,
                    until=(one.accepted_at or one.intended_at) + late,
                    answered_at=one.answered_at,
                    surely_left=one.accepted_at is not None,
                    only_from=one.target,
                )
                for one in candidates
            ],
        )

    @cached_property
    def _chats(self) -> Mapping[str, Sequence[str]]:
        """Return who is asked at which address of this account's channel, by the address in lower case."""
        channel = self._world.config.accounts[self._account].channel
        found: dict[str, list[str]] = {}
        for key, company in self._world.config.companies.items():
            for target in company.targets:
                if target.channel == channel:
                    found.setdefault(target.address.lower(), []).append(key)
        return found

    def _people(self, company: str, message: Message) -> match.Accounts:
        """Return who a company is. Looked up for all at once: whose a post is, all are asked about."""
        known = self._known_people.get(message.channel)
        if known is None:
            known = in_public.all_accounts(self._world, self._world.config.companies, message.channel)
            self._known_people[message.channel] = known
        if company not in known:  # it has gone from the config
            known[company] = in_public.accounts_of(self._world, company, message.channel)
        return known[company]

    def _asked_of(self, request: Request, message: Message) -> match.Accounts:
        """Return who may answer a request: its company, and whoever was asked, should the config have it no more."""
        people = self._people(request.company, message)
        asked = self._identities.get(request.target)
        return people if asked is None else replace(people, ids=people.ids | {asked.id})

    @cached_property
    def _identities(self) -> Mapping[str, Found]:
        return self._store.identities(self._world.config.accounts[self._account].channel)

    @cached_property
    def _our_ids(self) -> frozenset[str]:
        """Return who we are on this account's channel, with all accounts, as far as that was looked up."""
        return in_public.our_ids(self._world, self._world.config.accounts[self._account].channel)

    def _kind_of(self, facts: Facts, requests: Sequence[Request], message: Message) -> Classification:
        first = requests[0] if requests else None
        return _in_time(
            partial(
                classify.classify,
                facts,
                asked=first.text if first else None,
                seconds_after=_seconds_after(first, message),
                expected=_expected(self._world, first),
                target=first.target if first else "",
                seen_same=self._seen_same(facts, first, requests, message),
            ),
            TOOK_TOO_LONG,
        )

    def _heed(self, message: Message, kind: Classification, companies: Sequence[str]) -> None:
        """Ask nothing more of companies whose message asks for that, from this transaction on, and tell of it."""
        saw = next((one.saw for one in kind.because if one.rule == classify.ASKS_TO_STOP), None)
        for company in companies if saw is not None else ():
            if opting.asked_to_stop(self._world, company, message, saw or ""):
                words = f'it asks us to stop, so it is asked nothing more: "{saw}"; see `slawatch review`'
                self._news.append(News(what="opted-out", words=words, ref=company))

    def _promises(
        self, requests: Sequence[Request], facts: Facts, message: Message, kind: MessageKind
    ) -> tuple[Promise, ...]:
        """Return what the letter promises, dates read in the company's zone; mail systems speak for no company."""
        if not requests or kind in promise.OF_NO_COMPANY:
            return ()
        zone = calendar_of(self._world, requests[0].company, requests[0].channel, requests[0].target).zone
        return _in_time(partial(promise.find, facts.text, at=message.stamps.at, zone=zone), ())

    def _beside(self, facts: Facts, companies: Sequence[str], message: Message) -> match.Beside:
        """Return what is known of these companies: the names they gave that stand in the message, and what is open."""
        if not companies:
            return match.Beside()
        at = message.stamps.at
        windows = [target.standard.window for key in companies for target in self._targets(key)]
        since = at - max(windows, default=STANDARD.window) - MEANT_TO_LEAVE
        candidates = self._store.candidates(companies, account=self._account, since=since, until=at)
        return match.Beside(
            taught=self._store.taught(companies, match.keys_of(facts)),
            open=[
                match.Open(
                    request_id=one.request_id,
                    subject=one.subject,
                    token=one.token,
                    since=one.accepted_at or one.intended_at,
                    until=(one.accepted_at or one.intended_at) + self._window(one.company, one.channel, one.target),
                    answered_at=one.answered_at,
                    surely_left=one.accepted_at is not None,
                    only_from=one.target if self._side.holds(match.domain_of(one.target)) else "",
                )
                for one in candidates
            ],
        )

    def _targets(self, company: str) -> Sequence[Target]:
        found = self._world.config.companies.get(company)
        return found.targets if found else ()

    def _window(self, company: str, channel: str, address: str) -> timedelta:
        target = self._world.target(company, channel, address)
        return (target.standard if target else STANDARD).window

    def _seen_same(self, facts: Facts, first: Request | None, requests: Sequence[Request], message: Message) -> int:
        """Return how many other requests of the company got the same text, and have the first of them judged again."""
        fingerprint = _in_time(partial(classify.fingerprint, facts), "") if first else ""
        if first is None or not fingerprint:
            return 0
        same = self._store.same_text(fingerprint, company=first.company, besides=message.id)
        others = same - {request.id for request in requests}
        if len(others) == 1:
            self._store.judge_same_text_again(fingerprint, company=first.company, besides=message.id, rules=rules.ALL)
        return len(others)

    def _with_writers(
        self,
        found: Match,
        requests: Sequence[Request],
        facts: Facts,
        kind: MessageKind,
        finding: match.Finding | None,
        message: Message,
        *,
        look_back: bool,
    ) -> Match:
        """Return the match with who wrote the message, as each request's company sees it."""
        writers = {}
        for request in requests:
            earlier = self._store.replies([request.id]).get(request.id, []) if look_back else []
            writers[request.id] = match.written_by(
                facts,
                self._party(request),
                evidence=found.tied(request.id).evidence,
                kind=kind,
                side=self._side,
                finding=finding,
                earlier=[one for one in earlier if one.stamps.at <= message.stamps.at and one.message_id != message.id],
                after=message.stamps.at - request.accepted_at if look_back and request.accepted_at else None,
            )
        return replace(found, writers=writers)

    def _party(self, request: Request) -> match.Party:
        """Return who the request's company is in addresses; of one that the config no longer has, what was asked."""
        known = self._directory.parties.get(request.company)
        if known is not None and match.domain_of(request.target) in known.domains:
            return known
        return match.party(
            request.company,
            domains=known.domains if known else (),
            addresses=[*(known.addresses if known else ()), request.target],
        )

    @cached_property
    def _directory(self) -> match.Directory:
        trusted = self._store.trusted_domains()
        return match.Directory(
            {
                company.key: match.party(
                    company.key,
                    domains=(*company.domains, *trusted.get(company.key, ())),
                    addresses=[target.address for target in company.targets],
                )
                for company in self._world.config.companies.values()
            }
        )

    @cached_property
    def _side(self) -> match.OurSide:
        settings = self._world.config.accounts[self._account].settings
        address = str(getattr(settings, "address", ""))
        names = (str(getattr(settings, name, "")) for name in ("catch_all_domain", "smtp_host", "imap_host", "own_mx"))
        return match.our_side([match.domain_of(address), *names], str(getattr(settings, "authserv_id", "")))

    def _learn(
        self,
        request: Request,
        facts: Facts,
        message: Message,
        kind: MessageKind,
        found: Match,
        *,
        about_follow_up: bool,
    ) -> None:
        """Draw from a matched message what it proves about the sending, and tell of it."""
        if request.delivery is Delivery.UNCERTAIN and found.tied(request.id).strength is not Strength.WEAK:
            it_left(
                self._world,
                request,
                f"{kind.value} matched by {found.tied(request.id).evidence.value}",
                by=_latest(message),
            )
            (request,) = self._store.requests(ids=[request.id])
        self._news.append(
            News(
                what="reply",
                words=f"{kind.value.replace('-', ' ')} from {request.company}{_after(request, message)}",
                ref=request.public_id,
            )
        )
        writer = found.writers.get(request.id)
        if kind is not MessageKind.DELIVERY_RECEIPT or about_follow_up:
            return
        if writer is not None and writer.writer is not Writer.SYSTEM:
            return
        handed_over = next((report for report in facts.reports if report.action in HANDED_OVER), None)
        if handed_over is None:
            return
        at, uncertainty = _hand_over(request, message, handed_over.at)
        if not match.is_our_report(facts, self._side):
            at = None  # the company's own word: it proves the delivery, and must not shorten the wait
        self._store.mark_accepted(request.id, at, uncertainty, DeliveryProof.PROVEN)


def _of_theirs(found: Match, requests: Sequence[Request]) -> list[str]:
    """Return the companies asked whose message it is; one that somebody else wrote, or may have, speaks for none."""
    theirs = (one for one in requests if not one.made_up)
    return list(
        dict.fromkeys(
            one.company
            for one in theirs
            if one.id not in found.writers or found.writers[one.id].writer is Writer.COMPANY
        )
    )


def _taught(found: Match, requests: Sequence[Request], facts: Facts, kind: Classification) -> list[Learned]:
    """Return the names that the company gave the matter in a letter that is surely its own and surely about it."""
    if kind.kind in TEACHES_NOTHING:
        return []
    sure = [
        request
        for request in requests
        if found.tied(request.id).strength is Strength.CERTAIN
        and (request.id not in found.writers or found.writers[request.id].writer is Writer.COMPANY)
    ]
    ours = [text for request in sure for text in (request.text.subject, request.text.body, request.token)]
    keys = match.to_learn(facts, ours=ours) if sure else ()
    return [Learned(company=request.company, key=key, request_id=request.id) for request in sure for key in keys]


def _in_time(work: Callable[[], T], otherwise: T) -> T:
    """Return what the work, which only reads, comes to, or this where somebody's letter makes it go on and on."""
    try:
        with within(JUDGING_SECONDS_MAX):
            return work()
    except DeadlineError:
        return otherwise


def _about_follow_up(facts: Facts, known: match.Known) -> bool:
    """Whether a report speaks of what we wrote later, so that it says nothing of the request's own way."""
    return any(
        key.lower() in known.follow_ups for key in (*(one.envelope_id for one in facts.reports), *facts.embedded_ids)
    )


def _tokens(facts: Facts) -> list[str]:
    header = (facts.sender, *facts.delivered_to, *facts.recipients, *facts.subjects, *facts.headers.get("x-loop", ()))
    return [found for text in (*header, facts.text, facts.signature, facts.quoted) for found in token.find_all(text)]


def _own_addresses(world: World, account: str) -> frozenset[str]:
    """Return the addresses whose mail is ours.

    One that is itself a target (an audit of one's own mailbox) is the company's.
    """
    address = str(getattr(world.config.accounts[account].settings, "address", "")).lower()
    targets = {target.address for company in world.config.companies.values() for target in company.targets}
    return frozenset({address} - targets - {""})


def _seconds_after(request: Request | None, message: Message) -> float | None:
    if request is None or request.accepted_at is None:
        return None
    return (message.stamps.at - request.accepted_at).total_seconds()


def _after(request: Request, message: Message) -> str:
    seconds = _seconds_after(request, message)
    return "" if seconds is None else f" after {show(timedelta(seconds=max(seconds, 0)))}"


def _expected(world: World, request: Request | None) -> tuple[str, ...]:
    company = world.config.companies.get(request.company) if request else None
    return tuple(company.expected.get(request.text.probe, ())) if company and request else ()


def _own_copy(world: World, request: Request, message: Message) -> None:
    world.store.mark_copy(request.id, message.stamps.at)
    if request.delivery is Delivery.UNCERTAIN:
        it_left(world, request, "our own copy arrived", by=_latest(message))


def _latest(message: Message) -> datetime:
    return message.stamps.at + message.stamps.later


def _hand_over(request: Request, message: Message, stated: datetime | None) -> tuple[datetime | None, timedelta]:
    """Return when the company's server took the request over, and give or take how much.

    Most reports do not state it (Postfix 3.7 gives only Arrival-Date, when it got the letter from us). It lies between
    our own server's 250 and the report's arrival, which follows the hand-over at once. Where these are close, it is the
    middle; where they are not, our server had to try again, and only the report is near the truth. Nothing here rests
    on what an earlier report made of it, so that judging the same ones again changes nothing.
    """
    taken = request.submitted_at or request.accepted_at
    if taken is None:
        return None, timedelta(0)
    if stated is not None and taken - CLOCK_OFF_MAX <= stated <= message.stamps.at + CLOCK_OFF_MAX:
        return max(stated, taken), STATED_TO_THE_SECOND
    if stated is not None or message.stamps.at <= taken:
        return None, timedelta(0)  # the report's clock is off; it proves the delivery, not its time
    gap = message.stamps.at - taken
    if gap <= TRIED_ONCE_MAX:
        return taken + gap / 2, gap / 2 + request.submitted_uncertainty
    return message.stamps.at, max(message.stamps.earlier, message.stamps.later)

"""Gather what a report is made from, and write the file. Figures are the report room's and the statistics' business."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypedDict

from slawatch import __version__, classify, following, pledges
from slawatch.config import Target
from slawatch.durations import show
from slawatch.errors import LockedError, OutputError
from slawatch.imported import ACCOUNT as IMPORTED
from slawatch.imported import ANSWERED_ONLY
from slawatch.language import language
from slawatch.model import (
    Author,
    Delivery,
    Facts,
    Form,
    Message,
    Moment,
    MomentKind,
    Promise,
    PromiseAbout,
    PublishedPromise,
    Relationship,
    Reply,
    Request,
    Standard,
)
from slawatch.noticing.floor import Floor
from slawatch.plan import Cron, Every
from slawatch.report.alone import alone
from slawatch.report.model import Blind, Case, CompanyView, Mark, Material, Said, Source
from slawatch.strata import Random
from slawatch.usecases import costs, ledger, offered, reported
from slawatch.usecases.calendars import calendar_of
from slawatch.usecases.outcomes import UNSENT, standard_of, standing, without_answers
from slawatch.usecases.posts import Posts
from slawatch.usecases.trails import trails_of
from slawatch.usecases.world import World

MADE_UP = "made_up_seed"
WHO_WE_ARE = ("name", "address", "email", "phone", "jid", "user")  # keys of accounts by which somebody knows us
GAP = timedelta(hours=2)  # shorter than this, a failed look followed by a good one is worth no line in the report


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the report is to be about. Empty `companies` means all; `campaign` narrows it to one audit.

    Without `pictures` those of chats are left out; that there are any is said all the same. Of reports with one `name`
    and one `kind` of period ("28 d", "month", "" for two days) the next one says what has changed since the last.
    """

    since: datetime
    until: datetime
    companies: tuple[str, ...] = ()
    campaign: int | None = None
    lang: str = "en"
    pictures: bool = True
    name: str = ""
    kind: str = ""


def gather(world: World, choice: Choice) -> Material:
    """Return everything the report needs. Unsent requests are not in it; void ones are."""
    world.store.extend_chain()  # all that the figures rest on stands before the head that is printed with them
    asked = [
        request
        for request in world.store.requests(since=choice.since, until=choice.until, campaign=choice.campaign)
        if not choice.companies or request.company in choice.companies
    ]
    requests = [request for request in asked if request.delivery not in UNSENT]
    replies = world.store.replies([request.id for request in requests])
    follow_ups = world.store.follow_ups([request.id for request in requests])
    plain = standing(world, requests, replies=replies)
    counting = standing(world, requests, replies=replies, count_unknown=True)
    posts = Posts(world)
    trails = trails_of(world, requests, plain, pictures=choice.pictures)
    accounts = sorted({request.account for request in requests} - {IMPORTED} | set(world.config.accounts))
    material = Material(
        cases=tuple(
            Case(
                request=request,
                outcome=plain[request.id],
                outcome_counting_unknown=counting[request.id],
                replies=tuple(replies.get(request.id, ())),
                **_said(world, posts, request, replies.get(request.id, ())),
                attempts=tuple(world.store.attempts(request.id)),
                follow_ups=tuple(follow_ups.get(request.id, ())),
                published_until=_published_until(world, request),
                told_again=following.told_again(request, replies.get(request.id, ())),
                moments=trails[request.id].moments,
                exhibits=trails[request.id].exhibits,
                greeted_as_machine=_greeted_as_machine(request, trails[request.id].moments),
            )
            for request in requests
        ),
        companies=_companies(world, requests),
        standards=_standards(world, requests),
        published=_published(world, requests),
        since=choice.since,
        until=choice.until,
        made_at=world.clock.now(),
        zone=world.config.zone,
        lang=choice.lang,
        looks={account: world.store.observed_until(account) for account in accounts},
        blind=tuple(blind for account in accounts for blind in blind_windows(world, account, choice.since)),
        canaries=canaries(world, choice, accounts),
        review_waiting=len(world.store.waiting_for_review()),
        skipped=sum(request.delivery is Delivery.SKIPPED for request in asked),
        ours=tuple(_ours(world)),
        redaction=world.config.privacy.redaction,
        said=said_of(world, choice.companies),
        costs={one.account: one.total / costs.MICROS for one in costs.spending(world, since=choice.since) if one.total},
        version=__version__,
        config_digest=world.config.digest,
        made_up_seed=world.store.meta(MADE_UP),
        plan=tuple(_plan_lines(world, choice)),
        chain_head=world.store.chain_head(),
        imports=tuple(imports_of(world, requests)),
        asked=asked_for(choice),
        last=reported.last(world, choice),
        terms=ledger.terms(world, requests),
        ledger=ledger.ledger(world, choice, requests),
        offers=offered.offers(world, requests, choice.companies),
        before=_before(world, choice),
        customers_only={name: probe.customer for name, probe in world.probes.items()},
    )
    return alone(material, choice.companies, others=_others(world, choice))


def _others(world: World, choice: Choice) -> Iterator[str]:
    """Yield by what the companies that the report is not about may be named in an error."""
    for key, company in world.config.companies.items():
        if key not in choice.companies:
            yield from (key, company.name, *company.domains, *(target.address for target in company.targets))


def _before(world: World, choice: Choice) -> tuple[Case, ...]:
    """Return the requests of the period of the same length before; none before an audit, which has no such period."""
    if choice.campaign is not None:
        return ()
    since = choice.since - (choice.until - choice.since)
    requests = [
        request
        for request in world.store.requests(since=since, until=choice.since)
        if request.delivery not in UNSENT and (not choice.companies or request.company in choice.companies)
    ]
    became = standing(world, requests)
    return tuple(
        Case(request=request, outcome=became[request.id], outcome_counting_unknown=became[request.id])
        for request in requests
    )


def asked_for(choice: Choice) -> dict[str, object]:
    """Return the choice as JSON can hold it."""
    kept = asdict(choice)
    return {**kept, "since": choice.since.isoformat(), "until": choice.until.isoformat()}


def choice_of(asked: Mapping[str, Any]) -> Choice:
    """Return the choice that `asked_for` was given. Raises ValueError or TypeError where it is none."""
    since, until = (datetime.fromisoformat(str(asked[name])) for name in ("since", "until"))
    known = {field.name for field in fields(Choice)}
    rest = {name: value for name, value in asked.items() if name in known}
    return Choice(**{**rest, "since": since, "until": until, "companies": tuple(asked["companies"])})


class _Said(TypedDict):
    texts: dict[int, str]
    handles: dict[int, str]
    deleted: frozenset[int]
    marks: dict[int, Mark]
    people: tuple[str, ...]
    langs: dict[int, str]
    digests: dict[int, str]
    sealed: frozenset[int]
    locked: frozenset[int]


def _said(world: World, posts: Posts, request: Request, replies: Sequence[Reply]) -> _Said:
    """Return what replies say, who posted them, and which of them are deleted: those say nothing any more."""
    said = _Said(
        texts={},
        handles={},
        deleted=frozenset(),
        marks={},
        people=(),
        langs={},
        digests={},
        sealed=frozenset(),
        locked=frozenset(),
    )
    if not replies:
        return said
    read = world.reader(request.channel)
    messages = world.store.messages(ids=[reply.message_id for reply in replies])
    people = set()
    locked = said["locked"] = _locked(world, messages)
    for message in messages:
        if request.text.form is Form.CHAT:
            if message.purged_at is None and message.id not in locked:
                facts = read(world.store.raw(message.sha256))
                said["texts"][message.id] = facts.text
                said["marks"][message.id] = Mark(facts.author, facts.author_by)
                people.add(facts.sender_name)
            continue
        post = posts.shown(message)
        if post is not None:
            said["handles"][message.id] = post.who
        if message.purged_at is None and message.id not in locked:  # else it is gone, or cannot be read
            if post is None:
                facts = read(world.store.raw(message.sha256))
                people.add(facts.sender_name)
            said["texts"][message.id] = post.text if post else facts.text
    said["deleted"] = frozenset(message.id for message in messages if message.gone_at is not None)
    said["digests"] = {message.id: message.sha256 for message in messages}
    said["sealed"] = frozenset(message.id for message in messages if message.purged_at is not None)
    said["people"] = tuple(sorted(people - {""}))
    by_people = [reply.message_id for reply in replies if reply.kind.by_person and reply.message_id in said["texts"]]
    said["langs"] = {key: lang for key in by_people if (lang := language(said["texts"][key]))}
    return said


def _locked(world: World, messages: Sequence[Message]) -> frozenset[int]:
    """Return those of which the raw form is encrypted, and nobody has its key: figures need none."""
    encrypted = world.store.encrypted([message.sha256 for message in messages])
    found = set()
    for message in messages:
        if message.sha256 in encrypted and message.purged_at is None:
            try:
                world.store.raw(message.sha256)
            except LockedError:
                found.add(message.id)
    return frozenset(found)


def said_of(world: World, companies: Sequence[str]) -> tuple[Said, ...]:
    """Return what these companies, or all, stated and what was corrected until now, the oldest first."""
    return tuple(
        Said(at=one.at, company=one.company, kind=one.kind, words=one.words, request=one.request, changed=one.changed)
        for one in world.store.corrections(until=world.clock.now())
        if not companies or one.company in companies
    )


def imports_of(world: World, requests: Sequence[Request]) -> Iterator[Source]:
    """Yield the files that any of these requests were imported from."""
    given = world.store.given([request.id for request in requests if request.account == IMPORTED])
    yield from sources(world, Counter(one.import_id for one in given.values()))


def sources(world: World, counts: Mapping[int, int]) -> Iterator[Source]:
    """Yield the files of these imports, with how many of the report's requests come from each."""
    silent = world.store.imports_without_answers() if counts else ()
    for one in world.store.imports() if counts else ():
        if counts.get(one.id):
            yield Source(
                name=one.source,
                at=one.at,
                sha256=one.sha256,
                requests=counts[one.id],
                answered_only=one.format in ANSWERED_ONLY,
                without_answers=one.id in silent,
            )


def _greeted_as_machine(request: Request, moments: Sequence[Moment]) -> bool:
    """Whether what stood there before we wrote says that a machine speaks; it need not say so twice."""
    greetings = (one.saw for one in moments if one.kind is MomentKind.GREETING)
    facts = (Facts(platform=request.channel, chat=request.target, text=one, author=Author.BOT) for one in greetings)
    return any(classify.classify(one).says_machine for one in facts)


def _companies(world: World, requests: Sequence[Request]) -> dict[str, CompanyView]:
    views = {}
    for key in sorted({request.company for request in requests} | set(world.config.companies)):
        company = world.config.companies.get(key)
        views[key] = CompanyView(
            key=key,
            name=company.name if company else key,
            relationship=company.relationship if company else Relationship.PUBLIC_INTEREST,
            zone=company.zone if company else world.config.zone,
            domains=tuple(company.domains) if company else (),
        )
    return views


def _standards(world: World, requests: Sequence[Request]) -> dict[tuple[str, str], Standard]:
    found: dict[tuple[str, str], Standard] = {}
    silent = set(world.store.ways_without_answers())
    for request in requests:
        standard = standard_of(world, request)
        told = (request.company, request.channel) not in silent
        found.setdefault((request.company, request.way), standard if told else without_answers(standard))
    for company in world.config.companies.values():
        for target in company.targets:
            found.setdefault((company.key, target.channel), target.standard)
    return found


def _published(world: World, requests: Sequence[Request]) -> dict[tuple[str, str], PublishedPromise]:
    """Return what companies say publicly of their reply time; of several targets on a way the first one's word."""
    found: dict[tuple[str, str], PublishedPromise] = {}
    for company in world.config.companies.values():
        for target in company.targets:
            if target.promise is not None:
                found.setdefault((company.key, target.channel), target.promise)
    for request in requests:
        bridged = world.target(request.company, request.channel, request.target) if request.network else None
        if bridged is not None and bridged.promise is not None:
            found.setdefault((request.company, request.way), bridged.promise)
    return found


def _ours(world: World) -> Iterator[str]:
    """Yield the names and addresses that we ask under, as the accounts' settings have them."""
    for account in world.config.accounts.values():
        for key in WHO_WE_ARE:
            known = getattr(account.settings, key, "")
            if isinstance(known, str) and known:
                yield known


def _published_until(world: World, request: Request) -> datetime | None:
    """Return when the first response was due by what its target says publicly, in its calendar; None for nothing."""
    target = world.target(request.company, request.channel, request.target)
    if target is None or target.promise is None or request.accepted_at is None:
        return None
    said = target.promise
    if said.within is None and said.business_days is None:
        return None
    promise = Promise(quote="", about=PromiseAbout.REPLY, within=said.within, business_days=said.business_days)
    calendar = calendar_of(world, request.company, request.channel, request.target)
    return pledges.due_at(promise, request.accepted_at, calendar)


def _plan_lines(world: World, choice: Choice) -> list[str]:
    return [
        _plan_line(world, target)
        for company in world.config.companies.values()
        if not choice.companies or company.key in choice.companies
        for target in company.targets
    ]


def _plan_line(world: World, target: Target) -> str:
    return f"{world.config.companies[target.company].name}: {target.channel}, {scheduled(target)}, {target.zone}"


def scheduled(target: Target) -> str:
    """Return the schedule as the config writes it; a target without one is asked by audits only."""
    match target.schedule:
        case Every(interval=interval):
            return f"every {show(interval)}"
        case Cron(expression=expression):
            return f"cron {expression}"
        case Random(times=times, per=per):
            return f"random, {times} in {show(per)}"
        case _:
            return "audit"


def canaries(world: World, choice: Choice, accounts: Sequence[str]) -> tuple[Floor, ...]:
    """Return how letters to ourselves fared that left in the period."""
    from slawatch.usecases import canary  # noqa: PLC0415  few accounts write to themselves

    return tuple(canary.floors(world, choice.since, choice.until, accounts))


def blind_windows(world: World, account: str, since: datetime) -> list[Blind]:
    """Return the spans since then in which looking failed; the next complete look closes one."""
    windows: list[Blind] = []
    failing_since: datetime | None = None
    why = ""
    for look in world.store.looks(account, since):
        if look.ok:
            if failing_since is not None and look.started_at - failing_since >= GAP:
                windows.append(Blind(account, failing_since, look.started_at, why))
            failing_since = None
        elif failing_since is None:
            failing_since, why = look.started_at, look.note
    if failing_since is not None:
        windows.append(Blind(account, failing_since, None, why))
    return windows


def write_whole(path: Path, text: str) -> Path:
    """Write the file so that a reader sees the old one or the new one, never half of it; returns its absolute path.

    Raises:
        OutputError: it cannot be written there.
    """
    try:
        return _write_whole(path, text)
    except OSError as error:
        # What it says of a file is about a hidden one, which the user never named.
        cure = "write it elsewhere with slawatch report --out FILE"
        raise OutputError(f'report: "{path}" cannot be written ({error.strerror}); {cure}') from error


def _write_whole(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path.resolve()

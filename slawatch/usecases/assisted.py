"""What a person posts for slawatch: telling them what and until when, and finding, taking over or skipping it.

Nothing here posts. What nobody posts is skipped: it counts nowhere, and nobody is to blame.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from slawatch.errors import ChannelError, ChannelRefusedError, UsageError
from slawatch.model import Attempt, Delivery, Form, Origin, Request
from slawatch.usecases.notify import notify
from slawatch.usecases.send import LEASE
from slawatch.usecases.world import News, World

if TYPE_CHECKING:
    from slawatch.channels.base import Public, Sent

POST_WITHIN = timedelta(hours=3)
"""How long a person has to post what was prepared: later it would be asked at another time of day than planned."""

LETTER_WITHIN = timedelta(days=3)
"""The same for a letter on paper or a form: nobody there can tell at what time of day it was written."""

SHOWN_WITHIN = timedelta(minutes=15)
"""How much longer a post is looked for: an account's own posts are an index, which shows the newest late."""

TELL_AGAIN = timedelta(minutes=10)  # after a mail that could not be sent
ADOPT_BACK = timedelta(days=7)  # how far back a link is looked for among what was skipped
CLOCKS_APART = timedelta(minutes=2)  # between the platform's and ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What a person is to post: the whole text, from which account, until when.

    `link` opens the platform with the text ready, "" where it has none. `problem` says why the text is not whole.
    """

    request: Request
    text: str
    link: str
    account: str
    until: datetime
    problem: str = ""


def waits(request: Request) -> bool:
    """Whether the request waits for a person to post it."""
    return request.origin is Origin.ADOPTED and request.delivery is Delivery.INTENDED


def until(request: Request) -> datetime:
    """Return until when a request is to be posted; a little later it is skipped."""
    within = LETTER_WITHIN if request.text.form is Form.LETTER else POST_WITHIN
    return max(request.due_at, request.intended_at) + within


def invitations(world: World, requests: Iterable[Request], *, by_hand: bool = False) -> list[Invitation]:
    """Return what is to be posted for those of the requests that wait for a person, the most urgent first.

    With `by_hand` those that are asked where nothing is posted: by phone, on paper.
    """
    waiting = [
        one
        for one in requests
        if waits(one) and one.account in world.config.accounts and _is_by_hand(world, one) is by_hand
    ]
    return [invitation(world, one) for one in sorted(waiting, key=until)]


def invitation(world: World, request: Request) -> Invitation:
    """Return what is to be posted for a request."""
    settings = world.config.accounts[request.account].settings
    text, link, problem = request.text.body.strip(), "", ""
    try:
        channel = world.channel(request.account)
        text = channel.prepare(request, _no_attempt(request)).decode("utf-8", "replace")
        public = _public(world, request.account)
        link = public.post_link(request) if public is not None else ""
    except ChannelError as error:
        problem = str(error)
    return Invitation(
        request=request,
        text=text,
        link=link,
        account=str(getattr(settings, "handle", "") or request.account),
        until=until(request),
        problem=problem,
    )


def invite(world: World) -> list[Request]:
    """Tell of every post that was prepared for a person, once; return those they were told of now.

    Where an account names somebody to `notify`, it is mailed to them; where that fails, it is tried again.
    """
    told = []
    for request in world.store.untold():
        if request.account not in world.config.accounts or world.halted(
            company=request.company, account=request.account
        ):
            continue
        if world.clock.now() >= until(request):
            continue  # too late: it will be skipped
        if world.store.take_telling(request.id, world.worker, LEASE):
            if _tell(world, request):
                world.store.told(request.id)
                told.append(request)
            else:
                world.store.put_off_telling(request.id, world.worker, world.clock.now() + TELL_AGAIN)
    return told


def find_posted(world: World) -> list[str]:
    """Take over what people have posted, and skip what they have not in time; return the public ids of both.

    Nothing is skipped before the account's own posts could be looked through after its time was over.
    """
    from slawatch.channels.base import Sent  # noqa: PLC0415  channels are loaded on use

    settled = []
    away: set[str] = set()  # what does not answer for one is not waited for with each of the others
    for request in world.store.requests(delivery=Delivery.INTENDED):
        if not waits(request) or request.account not in world.config.accounts or request.account in away:
            continue
        now = world.clock.now()  # before looking: what is posted meanwhile must not be skipped
        channel = _public(world, request.account)
        if channel is None:
            continue
        try:
            found = channel.find_posted(request)
        except ChannelRefusedError as error:  # this one alone cannot be looked for
            world.tell(News(what="not-observed", words=f"cannot look: {error}", ref=request.public_id))
            continue
        except ChannelError as error:
            away.add(request.account)
            world.tell(News(what="not-observed", words=f"cannot look: {error}", ref=request.account))
            continue
        if isinstance(found, Sent) and world.store.request_posted_as(found.remote_id) is None:
            if _take_over(world, request, found):
                settled.append(request.public_id)
        elif now > until(request) + SHOWN_WITHIN and _skip(world, request, _why_not(world, request)):
            settled.append(request.public_id)
    return settled


def adopt(world: World, url: str, public_id: str = "") -> Request:
    """Take the post at a public link for a request that was prepared for a person, also for one that was skipped.

    Without a request it is the one that the post fits.

    Raises:
        UsageError: there is no such request, it was asked already, or the post is not its.
    """
    request, sent = _fits(world, _adoptable(world, public_id), url) if public_id else _found_for(world, url)
    other = world.store.request_posted_as(sent.remote_id)
    if other is not None:
        raise UsageError(f'adopt: "{url}" is what {other.public_id} was asked with; name another post')
    if not _take_over(world, request, sent):
        raise UsageError(
            f"adopt: {request.public_id} was settled meanwhile; see `slawatch explain {request.public_id}`"
        )
    return _again(world, request)


def skip(world: World, public_id: str) -> Request:
    """Skip a request that waits for a person: they do not want to post it. Its target's next one comes as planned.

    Raises:
        UsageError: there is no such request, or it does not wait for a person.
    """
    request = _known(world, public_id)
    if request.delivery is Delivery.SKIPPED:
        return request
    if not waits(request):
        raise UsageError(f"skip: {public_id} does not wait for a person; it is {request.delivery.value}")
    chose = "ask" if _is_by_hand(world, request) else "post"
    if not _skip(world, request, f"a person chose not to {chose} it"):
        raise UsageError(f"skip: {public_id} was settled meanwhile; see `slawatch explain {public_id}`")
    return _again(world, request)


# --- telling ---


def _tell(world: World, request: Request) -> bool:
    """Tell the person what to post; return whether they know now."""
    what = invitation(world, request)
    whom = world.config.accounts[request.account].notify
    by_hand = _is_by_hand(world, request)
    said = f"please post on {request.channel} to {request.target}: {' '.join(what.text.split())} {what.link}".rstrip()
    if by_hand:
        said = f"please ask by {request.target}: slawatch record {request.public_id} --live"
    if what.problem:
        world.tell(News(what="not-told", words=f"cannot prepare it: {what.problem}", ref=request.public_id))
        return False
    if whom is None:
        world.tell(News(what="please-post", words=said, ref=request.public_id))
        return True
    try:
        notify(
            world,
            whom,
            subject=subject(world, what),
            body=letter(world, what),
            key=f"please-post.{request.message_id.partition('@')[0]}",
        )
    except ChannelError as error:
        world.tell(News(what="not-told", words=f"cannot mail {whom.to}: {error}; {said}", ref=request.public_id))
        return False
    world.tell(
        News(
            what="please-post",
            words=f"{whom.to} was asked to {'ask' if by_hand else 'post'} it on {request.channel}",
            ref=request.public_id,
        )
    )
    return True


def subject(world: World, what: Invitation) -> str:
    """Return the subject of the letter that asks a person to post."""
    verb = "ask" if _is_by_hand(world, what.request) else "post to"
    return f"Please {verb} {what.request.target} until {_local(what.until, world.config.zone):%H:%M}"


def letter(world: World, what: Invitation) -> str:
    """Return the words of the letter that asks a person to post."""
    request, zone = what.request, world.config.zone
    company = world.config.companies.get(request.company)
    target = world.target(request.company, request.channel, request.target)
    if _is_by_hand(world, request):
        return _letter_by_hand(world, what, company.name if company else request.company)
    direct = target is not None and target.direct
    how = "send this as a direct message" if direct else "post this"
    name = company.name if company else request.company
    lines = [
        f"Please {how} on {request.channel} as {what.account}, to {name} ({request.target}),",
        f"until {_local(what.until, zone):%A %Y-%m-%d %H:%M} ({zone}):",
        "",
        *(f"    {line}".rstrip() for line in what.text.splitlines()),
        "",
    ]
    if what.link:
        lines += ["This link opens it, ready to be posted:", "", what.link, ""]
    lines += [
        "You may word it a little differently"
        + ("." if direct else f", as long as {request.target} stays in it. Do not say that it is a test."),
        "It is found by itself, and the wait begins when you posted it. Where it is not found, hand over its link:",
        "",
        f"    slawatch adopt {request.public_id} LINK",
        "",
        "If you do not post it until then it is skipped: nobody was asked, it counts nowhere, and nobody is to blame.",
        "The next one comes as planned. To skip it at once:",
        "",
        f"    slawatch skip {request.public_id}",
    ]
    return "\n".join(lines) + "\n"


def _letter_by_hand(world: World, what: Invitation, name: str) -> str:
    """Return the words of the letter that asks a person to phone, to write on paper, to go there."""
    request, zone = what.request, world.config.zone
    lines = [
        f"Please ask {name} by {request.target},",
        f"until {_local(what.until, zone):%A %Y-%m-%d %H:%M} ({zone}):",
        "",
        *(f"    {line}".rstrip() for line in what.text.splitlines()),
        "",
        "You may word it a little differently. Do not say that it is a test. This takes the time while you do it:",
        "",
        f"    slawatch record {request.public_id} --live",
        "",
        "Afterwards it goes like this:",
        "",
        f"    slawatch record {request.public_id} --sent 10:04 --answer 10:07",
        "",
        "If you do not ask it until then it is skipped: nobody was asked, it counts nowhere, and nobody is to blame.",
        "The next one comes as planned. To skip it at once:",
        "",
        f"    slawatch skip {request.public_id}",
    ]
    return "\n".join(lines) + "\n"


def _is_by_hand(world: World, request: Request) -> bool:
    account = world.config.accounts.get(request.account)
    return account is not None and account.by_hand


def _local(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone))


def _no_attempt(request: Request) -> Attempt:
    """Return an attempt for what is only looked at: a person posts it, so that there never is one."""
    return Attempt(id=0, request_id=request.id, number=1, envelope_id="", started_at=request.intended_at)


# --- taking over ---


def _take_over(world: World, request: Request, sent: Sent) -> bool:
    """Settle it as sent when it was posted. What came before we knew of the post is judged once more."""
    settled = world.store.settle(
        request.id,
        delivery=Delivery.SENT,
        detail=sent.evidence,
        accepted_at=sent.accepted_at,
        uncertainty=sent.uncertainty,
        proof=sent.proof,
        remote_id=sent.remote_id,
    )
    if settled:
        world.store.judge_unmatched_again(request.account, sent.accepted_at - sent.uncertainty)
        world.tell(News(what="adopted", words=f"you have asked {request.company}", ref=request.public_id))
    return settled


def skip_unasked(world: World, request: Request) -> bool:
    """Skip a request that nobody asked by hand in time."""
    untold = any(one.id == request.id for one in world.store.untold())
    return _skip(world, request, "nobody could be told in time" if untold else "nobody asked it in time")


def _skip(world: World, request: Request, why: str) -> bool:
    skipped = world.store.settle(request.id, delivery=Delivery.SKIPPED, detail=why)
    if skipped:
        world.tell(News(what="skipped", words=f"skipped: {why}", ref=request.public_id))
    return skipped


def _why_not(world: World, request: Request) -> str:
    """Return why it was not posted. By now nobody is telling it any more, so that what is untold was never told."""
    untold = any(one.id == request.id for one in world.store.untold())
    return "nobody could be told in time" if untold else "nobody posted it in time"


def _known(world: World, public_id: str) -> Request:
    request = world.store.request(public_id)
    if request is None:
        raise UsageError(f'request: there is no "{public_id}"; `slawatch status` and the report list them')
    return request


def _again(world: World, request: Request) -> Request:
    return world.store.request(request.public_id) or request


def _adoptable(world: World, public_id: str) -> Request:
    """Return the request of that id. Raises UsageError where no person could have asked it."""
    request = _known(world, public_id)
    if request.text.form is not Form.POST or request.origin is not Origin.ADOPTED:
        raise UsageError(f"adopt: {public_id} was not prepared for a person to post; `slawatch status` lists those")
    if request.delivery is Delivery.SENT:
        raise UsageError(f"adopt: {public_id} was asked already; see `slawatch explain {public_id}`")
    if not waits(request) and request.delivery is not Delivery.SKIPPED:
        raise UsageError(
            f"adopt: {public_id} is {request.delivery.value}; only what waits or was skipped can be adopted"
        )
    if request.account not in world.config.accounts:
        raise UsageError(f'adopt: the account "{request.account}" is no longer in the config; put it back')
    return request


def _fits(world: World, request: Request, url: str) -> tuple[Request, Sent]:
    """Return the request with the post that asked it. Raises UsageError where it cannot be its."""
    channel = _public(world, request.account)
    if channel is None:
        raise UsageError(f'adopt: nothing is posted by "{request.account}"; name a request of a public channel')
    sent = channel.adopt(request, url)
    if sent.accepted_at + sent.uncertainty < request.intended_at - CLOCKS_APART:
        raise UsageError(f'adopt: "{url}" was posted before {request.public_id} was prepared; name a later post')
    return request, sent


def _found_for(world: World, url: str) -> tuple[Request, Sent]:
    """Return the one request that the post fits: one that waits, else one that was skipped lately."""
    since = world.clock.now() - ADOPT_BACK
    all_of_them = [
        one
        for one in world.store.requests(delivery=(Delivery.INTENDED, Delivery.SKIPPED), since=since)
        if one.origin is Origin.ADOPTED and one.account in world.config.accounts
    ]
    if not all_of_them:
        raise UsageError("adopt: nothing waits for a person, and nothing was skipped within 7 days")
    why = UsageError(f'adopt: "{url}" fits nothing that waits or was skipped within 7 days; name the request')
    for delivery in (Delivery.INTENDED, Delivery.SKIPPED):
        fitting = []
        for one in all_of_them:
            if one.delivery is delivery:
                try:
                    fitting.append(_fits(world, one, url))
                except UsageError as error:
                    why = error if len(all_of_them) == 1 else why
        if len(fitting) > 1:
            fitting = [pair for pair in fitting if _says_the_same(world, *pair)] or fitting
        if len(fitting) > 1:
            ids = ", ".join(one.public_id for one, _ in fitting)
            raise UsageError(f'adopt: "{url}" may be any of {ids}; name one: slawatch adopt REQUEST LINK')
        if fitting:
            return fitting[0]
    raise why


def _says_the_same(world: World, request: Request, sent: Sent) -> bool:
    """Whether the post would have been found for the request by its words."""
    channel = _public(world, request.account)
    found = channel.find_posted(request) if channel is not None else None
    return getattr(found, "remote_id", "") == sent.remote_id


def _public(world: World, account: str) -> Public | None:
    """Return the account's channel if everybody can read along on it."""
    from slawatch.channels.base import Public  # noqa: PLC0415  channels are loaded on use

    channel = world.channel(account)
    return channel if isinstance(channel, Public) else None

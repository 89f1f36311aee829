"""What we would write to a letter of the company, and what speaks against it. Looks up; keeps and sends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from slawatch import following
from slawatch.config import Target
from slawatch.durations import show
from slawatch.errors import ConfigError
from slawatch.model import Delivery, Facts, FollowUp, Form, Mode, Origin, Purpose, Reply, Request
from slawatch.usecases.world import World

DELETED = "its author has deleted it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What we would write to a letter of the company.

    `own_words` is what we say, `body` that with the letter quoted below it. `unfit` says why nothing of ours may go to
    that letter, `elsewhere` that `to` is none of the company's addresses, `waits` why it does not leave by itself; all
    are "" where nothing speaks against it.
    """

    request: Request
    reply: Reply
    letter: Facts
    purpose: Purpose
    to: str
    subject: str
    own_words: str
    body: str
    unfit: str
    elsewhere: str
    waits: str

    @property
    def objection(self) -> str:
        """Why it does not leave by itself, the graver reason first; "" where it does."""
        return self.unfit or self.elsewhere or self.waits


def draft(world: World, request: Request, reply: Reply, purpose: Purpose = Purpose.REPLY, *, words: str = "") -> Draft:
    """Return what we would write to this letter: `words`, or what the probe says; nothing is kept or sent."""
    (message,) = world.store.messages(ids=[reply.message_id])
    purged = message.purged_at is not None
    if purged:
        letter = Facts(platform=request.channel if request.text.form is not Form.LETTER else "")
    else:
        letter = world.reader(request.channel)(world.store.raw(message.sha256))
    to = world.channel(request.account).correspondent(letter) if request.account in world.config.accounts else ""
    ours = world.store.follow_ups([request.id]).get(request.id, [])
    others = [one for one in ours if (one.message_id, one.purpose) != (reply.message_id, purpose)]
    nothing = ""
    if not words:
        try:
            words = _words(world, request, letter, purpose, others)
        except ConfigError as error:
            nothing = str(error)
        else:
            nothing = "" if words else "what the probe says to it has been said, or it says nothing in this language"
    arrived_at = reply.stamps.at.astimezone(ZoneInfo(request.zone))
    quotation = following.quoted(letter, arrived_at, request.text.lang) if purpose is Purpose.REPLY else ""
    return Draft(
        request=request,
        reply=reply,
        letter=letter,
        purpose=purpose,
        to=to,
        subject=following.subject(letter, request.text.subject),
        own_words=words,
        body="\n\n".join(part for part in (words, quotation) if part) + "\n",
        unfit=DELETED if purged else following.unfit(letter, to),
        elsewhere=_elsewhere(world, request, letter, to),
        waits=_left_alone(world, request) or _waits(world, request, reply, purpose, others) or nothing,
    )


def _words(world: World, request: Request, letter: Facts, purpose: Purpose, ours: Sequence[FollowUp]) -> str:
    """Return what is to be said and has not been said before, "" where there is nothing.

    Raises:
        ConfigError: it should not be written to a company.
    """
    from slawatch import probe, resources  # noqa: PLC0415  only a question or an answer has us look for words

    company = world.config.companies.get(request.company)
    number = (company.customer or {}).get("number", "") if company else ""
    account = world.config.accounts.get(request.account)
    values = {
        "company": company.name if company else request.company,
        "name": str(getattr(account.settings, "name", "")) if account else "",
        "customer_number": number,
    }
    texts: list[str] = []
    short = bool(letter.platform)
    public = short and not letter.chat  # where everybody can read along nobody is told a customer's number
    asks_number = purpose is Purpose.REPLY and bool(number) and following.wants_number(letter) and not public
    if purpose is Purpose.THANKS or asks_number:
        courtesies = probe.load_courtesies(resources.folders("probes/replies", world.config.folder))
        said = courtesies.get(request.text.lang)
        if said is not None:
            texts += _one_of(said.thanks if purpose is Purpose.THANKS else said.customer_number, request)
    asked = world.probes.get(request.text.probe)
    if purpose is Purpose.REPLY and asked is not None and request.text.lang in asked.wordings:
        probe.require_manners(asked)
        wording = asked.wordings[request.text.lang]
        texts.append(wording.post_follow_up if short else wording.follow_up)
    filled = [following.filled(text, values) for text in texts if number or "{customer_number}" not in text]
    return following.unsaid(filled, [one.body for one in ours if _may_be_read(one)])


def _may_be_read(ours: FollowUp) -> bool:
    """Whether the company has this letter of ours, or will have it, for all we know."""
    gone = ours.delivery is Delivery.WITHDRAWN and ours.started_at is None
    return not gone and ours.delivery is not Delivery.REFUSED


def _one_of(texts: Sequence[str], request: Request) -> Sequence[str]:
    """Return one of the wordings, the same for a request whenever it is asked for."""
    return [texts[request.id % len(texts)]] if texts else []


def _elsewhere(world: World, request: Request, letter: Facts, to: str) -> str:
    """Return that the address is none of the company's, "" where it is; what is told of us stays between us."""
    if letter.chat:
        return "" if to == request.target.lower() else f'the reply would go to "{to}", which was not asked'
    if letter.platform:
        from slawatch.usecases import in_public  # noqa: PLC0415  who only writes letters has no use for it

        theirs = to in in_public.accounts_of(world, request.company, request.channel).ids
        return "" if theirs else f'the reply would go to "{to}", which is not known as the company\'s'
    from slawatch import match  # noqa: PLC0415  every pass loads this file, and most have nothing to write

    company = world.config.companies.get(request.company)
    trusted = world.store.trusted_domains().get(request.company, frozenset())
    party = match.party(
        request.company,
        domains=(*(company.domains if company else ()), *trusted),
        addresses=[request.target, *(target.address for target in (company.targets if company else ()))],
    )
    return "" if not to or party.owns(to) else f'the reply would go to "{to}", which is not known as the company\'s'


def _left_alone(world: World, request: Request) -> str:
    """Return that nobody writes to the company any more, whoever asks for it; "" where it has not opted out."""
    entry = world.store.opted_out(request.company, request.target)
    return "" if entry is None else f"{request.company} is {entry.words}"


def _waits(world: World, request: Request, reply: Reply, purpose: Purpose, ours: Sequence[FollowUp]) -> str:
    """Return why a person has to write, whatever there is to say; "" where we may by ourselves."""
    target = world.target(request.company, request.channel, request.target)
    if request.origin is not Origin.SENT or request.made_up:
        by_you = request.origin in {Origin.ADOPTED, Origin.RECORDED}
        return "you have asked this, so you reply" if by_you else "we did not ask this"
    if target is None or target.mode is not Mode.AUTO:
        return not_by_itself(target)
    if purpose is Purpose.THANKS:
        return "" if target.thanks else "thanks = false in the config"
    if not target.follow_up:
        return "follow_up = false in the config"
    age = world.clock.now() - reply.stamps.at
    if age > target.standard.window:
        return f"the question came {show(age)} ago"
    replied = sum(one.purpose is Purpose.REPLY for one in ours)
    enough = replied >= following.BY_ITSELF_MOST
    return f"{replied} replies have gone out, more might go back and forth for ever" if enough else ""


def not_by_itself(target: Target | None, *, by_hand: bool = False) -> str:
    """Return why the config lets no program write to this target any more; "" where it does, or a person wants it."""
    if target is None:
        return "the target is no longer in the config"
    return "" if by_hand or target.mode is Mode.AUTO else "no program may write to this target any more (key mode)"

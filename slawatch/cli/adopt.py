"""`slawatch adopt`: what waits for a person to post it, and the link of what they have posted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.lines import counted, harmless
from slawatch.cli.options import config_option, examples, json_option, local, print_json
from slawatch.errors import UsageError
from slawatch.model import Request
from slawatch.usecases import assisted
from slawatch.usecases.assisted import Invitation
from slawatch.usecases.tick import only_pass

WORDS = 2  # a request and a link


@click.command(
    "adopt",
    epilog=examples(
        "slawatch adopt",
        "slawatch adopt https://x.com/anna_asks/status/1790000000000000000",
        "slawatch adopt R8ed9fc93 https://x.com/anna_asks/status/1790000000000000000",
    ),
)
@config_option
@json_option
@click.argument("words", nargs=-1, metavar="[REQUEST] [LINK]")
def command(config_path: Path, *, as_json: bool, words: tuple[str, ...]) -> None:
    """Show what waits for you to post it; with a LINK, say that you have posted it there.

    What you have posted is mostly found by itself, from your account's own posts. Where it is not, hand over its LINK:
    the wait begins when you posted it. The REQUEST is only needed where the post could be several. A post made after
    its time was over, when the request had been skipped, counts as well.
    """
    if len(words) > WORDS:
        raise UsageError("adopt: give a REQUEST and a LINK, or a LINK alone")
    with world(config_path) as here:
        zone = here.config.zone
        names = {key: company.name for key, company in here.config.companies.items()}
        if not words:
            waiting = assisted.invitations(here, here.store.requests())
            if as_json:
                print_json({"to_post": [invitation_facts(one) for one in waiting]})
                return
            for line in _waiting(waiting, zone, names):
                click.echo(line)
            return
        if len(words) == 1 and here.store.request(words[0]) is not None:
            raise UsageError(f'adopt: "{words[0]}" is a request; give the link of your post behind it')
        with only_pass(here.config.store):
            done = assisted.adopt(here, words[-1], words[0] if len(words) == WORDS else "")
    if as_json:
        print_json(settled_facts(done))
        return
    at = local(done.accepted_at, zone, seconds=True) if done.accepted_at else ""
    click.echo(harmless(f"{done.public_id}: you asked {names.get(done.company, done.company)} on {at} ({zone})"))


def invitation_facts(one: Invitation) -> dict[str, object]:
    """Return what a person is to post, for JSON."""
    return {
        "request": one.request.public_id,
        "company": one.request.company,
        "channel": one.request.channel,
        "target": one.request.target,
        "account": one.account,
        "text": one.text,
        "link": one.link or None,
        "until": one.until,
        "problem": one.problem or None,
    }


def settled_facts(request: Request) -> dict[str, object]:
    """Return what became of a request that was prepared for a person, for JSON."""
    return {
        "request": request.public_id,
        "company": request.company,
        "state": request.delivery.value,
        "asked_at": request.accepted_at,
        "because": request.void_detail or None,
    }


def _waiting(waiting: list[Invitation], zone: str, names: Mapping[str, str]) -> Iterator[str]:
    if not waiting:
        yield "nothing waits for you to post it"
        return
    yield f"{counted(len(waiting), 'post waits', 'posts wait')} for you; times are those of {zone}"
    for one in waiting:
        request = one.request
        yield ""
        name = names.get(request.company, request.company)
        yield harmless(
            f"{request.public_id}: to {name} ({request.target}) on {request.channel}, as {one.account}, "
            f"until {local(one.until, zone)}"
        )
        yield from (f"  {harmless(line)}".rstrip() for line in one.text.splitlines())
        if one.link:
            yield f"  {harmless(one.link)}"
        if one.problem:
            yield f"  {harmless(one.problem)}"
    yield ""
    yield "It is found once you have posted it; else: slawatch adopt LINK. Not this one? slawatch skip REQUEST"

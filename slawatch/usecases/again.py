"""Ask about a matter once more on another way, by the company's own number for it.

That shows whether a customer has to tell everything again there. Words the question; sends nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from slawatch import following
from slawatch.config import Target
from slawatch.errors import ConfigError, UsageError
from slawatch.model import Form, Request, Text
from slawatch.usecases.world import World

PROBE = "again"  # what such a question is called where a probe's name stands
TICKET = "ticket:"


def about(world: World, public_id: str) -> Request:
    """Return the request whose matter is to be taken up again.

    Raises:
        UsageError: there is none of that id, it was made up, or its company has given the matter no number.
    """
    request = world.store.request(public_id)
    if request is None:
        raise UsageError(f'request: there is no "{public_id}"; `slawatch status` and the report list them')
    if request.made_up:
        raise UsageError(f"request: {public_id} is made up; nobody could know its number")
    if not ticket(world, request):
        raise UsageError(
            f"request: the company has given {public_id} no number of its own to refer to; "
            "`slawatch explain` shows what came back"
        )
    return request


def ticket(world: World, request: Request) -> str:
    """Return the company's own number for the matter, the shortest of several; "" where it gave none."""
    numbers = [name.removeprefix(TICKET) for name in world.store.names_of(request.id) if name.startswith(TICKET)]
    return min(numbers, key=lambda one: (len(one), one), default="").upper()


def targets(request: Request, chosen: Sequence[Target]) -> list[Target]:
    """Return those of the chosen targets that are the request's company's and not where it was put.

    Nor where everybody can read along: who knows the number may be taken for whom it was given to.

    Raises:
        UsageError: none is left.
    """
    found = [
        one
        for one in chosen
        if one.company == request.company
        and one.form is not Form.POST
        and (one.channel, one.address) != (request.channel, request.target)
    ]
    if not found:
        raise UsageError(
            f"--about {request.public_id}: {request.company} has no other way among the chosen ones; "
            "add a target on another channel"
        )
    return found


def word(world: World, target: Target, continues: int, *, reference: str) -> Text | str:
    """Return what is asked about that request on this way, or why nothing can be."""
    from slawatch import probe, resources  # noqa: PLC0415  hardly any pass asks again

    (before,) = world.store.requests(ids=[continues])
    number = ticket(world, before)
    if not number:
        return f"the company's own number for {before.public_id} is not known any more"
    try:
        said = probe.load_courtesies(resources.folders("probes/replies", world.config.folder)).get(target.lang)
    except ConfigError as error:
        return str(error)
    texts = (said.again if target.form is Form.LETTER else said.again_short) if said else ()
    if said is None or not texts or (target.form is Form.LETTER and not said.again_subject):
        return f'probes/replies/{target.lang}.toml has no words for asking again; add "again" and "again_short"'
    variant = before.id % len(texts)
    values = {
        "company": world.company(target.company).name,
        "name": str(getattr(world.config.accounts[target.account].settings, "name", "")),
        "ticket": number,
        "reference": reference,
    }
    body = following.filled(texts[variant], values)
    letter = target.form is Form.LETTER
    return Text(
        probe=PROBE,
        lang=target.lang,
        variant=variant,
        subject=following.filled(said.again_subject[variant % len(said.again_subject)], values) if letter else "",
        body=body + "\n" if letter else " ".join(body.split()),
        form=target.form,
    )

"""Asking about a matter once more on another way: by their number, within the limits, and must all be told again?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from slawatch import following
from slawatch.errors import UsageError
from slawatch.model import Form, Request
from slawatch.usecases import again, audit
from slawatch.usecases.collect import collect
from slawatch.usecases.send import send_due
from tests.stages import Opening, Stage, company

SALES = """
[[company.shop.target]]
channel = "email"
address = "sales@shop.example"
"""
RECEIPT = (
    "Guten Tag,\n\nvielen Dank, Ihre Anfrage ist eingegangen. Ihre Ticketnummer lautet SRV-4711.\n\nIhr Serviceteam"
)
PLAIN_RECEIPT = "Guten Tag,\n\nvielen Dank, Ihre Anfrage ist eingegangen.\n\nIhr Serviceteam"
ANSWER = "Guten Tag,\n\ndie Lieferung dauert zwei bis drei Werktage.\n\nMaeve Doyle"
QUESTION = "Guten Tag,\n\nworum geht es denn, und was haben Sie bestellt?\n\nMaeve Doyle"


def start(here: Stage, address: str, continues: int | None = None) -> Request:
    """Ask at this address now and return what left."""
    before = {one.id for one in here.requests()}
    (target,) = (one for one in here.world.config.companies["shop"].targets if one.address == address)
    campaign = audit.start(here.world, [target], over=timedelta(0), until=None, name="test", continues=continues)
    send_due(here.world, campaign=campaign.id)
    (request,) = (one for one in here.requests() if one.id not in before)
    audit.end(here.world, campaign)
    return request


def asked(stage: Opening, *, receipt: str = RECEIPT) -> tuple[Stage, Request]:
    """A company has given our question a number of its own."""
    here = stage(company(relationship="own", schedule=SALES))
    request = start(here, "service@shop.example")
    here.forward(minutes=1)
    here.far.answer(request, receipt, headers={"auto-submitted": ("auto-replied",)})
    collect(here.world)
    return here, request


def asked_again(stage: Opening) -> tuple[Stage, Request]:
    here, request = asked(stage)
    here.forward(days=2)
    return here, start(here, "sales@shop.example", continues=request.id)


def told_again(here: Stage, request: Request) -> bool | None:
    collect(here.world)
    return following.told_again(request, here.world.store.replies([request.id]).get(request.id, []))


def test_what_is_asked_again_names_their_number_and_not_what_was_asked(stage: Opening) -> None:
    here, second = asked_again(stage)
    first = here.requests()[0]

    assert second.continues == first.id
    assert "SRV-4711" in second.text.body
    assert "SRV-4711" in second.text.subject
    assert second.token in second.text.subject
    assert (second.text.probe, second.target) == (again.PROBE, "sales@shop.example")


@pytest.mark.parametrize(("text", "told"), [(ANSWER, False), (QUESTION, True)])
def test_who_asks_back_has_us_tell_everything_again(stage: Opening, text: str, *, told: bool) -> None:
    here, second = asked_again(stage)
    assert told_again(here, second) is None

    here.forward(hours=1)
    here.far.answer(second, text)

    assert told_again(here, second) is told


def test_a_machine_that_answers_says_nothing_of_that(stage: Opening) -> None:
    here, second = asked_again(stage)
    here.far.answer(second, PLAIN_RECEIPT, headers={"auto-submitted": ("auto-replied",)})

    assert told_again(here, second) is None


def test_an_ordinary_request_takes_nothing_up_again(stage: Opening) -> None:
    here, first = asked(stage)
    here.forward(hours=1)
    here.far.answer(first, QUESTION)

    assert told_again(here, first) is None


def test_without_a_number_of_theirs_nothing_can_be_asked_again(stage: Opening) -> None:
    here, first = asked(stage, receipt=PLAIN_RECEIPT)

    with pytest.raises(UsageError, match="no number of its own"):
        again.about(here.world, first.public_id)
    with pytest.raises(UsageError, match='there is no "R0"'):
        again.about(here.world, "R0")


def test_only_another_way_of_the_same_company_is_asked(stage: Opening) -> None:
    here = stage(company(relationship="own", schedule=SALES), company("other", relationship="own"))
    first = start(here, "service@shop.example")
    everybody = [one for each in here.world.config.companies.values() for one in each.targets]

    assert [one.address for one in again.targets(first, everybody)] == ["sales@shop.example"]
    with pytest.raises(UsageError, match="has no other way among the chosen ones"):
        again.targets(first, [one for one in everybody if one.address == "service@shop.example"])


def test_the_companys_number_is_not_told_where_everybody_reads_along(stage: Opening) -> None:
    here = stage(company(relationship="own", schedule=SALES))
    first = start(here, "service@shop.example")
    public = replace(here.world.config.companies["shop"].targets[1], channel="twitter", form=Form.POST)

    with pytest.raises(UsageError, match="has no other way among the chosen ones"):
        again.targets(first, [public])


def test_asking_again_keeps_within_the_companys_limits(stage: Opening) -> None:
    here = stage(company(relationship="public_interest", schedule=SALES))
    first = start(here, "service@shop.example")
    here.far.answer(first, RECEIPT, headers={"auto-submitted": ("auto-replied",)})
    collect(here.world)
    targets = again.targets(first, here.world.config.companies["shop"].targets)
    campaign = audit.start(
        here.world,
        targets,
        over=timedelta(0),
        until=None,
        name="test",
        continues=again.about(here.world, first.public_id).id,
    )

    send_due(here.world, campaign=campaign.id)

    assert [one.id for one in here.requests()] == [first.id]
    assert audit.progress(here.world, campaign).waiting_slots == 1

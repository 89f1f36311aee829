"""When a company asks to be left alone: from that very pass on it is, a person looks at it, and can take it back."""

from __future__ import annotations

from slawatch.model import Facts, MessageKind, SlotState
from slawatch.usecases import opting, review
from slawatch.usecases.collect import collect
from slawatch.usecases.recompute import recompute
from slawatch.usecases.review import Wish
from slawatch.usecases.status import status
from slawatch.usecases.tick import tick
from tests.stages import Opening, Stage, company
from tests.usecases.test_follow import asked

STOP = "Guten Tag,\n\nbitte nehmen Sie uns aus Ihrem Verteiler und schreiben Sie uns nicht mehr an.\n\nMaeve Doyle"
QUESTION_TOO = "Guten Tag,\n\nworum geht es genau? Und bitte schreiben Sie uns nicht mehr.\n\nMaeve Doyle"
OFTEN = company(schedule='every = "8 d"')


def asked_to_stop(stage: Opening, text: str = STOP) -> Stage:
    """A company was asked, and wrote two hours later that it wants to be left alone; nobody has looked yet."""
    here, request = asked(stage, OFTEN)
    here.forward(hours=2)
    here.far.answer(request, text)
    here.forward(minutes=30)
    return here


def registered(here: Stage) -> list[str]:
    return [one.scope for one in here.world.store.opt_outs()]


def month(here: Stage) -> None:
    for _ in range(20):
        tick(here.world)
        here.forward(days=1)


def test_it_is_asked_nothing_more_and_everybody_else_goes_on(stage: Opening) -> None:
    here = asked_to_stop(stage)
    month(here)

    assert registered(here) == ["company:shop"]
    assert len(here.far.departures) == 1
    assert here.world.store.slots(state=SlotState.PLANNED) == []


def test_without_such_words_the_same_company_is_asked_again(stage: Opening) -> None:
    here = asked_to_stop(stage, "Guten Tag,\n\ndas dauert zwei Werktage, Versand ist gratis.\n\nMaeve Doyle")
    month(here)

    assert registered(here) == []
    assert len(here.far.departures) > 1


def test_what_they_ask_back_in_the_same_breath_is_not_replied_to(stage: Opening) -> None:
    here = asked_to_stop(stage, QUESTION_TOO)
    tick(here.world)

    assert registered(here) == ["company:shop"]
    assert len(here.far.departures) == 1


def test_the_message_waits_for_a_person_with_its_reason_and_counts_meanwhile(stage: Opening) -> None:
    here = asked_to_stop(stage)
    outcome = here.outcome()

    (waiting,) = review.waiting(here.world)
    assert waiting.because[-1].rule == "asks-to-stop"
    assert waiting.because[-1].saw == "nehmen Sie uns aus Ihrem Verteiler"
    assert status(here.world).review == 1
    assert here.world.store.waiting_for_review() == [] or waiting.kind is MessageKind.UNKNOWN
    assert outcome is not None


def test_a_person_confirms_it_and_it_waits_no_more(stage: Opening) -> None:
    here = asked_to_stop(stage)
    collect(here.world)
    (waiting,) = review.waiting(here.world)

    review.decide(here.world, waiting.message.id, Wish(kind=MessageKind.REFUSAL), who="anna", reason="they do")

    assert review.waiting(here.world) == []
    assert registered(here) == ["company:shop"]


def test_taken_back_it_stays_taken_back_whatever_is_judged_again(stage: Opening) -> None:
    here = asked_to_stop(stage)
    collect(here.world)
    here.forward(hours=1)

    opting.remove(here.world, "company:shop", "they meant their newsletter", actor="anna")
    recompute(here.world)

    assert registered(here) == []
    assert [(one.actor, one.action) for one in here.world.store.audit_log()] == [
        ("slawatch", "opted-out"),
        ("anna", "opt-out removed"),
    ]
    month(here)
    assert len(here.far.departures) > 1


def test_who_asks_once_more_afterwards_is_left_alone_again(stage: Opening) -> None:
    here = asked_to_stop(stage)
    collect(here.world)
    here.forward(hours=1)
    opting.remove(here.world, "company:shop", "by mistake")
    here.forward(hours=1)
    here.far.answer(
        here.the_request(), "Guten Tag,\n\nnoch einmal: bitte kontaktieren Sie uns nicht mehr!\n\nMaeve Doyle"
    )
    here.forward(minutes=5)

    collect(here.world)

    assert registered(here) == ["company:shop"]


def test_a_receipt_of_a_machine_stops_nothing(stage: Opening) -> None:
    here, request = asked(stage, OFTEN)
    here.forward(hours=2)
    here.far.answer(request, "Bitte schreiben Sie uns nicht mehr.", headers={"auto-submitted": ("auto-replied",)})
    here.forward(minutes=5)
    collect(here.world)

    assert registered(here) == []


def letter(sender: str, *, cites: str = "") -> Facts:
    return Facts(
        sender=sender,
        recipients=("asks@own.example",),
        subjects=("Ihre Anfragen",),
        own_id=f"fresh@{sender.partition('@')[2]}",
        cited_ids=(cites,) if cites else (),
        text=STOP,
    )


def test_a_letter_of_nobody_we_know_stops_nothing(stage: Opening) -> None:
    here, request = asked(stage, OFTEN)
    here.forward(hours=2)
    here.far.deliver(letter("joker@elsewhere.example", cites=request.message_id))
    here.forward(minutes=5)
    collect(here.world)

    assert here.world.store.replies([request.id])[request.id]  # it is tied to the request, and waits for review
    assert registered(here) == []


def test_a_fresh_letter_of_theirs_stops_it_as_well_and_can_be_found(stage: Opening) -> None:
    here, request = asked(stage, OFTEN)
    here.forward(days=39)  # nothing is open any more that it could be tied to
    here.far.deliver(letter("leitung@shop.example"))
    collect(here.world)

    assert here.world.store.replies([request.id]) == {}
    assert registered(here) == ["company:shop"]
    assert [one.message.sender for one in review.waiting(here.world)] == ["leitung@shop.example"]

"""Every alert, from what happens on a stage to what a receiver is told: that it began, and that it is over."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from slawatch.channels.base import Batch
from slawatch.usecases.tick import tick
from tests.servers.receiver import Receiver, receiving
from tests.stages import Opening, Stage, company

DAILY = (
    'cron = "0 9 * * *"\nprobes = ["delivery-time"]\nfirst_response = { share = 0.9, within = "2 h" }\nanswer = "none"'
)
AUTOMATIC = {"auto-submitted": ("auto-replied",)}
RECEIPT = "Ihre Nachricht ist bei uns eingegangen."
PROMISE = "Ihre Nachricht ist bei uns eingegangen. Wir antworten innerhalb von 24 Stunden."
ANSWERS = (
    "Guten Tag, wir liefern in zwei Tagen, jedes Paket lässt sich verfolgen. Ihr J. Ott",
    "Hallo, meist ist es am dritten Werktag da, ins Ausland dauert es eine Woche. Gruß, M. Kern",
    "Sehr geehrte Frau Beispiel, die Lieferzeit beträgt drei bis vier Tage. Mit besten Grüßen, Eva Lang",
    "Moin, das geht schnell: heute bestellt, übermorgen bei Ihnen. Tom Petersen",
    "Danke für die Frage! Gepackt wird am selben Tag, die Post hat es nach zweien. Liebe Grüße aus Kiel, Ute",
    "Guten Abend, vor den Feiertagen rechnen Sie bitte mit fünf Tagen. H. Brandt, Kundendienst",
    "Liebe Frau Beispiel, sperrige Ware kommt mit der Spedition, kleine am Donnerstag. Nils",
    "Grüß Gott, nach Bayern sind es vier Tage, eine Nummer steht in der Rechnung. Xaver Huber",
    "Hallo Anna, ab Lager in 48 Stunden. Schöne Woche! Pia vom Laden",
    "Guten Morgen, bestellen Sie bis mittags, dann fährt der Wagen noch heute. K. Weiß",
    "Servus, mit Expressversand morgen früh, sonst Ende der Woche. Franz",
    "Verehrte Kundin, Möbel kommen nach sechs Wochen an, Lampen nach drei Tagen. Dr. Stein, Leitung",
    "Tach, ich hab nachgesehen: Ihre Sendung wäre Mittwoch da. Jule",
    "Guten Tag, unser Bote bringt es im Umkreis von zehn Kilometern selbst, gleich am Folgetag. O. Rau",
)  # the same words twice would be a machine's
UNCLEAR = "???"


class Usage(NamedTuple):
    """What the system says of a disk."""

    total: int
    used: int
    free: int


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiving() as one:
        monkeypatch.setenv("ALERTS", f"json://127.0.0.1:{one.port}/hook")
        yield one


class Town:
    """Companies that are asked each day at nine, with somebody to tell. Nobody's clock stands still for a pass."""

    def __init__(self, stage: Stage, receiver: Receiver) -> None:
        self.stage, self.receiver = stage, receiver
        self.told = 0
        self._answers = iter(ANSWERS)
        tick(stage.world)  # lays out when they are asked

    def day(self, *answering: str, receipts: str = "") -> None:
        """Let a day pass with its question; those that are `answering` ("*": all) do so in time, in new words."""
        before = {one.id for one in self.stage.requests()}
        self._passes(hours=21)
        self.stage.forward(minutes=20)  # nobody types faster than that
        for request in self.stage.requests():
            if request.id in before:
                continue
            if receipts:
                self.stage.far.answer(request, receipts, headers=AUTOMATIC)
            if {request.company, "*"} & set(answering):
                self.stage.far.answer(request, next(self._answers))
        self._passes()
        self._passes(hours=2, minutes=40)

    def _passes(self, **span: float) -> None:
        self.stage.forward(**span)
        tick(self.stage.world)

    def news(self) -> list[str]:
        """What was told since this was last asked: the first line of each paragraph, without its time."""
        new = self.receiver.posts[self.told :]
        self.told = len(self.receiver.posts)
        return [part for post in new for part in post["message"].split("\n\n")]

    def about(self, words: str) -> list[str]:
        """The first word of each thing told that says this."""
        return [one.split(":")[0] for one in self.news() if words in one]


@pytest.fixture
def town(stage: Opening, receiver: Receiver) -> Callable[..., Town]:
    def build(*keys: str, on: str, extra: str = DAILY) -> Town:
        companies = "".join(company(key, relationship="own", schedule=extra) for key in keys or ("shop",))
        return Town(stage(companies + f'\n[[alert]]\nto_env = "ALERTS"\non = ["{on}"]\nremind = "none"\n'), receiver)

    return build


def test_an_objective_that_is_missed_and_then_kept(town: Callable[..., Town]) -> None:
    here = town("shop", "other", on="objective")
    for _ in range(2):
        here.day("other")
    assert here.news() == []
    here.day("other")

    (began,) = here.news()
    assert began.startswith("ERROR: ")
    assert "shop (email): first response within 2 h missed in 3 of the last 3 requests" in began
    here.day("*")
    assert here.news() == []
    here.day("*")

    assert here.about("shop (email)") == ["RESOLVED"]


def test_a_promise_that_is_broken_is_told_once(town: Callable[..., Town]) -> None:
    here = town("shop", "other", on="promise")
    here.day("other", receipts=PROMISE)
    here.day("other")
    for _ in range(2):
        here.day("*")

    assert here.about("shop (email): what they promised") == ["WARNING"]


def test_a_budget_that_is_used_up_is_told_once_while_its_period_rolls_and_ends_with_it(
    town: Callable[..., Town],
) -> None:
    here = town(on="budget", extra=f'{DAILY}\nperiod = "12 d"')
    for day in range(17):
        here.day(*() if day < 3 else "*")

    assert here.about("shop (email): the error budget") == ["ERROR", "RESOLVED"]


def test_a_receipt_that_always_came_and_comes_again(town: Callable[..., Town]) -> None:
    here = town(on="receipt")
    for _ in range(5):
        here.day("*", receipts=RECEIPT)
    assert here.news() == []
    for _ in range(3):
        here.day()

    (began,) = here.news()
    assert "; on our side" in began
    here.day("*", receipts=RECEIPT)

    assert here.about("receipt") == ["RESOLVED"]


def test_nobody_at_all_is_our_own_side_first_and_no_company_is_blamed(town: Callable[..., Town]) -> None:
    here = town("one", "two", "three", on='silence", "objective')
    here.day("*")
    for _ in range(4):
        here.day()

    (began,) = here.news()
    assert began.startswith("ERROR: ")
    assert "nobody at all was heard on account main" in began
    here.day("one")

    told = here.news()
    assert [one.split(":")[0] for one in told if "nobody at all" in one] == ["RESOLVED"]
    assert {"two (email)" in "".join(told), "three (email)" in "".join(told)} == {True}


def test_an_account_that_fails_and_comes_back_with_its_blind_window(town: Callable[..., Town]) -> None:
    here = town(on='account", "blind')
    tick(here.stage.world)
    here.stage.far.go_away()
    for _ in range(30):
        here.stage.forward(minutes=5)
        tick(here.stage.world)
    assert here.about("account main cannot be read since") == ["ERROR"]
    here.stage.far.come_back()
    here.stage.forward(minutes=5)
    tick(here.stage.world)

    assert [one.split(":")[0] for one in here.news()] == ["RESOLVED", "WARNING"]


def test_a_review_queue_that_grows_and_is_worked_off(
    town: Callable[..., Town], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = town(on="review")
    here.day()
    (request,) = here.stage.requests()
    for _ in range(10):
        here.stage.far.answer(request, UNCLEAR)
    here.stage.forward(hours=1)
    tick(here.stage.world)
    assert here.about("10 messages wait for a person") == ["WARNING"]
    waiting = here.stage.world.store.waiting_for_review()
    monkeypatch.setattr(type(here.stage.world.store), "waiting_for_review", lambda *_, **__: waiting[:4])
    here.stage.forward(hours=1)
    tick(here.stage.world)

    assert here.about("wait for a person") == ["RESOLVED"]


def test_a_disk_that_fills_up_and_is_emptied(town: Callable[..., Town], monkeypatch: pytest.MonkeyPatch) -> None:
    here = town(on="disk")
    for free in (900_000_000, 100_000_000, 1_100_000_000, 2_000_000_000):
        monkeypatch.setattr(shutil, "disk_usage", lambda _path, free=free: Usage(10**11, 0, free))
        here.stage.forward(minutes=5)
        tick(here.stage.world)

    assert here.about("MB are left") == ["WARNING", "WORSE", "RESOLVED"]


def test_a_mailbox_that_is_nearly_full_and_is_emptied(town: Callable[..., Town]) -> None:
    here = town(on="disk")
    for warning in ("the mailbox is 95 % full; make room", ""):
        here.stage.world.store.add_batch("main", "email", Batch(messages=(), cursor="", warning=warning))
        here.stage.forward(minutes=5)
        tick(here.stage.world)

    assert here.about("the mailbox is 95 % full") == ["WARNING", "RESOLVED"]

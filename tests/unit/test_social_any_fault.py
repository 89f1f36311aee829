"""Whatever goes wrong while posts leave: no question is put twice, and what is believed of each is so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from slawatch.channels.base import Sent
from slawatch.channels.social.platform import named
from slawatch.channels.social.settings import SocialSettings
from slawatch.errors import ChannelError, ChannelRefusedError, ChannelUnavailableError, ChannelUncertainError
from slawatch.model import Attempt, Delivery, Form, Origin, Request, Text
from tests.social_town import TOWN, MemoryPlatform, Notebook, Town, TownChannel

FAULTS = ["", "", "busy", "refuse", "halt", "lose", "swallow"]
TIMELINE_AWAY = ChannelUnavailableError("town: the timeline is away: try again later")


@dataclass(slots=True)
class Try:
    """One call of `send` or `find` for one of three requests: what the platform does, and whether our process dies."""

    of: int
    fault: str
    timeline_away: bool
    crash: bool
    lag: int


TRIES = st.lists(
    st.builds(
        Try,
        of=st.integers(0, 2),
        fault=st.sampled_from(FAULTS),
        timeline_away=st.booleans(),
        crash=st.sampled_from([False, False, True]),
        lag=st.sampled_from([0, 0, 90]),
    ),
    max_size=25,
)


class Story:
    """Three questions to two companies, two of them in the same words; each is sent as the use case would."""

    def __init__(self) -> None:
        self.town = Town()
        self.anna = self.town.person("anna")
        self.memory = Notebook()
        for handle in ("acme", "beta"):
            self.memory.know(self.town.person(handle))
        self.channel = TownChannel(
            MemoryPlatform(self.town, self.anna), settings=SocialSettings(handle="@anna"), memory=self.memory
        )
        asks = [("@acme", "Wie lange?"), ("@beta", "Wie lange?"), ("@acme", "Wie teuer?")]
        self.requests = [self._request(number, target, body) for number, (target, body) in enumerate(asks)]
        self.attempts = [0, 0, 0]
        self.state = [Delivery.INTENDED] * 3
        self.believed: dict[int, Sent] = {}

    def tell(self, one: Try) -> None:
        """Let this happen to one request, and compare what we believe with what is there."""
        self.town.clock.forward(timedelta(seconds=20))
        self.town.lag = timedelta(seconds=one.lag)
        self.town.failing = {"own_posts": TIMELINE_AWAY} if one.timeline_away else {}
        self.town.faults.clear()
        if one.fault:
            self.town.faults.append(one.fault)
        if self.state[one.of] is Delivery.INTENDED:
            self._send(one)
        elif self.state[one.of] is Delivery.UNCERTAIN:
            self._settle(one)
        self._compare()

    def _send(self, one: Try) -> None:
        request = self.requests[one.of]
        self.attempts[one.of] += 1
        now = self.town.clock.now()
        attempt = Attempt(id=1, request_id=request.id, number=self.attempts[one.of], envelope_id="e", started_at=now)
        before = len(self.town.posts_by(self.anna))
        try:
            sent = self.channel.send(request, attempt)
        except ChannelRefusedError:
            self.state[one.of] = Delivery.REFUSED
        except ChannelUnavailableError:
            assert len(self.town.posts_by(self.anna)) == before, "said that nothing left, and something had"
        except ChannelUncertainError:
            self.state[one.of] = Delivery.UNCERTAIN
        else:
            self._keep(one, sent)
        if one.crash and self.state[one.of] is not Delivery.INTENDED:
            # Whoever dies before anything is written down leaves a request that may have left.
            self.state[one.of] = Delivery.UNCERTAIN
            kept = self.believed.pop(one.of, None)
            self.memory.known -= {kept.remote_id} if kept else set()

    def _settle(self, one: Try) -> None:
        try:
            found = self.channel.find(self.requests[one.of])
        except ChannelError:
            return
        if isinstance(found, Sent):
            self._keep(one, found)

    def _keep(self, one: Try, sent: Sent) -> None:
        self.believed[one.of] = sent
        self.state[one.of] = Delivery.SENT
        self.memory.known.add(sent.remote_id)

    def _compare(self) -> None:
        posts = self.town.posts_by(self.anna)
        wanted = [f"{request.target} {request.text.body}" for request in self.requests]
        texts = [post.text for post in posts]
        assert len(texts) == len(set(texts)), "posted twice"
        by_id = {named(TOWN, post.id): post for post in posts}
        for number, sent in self.believed.items():
            post = by_id[sent.remote_id]
            assert (post.text, post.at) == (wanted[number], sent.accepted_at)

    def _request(self, number: int, target: str, body: str) -> Request:
        now = self.town.clock.now()
        return Request(
            id=number,
            public_id=f"R{number}",
            origin=Origin.SENT,
            company=target,
            channel=TOWN,
            target=target,
            account="main",
            text=Text(probe="p", lang="de", variant=0, subject="", body=body, form=Form.POST),
            token=f"t{number}",
            message_id=f"m{number}@own.example",
            delivery=Delivery.SENDING,
            due_at=now,
            zone="Europe/Berlin",
            intended_at=now,
        )


@settings(max_examples=200, deadline=None)
@given(tries=TRIES, takes_twice=st.booleans())
def test_no_question_is_put_twice_whatever_goes_wrong(tries: list[Try], takes_twice: bool) -> None:
    """Also where the platform itself would take the same text twice."""
    story = Story()
    story.town.takes_twice = takes_twice

    for one in tries:
        story.tell(one)


def test_what_was_lost_is_found_once_all_is_well() -> None:
    story = Story()
    for number, fault in enumerate(["lose", "swallow", "lose"]):
        story.tell(Try(of=number, fault=fault, timeline_away=True, crash=False, lag=90))
    story.town.clock.forward(timedelta(minutes=5))
    well = Try(of=0, fault="", timeline_away=False, crash=False, lag=0)

    for number in range(3):
        story.tell(replace(well, of=number))

    assert story.state == [Delivery.SENT, Delivery.UNCERTAIN, Delivery.SENT]

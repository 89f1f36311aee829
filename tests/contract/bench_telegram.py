"""The far side of the Telegram channel: a client made up for tests, below the channel and above any protocol.

It tells how the channel deals with the library, not with Telegram: that is why the channel is called unverified.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, ClassVar, Self

from telethon import errors, types

from slawatch.channels.telegram.reading import evidence, line, number_of, random_id
from slawatch.model import Facts, FollowUp, Form, Request, Text
from slawatch.testing import FakeClock
from tests.contract.benches import BATCH, PostBench
from tests.telegram_stage import SHOP, SHOP_NAME, US, Channel, Telegram, channel


class TelegramBench(PostBench):
    """The company answers from one account. Nothing comes in twice: a line's number is its name."""

    name = "telegram"
    target: ClassVar[str] = SHOP_NAME
    copies: ClassVar[int] = 1

    def __init__(self) -> None:
        super().__init__()
        self.clock: FakeClock = FakeClock()
        self.world = Telegram(self.clock)

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def text(self) -> Text:
        body = f"Guten Tag, wie lange dauert die Lieferung nach Köln? Das {self._made}. Mal"
        return Text(probe="delivery-time", lang="de", variant=0, subject="", body=body, form=Form.CHAT)

    def known_as(self, target: str) -> str:
        return f"telegram:{SHOP}"

    def reached_at(self, target: str) -> str:
        return target

    def ties(self, request: Request, facts: Facts) -> bool:
        return f"telegram:{SHOP}/{self._number(request.message_id)}" in facts.cited_ids

    def seen_of(self, request: Request, follow_up: FollowUp | None = None) -> bytes:
        number = self._number(follow_up.own_id if follow_up else request.message_id)
        (message,) = (one for one in self.world.messages if one.id == number)
        return evidence(line(message, chat=self.target, us=US))

    def channel(self) -> Channel:
        return channel(self.world, Path(self._folder.name), page=BATCH)

    def arrived(self, request: Request) -> list[bytes]:
        return self._taken(request.message_id)

    def arrived_after(self, request: Request, follow_up: FollowUp) -> list[bytes]:
        return self._taken(follow_up.own_id)

    def reply_by_hand(self, letter: Facts, text: str) -> None:
        self.world.by_hand(text, reply_to=number_of(letter.own_id))

    def answer(self, request: Request, text: str, *, junk: bool = False) -> None:
        self.world.says(text, reply_to=self._number(request.message_id))

    def duplicate(self) -> None:
        """Tell of the newest line once more; it stands in the chat once."""
        self.world.push(_again(self.world.messages[-1]))

    def refuse(self, target: str) -> None:
        if target == self.target:
            self.world.refuses = errors.UserIsBlockedError(None)

    def fail_once(self) -> None:
        self.world.fails["send"] = [errors.FloodWaitError(None, 5)]

    def lose_acknowledgement(self) -> None:
        self.world.loses = [ConnectionError("the connection was lost")]

    def swallow_once(self) -> None:
        self.world.fails["send"] = [ConnectionError("the connection was lost")]

    def go_away(self) -> None:
        self.world.down = True

    def come_back(self) -> None:
        self.world.down = False

    def _number(self, key: str) -> int:
        return self.world.random_ids.get(random_id(key), 0)

    def _taken(self, key: str) -> list[bytes]:
        number = self._number(key)
        return [one.message.encode() for one in self.world.messages if number and one.id == number]


def _again(message: Any) -> Any:
    return types.UpdateNewMessage(message=message, pts=1, pts_count=1)

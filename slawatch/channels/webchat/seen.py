"""Makes of what the observers in a page's frames tell what was seen: each line once, each flag when it changes.

Whose line it is comes from the recipe's rules alone; the one thing decided here is which line is our own, told back.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from slawatch.channels.webchat.recipe import FlagName, Mark, Recipe, Sender

HOLD_SECONDS = 3.0  # how long a line may be without its key: after that it has none
OURS_BY = "text: it is what we said"
ECHO_BY = "text: it repeats what we said"
Value = bool | int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Something a page showed. Stamps are seconds since 1970 by the page's own clock.

    An item is one line of the chat: `t_seen` when its element was there, `t_text` when its first letter was, `t_last`
    when its text last changed. `key` tells it apart and is "" where the page gives none; a text that was replaced after
    it was told comes again as `key~2`. `server_stamp` is what the page says of when it was written, coarse by
    `resolution`; without one, `resolution` is how often the widget asks for news. `settled` is False where the page
    went away before the text was still. `echo`: somebody else's line that only repeats what we said.

    A flag has `name` and `value`: whether it stands, or a queue's place (its text where no figure is in it), False once
    it no longer does.
    """

    kind: Literal["item", "flag"]
    t_seen: float
    t_text: float = 0.0
    t_last: float = 0.0
    key: str = ""
    text: str = ""
    attrs: Mapping[str, str] = field(default_factory=dict)
    author: Sender = Sender.UNKNOWN
    rule: str = ""
    server_stamp: datetime | None = None
    resolution: timedelta = timedelta(0)
    frame: str = ""
    name: str = ""
    value: Value = False
    settled: bool = True
    echo: bool = False


@dataclass(slots=True)
class PageStamp:
    """When a line of ours was in the page, in seconds since 1970 by the page's own clock.

    `accepted` is when the company's side is known to have it: by a key that came later than the line (`by` "key"), or
    by the answer to the request that carried it ("response"); None where neither was seen.
    """

    submitted: float
    accepted: float | None = None
    by: str = ""
    key: str = ""
    server_stamp: datetime | None = None
    resolution: timedelta = timedelta(0)


@dataclass(slots=True)
class Saying:
    """A line of ours that is being said: what was seen of it so far. `since` is when we pressed the key."""

    text: str
    since: float
    stamp: PageStamp | None = None
    altered: PageStamp | None = None  # a line of ours since then, with other words than those we typed
    lines: set[tuple[str, int]] = field(default_factory=set)


def plain(text: str) -> str:
    """Return a text as two of them are compared: pages break lines and squeeze spaces as they like."""
    return " ".join(text.split()).casefold()


class Seeing:
    """What one visit has seen. `rung` is called whenever there is something new; `clock` counts seconds."""

    def __init__(self, recipe: Recipe, *, clock: Callable[[], float], rung: Callable[[], None]) -> None:
        self._recipe = recipe
        self._clock = clock
        self._rung = rung
        self._out: list[Seen] = []
        self._done: defaultdict[str, set[int]] = defaultdict(set)  # the events taken from each document
        self._held: dict[tuple[str, int], tuple[float, dict[str, Any]]] = {}
        self._drafts: dict[
            tuple[str, int], tuple[str, Sender, dict[str, Any]]
        ] = {}  # texts that may still grow, by line
        self._keys: dict[str, list[str]] = {}  # the texts told under each key
        self._lines: dict[tuple[str, int], str] = {}  # the text last told of each line without a key
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)  # texts without a key, in each document
        self._known: Counter[str] = Counter()
        self._said: list[Saying] = []
        self._texts: dict[tuple[str, str], list[str]] = {}  # of each flag, in each frame
        self.flags: dict[FlagName, tuple[Value, float]] = {}  # those that stand, and since when by `clock`

    # --- what comes in ---

    def take(self, frame: str, where: str, told: Mapping[str, Any], *, flags: frozenset[FlagName], items: bool) -> None:
        """Take what a document told, once. `flags` and `items`: what counts in this frame."""
        document = str(told["doc"])
        for event in told["events"]:
            if event["seq"] in self._done[document]:
                continue
            self._done[document].add(event["seq"])
            if event["kind"] == "hello":
                self.gone(frame, float(told["at"]))
            elif event["kind"] == "flag" and event["name"] in flags:
                self._texts[event["name"], frame] = event["texts"]
                self._weigh(FlagName(event["name"]), float(event["t"]), where)
            elif event["kind"] == "item" and items:
                self._item(document, frame, {**event, "where": where})
                self._rung()

    def gone(self, frame: str, at: float) -> None:
        """Note that a frame's document went away, and with it what it showed; "" for all of them."""
        for line, (other, sender, event) in list(self._drafts.items()):
            if frame in {other, ""}:
                del self._drafts[line]
                self._told_for_good(line, sender, event)
        for name, other in list(self._texts):
            if frame in {other, ""}:
                del self._texts[name, other]
                self._weigh(FlagName(name), at, "")

    def drain(self) -> list[Seen]:
        """Return what was seen since the last time."""
        self._release()
        out, self._out = self._out, []
        return out

    def began(self, text: str, since: float) -> Saying:
        """Note that we are about to say something, and return what will be seen of it."""
        self._said.append(Saying(plain(text), since))
        return self._said[-1]

    def unsaid(self, saying: Saying) -> None:
        """Note that it was not said after all."""
        self._said.remove(saying)

    # --- flags ---

    def _weigh(self, name: FlagName, at: float, where: str) -> None:
        mark = self._recipe.flags[name]
        texts = [text for (flag, _), found in self._texts.items() if flag == name for text in found]
        fitting = [text for text in texts if mark.fits(text)]
        value: Value = _value(name, mark, fitting[0]) if fitting else False
        before = self.flags.get(name, (False, 0.0))[0]
        if value is before or value == before != 0:
            return
        if value is False:
            del self.flags[name]
        else:
            self.flags[name] = (value, self._clock())
        self._tell(Seen(kind="flag", name=name, value=value, t_seen=at, frame=where))

    # --- lines ---

    def _item(self, document: str, frame: str, event: dict[str, Any]) -> None:
        line = (document, int(event["n"]))
        sender, _ = self._recipe.transcript.sender(event["rules"], event["text"])
        if event["draft"] != "fresh":  # whose line it is may be marked only after its text is there
            self._ours(line, sender, event)
        if event["draft"]:
            self._drafts[line] = (frame, sender, event)
        else:
            self._drafts.pop(line, None)
            self._told_for_good(line, sender, event)

    def _told_for_good(self, line: tuple[str, int], sender: Sender, event: dict[str, Any]) -> None:
        if self._recipe.transcript.key and not event["key"] and line not in self._lines:
            self._held[line] = (self._clock(), event)
            self._rung()
            return
        if not event["key"]:
            self._without_key(line, event)
            return
        held = self._held.pop(line, None)
        if held is None:
            held = self._replaced(line[0], sender, event["text"])
        if held is not None and plain(held[1]["text"]) == plain(event["text"]):
            event["tSeen"] = min(event["tSeen"], held[1]["tSeen"])
            event["tText"] = min(event["tText"], held[1]["tText"])
        self._with_key(line, event)

    def _replaced(self, document: str, sender: Sender, text: str) -> tuple[float, dict[str, Any]] | None:
        """Return the first of the lines without a key whose place this one takes: they stood in for it."""
        same = [
            line
            for line, (_, other) in self._held.items()
            if line[0] == document
            and plain(other["text"]) == plain(text)
            and self._recipe.transcript.sender(other["rules"], other["text"])[0] in {sender, Sender.UNKNOWN}
        ]
        found = [self._held.pop(line) for line in same]
        return min(found, key=lambda one: one[1]["tText"]) if found else None

    def _with_key(self, line: tuple[str, int], event: dict[str, Any]) -> None:
        texts = self._keys.setdefault(event["key"], [])
        text = plain(event["text"])
        told_before = self._lines.pop(line, None)
        if text in texts:
            return
        texts.append(text)
        if told_before == text:  # told without a key, because that took so long
            return
        self._tell_item(line, event, event["key"] if len(texts) == 1 else f"{event['key']}~{len(texts)}")

    def _without_key(self, line: tuple[str, int], event: dict[str, Any]) -> None:
        text = plain(event["text"])
        if self._lines.get(line) == text:
            return
        self._lines[line] = text
        # A page that was loaded anew shows again what an earlier one did, as often as that did.
        here = self._counts[line[0]]
        here[text] += 1
        if here[text] <= self._known[text]:
            return
        self._known[text] = here[text]
        self._tell_item(line, event, "")

    def _release(self) -> None:
        late = self._clock() - HOLD_SECONDS
        for line in [line for line, (at, _) in self._held.items() if at <= late]:
            _, event = self._held.pop(line)
            if not any(plain(event["text"]) in texts for texts in self._keys.values()):
                self._without_key(line, event)

    def _tell_item(self, line: tuple[str, int], event: dict[str, Any], key: str) -> None:
        author, rule = self._recipe.transcript.sender(event["rules"], event["text"])
        same = [saying for saying in self._said if saying.text == plain(event["text"])]
        echo = False
        if same and author is not Sender.VISITOR:
            mine = any(line in saying.lines for saying in same)
            author, rule = (Sender.VISITOR, OURS_BY) if mine else (Sender.SYSTEM, ECHO_BY)
            echo = not mine
        stamp, resolution = self._stamped(event)
        self._tell(
            Seen(
                kind="item",
                key=key,
                text=event["text"],
                attrs=event["attrs"],
                author=author,
                rule=rule,
                t_seen=event["tSeen"],
                t_text=event["tText"],
                t_last=event["tLast"],
                server_stamp=stamp,
                resolution=resolution,
                frame=event["where"],
                settled=event["settled"],
                echo=echo,
            )
        )

    def _stamped(self, event: dict[str, Any]) -> tuple[datetime | None, timedelta]:
        transcript = self._recipe.transcript
        found = (
            transcript.time.read(event["time"], near=datetime.fromtimestamp(event["tText"], UTC))
            if transcript.time and event["time"]
            else None
        )
        return found or (None, transcript.poll)

    # --- our own ---

    def _ours(self, line: tuple[str, int], sender: Sender, event: dict[str, Any]) -> None:
        """Note what this line says of one that we are saying."""
        if sender not in {Sender.VISITOR, Sender.UNKNOWN}:
            return
        text = plain(event["text"])
        same = [saying for saying in reversed(self._said) if saying.text == text and event["tText"] >= saying.since]
        known = next((saying for saying in same if line in saying.lines), None)
        for saying in [known] if known else same:
            if self._may_be(saying, line, sender, event):
                saying.lines.add(line)
                saying.stamp = self._seen_again(saying.stamp, event)
                return
        waiting = [saying for saying in self._said if saying.stamp is None and event["tText"] >= saying.since]
        if sender is Sender.VISITOR and waiting:
            waiting[-1].altered = self._seen_again(waiting[-1].altered, event)

    def _may_be(self, saying: Saying, line: tuple[str, int], sender: Sender, event: dict[str, Any]) -> bool:
        """Whether a line with our words is ours: where the page does not say whose it is, the first one."""
        if saying.stamp is None or line in saying.lines:
            return True
        if not self._recipe.transcript.key:
            return sender is Sender.VISITOR and line[0] not in {document for document, _ in saying.lines}
        return not event["key"] or not saying.stamp.key or saying.stamp.key == event["key"]

    def _seen_again(self, stamp: PageStamp | None, event: dict[str, Any]) -> PageStamp:
        found, resolution = self._stamped(event)
        if stamp is None:
            stamp = PageStamp(event["tText"])
        stamp.submitted = min(stamp.submitted, event["tText"])
        if event["key"] and not stamp.key:
            stamp.key = event["key"]
            # A key that was there with the first letter may be the page's own: it proves nothing.
            if event["tKey"] > stamp.submitted:
                stamp.accepted, stamp.by = event["tKey"], "key"
        if found is not None and stamp.server_stamp is None:
            stamp.server_stamp, stamp.resolution = found, resolution
        return stamp

    def _tell(self, seen: Seen) -> None:
        self._out.append(seen)
        self._rung()


def seconds(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event of the page's with its stamps in seconds."""
    stamps = ("tSeen", "tText", "tLast", "tKey", "t")
    return {name: value / 1000 if name in stamps and value is not None else value for name, value in event.items()}


def _value(name: FlagName, mark: Mark, text: str) -> Value:
    if name is not FlagName.QUEUE:
        return True
    figure = mark.figure(text)
    return figure if figure is not None else text or True

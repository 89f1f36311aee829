"""The stopwatch of `slawatch record --live`: shows what to say, and each key stamps what just happened.

Every stamp is kept when its key is pressed; whatever ends the program then loses nothing. Plain lines and no colours:
it works in any terminal and over ssh; where there is no terminal each line's first letter is the key.
"""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import click

from slawatch.channels.manual.notes import REACTION
from slawatch.channels.manual.settings import network_of
from slawatch.cli.lines import folded, harmless
from slawatch.errors import StoreError, UsageError
from slawatch.model import Delivery, MessageKind, Reply, Request, VoidReason
from slawatch.token import LENGTH
from slawatch.usecases import by_hand, recorded, recording
from slawatch.usecases.recording import Instant
from slawatch.usecases.world import World

if TYPE_CHECKING:
    from slawatch.cli.record import Given

TICK_SECONDS = 0.5
GROUP = 4  # characters of the reference that are read out in one breath
BY_KEY = "by a key, give or take half a second"
END = "."
HELP = "?"
BEGIN = frozenset(" \r\n")
INTERRUPTED = 130

STARTS = {
    "phone": ("it rings", "when it rings"),
    "letter": ("posted", "when it is in the post"),
    "form": ("the form is sent", "when you send the form"),
    "visit": ("you went in", "when you go in"),
}
ASKED = ("sent", "when you send it")

REPLIES = {
    "m": (MessageKind.ACKNOWLEDGEMENT, "a receipt, by a machine"),
    "p": (MessageKind.INTERIM, "a person is there"),
    "a": (MessageKind.ANSWER, "they answered"),
    "i": (MessageKind.INTERIM, "they say how long it will take"),
    "q": (MessageKind.QUESTION, "they ask back"),
    "h": (MessageKind.HANDOFF, "they send you elsewhere"),
    "r": (MessageKind.REFUSAL, "they will not say"),
}
ON_THE_PHONE = {"m": (MessageKind.BOT, "a machine speaks")}
NOT_REACHED = {
    "o": (VoidReason.OFFLINE, "nobody picked up, or they are closed"),
    "b": (VoidReason.BLOCKED, "busy, or it turned you away"),
    "n": (VoidReason.WIDGET_ABSENT, "it is not there: no such number, form or name"),
    "c": (VoidReason.CAPTCHA, "it wants proof that you are human"),
    "f": (VoidReason.PROBE_ERROR, "your own side failed"),
}


class Pressed(NamedTuple):
    """A key, and in a pipe the words behind it."""

    key: str
    words: str = ""


class Keys:
    """Single keys from a terminal; from anything else lines, whose first letter is the key."""

    def __init__(self) -> None:
        self.terminal = sys.stdin.isatty()
        self._burst: list[str] = []

    @contextmanager
    def raw(self) -> Iterator[None]:
        """Have keys come as they are pressed and not be shown; Ctrl-C still interrupts. The terminal is put back."""
        if not self.terminal:
            yield
            return
        import termios  # noqa: PLC0415  a pipe needs none
        import tty  # noqa: PLC0415  same

        number = sys.stdin.fileno()
        before = termios.tcgetattr(number)
        tty.setcbreak(number)
        # After Ctrl-Z and fg the shell has put the terminal back to its own ways.
        awoken = signal.signal(signal.SIGCONT, lambda _number, _frame: tty.setcbreak(number))
        try:
            yield
        finally:
            signal.signal(signal.SIGCONT, awoken)
            termios.tcsetattr(number, termios.TCSADRAIN, before)

    def pressed(self) -> Pressed | None:
        """Return the next key, None where none was pressed for half a second. The end of the input is the end key."""
        if not self.terminal:
            line = sys.stdin.readline()
            if not line:
                return Pressed(END)
            return Pressed(line[:1].lower(), line[1:].strip())
        if not self._burst:
            if not select.select([sys.stdin.fileno()], [], [], TICK_SECONDS)[0]:
                return None
            found = os.read(sys.stdin.fileno(), 64)
            if not found or found == b"\x04":  # Ctrl-D, or the terminal has gone
                return Pressed(END)
            # Arrows and the like come as one burst that begins with ESC, and mean nothing here. Keys that were pressed
            # while a stamp was being kept come as one, too, and each of them counts.
            self._burst = [] if found.startswith(b"\x1b") else list(found.decode("utf-8", "replace").lower())
        return Pressed(self._burst.pop(0)) if self._burst else None


def run(world: World, request: Request, given: Given, *, who: str, summary: Callable[[Request], Iterable[str]]) -> None:
    """Show what to say, stamp what happens until the person is done, and ask for what was said.

    Raises:
        UsageError: nothing may be asked now, or there is nothing more to stamp.
    """
    halted = world.halted(company=request.company, account=request.account)
    if halted and request.delivery is not Delivery.SENT:
        raise UsageError(f"record: {halted}; `slawatch resume`, or record afterwards what you asked all the same")
    watch = _Stopwatch(world, request, given, who)
    watch.show_all()
    interrupted = False
    try:
        with watch.keys.raw():
            watch.go()
    except KeyboardInterrupt:
        interrupted = True
    finally:  # a terminal that has gone ends it with an error of its own
        watch.stop()
    if not interrupted and watch.keys.terminal:
        try:
            watch.ask()
        except (KeyboardInterrupt, click.Abort):
            interrupted = True
    watch.add()
    click.echo()
    if not watch.request.id:
        click.echo("nothing was stamped, so nothing was recorded")
    for line in summary(watch.request) if watch.request.id else ():
        click.echo(harmless(line))
    if interrupted:
        click.echo("interrupted; what was stamped is kept")
        raise click.exceptions.Exit(INTERRUPTED)


class _Stopwatch:
    """One contact, as it happens."""

    def __init__(self, world: World, request: Request, given: Given, who: str) -> None:
        self.request = request
        self.keys = Keys()
        self._world = world
        self._given = given
        self._who = who
        self._zone = ZoneInfo(request.zone)
        self._network = network_of(request.target)
        self._replies = REPLIES | (ON_THE_PHONE if self._network == "phone" else {})
        self._start, self._when = STARTS.get(self._network, ASKED)
        self._done = False
        self._gave_up = False
        self._files: list[Path] = list(given.evidence)
        self._unkept: list[tuple[Pressed, Instant]] = []
        self._others: dict[str, Callable[[str], None]] = {
            "x": self._not_reached,
            "u": self._undo,
            "t": self._told_again,
            "g": self._give_up,
            HELP: self._show_help,
            END: self._end,
        }

    # --- what to say ---

    def show_all(self) -> None:
        """Show whom to ask, in which words, by which reference, and the keys."""
        world, request = self._world, self.request
        company = world.config.companies.get(request.company)
        self._say(f"{company.name if company else request.company}, by {by_hand.way_of(request.target)}")
        careful = by_hand.burden_of(world, request) if request.delivery is not Delivery.SENT else ""
        if careful:
            self._say(f"careful: {careful}")
        self._say()
        text = "\n\n".join(part for part in (request.text.subject, request.text.body.strip()) if part)
        for line in text.splitlines() or ["(in your own words)"]:
            for part in folded("    ", harmless(line)):
                click.echo(part.rstrip())
        self._say()
        number = by_hand.ticket_of(world, request)
        if number:
            self._say(f"their number for it: {number}")
        groups = "-".join(request.token[place : place + GROUP] for place in range(0, LENGTH, GROUP))
        self._say(f"your reference, if they want one: {groups}")
        self._say()
        self._help()

    def _help(self) -> None:
        if self.request.delivery is not Delivery.SENT:
            self._say(f"SPACE  {self._when}")
        names = [f"{key}  {what}" for key, (_, what) in self._replies.items()]
        wide = max(map(len, names)) + 3
        for place in range(0, len(names), 2):
            self._say("".join(f"{name:<{wide}}" for name in names[place : place + 2]).rstrip())
        more = [*(["t  you must tell everything again"] if self.request.continues else [])]
        self._say("   ".join(("x  not reached", *more, "g  give up waiting", "u  undo", "?  help", ".  done")))

    def _say(self, line: str = "") -> None:
        """Print a line below the clock, which is drawn anew with the next tick."""
        click.echo(f"{self._wipe()}{harmless(line)}")

    def _wipe(self) -> str:
        return "\r\x1b[K" if self.keys.terminal else ""

    # --- keys ---

    def go(self) -> None:
        """Take keys until the person is done."""
        while not self._done:
            self._tick()
            pressed = self.keys.pressed()
            if pressed is not None:
                self._unkept.append((pressed, self._now()))
            while self._unkept and self._take(*self._unkept[0]):
                del self._unkept[0]

    def _tick(self) -> None:
        if not self.keys.terminal:
            return
        asked_at = self.request.accepted_at if self.request.delivery is Delivery.SENT else None
        now = self._world.clock.now()
        clock = f"{_clock(now - asked_at)} since {self._start}" if asked_at else "not begun: SPACE"
        click.echo(f"{self._wipe()}{now.astimezone(self._zone):%H:%M:%S}  {clock} ", nl=False)

    def _now(self) -> Instant:
        return Instant(at=self._world.clock.now(), earlier=REACTION, later=REACTION, noted=BY_KEY)

    def _take(self, pressed: Pressed, at: Instant) -> bool:
        """Do what the key says; False where the store cannot take it now, so that it is tried again with its time."""
        key, words = pressed
        try:
            if key in BEGIN and self.request.delivery is not Delivery.SENT:
                self.request = recording.sent(self._world, self.request, at, where="SPACE")
                self._stamped(at.at, f"{self._start} [{self.request.public_id}]")
            elif key in self._replies:
                self._reply(key, words, at)
            elif key in self._others:
                self._others[key](words)
            elif key not in BEGIN:
                self._say(f'"{key}" means nothing here; ? shows the keys')
        except UsageError as error:
            self._say(str(error))
        except StoreError as error:  # somebody else writes for longer than we may wait, or the disk is full
            self._say(f"not kept so far, trying again ({at.at.astimezone(self._zone):%H:%M:%S}  {key}): {error}")
            return False
        return True

    def _reply(self, key: str, words: str, at: Instant) -> None:
        kind, what = self._replies[key]
        if self.request.delivery is not Delivery.SENT:
            self._say(f"not yet: press SPACE {self._when}")
            return
        recording.said(self._world, self.request, kind, at, text=words, who=self._who, where=key)
        self._stamped(at.at, what)

    def _stamped(self, at: datetime, what: str) -> None:
        self._say(f"{at.astimezone(self._zone):%H:%M:%S}  {what}")

    def _not_reached(self, words: str) -> None:
        if self.request.delivery is Delivery.SENT and recorded.heard(self._world, self.request):
            self._say("somebody was heard of already, so it was reached; g gives up waiting")
            return
        key, _, why = words.partition(" ") if words else ("", "", "")
        if not words:
            for name, (_, what) in NOT_REACHED.items():
                self._say(f"  {name}  {what}")
            self._say("  any other key: go on")
            pressed = None
            while pressed is None:
                pressed = self.keys.pressed()
            key, why = pressed
        if key not in NOT_REACHED:
            self._say("going on")
            return
        reason, usual = NOT_REACHED[key]
        at = self._now()
        self.request = recording.unreachable(self._world, self.request, at, reason, why or usual, where="x")
        self._stamped(at.at, f"not reached: {why or usual}")
        self._done = True

    def _undo(self, _words: str) -> None:
        if not self.request.id:
            self._say("nothing was stamped so far")
            return
        said = recording.take_back(self._world, self.request.public_id, who=self._who)
        self.request = by_hand.request_of(self._world, self.request.public_id)
        self._say(f"taken back: {said}")

    def _told_again(self, words: str) -> None:
        if not self.request.id:
            self._say(f"not yet: press SPACE {self._when}")
            return
        again = not words.lower().startswith("n")
        self.request = recording.told_again(self._world, self.request, again_=again)
        self._say(f"everything had to be told again: {'yes' if again else 'no'}")

    def _give_up(self, _words: str) -> None:
        self._gave_up = True
        self._done = True

    def _end(self, _words: str) -> None:
        self._done = True

    def _show_help(self, _words: str) -> None:
        self._help()

    # --- afterwards ---

    def stop(self) -> None:
        """Keep until when the person listened: now. Name what could not be kept."""
        for pressed, at in self._unkept:
            self._say(
                f"not kept: {at.at.astimezone(self._zone):%H:%M:%S}  {pressed.key}; record it when that works again"
            )
        if self.request.delivery is Delivery.SENT:
            at = Instant(at=self._world.clock.now(), noted=BY_KEY)
            recording.listened(self._world, self.request, at, gave_up=self._gave_up, where="stop")

    def ask(self) -> None:
        """Ask for what they said and promised, and for files: a line each, Enter for nothing."""
        if not self.request.id:
            return
        self._say()
        reply = self._telling()
        if reply is not None:
            kind = reply.kind.value.replace("-", " ")
            words = _line(f"What did they say ({kind})? Enter for nothing")
            promise = self._promise(reply)
            if words or promise:
                recording.reword(self._world, self.request, reply, recording.joined(words, promise), who=self._who)
        if self.request.continues and self.request.told_again is None and reply is not None:
            said = _line("Did you have to tell everything again? yes, no, Enter for neither").lower()
            if said[:1] in {"y", "n"}:
                self.request = recording.told_again(self._world, self.request, again_=said[0] == "y")
        self._file()

    def _promise(self, reply: Reply) -> str:
        while words := _line('What did they promise, like "we call back by tomorrow noon"? Enter for nothing'):
            try:
                recording.promised(self._world, self.request, words, reply.stamps.at)
            except UsageError as error:
                click.echo(str(error).removeprefix("--promise: "))
            else:
                return words
        return ""

    def _file(self) -> None:
        while words := _line("A file to keep with it? Enter for none"):
            path = Path(words).expanduser()
            if path.is_file():
                self._files.append(path)
                return
            click.echo(f'there is no file "{words}"')

    def add(self) -> None:
        """Keep the files and the remark."""
        if not self.request.id:
            return
        reply = self._telling()
        at = reply.stamps.at if reply else self.request.accepted_at or self.request.intended_at
        recording.add(
            self._world,
            self.request,
            files=self._files,
            note=self._given.note or "",
            at=at,
            kind=reply.kind if reply else None,
        )

    def _telling(self) -> Reply | None:
        """Return the reply that words are worth asking for: the answer, else a person's last one, else the last."""
        heard = recorded.shown(self._world, self.request).replies
        order = {MessageKind.ANSWER: 2}
        return max(
            heard,
            key=lambda one: (order.get(one.kind, int(one.kind.by_person)), one.stamps.at, one.message_id),
            default=None,
        )


def _line(question: str) -> str:
    return str(click.prompt(question, default="", show_default=False, prompt_suffix=": ")).strip()


def _clock(length: timedelta) -> str:
    seconds = max(length // timedelta(seconds=1), 0)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"

"""A shop of our own whose chat is as odd as real ones were seen to be, on loopback, with an agent at the other end.

The agent is whoever calls `Room.say`. What the page itself noted, as it happened, is the truth that others are held to.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.servers.local import LOOPBACK, eventually

FILES = Path(__file__).parent / "odd"
OTHER_SITE = "widget.localhost"  # browsers know it to be this machine, and another site than 127.0.0.1

RECIPE = """\
schema = 1
name = "An odd shop"
url = "URL"

[open]
steps = [OPEN]
frame = [FRAME]

[compose]
input = ".text"
send = ".send"

[transcript]
item = ".line"
text = ".body"
root = ".lines"
MORE

[[transcript.classify]]
match = "[data-from=visitor]"
sender = "visitor"

[[transcript.classify]]
match = "[data-from=agent]"
sender = "agent"

[[transcript.classify]]
match = "[data-from=bot]"
sender = "bot"

[[transcript.classify]]
match = "[data-from=system]"
sender = "system"

[flags]
typing = ".typing"
queue = { select = ".queue", number = 'number (\\d+)' }
agent_joined = ".joined"
offline = ".offline"
captcha = ".captcha"
blocked = { select = "h1", pattern = "Access denied" }
closed = ".ended"

[limits]
open = "LIMIT"
"""


@dataclass(frozen=True, kw_only=True)
class Odd:
    """What is odd about a chat.

    `frame`: "", "same", "cross" (another site's) or "written" (by a script, into about:blank). `shadow`: "", "open" or
    "closed". `poll_ms` 0: it is told at once.
    `own`, how our own line is shown: "same" (keyed later), "unkeyed", "drafts" (twice without a key, then with one),
    "answered" (only once the server has it), "never" (never confirmed), "vanishing" (never shown), "ignored".
    `queue_ms`: for so long it takes text before it says that we wait in the `queue`; 0: never.
    """

    frame: str = ""
    shadow: str = ""
    poll_ms: int = 0
    keys: bool = True
    times: bool = False
    own: str = "same"
    late_ms: int = 20
    launcher: str = "shown"
    renamed_frame: bool = False
    consent: bool = False
    consent_ms: int = 0
    captcha: bool = False
    flicker: bool = False
    offline: str = ""
    prechat: bool = False
    queue: str = ""
    queue_ms: int = 0
    status: int = 200
    strict: bool = False  # throws where its closed root is open
    bent: bool = False  # its scripts replace clocks, timers and observers
    remembers: bool = False
    greetings: tuple[str, ...] = ()


@dataclass
class Room:
    """One visitor's chat. `heard` is what came in, with when; `shown` when the page truly showed a text, in seconds."""

    number: int
    shop: OddShop
    odd: Odd
    heard: list[tuple[str, float]] = field(default_factory=list)
    shown: dict[str, float] = field(default_factory=dict)
    forms: list[dict[str, str]] = field(default_factory=list)
    lines: list[dict[str, str]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    silent: bool = False  # what the visitor says does not arrive

    @property
    def url(self) -> str:
        """The page with the chat."""
        return f"{self.shop.url}/r/{self.number}"

    def say(self, text: str, who: str = "agent", *, stream: int = 0, key: bool = True) -> float:
        """Write a line (`stream`: word by word, so many ms apart); return when that left, in seconds since 1970."""
        line = self._line(text, who, key=key)
        return self.do("say", line=line, stream=stream)

    def do(self, what: str, **values: Any) -> float:
        """Let the page do something else; return when that left."""
        with self.changed:
            at = time.time()
            self.events.append({"do": what, **values})
            self.changed.notify_all()
        return at

    def hears(self, text: str) -> float:
        """Return when a visitor's text came in, once it has."""
        return eventually(lambda: next((at for heard, at in self.heard if heard == text), 0.0), what=f'"{text}" heard')

    def truth(self, text: str) -> float:
        """Return when the page showed the first letter of a text, as it noted itself."""
        return eventually(lambda: self.shown.get(text, 0.0), what=f'"{text}" shown')

    def write_recipe(
        self, folder: Path, *, more: str = "", limit: str = "8 s", steps: str = '{ click = "#launcher" }'
    ) -> Path:
        """Write the recipe for this chat; `more` is added to its end."""
        transcript = 'key = "data-id"\n' if self.odd.keys else ""
        transcript += 'time = { attr = "data-time", iso = true }\n' if self.odd.times else ""
        transcript += f"poll_ms = {self.odd.poll_ms}\n" if self.odd.poll_ms else ""
        folder.mkdir(exist_ok=True)
        path = folder / "odd.toml"
        text = RECIPE.replace("URL", self.url).replace("MORE", transcript).replace("LIMIT", limit)
        text = text.replace("OPEN", steps).replace("FRAME", '"iframe[title=Chat]"' if self.odd.frame else "")
        path.write_text(f"{text}\n{more}", encoding="utf-8")
        return path

    def _line(self, text: str, who: str, *, key: bool = True) -> dict[str, str]:
        line = {"from": who, "text": text, "time": datetime.now(UTC).isoformat(timespec="milliseconds")}
        if key:
            line["key"] = f"m-{next(self.shop.keys)}"
        self.lines.append(line)
        return line

    # --- the website's side ---

    def page(self) -> bytes:
        settings = asdict(self.odd) | {"room": self.number}
        where = {"same": self.shop.url, "cross": self.shop.other_url}.get(self.odd.frame)
        settings["frame"] = f"{where}/w/{self.number}" if where else self.odd.frame
        html = (FILES / "shop.html").read_text(encoding="utf-8")
        if self.odd.status != 200:
            html = "<!doctype html><title>No</title><h1>Access denied</h1>"
        return html.replace("/*ODD*/{}", json.dumps(settings)).encode()

    def asked(self, body: Any) -> dict[str, str]:
        self.heard.append((body["text"], time.time()))
        return self._line(body["text"], "visitor")

    def news(self, after: int, seconds: float) -> list[dict[str, Any]]:
        with self.changed:
            self.changed.wait_for(lambda: len(self.events) > after or self.shop.closing, seconds)
            return self.events[after:]


class OddShop:
    """The website and, on another site, its chat's frame."""

    def __init__(self) -> None:
        self.keys = count(1)
        self.rooms: dict[int, Room] = {}
        self.closing = False
        self._servers = [_Server((LOOPBACK, 0), self) for _ in range(2)]
        self._threads = [threading.Thread(target=one.serve_forever, args=(0.05,), daemon=True) for one in self._servers]
        for thread in self._threads:
            thread.start()
        self.url = f"http://{LOOPBACK}:{self._servers[0].server_port}"
        self.other_url = f"http://{OTHER_SITE}:{self._servers[1].server_port}"

    def room(self, **odd: Any) -> Room:
        """Give a chat of its own that is so odd."""
        made = Room(len(self.rooms) + 1, self, Odd(**odd))
        self.rooms[made.number] = made
        for greeting in made.odd.greetings:
            made._line(greeting, "bot")
        return made

    def close(self) -> None:
        self.closing = True
        for room in self.rooms.values():
            with room.changed:
                room.changed.notify_all()
        for server, thread in zip(self._servers, self._threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join()


@contextmanager
def open_odd_shop() -> Iterator[OddShop]:
    """Give a shop that is gone afterwards."""
    shop = OddShop()
    try:
        yield shop
    finally:
        shop.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], shop: OddShop) -> None:
        self.shop = shop
        super().__init__(address, _Website)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: pages go away while they are answered."""


class _Website(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/odd.js":
            self._give((FILES / "odd.js").read_bytes(), "text/javascript")
            return
        what, _, number = parts.path.strip("/").partition("/")
        room = self.server.shop.rooms.get(int(number) if number.isdecimal() else 0)
        if room is None:
            self._give(b"", "text/plain", 404)
        elif what in {"r", "w"}:
            self._give(room.page(), "text/html; charset=utf-8", room.odd.status)
        elif what == "history":
            self._json({"lines": list(room.lines), "events": len(room.events)})
        else:
            query = parse_qs(parts.query)
            self._json(room.news(int(query["after"][0]), 5.0 if query["wait"][0] == "1" else 0.0))

    def do_POST(self) -> None:
        what, _, number = self.path.strip("/").partition("/")
        room = self.server.shop.rooms[int(number)]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if what == "say":
            self._json(room.asked(body))
        elif what == "truth":
            for one in body:
                room.shown.setdefault(one["text"], one["at"] / 1000)
            self._json({})
        else:
            room.forms.append(body)
            self._give(b"{}", "application/json", 500 if room.odd.offline == "fails" else 200)

    def _json(self, value: Any) -> None:
        self._give(json.dumps(value).encode(), "application/json")

    def _give(self, body: bytes, media: str, status: int = 200) -> None:
        with suppress(ConnectionError):
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing: what a page loads is of no interest."""

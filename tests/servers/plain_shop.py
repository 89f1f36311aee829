"""A shop's website with a small chat of its own, whose far side loses words, repaints and goes away.

The visitor is known by a cookie, and the transcript is kept by the shop, as with most chats for websites. One port
serves several shops: the path says which.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from tests.servers.local import LOOPBACK, eventually

Fault = Literal["busy", "lose", "swallow"]
HEARTBEAT_SECONDS = 0.5  # how soon a thread notices that its page is gone

PAGE = """\
<!doctype html>
<html lang="de">
<head><meta charset="utf-8"><title>Ein Laden</title><link rel="icon" href="data:,"></head>
<body>
  <h1>Ein Laden</h1>
  <div id="blocked" hidden>Sie haben keinen Zugang.</div>
  <button id="open">Chat</button>
  <section id="chat" hidden>
    <div id="lines" role="log"></div>
    <div id="typing" hidden>Anna schreibt …</div>
    <div id="lost" hidden>Verbindung verloren</div>
    <div id="closed" hidden>Der Chat ist beendet.</div>
    <input id="text" aria-label="Nachricht">
  </section>
  <script>
    const shop = location.pathname, find = (id) => document.getElementById(id)
    const show = (id, on) => { find(id).hidden = !on }
    const known = new Set()
    const line = (one) => {
      if (known.has(one.id)) return
      known.add(one.id)
      const row = document.createElement("div"), words = document.createElement("span")
      row.className = "line " + one.who
      row.dataset.id = one.id
      if (one.at) row.dataset.at = one.at
      words.textContent = one.text
      row.append(words)
      find("lines").append(row)
    }
    const state = (one) => {
      show("blocked", one.blocked)
      show("closed", one.closed)
      show("typing", one.typing)
      find("open").hidden = one.blocked
      find("text").disabled = one.closed
    }
    const listen = () => {
      const events = new EventSource(shop + "/events")
      events.onopen = () => show("lost", false)
      events.onerror = () => show("lost", true)
      events.addEventListener("line", (event) => line(JSON.parse(event.data)))
      events.addEventListener("state", (event) => state(JSON.parse(event.data)))
      events.addEventListener("repaint", () => { known.clear(); find("lines").replaceChildren() })
    }
    let clicks = 0
    find("open").onclick = () => {
      const until = performance.now() + SLOW
      while (performance.now() < until);
      show("chat", find("chat").hidden)  // a second click closes what the first one opened
      if (++clicks === 1) listen()
    }
    find("text").onkeydown = async (event) => {
      if (event.key !== "Enter") return
      const text = find("text").value
      find("text").value = ""
      await fetch(shop + "/say", { method: "POST", body: JSON.stringify({ text }) })
    }
    state(STATE)
  </script>
</body>
</html>
"""

RECIPE = """\
schema = 1
name = "Ein Laden"
url = "URL"

[open]
steps = [{click = "#open"}]

[compose]
input = "#text"
send = "enter"

[transcript]
root = "#lines"
item = ".line"
key = "data-id"
text = "span"
classify = [
    {match = ".visitor", sender = "visitor"},
    {match = ".bot", sender = "bot"},
    {match = ".system", sender = "system"},
    {match = ".agent", sender = "agent"},
]

[flags]
typing = "#typing:not([hidden])"
offline = "#lost:not([hidden])"
blocked = "#blocked:not([hidden])"
closed = "#closed:not([hidden])"
"""


@dataclass
class Visitor:
    """One visitor's chat, as the shop has it."""

    shop: str
    lines: list[dict[str, Any]] = field(default_factory=list)
    deaf: bool = False  # its page is told nothing more until it is opened again
    closed: bool = False
    typing: bool = False
    repaints: int = 0


class PlainShop:
    """The far side of the chat: what every visitor wrote, and a verb for each thing that shops do to them."""

    def __init__(self) -> None:
        self.visitors: dict[str, Visitor] = {}
        self.blocked: set[str] = set()
        self.faults: list[Fault] = []
        self.greeting = ""
        self.slow_ms = 0  # how long the page's own script keeps the page busy when the chat is opened
        self.stamped = False  # whether lines bear the shop's own stamps, in whole seconds
        self.changed = threading.Condition()
        self.port = 0
        self._server: _Server | None = None
        self._connections: set[socket.socket] = set()

    @property
    def url(self) -> str:
        """Where the shops stand."""
        return f"http://{LOOPBACK}:{self.port}"

    def open(self) -> None:
        """Serve, on the port it had before."""
        shop = self

        class Handler(_Handler):
            far_side = shop

        server = _Server((LOOPBACK, self.port), Handler)
        self.port = int(server.server_address[1])
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self._server = server

    def shut(self) -> None:
        """Cut every connection and take no more; safe to call twice."""
        server, self._server = self._server, None
        if server is None:
            return
        server.shutdown()
        server.server_close()
        with self.changed:
            cut, self._connections = self._connections, set()
            self.changed.notify_all()
        for one in cut:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def write_recipe(self, folder: Path, name: str = "service", *, limits: str = "", more: str = "") -> Path:
        """Write the recipe of a shop; `limits` are lines of that table, `more` is added at the end."""
        folder.mkdir(exist_ok=True)
        path = folder / f"{name}.toml"
        text = RECIPE.replace("URL", f"{self.url}/{name}")
        if self.stamped:
            text = text.replace('text = "span"', 'text = "span"\ntime = {attr = "data-at", iso = true}')
        path.write_text(f"{text}\n[limits]\n{limits}\n{more}", encoding="utf-8")
        return path

    # --- what happens in the shop ---

    def heard(self, text: str) -> list[str]:
        """Return what visitors wrote that is this text."""
        with self.changed:
            return [one["text"] for chat in self.visitors.values() for one in chat.lines if _is(one, text)]

    def chat_about(self, text: str) -> Visitor | None:
        """Return the chat in which a visitor wrote this."""
        with self.changed:
            return next((chat for chat in self.visitors.values() if any(_is(one, text) for one in chat.lines)), None)

    def say(self, chat: Visitor, text: str, *, who: str = "agent", unseen: bool = False) -> datetime:
        """Write into a chat; return when. `unseen` where its page is to be told only once it is opened again."""
        with self.changed:
            chat.deaf |= unseen
            return self._add(chat, text, who)

    def tell(self, chat: Visitor, **state: bool) -> None:
        """Begin or cease to be typing, closed."""
        with self.changed:
            for name, value in state.items():
                setattr(chat, name, value)
            self.changed.notify_all()

    def repaint(self, chat: Visitor) -> None:
        """Let the page paint all lines anew, as chats do when they connect again."""
        with self.changed:
            chat.repaints += 1
            self.changed.notify_all()

    def notify(self) -> None:
        """Let every page know how things stand."""
        with self.changed:
            self.changed.notify_all()

    def _add(self, chat: Visitor, text: str, who: str) -> datetime:
        at = datetime.now(UTC)
        line = {"id": uuid4().hex[:8], "who": who, "text": text}
        if self.stamped:
            line["at"] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        chat.lines.append(line)
        self.changed.notify_all()
        return at

    def take(self, chat: Visitor, text: str) -> bool:
        """Do what the shop does with a visitor's words; False where its page shall never hear of them."""
        with self.changed:
            fault = self.faults.pop(0) if self.faults else ""
            if fault == "swallow":
                return False
            chat.deaf |= fault == "lose"
            self._add(chat, text, "visitor")
            return fault != "lose"

    def state(self, chat: Visitor) -> dict[str, bool]:
        """Return how things stand, as a page shows it."""
        return {
            "blocked": chat.shop in self.blocked and not chat.lines,
            "closed": chat.closed or (chat.shop in self.blocked and bool(chat.lines)),
            "typing": chat.typing,
        }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # many chats open at once


class _Handler(BaseHTTPRequestHandler):
    far_side: PlainShop
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        with self.far_side.changed:
            self.far_side._connections.add(self.connection)

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        with self.far_side.changed:
            self.far_side._connections.discard(self.connection)

    def do_GET(self) -> None:
        shop, _, rest = self.path.strip("/").partition("/")
        name, chat = self._visitor(shop)
        if rest == "events":
            with suppress(OSError):
                self._events(chat)
            self.close_connection = True
            return
        with self.far_side.changed:
            if self.far_side.faults[:1] == ["busy"]:
                self.far_side.faults.pop(0)
                self._reply(502, b"busy", "text/plain")
                return
            if self.far_side.greeting and not chat.lines:
                self.far_side._add(chat, self.far_side.greeting, "bot")
            chat.deaf = False
            page = PAGE.replace("STATE", json.dumps(self.far_side.state(chat)))
            page = page.replace("SLOW", str(self.far_side.slow_ms))
        cookie = f"visitor={name}; Path=/{shop}; Max-Age=86400"
        self._reply(200, page.encode(), "text/html; charset=utf-8", cookie=cookie)

    def do_POST(self) -> None:
        shop = self.path.strip("/").partition("/")[0]
        _, chat = self._visitor(shop)
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        if self.far_side.take(chat, text):
            self._reply(200, b"{}", "application/json")
        else:
            # Cut off amid the reply: where none has begun, browsers send what they sent once more by themselves.
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.close_connection = True

    def _visitor(self, shop: str) -> tuple[str, Visitor]:
        cookies = dict(one.strip().partition("=")[::2] for one in self.headers.get("Cookie", "").split(";"))
        name = cookies.get("visitor") or uuid4().hex
        with self.far_side.changed:
            return name, self.far_side.visitors.setdefault(name, Visitor(shop))

    def _reply(self, status: int, body: bytes, media: str, *, cookie: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body)))
        if cookie:
            self.send_header("Set-Cookie", cookie)
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)

    def _events(self, chat: Visitor) -> None:
        """Tell a page of every line, the old ones first, until it is gone."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self._write(b"retry: 100\n\n")
        told, repaints, state = 0, chat.repaints, None
        while self.far_side._server is not None:
            with self.far_side.changed:
                if (
                    (chat.deaf or told >= len(chat.lines))
                    and repaints == chat.repaints
                    and self.far_side.state(chat) == state
                ):
                    self.far_side.changed.wait(HEARTBEAT_SECONDS)
                if repaints != chat.repaints:
                    repaints, told = chat.repaints, 0
                    self._write(b"event: repaint\ndata: {}\n\n")
                lines = [] if chat.deaf else chat.lines[told:]
                now = self.far_side.state(chat)
            told += len(lines)
            for one in lines:
                self._write(b"event: line\ndata: " + json.dumps(one).encode() + b"\n\n")
            if now != state:
                state = now
                self._write(b"event: state\ndata: " + json.dumps(now).encode() + b"\n\n")
            self._write(b": still here\n\n")

    def _write(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()

    def log_message(self, *args: Any) -> None:
        """Say nothing: what a page loads is of no interest."""


@contextmanager
def running() -> Iterator[PlainShop]:
    """Give the far side, open; all of it is gone afterwards."""
    shop = PlainShop()
    shop.open()
    try:
        yield shop
    finally:
        shop.shut()


def wait_for_chat(shop: PlainShop, text: str) -> Visitor:
    """Return the chat in which somebody wrote this, once they did."""
    return eventually(lambda: shop.chat_about(text), what=f'a visitor who writes "{text}"') or Visitor("")


def _is(line: dict[str, Any], text: str) -> bool:
    return bool(line["who"] == "visitor" and " ".join(text.split()) == line["text"])

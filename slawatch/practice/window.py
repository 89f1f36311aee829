"""A website of the practice range with a chat in its corner, for companies that are asked there by a browser.

Shows and carries what is said; what a company says, and when, is told it (lounge.py).
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from string import Template
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

HOST = "127.0.0.1"
PING_SECONDS = 0.5  # between two looks whether the visitor, or the site, is still there
WORDS_MAX = 4000  # bytes of one line

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "headline": "Good things, and people who know them.",
        "blurb": "Look around as long as you like. If you have a question, the chat is right there in the corner.",
        "button": "Chat with us",
        "title": "Chat",
        "prompt": "Your message",
        "send": "Send",
        "offline": "Sorry, nobody is at the chat right now. We are here on weekdays from 9 to 18.",
    },
    "de": {
        "headline": "Schöne Dinge, und Menschen, die sich damit auskennen.",
        "blurb": "Sehen Sie sich in Ruhe um. Wenn Sie eine Frage haben: Der Chat ist unten in der Ecke.",
        "button": "Chat öffnen",
        "title": "Chat",
        "prompt": "Ihre Nachricht",
        "send": "Senden",
        "offline": "Im Moment ist leider niemand im Chat. Wir sind werktags von 9 bis 18 Uhr für Sie da.",
    },
}

RECIPE = Template("""\
# Written by `slawatch demo`: how a visitor opens the chat of $name, and where its lines stand.
name = "$name"
url = "$url"

[open]
steps = [{ click = "#open-chat" }]

[compose]
input = ".say textarea"
send = "enter"

[transcript]
root = ".lines"
item = ".line"
key = "data-id"
text = ".words"
settle_ms = 20

[[transcript.classify]]
match = "[data-from=visitor]"
sender = "visitor"

[[transcript.classify]]
match = "[data-from=bot]"
sender = "bot"

[[transcript.classify]]
match = "[data-from=system]"
sender = "system"

[[transcript.classify]]
match = "[data-from=agent]"
sender = "agent"

[flags]
typing = ".state.typing"
queue = { select = ".state.queue", number = "(\\\\d+)" }
agent_joined = ".line.joined"
offline = ".offline:not([hidden])"
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A company's page. `open` is False where nobody ever is at its chat."""

    key: str
    name: str
    lang: str
    open: bool = True


@dataclass(slots=True)
class _Visit:
    shop: Shop
    waiting: queue.SimpleQueue[Mapping[str, Any]] = field(default_factory=queue.SimpleQueue)
    number: int = 0


class Window:
    """The site of several shops, on a port of this machine. Use as a context manager.

    `heard` is called with shop, visit and words whenever a visitor says something, from a thread of the site's own.
    """

    def __init__(self, shops: Iterable[Shop], heard: Callable[[Shop, str, str], None]) -> None:
        self._shops = {shop.key: shop for shop in shops}
        self._heard = heard
        self._visits: dict[str, _Visit] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._page = Template(files(__package__).joinpath("window.html").read_text("utf-8"))
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.get(self)

            def do_POST(self) -> None:
                site.post(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                """Say nothing: the demo's screen is for what is measured."""

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="practice-window", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def url(self, shop: Shop) -> str:
        """Return where the shop's page is. Raises RuntimeError before it is there."""
        if self._server is None:
            raise RuntimeError("the website is not open")
        return f"http://{HOST}:{self._server.server_address[1]}/{shop.key}/"

    def recipe(self, shop: Shop) -> str:
        """Return the recipe by which a visitor opens the shop's chat."""
        return RECIPE.substitute(name=shop.name, url=self.url(shop))

    def say(self, visit: str, words: str, *, by: str, who: str = "", joined: bool = False) -> None:
        """Show a line in a visitor's chat: `by` is "agent", "bot", "system" or "visitor"."""
        with self._lock:
            found = self._visits.get(visit)
            if found is None:
                return
            found.number += 1
            found.waiting.put({"id": f"m{found.number}", "from": by, "who": who, "words": words, "joined": joined})

    def state(self, visit: str, words: str, mark: str = "") -> None:
        """Show below the lines that somebody types (`mark` "typing"), a place in the queue ("queue"), or nothing."""
        with self._lock:
            found = self._visits.get(visit)
        if found is not None:
            found.waiting.put({"state": words, "mark": mark})

    def get(self, asked: BaseHTTPRequestHandler) -> None:
        """Answer with a shop's page, or with the stream of what is said in a visit."""
        split = urlsplit(asked.path)
        key, _, rest = split.path.strip("/").partition("/")
        shop = self._shops.get(key)
        if shop is None:
            asked.send_error(HTTPStatus.NOT_FOUND)
        elif rest == "events":
            self._stream(asked, shop, parse_qs(split.query).get("visit", [""])[0])
        else:
            self._answer(asked, self._show(shop), "text/html; charset=utf-8")

    def post(self, asked: BaseHTTPRequestHandler) -> None:
        """Take what a visitor says."""
        key = asked.path.strip("/").partition("/")[0]
        size = min(int(asked.headers.get("Content-Length") or 0), WORDS_MAX)
        try:
            said = json.loads(asked.rfile.read(size))
            visit, words = str(said["visit"]), str(said["words"])
            shop = self._visits[visit].shop
        except (ValueError, KeyError, TypeError):
            asked.send_error(HTTPStatus.BAD_REQUEST)
            return
        if shop.key != key:
            asked.send_error(HTTPStatus.BAD_REQUEST)
            return
        self.say(visit, words, by="visitor")
        self._answer(asked, "{}", "application/json")
        self._heard(shop, visit, words)

    def _show(self, shop: Shop) -> str:
        words = {name: escape(text) for name, text in WORDS[shop.lang].items()}
        return self._page.substitute(
            words, lang=shop.lang, name=escape(shop.name), is_offline=json.dumps(not shop.open)
        )

    def _stream(self, asked: BaseHTTPRequestHandler, shop: Shop, visit: str) -> None:
        with self._lock:
            found = self._visits.setdefault(visit, _Visit(shop))
        asked.close_connection = True
        asked.send_response(HTTPStatus.OK)
        asked.send_header("Content-Type", "text/event-stream")
        asked.send_header("Cache-Control", "no-store")
        asked.end_headers()
        try:
            while not self._ended.is_set():
                try:
                    said = json.dumps(found.waiting.get(timeout=PING_SECONDS))
                    asked.wfile.write(f"data: {said}\n\n".encode())
                except queue.Empty:
                    asked.wfile.write(b": still here\n\n")
                asked.wfile.flush()
        except OSError:
            return  # the visitor has left

    @staticmethod
    def _answer(asked: BaseHTTPRequestHandler, text: str, media: str) -> None:
        body = text.encode()
        asked.send_response(HTTPStatus.OK)
        asked.send_header("Content-Type", media)
        asked.send_header("Content-Length", str(len(body)))
        asked.end_headers()
        asked.wfile.write(body)

"""A shop's website with a chat: converse.js on a page on loopback, which reaches an agent over a Prosody.

The agent is a program of the test's own in a thread; what it says and when it said so is the truth that others measure
against.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from slixmpp import JID, ClientXMPP

from slawatch.channels.chat.loop import LoopThread
from tests.servers import prosody
from tests.servers.local import LOOPBACK, eventually
from tests.servers.needs import ROOT, give_up
from tests.servers.prosody import DOMAIN, GUESTS, PASSWORD, Prosody

DIST = ROOT / ".make" / "converse" / "package" / "dist"
AGENT = f"agent@{DOMAIN}"

PAGE = """\
<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8"><title>A shop that chats</title><link rel="icon" href="data:,">
  <link rel="stylesheet" href="/converse/converse.min.css"><script src="/converse/converse.min.js"></script>
</head>
<body>
  <h1>A shop that chats</h1>
  <button id="chat-open">Chat with us</button>
  <div style="position:fixed;right:20px;bottom:20px;width:380px;height:480px"><converse-root></converse-root></div>
  <script type="module">
    document.querySelector("#chat-open").onclick = () => converse.initialize({
      authentication: "anonymous", jid: "GUESTS", auto_login: true, websocket_url: "WEBSOCKET",
      discover_connection_methods: false, assets_path: "/converse/", view_mode: "embedded", singleton: true,
      auto_join_private_chats: ["AGENT"], allow_non_roster_messaging: true, keepalive: false, loglevel: "error",
      i18n: "en", play_sounds: false, clear_cache_on_logout: true,
    });
  </script>
</body>
</html>
"""

RECIPE = """\
schema = 1
name = "A shop that chats"
vendor = "converse"
url = "URL"

[open]
steps = [{click = "#chat-open"}]

[[transcript.classify]]
match = "[data-from*='@GUESTS']"
sender = "visitor"

[[transcript.classify]]
match = "[data-from='AGENT']"
pattern = "(?i)assistant|we got your message"
sender = "bot"

[[transcript.classify]]
match = "[data-from='AGENT']"
sender = "agent"
"""


@dataclass(frozen=True, slots=True)
class Line:
    """Something a visitor wrote, and when it reached the agent."""

    visitor: str
    text: str
    at: datetime


@dataclass
class Agent:
    """The company's side of the chat. Everything is said in a thread of its own; `heard` and `said` are the truth."""

    server: Prosody
    heard: list[Line] = field(default_factory=list)
    said: list[Line] = field(default_factory=list)
    _loop: LoopThread = field(default_factory=lambda: LoopThread("agent"))
    _client: Any = None

    def start(self) -> None:
        """Log in and listen."""
        self._loop.run(self._login(), seconds=30)

    def stop(self) -> None:
        """Leave; safe to call twice."""
        if self._client is not None:
            self._loop.run(self._leave(), seconds=10)
        self._loop.end()

    def wait_for(self, text: str) -> Line:
        """Return the visitor's line that holds this text, once it has come."""

        def found() -> Line | None:
            return next((line for line in list(self.heard) if text in line.text), None)

        return eventually(found, what=f'a visitor who says "{text}"') or self.heard[-1]

    def say(self, visitor: str, text: str) -> datetime:
        """Write to a visitor; return when that left."""
        return self._loop.run(self._say(visitor, text), seconds=10)

    def type(self, visitor: str) -> None:
        """Begin to type, as the visitor is shown."""
        self._loop.run(self._type(visitor), seconds=10)

    async def _login(self) -> None:
        client = ClientXMPP(AGENT, PASSWORD)
        client.enable_plaintext = client.enable_direct_tls = False
        client.ca_certs = self.server.ca
        client.register_plugin("xep_0085")
        client.add_event_handler("message", self._hear)
        client.connect(LOOPBACK, self.server.c2s)
        await client.wait_until("session_start", 20)
        client.send_presence()
        await client.get_roster()
        self._client = client

    async def _leave(self) -> None:
        await self._client.disconnect()

    def _hear(self, message: Any) -> None:
        if message["body"]:
            self.heard.append(Line(JID(message["from"]).full, message["body"], datetime.now(UTC)))

    async def _say(self, visitor: str, text: str) -> datetime:
        at = datetime.now(UTC)
        self._client.send_message(mto=visitor, mbody=text, mtype="chat")
        self.said.append(Line(visitor, text, at))
        return at

    async def _type(self, visitor: str) -> None:
        message = self._client.make_message(mto=visitor, mtype="chat")
        message["chat_state"] = "composing"
        message.send()


@dataclass(frozen=True)
class Shop:
    """The page, its agent and what stands between them."""

    url: str
    agent: Agent
    server: Prosody

    def write_recipe(self, folder: Path, name: str = "shop", more: str = "") -> Path:
        """Write the recipe for this shop's chat; `more` is added at its end."""
        folder.mkdir(exist_ok=True)
        path = folder / f"{name}.toml"
        text = RECIPE.replace("URL", self.url).replace("GUESTS", GUESTS).replace("AGENT", AGENT)
        path.write_text(f"{text}\n{more}", encoding="utf-8")
        return path


@contextmanager
def open_shop() -> Iterator[Shop]:
    """Give a shop whose agent sits before the screen; all of it is gone afterwards."""
    if not (DIST / "converse.min.js").is_file():
        give_up(f'"{DIST.relative_to(ROOT)}" is not there: make widgets')
    with prosody.running() as server:
        server.user("agent")
        agent = Agent(server)
        agent.start()
        page = PAGE.replace("WEBSOCKET", server.websocket).replace("GUESTS", GUESTS).replace("AGENT", AGENT)
        website = _Server((LOOPBACK, 0), functools.partial(_Website, page.encode()))
        serving = threading.Thread(target=website.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        serving.start()
        try:
            yield Shop(f"http://{LOOPBACK}:{website.server_address[1]}/", agent, server)
        finally:
            agent.stop()
            website.shutdown()
            website.server_close()
            serving.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # many visitors at once: where it overflows, each waits for seconds


class _Website(SimpleHTTPRequestHandler):
    """The shop's page at /, and converse.js below /converse/."""

    protocol_version = "HTTP/1.1"

    def __init__(self, page: bytes, *args: Any) -> None:
        self._page = page
        super().__init__(*args, directory=str(DIST))

    def do_GET(self) -> None:
        if self.path == "/":
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(self._page)))
            self.end_headers()
            self.wfile.write(self._page)
            return
        self.path = self.path.removeprefix("/converse")
        super().do_GET()

    def log_message(self, *args: Any) -> None:
        """Say nothing: what a page loads is of no interest."""

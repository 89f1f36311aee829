"""A shop's website with a real chat (django-supchat) in it, and an agent who answers there by its own interface."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from tests.servers.desk import PYTHON
from tests.servers.local import eventually, free_ports
from tests.servers.needs import ROOT, give_up

WEBSITE = Path(__file__).with_name("supchat") / "website.py"


class SupchatShop:
    """The website at `url`, and what its agent does."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._cookies = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))

    def up(self) -> bool:
        """Whether the website answers."""
        try:
            with self._opener.open(self.url, timeout=5) as page:
                return int(page.status) == HTTPStatus.OK
        except urllib.error.URLError:
            return False

    def log_in(self) -> None:
        """Let the agent sit down."""
        self._get("admin/login/")  # for its token
        self._post("admin/login/", form={"username": "anna", "password": "secret", "next": "/admin/"})

    def chats(self) -> list[str]:
        """Return the chats that visitors have begun, the newest first."""
        return [str(one["id"]) for one in json.loads(self._get("supchat/operator/conversations/"))["conversations"]]

    def wait_for_chat(self) -> str:
        """Return the first chat there is, once somebody has begun one."""
        return eventually(self.chats, what="a visitor who begins a chat")[0]

    def type(self, chat: str) -> None:
        """Begin to type."""
        self._post(f"supchat/operator/conversations/{chat}/typing/", body={"is_typing": True})

    def say(self, chat: str, text: str) -> None:
        """Write to the visitor."""
        self._post(f"supchat/operator/conversations/{chat}/send/", body={"text": text})

    def _get(self, path: str) -> str:
        with self._opener.open(f"{self.url}{path}", timeout=20) as page:
            return str(page.read().decode())

    def _post(self, path: str, *, form: dict[str, str] | None = None, body: Any = None) -> None:
        token = next((one.value or "" for one in self._cookies if one.name == "csrftoken"), "")
        raw = urllib.parse.urlencode(form).encode() if form else json.dumps(body).encode()
        headers = {"X-CSRFToken": token, "Referer": self.url} | ({} if form else {"Content-Type": "application/json"})
        request = urllib.request.Request(f"{self.url}{path}", raw, headers)  # noqa: S310 - on loopback
        self._opener.open(request, timeout=20).close()


@contextmanager
def open_shop(folder: Path) -> Iterator[SupchatShop]:
    """Give a shop whose agent sits before the screen; `folder` holds its database."""
    if not PYTHON.exists():
        give_up(f"no environment with Django at {PYTHON.relative_to(ROOT)}: make peers")
    if subprocess.run([str(PYTHON), "-c", "import supchat"], capture_output=True, check=False).returncode:
        give_up(f"no django-supchat in {PYTHON.relative_to(ROOT)}: make peers")
    (port,) = free_ports(1)
    log = folder / "website.log"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [str(PYTHON), str(WEBSITE), str(port), str(folder)], stdin=subprocess.DEVNULL, stdout=out, stderr=out
        ) as process,
    ):
        try:
            shop = SupchatShop(f"http://127.0.0.1:{port}/")
            eventually(lambda: shop.up() or process.poll() is not None, what="the website with django-supchat")
            assert process.poll() is None, log.read_text(encoding="utf-8")[-3000:]
            shop.log_in()
            yield shop
        finally:
            process.kill()

"""A connection for one request that is made once. Loads the HTTP library, so it is imported on use only."""

from __future__ import annotations

from typing import Any

import aiohttp


class Once(aiohttp.TCPConnector):
    """Connects once, and then no more.

    Of itself the library makes a PUT a second time where the connection broke, and nobody would know of the first.
    """

    def __init__(self) -> None:
        super().__init__(force_close=True)
        self._first: Exception | None = None
        self._used = False

    async def connect(self, *args: Any, **more: Any) -> aiohttp.connector.Connection:
        """Return the connection; at a second try say again what became of the first."""
        if self._used:
            raise self._first or aiohttp.ServerDisconnectedError
        self._used = True
        try:
            return await super().connect(*args, **more)
        except Exception as error:
            self._first = error
            raise


def session(*, once: bool) -> aiohttp.ClientSession:
    """Return what requests are made by; with `once` a single one."""
    return aiohttp.ClientSession(connector=Once() if once else None, trust_env=True)

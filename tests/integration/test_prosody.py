"""Is the private Prosody what the other tests take it for? Plain slixmpp; nothing of slawatch's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from slixmpp import ClientXMPP

from tests.servers import prosody
from tests.servers.local import LOOPBACK, listens
from tests.servers.prosody import PASSWORD, Prosody

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def server() -> Iterator[Prosody]:
    with prosody.running() as ready:
        yield ready


async def logs_in(server: Prosody, address: str, password: str) -> bool:
    client = ClientXMPP(address, password)
    client.enable_plaintext = client.enable_direct_tls = False
    client.ca_certs = server.ca
    ways_out: asyncio.Queue[bool] = asyncio.Queue()
    client.add_event_handler("session_start", lambda _: ways_out.put_nowait(True))
    client.add_event_handler("failed_all_auth", lambda _: ways_out.put_nowait(False))
    client.connect(LOOPBACK, server.c2s)
    try:
        return await asyncio.wait_for(ways_out.get(), 20)
    finally:
        await client.disconnect()


def test_a_user_logs_in_over_tls_and_nobody_without_the_password(server: Prosody) -> None:
    agent = server.user("agent")

    assert asyncio.run(logs_in(server, agent, PASSWORD))
    assert not asyncio.run(logs_in(server, agent, "wrong"))


def test_it_comes_back_on_the_same_ports_with_its_users(server: Prosody) -> None:
    agent = server.user("staying")
    ports = server.c2s, server.http

    server.restart()

    assert (server.c2s, server.http) == ports
    assert listens(server.http)
    assert asyncio.run(logs_in(server, agent, PASSWORD))

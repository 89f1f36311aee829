"""A bridge to WhatsApp as the homeserver sees one: its bot, ghosts of people there, their times, what became of ours.

There is no WhatsApp behind it; what real bridges write into rooms is written here by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.servers.synapse import AS_TOKEN, BRIDGE_BOT, NAME, Homeserver, Person

STATUS = "com.beeper.message_send_status"


@dataclass(frozen=True)
class Portal:
    """A direct chat on the other network: the room, the contact's ghost in it, and the bridge's bot."""

    room: str
    ghost: Person
    bot: Person

    def status(self, event: str, status: str, **more: Any) -> str:
        """Say what became of a line of ours."""
        content = {
            "m.relates_to": {"rel_type": "m.reference", "event_id": event},
            "network": "whatsapp",
            "status": status,
            **more,
        }
        return self.bot.send(self.room, STATUS, content)


def portal(server: Homeserver, user: Person, number: str) -> Portal:
    """Open the chat with a number, as a bridge does when its user asks for it; the user is in it then."""
    bot = Person(server=server, id=BRIDGE_BOT, token=AS_TOKEN)
    name = f"whatsapp_{number}"
    register = {"type": "m.login.application_service", "username": name, "inhibit_login": True}
    server.ask("POST", "/_matrix/client/v3/register", body=register, token=AS_TOKEN)
    ghost = Person(server=server, id=f"@{name}:{NAME}", token=AS_TOKEN, masquerade=True)
    ghost.call("PUT", "profile", ghost.id, "displayname", body={"displayname": "Acme (WhatsApp)"})
    room = bot.room(user.id, ghost.id, is_direct=True)
    ghost.join(room)
    user.join(room)
    content = {
        "bridgebot": BRIDGE_BOT,
        "creator": user.id,
        "protocol": {"id": "whatsapp", "displayname": "WhatsApp"},
        "channel": {"id": f"{number}@s.whatsapp.net"},
    }
    for kind in ("m.bridge", "uk.half-shot.bridge"):
        bot.state(room, kind, content, key=f"net.maunium.whatsapp://whatsapp/{number}")
    return Portal(room=room, ghost=ghost, bot=bot)

"""The names of things in XMPP: namespaces, and the ids we give. Talks to nobody and loads no library."""

from __future__ import annotations

import hashlib

PLATFORM = "xmpp"

CLIENT = "{jabber:client}"
STANZA_ERRORS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"
FORM = "{jabber:x:data}"
RSM = "{http://jabber.org/protocol/rsm}"  # XEP-0059
DISCO = "{http://jabber.org/protocol/disco#info}"  # XEP-0030
CHAT_STATES = "{http://jabber.org/protocol/chatstates}"  # XEP-0085
RECEIPTS = "{urn:xmpp:receipts}"  # XEP-0184
PING = "{urn:xmpp:ping}"  # XEP-0199
TIME = "{urn:xmpp:time}"  # XEP-0202
DELAY = "{urn:xmpp:delay}"  # XEP-0203
CARBONS = "{urn:xmpp:carbons:2}"  # XEP-0280
FORWARD = "{urn:xmpp:forward:0}"  # XEP-0297
CORRECT = "{urn:xmpp:message-correct:0}"  # XEP-0308
MAM = "{urn:xmpp:mam:2}"  # XEP-0313
MARKERS = "{urn:xmpp:chat-markers:0}"  # XEP-0333
HINTS = "{urn:xmpp:hints}"  # XEP-0334
STABLE = "{urn:xmpp:sid:0}"  # XEP-0359
ENCRYPTION = "{urn:xmpp:eme:0}"  # XEP-0380
FALLBACK = "{urn:xmpp:fallback:0}"  # XEP-0428
REPLY = "{urn:xmpp:reply:0}"  # XEP-0461
ACK_PLEASE = "<r xmlns='urn:xmpp:sm:3'/>"  # XEP-0198

CHECKED = 8  # hexadecimal digits at the end of our ids that say they are ours


def stanza_id(key: str) -> str:
    """Return the id of what is sent under this key (a request's `message_id`): always the same, and unlike the key.

    It looks like the random UUID (RFC 9562, version 4) that messengers give, so that it tells nobody who asks. Its end
    follows from its beginning: `is_ours` needs no list of what was sent.
    """
    digest = hashlib.sha256(key.lower().encode()).hexdigest()
    head = (
        f"{digest[:8]}-{digest[8:12]}-4{digest[12:15]}-{'89ab'[int(digest[15], 16) % 4]}{digest[16:19]}-{digest[19:23]}"
    )
    return head + _check(head)


def is_ours(name: str) -> bool:
    """Return whether slawatch gave this id; that anybody else did by chance is one in four thousand million."""
    return len(name) > CHECKED and name[-CHECKED:] == _check(name[:-CHECKED])


def _check(head: str) -> str:
    return hashlib.sha256(f"slawatch {head}".encode()).hexdigest()[:CHECKED]


def named(one: str) -> str:
    """Return what facts call something that XMPP calls so, "" for nothing."""
    return f"{PLATFORM}:{one}" if one else ""


def bare(address: str) -> str:
    """Return an address without its device, as addresses are compared."""
    return address.partition("/")[0].lower()

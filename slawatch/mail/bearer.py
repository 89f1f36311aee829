"""Logs in with an access token instead of a password: which mechanism, what is said, and one new token where it is due.

Speaks to nobody itself, and never tries a third time: a login that fails for a fresh token fails for all of them.
"""

from __future__ import annotations

import json
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable
from typing import TypeVar

from slawatch.errors import ChannelUnavailableError
from slawatch.mail.wire import Server, one_line
from slawatch.secret import hide

Connection = TypeVar("Connection")

MECHANISMS = ("XOAUTH2", "OAUTHBEARER")
"""Best known first: XOAUTH2 is what every large provider's own documents tell, OAUTHBEARER (RFC 7628) the standard that
some servers of one's own offer alone."""


class TokenRefusedError(ChannelUnavailableError):
    """The server would not let in who showed this token; another one may do."""


def logged_in(server: Server, connect: Callable[[str], Connection]) -> Connection:
    """Return the connection that `connect` makes with a token ("" where the server wants a password).

    Where the token is refused, a new one is fetched, and the connection is made anew: some servers hang up on a failed
    login.

    Raises:
        ChannelUnavailableError: no token is to be had, or the new one is refused as well.
    """
    if server.tokens is None:
        return connect("")
    token = server.tokens.access()
    try:
        return connect(token)
    except TokenRefusedError:
        return connect(server.tokens.access(refused=token))


def mechanism(server: Server, offered: Iterable[str]) -> str:
    """Return the mechanism to use, of those the server offers.

    Raises:
        ChannelUnavailableError: it offers none that takes a token.
    """
    names = {one.upper() for one in offered}
    chosen = next((one for one in MECHANISMS if one in names), None)
    if chosen is None:
        what = ", ".join(sorted(names)) or "none at all"
        cause = f'it takes no tokens (logins it offers: {what}); write auth = "password", or check the host'
        raise ChannelUnavailableError(f"{server.where}: {cause}")
    return chosen


def first_words(server: Server, chosen: str, token: str) -> str:
    """Return what the client says first, before it is encoded for the protocol."""
    if chosen == "XOAUTH2":
        words = f"user={server.user}\1auth=Bearer {token}\1\1"
    else:
        user = server.user.replace("=", "=3D").replace(",", "=2C")  # RFC 5801, section 4
        words = f"n,a={user},\1host={server.host}\1port={server.port}\1auth=Bearer {token}\1\1"
    hide(token, words)
    return words


def last_words(chosen: str) -> str:
    """Return what the client says to a challenge that holds the reason of a refusal, so that the refusal itself comes.

    RFC 7628, section 3.2.3, wants a single control character; XOAUTH2 an empty line.
    """
    return "\1" if chosen == "OAUTHBEARER" else ""


def reason(challenge: bytes) -> str:
    """Return the status that a challenge gives for a refusal: "status 401" or "invalid_token"; "" where it gives none.

    smtplib hands over the challenge as it came, in Base64; imaplib has decoded it.
    """
    try:
        told = json.loads(challenge if challenge.lstrip()[:1] == b"{" else b64decode(challenge, validate=True))
    except (ValueError, NotBase64, RecursionError):
        return ""
    if not isinstance(told, dict):
        return ""
    status = told.get("status", "")
    words = f"status {status}" if str(status).isdigit() else str(status)
    return one_line(words)


def refused(server: Server, token: str, said: str) -> TokenRefusedError:
    """Return the error for a token that was refused; `said` is the server's word, which must not repeat the token."""
    harmless = one_line(said.replace(token, "(token)"))
    cure = f"check {server.protocol}_user and the scope, and that this mailbox may be used by {server.protocol.upper()}"
    return TokenRefusedError(f'{server.where}: login as "{server.user}" with a token failed ({harmless}); {cure}')

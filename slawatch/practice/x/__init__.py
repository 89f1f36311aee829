"""A stand-in for X (formerly Twitter) and its API v2 on this machine, for tests and for `slawatch demo`.

`X` holds people, posts and direct messages and is acted on directly; `XServer` lets clients come to it over HTTP. It
behaves as X's documents of August 2026 say and as clients have found; it plays the far side only.
"""

from slawatch.practice.x.faults import Fault
from slawatch.practice.x.ids import flake_at, instant
from slawatch.practice.x.keys import App, OAuth1, OAuth2
from slawatch.practice.x.people import Direct, Person, Post
from slawatch.practice.x.server import XServer
from slawatch.practice.x.world import X

__all__ = ["App", "Direct", "Fault", "OAuth1", "OAuth2", "Person", "Post", "X", "XServer", "flake_at", "instant"]

"""Which keys a recipe has, what each means and what holds without it. docs/reference/recipes.md is made from this.

What a value may be stands in recipe_values.py, how a site's recipe and its vendor's come together in recipe_reading.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from slawatch import values
from slawatch.channels.webchat import recipe_values as may_be
from slawatch.channels.webchat.recipe import FlagName, OfflinePolicy
from slawatch.channels.webchat.recipe_selectors import attribute, css, css_or_empty, playwright
from slawatch.channels.webchat.recipe_values import PERSONA, TEXT, Read, mark, plain, steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key: how it is read, what it means, how it is written, and what holds without it ("" where it must be)."""

    read: Read
    help: str
    example: str
    without: str = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One table of a recipe; "" is what stands before the first."""

    help: str
    keys: Mapping[str, Key]


SECTIONS: Mapping[str, Section] = {
    "": Section(
        help="What stands before the first table.",
        keys={
            "schema": Key(read=plain(may_be.schema), help="the version of this format", example="1", without="1"),
            "name": Key(
                read=plain(values.text),
                help="what the chat is called in messages",
                example='"Acme"',
                without="the file's name",
            ),
            "vendor": Key(
                read=plain(values.text),
                help="the vendor's recipe that this one is built on; its values hold "
                "where this one gives none, key by key",
                example='"converse"',
            ),
            "url": Key(
                read=plain(values.url),
                help="the page with the chat",
                example='"https://shop.example/contact"',
                without="",
            ),
            "locale": Key(
                read=plain(may_be.locale),
                help="the language that the browser asks for",
                example='"de-DE"',
                without='`"en-US"`',
            ),
            "timezone": Key(
                read=plain(values.zone),
                help="the time zone that the browser shows times in",
                example='"Europe/Berlin"',
                without='`"UTC"`',
            ),
            "viewport": Key(
                read=plain(may_be.viewport),
                help="width and height of the page, in pixels",
                example="[1280, 800]",
                without="`[1280, 800]`",
            ),
            "about": Key(read=plain(values.text), help="a word on where the recipe comes from", example='"by Anna"'),
            "proven": Key(
                read=plain(values.truth),
                help="in a vendor's recipe only: whether it was run against the vendor's software",
                example="true",
                without="`false`",
            ),
        },
    ),
    "consent": Section(
        help="What is done about a banner that asks for consent, before anything else.",
        keys={
            "mode": Key(
                read=plain(values.choice(("steps", "none"), "mode")),
                help='`"none"`: nothing, whatever the vendor\'s recipe says',
                example='"steps"',
                without='`"steps"`',
            ),
            "steps": Key(
                read=steps(),
                help="what is done",
                example='[{ click = "role=button[name=/reject/i]", optional = true, timeout = "5 s" }]',
            ),
        },
    ),
    "open": Section(
        help="How the chat is opened.",
        keys={
            "steps": Key(read=steps(), help="what is done", example='[{ click = "#chat" }]'),
            "frame": Key(
                read=may_be.frames,
                help="the iframes that all later selectors lie in, the outermost first",
                example='["iframe[title=Chat]"]',
                without="the page itself",
            ),
        },
    ),
    "prechat": Section(
        help="The form that some chats begin with.",
        keys={
            "steps": Key(
                read=steps(*PERSONA),
                help="what is done; values may hold `{persona.name}` and `{persona.email}`",
                example='[{ fill = "[name=Email]", value = "{persona.email}" }]',
            ),
        },
    ),
    "compose": Section(
        help="Where text is typed and how it is sent.",
        keys={
            "input": Key(read=plain(playwright), help="the input", example='"role=textbox[name=Message]"', without=""),
            "send": Key(
                read=plain(may_be.send),
                help='`"enter"` for that key, or the button that sends',
                example='"[aria-label=Send]"',
                without='`"enter"`',
            ),
        },
    ),
    "transcript": Section(
        help="Where the lines of the chat stand. Selectors are plain CSS here: the page itself looks for them.",
        keys={
            "root": Key(
                read=plain(css_or_empty), help="what holds all lines", example='"[role=log]"', without="the whole page"
            ),
            "item": Key(read=plain(css), help="one line", example='".message"', without=""),
            "key": Key(
                read=plain(attribute),
                help="the attribute that tells lines apart, so that none counts twice",
                example='"data-id"',
            ),
            "text": Key(
                read=plain(css_or_empty), help="its text, inside the line", example='".text"', without="the line itself"
            ),
            "time": Key(
                read=may_be.stamping,
                help="the time written beside it: `attr` (without it the text), `select` for an "
                "element inside the line, `iso = true` or a `format` as for strptime, `tz` (an IANA zone; "
                '`"site"`, the default, is the `timezone` above)',
                example='{ attr = "title", format = "%H:%M:%S" }',
            ),
            "poll_ms": Key(
                read=plain(may_be.millis(0)),
                help="how often the widget asks for news, in milliseconds; its lines are that coarse",
                example="3500",
                without="`0`: it is told at once",
            ),
            "settle_ms": Key(
                read=plain(may_be.millis(0)),
                help="how long a text must stay as it is to count as written, in milliseconds",
                example="200",
                without="`200`",
            ),
            "classify": Key(
                read=may_be.rules,
                help="whose line it is: the first rule that fits wins",
                without="–",
                example='[{ match = ".operator", sender = "agent" }]',
            ),
            "unknown_is": Key(
                read=plain(values.choice(("unknown", "agent"), "sender")),
                help='who wrote what no rule fits; `"agent"` counts it as a person\'s',
                example='"agent"',
                without='`"unknown"`',
            ),
        },
    ),
    "flags": Section(
        help="What the page shows beside its lines: a CSS selector of what is then visible, or "
        '`{ select = "...", pattern = "..." }` where its text matters, too.',
        keys={
            FlagName.TYPING: Key(read=mark(), help="somebody writes", example='".typing"'),
            FlagName.QUEUE: Key(
                read=mark("number"),
                help="we wait in a queue; `number` finds the place in its text",
                example="{ select = \".queue\", number = '(\\d+)' }",
            ),
            FlagName.AGENT_JOINED: Key(
                read=mark(), help="a person has taken over", example='{ select = ".system", pattern = "joined" }'
            ),
            FlagName.OFFLINE: Key(
                read=mark(), help="nobody is there; a form may stand in its place", example='".offline-form"'
            ),
            FlagName.CAPTCHA: Key(
                read=mark(), help="we are to prove that we are a person, and cannot", example='"iframe[src*=captcha]"'
            ),
            FlagName.BLOCKED: Key(
                read=mark(), help="we are turned away", example='{ select = "h1", pattern = "denied" }'
            ),
            FlagName.CLOSED: Key(read=mark(), help="the company has ended the chat", example='".chat-ended"'),
        },
    ),
    "offline": Section(
        help="What is done where nobody is there.",
        keys={
            "policy": Key(
                read=plain(values.choice([str(one) for one in OfflinePolicy], "policy")),
                help='`"record"` that nobody was there, or `"submit_form"`',
                example='"record"',
                without='`"record"`',
            ),
            "steps": Key(
                read=steps(*PERSONA, TEXT),
                help="how the form is filled in and sent; values may hold `{text}`, what is asked, too",
                example='[{ fill = "textarea", value = "{text}" }]',
            ),
            "done": Key(read=mark(), help="what is seen when it was taken", example='".thanks"'),
            "failed": Key(read=mark(), help="what is seen when it was not", example='".error"'),
        },
    ),
    "end": Section(
        help="How the chat is ended politely.",
        keys={
            "steps": Key(read=steps(), help="what is done", example='[{ click = "[title=Close]", optional = true }]')
        },
    ),
    "limits": Section(
        help="How long things may take.",
        keys={
            "open": Key(
                read=plain(values.duration), help="until the input takes text", example='"30 s"', without='`"30 s"`'
            ),
            "answer": Key(
                read=plain(values.duration),
                help="how long an answer is waited for at most",
                example='"30 min"',
                without="the target's window",
            ),
            "park_after": Key(
                read=plain(values.unlimited_or(values.duration)),
                help="when the page of a long wait is "
                'closed, to be looked at now and then; `"none"` for never, where a chat does not outlive '
                "its page",
                example='"10 min"',
                without='`"10 min"`',
            ),
            "park_every": Key(
                read=plain(values.duration),
                help="how often it is looked at then",
                example='"5 min"',
                without='`"5 min"`',
            ),
        },
    ),
}

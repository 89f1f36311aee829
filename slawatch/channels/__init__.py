"""The registry: the one place that knows which channels there are.

An unused channel costs nothing: it is not imported.
"""

BUILT_IN = {
    "bluesky": "slawatch.channels.bluesky:BlueskyChannel",
    "email": "slawatch.channels.email:EmailChannel",
    "manual": "slawatch.channels.manual:ManualChannel",
    "mastodon": "slawatch.channels.mastodon:MastodonChannel",
    "matrix": "slawatch.channels.matrix:MatrixChannel",
    "telegram": "slawatch.channels.telegram:TelegramChannel",
    "twitter": "slawatch.channels.twitter:TwitterChannel",
    "webchat": "slawatch.channels.webchat:WebChannel",
    "xmpp": "slawatch.channels.xmpp:XmppChannel",
}

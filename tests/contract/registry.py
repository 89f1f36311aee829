"""Every far side there is; each line is one more run of test_channel.py. A channel without a line here is not tried."""

from __future__ import annotations

from tests.contract.bench_email import EmailBench
from tests.contract.bench_mastodon import MastodonBench
from tests.contract.bench_social import SocialBench
from tests.contract.bench_telegram import TelegramBench
from tests.contract.bench_twitter import TwitterBench
from tests.contract.bench_webchat import WebChatBench
from tests.contract.bench_xmpp import XmppBench
from tests.contract.benches import Bench, MemoryBench

BENCHES: dict[str, type[Bench]] = {
    bench.name: bench
    for bench in (
        EmailBench,
        MastodonBench,
        MemoryBench,
        SocialBench,
        TelegramBench,
        TwitterBench,
        WebChatBench,
        XmppBench,
    )
}

"""The report in a real browser: nothing in it runs, nothing leaves the page, and it fits a phone."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from slawatch.report import render
from slawatch.report.build import build
from slawatch.report.model import Material
from tests.chat_sample import hostile_chat, in_chats
from tests.report_sample import four_weeks, hostile
from tests.servers.needs import program

pytestmark = pytest.mark.server

QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--no-proxy-server",
    "--hide-scrollbars",
    "--disable-dev-shm-usage",
    "--run-all-compositor-stages-before-draw",
    "--virtual-time-budget=4000",
]

WIDTHS = (390, 1280)  # pixels: a phone, and a laptop's whole window

PAYLOADS = (
    '<script>document.title="ran";fetch("{url}/fetch")</script>',
    '"><img src="{url}/img" onerror="document.title=\'ran\'">',
    "'><svg onload=\"document.title='ran';new Image().src='{url}/svg'\">",
    '</title></style><link rel=stylesheet href="{url}/css"><script src="{url}/js"></script>',
    '<iframe src="{url}/frame"></iframe><style>body{{background:url({url}/bg)}}</style>',
    '<meta http-equiv=refresh content="0;url={url}/refresh">',
)


class Listener:
    """A web server on loopback that remembers what it was asked for."""

    def __init__(self) -> None:
        asked: list[str] = []
        self.asked = asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keep the test's output clean."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


def in_chromium(page: Path, tmp_path: Path, *more: str) -> str:
    """Return the page's elements as the browser holds them after it has loaded and had time to run what it would."""
    profile = tmp_path / "profile"
    done = subprocess.run(
        [program("chromium"), *QUIET, f"--user-data-dir={profile}", *more, "--dump-dom", page.as_uri()],
        capture_output=True,
        timeout=120,
        check=True,
    )
    shutil.rmtree(profile, ignore_errors=True)
    return done.stdout.decode()


def title_of(dom: str) -> str:
    found = re.search(r"<title>(.*?)</title>", dom, re.DOTALL)
    return found[1] if found else ""


@pytest.mark.parametrize("make", [hostile, hostile_chat], ids=["letters", "chats"])
def test_what_others_wrote_neither_runs_nor_calls_out(
    tmp_path: Path, listener: Listener, make: Callable[[str], Material]
) -> None:
    payload = "".join(PAYLOADS).format(url=listener.url)
    naive = tmp_path / "naive.html"
    naive.write_text(f"<!DOCTYPE html><title>still here</title><p>{payload}", encoding="utf-8")
    report = tmp_path / "report.html"
    report.write_text(render.html(build(make(payload))), encoding="utf-8")

    in_chromium(naive, tmp_path)
    assert listener.asked != []  # on a page that does not escape, the same text does call out
    listener.asked.clear()
    dom = in_chromium(report, tmp_path)

    assert listener.asked == []
    assert title_of(dom).startswith("How long customers wait")
    assert "<script" not in dom
    assert "<iframe" not in dom
    assert "&lt;script&gt;" in dom


def test_the_policy_holds_even_where_markup_got_in(tmp_path: Path, listener: Listener) -> None:
    payload = "".join(PAYLOADS[:5]).format(
        url=listener.url
    )  # a refresh is a navigation, which no policy of a page stops
    source = render.html(build(four_weeks(per_company=2)))
    report = tmp_path / "report.html"
    report.write_text(source.replace("</h1>", f"</h1>{payload}", 1), encoding="utf-8")
    without = tmp_path / "without.html"
    without.write_text(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", report.read_text()))

    in_chromium(without, tmp_path)
    assert listener.asked != []
    listener.asked.clear()
    dom = in_chromium(report, tmp_path)

    assert listener.asked == []
    assert title_of(dom).startswith("How long customers wait")


def test_characters_that_turn_or_hide_text_do_not_reach_the_screen(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    report.write_text(render.html(build(hostile("exe.\u202etxt\u2066\x00\x1b[31m\ud83d end"))), encoding="utf-8")

    dom = in_chromium(report, tmp_path)

    assert "exe.txt\ufffd\ufffd[31m\ufffd end" in dom
    assert not set(dom) & set("\u202e\u2066\x00\x1b")


def month_of_letters() -> Material:
    return four_weeks(per_company=4)


def opened(source: str, probe: str) -> str:
    """Return the page with everything unfolded and a script in it: a copy that gives up its policy for that."""
    unguarded = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", source)
    return unguarded.replace("<details ", "<details open ").replace("</body>", f"{probe}</body>")


@pytest.mark.parametrize("make", [month_of_letters, in_chats], ids=["letters", "chats"])
@pytest.mark.parametrize("width", [320, 390, 830, 1280])
def test_neither_the_page_nor_a_table_scrolls_sideways(
    tmp_path: Path, width: int, make: Callable[[], Material]
) -> None:
    source = render.html(build(make()))
    # Measured in a frame: a headless window is never narrower than 500 px. The copy gives up its policy for it.
    probe = """<script>
        const cut = [...document.querySelectorAll(".scrolls, .scrolls *:not(svg *), .chat *")].filter(
            e => e.getBoundingClientRect().right > innerWidth && !e.closest(".visually-hidden"));
        const starts = table => new Set(
            [...table.querySelectorAll(".interval")].map(e => Math.round(e.getBoundingClientRect().left))).size
            - (innerWidth > 832 ? table.querySelectorAll("th.drawn").length - 1 : 0);
        const drawn = Math.max(...[...document.querySelectorAll(".figures")].map(starts));
        parent.postMessage([document.documentElement.scrollWidth, cut.length, drawn], "*");
    </script>"""
    (tmp_path / "report.html").write_text(opened(source, probe), encoding="utf-8")
    frame = tmp_path / "frame.html"
    frame.write_text(
        "<!DOCTYPE html><title>nothing heard</title><script>onmessage = e => document.title = e.data</script>"
        f'<iframe src="report.html" width="{width}" height="800" style="border:0"></iframe>'
    )

    measured = title_of(in_chromium(frame, tmp_path, "--window-size=1400,900"))

    # Nothing beyond the edge, and each objective's axis begins where its rows do.
    assert measured == f"{width},0,1"


@pytest.mark.parametrize("lang", ["en", "de"])
def test_in_both_languages_tables_fit_their_frames_on_a_phone_and_a_desk(tmp_path: Path, lang: str) -> None:
    source = render.html(build(four_weeks(per_company=40)), lang=lang)  # enough for a map of hours, too
    probe = """<script>
        const wider = [...document.querySelectorAll(".scrolls:not(.heat-map *)")].filter(
            e => e.scrollWidth > e.clientWidth);
        parent.postMessage([innerWidth, document.documentElement.scrollWidth, wider.length], "*");
    </script>"""
    (tmp_path / "report.html").write_text(opened(source, probe), encoding="utf-8")
    frame = tmp_path / "frame.html"
    frame.write_text(
        "<!DOCTYPE html><title>nothing heard</title><script>const heard = [];"
        'onmessage = e => { heard.push(e.data); document.title = heard.sort((a, b) => a[0] - b[0]).join(";") }</script>'
        + "".join(
            f'<iframe src="report.html" width="{wide}" height="800" style="border:0"></iframe>' for wide in WIDTHS
        )
    )

    measured = title_of(in_chromium(frame, tmp_path, "--window-size=1400,900"))

    assert measured == ";".join(f"{wide},{wide},0" for wide in WIDTHS)


def test_the_policy_lets_pictures_in_small_at_first_and_large_once_opened(tmp_path: Path) -> None:
    probe = """<script>
        const shots = [...document.querySelectorAll(".picture img")];
        const wide = () => Math.max(...shots.map(one => Math.round(one.getBoundingClientRect().width)));
        const sizes = () => {
            const large = wide();
            document.querySelectorAll(".picture").forEach(one => { one.open = false });
            document.title = [shots.length, shots[0].naturalWidth, large, wide()];
        };
        for (const one of shots) one.loading = "eager";
        Promise.all(shots.map(one => one.decode())).then(sizes, () => { document.title = "kept out" });
    </script>"""
    source = render.html(build(in_chats())).replace("<details ", "<details open ")
    # The copy allows the script that looks, and keeps the rest of the policy.
    looked_at = source.replace("default-src", "script-src 'unsafe-inline'; default-src", 1)
    with_policy, with_less = tmp_path / "report.html", tmp_path / "less.html"
    with_policy.write_text(looked_at.replace("</body>", f"{probe}</body>"), encoding="utf-8")
    with_less.write_text(with_policy.read_text(encoding="utf-8").replace("img-src data:; ", "", 1), encoding="utf-8")

    title = title_of(in_chromium(with_policy, tmp_path, "--window-size=1280,900"))
    many, natural, large, small = map(int, title.split(","))

    assert (many, natural) == (5, 720)
    assert small < 200  # pixels of a thumbnail
    assert large > 700  # of the same picture once it was opened
    assert title_of(in_chromium(with_less, tmp_path)) == "kept out"

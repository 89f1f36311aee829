"""Pictures in a report: only what is one, measured, and no more than a page can hold."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path

import pytest

from slawatch.report import pictures

SHOT = (Path(__file__).parents[1] / "pictures" / "chat-opened.jpg").read_bytes()


def png(width: int, height: int) -> bytes:
    """Return a PNG that says how large it is, and holds nothing."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return pictures.KIND["image/png"] + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


def test_a_picture_stands_in_the_page_itself_with_its_size() -> None:
    found = pictures.picture(SHOT, "image/jpeg")

    assert found is not None
    assert (found.width, found.height) == (720, 450)
    kind, _, content = found.link.partition(";base64,")
    assert kind == "data:image/jpeg"
    assert base64.b64decode(content) == SHOT


def test_the_size_of_a_png_is_known_too() -> None:
    found = pictures.picture(png(640, 400), "image/png")

    assert found is not None
    assert (found.width, found.height) == (640, 400)


@pytest.mark.parametrize(
    ("raw", "media"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "image/svg+xml"),
        (b"<html>", "image/jpeg"),
        (SHOT, "image/png"),
        (png(640, 400), "image/jpeg"),
        (png(0, 400), "image/png"),
        (SHOT[:20], "image/jpeg"),
        (b"<!" + SHOT[2:], "image/jpeg"),
        (b"<script>" + png(640, 400)[8:], "image/png"),
        (pictures.KIND["image/png"], "image/png"),
        (b"", "image/jpeg"),
        (b"", "application/pdf"),
    ],
)
def test_what_is_no_picture_or_may_hold_a_script_is_none(raw: bytes, media: str) -> None:
    assert pictures.picture(raw, media) is None


@pytest.mark.parametrize("end", range(2, 300, 7))
def test_a_picture_that_breaks_off_anywhere_does_no_harm(end: int) -> None:
    pictures.picture(SHOT[:end], "image/jpeg")
    pictures.picture(SHOT[:3] + b"\xff" * end, "image/jpeg")


def test_a_page_holds_the_first_that_fit_and_passes_over_what_is_too_large() -> None:
    sizes = {"huge": pictures.ONE_MAX + 1, "gone": None}
    sizes |= {f"shot {number}": pictures.ONE_MAX for number in range(100)}
    asked: list[str] = []

    def load(name: str) -> bytes | None:
        asked.append(name)
        size = sizes[name]
        return None if size is None else bytes(size)

    held = dict(pictures.within(sizes, load))

    assert list(held) == [f"shot {number}" for number in range(pictures.ALL_MAX // pictures.ONE_MAX)]
    assert sum(map(len, held.values())) <= pictures.ALL_MAX

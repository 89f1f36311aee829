"""The colours of the three proofs, as colour-blind readers see them: apart from each other in both schemes."""

from __future__ import annotations

from itertools import combinations

import pytest

from tests.unit.test_report_render import STYLE, colours

# Linear RGB as seen without red or green cones: Machado, Oliveira and Fernandes, IEEE TVCG 15 (6), 2009, severity 1.0.
SEEN = {
    "all": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protan": (
        (0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881),
    ),
}  # fmt: skip
XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))  # IEC 61966-2-1, D65
WHITE = (0.9505, 1.0, 1.089)
APART = 20  # CIE 1976 difference; 2.3 is just noticeable

Triple = tuple[float, ...]


def times(matrix: tuple[Triple, ...], vector: Triple) -> Triple:
    return tuple(sum(one * other for one, other in zip(row, vector, strict=True)) for row in matrix)


def lab(colour: str, matrix: tuple[Triple, ...]) -> Triple:
    parts = tuple(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    seen = tuple(min(1.0, max(0.0, one)) for one in times(matrix, linear))
    x, y, z = (
        one ** (1 / 3) if one > 216 / 24389 else (24389 / 27 * one + 16) / 116
        for one in (value / white for value, white in zip(times(XYZ, seen), WHITE, strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("eyes", SEEN)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_two_proofs_look_alike_to_anybody(scheme: str, eyes: str) -> None:
    light, dark = STYLE.read_text(encoding="utf-8").split("@media (prefers-color-scheme: dark)", 1)
    used = {**colours(light), **(colours(dark.split("\n}\n", 1)[0]) if scheme == "dark" else {})}
    seen = {name: lab(used[name], SEEN[eyes]) for name in ("met", "not-met", "open")}

    apart = {
        (one, other): sum((a - b) ** 2 for a, b in zip(seen[one], seen[other], strict=True)) ** 0.5
        for one, other in combinations(seen, 2)
    }

    assert {pair: how_far for pair, how_far in apart.items() if how_far < APART} == {}

"""Tries where channels are found: ours at once, those of others only when somebody names one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from slawatch import app
from slawatch.channels import BUILT_IN


@pytest.fixture
def _plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a distribution that brings a channel "pigeon", and one that calls itself "email"."""
    info = tmp_path / "pigeons-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeons\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(
        "[slawatch.channels]\npigeon = pigeons:Loft\nemail = pigeons:Impostor\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("_plug_in")
def test_a_plug_in_is_found_and_listed_but_cannot_replace_one_of_ours() -> None:
    known = app.Registry()

    assert known["pigeon"] == "pigeons:Loft"
    assert known["email"] == BUILT_IN["email"]
    assert list(known) == sorted({*BUILT_IN, "pigeon"})
    assert len(known) == len(BUILT_IN) + 1


def test_an_unknown_channel_is_not_there() -> None:
    assert "pigeon" not in app.Registry()


def test_plug_ins_are_looked_for_only_where_a_name_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "importlib.metadata", None)  # its import would raise
    known = app.Registry()

    assert "email" in known
    with pytest.raises(ModuleNotFoundError):
        known.get("pigeon")

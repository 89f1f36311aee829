"""Whose file counts: the user's before ours, an installation's before a checkout's."""

from __future__ import annotations

from pathlib import Path

import pytest

from slawatch import resources
from slawatch.errors import UsageError


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package in a folder of its own, with probes beside it."""
    package = tmp_path / "checkout" / "slawatch"
    package.mkdir(parents=True)
    write(package.parent / "probes" / "hours.toml", "ours")
    monkeypatch.setattr(resources, "_PACKAGE", package)
    return package.parent


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_what_slawatch_brings_is_found_where_it_really_lies() -> None:
    assert "[company." in resources.read("config.example.toml")
    assert any(path.suffix == ".toml" for path in resources.find("probes").iterdir())


def test_the_users_file_is_found_before_ours(checkout: Path, tmp_path: Path) -> None:
    assert resources.read("probes/hours.toml", tmp_path / "user") == "ours"

    theirs = write(tmp_path / "user" / "probes" / "hours.toml", "theirs: größer")

    assert resources.find("probes/hours.toml", tmp_path / "user") == theirs
    assert resources.read("probes/hours.toml", tmp_path / "user") == "theirs: größer"
    assert resources.read("probes/hours.toml") == "ours"


def test_folders_come_the_users_first_and_only_those_that_exist(checkout: Path, tmp_path: Path) -> None:
    ours, user = checkout / "probes", tmp_path / "user"
    assert resources.folders("probes") == resources.folders("probes", user) == (ours,)

    write(user / "probes" / "mine.toml", "")

    assert resources.folders("probes", user) == (user / "probes", ours)
    assert resources.folders("no-such-folder", user) == ()


def test_a_checkout_used_as_working_folder_is_not_looked_into_twice(checkout: Path) -> None:
    assert resources.folders("probes", checkout / "slawatch" / "..") == (checkout / "probes",)


def test_an_installed_package_never_looks_beside_itself(checkout: Path) -> None:
    bundled = write(checkout / "slawatch" / "_bundled" / "probes" / "hours.toml", "bundled")
    write(checkout / "probes" / "stranger.toml", "another package's")

    assert resources.find("probes/hours.toml") == bundled
    with pytest.raises(UsageError):
        resources.find("probes/stranger.toml")


def test_what_nobody_has_is_named(checkout: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r'^there is no "reports/x" in slawatch itself$'):
        resources.find("reports/x")
    with pytest.raises(UsageError, match=rf'^there is no "reports/x" in {tmp_path} or in slawatch itself$'):
        resources.find("reports/x", tmp_path)

"""What noticing costs a pass that finds nothing wrong: no library of any service, and nothing that reckons."""

from __future__ import annotations

from pathlib import Path

from tests.unit.test_imports import HEAVY, loaded

SERVICES = frozenset(
    {"apprise", "http.client", "urllib.request", "logging", "slawatch.usecases.alerting", "slawatch.alerting"}
)
ALERT = '[[alert]]\nto_env = "UNSET"\n'


def test_a_pass_with_nobody_to_tell_loads_nothing_of_noticing(tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch()

    found = loaded("-m", "slawatch", "tick", cwd=tmp_path)

    assert (
        found & (SERVICES - {"slawatch.alerting"} | {"slawatch.usecases.noticing", "slawatch.usecases.canary"}) == set()
    )


def test_a_pass_that_finds_nothing_wrong_loads_no_service(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(ALERT + 'remind = "none"\n', encoding="utf-8")

    loaded("-m", "slawatch", "tick", cwd=tmp_path)  # the first one looks through all requests
    found = loaded("-m", "slawatch", "tick", cwd=tmp_path)

    assert "slawatch.usecases.noticing" in found
    assert found & (HEAVY | SERVICES - {"slawatch.usecases.alerting", "slawatch.alerting"}) == set()

"""A channel whose settings have a field of every kind, so that config can be tested without any real channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from slawatch.model import Measure, Objective, ObjectiveKind, Standard
from slawatch.secret import Secret

STANDARD = Standard(
    objectives=(Objective(measure=Measure.ANSWER, kind=ObjectiveKind.SHARE, limit=timedelta(days=3), at_least=0.5),),
    window=timedelta(days=40),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    address: str
    seal: Secret
    key: Secret | None = None
    copies: int = 1
    stamped: bool = True
    weight: float = 20.0
    paper: Literal["white", "grey"] = "white"
    boxes: tuple[str, ...] = ()
    patience: timedelta = timedelta(days=1)
    folder: Path | None = None
    note: str = ""

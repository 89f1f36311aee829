"""Metrics in the text form that Prometheus reads: names, labels, values. Pure; gathers nothing and opens no port.

The form: https://prometheus.io/docs/instrumenting/exposition_formats/. Names carry base units and are without the
suffix _total where they can fall (https://prometheus.io/docs/practices/naming/).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "slawatch_"
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Sample:
    """A value with its labels."""

    value: float
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure that can rise and fall. `help` is one line; without samples it is not shown at all."""

    name: str
    help: str
    samples: Sequence[Sample]


def single(name: str, help_: str, value: float | None) -> Metric:
    """Return a figure without labels; None where it is not known."""
    return Metric(name, help_, () if value is None else (Sample(value, {}),))


def exposition(metrics: Iterable[Metric]) -> str:
    """Return the text. Raises ValueError for a name that Prometheus would not read."""
    lines = []
    for one in metrics:
        if not _NAME.fullmatch(one.name):
            raise ValueError(f'"{one.name}" is no name of a metric')
        if not one.samples:
            continue
        name = PREFIX + one.name
        lines += [f"# HELP {name} {_escaped(one.help)}", f"# TYPE {name} gauge"]
        lines += [f"{name}{_labels(sample.labels)} {_number(sample.value)}" for sample in one.samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    quotation = '\\"'
    inside = (f'{key}="{_escaped(value).replace(chr(34), quotation)}"' for key, value in labels.items())
    return f"{{{','.join(inside)}}}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))

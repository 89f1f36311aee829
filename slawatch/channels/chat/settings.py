"""What companies are held to in chats. Loaded with every config, so it must load nothing that takes time."""

from __future__ import annotations

from datetime import timedelta

from slawatch.model import Measure, Objective, ObjectiveKind, Standard

# A chat is a medium of seconds: who opens one sits before it and waits. Nobody does for longer than half an hour.
STANDARD = Standard(
    objectives=(
        Objective(measure=Measure.FIRST_RESPONSE, kind=ObjectiveKind.SHARE, limit=timedelta(minutes=1), at_least=0.9),
        Objective(measure=Measure.ANSWER, kind=ObjectiveKind.SHARE, limit=timedelta(minutes=15), at_least=0.9),
    ),
    window=timedelta(minutes=30),
)

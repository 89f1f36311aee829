"""The chat in memory, as one that ends with the process that opened it."""

from __future__ import annotations

from tests.memory_chat import FORM, STANDARD, MemoryChat, Settings

__all__ = ["FORM", "SESSION", "STANDARD", "MemoryChat", "Settings"]

SESSION = True

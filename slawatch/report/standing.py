"""The sentences of how things stand over a period: error budgets.

Holds no wording itself, judges nothing, and knows nothing of the page's layout.
"""

from __future__ import annotations

from slawatch.budget import Budget, State
from slawatch.clock import MICROSECOND
from slawatch.report.talk import Talk


class Standing(Talk):
    """The words of one language, put together for what is kept over a period."""

    def budget(self, found: Budget) -> str:
        """Return in counts what is left of an error budget: "2 of 3 allowed misses used"."""
        if found.state is State.NONE:
            return self._no_budget(found)
        if found.over:
            sentence = self.say("budget.over", n=found.allowed, used=found.used)
        elif found.state is State.USED_UP:
            sentence = self.say("budget.used_up", n=found.allowed)
        else:
            sentence = self.say("budget.used", n=found.allowed, used=found.used)
        if found.state is State.WARNED and found.warned_at is not None:
            warned = self.say("budget.warned", share=self.percent(found.warned_at))
            sentence = self.say("say.with_more", sentence=sentence, more=warned)
        return sentence

    def _no_budget(self, found: Budget) -> str:
        """Return why no miss is allowed, and how many there were all the same."""
        if not found.n:
            return self.say("budget.nothing")
        if found.first_miss_from is None:
            sentence = self.say("budget.never")
        else:
            sentence = self.say("budget.too_few", n=found.n, least=self.number(found.first_miss_from))
        if found.used:
            missed = self.say("budget.missed", n=found.used)
            sentence = self.say("say.with_more", sentence=sentence, more=missed)
        return sentence

    def budget_about(self, found: Budget, zone: str) -> str:
        """Return what a budget is counted over: how many requests, asked from when to when."""
        return self.say(
            "budget.about",
            requests=self.say("count.request", n=found.n),
            since=self.date(found.period.since, zone),
            until=self.date(found.period.until - MICROSECOND, zone),
        )

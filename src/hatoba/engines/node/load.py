"""How busy a dyno is: load averages as the system makes its own. Standard library only."""

from __future__ import annotations

from math import exp

# https://devcenter.heroku.com/articles/log-runtime-metrics#cpu-load-averages
PERIODS = (60.0, 300.0, 900.0)


class LoadAverages:
    """Averages of the number of runnable threads over one, five and fifteen minutes."""

    def __init__(self) -> None:
        self.values = [0.0] * len(PERIODS)

    def note(self, runnable: int, seconds: float) -> None:
        """Count what was seen, ``seconds`` after the last time."""
        for number, period in enumerate(PERIODS):
            kept = exp(-seconds / period)
            self.values[number] = self.values[number] * kept + runnable * (1 - kept)

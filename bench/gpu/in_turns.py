"""Runs of all who take part, in turns: the least time of the rounds counts."""

import time
from dataclasses import dataclass, field

SLOW_SECONDS = 3  # of the run of somebody who needs no first one: it is the only one


@dataclass
class Measured:
    """Seconds and what was learnt, or why there is nothing."""

    seconds: list = field(default_factory=list)
    learnt: list = field(default_factory=list)
    failure: str = ""

    @property
    def least(self):
        return min(self.seconds)

    @property
    def engine_least(self):
        """Of the engine alone; None where nobody has told it."""
        return min((one.engine_seconds for one in self.learnt), default=None)


def timed(run):
    begin = time.perf_counter()
    learnt = run()
    return time.perf_counter() - begin, learnt


def warmed_up(contender, workload):
    """The run of a contender, which has run once, and what was measured if it takes too long."""
    work = contender.works.search if workload.pairs else contender.works.fit
    run = work(workload)
    seconds, learnt = timed(run)
    if seconds > SLOW_SECONDS and not contender.warms_up:
        return None, Measured([seconds], [learnt])
    return run, Measured()


def measure(workload, contenders, rounds):
    """`Measured` by name. Who fails says why, and the others go on."""
    measured, runs = {}, {}
    for name, contender in contenders.items():
        try:
            runs[name], measured[name] = warmed_up(contender, workload)
        except Exception as error:
            measured[name] = Measured(failure=f"{type(error).__name__}: {error}".splitlines()[0])
    for _ in range(rounds):
        for name, run in runs.items():
            if run is not None:
                seconds, learnt = timed(run)
                measured[name].seconds.append(seconds)
                measured[name].learnt.append(learnt)
    return measured

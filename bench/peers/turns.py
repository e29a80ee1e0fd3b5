"""Processes, one a peer, that take turns; the least figure of the rounds counts."""

import math
import multiprocessing
import os
import tempfile
from concurrent.futures import ProcessPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import worker

ONE_THREAD = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
    "TORCHINDUCTOR_COMPILE_THREADS": "1",
}


@dataclass
class Row:
    """What was measured of a case: for every peer its figure (seconds or MiB), the seconds of its
    first run, and the numbers that its work led to."""

    case: object
    figures: dict = field(default_factory=dict)
    first_run: dict = field(default_factory=dict)
    results: dict = field(default_factory=dict)


@contextmanager
def process(cpus):
    """A fresh process on these CPUs: what hands a call to it and returns a future."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context, initializer=worker.start, initargs=(cpus,)) as pool:
        try:
            yield pool.submit
        finally:
            pool.submit(worker.stop).result()


class Turns:
    """The processes of the peers, which serve all cases but those that want a fresh one.

    If `quick`, peers warm up at the same time: on `cpu` those that compile, the others, briefly,
    on other CPUs. Whoever is measured has the machine alone.
    """

    def __init__(self, peers, cpu, rounds, quick=False):
        self.peers, self.cpu, self.rounds, self.quick = peers, cpu, rounds, quick
        self._stack, self._processes = ExitStack(), {}

    def __enter__(self):
        compiled = self._stack.enter_context(tempfile.TemporaryDirectory())
        os.environ.update(ONE_THREAD, TORCHINDUCTOR_CACHE_DIR=compiled)
        return self

    def __exit__(self, *_):
        self._stack.close()

    def measure(self, case):
        """The row of a case."""
        row = Row(case)
        peers = [peer for peer in self.peers if peer in case.peers]
        fresh = worker.IN_FRESH_PROCESS.get(case.measure)
        if not fresh:
            row.first_run = self._prepare(peers, case)
        for _ in range(self.rounds):
            for peer in peers:
                measured = self._fresh(fresh, peer, case) if fresh else self._timed(peer, case)
                row.figures[peer] = min(measured.figure, row.figures.get(peer, math.inf))
                row.results[peer] = measured.result
        return row

    def _prepare(self, peers, case):
        """Seconds of the peers' first runs, which they do at the same time only if quick."""
        calls = {}
        for peer in peers:
            brief = self.quick and peer not in worker.COMPILING
            cpus = self._cpus_beside(case) if brief else self._cpus(case)
            calls[peer] = self._process(peer)(worker.prepare, peer, case, cpus, brief)
            if not self.quick:
                wait([calls[peer]])
        return {peer: call.result() for peer, call in calls.items()}

    def _cpus(self, case):
        """Where the work runs: on one CPU, or on as many as the search has threads."""
        others = sorted(os.sched_getaffinity(0) - {self.cpu})
        return {self.cpu, *others[: case.problem.get("n_jobs", 1) - 1]}

    def _cpus_beside(self, case):
        """Where the work is prepared meanwhile; joblib's processes stay where they have started."""
        others = os.sched_getaffinity(0) - {self.cpu}
        return self._cpus(case) if "n_jobs" in case.problem or not others else others

    def _process(self, peer):
        if peer not in self._processes:
            self._processes[peer] = self._stack.enter_context(process({self.cpu}))
        return self._processes[peer]

    def _timed(self, peer, case):
        return self._process(peer)(worker.timed, peer, case, self._cpus(case)).result()

    def _fresh(self, function, peer, case):
        with process({self.cpu}) as submit:
            return submit(function, peer, case).result()

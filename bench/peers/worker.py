"""What happens in the process of one peer: work is prepared once and timed when it is asked for.

Nothing but the standard library is imported here: an import is one of the cases.
"""

import importlib
import os
import resource
import time
import warnings
from dataclasses import dataclass

MODULES = {
    "skarma": "peer_skarma",
    "sklearn": "peer_sklearn",
    "torch": "peer_torch",
    "torch.compile": "peer_torch_compiled",
    "jax": "peer_jax",
}
IMPORTS = {"sklearn": "sklearn.neural_network"}  # where it is not the peer's own name
prepared = {}


@dataclass(frozen=True)
class Measurement:
    """Seconds (or MiB) of a work, and the numbers that it led to."""

    figure: float
    result: object = None


def start(cpus):
    """Run on these CPUs alone."""
    os.sched_setaffinity(0, cpus)
    warnings.simplefilter("ignore")  # every fit ends before it has converged


def cpu_seconds():
    """CPU time of this process, all its threads, and its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def peak_memory(field):
    """VmRSS or VmHWM in MiB."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(field)) / 1024


def work_of(peer, case):
    """The function that does the work of the case, and the function that judges what it returns."""
    import problems

    problem = problems.load(case.dtype, **case.problem)
    run = getattr(importlib.import_module(MODULES[peer]).works, case.work)(problem)
    return run, lambda result: check(problems, problem, case.work, result)


def check(problems, problem, work, result):
    """The numbers by which the work of peers is compared."""
    if work in ("adam", "lbfgs"):
        return [problems.final_loss(problem, result)]
    if work == "predict_proba":
        result = result[::1000, 1]
    return sorted(float(number) for number in result)


def prepare(peer, case, cpus):
    """Load the data, and run once to warm up and compile; the seconds that this run took."""
    start(cpus)
    prepared.clear()
    prepared[case.name] = work_of(peer, case)
    begin = time.perf_counter()
    prepared[case.name][0]()
    return time.perf_counter() - begin


def timed(peer, case):
    """One timed section of a work that is prepared."""
    run, judge = prepared[case.name]
    clock = time.perf_counter if case.measure == "wall" else cpu_seconds
    begin = clock()
    for _ in range(case.calls):
        result = run()
    return Measurement((clock() - begin) / case.calls, judge(result))


def first(peer, case):
    """The work in a process that has imported the peer, and done nothing else."""
    run, judge = work_of(peer, case)
    begin = cpu_seconds()
    result = run()
    return Measurement(cpu_seconds() - begin, judge(result))


def memory(peer, case):
    """The peak of the memory that the work takes beyond the data, in MiB."""
    run, judge = work_of(peer, case)
    with open("/proc/self/clear_refs", "w") as references:
        references.write("5")  # the peak is what there is now
    before = peak_memory("VmRSS")
    result = run()
    return Measurement(peak_memory("VmHWM") - before, judge(result))


def import_of(peer, case):
    """The import of a peer in a process that has imported nothing."""
    begin = cpu_seconds()
    importlib.import_module(IMPORTS.get(peer, peer))
    return Measurement(cpu_seconds() - begin)


IN_FRESH_PROCESS = {"first": first, "memory": memory, "import": import_of}

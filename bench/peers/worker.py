"""What happens in the process of one peer: work is prepared once and timed when it is asked for.

Nothing but the standard library is imported here: an import is one of the cases.
"""

import importlib
import os
import resource
import sys
import time
import warnings
from dataclasses import dataclass, replace

MODULES = {
    "skarma": "peer_skarma",
    "sklearn": "peer_sklearn",
    "torch": "peer_torch",
    "torch.compile": "peer_torch_compiled",
    "jax": "peer_jax",
}
COMPILING = ("torch.compile", "jax")  # a brief first run would not compile all
IMPORTS = {"sklearn": "sklearn.neural_network"}  # where it is not the peer's own name
prepared = {}


@dataclass(frozen=True)
class Measurement:
    """Seconds (or MiB) of a work, and the numbers that it led to."""

    figure: float
    result: object = None


def start(cpus):
    """Run on these CPUs alone."""
    run_on(cpus)
    warnings.simplefilter("ignore")  # every fit ends before it has converged


def run_on(cpus):
    """Move all threads to these CPUs."""
    for thread in os.listdir("/proc/self/task"):
        os.sched_setaffinity(int(thread), cpus)


def stop():
    """End joblib's processes: they would wait for work, and this process for them, for minutes."""
    loky = sys.modules.get("joblib.externals.loky")
    if loky:
        loky.get_reusable_executor().shutdown()


def cpu_seconds():
    """CPU time of this process, all its threads, and its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def memory_of_process(field):
    """VmRSS or VmHWM in MiB."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(field)) / 1024


def loaded(peer, case):
    """The problem of the case, and the peer's method that makes work of it."""
    import problems

    works = importlib.import_module(MODULES[peer]).works
    return problems.load(case.dtype, **case.problem), getattr(works, case.work)


def judged(case, problem, result):
    """The numbers by which the work of peers is compared."""
    import problems

    if case.work in ("adam", "lbfgs"):
        return [problems.final_loss(problem, result)]
    if case.work == "predict_proba":
        result = result[::1000, 1]
    return sorted(float(number) for number in result)


def prepare(peer, case, cpus, brief):
    """Load the data, and run once, or one epoch if brief, to warm up and compile; its CPU time."""
    run_on(cpus)
    prepared.clear()
    problem, work = loaded(peer, case)
    run = work(problem)
    prepared[case.name] = problem, run
    warm_up = work(replace(problem, epochs=min(1, problem.epochs))) if brief else run
    begin = cpu_seconds()
    warm_up()
    return cpu_seconds() - begin


def timed(peer, case, cpus):
    """One timed section, on these CPUs, of a work that is prepared."""
    run_on(cpus)
    problem, run = prepared[case.name]
    clock = time.perf_counter if case.measure == "wall" else cpu_seconds
    begin = clock()
    for _ in range(case.calls):
        result = run()
    return Measurement((clock() - begin) / case.calls, judged(case, problem, result))


def first(peer, case):
    """The work in a process that has imported the peer and loaded the data, and nothing else."""
    problem, work = loaded(peer, case)
    begin = cpu_seconds()
    result = work(problem)()
    return Measurement(cpu_seconds() - begin, judged(case, problem, result))


def memory(peer, case):
    """The peak of the memory that the work takes beyond the data, in MiB."""
    problem, work = loaded(peer, case)
    with open("/proc/self/clear_refs", "w") as references:
        references.write("5")  # the peak is what there is now
    before = memory_of_process("VmRSS")
    result = work(problem)()
    peak = memory_of_process("VmHWM")
    return Measurement(peak - before, judged(case, problem, result))


def import_of(peer, case):
    """The import of a peer in a process that has imported nothing."""
    begin = cpu_seconds()
    importlib.import_module(IMPORTS.get(peer, peer))
    return Measurement(cpu_seconds() - begin)


IN_FRESH_PROCESS = {"first": first, "memory": memory, "import": import_of}

"""skarma on a GPU beside the processor, torch and jax, in turns in one run.

    python bench/gpu [--device cuda] [--quick] [--rounds 3] [--workloads PATTERN,...] [--peers ...]

Peers are those of torch (eager, CUDA graph, torch.compile) and jax (vmap) that are installed. All
train in float32 without TF32, from the same weights by the same batches. --quick trains tiny
networks, to see that everything works; so does --device cuda-host, the kernels of a GPU on this
processor. Prints Markdown.
"""

import argparse
import datetime
import os
import platform
import sys
import warnings
from fnmatch import fnmatch
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "peers"))
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # memory is for all

import contenders  # noqa: E402
import figures  # noqa: E402
import in_turns  # noqa: E402
import roofline  # noqa: E402
import workloads  # noqa: E402

import skarma  # noqa: E402
from skarma import _native  # noqa: E402

PACKAGES = ("skarma", "torch", "jax", "numpy", "scikit-learn")


def names(text):
    return [name.strip() for name in text.split(",") if name.strip()]


def options_of(arguments):
    """The command line, checked."""
    parser = argparse.ArgumentParser(prog="python bench/gpu", description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda", help="'cuda', 'cuda:N' or 'cuda-host'")
    parser.add_argument("--quick", action="store_true", help="tiny networks")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workloads", type=names, default=["*"], help="names or patterns")
    parser.add_argument("--peers", help="packages, by default torch,jax; '' for none", type=names)
    options = parser.parse_args(arguments)
    try:
        check(options)
    except (ValueError, skarma.DeviceError) as error:
        parser.error(str(error))
    return options


def check(options):
    """ValueError or DeviceError, before anything runs, if an option is wrong."""
    if not options.device.startswith("cuda"):
        raise ValueError(
            f"--device must be 'cuda', 'cuda:N' or 'cuda-host', got {options.device!r}"
        )
    if options.rounds < 1:
        raise ValueError(f"--rounds must be at least 1, got {options.rounds}")
    packages = {contenders.package_of(peer) for peer in contenders.PEERS}
    chosen = packages if options.peers is None else set(options.peers)
    if unknown := chosen - packages:
        raise ValueError(f"--peers must be of {sorted(packages)}, got {sorted(unknown)}")
    options.peers = [peer for peer in contenders.PEERS if contenders.package_of(peer) in chosen]
    _native.require_device(options.device)


def chosen_workloads(options):
    for workload in workloads.all_workloads(options.quick):
        if any(fnmatch(workload.name, f"*{pattern}*") for pattern in options.workloads):
            yield workload


def versions():
    for package in PACKAGES:
        try:
            yield f"{package} {version(package)}"
        except PackageNotFoundError:
            continue


def circumstances(options):
    """Device, driver, versions, processor and date; loudly, if these are no figures of a GPU."""
    gpus = dict(_native.runtime_info()["gpus"])
    name = "cuda:0" if options.device == "cuda" else options.device
    device = gpus.get(name, "the kernels of a GPU on this processor")
    cores = len(os.sched_getaffinity(0))
    text = (
        f"{name}: {device}. {', '.join(versions())}; Python {platform.python_version()}, {cores} "
    )
    text += f"cores, {datetime.date.today().isoformat()}; the least of {options.rounds} rounds."
    if name not in gpus or options.quick:
        text += "\n\n**THESE ARE NO FIGURES OF A GPU'S SPEED**: they show that the benchmark works."
    return text


def peaks(options):
    """Of the GPU, if it is one that is known."""
    gpus = dict(_native.runtime_info()["gpus"])
    name = gpus.get("cuda:0" if options.device == "cuda" else options.device)
    return name and roofline.peaks_of(name.split(", compute")[0])


def sizes_and_ratios(options, all_measured):
    """Of single fits: FLOP a step, and how many times faster the device was than one thread."""
    for workload, measured in all_measured:
        cpu, device = measured["skarma cpu"], measured[f"skarma {options.device}"]
        if workload.one_thread and not cpu.failure and not device.failure:
            yield 6 * workload.n_weights * workload.batch, cpu.least / device.least


def main(arguments):
    options = options_of(arguments)
    warnings.simplefilter("ignore")  # no fit goes on until it has converged
    print(f"{circumstances(options)}\n\n{figures.head()}", flush=True)
    everyone = contenders.all_contenders(options.device, options.peers)
    all_measured = []
    for workload in chosen_workloads(options):
        taking_part = contenders.taking_part(everyone, workload)
        measured = in_turns.measure(workload, taking_part, options.rounds)
        all_measured.append((workload, measured))
        print(*figures.lines(workload, measured, peaks(options)), sep="\n", flush=True)
    print(f"\n{figures.EXPLAINED}")
    if ratios := list(sizes_and_ratios(options, all_measured)):
        print(f"\n{figures.crossing(ratios, options.device)}")


if __name__ == "__main__":
    main(sys.argv[1:])

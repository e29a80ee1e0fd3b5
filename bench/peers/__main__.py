"""skarma beside scikit-learn, torch, torch.compile and jax, in turns in one run.

    python bench/peers [--quick] [--peers NAME,...] [--cases PATTERN,...] [--write FILE]

A process per peer, all on one CPU with one thread; CPU time after a warm-up, the least of the
rounds. All start from the same weights and take the same batches; what they have learnt is
compared, so that nobody wins by doing less. bench/peers/requirements.txt says how to install them.
"""

import argparse
import importlib.util
import os
import shlex
import sys
import tempfile
from pathlib import Path

import cases
import report
import stand_in
import table
from turns import Turns

ROUNDS, QUICK_ROUNDS = 3, 2


def names(text):
    return text.split(",")


def options_of(arguments):
    """The command line, checked."""
    parser = argparse.ArgumentParser(prog="python bench/peers", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help=f"left out: {cases.NOT_QUICK}")
    parser.add_argument("--peers", type=names, help=f"some of {','.join(cases.ALL)}")
    parser.add_argument("--cases", type=names, default=["*"], help="names of cases, or patterns")
    parser.add_argument("--list", action="store_true", help="print the names of the cases")
    parser.add_argument("--rounds", type=int, help=f"{ROUNDS}, or {QUICK_ROUNDS} if quick")
    parser.add_argument("--cpu", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--write", type=Path, metavar="FILE", help="docs/performance.md")
    options = parser.parse_args(arguments)
    try:
        check(options)
    except ValueError as error:
        parser.error(str(error))
    return options


def check(options):
    """Fill in what depends on other options; ValueError, before anything runs, if one is wrong."""
    default = [peer for peer in cases.ALL if not (options.quick and peer == "torch.compile")]
    options.peers = options.peers or default
    unknown = set(options.peers) - set(cases.ALL)
    if unknown:
        raise ValueError(f"no peer is named {', '.join(unknown)}; there are {', '.join(cases.ALL)}")
    # scikit-learn is the unit of the table
    options.peers = [peer for peer in cases.ALL if peer in {*options.peers, "sklearn"}]
    missing = {peer.partition(".")[0] for peer in options.peers}
    missing = [module for module in sorted(missing) if importlib.util.find_spec(module) is None]
    if missing and not options.list:
        raise ValueError(f"not installed: {', '.join(missing)}; see bench/peers/requirements.txt")
    options.rounds = options.rounds or (QUICK_ROUNDS if options.quick else ROUNDS)
    if options.rounds < 1:
        raise ValueError("--rounds must be at least 1")
    if options.cpu not in os.sched_getaffinity(0):
        raise ValueError(f"--cpu {options.cpu} is none of {sorted(os.sched_getaffinity(0))}")
    options.cases = cases.chosen(options.cases)
    if options.quick:
        options.cases = list(cases.quick(options.cases))
    if options.write:
        report.written_into(options.write.read_text(), "")


def measured(options):
    """Measure all cases, printing every line as soon as it is known; the table."""
    lines = [table.head()]
    print(lines[0], flush=True)
    with Turns(options.peers, options.cpu, options.rounds, options.quick) as turns:
        for case in options.cases:
            lines.append(table.line(turns.measure(case)))
            print(lines[-1], flush=True)
    return "\n".join(lines)


def main(arguments):
    options = options_of(arguments)
    if options.list:
        print("\n".join(case.name for case in options.cases))
        return
    command = shlex.join(["python", "bench/peers", *arguments])
    circumstances = report.circumstances(command, options.rounds)
    if options.quick:
        circumstances += f" Left out: {cases.NOT_QUICK}."
    print(f"{circumstances}\n")
    with tempfile.TemporaryDirectory() as folder:
        if "torch" in {peer.partition(".")[0] for peer in options.peers}:
            stand_in.use(folder)
        rows = measured(options)
    if options.write:
        text = f"{circumstances}\n\n{rows}"
        options.write.write_text(report.written_into(options.write.read_text(), text))


if __name__ == "__main__":
    main(sys.argv[1:])

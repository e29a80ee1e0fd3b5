"""bench/gpu works where there is no GPU, and says what it is that it prints; nothing is timed."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from plugins import FOLDER, needs_plugins

GPU = Path(__file__).parents[2] / "bench" / "gpu"


@pytest.fixture
def bench(monkeypatch):
    """The modules of bench/gpu that measure nothing of skarma."""
    for folder in (GPU.parent / "peers", GPU):
        monkeypatch.syspath_prepend(folder)
    import figures
    import in_turns
    import roofline
    import workloads

    modules = {"figures": figures, "in_turns": in_turns}
    return SimpleNamespace(**modules, roofline=roofline, workloads=workloads)


def run(*arguments, plugin="skarma_host_plugin.so"):
    return subprocess.run(
        [sys.executable, GPU, *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"SKARMA_GPU_PLUGIN": str(FOLDER / plugin)},
    )


@needs_plugins
def test_it_trains_tiny_networks_by_the_kernels_of_a_gpu():
    done = run("--device", "cuda-host", "--quick", "--rounds", "1", "--peers", "")
    assert done.returncode == 0, done.stderr
    assert "THESE ARE NO FIGURES OF A GPU'S SPEED" in done.stdout
    rows = [line.split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")][2:]
    assert [row[0].split(":")[0] for row in rows] == [
        *["| one network"] * 2,
        *["| search"] * 4,
        *["| 3 networks at once"] * 4,
        *["| one fit"] * 4,
    ]
    assert {row[1] for row in rows if "engine alone" not in row[1]} == {
        "skarma cpu",
        "skarma cuda-host",
    }
    for cpu, host in zip(rows[::2], rows[1::2], strict=True):
        assert cpu[7] == host[7], "they have not learnt the same"


@needs_plugins
@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--device", "cpu"], "--device must be 'cuda', 'cuda:N' or 'cuda-host', got 'cpu'"),
        (["--device", "cuda-host", "--rounds", "0"], "--rounds must be at least 1, got 0"),
        (
            ["--device", "cuda-host", "--peers", "tf"],
            "--peers must be of ['jax', 'torch'], got ['tf']",
        ),
        ([], "device='cuda' cannot be used here. This library of devices was built without CUDA"),
    ],
    ids=["device", "rounds", "peers", "no GPU"],
)
def test_a_wrong_option_is_told_before_anything_runs(arguments, complaint):
    done = run(*arguments)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert not done.stdout


@pytest.mark.parametrize(
    ("name", "tflops"),
    [
        ("NVIDIA H200", 67),
        ("NVIDIA H100 PCIe", 51),
        ("NVIDIA A100-SXM4-80GB", 19.5),
        ("Tesla T4", 8.1),
        ("NVIDIA L4", 30.3),
        ("NVIDIA GeForce RTX 4090", 82.6),
    ],
)
def test_peaks_are_found_by_the_name_of_a_device(bench, name, tflops):
    assert bench.roofline.peaks_of(name)[0] == pytest.approx(tflops * 1e12)


@pytest.mark.parametrize("name", ["NVIDIA L40S", "NVIDIA GeForce RTX 4090 D", "A device"])
def test_no_peaks_are_made_up(bench, name):
    assert bench.roofline.peaks_of(name) is None


def workload(**changes):
    return SimpleNamespace(
        **{"name": "w", "n_member_steps": 100, "n_flops": 2e12, "n_bytes": 1e9, "pairs": []}
        | changes
    )


def learnt(figure):
    return SimpleNamespace(figure=lambda workload: figure, engine_seconds=None)


def test_a_row_has_rates_and_shares_of_the_peaks(bench):
    measured = {"skarma cuda": bench.in_turns.Measured([0.5, 0.25], [learnt(0.75)] * 2)}
    [line] = bench.figures.lines(workload(), measured, (16e12, 8e9))
    assert line == "| w | skarma cuda | 0.25 | 400 | 8 | 50.0% | 50.0% | 0.75 |"


def test_a_row_has_no_shares_of_unknown_peaks(bench):
    measured = {"skarma cuda": bench.in_turns.Measured([0.25], [learnt(0.75)])}
    [line] = bench.figures.lines(workload(), measured, None)
    assert line == "| w | skarma cuda | 0.25 | 400 | 8 |  |  | 0.75 |"


def test_who_has_learnt_something_else_is_told(bench):
    measured = {
        name: bench.in_turns.Measured([1.0], [learnt(x)]) for name, x in [("a", 0.5), ("b", 0.6)]
    }
    first, second = bench.figures.lines(workload(), measured, None)
    assert first.endswith("| 0.5 |")
    assert second.endswith("| 0.6, DIFFERS |")


def test_who_fails_says_why_and_the_others_go_on(bench):
    def fail(workload):
        raise MemoryError("no room")

    good = SimpleNamespace(
        works=SimpleNamespace(fit=lambda workload: lambda: learnt(1)), warms_up=True
    )
    bad = SimpleNamespace(works=SimpleNamespace(fit=fail), warms_up=True)
    measured = bench.in_turns.measure(workload(), {"bad": bad, "good": good}, rounds=2)
    assert len(measured["good"].seconds) == 2
    lines = list(bench.figures.lines(workload(), measured, None))
    assert lines[0].startswith("| w | bad | MemoryError: no room |")


@pytest.mark.parametrize(("warms_up", "n_runs"), [(False, 1), (True, 2)])
def test_who_needs_no_first_run_and_is_slow_runs_once(bench, monkeypatch, warms_up, n_runs):
    monkeypatch.setattr(bench.in_turns, "SLOW_SECONDS", -1)
    works = SimpleNamespace(fit=lambda workload: lambda: learnt(1))
    one = SimpleNamespace(works=works, warms_up=warms_up)
    measured = bench.in_turns.measure(workload(), {"one": one}, rounds=2)
    assert len(measured["one"].seconds) == n_runs


def test_operations_and_steps_are_counted(bench):
    """Of a row: 2 x 9 forward, 2 x 9 for the gradient, 2 x 3 for the hidden layer's derivative."""
    X = np.zeros((10, 2), dtype=np.float32)
    one = bench.workloads.Workload(X, X[:, 0], (2, 3, 1), "logistic", epochs=2, batch=4)
    assert (one.n_flops, one.n_member_steps) == (10 * 2 * (18 + 18 + 6), 3 * 2)
    one.pairs, one.splits = [(1e-4, 1e-3)] * 5, [(range(6), range(6, 10)), (range(4), range(4, 10))]
    assert (one.n_flops, one.n_member_steps) == (10 * 2 * 42 * 5, (2 + 1) * 2 * 5)


def test_the_least_size_from_which_on_a_gpu_is_faster(bench):
    text = bench.figures.crossing([(1e6, 0.2), (1e8, 3.0), (1e7, 1.5), (1e9, 9.0)], "cuda")
    assert "from 1e+07 FLOP a step on" in text
    assert "at no size, up to 1e+06" in bench.figures.crossing([(1e6, 0.2)], "cuda")

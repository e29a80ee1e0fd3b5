"""The programs of examples/ run, and their output is right."""

import inspect
import re
import runpy
import subprocess
import sys
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import pytest

from skarma import demos

matplotlib.use("Agg")
EXAMPLES = Path(__file__).parents[2] / "examples"


def output_of(example, *arguments):
    command = [sys.executable, "-W", "error::UserWarning", EXAMPLES / example, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def numbers_in(pattern, text):
    return [float(number) for number in re.findall(pattern, text)]


def test_change_one_import():
    printed = output_of("change_one_import.py")
    theirs, ours, _ = printed.splitlines()
    assert theirs.startswith("from sklearn.neural_network")
    assert ours.startswith("from skarma")
    [difference] = numbers_in(r"difference of the numbers: (\S+)", printed)
    assert difference < 1e-9


def test_pipeline_search(tmp_path):
    picture = tmp_path / "alpha.png"
    printed = output_of("pipeline_search.py", picture)
    assert "best alpha 10, " in printed
    assert "search path native" in printed
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 20_000


def test_partial_fit_memmap():
    printed = output_of("partial_fit_memmap.py", "--samples", 60_000, "--epochs", 3)
    losses = numbers_in(r"loss ([\d.]+)", printed)
    assert losses == sorted(losses, reverse=True)
    assert numbers_in(r"new samples ([\d.]+)", printed)[-1] > 0.85


PICTURES = [
    path for name in ("demos", "pictures") for path in sorted(EXAMPLES.glob(f"{name}/*.py"))
]


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_pictures_are_drawn(path):
    plt.close("all")
    with matplotlib.rc_context():
        runpy.run_path(str(path))
    assert plt.get_fignums()
    assert all(axes.has_data() for axes in plt.gcf().axes)
    plt.close("all")


def test_every_demonstration_has_a_program():
    text = "".join(path.read_text(encoding="utf-8") for path in EXAMPLES.glob("demos/*.py"))
    shown = [
        name
        for name in demos.__all__
        if inspect.isfunction(thing := getattr(demos, name))
        and hasattr(getattr(demos, str(inspect.signature(thing).return_annotation), None), "plot")
    ]
    assert len(shown) == 11
    assert [name for name in shown if f"demos.{name}(" not in text] == []

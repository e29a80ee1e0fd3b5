"""The experiments of examples/experiments give the figures that are expected of them."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "experiments"

SCRIPTS = sorted(FOLDER.glob("e*.py"))
matplotlib.use("Agg")

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:lbfgs failed to converge"),
]


def module_of(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def imported(path, monkeypatch):
    """The script as a module, which leaves none of its neighbours imported."""
    monkeypatch.syspath_prepend(str(FOLDER))
    known = set(sys.modules)
    try:
        yield module_of(path)
    finally:
        for name in set(sys.modules) - known:
            if name.startswith(("shared_", "e0")):
                del sys.modules[name]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_the_figures_are_as_expected(path, monkeypatch):
    with imported(path, monkeypatch) as script:
        try:
            figures = list(script.run())
        except Exception as error:
            if type(error).__name__ != "DataNotFound":
                raise
            pytest.skip(str(error))
    assert figures
    wrong = [figure for figure in figures if not figure.holds]
    assert not wrong


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_there_is_a_picture_without_other_data(path, monkeypatch, tmp_path):
    monkeypatch.setenv("SKARMA_TEST_DATA", str(tmp_path))
    with imported(path, monkeypatch) as script, matplotlib.rc_context():
        places = np.ravel(script.picture())
        assert all(axes.has_data() for axes in places)
        assert not places[0].spines["top"].get_visible() or places[0].get_xticks().size == 0
        places[0].figure.savefig(tmp_path / "picture.png")
        plt.close("all")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_has_a_title_for_the_gallery(path):
    _, title, line, empty = path.read_text(encoding="utf-8").splitlines()[:4]
    assert path.stem[:3].upper() in title.partition(":")[0]
    assert line == "=" * len(title)
    assert not empty


def test_shows_the_figures_of_the_page_where_mnist_is_not(tmp_path):
    done = subprocess.run(
        [sys.executable, FOLDER / "e64_mnist_by_epochs.py", tmp_path / "picture.png"],
        env=os.environ | {"SKARMA_TEST_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "MNIST is not where SKARMA_TEST_DATA says" in done.stdout
    assert re.search(r"^test loss, printed 0.120 +0.12\d+ +0.115 to 0.132$", done.stdout, re.M)
    assert "E66" not in done.stdout  # rows of other scripts
    assert "values, valid" not in done.stdout
    assert (tmp_path / "picture.png").exists()


@pytest.mark.parametrize("name", ["e20_step_sizes", "e76_stack_of_filters"])
def test_pictures_are_drawn_into_a_file_that_is_named(name, tmp_path):
    picture = tmp_path / "picture.png"
    done = subprocess.run(
        [sys.executable, FOLDER / f"{name}.py", picture], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "NOT AS EXPECTED" not in done.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_page_has_all_rows_and_scripts():
    rows = [
        line.split("\t") for line in (FOLDER / "rows.tsv").read_text(encoding="utf-8").splitlines()
    ]
    assert [row[0] for row in rows] == [f"E{number:02}" for number in range(1, 102)]
    page = (FOLDER.parents[1] / "docs" / "experiments.md").read_text(encoding="utf-8")
    assert all(f"| {row[0]} | {row[1]} |" in page for row in rows)
    assert "not as expected" not in page
    shortened = json.loads((FOLDER / "full_figures.json").read_text(encoding="utf-8"))
    for path in FOLDER.glob("e*.py"):
        if "def run(full=False)" in path.read_text(encoding="utf-8"):
            assert path.stem[:3].upper() in shortened, path
    for path in FOLDER.glob("e*.py"):
        assert f"[{path.name}](../examples/experiments/{path.name})" in page

"""The experiments of examples/experiments give the figures that are expected of them."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "experiments"

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:lbfgs failed to converge"),
]


def module_of(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", sorted(FOLDER.glob("e*.py")), ids=lambda path: path.stem)
def test_the_figures_are_as_expected(path, monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    known = set(sys.modules)
    try:
        figures = list(module_of(path).run())
    except Exception as error:
        if type(error).__name__ != "DataNotFound":
            raise
        pytest.skip(str(error))
    finally:
        for name in set(sys.modules) - known:
            if name == "shared_figures" or name.startswith("e0"):
                del sys.modules[name]
    assert figures
    wrong = [figure for figure in figures if not figure.holds]
    assert not wrong


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

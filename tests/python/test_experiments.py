"""The experiments of examples/experiments give the figures that are expected of them."""

import importlib.util
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
    finally:
        for name in set(sys.modules) - known:
            if name == "shared_figures" or name.startswith("e0"):
                del sys.modules[name]
    assert figures
    wrong = [figure for figure in figures if not figure.holds]
    assert not wrong


def test_the_page_has_all_rows_and_scripts():
    rows = [
        line.split("\t") for line in (FOLDER / "rows.tsv").read_text(encoding="utf-8").splitlines()
    ]
    assert [row[0] for row in rows] == [f"E{number:02}" for number in range(1, 102)]
    page = (FOLDER.parents[1] / "docs" / "experiments.md").read_text(encoding="utf-8")
    assert all(f"| {row[0]} | {row[1]} |" in page for row in rows)
    assert "not as expected" not in page
    for path in FOLDER.glob("e*.py"):
        assert f"[{path.name}](../examples/experiments/{path.name})" in page

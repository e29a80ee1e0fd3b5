"""A verbose native search shows one live line where it can, and scikit-learn's line elsewhere."""

import io
import os
import pty
import re
import subprocess
import sys
import textwrap

import pytest
import sklearn.model_selection as reference
import sklearn.neural_network
from same_search import small
from sklearn.datasets import load_iris

import skarma
from skarma.model_selection import GridSearchCV

X, Y = load_iris(return_X_y=True)
GRID = {"alpha": [0.1, 1.0, 10.0]}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("verbose", [0, 1, 3])
def test_plain_output_is_scikit_learns_line(verbose, capsys):
    GridSearchCV(small(skarma), GRID, cv=2, verbose=verbose).fit(X, Y)
    ours = capsys.readouterr()
    reference.GridSearchCV(small(sklearn.neural_network), GRID, cv=2, verbose=min(verbose, 1)).fit(
        X, Y
    )
    assert ours.out == capsys.readouterr().out
    assert ours.err == ""


def test_without_rich_a_terminal_gets_the_plain_line(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "rich", None)
    GridSearchCV(small(skarma), GRID, cv=2, verbose=1).fit(X, Y)
    assert capsys.readouterr().out.startswith("Fitting 2 folds for each of 3 candidates")


def show_on(console, monkeypatch):
    monkeypatch.setattr("rich.get_console", lambda: console)


def test_a_terminal_has_one_live_line(monkeypatch):
    console = pytest.importorskip("rich.console")
    screen = io.StringIO()
    show_on(
        console.Console(force_terminal=True, file=screen, width=100, color_system=None), monkeypatch
    )
    search = GridSearchCV(small(skarma), GRID, cv=2, verbose=1, n_jobs=2).fit(X, Y)
    assert search.search_path_ == "native"
    text = re.sub(r"\x1b\[[0-9?]*[a-zA-Z]", "", screen.getvalue())
    last = re.split("[\r\n]", text.strip())[-1]
    assert "6/6" in last
    assert f"best {search.best_score_:.4f} alpha={search.best_params_['alpha']}" in last
    assert text.count("\n") == 1
    assert "Fitting" not in text


def test_a_notebook_without_widgets_gets_the_plain_line(monkeypatch, capsys):
    console = pytest.importorskip("rich.console")
    show_on(console.Console(force_jupyter=True), monkeypatch)
    monkeypatch.setattr("skarma._search_progress.find_spec", lambda name: None)
    GridSearchCV(small(skarma), GRID, cv=2, verbose=1).fit(X, Y)
    assert capsys.readouterr().out.startswith("Fitting 2 folds for each of 3 candidates")


def test_an_error_while_the_line_is_told_ends_the_search(monkeypatch):
    console = pytest.importorskip("rich.console")
    show_on(console.Console(force_terminal=True, file=io.StringIO()), monkeypatch)

    def fail(*arguments, **fields):
        raise ValueError("the line is cut")

    monkeypatch.setattr("rich.progress.Progress.update", fail)
    with pytest.raises(ValueError, match="the line is cut"):
        GridSearchCV(small(skarma), GRID, cv=2, verbose=1).fit(X, Y)


def test_a_pseudo_terminal(tmp_path):
    pytest.importorskip("rich")
    script = tmp_path / "search.py"
    script.write_text(
        textwrap.dedent("""
        import warnings
        from sklearn.datasets import load_iris
        from skarma import MLPClassifier
        from skarma.model_selection import GridSearchCV
        warnings.simplefilter("ignore")
        network = MLPClassifier(hidden_layer_sizes=(5,), max_iter=5, random_state=1)
        names = {"alpha": [0.1, 1.0], "activation": ["relu", "tanh"], "momentum": [0.5]}
        GridSearchCV(network, names, cv=2, verbose=1).fit(*load_iris(return_X_y=True))
        """)
    )
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "60", "LINES": "24"}
    process = subprocess.Popen(
        [sys.executable, script], stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    shown = b""
    while chunk := _read(ours):
        shown += chunk
    os.close(ours)
    assert process.wait() == 0, shown.decode()
    assert b"8/8" in shown and b"fits" in shown
    assert shown.count(b"\n") == 1, shown.decode()  # narrow as it is, the line is never wrapped


def _read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other end is closed
        return b""

"""A verbose native search shows one live line where it can, and scikit-learn's line elsewhere."""

import io
import itertools
import math
import os
import pty
import re
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import sklearn.model_selection as reference
import sklearn.neural_network
from same_search import small
from sklearn.datasets import load_iris

import skarma
from skarma import model_selection
from skarma._search_progress import _Best
from skarma.model_selection import GridSearchCV

X, Y = load_iris(return_X_y=True)
GRID = {"alpha": [0.1, 1.0, 10.0]}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def printed(search, capsys):
    """What a search prints, its times masked."""
    search.fit(X, Y)
    out = capsys.readouterr()
    assert out.err == ""
    return re.sub(r"[. ]*\d+\.\ds\n", " TIME\n", re.sub(r"\.{3,}", "...", out.out))


@pytest.mark.parametrize("verbose", [0, 1, 2, 3, 9, 10])
@pytest.mark.parametrize(
    ("grid", "options"),
    [
        (GRID, {}),
        ({"max_iter": [2, 3], "alpha": [1.0, 1e-300]}, {"return_train_score": True}),
        ({}, {"scoring": ["f1_macro", "accuracy"], "refit": "accuracy"}),
        (
            {"hidden_layer_sizes": [(2,), (3, 3)]},
            {"scoring": {"b": "accuracy", "a": "r2"}, "refit": "b", "return_train_score": True},
        ),
        ({"alpha": [1.0], "batch_size": [1, 200]}, {"scoring": "f1", "error_score": -1.0}),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_plain_output_is_scikit_learns(verbose, grid, options, capsys):
    options = {"cv": 2, "verbose": verbose} | options
    ours = GridSearchCV(small(skarma), grid, **options)
    theirs = reference.GridSearchCV(small(sklearn.neural_network), grid, **options)
    assert printed(ours, capsys) == printed(theirs, capsys)
    assert ours.search_path_ == "native" or "r2" in ours.search_path_


@pytest.mark.parametrize("verbose", [3, 10])
def test_lines_of_several_threads(verbose, capsys):
    def lines(search):
        return sorted(printed(search, capsys).splitlines())

    theirs = reference.GridSearchCV(small(sklearn.neural_network), GRID, cv=2, verbose=verbose)
    ours = GridSearchCV(small(skarma), GRID, cv=2, verbose=verbose, n_jobs=3)
    assert lines(ours) == lines(theirs)


@pytest.mark.parametrize("verbose", [0, 1, 2, 3, 10])
@pytest.mark.parametrize("function", ["cross_validate", "cross_val_score", "cross_val_predict"])
def test_lines_of_a_cross_validation(function, verbose, capsys):
    texts = []
    for module, package in ((sklearn.neural_network, reference), (skarma, model_selection)):
        getattr(package, function)(small(module), X, Y, cv=3, verbose=verbose)
        out = capsys.readouterr()
        masked = re.sub(r"[. ]*\d+\.\d(s|min)", " TIME", out.out + out.err)
        # How often joblib says more than that depends on time.
        texts.append([s for s in masked.splitlines() if s.startswith("[CV") or "finished" in s])
    assert texts[0] == texts[1]
    assert any("Parallel" in line for line in texts[1]) == (verbose > 0)


@pytest.mark.parametrize("function", ["cross_validate", "cross_val_predict"])
def test_lines_of_a_cross_validation_by_several_threads(function, capfd):
    verbose = 10 if function == "cross_validate" else 1
    texts = []
    for module, package, n_jobs in (
        (sklearn.neural_network, reference, 1),
        (skarma, model_selection, 2),
    ):
        getattr(package, function)(small(module), X, Y, cv=3, verbose=verbose, n_jobs=n_jobs)
        lines = re.sub(r"[. ]*\d+\.\ds", " TIME", capfd.readouterr().out).splitlines()
        texts.append(sorted(line for line in lines if "Parallel" not in line))
    assert texts[1] == texts[0]
    assert "Parallel" not in "".join(lines), "joblib has nothing to do with it"


def test_without_rich_a_terminal_gets_the_plain_line(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "rich", None)
    GridSearchCV(small(skarma), GRID, cv=2, verbose=1).fit(X, Y)
    assert capsys.readouterr().out.startswith("Fitting 2 folds for each of 3 candidates")


def show_on(console, monkeypatch):
    monkeypatch.setattr("rich.get_console", lambda: console)


@pytest.mark.parametrize(
    "options", [{}, {"scoring": ["accuracy", "neg_log_loss"], "refit": "neg_log_loss"}]
)
def test_a_terminal_has_one_live_line(options, monkeypatch):
    console = pytest.importorskip("rich.console")
    screen = io.StringIO()
    show_on(
        console.Console(force_terminal=True, file=screen, width=100, color_system=None), monkeypatch
    )
    search = GridSearchCV(small(skarma), GRID, cv=2, verbose=1, n_jobs=2, **options).fit(X, Y)
    assert search.search_path_ == "native"
    text = re.sub(r"\x1b\[[0-9?]*[a-zA-Z]", "", screen.getvalue())
    last = re.split("[\r\n]", text.strip())[-1]
    assert "6/6" in last
    assert f"best {search.best_score_:.4f} alpha={search.best_params_['alpha']}" in last
    assert text.count("\n") == 1
    assert "Fitting" not in text


@pytest.mark.parametrize(
    "scores",
    [
        [(0.2, 0.4), (0.9, 0.1), (0.3, 0.7)],
        [(-3.0, -2.0), (-1.0, -2.0), (-2.0, -1.0)],
        [(math.nan, 1.0), (0.5, 0.5), (math.nan, math.nan)],
        [(math.nan, 0.5), (math.nan, 0.1), (math.nan, 0.3)],
    ],
)
def test_the_best_is_the_first_of_those_with_the_highest_mean(scores):
    means = np.mean(scores, axis=1)
    for order in itertools.permutations((c, s) for c in range(3) for s in scores[c]):
        best = _Best(3, 2, "b")
        told = []
        for candidate, score in order:
            best.add(candidate, {"test_scores": {"a": 0.0, "b": score}})
            told.append(candidate)
            complete = [c for c in range(3) if told.count(c) == 2]
            if not complete:
                assert best.number is None
                continue
            valid = [c for c in complete if not math.isnan(means[c])]
            assert best.number == max(valid, key=lambda c: means[c], default=complete[0])
            assert best.score == pytest.approx(means[best.number], nan_ok=True)


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

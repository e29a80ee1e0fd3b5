"""Journals tell one value from another, in every process alike."""

import os
import subprocess
import sys
import threading
from functools import partial

import numpy as np
import pytest
from journals import X, expect_same, network, rows_in, searched
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler


class Times:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, X):
        return X * self.factor


def times(factor):
    return lambda X: X * factor


def multiplied(X, factor=2.0):
    return X * factor


APART = {
    "estimators": ("pre", [StandardScaler(), StandardScaler(with_mean=False, with_std=False)]),
    "networks": ("net", [network(), network(alpha=10.0, max_iter=3)]),
    "nested": ("pre", [FunctionTransformer(np.negative), FunctionTransformer(np.square)]),
    "ufuncs": ("pre__func", [np.negative, np.square]),
    "lambdas": ("pre__func", [lambda X: X, lambda X: X * 0]),
    "names": ("pre__func", [lambda X: X.cumsum(0), lambda X: X.cumprod(0)]),
    "closures": ("pre__func", [times(1), times(-1)]),
    "partials": ("pre__func", [partial(multiplied, factor=k) for k in (1, -1)]),
    "objects": ("pre__func", [Times(1), Times(-1)]),
    "dicts": ("pre__kw_args", [{"factor": 1}, {"factor": -1}]),
    "frozen": ("pre", [FrozenEstimator(StandardScaler().fit(X * k)) for k in (1, 100)]),
}


def piped(first=None):
    first = FunctionTransformer(multiplied) if first is None else first
    return Pipeline([("pre", first), ("net", network())])


@pytest.mark.parametrize("name", APART)
def test_candidates_that_differ_inside_a_value_have_their_own_fits(tmp_path, name):
    parameter, values = APART[name]
    grid = {parameter: values}
    first = searched(tmp_path / "j", piped(), grid)
    expect_same(first, searched(None, piped(), grid), with_times=False)
    assert rows_in(tmp_path / "j", "SELECT count(DISTINCT digest) FROM candidates") == 2
    expect_same(first, searched(tmp_path / "j", piped(), grid))
    assert rows_in(tmp_path / "j", "SELECT max(id) FROM fits") == 8


@pytest.mark.parametrize("name", APART)
def test_a_search_over_another_value_is_another_one(tmp_path, name):
    parameter, (a, b) = APART[name]
    grid = {"net__max_iter": [5]}
    searched(tmp_path / "j", piped().set_params(**{parameter: a}), grid)
    searched(tmp_path / "j", piped().set_params(**{parameter: a}), grid)
    assert rows_in(tmp_path / "j", "SELECT max(id) FROM fits") == 4
    with pytest.raises(ValueError, match="is of another search: (pre|net)(__| is)"):
        searched(tmp_path / "j", piped().set_params(**{parameter: b}), grid)


TEXTS = """
from functools import partial
from sklearn.base import clone
from sklearn.feature_selection import SelectKBest
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import make_scorer, fbeta_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import *
from skarma._journal_texts import text_of
import numpy as np, re
class Thing:
    def __init__(self): self.names, self.f = {"a", "b", "c", "dd"}, lambda X: X in {"x", "y", "z"}
def inner(k): return lambda X, *, a={"q", "r"}: [X * k for _ in a]
scaler = StandardScaler().fit(np.eye(3))
for value in (
    Thing(), inner(2), partial(inner(3), a=Thing()), FrozenEstimator(scaler), np.mean, len,
    make_pipeline(SelectKBest(), scaler, PowerTransformer()), make_scorer(fbeta_score, beta=2),
    re.compile("a"), Thing().f, [1, (2.5, None)], np.array(["a", None], object), "a".join, np,
    SelectKBest().set_output(transform="pandas"), slice(1, 2), scaler.transform, "\\udc80",
):
    print(text_of(value))
"""


def test_each_process_writes_the_same():
    def texts(seed):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", TEXTS]
        return subprocess.run(command, env=environment, check=True, capture_output=True).stdout

    first = texts("1")
    assert first.count(b"\n") == len(set(first.splitlines())) == 18
    assert b"0x" not in first
    assert [texts(seed) for seed in ("2", "3")] == [first, first]


def score_by(estimator, X, y, power=1.0):
    return float(estimator.score(X, y)) ** power


class ScoreBy:
    def __init__(self, power):
        self.power = power

    def __call__(self, estimator, X, y):
        return score_by(estimator, X, y, self.power)


def powered(y, prediction, power):
    return accuracy_score(y, prediction) ** power


@pytest.mark.parametrize(
    "make",
    [
        lambda power: partial(score_by, power=power),
        ScoreBy,
        lambda power: lambda estimator, X, y: score_by(estimator, X, y, power),
        lambda power: make_scorer(powered, power=power),
        lambda power: {"a": partial(score_by, power=power), "b": "accuracy"},
    ],
)
def test_scorers_of_any_kind_are_known_again(tmp_path, make):
    options = {"refit": False}
    first = searched(tmp_path / "j", scoring=make(2.0), **options)
    expect_same(first, searched(tmp_path / "j", scoring=make(2.0), **options))
    assert rows_in(tmp_path / "j", "SELECT max(id) FROM fits") == 12
    with pytest.raises(ValueError, match="is of another search: scoring is"):
        searched(tmp_path / "j", scoring=make(3.0), **options)


@pytest.mark.parametrize(
    "value",
    [
        (lambda lock: lambda X: X if lock else X)(threading.Lock()),
        np.frompyfunc(abs, 1, 1),
    ],
)
def test_what_no_process_knows_again_is_refused(tmp_path, value):
    with pytest.raises(ValueError, match="A search with a journal cannot know .* again in another"):
        searched(tmp_path / "j", piped(), {"pre__func": [value]})
    with pytest.raises(ValueError, match="A search with a journal cannot know .* again in another"):
        searched(tmp_path / "j", piped(FunctionTransformer(value)), {"net__alpha": [1.0]})
    with pytest.raises(ValueError, match="A search with a journal cannot know .* again in another"):
        searched(tmp_path / "j", scoring=lambda estimator, X, y: float(bool(value)))
    assert not (tmp_path / "j").exists()


def test_candidates_that_cannot_be_told_apart_are_refused(tmp_path):
    def local(factor):
        class Local(TransformerMixin, BaseEstimator):
            def fit(self, X, y=None):
                return self

            def transform(self, X):
                return X * factor

        return Local()

    with pytest.raises(ValueError, match="cannot tell its candidates 0 and 1 apart"):
        searched(tmp_path / "j", piped(), {"pre": [local(1), local(-1)]})
    assert not (tmp_path / "j").exists()
    same = local(1)
    searched(tmp_path / "j", piped(), {"pre": [same, same], "net__alpha": [1, np.int64(1)]})
    assert rows_in(tmp_path / "j") == 4

"""Why a search takes scikit-learn's path: every code, each by what leads to it."""

import re
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler

import skarma
from skarma import nn
from skarma.model_selection import FallbackReason, GridSearchCV

X, Y = load_iris(return_X_y=True)
GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "searches.md"

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning"),
    pytest.mark.filterwarnings("ignore:One or more of the:UserWarning"),
]


def small(**params):
    return skarma.MLPClassifier(
        **{"solver": "lbfgs", "hidden_layer_sizes": (3,), "max_iter": 5, "random_state": 0} | params
    )


def listed():
    model = nn.Sequential([nn.Dense(3, "softmax")], random_state=0)
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


class Changed(skarma.MLPClassifier):
    """A subclass."""


class Idle:
    """A callback of scikit-learn's protocol that does nothing."""

    def setup(self, estimator, context, **given):
        pass

    teardown = on_fit_task_begin = on_fit_task_end = setup


def searched(model, grid=None, data=(X, Y), **options):
    return GridSearchCV(model, grid or {}, **{"cv": 3} | options).fit(*data)


#: What leads to each code. The candidates of "refused" are scikit-learn's to refuse.
CASES = {
    "estimator": [
        lambda: searched(LogisticRegression()),
        lambda: searched(Changed(solver="lbfgs", max_iter=5, random_state=0)),
        lambda: searched(small(solver="sgd", early_stopping=True, validation_fraction=KFold(2))),
    ],
    "transformer": [
        lambda: searched(make_pipeline(QuantileTransformer(n_quantiles=9), small())),
        lambda: searched(make_pipeline(PCA(2, svd_solver="randomized", random_state=0), small())),
    ],
    "pipeline_memory": [
        lambda: searched(make_pipeline(StandardScaler(), small(), memory=joblib.Memory(None))),
    ],
    "verbose_estimator": [
        lambda: searched(small(verbose=True)),
        lambda: searched(make_pipeline(StandardScaler(), small(), verbose=True)),
    ],
    "callbacks": [lambda: searched(small().set_callbacks(Idle()))],
    "candidate": [
        lambda: searched(
            make_pipeline(StandardScaler(), small()),
            {"standardscaler": ["passthrough", StandardScaler()]},
        ),
    ],
    "epochs": [lambda: searched(nn.Classifier(listed), {"epochs": [1, 2]})],
    "samples": [
        lambda: searched(
            small(),
            data=(np.vstack([X, np.full((1, 4), np.nan)]), np.append(Y, 0)),
            cv=[(np.arange(0, 150, 2), np.arange(1, 150, 2))],
            refit=False,
        )
    ],
    "targets": [lambda: searched(small(), data=(X, Y.astype(np.uint64) + 2**63))],
    "splitter": [
        lambda: searched(small(), cv=[([True] * 75 + [False] * 75, [False] * 75 + [True] * 75)]),
    ],
}


def everything():
    return [
        pytest.param(code, make, id=f"{code}-{n}")
        for code in CASES
        for n, make in enumerate(CASES[code])
    ]


@pytest.mark.parametrize(("code", "make"), everything())
def test_a_search_says_why_it_is_not_native(code, make):
    search = make()
    assert search.fallback_reason_ is FallbackReason(code)
    assert search.search_path_ != "native"


def test_a_native_search_has_no_reason():
    search = searched(small())
    assert (search.search_path_, search.fallback_reason_) == ("native", None)


def test_the_guide_has_one_row_for_each_reason():
    rows = re.findall(r"^\| `([a-z_]+)` \|", GUIDE.read_text(), re.MULTILINE)
    assert rows == [reason.value for reason in FallbackReason]

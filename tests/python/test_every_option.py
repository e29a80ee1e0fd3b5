"""Every option that scikit-learn's networks have not: in a model file and in a native search."""

import numpy as np
import pytest
from sklearn.datasets import load_iris, make_regression
from sklearn.model_selection import GridSearchCV as SklearnSearch

import skarma
from skarma import MLPClassifier, MLPRegressor, _native
from skarma.model_selection import GridSearchCV

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_iris(return_X_y=True)
XR, YR = make_regression(90, 4, noise=1.0, random_state=0)
YR = np.abs(YR) / 50 + 0.1  # positive, for the losses that want it


def names_of(parameter, rows):
    return next(row["names"] for row in rows if row["name"] == parameter)


ROWS, ROWS_R = _native.mlp_classifier_parameters(), _native.mlp_regressor_parameters()
CLASSIFIERS = [
    *({"activation": name} for name in names_of("activation", ROWS)),
    *({"solver": name} for name in names_of("solver", ROWS) if name != "lm"),
    {"solver": "lm", "loss": "squared_error", "hidden_layer_sizes": (3,)},
    *({"learning_rate": n, "solver": "sgd"} for n in names_of("learning_rate", ROWS)),
    *({"init": name} for name in names_of("init", ROWS)),
    *({"loss": name} for name in names_of("loss", ROWS)),
    {"activation": ["relu", "maxout(3)"], "hidden_layer_sizes": (6, 6)},
    {"activation": "leaky_relu(0.2)"},
    {"learning_rate": "cosine(warmup=2, restarts=1)"},
    {"init": "orthogonal(1.4)"},
    {"loss": "focal(gamma=1)"},
    {"weight_decay": 0.1, "solver": "adamw"},
    {"dropout": 0.2},
    {"dropout": [0.1, 0.3]},
    {"dropout": 0.2, "activation": "selu"},
    {"noise": 0.1},
    {"batch_norm": True},
    {"layer_norm": True},
    {"residual": True, "hidden_layer_sizes": (6, 6)},
    {"l1": 0.5},
    {"max_norm": 1.0},
    {"clip_value": 0.05},
    {"clip_norm": 0.1},
    {"n_members": 3},
    {"n_init": 2},
    {"label_smoothing": 0.1},
    {"class_weight": "balanced"},
    {"class_weight": {0: 1.0, 1: 2.0, 2: 0.5}},
    {"early_stopping": True, "early_stopping_metric": "loss"},
    {"early_stopping": True, "early_stopping_metric": "f1_macro"},
    {"dtype": "float32"},
    {"device": "reference"},
    {"keep_optimizer": True, "warm_start": True},
    {"freeze": (0,)},
]
REGRESSORS = [
    *({"loss": name} for name in names_of("loss", ROWS_R) if name != "quantile"),
    {"loss": "huber(delta=0.5)"},
    {"loss": "tweedie(power=1.2)"},
    {"loss": "quantile", "quantile": 0.3},
    {"loss": "quantile", "quantile": [0.1, 0.5, 0.9]},
    {"solver": "lm", "hidden_layer_sizes": (3,)},
    {"n_members": 3, "layer_norm": True},
]
CASES = [(MLPClassifier, options) for options in CLASSIFIERS]
CASES += [(MLPRegressor, options) for options in REGRESSORS]


def case_name(value):
    return value.__name__ if isinstance(value, type) else str(value)


def network(cls, options):
    common = {"hidden_layer_sizes": (6,), "max_iter": 6, "random_state": 0, "batch_size": 20}
    return cls(**common | options)


def data(cls):
    return (X, Y) if cls is MLPClassifier else (XR, YR)


def test_every_parameter_of_our_own_is_here():
    own = {row["name"] for row in (*ROWS, *ROWS_R)}
    own -= set(inspect_names("MLPClassifier")) | set(inspect_names("MLPRegressor"))
    known = {name for _, options in CASES for name in options}
    # These change no figure of a network: devices have their own tests.
    assert own - known == {"n_threads", "precision"}


def inspect_names(name):
    import sklearn.neural_network

    return getattr(sklearn.neural_network, name)().get_params()


@pytest.mark.parametrize(("cls", "options"), CASES, ids=case_name)
def test_a_saved_network_predicts_bit_by_bit(cls, options, tmp_path):
    x, y = data(cls)
    model = network(cls, options).fit(x, y)
    skarma.save(model, tmp_path / "model.skarma")
    loaded = skarma.load(tmp_path / "model.skarma")
    np.testing.assert_array_equal(loaded.predict(x), model.predict(x))
    if hasattr(model, "decision_function"):
        scores = [m.decision_function(x) for m in (loaded, model)]
    elif cls is MLPClassifier:
        scores = [m.predict_proba(x) for m in (loaded, model)]
    else:
        scores = [m.predict(x) for m in (loaded, model)]
    np.testing.assert_array_equal(*scores)
    assert repr(loaded.get_params()) == repr(model.get_params())


@pytest.mark.parametrize(("cls", "options"), CASES, ids=case_name)
def test_a_native_search_takes_it(cls, options):
    x, y = data(cls)
    grid = {name: [value] for name, value in options.items()} | {"alpha": [1e-4, 1.0]}
    theirs = SklearnSearch(network(cls, {}), grid, cv=2, refit=False).fit(x, y)
    ours = GridSearchCV(network(cls, {}), grid, cv=2, refit=False).fit(x, y)
    assert ours.search_path_ == "native"
    for key in ("split0_test_score", "split1_test_score"):
        np.testing.assert_allclose(ours.cv_results_[key], theirs.cv_results_[key], rtol=1e-9)

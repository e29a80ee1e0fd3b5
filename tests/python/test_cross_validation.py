"""cross_validate and its relatives give what scikit-learn's give, and log which path they took."""

import inspect
import logging
import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
import sklearn.model_selection as reference
import sklearn.neural_network
from ctrl_c import ctrl_c_after
from same_search import small
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer
from sklearn.model_selection import GroupKFold, KFold, LeaveOneOut, RepeatedKFold, ShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

import skarma
from skarma import model_selection

IRIS = load_iris(return_X_y=True)
CANCER = load_breast_cancer(return_X_y=True)
DIABETES = load_diabetes(return_X_y=True)
WEIGHTS = np.linspace(0.2, 3.0, len(IRIS[1]))

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture
def paths(caplog):
    """The messages about the paths taken."""
    caplog.set_level(logging.DEBUG, logger="skarma.model_selection")
    return caplog


def scaled(module):
    return make_pipeline(StandardScaler(), MinMaxScaler((-1, 1)), small(module))


def regressor(module):
    return small(module, "MLPRegressor", solver="sgd", alpha=1.0)


def assert_same(expected, got):
    if isinstance(expected, np.ndarray):
        assert got.dtype == expected.dtype
        if expected.dtype.kind == "f":
            np.testing.assert_allclose(got, expected, rtol=1e-9)
        else:
            np.testing.assert_array_equal(got, expected)
        return
    assert list(got) == list(expected)
    for key in expected:
        if "time" in key:
            assert got[key].dtype == expected[key].dtype
            assert (got[key] > 0).all() or (expected[key] == 0).any()  # a fit has failed
        elif key == "indices":
            for part in ("train", "test"):
                assert type(got[key][part]) is type(expected[key][part])
                for a, b in zip(got[key][part], expected[key][part], strict=True):
                    np.testing.assert_array_equal(a, b)
        elif key != "estimator":
            assert_same(expected[key], got[key])


def both(function, make, *data, **options):
    """The function of both, each from NumPy's generator in the same state, compared."""
    results = []
    for module, package in ((sklearn.neural_network, reference), (skarma, model_selection)):
        np.random.seed(7)
        result = getattr(package, function)(make(module), *data, **options)
        results.append((result, np.random.random()))
    assert_same(results[0][0], results[1][0])
    assert results[0][1] == results[1][1]
    return results[0][0], results[1][0]


@pytest.mark.parametrize(
    ("make", "data", "options"),
    [
        (small, IRIS, {}),
        (small, IRIS, {"scoring": "neg_log_loss", "cv": 3, "n_jobs": 2}),
        (small, IRIS, {"scoring": ["accuracy", "f1_macro"], "return_train_score": True}),
        (small, IRIS, {"scoring": {"b": "f1_micro", "a": "accuracy"}, "return_indices": True}),
        (small, IRIS, {"params": {"sample_weight": WEIGHTS}, "return_train_score": True}),
        (small, IRIS, {"groups": np.arange(150) % 13, "cv": GroupKFold(3)}),
        (small, CANCER, {"cv": RepeatedKFold(n_splits=2, n_repeats=2, random_state=3)}),
        (small, (IRIS[0][::5], IRIS[1][::5]), {"cv": LeaveOneOut()}),
        (small, (IRIS[0].astype(np.float32), IRIS[1]), {"scoring": "roc_auc_ovr"}),
        (scaled, CANCER, {"scoring": "roc_auc", "cv": list(KFold(3).split(CANCER[0]))}),
        (scaled, IRIS, {"params": {"mlpclassifier__sample_weight": WEIGHTS}}),
        (regressor, DIABETES, {"return_train_score": True, "error_score": "raise"}),
        (regressor, DIABETES, {"scoring": "neg_mean_absolute_error", "cv": ShuffleSplit(2)}),
    ],
)
def test_cross_validate(make, data, options, paths):
    both("cross_validate", make, *data, **options)
    assert paths.messages == ["cross_validate: native"]


@pytest.mark.parametrize("scoring", [None, "f1_weighted"])
def test_cross_val_score(scoring, paths):
    names = np.array(["setosa", "versicolor", "virginica"], dtype=object)[IRIS[1]]
    both("cross_val_score", scaled, IRIS[0], names, scoring=scoring, cv=4, n_jobs=2)
    assert paths.messages == ["cross_val_score: native"]


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba"])
@pytest.mark.parametrize("make", [small, scaled])
@pytest.mark.parametrize(
    "y",
    [
        IRIS[1],
        np.array(["a", "long", "b"])[IRIS[1]],
        IRIS[1] > 0,
        np.stack([IRIS[1] == 0, IRIS[1] > 0, IRIS[1] == 2], axis=1).astype(int),
        np.stack([IRIS[1] == 0, IRIS[1] > 1], axis=1).astype(int),
    ],
    ids=["ints", "strings", "bools", "multilabel", "two labels"],
)
def test_cross_val_predict_of_a_classifier(method, make, y, paths):
    cv = KFold(4, shuffle=True, random_state=1)
    both("cross_val_predict", make, IRIS[0], y, cv=cv, method=method)
    assert paths.messages == ["cross_val_predict: native"]


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba"])
@pytest.mark.filterwarnings("ignore:Number of classes in training fold")
def test_classes_that_a_fold_does_not_train_on(method, paths):
    both("cross_val_predict", small, *IRIS, cv=KFold(3), method=method)
    assert paths.messages == ["cross_val_predict: native"]
    with pytest.warns(RuntimeWarning, match=r"Number of classes in training fold \(2\)"):
        model_selection.cross_val_predict(small(skarma), *IRIS, cv=KFold(3), method="predict_proba")


def test_cross_val_predict_of_a_regressor(paths):
    both("cross_val_predict", regressor, *DIABETES, n_jobs=2)
    two = np.stack([DIABETES[1], -2.0 * DIABETES[1]], axis=1)
    both("cross_val_predict", regressor, DIABETES[0], two, params={"sample_weight": DIABETES[1]})
    assert paths.messages == ["cross_val_predict: native"] * 2


@pytest.mark.parametrize("make", [small, scaled])
def test_estimators_come_back_as_their_fits_left_them(make, paths):
    frame = pd.DataFrame(IRIS[0], columns=["a", "b", "c", "d"])
    names = pd.Series(np.array(["setosa", "versicolor", "virginica"])[IRIS[1]])
    theirs, ours = both(
        "cross_validate", make, frame, names, return_estimator=True, return_indices=True, cv=3
    )
    assert paths.messages == ["cross_validate: native"]
    for fold, (expected, got) in enumerate(
        zip(theirs["estimator"], ours["estimator"], strict=True)
    ):
        np.testing.assert_array_equal(got.feature_names_in_, expected.feature_names_in_)
        np.testing.assert_array_equal(got.classes_, expected.classes_)
        assert got.classes_.dtype == expected.classes_.dtype
        np.testing.assert_allclose(
            got.predict_proba(frame), expected.predict_proba(frame), rtol=1e-9
        )
        test = frame.iloc[ours["indices"]["test"][fold]]
        again = pickle.loads(pickle.dumps(got))
        np.testing.assert_array_equal(again.predict(test), got.predict(test))


def test_a_returned_network_can_be_saved_and_trained_further(tmp_path):
    frame = pd.DataFrame(IRIS[0], columns=["a", "b", "c", "d"])
    result = model_selection.cross_validate(
        small(skarma), frame, IRIS[1], return_estimator=True, cv=2
    )
    by_hand = small(skarma).fit(frame.iloc[::2], IRIS[1][::2])
    network = result["estimator"][0]
    assert set(vars(network)) == set(vars(by_hand))
    network.save(tmp_path / "network.safetensors")
    loaded = skarma.load(tmp_path / "network.safetensors")
    np.testing.assert_array_equal(loaded.feature_names_in_, ["a", "b", "c", "d"])
    seen = network.t_
    assert network.partial_fit(frame, IRIS[1]).t_ == seen + len(frame)


def test_a_network_without_random_state(paths):
    def unseeded(module):
        return small(module, random_state=None)

    both("cross_validate", unseeded, *IRIS, cv=3)
    both("cross_validate", unseeded, *IRIS, cv=ShuffleSplit(3), return_indices=True)
    both("cross_val_predict", unseeded, *IRIS, cv=KFold(3, shuffle=True))
    assert len([text for text in paths.messages if text.endswith("native")]) == 3
    both("cross_validate", unseeded, *IRIS, cv=ShuffleSplit(3))
    assert paths.messages[-1] == (
        "cross_validate: scikit-learn's path, because cv and networks draw from NumPy's generator "
        "in turns"
    )


@pytest.mark.parametrize(
    ("reason", "make", "options"),
    [
        ("not exactly skarma's", lambda module: LogisticRegression(), {}),
        ("the network is verbose", lambda module: small(module, verbose=True, max_iter=1), {}),
        ("iterated over but once", small, {"cv": iter([(np.arange(99), np.arange(99, 150))])}),
    ],
)
def test_what_is_not_native_is_scikit_learns(reason, make, options, paths):
    result = model_selection.cross_validate(make(skarma), *IRIS, **options)
    assert list(result) == ["fit_time", "score_time", "test_score"]
    assert paths.messages[-1].startswith("cross_validate: scikit-learn's path, because ")
    assert reason in paths.messages[-1]


@pytest.mark.parametrize("weights", [2.0, WEIGHTS[:, np.newaxis], WEIGHTS[1:], WEIGHTS * np.inf])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
def test_weights_that_are_not_one_finite_number_a_sample_are_scikit_learns(weights, paths):
    outcomes = []
    for module, package in ((sklearn.neural_network, reference), (skarma, model_selection)):
        params = {"sample_weight": weights}
        options = {"params": params, "cv": 2, "error_score": "raise"}
        try:
            scores = package.cross_val_score(small(module), *IRIS, **options)
            outcomes.append(scores.tolist())
        except ValueError as error:
            outcomes.append(str(error))
    assert outcomes[0] == outcomes[1]
    assert paths.messages[-1].endswith(
        "sample_weight is not one finite number a sample, not all of them zero"
    )


@pytest.mark.parametrize(
    "rows", [[], [-1, 0], [0.0, 1.0], IRIS[1] == 1, ["0"]], ids=["none", "-1", "float", "mask", "s"]
)
@pytest.mark.parametrize("trained_on", [False, True])
def test_rows_that_are_no_row_numbers_are_scikit_learns(rows, trained_on, paths):
    rows, others = np.asarray(rows), np.arange(0, 150, 3)
    cv = [(rows, others) if trained_on else (others, rows)]
    outcomes = []
    for module, package in ((sklearn.neural_network, reference), (skarma, model_selection)):
        try:
            scores = package.cross_val_score(small(module), *IRIS, cv=cv, error_score="raise")
            outcomes.append(scores.tolist())
        except (ValueError, IndexError) as error:
            outcomes.append(str(error))
    assert outcomes[0] == pytest.approx(outcomes[1])
    assert paths.messages[-1].endswith("cv does not yield index arrays")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"params": {}},
        {"params": {"sample_weight": WEIGHTS}},
        {"groups": np.arange(150) % 5},
        {"params": {"sample_weight": WEIGHTS}, "groups": np.arange(150) % 5},
    ],
    ids=["nothing", "no params", "weights", "groups", "both"],
)
def test_metadata_is_routed_as_scikit_learn_does(options, paths):
    outcomes = []
    with sklearn.config_context(enable_metadata_routing=True):
        for module, package in ((sklearn.neural_network, reference), (skarma, model_selection)):
            network = small(module).set_fit_request(sample_weight=True)
            network.set_score_request(sample_weight=True)
            try:
                outcomes.append(package.cross_val_score(network, *IRIS, **options).tolist())
            except ValueError as error:
                outcomes.append(str(error))
    assert outcomes[0] == pytest.approx(outcomes[1])
    assert paths.messages[-1].endswith("is routed" if "groups" in options else "native")


@pytest.mark.parametrize("requests", [(True, True), (True, False), (False, True), ("w", "w")])
@pytest.mark.parametrize(
    "scoring", [None, "accuracy", "matthews_corrcoef", ["accuracy", "f1_macro"]]
)
def test_weights_go_where_they_are_requested(requests, scoring, paths):
    given = {"w" if "w" in requests else "sample_weight": WEIGHTS}
    for_fit, for_score = requests
    outcomes = []
    with sklearn.config_context(enable_metadata_routing=True):
        if isinstance(scoring, str):
            scorers = get_scorer(scoring).set_score_request(sample_weight=for_score)
        elif scoring:
            scorers = {
                name: get_scorer(name).set_score_request(sample_weight=for_score if i else False)
                for i, name in enumerate(scoring)
            }
        else:
            scorers = None
        for module, package in ((sklearn.neural_network, reference), (skarma, model_selection)):
            network = small(module, random_state=0).set_fit_request(sample_weight=for_fit)
            network.set_score_request(sample_weight=for_score)
            scaler = StandardScaler().set_fit_request(sample_weight=False)
            for model in (network, make_pipeline(scaler, network)):
                if model is not network and scoring is None:
                    continue  # pipelines have no request of their own score
                found = package.cross_validate(
                    model, *IRIS, params=given, scoring=scorers, error_score="raise"
                )
                outcomes.append({k: v for k, v in found.items() if "time" not in k})
                if package is model_selection:
                    assert paths.messages[-1].endswith("native")
                    search = model_selection.GridSearchCV(
                        model, {}, scoring=scorers, refit=False, native="require"
                    )
                    search.fit(*IRIS, **given)
                    for name, expected in found.items():
                        if name.startswith("test_"):
                            mean = search.cv_results_[f"mean_{name}"]
                            np.testing.assert_allclose(mean, expected.mean())
    half = len(outcomes) // 2
    for theirs, ours in zip(outcomes[:half], outcomes[half:], strict=True):
        assert theirs.keys() == ours.keys()
        for name, expected in theirs.items():
            np.testing.assert_allclose(ours[name], expected, rtol=1e-9)


@pytest.mark.parametrize("constant", [0, 1])
def test_probabilities_of_a_label_that_does_not_vary_are_scikit_learns(constant, paths):
    y = np.stack([IRIS[1] == 0, np.full(150, constant)], axis=1).astype(int)
    outcomes = []
    for module, package in ((sklearn.neural_network, reference), (skarma, model_selection)):
        try:
            found = package.cross_val_predict(
                small(module), IRIS[0], y, cv=KFold(3, shuffle=True), method="predict_proba"
            ).shape
        except (ValueError, IndexError) as error:
            found = str(error)
        outcomes.append(found)
    assert outcomes[0] == outcomes[1]
    assert paths.messages[-1].endswith("because a label is always or never there")


def test_a_generator_that_network_and_splitter_share_is_scikit_learns(paths):
    scores = []
    for module, package in ((sklearn.neural_network, reference), (skarma, model_selection)):
        generator = np.random.RandomState(3)
        network = small(module, random_state=generator)
        cv = ShuffleSplit(3, random_state=generator)
        scores.append(package.cross_val_score(network, *IRIS, cv=cv))
    np.testing.assert_allclose(*scores, rtol=1e-9)
    assert "cv and network share a generator" in paths.messages[-1]


def test_a_generator_that_estimators_would_return_is_scikit_learns(paths):
    network = small(skarma, random_state=np.random.RandomState(1))
    model_selection.cross_validate(network, *IRIS, return_estimator=True)
    assert "estimators return their generator" in paths.messages[-1]
    model_selection.cross_validate(network, *IRIS)
    assert paths.messages[-1] == "cross_validate: native"


@pytest.mark.parametrize(
    ("function", "options", "message"),
    [
        ("cross_validate", {"cv": "five"}, "The 'cv' parameter of cross_validate must be"),
        ("cross_validate", {"pre_dispatch": []}, "The 'pre_dispatch' parameter of cross_validate"),
        ("cross_validate", {"params": {"colour": 1}}, "unexpected keyword argument 'colour'"),
        ("cross_validate", {"n_jobs": 0}, "n_jobs == 0"),
        ("cross_val_score", {"scoring": ["r2"]}, "The 'scoring' parameter of cross_val_score"),
        ("cross_val_predict", {"cv": ShuffleSplit(2)}, "only works for partitions"),
        ("cross_val_predict", {"method": "transform"}, "The 'method' parameter"),
    ],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
def test_bad_input_is_answered_in_scikit_learns_words(function, options, message):
    for module, package in ((sklearn.neural_network, reference), (skarma, model_selection)):
        with pytest.raises((ValueError, TypeError), match=message):
            getattr(package, function)(small(module), *IRIS, **options)


def test_failed_fits_and_scorings_get_the_error_score():
    lone = np.isin(np.arange(150), [0, 80])
    options = {"cv": KFold(3), "error_score": -1.0}

    def stopping(module):
        return small(module, early_stopping=True)

    with pytest.warns(FitFailedWarning, match="2 fits failed out of a total of 3"):
        _, ours = both("cross_validate", stopping, IRIS[0], lone, return_estimator=True, **options)
    assert [hasattr(fitted, "coefs_") for fitted in ours["estimator"]].count(False) == 2
    with pytest.warns(UserWarning, match="Scoring failed"):
        both("cross_validate", small, *IRIS, scoring="f1", **options)
    with pytest.raises(ValueError, match="All the 3 fits failed"):
        model_selection.cross_validate(
            stopping(skarma).set_params(validation_fraction=0.01), *IRIS, **options
        )
    with pytest.raises(ValueError, match="least populated class"):
        model_selection.cross_val_predict(stopping(skarma), IRIS[0], lone, cv=options["cv"])


@pytest.mark.parametrize("function", ["cross_validate", "cross_val_predict"])
def test_ctrl_c_ends_a_cross_validation(function):
    network = small(skarma, hidden_layer_sizes=(100, 100), max_iter=2000, n_iter_no_change=2000)
    with ctrl_c_after(1.0), pytest.raises(KeyboardInterrupt):
        getattr(model_selection, function)(network, *CANCER, n_jobs=2)


@pytest.mark.parametrize("function", ["cross_validate", "cross_val_score", "cross_val_predict"])
def test_signatures_are_scikit_learns(function):
    ours, theirs = getattr(model_selection, function), getattr(reference, function)
    [in_ours, in_theirs] = (inspect.signature(f).parameters.values() for f in (ours, theirs))
    *shared, native = in_ours
    assert [(p.name, p.kind, repr(p.default)) for p in shared] == [
        (p.name, p.kind, repr(p.default)) for p in in_theirs
    ]
    assert (native.name, native.default) == ("native", "auto")
    assert ours is not theirs


def test_every_other_public_name_is_scikit_learns():
    from skarma.model_selection import GridSearchCV, KFold, train_test_split

    assert KFold is reference.KFold and train_test_split is reference.train_test_split
    assert GridSearchCV is not reference.GridSearchCV
    assert set(reference.__all__) <= set(dir(model_selection))
    assert not hasattr(model_selection, "no_such_name")
    with pytest.raises(AttributeError, match="'skarma.model_selection' has no attribute 'os'"):
        _ = model_selection.os

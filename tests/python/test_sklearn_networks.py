"""The way to scikit-learn's own estimators and back, and attributes that the caller has set."""

import pickle

import numpy as np
import pytest
import sklearn.neural_network as reference
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris, make_multilabel_classification
from sklearn.exceptions import NotFittedError

import skarma

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:lbfgs failed to converge"),
]

X, Y = load_iris(return_X_y=True)
WORDS = np.array(["setosa", "versicolor", "virginica"])[Y]
SMALL = {"hidden_layer_sizes": (5, 4), "max_iter": 4, "random_state": 0}
CASES = {
    "three classes": ("MLPClassifier", X, Y),
    "two words": ("MLPClassifier", X[:100], WORDS[:100]),
    "words as objects": ("MLPClassifier", X, WORDS.astype(object)),
    "several labels": ("MLPClassifier", *make_multilabel_classification(80, 5, random_state=0)),
    "one number": ("MLPRegressor", *load_diabetes(return_X_y=True)),
    "two numbers": ("MLPRegressor", X, X[:, :2]),
    "float32": ("MLPClassifier", X.astype(np.float32), Y),
}
SETTINGS = [
    {},
    {"solver": "sgd", "learning_rate": "invscaling"},
    {"solver": "sgd", "learning_rate": "adaptive", "momentum": 0.5, "nesterovs_momentum": False},
    {"early_stopping": True},
    {"solver": "lbfgs"},
]


def cases():
    """Every case with all settings."""
    return [
        pytest.param(*case, settings, id="-".join(map(str, (name, *settings.values()))))
        for name, case in CASES.items()
        for settings in SETTINGS
    ]


def outputs(model, X):
    return getattr(model, "predict_proba", model.predict)(X)


def fitted_by_sklearn(model, X, y):
    try:
        return model.fit(X, y)
    except TypeError as error:  # 1.7 cannot score words on held-out samples
        pytest.skip(f"this scikit-learn cannot do it: {error}")


def go_on(model, X, y):
    """Train once more, by partial_fit where there is one."""
    if model.solver == "lbfgs" or model.early_stopping:
        return model.set_params(warm_start=True).fit(X, y)
    return model.partial_fit(X, y)


def assert_alike(one, other, X, rtol=1e-9):
    if X.dtype == np.float32:
        rtol = 1e-4
    np.testing.assert_allclose(outputs(one, X), outputs(other, X), rtol=rtol, atol=rtol)
    assert outputs(one, X).dtype == outputs(other, X).dtype
    np.testing.assert_array_equal(one.predict(X).shape, other.predict(X).shape)
    for name in ("loss_", "loss_curve_", "best_loss_", "validation_scores_", "t_", "n_iter_"):
        mine, theirs = getattr(one, name, None), getattr(other, name, None)
        assert (mine is None) == (theirs is None), name
        if mine is not None:
            np.testing.assert_allclose(mine, theirs, rtol=rtol, err_msg=name)


@pytest.mark.parametrize(("kind", "samples", "targets", "settings"), cases())
def test_to_scikit_learn_and_on_from_there(kind, samples, targets, settings):
    ours = getattr(skarma, kind)(**SMALL | settings).fit(samples, targets)
    theirs = ours.to_sklearn()
    assert type(theirs) is getattr(reference, kind)
    assert theirs.get_params().items() <= ours.get_params().items()
    assert_alike(ours, theirs, samples)
    always = getattr(reference, kind)(**SMALL | settings)
    fitted_by_sklearn(always, samples, targets)
    missing = {"_random_state", "_coef_indptr", "_intercept_indptr"}
    assert vars(always).keys() - missing <= vars(theirs).keys()
    assert_alike(go_on(theirs, samples, targets), go_on(always, samples, targets), samples)


@pytest.mark.parametrize(("kind", "samples", "targets", "settings"), cases())
def test_from_scikit_learn_and_on_from_there(kind, samples, targets, settings):
    theirs = getattr(reference, kind)(**SMALL | settings)
    fitted_by_sklearn(theirs, samples, targets)
    ours = getattr(skarma, kind).from_sklearn(theirs)
    assert_alike(ours, theirs, samples)
    if kind == "MLPClassifier":
        np.testing.assert_array_equal(ours.predict(samples), theirs.predict(samples))
    assert_alike(pickle.loads(pickle.dumps(ours)), theirs, samples)
    assert_alike(go_on(ours, samples, targets), go_on(theirs, samples, targets), samples)
    ours.coefs_[0][:] = 0
    assert theirs.coefs_[0].any()


def test_estimators_that_are_not_fitted():
    ours = skarma.MLPRegressor((3,), alpha=0.5, n_threads=2)
    theirs = ours.to_sklearn()
    assert theirs.alpha == 0.5
    with pytest.raises(NotFittedError):
        theirs.predict(X)
    assert (
        skarma.MLPRegressor.from_sklearn(theirs).get_params()
        == ours.set_params(n_threads=None).get_params()
    )


def test_only_the_same_kind_is_taken():
    with pytest.raises(TypeError, match="takes a sklearn.neural_network.MLPClassifier, got MLPReg"):
        skarma.MLPClassifier.from_sklearn(reference.MLPRegressor())


def test_a_model_from_scikit_learn_is_saved(tmp_path):
    theirs = reference.MLPClassifier(**SMALL).fit(X, WORDS)
    skarma.MLPClassifier.from_sklearn(theirs).save(tmp_path / "m")
    loaded = skarma.load(tmp_path / "m")
    assert_alike(loaded, theirs, X)
    np.testing.assert_array_equal(loaded.predict(X), theirs.predict(X))


@pytest.mark.parametrize(
    "labels",
    [
        np.array([-5, 3, 2**62]),
        np.array([1, 70, 2**63 - 1], np.uint64),
        np.array([1, 70, 2**63], np.uint64),
        np.array([-5.0, 1.0, 70.0]),
        np.array([0, 1, 70], np.int8),
        np.array([0, 1, 70], np.float32),
        np.array(["", "a", "bc"]),
        np.array([False, True, False]),
    ],
    ids=str,
)
def test_labels_from_scikit_learn(labels, tmp_path):
    theirs = reference.MLPClassifier(**SMALL).fit(X, labels[Y])
    ours = skarma.MLPClassifier.from_sklearn(theirs)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    if labels.dtype == bool or 2**63 in labels.tolist():
        with pytest.raises(ValueError, match="A model file cannot hold labels"):
            ours.save(tmp_path / "m")
    else:
        ours.save(tmp_path / "m")
        loaded = skarma.load(tmp_path / "m")
        np.testing.assert_array_equal(loaded.predict(X), theirs.predict(X))
        np.testing.assert_array_equal(loaded.classes_, np.sort(labels))
    np.testing.assert_array_equal(
        ours.partial_fit(X, labels[Y]).predict(X), theirs.partial_fit(X, labels[Y]).predict(X)
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-5, "learning_rate_init": 0.02},
        {"solver": "sgd", "momentum": 0.7, "learning_rate": "invscaling", "power_t": 0.3},
        {"solver": "sgd", "nesterovs_momentum": False, "learning_rate": "adaptive", "tol": 9.0},
    ],
)
def test_the_figures_of_the_optimizer_come_and_go(settings):
    theirs = reference.MLPClassifier(**SMALL | {"n_iter_no_change": 2} | settings).fit(X, Y)
    ours = skarma.MLPClassifier.from_sklearn(theirs)
    for _ in range(2):
        own, expected = ours.to_sklearn(), theirs
        assert own._no_improvement_count == expected._no_improvement_count
        own, expected = vars(own._optimizer), vars(expected._optimizer)
        assert own.keys() == expected.keys()
        for name, value in expected.items():
            if isinstance(value, list):
                for mine, other in zip(own[name], value, strict=True):
                    np.testing.assert_allclose(mine, other, rtol=1e-6, atol=1e-12, err_msg=name)
            elif isinstance(value, (str, bool)):
                assert own[name] == value, name
            else:
                np.testing.assert_allclose(own[name], value, rtol=1e-9, err_msg=name)
        for model in (ours, theirs):
            model.partial_fit(X, Y)


def test_onnx():
    skl2onnx = pytest.importorskip("skl2onnx")
    onnxruntime = pytest.importorskip("onnxruntime")
    ours = skarma.MLPClassifier(**SMALL).fit(X, Y)
    samples = X.astype(np.float32)
    graph = skl2onnx.to_onnx(ours.to_sklearn(), samples[:1], options={"zipmap": False})
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    labels, probabilities = session.run(None, {session.get_inputs()[0].name: samples})
    np.testing.assert_array_equal(labels, ours.predict(X))
    np.testing.assert_allclose(probabilities, ours.predict_proba(X), atol=1e-5)


# ---- attributes that the caller sets


def both(kind, **settings):
    return [getattr(package, kind)(**SMALL | settings) for package in (reference, skarma)]


@pytest.mark.parametrize("name", CASES)
def test_weights_put_back_into_a_fresh_estimator(name):
    kind, samples, targets = CASES[name]
    predicted = []
    for model in both(kind):
        model.fit(samples, targets)
        fresh = type(model)(**SMALL)
        for attribute in (
            "coefs_",
            "intercepts_",
            "n_layers_",
            "n_outputs_",
            "out_activation_",
            "_label_binarizer",
        ):
            if hasattr(model, attribute):
                setattr(fresh, attribute, getattr(model, attribute))
        predicted.append(outputs(fresh, samples))
        assert fresh.predict(samples).shape == model.predict(samples).shape
    np.testing.assert_allclose(predicted[1], predicted[0], rtol=1e-5)
    assert predicted[0].dtype == predicted[1].dtype


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_weights_put_in_have_no_training_behind_them(settings, tmp_path):
    trained = skarma.MLPClassifier(**SMALL | settings).fit(X, Y)
    given = skarma.MLPClassifier(**SMALL | settings, warm_start=True)
    for name in ("n_layers_", "n_outputs_", "out_activation_", "_label_binarizer", "classes_"):
        setattr(given, name, getattr(trained, name))
    given.coefs_ = [array.copy() for array in trained.coefs_]
    given.intercepts_ = [array.copy() for array in trained.intercepts_]
    given.save(tmp_path / "m")
    loaded = skarma.load(tmp_path / "m")
    assert (loaded.n_iter_, loaded.t_) == (0, 0)
    assert np.isnan(loaded.loss_)
    assert getattr(loaded, "loss_curve_", []) == []
    for model in (given, loaded):
        model.fit(X, Y)
        assert model.n_iter_ == SMALL["max_iter"]
        if settings.get("solver") == "lbfgs":
            assert model.loss_ < trained.loss_
            continue
        assert len(model.loss_curve_) == SMALL["max_iter"]
        if settings.get("early_stopping"):
            assert model.best_loss_ is None
            assert len(model.validation_scores_) == SMALL["max_iter"]
            assert model.best_validation_score_ == max(model.validation_scores_)
        else:
            assert model.loss_curve_[0] < trained.loss_curve_[0]
            assert model.best_loss_ == min(model.loss_curve_)
            assert model.validation_scores_ is None


def pruned(model):
    model.coefs_ = [model.coefs_[0][:, :3], model.coefs_[1][:3], *model.coefs_[2:]]
    model.intercepts_ = [model.intercepts_[0][:3], *model.intercepts_[1:]]


def scaled(model):
    model.coefs_[0] *= 2


def deeper(model):
    """A layer that hands its units on."""
    units = len(model.intercepts_[-2])
    model.coefs_.insert(-1, np.eye(units))
    model.intercepts_.insert(-1, np.zeros(units))
    model.n_layers_ += 1


def other_output(model):
    model.out_activation_ = "identity"


def other_activation(model):
    model.activation = "tanh"


def mixed_types(model):
    model.coefs_[0] = model.coefs_[0].astype(np.float32)


def narrowed(model):
    model.coefs_ = [array.astype(np.float32) for array in model.coefs_]
    model.intercepts_ = [array.astype(np.float32) for array in model.intercepts_]


CHANGES = [pruned, scaled, deeper, other_output, other_activation, mixed_types, narrowed]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", ["three classes", "two words", "one number"])
def test_changed_attributes_are_what_predicts(name, change):
    kind, samples, targets = CASES[name]
    theirs, ours = [model.fit(samples, targets) for model in both(kind)]
    for model in (theirs, ours):
        change(model)
    assert outputs(ours, samples).dtype == outputs(theirs, samples).dtype
    np.testing.assert_allclose(outputs(ours, samples), outputs(theirs, samples), rtol=1e-9)
    np.testing.assert_allclose(ours.score(samples, targets), theirs.score(samples, targets))


@pytest.mark.parametrize("n_layers", [2, 3, 5])
def test_as_many_layers_as_it_says(n_layers):
    found = []
    for model in both("MLPClassifier"):
        model.fit(X, Y).n_layers_ = n_layers
        try:
            found.append(outputs(model, X))
        except IndexError:  # more than there are
            found.append(np.nan)
    np.testing.assert_allclose(found[1], found[0], rtol=1e-9)


def test_weights_of_another_type_compute_in_it():
    samples = X.astype(np.float32)
    theirs, ours = [model.fit(X, Y) for model in both("MLPClassifier")]
    for model in (theirs, ours):
        narrowed(model)
    found, expected = outputs(ours, samples), outputs(theirs, samples)
    assert found.dtype == expected.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("change", [pruned, deeper])
def test_moments_of_other_weights_are_left_behind(change):
    model = skarma.MLPClassifier(**SMALL).fit(X, Y)
    change(model)
    assert not hasattr(model.to_sklearn(), "_optimizer")


@pytest.mark.parametrize("change", [scaled, other_output, other_activation])
@pytest.mark.parametrize("settings", [{}, {"solver": "sgd"}, {"solver": "lbfgs"}])
@pytest.mark.parametrize("looked_at", [False, True])
def test_training_goes_on_from_changed_attributes(change, settings, looked_at):
    theirs, ours = [model.fit(X, Y) for model in both("MLPClassifier", **settings)]
    for model in (theirs, ours):
        change(model)
        if looked_at:
            model.predict(X)
        go_on(model, X, Y)
        if settings.get("solver") != "lbfgs":
            go_on(model, X, Y)
    assert_alike(ours, theirs, X, rtol=1e-8)


def test_a_pruned_network_and_its_old_sizes_do_not_train():
    model = skarma.MLPClassifier(**SMALL).fit(X, Y)
    pruned(model)
    with pytest.raises(ValueError, match="cannot go on training with another architecture"):
        model.partial_fit(X, Y)
    model.set_params(hidden_layer_sizes=(3, 4)).partial_fit(X, Y)


TYPES = ["f2", "f4", "f8", "g", "i1", "i2", "i4", "i8", "u1", "u4", "u8", "?", "O", ">f4", ">f8"]


@pytest.mark.parametrize("kind", ["MLPClassifier", "MLPRegressor"])
@pytest.mark.parametrize("trained_in", ["f4", "f8"])
@pytest.mark.parametrize("asked_in", TYPES)
def test_predictions_have_the_type_of_scikit_learns(kind, trained_in, asked_in):
    whole = np.round(X)
    theirs, ours = [model.fit(whole.astype(trained_in), Y) for model in both(kind)]
    samples = whole.astype(asked_in)
    expected, predicted = outputs(theirs, samples), outputs(ours, samples)
    assert predicted.dtype == expected.dtype
    # The weights agree to float32's precision; given the same ones, so do the outputs to theirs.
    ours.coefs_, ours.intercepts_ = theirs.coefs_, theirs.intercepts_
    rtol = 1e-5 if expected.dtype == np.float32 else 1e-12
    np.testing.assert_allclose(outputs(ours, samples), expected, rtol=rtol)


@pytest.mark.parametrize("kind", ["M8[D]", "m8[D]", "U8", "S8", "c16"])
@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_samples_that_are_no_numbers_are_refused(name, kind):
    samples = np.round(X).astype("i8").astype(kind)
    for model in both(name):
        model.fit(X, Y)
        with pytest.raises((ValueError, TypeError)):
            model.predict(samples)


def test_a_type_that_is_asked_for_stays():
    model = skarma.MLPClassifier(dtype="float32", **SMALL).fit(X, Y)
    assert model.predict_proba(X).dtype == np.float32


def test_a_clone_of_a_changed_model_is_fresh():
    model = skarma.MLPClassifier(**SMALL).fit(X.astype(np.float32), Y)
    model.predict(X)
    assert vars(clone(model)).keys() == vars(skarma.MLPClassifier()).keys()
    assert len(pickle.dumps(model)) < 20_000

"""Parameters, samples and targets of unusual types: as scikit-learn takes or refuses them."""

import re
import traceback

import numpy as np
import pytest
import scipy.sparse
import sklearn.neural_network as reference
from ctrl_c import ctrl_c_after
from sklearn.datasets import load_iris

import skarma
from skarma.model_selection import GridSearchCV

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:lbfgs failed to converge"),
    pytest.mark.filterwarnings("ignore:Got `batch_size`"),
]

X, Y = load_iris(return_X_y=True)
SMALL = {"hidden_layer_sizes": (3,), "max_iter": 2, "random_state": 0}


def both(kind, **settings):
    return [getattr(package, kind)(**SMALL | settings) for package in (reference, skarma)]


@pytest.mark.parametrize(
    "parameters",
    [
        {"max_iter": 2**63, "tol": 1e9},
        {"batch_size": 2**70},
        {"n_iter_no_change": 2**70},
        {"max_fun": 2**70, "solver": "lbfgs"},
        {"alpha": np.longdouble(0.5)},
        {"alpha": np.float16(0.5)},
        {"tol": np.longdouble("1e-4")},
        {"max_iter": np.uint8(3)},
        {"shuffle": np.bool_(False)},
        {"random_state": np.uint64(3)},
        {"hidden_layer_sizes": (np.int8(3),)},
        {"hidden_layer_sizes": range(2, 4)},
        {"hidden_layer_sizes": np.array([3, 2])},
        {"hidden_layer_sizes": ()},
    ],
    ids=str,
)
def test_values_that_scikit_learn_takes(parameters):
    theirs, ours = [model.fit(X, Y) for model in both("MLPClassifier", **parameters)]
    np.testing.assert_allclose(ours.loss_, theirs.loss_, rtol=1e-9)
    assert [w.shape for w in ours.coefs_] == [w.shape for w in theirs.coefs_]


@pytest.mark.parametrize("name", ["n_iter_no_change", "batch_size", "max_iter"])
def test_candidates_may_be_counts_of_any_size(name):
    model = skarma.MLPClassifier(**SMALL, tol=1e9)
    search = GridSearchCV(model, {name: [2**70]}, cv=2, error_score="raise").fit(X, Y)
    assert search.search_path_ == "native"


@pytest.mark.parametrize("exponent", [62, 63, 70])
def test_a_whole_number_beyond_64_bits_for_a_real_one(exponent):
    losses = [
        skarma.MLPClassifier(**SMALL, alpha=two**exponent).fit(X, Y).loss_ for two in (2, 2.0)
    ]
    assert losses[0] == losses[1]


@pytest.mark.parametrize(
    ("sizes", "error"),
    [
        ((2.7,), TypeError),
        ((np.float64(3),), TypeError),
        (np.array([3.0, 2.0]), TypeError),
        ((True,), TypeError),
        (True, TypeError),
        (np.array([True]), TypeError),
        ((float("inf"),), TypeError),
        ((2**70,), ValueError),
        ((3, 0), ValueError),
    ],
    ids=str,
)
def test_hidden_layer_sizes_that_are_no_whole_numbers(sizes, error):
    theirs, ours = both("MLPRegressor", hidden_layer_sizes=sizes)
    with pytest.raises(Exception):  # noqa: B017 - whatever NumPy says
        theirs.fit(X, Y)
    with pytest.raises(error, match="hidden_layer_sizes must be"):
        ours.fit(X, Y)


@pytest.mark.parametrize("kind", ["U", "S", "M8[D]", "m8[D]"])
def test_targets_that_are_no_numbers(kind):
    targets = Y.astype("M8[D]" if kind == "M8[D]" else kind)
    theirs, ours = both("MLPRegressor")
    with pytest.raises((TypeError, ValueError)):
        theirs.fit(X, targets)
    with pytest.raises(ValueError, match="y must be numbers, got an array of type"):
        ours.fit(X, targets)


@pytest.mark.parametrize("kind", ["?", "i1", "u8", "f2", "f4", "g", "O", ">f8"])
def test_targets_of_every_type_of_number(kind):
    theirs, ours = [model.fit(X, Y.astype(kind)) for model in both("MLPRegressor")]
    np.testing.assert_allclose(ours.loss_, theirs.loss_, rtol=1e-6)


def broken(matrix, **parts):
    for name, values in parts.items():
        setattr(matrix, name, values)
    return matrix


def with_large_index(matrix):
    return broken(matrix, indices=matrix.indices.astype(np.int64) + 2**32)


def with_fractions(matrix):
    return broken(matrix, indptr=matrix.indptr + 0.5)


def with_large_start(matrix):
    starts = matrix.indptr.astype(np.int64)
    starts[1] += 2**32
    return broken(matrix, indptr=starts)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (with_large_index, "a column is outside of the 4 columns"),
        (with_fractions, "signed whole numbers, got float64"),
        (with_large_start, "its rows do not start one after another"),
    ],
)
@pytest.mark.parametrize("asked", ["fit", "predict"])
def test_sparse_samples_with_impossible_indices(damage, message, asked):
    model = skarma.MLPClassifier(**SMALL).fit(X, Y)
    with pytest.raises(ValueError, match=re.escape(message)):
        matrix = damage(scipy.sparse.csr_matrix(X))
        model.fit(matrix, Y) if asked == "fit" else model.predict(matrix)


def test_indices_of_64_bits():
    matrix = scipy.sparse.csr_matrix(X)
    wide = broken(
        matrix.copy(),
        indices=matrix.indices.astype(np.int64),
        indptr=matrix.indptr.astype(np.int64),
    )
    fitted = [skarma.MLPClassifier(**SMALL).fit(samples, Y) for samples in (matrix, wide)]
    np.testing.assert_array_equal(fitted[0].coefs_[0], fitted[1].coefs_[0])


@pytest.mark.parametrize("kind", [scipy.sparse.csr_matrix, scipy.sparse.csc_matrix, np.asarray])
def test_partial_fit_with_several_labels(kind):
    labels = kind(np.eye(3, dtype=int)[Y])
    theirs, ours = both("MLPClassifier")
    for model in (theirs, ours):
        model.partial_fit(X, labels, classes=[0, 1, 2]).partial_fit(X[::2], labels[::2])
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-9)
    predicted, expected = ours.predict(X), theirs.predict(X)
    assert scipy.sparse.issparse(predicted) == scipy.sparse.issparse(expected)
    if scipy.sparse.issparse(expected):
        predicted, expected = predicted.toarray(), expected.toarray()
    np.testing.assert_array_equal(predicted, expected)


def test_one_class():
    words = np.array(["a"] * len(X))
    theirs, ours = both("MLPClassifier")
    for model in (theirs, ours):
        model.fit(X, words)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-9)
    assert (ours.predict(X) == theirs.predict(X)).all()
    assert ours.score(X, words) == theirs.score(X, words) == 1
    theirs, ours = both("MLPClassifier")
    for model in (theirs, ours):
        model.partial_fit(X, words, classes=["a"]).partial_fit(X, words)
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-9)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-9)


def of_unknown_depth(model):
    """A network that is none of the library's."""
    model.n_layers_ = 9
    return model


def test_the_list_of_losses_grows_in_place():
    for model in both("MLPClassifier", warm_start=True):
        model.partial_fit(X, Y, classes=[0, 1, 2])
        losses = model.loss_curve_
        for _ in range(3):
            model.partial_fit(X, Y)
        assert model.loss_curve_ is losses
        assert type(losses) is list
        assert len(losses) == 4
        model.fit(X, Y)
        assert model.loss_curve_ is losses
        assert len(losses) == 6
        model.set_params(warm_start=False).fit(X, Y)
        assert len(losses) == 6
        assert len(model.loss_curve_) == 2


def test_losses_that_the_caller_has_taken_away_come_back():
    model = skarma.MLPClassifier(**SMALL).partial_fit(X, Y, classes=[0, 1, 2])
    first = model.loss_curve_[0]
    model.loss_curve_ = []
    assert model.partial_fit(X, Y).loss_curve_[0] == first
    assert len(model.loss_curve_) == 2


@pytest.mark.parametrize(
    "mistake",
    [
        lambda model: model.fit(X, Y).predict(X[:, :2]),
        lambda model: model.fit(X, Y).predict(np.full_like(X, np.nan)),
        lambda model: model.fit(np.full_like(X, np.nan), Y),
        lambda model: model.fit(X, Y[:-1]),
        lambda model: model.predict(X),
        lambda model: model.set_params(alpha=-1.0).fit(X, Y),
        lambda model: model.set_params(hidden_layer_sizes=(2.5,)).fit(X, Y),
        lambda model: model.set_params(learning_rate_init=1e300, solver="sgd").fit(X, Y),
        lambda model: model.save("/no/such/folder/model"),
        lambda model: of_unknown_depth(model.fit(X, Y)).partial_fit(np.full_like(X, np.nan), Y),
    ],
)
@pytest.mark.parametrize("kind", ["MLPClassifier", "MLPRegressor"])
def test_an_error_carries_no_other(kind, mistake):
    model = getattr(skarma, kind)(**SMALL)
    with np.errstate(all="ignore"), pytest.raises(Exception) as raised:  # noqa: B017, PT011
        mistake(model)
    lines = "".join(traceback.format_exception(raised.value))
    assert "During handling of the above exception" not in lines
    assert "direct cause" not in lines


def test_ctrl_c_ends_lbfgs_with_a_keyboard_interrupt():
    random_state = np.random.RandomState(0)
    big, target = random_state.randn(20000, 30), random_state.randn(20000)  # noise is never learned
    settings = {"solver": "lbfgs", "tol": 0, "max_iter": 10**6, "max_fun": 10**6}
    model = skarma.MLPRegressor(hidden_layer_sizes=(100, 100), random_state=0, **settings)
    with ctrl_c_after(0.5), pytest.raises(KeyboardInterrupt):
        model.fit(big, target)
    assert not hasattr(model, "coefs_")


def test_an_error_of_a_signal_handler_ends_a_fit():
    signal = pytest.importorskip("signal")

    def give_up(*_):
        raise TimeoutError("enough")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(TimeoutError, match="enough"):
            skarma.MLPClassifier((100, 100), max_iter=10**6, tol=0, n_iter_no_change=10**6).fit(
                np.tile(X, (10, 1)), np.tile(Y, 10)
            )
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

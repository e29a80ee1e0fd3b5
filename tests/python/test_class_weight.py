"""MLPClassifier(class_weight=...): scikit-learn's weights of classes, natively."""

import numpy as np
import pytest
from sklearn.datasets import load_iris, make_multilabel_classification
from sklearn.model_selection import cross_val_score as sklearn_cross_val_score
from sklearn.utils.class_weight import compute_sample_weight

import skarma
from skarma.model_selection import GridSearchCV

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, NUMBERS = load_iris(return_X_y=True)
X, NUMBERS = X[20:], NUMBERS[20:]  # 30, 50 and 50 of a class
LABELS = {
    "numbers": NUMBERS,
    "floats": NUMBERS.astype(float),
    "text": np.array(["a", 'b "quoted"', "c, d"])[NUMBERS],
    "two": NUMBERS[:80],
}


def small(**settings):
    return skarma.MLPClassifier((6,), max_iter=10, random_state=0, **settings)


def coefs_with(y, class_weight, sample_weight=None, **settings):
    network = small(class_weight=class_weight, **settings).fit(X[: len(y)], y, sample_weight)
    return network.coefs_[0]


@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("form", ["balanced", "all", "some"])
def test_it_is_a_weight_of_each_sample(kind, solver, form):
    y = LABELS[kind]
    classes = np.unique(y).tolist()
    weights = dict(zip(classes, [0.5, 2, 3.25], strict=False))
    if form == "some":
        weights = {classes[1]: 4.0}
    class_weight = "balanced" if form == "balanced" else weights
    expected = compute_sample_weight(class_weight, y)
    ours = coefs_with(y, class_weight, solver=solver)
    assert np.array_equal(ours, coefs_with(y, None, expected, solver=solver))
    assert not np.array_equal(ours, coefs_with(y, None, solver=solver))


def test_balanced_weights_are_counted_by_sample_weight():
    sample_weight = np.arange(len(NUMBERS)) % 4 + 0.5
    counts = np.bincount(NUMBERS, weights=sample_weight)
    balanced = sample_weight.sum() / (3 * counts)
    ours = coefs_with(NUMBERS, "balanced", sample_weight)
    expected = coefs_with(NUMBERS, None, sample_weight * balanced[NUMBERS])
    np.testing.assert_allclose(ours, expected, rtol=1e-12)


def test_balanced_weights_of_several_labels_are_multiplied():
    x, y = make_multilabel_classification(100, 4, n_classes=3, random_state=0)
    ours = small(class_weight="balanced").fit(x, y)
    expected = small().fit(x, y, compute_sample_weight("balanced", y))
    np.testing.assert_allclose(ours.coefs_[0], expected.coefs_[0], rtol=1e-10)
    with pytest.raises(ValueError, match="for several only 'balanced'"):
        small(class_weight={0: 2.0}).fit(x, y)


def test_searches_are_native_and_weigh_each_fold_by_itself():
    grid = {"class_weight": [None, "balanced", {0: 5.0, 1: 1.0, 2: 0.2}]}
    search = GridSearchCV(small(), grid, cv=4).fit(X, NUMBERS)
    assert search.search_path_ == "native"
    for i, class_weight in enumerate(grid["class_weight"]):
        theirs = sklearn_cross_val_score(small(class_weight=class_weight), X, NUMBERS, cv=4)
        assert search.cv_results_["mean_test_score"][i] == theirs.mean()


def test_files_keep_it(tmp_path):
    for class_weight in ("balanced", {"a": 2.0, 'b "quoted"': 1.5, "c, d": 3.0}):
        network = small(class_weight=class_weight).fit(X, LABELS["text"])
        skarma.save(network, tmp_path / "model")
        again = skarma.load(tmp_path / "model").fit(X, LABELS["text"])
        assert np.array_equal(again.coefs_[0], network.coefs_[0])


def test_partial_fit_takes_weights_by_label():
    ours = small(class_weight={0: 2.0, 1: 1.0, 2: 1.0}).partial_fit(X, NUMBERS, classes=[0, 1, 2])
    theirs = small().partial_fit(X, NUMBERS, np.where(NUMBERS == 0, 2.0, 1.0), classes=[0, 1, 2])
    assert np.array_equal(ours.coefs_[0], theirs.coefs_[0])
    with pytest.raises(ValueError, match="'balanced' is not supported for partial_fit"):
        small(class_weight="balanced").partial_fit(X, NUMBERS, classes=[0, 1, 2])


@pytest.mark.parametrize(
    ("class_weight", "message"),
    [
        ({7: 2.0, 1: 1.0}, r"The classes, \[0, 2\], are not in class_weight"),
        ("balance", "The 'class_weight' parameter of MLPClassifier must be"),
        (2.0, "The 'class_weight' parameter of MLPClassifier must be"),
        ({1: -1.0}, "the weight of '1' must be a number from 0. Got -1.0 instead"),
    ],
)
def test_wrong_weights_are_named(class_weight, message):
    with pytest.raises(ValueError, match=message):
        small(class_weight=class_weight).fit(X, NUMBERS)


def test_extra_labels_are_let_pass_where_all_classes_have_a_weight():
    weights = {0: 1.0, 1: 2.0, 2: 3.0, 9: 4.0}
    expected = coefs_with(NUMBERS, None, compute_sample_weight(weights, NUMBERS))
    assert np.array_equal(coefs_with(NUMBERS, weights), expected)

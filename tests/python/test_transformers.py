"""scikit-learn's transformers before our networks: native in searches, and in model files."""

import numpy as np
import pytest
import scipy.sparse
from same_search import assert_same_search, small
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    RobustScaler,
    StandardScaler,
)

import skarma
from skarma._fallback import FallbackReason, NotNative
from skarma._native_search import Steps
from skarma._transformers import NATIVE_TRANSFORMERS, row_of
from skarma.model_selection import GridSearchCV

X, Y = load_breast_cancer(return_X_y=True)
SPARSE = scipy.sparse.csr_array(np.where(X > X.mean(axis=0), X, 0.0))

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

TRANSFORMERS = [
    MaxAbsScaler(),
    RobustScaler(),
    RobustScaler(with_centering=False, quantile_range=(10.0, 80.0), unit_variance=True),
    RobustScaler(with_scaling=False),
    Normalizer(),
    Normalizer("l1"),
    Normalizer("max"),
    PCA(5),
    PCA(0.9, whiten=True),
    PCA("mle"),
    PCA(3, svd_solver="full", whiten=True),
]
TAKE_SPARSE = [
    StandardScaler(with_mean=False),
    MaxAbsScaler(),
    RobustScaler(with_centering=False),
    Normalizer("l1"),
    PCA(4, svd_solver="covariance_eigh"),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=str)
def test_searches_are_native_and_scikit_learns(transformer, dtype):
    tolerance = {"rtol": 1e-9} if dtype == np.float64 else {"rtol": 2e-2}
    ours, theirs = (
        search(make_pipeline(clone(transformer), small(module)), {}, cv=3).fit(X.astype(dtype), Y)
        for module, search in ((skarma, GridSearchCV), (skarma, SklearnsPath))
    )
    assert (ours.search_path_, theirs.search_path_) == ("native", "asked for")
    for key in ("mean_test_score", "std_test_score"):
        np.testing.assert_allclose(ours.cv_results_[key], theirs.cv_results_[key], **tolerance)


class SklearnsPath(GridSearchCV):
    """The same search on scikit-learn's path."""

    def _native_search(self, X, y, params, behind_prefixes):
        raise NotNative(FallbackReason.ESTIMATOR, "asked for")


def test_their_parameters_are_searched_natively():
    assert_same_search(
        lambda module: make_pipeline(RobustScaler(), Normalizer(), small(module)),
        {
            "robustscaler__quantile_range": [(25.0, 75.0), (5, 99)],
            "robustscaler__with_centering": [False, True],
            "normalizer__norm": ["l1", "max"],
        },
        (X, Y),
        cv=2,
    )


@pytest.mark.parametrize("make", [scipy.sparse.csr_array, scipy.sparse.csc_array])
@pytest.mark.parametrize("transformer", TAKE_SPARSE, ids=str)
def test_sparse_samples_stay_so_in_a_search(transformer, make):
    def pipeline(module):
        return make_pipeline(clone(transformer), small(module))

    assert_same_search(pipeline, {"mlpclassifier__alpha": [0.1, 1.0]}, (make(SPARSE), Y), cv=3)


def test_components_are_searched_natively():
    """Their number, and what comes before and after them."""
    assert_same_search(
        lambda module: make_pipeline(StandardScaler(), PCA(), MaxAbsScaler(), small(module)),
        {
            "pca__n_components": [2, 0.8, None, "mle"],
            "pca__whiten": [False, True],
            "pca__svd_solver": ["full"],
        },
        (X, Y),
        cv=2,
    )


@pytest.mark.filterwarnings("ignore:.*fits failed")
@pytest.mark.parametrize("n_components", [31, "mle"])
def test_components_that_there_are_not_fail_as_in_scikit_learn(n_components):
    few = slice(None, None, 20)  # fewer samples in a fold than features
    assert_same_search(
        lambda module: make_pipeline(StandardScaler(), PCA(), small(module)),
        {"pca__n_components": [2, n_components], "pca__svd_solver": ["full"]},
        (X[few], Y[few]),
        cv=2,
        error_score=-1.0,
    )


@pytest.mark.parametrize(
    ("pca", "reason"),
    [
        (PCA(2, svd_solver="randomized"), "svd_solver='randomized' comes to 'randomized'"),
        (PCA(2, svd_solver="arpack"), "svd_solver='arpack' comes to 'arpack' for samples of"),
        (PCA(2), "svd_solver='auto' comes to 'randomized' for samples of shape (599, 64)"),
    ],
    ids=["randomized", "arpack", "auto"],
)
def test_solvers_that_are_scikit_learns_alone(pca, reason):
    digits, labels = load_digits(return_X_y=True)
    pipeline = make_pipeline(pca, small(skarma))
    with pytest.raises(NotNative) as raised:
        Steps.to_fit(pipeline).require_fits_to(digits, [599])
    assert str(raised.value).startswith(f"the step 'pca' is scikit-learn's: {reason}")
    search = GridSearchCV(pipeline, {}, cv=[(range(599), range(599, 700))]).fit(digits, labels)
    assert search.search_path_.startswith("a transformer draws from NumPy's generator")
    search.estimator.set_params(pca__random_state=0)  # the same for each fit
    assert search.fit(digits, labels).search_path_ == "native"


def test_the_shape_behind_a_share_of_variance_is_not_known_before():
    pipeline = make_pipeline(StandardScaler(), PCA(0.9), PCA(2), small(skarma))
    with pytest.raises(NotNative, match="depends on how many components"):
        Steps.to_fit(pipeline).require_fits_to(X, [284])
    Steps.to_fit(pipeline.set_params(**{"pca-1__n_components": 9})).require_fits_to(X, [284])
    assert_same_search(
        lambda m: make_pipeline(StandardScaler(), PCA(0.9), PCA(2), small(m)), {}, (X, Y), cv=2
    )


def test_what_a_randomised_solver_has_learnt_is_kept(tmp_path):
    pca = PCA(3, svd_solver="randomized", random_state=0)
    model = make_pipeline(pca, small(skarma)).fit(X, Y)
    skarma.save(model, tmp_path / "m")
    loaded = skarma.load(tmp_path / "m")
    assert loaded[0].svd_solver == "randomized"
    np.testing.assert_allclose(loaded.predict_proba(X), model.predict_proba(X))


def test_names_of_features_are_those_before_the_components(tmp_path):
    frame = load_breast_cancer(as_frame=True).data
    model = make_pipeline(StandardScaler(), PCA(3), small(skarma)).fit(frame, Y)
    skarma.save(model, tmp_path / "m")
    loaded = skarma.load(tmp_path / "m")
    np.testing.assert_array_equal(loaded.feature_names_in_, frame.columns)
    np.testing.assert_array_equal(loaded.predict(frame), model.predict(frame))
    assert loaded.n_features_in_ == 30


def test_steps_that_do_not_fit_together_are_not_saved(tmp_path):
    model = make_pipeline(PCA(3).fit(X), MaxAbsScaler().fit(X[:, :2]), small(skarma).fit(X, Y))
    with pytest.raises(ValueError, match="maxabsscaler gives 2 features, and mlpclassifier takes"):
        skarma.save(model, tmp_path / "m")
    model.steps[1] = ("s", MaxAbsScaler().fit(X))
    with pytest.raises(ValueError, match="The step pca gives 3 features, and s takes 30"):
        skarma.save(model, tmp_path / "m")


@pytest.mark.parametrize("scaler", [StandardScaler(), RobustScaler(), MinMaxScaler()], ids=str)
def test_what_takes_no_sparse_samples_is_said(scaler):
    search = GridSearchCV(make_pipeline(scaler, small(skarma)), {}, cv=2)
    with pytest.raises(ValueError, match="fits failed"):
        search.fit(SPARSE, Y)
    search.estimator.steps[0] = ("s", StandardScaler(with_mean=False))
    search.set_params(param_grid={"s__with_mean": [False, True]}, error_score=0.0)
    with pytest.warns(Warning, match="fits failed"):
        search.fit(SPARSE, Y)
    assert search.search_path_ == "native"
    assert (search.cv_results_["mean_test_score"] > 0).tolist() == [True, False]
    with pytest.raises(NotNative, match="X is sparse, which the step 's' does not take"):
        Steps.to_fit(search.estimator.set_params(s__with_mean=True)).require_fits_to(SPARSE, [9])


def _learnt(transformer):
    return {name: value for name, value in vars(transformer).items() if name.endswith("_")}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("transformer", TRANSFORMERS + TAKE_SPARSE, ids=str)
def test_a_file_gives_back_scikit_learns_own(transformer, dtype, tmp_path):
    """All that was learnt, down to its types, and what comes of it."""
    model = make_pipeline(clone(transformer), small(skarma)).fit(X.astype(dtype), Y)
    skarma.save(model, tmp_path / "m")
    loaded = skarma.load(tmp_path / "m")
    own, back = model[0], loaded[0]
    assert type(back) is type(own)
    assert back.get_params() == own.get_params()
    assert _learnt(back).keys() == _learnt(own).keys()
    for name, value in _learnt(own).items():
        other = getattr(back, name)
        assert type(other) is type(value), name
        assert getattr(other, "dtype", None) == getattr(value, "dtype", None), name
        np.testing.assert_array_equal(other, value)
    # Matrices of components that lie otherwise in memory are multiplied in another order.
    rounding = 0.0 if type(own) is not PCA else 1e-12 if dtype == np.float64 else 1e-4
    probabilities = [each.predict_proba(X.astype(dtype)) for each in (loaded, model)]
    np.testing.assert_allclose(*probabilities, rtol=0, atol=rounding)


def test_a_step_that_is_not_fitted_is_not_saved(tmp_path):
    model = make_pipeline(Normalizer(), small(skarma).fit(X, Y))
    with pytest.raises(NotFittedError, match="Normalizer has no n_features_in_"):
        skarma.save(model, tmp_path / "m")


def test_rows_are_what_the_native_library_has():
    for name, row in NATIVE_TRANSFORMERS.items():
        skarma._native.check_transformer(name, row.native_parameters(row.sklearn()))
        assert row_of(row.sklearn()) is row
    assert row_of(type("PCA", (PCA,), {})()) is None
    with pytest.raises(ValueError, match="There is no transformer 'PowerTransformer'"):
        skarma._native.check_transformer("PowerTransformer", {})

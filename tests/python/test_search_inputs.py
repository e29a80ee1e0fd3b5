"""What else than X and y a native search takes, and the networks and labels that it takes."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn.model_selection as reference
import sklearn.neural_network
from same_search import assert_same_search, small
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    RepeatedStratifiedKFold,
    ShuffleSplit,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, Normalizer, StandardScaler

import skarma
from skarma import model_selection
from skarma._native_search import Folds
from skarma.model_selection import GridSearchCV

X, Y = load_breast_cancer(return_X_y=True)
GROUPS = np.arange(len(Y)) * 7 % 23
WEIGHTS = np.linspace(0.2, 3.0, len(Y))
ALPHAS = {"alpha": [0.1, 10.0]}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize(
    "cv", [GroupKFold(3), GroupKFold(4, shuffle=True, random_state=2), LeaveOneGroupOut()]
)
def test_groups_reach_the_splitter(cv):
    assert_same_search(small, ALPHAS, (X, Y), {"groups": GROUPS}, cv=cv)


def test_groups_that_are_not_taken_and_repeated_folds():
    cv = RepeatedStratifiedKFold(n_splits=2, n_repeats=2, random_state=np.random.RandomState(3))
    texts = []
    for module, search in (
        (sklearn.neural_network, reference.GridSearchCV),
        (skarma, GridSearchCV),
    ):
        with pytest.warns(UserWarning, match="The groups parameter is ignored") as caught:
            search(small(module), ALPHAS, cv=cv).fit(X, Y, groups=GROUPS)
        texts.append([text for w in caught if "groups" in (text := str(w.message))])
    assert texts[0] == texts[1]
    assert_same_search(small, ALPHAS, (X, Y), cv=RepeatedStratifiedKFold(random_state=1))


@pytest.mark.parametrize("make", [scipy.sparse.csr_matrix, scipy.sparse.csc_array])
def test_sparse_samples(make):
    sparse = make(np.where(X > X.mean(axis=0), X, 0.0))
    assert_same_search(small, ALPHAS, (sparse, Y), cv=3)
    for scaler in (StandardScaler(with_mean=False), MaxAbsScaler(), Normalizer()):
        assert_same_search(lambda m, s=scaler: make_pipeline(s, small(m)), {}, (sparse, Y), cv=3)
    for scaler in (StandardScaler(), MinMaxScaler()):
        search = GridSearchCV(make_pipeline(scaler, small(skarma)), {}, error_score=0.0)
        with pytest.raises(ValueError, match="fits failed"):
            search.fit(sparse, Y)


def test_threads_and_types_of_the_networks():
    grid = {"n_threads": [None, 3], "dtype": [None, "float32"]}
    for n_jobs in (1, 2):
        search = GridSearchCV(small(skarma), grid, cv=3, n_jobs=n_jobs).fit(X, Y)
        assert search.search_path_ == "native"
        own, same, narrow, _ = search.cv_results_["mean_test_score"]
        assert own == same
        expected = GridSearchCV(small(skarma), {}, cv=3).fit(X.astype(np.float32), Y)
        assert narrow == pytest.approx(expected.best_score_, abs=0.02)


def test_groups_of_another_length_are_scikit_learns_to_judge():
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        GridSearchCV(small(skarma), ALPHAS, cv=GroupKFold(3)).fit(X, Y, groups=GROUPS[:-1])
    with pytest.raises(ValueError, match="The 'groups' parameter should not be None"):
        GridSearchCV(small(skarma), ALPHAS, cv=GroupKFold(3)).fit(X, Y)


@pytest.mark.parametrize(
    "labels",
    [
        Y == 1,
        np.array(["bad", "good"], dtype=object)[Y],
        pd.Series(np.array(["bad", "good"])[Y]),
        pd.Series(Y).map({0: "b", 1: "g"}).astype("category"),
    ],
    ids=["bool", "objects", "series", "categories"],
)
@pytest.mark.parametrize("scoring", ["roc_auc", "neg_log_loss", None])
def test_labels_of_all_kinds(labels, scoring):
    assert_same_search(small, ALPHAS, (X, labels), cv=2, scoring=scoring)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning")
@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_a_column_of_targets(name):
    assert_same_search(lambda module: small(module, name), ALPHAS, (X, Y[:, np.newaxis]), cv=2)


def test_bool_labels_have_a_positive_one_and_strings_have_none():
    assert_same_search(small, ALPHAS, (X, Y == 1), cv=2, scoring="f1")
    strings = np.array(["bad", "good"], dtype=object)[Y]
    with pytest.warns(UserWarning, match="pos_label=1 is not a valid label"):
        GridSearchCV(small(skarma), ALPHAS, cv=2, scoring="f1").fit(X, strings)


def test_the_average_precision_of_other_labels_is_scikit_learns():
    assert_same_search(small, ALPHAS, (X, Y == 1), cv=2, scoring="average_precision")
    strings = np.array(["bad", "good"])[Y]
    options = {"cv": 2, "scoring": ["average_precision"], "refit": False}
    with pytest.warns(UserWarning, match="Scoring failed"):
        assert_same_search(small, ALPHAS, (X, strings), **options)


@pytest.mark.filterwarnings("ignore:Scoring failed")
@pytest.mark.filterwarnings("ignore:One or more of the")
@pytest.mark.parametrize("scoring", ["f1", "precision", "recall", "f1_macro", "roc_auc"])
def test_folds_that_miss_classes_are_scored_alike(scoring):
    three = np.sort(np.arange(len(Y)) % 3)
    assert_same_search(small, ALPHAS, (X, three), cv=KFold(3), scoring=scoring, error_score=-1.0)


@pytest.mark.parametrize("scoring", ["roc_auc", "roc_auc_ovr_weighted", "f1_weighted"])
def test_networks_that_learnt_two_of_three_classes_are_scored_alike(scoring):
    three = np.r_[0, 0, 1 + np.arange(len(Y) - 2) % 2]
    folds = [(np.arange(2, 300), np.arange(300, 569)), (np.arange(300, 569), np.arange(2, 300))]
    assert_same_search(
        small, ALPHAS, (X, three), cv=folds, scoring=scoring, return_train_score=True
    )


@pytest.mark.parametrize("scoring", ["f1_macro", "recall_macro", "roc_auc_ovr_weighted"])
def test_a_class_without_weight_is_scored_alike(scoring):
    three = np.arange(len(Y)) % 3
    weights = {"sample_weight": (three != 2).astype(float)}
    assert_same_search(small, ALPHAS, (X, three), weights, cv=3, scoring=scoring, refit=False)


@pytest.mark.parametrize(
    "grid", [{"standardscaler__copy": [True, False]}, {"verbose": [False]}], ids=str
)
def test_parameters_that_only_scikit_learn_knows(grid):
    assert_same_search(lambda m: make_pipeline(StandardScaler(), small(m)), grid, (X, Y), cv=2)


def test_pipelines_that_candidates_make_verbose_are_scikit_learns():
    grid = {"verbose": [False, True]}
    search = GridSearchCV(make_pipeline(StandardScaler(), small(skarma)), grid, cv=2).fit(X, Y)
    assert search.search_path_ == "the pipeline is verbose"


def test_folds_too_many_to_keep_are_taken_one_by_one(monkeypatch):
    monkeypatch.setattr("skarma._native_search._MOST_ROWS", 4 * 569 - 1)
    for n_splits, path in ((3, "native"), (4, "the folds have more than 2275 rows in all")):
        cv = ShuffleSplit(n_splits, random_state=0)
        search = GridSearchCV(small(skarma), ALPHAS, cv=cv).fit(X, Y)
        assert path in search.search_path_
    # Of folds that train on all others, the rows that they test are kept alone.
    assert GridSearchCV(small(skarma), ALPHAS, cv=4).fit(X, Y).search_path_ == "native"


def test_labels_that_no_native_integer_holds():
    labels = np.where(Y == 1, np.uint64(2**63 + 1), np.uint64(3))
    search = GridSearchCV(small(skarma), ALPHAS, cv=2)
    assert "a label is too large" in search.fit(X, labels).search_path_
    assert_same_search(small, ALPHAS, (X, np.where(Y == 1, np.uint64(2**63 - 1), np.uint64(3))))


def test_objects_that_are_no_strings_are_refused_in_scikit_learns_words():
    for labels in (Y.astype(object), np.where(Y == 1, "a", Y.astype(object))):
        texts = []
        for module, search in (
            (sklearn.neural_network, reference.GridSearchCV),
            (skarma, GridSearchCV),
        ):
            with pytest.raises((ValueError, TypeError)) as error:
                search(small(module), ALPHAS, error_score="raise").fit(X, labels)
            texts.append(str(error.value))
        assert texts[0] == texts[1]


@pytest.mark.parametrize("scoring", ["neg_log_loss", ["accuracy", "roc_auc"]])
def test_sample_weights_of_a_network_count_in_fits_and_scores(scoring):
    assert_same_search(
        small, ALPHAS, (X, Y), {"sample_weight": WEIGHTS}, scoring=scoring, refit=False, cv=3
    )


def test_sample_weights_of_a_step_count_in_the_fits_alone():
    assert_same_search(
        lambda module: make_pipeline(StandardScaler(), small(module)),
        {"mlpclassifier__alpha": [0.1, 10.0]},
        (X, Y),
        {"mlpclassifier__sample_weight": list(WEIGHTS)},
        return_train_score=True,
        scoring="neg_log_loss",
    )


def test_what_a_fit_does_not_take_is_scikit_learns_to_judge():
    pipeline = make_pipeline(StandardScaler(), small(skarma))
    with pytest.raises(ValueError, match="sample_weight"):
        GridSearchCV(pipeline, {"mlpclassifier__alpha": [1.0]}).fit(X, Y, sample_weight=WEIGHTS)
    search = GridSearchCV(pipeline, {"mlpclassifier__alpha": [1.0]}, error_score=0.0)
    with pytest.raises(ValueError, match="unexpected keyword argument 'classes'"):
        search.fit(X, Y, mlpclassifier__classes=WEIGHTS)


def test_what_fits_of_transformers_are_given():
    weights = {"standardscaler__sample_weight": WEIGHTS, "mlpclassifier__sample_weight": WEIGHTS}
    assert_same_search(
        lambda m: make_pipeline(StandardScaler(), small(m)), {}, (X, Y), weights, cv=3
    )


def test_errors_are_raised_if_asked_for():
    assert_same_search(small, ALPHAS, (X, Y), cv=2, error_score="raise")
    lone = np.isin(np.arange(len(Y)), [0, 300])
    failing = {
        "param_grid": {"early_stopping": [True]},
        "cv": KFold(3),
        "error_score": "raise",
    }
    texts = []
    for module, search in (
        (sklearn.neural_network, reference.GridSearchCV),
        (skarma, GridSearchCV),
    ):
        with pytest.raises(ValueError) as error:
            search(small(module), **failing).fit(X, lone)
        texts.append(str(error.value))
    # Older versions of scikit-learn word it otherwise.
    assert all("least populated class" in text for text in texts)
    with pytest.raises(ValueError, match="Target is multiclass but average='binary'"):
        GridSearchCV(small(skarma), ALPHAS, scoring="f1", error_score="raise").fit(
            X, np.arange(len(Y)) % 3
        )


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_a_network_without_random_state_draws_what_scikit_learns_draws(solver):
    assert_same_search(
        lambda module: small(module, random_state=None, solver=solver, early_stopping=True),
        {"alpha": [0.1, 10.0], "batch_size": [50, "auto"]},
        (X, Y),
        cv=ShuffleSplit(2),
    )
    assert_same_search(
        lambda module: make_pipeline(StandardScaler(), small(module, "MLPRegressor")).set_params(
            mlpregressor__random_state=None
        ),
        {"mlpregressor__alpha": [0.1, 10.0]},
        load_diabetes(return_X_y=True),
        n_jobs=1,
    )


def test_candidates_may_have_seeds_where_the_network_has_none():
    assert_same_search(
        lambda module: small(module, random_state=None),
        [{"random_state": [3, 4]}, {"alpha": [0.1]}],
        (X, Y),
        cv=2,
    )


def test_a_generator_that_network_and_splitter_share():
    generators = [np.random.RandomState(3), np.random.RandomState(3)]
    results = []
    for generator, module, search in (
        (generators[0], sklearn.neural_network, reference.GridSearchCV),
        (generators[1], skarma, GridSearchCV),
    ):
        network = small(module, random_state=generator)
        cv = ShuffleSplit(2, random_state=generator)
        fitted = search(network, ALPHAS, cv=cv, refit=False).fit(X, Y)
        results.append(fitted.cv_results_["mean_test_score"])
    assert fitted.search_path_ == "native"
    np.testing.assert_allclose(*results, rtol=1e-9)
    assert generators[0].random_sample() == generators[1].random_sample()


def test_several_jobs_without_random_state_leave_numpys_generator_alone():
    states = []
    for _ in range(2):
        np.random.seed(5)
        search = GridSearchCV(small(skarma, random_state=None), ALPHAS, cv=2, n_jobs=2, refit=False)
        search.fit(X, Y)
        assert search.search_path_ == "native"
        states.append((search.cv_results_["mean_test_score"], np.random.random()))
    np.random.seed(5)
    assert states[0][1] == states[1][1] == np.random.random()


def test_a_failed_native_attempt_leaves_all_generators_as_they_were():
    results = []
    for module, search in (
        (sklearn.neural_network, reference.GridSearchCV),
        (skarma, GridSearchCV),
    ):
        np.random.seed(1)
        cv = MasksInDisguise(random_state=np.random.RandomState(2))
        fitted = search(small(module), ALPHAS, cv=cv, refit=False).fit(X, Y)
        results.append(fitted.cv_results_["mean_test_score"])
    assert fitted.search_path_ == "cv does not yield index arrays"
    np.testing.assert_allclose(*results, rtol=1e-9)


class MasksInDisguise(ShuffleSplit):
    """Splits whose training parts are masks of bools."""

    def split(self, X, y=None, groups=None):
        for train, test in super().split(X, y, groups):
            yield np.isin(np.arange(len(X)), train), test


@pytest.mark.parametrize("shuffled", [False, True])
def test_folds_that_train_on_all_others_keep_what_they_test(shuffled):
    rows = list(KFold(3, shuffle=shuffled, random_state=0 if shuffled else None).split(X))
    rows.append((rows[0][0][::-1], rows[0][1]))
    rows.append((rows[1][0][1:], rows[1][1]))
    rows.append((rows[2][0], rows[2][1][::-1]))
    rows.append((rows[0][0], np.repeat(rows[0][1], 2)))
    rows.append((rows[1][0].astype(np.int32), rows[1][1]))
    folds = Folds(rows, len(X))
    assert [train is None for train, _ in folds.native()] == [True] * 3 + [False] * 5
    assert [folds.n_train(fold) for fold in range(8)] == [len(train) for train, _ in rows]
    for got, expected in zip(folds, rows, strict=True):
        for a, b in zip(got, expected, strict=True):
            np.testing.assert_array_equal(a, b)
            assert a.dtype == b.dtype
    assert_same_search(small, ALPHAS, (X, Y), cv=rows)
    result = model_selection.cross_validate(small(skarma), X, Y, cv=rows, return_indices=True)
    np.testing.assert_array_equal(result["indices"]["train"][3], rows[3][0])


def test_rows_that_are_not_there_are_scikit_learns_to_judge():
    for last in (570, 600):
        texts = []
        for module, search in (
            (sklearn.neural_network, reference.GridSearchCV),
            (skarma, GridSearchCV),
        ):
            cv = [(np.arange(500), np.arange(500, last))]
            with pytest.raises(IndexError) as error:
                search(small(module), ALPHAS, cv=cv).fit(X, Y)
            texts.append(str(error.value))
        assert texts[0] == texts[1]

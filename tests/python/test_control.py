"""Training under control: samples for validation, metrics of early stopping, epochs in parts."""

import io
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris, make_regression
from sklearn.metrics import get_scorer, log_loss, mean_poisson_deviance
from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit, train_test_split

import skarma
from skarma import MLPClassifier, MLPRegressor
from skarma.model_selection import GridSearchCV

X, Y = load_iris(return_X_y=True)
X_LEARN, X_VAL, Y_LEARN, Y_VAL = train_test_split(X, Y, test_size=0.3, random_state=0, stratify=Y)
W_VAL = np.linspace(0.5, 2.0, len(Y_VAL))

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def classifier(**parameters):
    defaults = {"hidden_layer_sizes": (7,), "random_state": 1, "max_iter": 40}
    return MLPClassifier(**(defaults | {"learning_rate_init": 0.02} | parameters))


def regressor(**parameters):
    defaults = {"hidden_layer_sizes": (7,), "random_state": 1, "max_iter": 40}
    return MLPRegressor(**(defaults | {"learning_rate_init": 0.02} | parameters))


# ---- samples for validation


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs", "rprop"])
@pytest.mark.parametrize("device", ["cpu", "reference"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_given_samples_are_scored_and_change_nothing(solver, device, dtype):
    options = {"solver": solver, "device": device, "max_iter": 12, "batch_size": 32}
    if solver == "lbfgs" and dtype == np.float32:
        options["dtype"] = dtype
    alone = classifier(**options).fit(X_LEARN.astype(dtype), Y_LEARN)
    model = classifier(**options)
    model.fit(X_LEARN.astype(dtype), Y_LEARN, X_val=X_VAL, y_val=Y_VAL, sample_weight_val=W_VAL)
    for ours, theirs in zip(model.coefs_, alone.coefs_, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    proba = model.predict_proba(X_VAL.astype(dtype)).astype(np.float64)
    tolerance = 1e-12 if dtype == np.float64 else 1e-5
    expected = log_loss(Y_VAL, proba / proba.sum(axis=1, keepdims=True), sample_weight=W_VAL)
    assert model.validation_loss_curve_[-1] == pytest.approx(expected, rel=tolerance)
    assert model.history_["validation_score"][-1] == model.score(X_VAL, Y_VAL, W_VAL)
    assert len(model.history_["validation_loss"]) == model.n_iter_ == model.history_.n_epochs
    if solver != "lbfgs":
        assert model.best_loss_ == alone.best_loss_
        assert model.validation_scores_ == list(model.history_["validation_score"])
        assert not hasattr(alone, "validation_loss_curve_")


@pytest.mark.parametrize(
    "loss", ["squared_error", "poisson", "huber", "absolute_error", "log_cosh"]
)
def test_validation_loss_of_regressors_is_the_formulas(loss):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(80, 3))
    y = rng.poisson(2.0, size=(80, 2)).astype(float)
    model = regressor(loss=loss).fit(x[:50], y[:50], X_val=x[50:], y_val=y[50:])
    truth, out = y[50:], model.predict(x[50:])
    size = np.abs(out - truth)
    values = {
        "squared_error": (size**2 / 2).mean(axis=1),
        "poisson": None,
        "huber": np.where(size > 1, size - 0.5, size**2 / 2).sum(axis=1),
        "absolute_error": size.sum(axis=1),
        "log_cosh": np.log(np.cosh(size)).sum(axis=1),
    }[loss]
    if loss == "poisson":
        expected = sum(mean_poisson_deviance(truth[:, i], out[:, i]) / 2 for i in range(2))
    else:
        expected = values.mean()
    assert model.validation_loss_curve_[-1] == pytest.approx(expected, rel=1e-12)


def test_several_labels_and_two_classes_are_scored():
    labels = np.stack([Y == 0, Y > 0, Y == 2], axis=1).astype(int)
    model = classifier().fit(X[::2], labels[::2], X_val=X[1::2], y_val=labels[1::2])
    assert model.history_["validation_score"][-1] == model.score(X[1::2], labels[1::2])
    two = classifier().fit(X[::2], Y[::2] > 0, X_val=X[1::2], y_val=Y[1::2] > 0)
    proba = two.predict_proba(X[1::2])
    assert two.validation_loss_curve_[-1] == pytest.approx(log_loss(Y[1::2] > 0, proba), rel=1e-12)


def test_early_stopping_looks_at_given_samples_and_learns_from_all_others():
    options = {"early_stopping": True, "max_iter": 300, "n_iter_no_change": 5}
    model = classifier(**options).fit(X_LEARN, Y_LEARN, X_val=X_VAL, y_val=Y_VAL)
    assert model.n_iter_ < 300
    assert model.best_validation_score_ == model.score(X_VAL, Y_VAL)
    assert model.t_ == model.n_iter_ * len(X_LEARN)
    assert model.best_loss_ is None


@pytest.mark.parametrize("metric", ["loss", "f1_macro", "roc_auc_ovr", "balanced_accuracy"])
def test_early_stopping_by_a_metric_ends_with_the_network_that_is_best_by_it(metric):
    options = {"early_stopping": True, "max_iter": 300, "early_stopping_metric": metric}
    model = classifier(**options).fit(X_LEARN, Y_LEARN, X_val=X_VAL, y_val=Y_VAL)
    scorer = get_scorer("neg_log_loss" if metric == "loss" else metric)
    assert model.best_validation_score_ == max(model.validation_scores_)
    assert model.best_validation_score_ == pytest.approx(scorer(model, X_VAL, Y_VAL), rel=1e-12)


def test_the_loss_stops_where_the_validation_loss_no_longer_falls():
    options = {"early_stopping": True, "early_stopping_metric": "loss", "n_iter_no_change": 3}
    model = classifier(max_iter=500, tol=0.0, **options)
    model.fit(X_LEARN, Y_LEARN, X_val=X_VAL, y_val=Y_VAL)
    losses = np.array(model.validation_loss_curve_)
    assert model.n_iter_ < 500
    assert losses[-4:].min() > losses.min()
    np.testing.assert_array_equal(-losses, model.validation_scores_)


def test_a_metric_of_numbers_stops_a_regressor():
    x, y = make_regression(100, 4, noise=1.0, random_state=0)
    options = {"early_stopping": True, "early_stopping_metric": "neg_mean_absolute_error"}
    model = regressor(**options).fit(x[:60], y[:60], X_val=x[60:], y_val=y[60:])
    expected = get_scorer("neg_mean_absolute_error")(model, x[60:], y[60:])
    assert model.best_validation_score_ == pytest.approx(expected, rel=1e-12)


def test_a_splitter_holds_out_its_first_split():
    splitter = ShuffleSplit(3, test_size=0.25, random_state=5)
    train, test = next(splitter.split(X))
    model = classifier(early_stopping=True, validation_fraction=splitter).fit(X, Y)
    given = classifier(early_stopping=True).fit(X[train], Y[train], X_val=X[test], y_val=Y[test])
    np.testing.assert_array_equal(model.coefs_[0], given.coefs_[0])
    assert model.validation_scores_ == given.validation_scores_
    assert clone(model).validation_fraction.test_size == 0.25
    # Not looked at without early stopping.
    plain = classifier(validation_fraction=splitter).fit(X, Y)
    np.testing.assert_array_equal(plain.coefs_[0], classifier().fit(X, Y).coefs_[0])


def test_a_splitter_in_a_search_takes_scikit_learns_path():
    mlp = classifier(early_stopping=True, validation_fraction=StratifiedShuffleSplit(1))
    search = GridSearchCV(mlp, {"alpha": [0.1]}, cv=2).fit(X, Y)
    assert search.search_path_ == "validation_fraction is a splitter"


def test_metrics_and_kept_optimizers_are_searched_natively():
    grid = {"early_stopping_metric": [None, "loss", "f1_macro"], "keep_optimizer": [True]}
    search = GridSearchCV(classifier(early_stopping=True), grid, cv=2).fit(X, Y)
    assert search.search_path_ == "native"


@pytest.mark.parametrize(
    ("extras", "message"),
    [
        ({"X_val": X_VAL}, "X_val is given without y_val"),
        ({"y_val": Y_VAL}, "y_val is given without X_val"),
        ({"sample_weight_val": W_VAL}, "sample_weight_val is given without X_val and y_val"),
        ({"X_val": X_VAL[:, :2], "y_val": Y_VAL}, "X_val: X has 2 features"),
        ({"X_val": X_VAL * np.nan, "y_val": Y_VAL}, "X_val: Input X contains NaN"),
        ({"X_val": X_VAL, "y_val": Y_VAL[1:]}, "inconsistent numbers of samples"),
        ({"X_val": X_VAL, "y_val": Y_VAL + 1}, r"y_val has classes that y does not have: \[3\]"),
        ({"X_val": X_VAL, "y_val": Y_VAL, "sample_weight_val": W_VAL[1:]}, "sample_weight_val"),
        ({"X_val": X_VAL, "y_val": np.eye(3, dtype=int)[Y_VAL]}, "y_val must be of the kind"),
    ],
)
def test_wrong_samples_for_validation_are_refused_before_there_is_work(extras, message):
    model = classifier(max_iter=10**9, tol=0.0, n_iter_no_change=np.inf)
    with pytest.raises(ValueError, match=message):
        model.fit(X_LEARN, Y_LEARN, **extras)
    assert not hasattr(model, "coefs_")


def test_wrong_targets_of_a_regressor_are_refused():
    with pytest.raises(ValueError, match="y_val contains NaN"):
        regressor().fit(X, X[:, 0], X_val=X, y_val=X[:, 0] * np.nan)
    with pytest.raises(ValueError, match="`y_val` has 2 outputs, `y` has 1"):
        regressor().fit(X, X[:, 0], X_val=X, y_val=X[:, :2])


def test_a_metric_that_is_not_of_such_targets_is_refused_before_there_is_work():
    options = {"early_stopping": True, "max_iter": 10**9, "n_iter_no_change": np.inf}
    with pytest.raises(ValueError, match="binary"):
        classifier(early_stopping_metric="f1", **options).fit(X, Y)
    with pytest.raises(ValueError, match="early_stopping_metric.*'f1_macro'"):
        classifier(early_stopping_metric="f1_maco", **options).fit(X, Y)


# ---- the history


def test_a_history_is_a_table():
    pd = pytest.importorskip("pandas")
    model = classifier(max_iter=9, learning_rate="step(every=3, factor=0.5)")
    model.fit(X_LEARN, Y_LEARN, X_val=X_VAL, y_val=Y_VAL)
    history = model.history_
    columns = ["loss", "validation_score", "validation_loss", "learning_rate", "seconds"]
    assert list(history) == columns
    assert list(history["loss"]) == model.loss_curve_
    np.testing.assert_allclose(history["learning_rate"], 0.02 * 0.5 ** np.repeat([0, 1, 2], 3))
    assert (history["seconds"] > 0).all()
    frame = history.to_frame()
    assert isinstance(frame, pd.DataFrame) and list(frame.columns) == columns
    assert list(frame.index) == list(range(1, 10)) and frame.index.name == "epoch"
    with pytest.raises(KeyError, match="the history has loss, validation_score"):
        history["los"]


def test_a_history_is_drawn():
    figure = pytest.importorskip("matplotlib.figure").Figure
    model = classifier(max_iter=9).fit(X_LEARN, Y_LEARN, X_val=X_VAL, y_val=Y_VAL)
    ax = model.history_.plot(ax=figure().subplots())
    assert [line.get_label() for line in ax.lines] == ["loss", "validation loss"]
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), model.loss_curve_)
    ax = model.history_.plot("seconds", ax=figure().subplots())
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), model.history_["seconds"])


def test_a_history_goes_on_and_is_kept_in_files(tmp_path):
    model = classifier(warm_start=True, max_iter=3)
    model.fit(X_LEARN, Y_LEARN).fit(X_LEARN, Y_LEARN, X_val=X_VAL, y_val=Y_VAL)
    assert np.isnan(model.history_["validation_loss"][:3]).all()
    assert np.isfinite(model.history_["validation_loss"][3:]).all()
    lbfgs = classifier(solver="lbfgs").fit(X_LEARN, Y_LEARN, X_val=X_VAL, y_val=Y_VAL)
    assert lbfgs.history_["loss"][-1] == lbfgs.loss_
    for fitted in (model, lbfgs):
        fitted.save(tmp_path / "model")
        loaded = skarma.load(tmp_path / "model")
        assert list(loaded.history_) == list(fitted.history_)
        for name, column in fitted.history_.items():
            np.testing.assert_array_equal(loaded.history_[name], column)


def test_what_was_never_measured_is_not_in_a_history():
    model = classifier(max_iter=2).fit(X, Y)
    assert list(model.history_) == ["loss", "learning_rate", "seconds"]
    assert list(classifier(solver="lbfgs").fit(X, Y).history_) == ["loss", "seconds"]


def test_given_samples_leave_the_others_to_the_batches():
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        model = classifier(early_stopping=True, batch_size=len(X_LEARN), n_iter_no_change=3)
        model.fit(X_LEARN, Y_LEARN, X_val=X_VAL, y_val=Y_VAL)
    splitter = ShuffleSplit(1, test_size=0.5)
    with pytest.warns(UserWarning, match="batch_size"):
        classifier(early_stopping=True, validation_fraction=splitter, batch_size=100).fit(X, Y)


def test_an_unfitted_network_has_no_history():
    assert not hasattr(classifier(), "history_")


# ---- partial_fit and what goes on


@pytest.mark.parametrize("solver", ["sgd", "adam", "rprop", "lion"])
@pytest.mark.parametrize("shuffle", [False, True])
def test_partial_fit_of_n_epochs_is_a_fit_of_n_epochs(solver, shuffle):
    options = {"solver": solver, "shuffle": shuffle, "batch_size": 20}
    whole = classifier(max_iter=6, **options).fit(X, Y)
    once = classifier(**options).partial_fit(X, Y, classes=[0, 1, 2], n_epochs=6)
    np.testing.assert_array_equal(once.coefs_[0], whole.coefs_[0])
    assert once.loss_curve_ == whole.loss_curve_
    assert once.n_iter_ == 6 and once.t_ == whole.t_
    if not shuffle:
        calls = classifier(**options)
        for _ in range(6):
            calls.partial_fit(X, Y, classes=[0, 1, 2])
        np.testing.assert_array_equal(calls.coefs_[0], whole.coefs_[0])


def test_partial_fit_takes_all_its_epochs_though_nothing_improves():
    options = {"tol": 1e9, "n_iter_no_change": 1, "max_iter": 2, "shuffle": False}
    once = regressor(**options).partial_fit(X, X[:, 0], n_epochs=8)
    calls = regressor(**options)
    for _ in range(8):
        calls.partial_fit(X, X[:, 0])
    assert once.n_iter_ == 8
    np.testing.assert_array_equal(once.coefs_[0], calls.coefs_[0])


@pytest.mark.parametrize("n_epochs", [0, -1, 1.0, True, None])
def test_a_wrong_number_of_epochs_is_refused(n_epochs):
    with pytest.raises(ValueError, match="n_epochs must be an int of at least 1"):
        regressor().partial_fit(X, X[:, 0], n_epochs=n_epochs)


def test_lbfgs_has_no_epochs():
    with pytest.raises(ValueError, match="lbfgs has no epochs"):
        regressor(solver="lbfgs").partial_fit(X, X[:, 0], n_epochs=2)


@pytest.mark.parametrize("solver", ["sgd", "adam", "nadam", "adagrad"])
@pytest.mark.parametrize("schedule", ["constant", "exponential(factor=0.9)"])
def test_a_kept_optimizer_goes_on_as_if_nothing_had_been(solver, schedule, tmp_path):
    options = {"solver": solver, "shuffle": False, "batch_size": 20, "learning_rate": schedule}
    whole = classifier(max_iter=9, **options).fit(X, Y)
    model = classifier(max_iter=4, warm_start=True, keep_optimizer=True, **options).fit(X, Y)
    model.save(tmp_path / "model")
    loaded = skarma.load(tmp_path / "model")
    for half in (model, loaded):
        half.set_params(max_iter=5).fit(X, Y)
        np.testing.assert_array_equal(half.coefs_[0], whole.coefs_[0])
        assert half.loss_curve_ == whole.loss_curve_
    anew = classifier(max_iter=4, warm_start=True, **options).fit(X, Y)
    anew.set_params(max_iter=5).fit(X, Y)
    assert not np.array_equal(anew.coefs_[0], whole.coefs_[0])


def test_moments_of_one_rule_are_not_those_of_another():
    model = classifier(warm_start=True, keep_optimizer=True).fit(X, Y)
    with pytest.raises(ValueError, match="goes on with solver='adam'.*Got 'sgd' instead"):
        model.set_params(solver="sgd").fit(X, Y)


def test_scikit_learns_code_refuses_what_it_would_not_heed():
    class Own(MLPRegressor):
        def _init_coef(self, *args, **kwargs):
            return super()._init_coef(*args, **kwargs)

    y = X[:, 0]
    for extras in ({"X_val": X, "y_val": y}, {"callbacks": [print]}):
        with pytest.raises(ValueError, match="is skarma's own"):
            Own().fit(X, y, **extras)
    with pytest.raises(ValueError, match="n_epochs=3 is skarma's own"):
        Own().partial_fit(X, y, n_epochs=3)
    for options in (
        {"early_stopping": True, "early_stopping_metric": "loss"},
        {"early_stopping": True, "validation_fraction": ShuffleSplit()},
        {"warm_start": True, "keep_optimizer": True},
    ):
        with pytest.raises(ValueError, match="is skarma's own"):
            Own(**options).fit(X, y)


def test_verbose_lines_are_as_ever(capsys):
    classifier(verbose=True, max_iter=2).fit(X, Y, X_val=X, y_val=Y)
    lines = io.StringIO(capsys.readouterr().out).readlines()
    assert lines[0].startswith("Iteration 1, loss = ")
    assert lines[1].startswith("Validation score: ")

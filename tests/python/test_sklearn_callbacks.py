"""scikit-learn's callbacks are told in native fits and searches what its own path tells them."""

import numpy as np
import pytest
import sklearn.model_selection as reference
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skarma import MLPClassifier, MLPRegressor
from skarma.model_selection import GridSearchCV, RandomizedSearchCV

callback = pytest.importorskip("sklearn.callback")

X, Y = load_iris(return_X_y=True)
GRID = {"alpha": [0.1, 1.0]}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def classifier(**parameters):
    defaults = {"hidden_layer_sizes": (5,), "random_state": 1, "max_iter": 4}
    return MLPClassifier(**(defaults | parameters))


class Recorder:
    """Writes down everything that it is told; asks for everything there is."""

    def __init__(self, stop_at=None):
        self.told, self.stop_at = [], stop_at

    def setup(self, estimator, context):
        self.told.append(("setup", type(estimator).__name__, context.task_name))

    def teardown(self, estimator, context):
        self.told.append(("teardown", type(estimator).__name__, context.task_name))

    def _note(self, hook, estimator, context, X, y, metadata, fitted_estimator):
        path, parents = context, []
        while path is not None:
            parents.append((path.estimator_name, path.task_name, path.task_id, path.max_subtasks))
            path = path.parent
        score = None
        if fitted_estimator is not None and X is not None:
            score = fitted_estimator.score(X, y)
        weights = None if metadata is None else len(metadata["sample_weight"])
        shapes = (np.shape(X), np.shape(y))
        name = type(estimator).__name__
        self.told.append((hook, name, parents, shapes, weights, score, context.source_task_name))

    def on_fit_task_begin(
        self, estimator, context, *, X=None, y=None, metadata=None, fitted_estimator=None
    ):
        self._note("begin", estimator, context, X, y, metadata, fitted_estimator)

    def on_fit_task_end(
        self, estimator, context, *, X=None, y=None, metadata=None, fitted_estimator=None
    ):
        self._note("end", estimator, context, X, y, metadata, fitted_estimator)
        return self.stop_at is not None and (context.task_name, context.task_id) == self.stop_at


def outline(recorder):
    """Hooks and tasks alone."""
    rows = []
    for hook, _, *rest in recorder.told:
        path = rest[0]
        if isinstance(path, str):
            rows.append((hook, path))
        else:
            rows.append((hook, [(task, number) for _, task, number, _ in path]))
    return rows


# ---- a fit


def test_lbfgs_gives_the_events_of_logistic_regression():
    """The same hooks, tasks, numbers and data, iteration by iteration."""
    x, y = load_breast_cancer(return_X_y=True)
    x = StandardScaler().fit_transform(x)
    theirs = Recorder()
    LogisticRegression(max_iter=5).set_callbacks(theirs).fit(x, y)
    ours = Recorder()
    classifier(solver="lbfgs", max_iter=5).set_callbacks(ours).fit(x, y)
    assert outline(ours) == outline(theirs)
    for a, b in zip(ours.told[1:-1], theirs.told[1:-1], strict=True):
        assert a[0] == b[0] and a[3] == b[3] and (a[5] is None) == (b[5] is None)
        assert [row[3] for row in a[2]] == [row[3] for row in b[2]]


@pytest.mark.parametrize("solver", ["adam", "sgd", "rprop"])
def test_epochs_are_tasks_with_the_network_of_then(solver):
    told = Recorder()
    weights = np.ones(len(X))
    model = classifier(solver=solver).set_callbacks(told)
    model.fit(X, Y, sample_weight=weights)
    root = [("fit", 0)]
    epochs = [(hook, [("epoch", i), *root]) for i in range(4) for hook in ("begin", "end")]
    assert outline(told) == [
        ("setup", "fit"),
        ("begin", root),
        *epochs,
        ("end", root),
        ("teardown", "fit"),
    ]
    assert {(row[3], row[4]) for row in told.told[1:-1]} == {((X.shape, Y.shape), len(X))}
    scores = [row[5] for row in told.told[1:-1]]
    for epoch in range(4):
        after = classifier(solver=solver, max_iter=epoch + 1).fit(X, Y, sample_weight=weights)
        assert scores[2 + 2 * epoch] == after.score(X, Y)
    assert scores[-1] == model.score(X, Y)
    assert not hasattr(model, "_callback_fit_ctx")


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_callback_stops_the_fit(solver):
    name = "epoch" if solver == "adam" else "lbfgs-iter"
    told = Recorder(stop_at=(name, 1))
    model = classifier(solver=solver, max_iter=50).set_callbacks(told).fit(X, Y)
    assert model.n_iter_ == 2
    assert outline(told)[-2] == ("end", [("fit", 0)])


def test_an_error_tears_down():
    class Failing(Recorder):
        def on_fit_task_end(self, estimator, context):
            raise RuntimeError("of the callback")

    told = Failing()
    with pytest.raises(RuntimeError, match="of the callback"):
        classifier().set_callbacks(told).fit(X, Y)
    assert told.told[-1][0] == "teardown"


def test_scoring_monitor_logs_each_epoch():
    monitor = callback.ScoringMonitor(scoring="accuracy")
    model = classifier(max_iter=3).set_callbacks(monitor)
    model.fit(X, Y)
    rows = [row for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    expected = [classifier(max_iter=i + 1).fit(X, Y).score(X, Y) for i in range(3)]
    scores = [next(v for k, v in row.items() if "accuracy" in k or k == "score") for row in rows]
    assert scores == expected


def test_callbacks_are_cloned_and_taken_away():
    told = Recorder()
    model = classifier().set_callbacks(told)
    assert clone(model)._skl_callbacks == [told]
    model.set_callbacks().fit(X, Y)
    assert told.told == []
    with pytest.raises(TypeError, match="FitCallback protocol"):
        model.set_callbacks(3)


def test_a_regressor_has_them_too():
    told = Recorder()
    model = MLPRegressor(hidden_layer_sizes=(3,), max_iter=2, random_state=0)
    model.set_callbacks(told).fit(X, X[:, :2])
    assert [row[5] for row in told.told[1:-1]][-1] == model.score(X, X[:, :2])


def test_a_pipeline_tells_its_network():
    told = callback.ProgressBar(max_propagation_depth=None)
    make_pipeline(StandardScaler(), classifier()).set_callbacks(told).fit(X, Y)


# ---- a search


def searched(module_search, estimator, told, **options):
    defaults = {"cv": 2, "return_train_score": True}
    search = module_search(estimator, GRID, **(defaults | options))
    search.set_callbacks(told).fit(X, Y)
    return search


@pytest.mark.parametrize("refit", [True, False])
@pytest.mark.parametrize("scaled", [False, True])
def test_a_native_search_tells_what_scikit_learns_path_tells(refit, scaled):
    grid = {"mlpclassifier__alpha": [0.1, 1.0]} if scaled else GRID
    estimator = make_pipeline(StandardScaler(), classifier()) if scaled else classifier()
    told = []
    for search_class in (GridSearchCV, reference.GridSearchCV):
        recorder = Recorder()
        search = search_class(estimator, grid, cv=2, refit=refit).set_callbacks(recorder)
        search.fit(X, Y)
        told.append(recorder.told)
        assert getattr(search, "search_path_", "native") == "native"
    assert told[0] == told[1]
    assert len(told[0]) == 2 + 4 + 2 * 4 + 2 * refit


def test_several_threads_tell_each_fit_once():
    recorder = Recorder()
    search = GridSearchCV(classifier(), GRID, cv=3, n_jobs=2).set_callbacks(recorder).fit(X, Y)
    assert search.search_path_ == "native"
    fits = [row for row in outline(recorder) if row[1][0][0] == "candidate-split-evaluation"]
    assert sorted(fits, key=lambda row: row[1]) == sorted(
        [
            (hook, [("candidate-split-evaluation", i), ("search", 0), ("fit", 0)])
            for i in range(6)
            for hook in ("begin", "end")
        ],
        key=lambda row: row[1],
    )


def test_a_failing_fit_is_told_and_torn_down():
    recorder = Recorder()
    search = GridSearchCV(classifier(), {"batch_size": [1, 10**6]}, cv=2, error_score="raise")
    recorder_error = Recorder()

    class Failing(Recorder):
        def on_fit_task_end(self, estimator, context):
            raise RuntimeError("of the callback")

    with pytest.raises(RuntimeError, match="of the callback"):
        search.set_callbacks(Failing(), recorder_error).fit(X, Y)
    assert recorder_error.told[-1][0] == "teardown"
    assert not hasattr(search, "_callback_fit_ctx")
    assert recorder.told == []


class _Events:
    """A progress bar's events, in the place of its line."""

    def __init__(self, monkeypatch):
        self.events = []
        for name in ("setup", "teardown"):
            monkeypatch.setattr(callback.ProgressBar, name, lambda *args, **kwargs: None)
        for name in ("on_fit_task_begin", "on_fit_task_end"):
            monkeypatch.setattr(callback.ProgressBar, name, self._told(name))

    def _told(self, name):
        def told(bar, estimator, context):
            path = []
            while context is not None:
                path.append((context.task_name, context.task_id, context.max_subtasks))
                context = context.parent
            self.events.append((name, type(estimator).__name__, path))

        return told


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("depth", [0, 1, None])
def test_a_progress_bar_shows_the_epochs_of_each_fit(solver, depth, monkeypatch):
    pytest.importorskip("rich")
    told = []
    for search_class in (GridSearchCV, reference.GridSearchCV):
        recorded = _Events(monkeypatch)
        bar = callback.ProgressBar(max_propagation_depth=depth)
        search = search_class(classifier(solver=solver), GRID, cv=2).set_callbacks(bar).fit(X, Y)
        told.append(recorded.events)
        assert getattr(search, "search_path_", "native") == "native"
    assert told[0] == told[1]
    n_epochs = sum(event[2][0][0] in ("epoch", "lbfgs-iter") for event in told[0])
    assert (n_epochs > 0) == (depth != 0)


def test_what_looks_into_fits_takes_scikit_learns_path():
    class Curious(Recorder):
        max_propagation_depth = 1

    search = searched(GridSearchCV, classifier(), Curious())
    assert search.search_path_ == "Curious may look at each epoch of a fit"
    Curious.max_propagation_depth = 0
    assert searched(GridSearchCV, classifier(), Curious()).search_path_ == "native"
    search = searched(GridSearchCV, classifier().set_callbacks(Recorder()), Recorder())
    assert search.search_path_ == "the estimator has callbacks"
    pytest.importorskip("rich")
    scaled = make_pipeline(StandardScaler(), classifier())
    search = GridSearchCV(scaled, {"mlpclassifier__alpha": [0.1]}, cv=2)
    search.set_callbacks(callback.ProgressBar()).fit(X, Y)
    assert search.search_path_ == "ProgressBar shows the steps of the pipeline"


def test_results_do_not_depend_on_callbacks():
    alone = GridSearchCV(classifier(), GRID, cv=2).fit(X, Y)
    told = searched(GridSearchCV, classifier(), Recorder())
    scores = "mean_test_score"
    np.testing.assert_array_equal(told.cv_results_[scores], alone.cv_results_[scores])
    random = RandomizedSearchCV(classifier(), GRID, n_iter=2, cv=2).set_callbacks(Recorder())
    assert random.fit(X, Y).search_path_ == "native"


@pytest.mark.parametrize("depth", [None, 1, 2])
def test_a_native_search_may_be_a_step_of_a_pipeline(depth, monkeypatch):
    told = []
    for search_class in (GridSearchCV, reference.GridSearchCV):
        model = make_pipeline(StandardScaler(), search_class(classifier(), GRID, cv=2))
        search = model[-1]
        assert model.fit(X, Y).predict(X).shape == Y.shape  # without callbacks
        assert not vars(search).keys() & {"_callback_fit_ctx", "_parent_callback_ctx"}
        pytest.importorskip("rich")
        recorded = _Events(monkeypatch)
        model.set_callbacks(callback.ProgressBar(max_propagation_depth=depth)).fit(X, Y)
        told.append(recorded.events)
        assert getattr(search, "search_path_", "native") == "native"
    assert told[0] == told[1]

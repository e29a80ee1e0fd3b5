"""Callbacks: when they are told, what they may do, and the ready ones."""

import csv
import os
import signal
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
from ctrl_c import ctrl_c_after
from plugins import HOST_PLUGIN, needs_plugins
from sklearn import config_context, get_config
from sklearn.datasets import load_iris, make_regression

import skarma
from skarma import MLPClassifier, MLPRegressor
from skarma.callbacks import (
    Callback,
    CSVLogger,
    LivePlot,
    ModelCheckpoint,
    ProgressBar,
    ReduceLROnPlateau,
    RestoreOnDivergence,
)

X, Y = load_iris(return_X_y=True)
ORDER = np.random.default_rng(0).permutation(len(X))
X, Y = X[ORDER], Y[ORDER]

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def classifier(**parameters):
    defaults = {"hidden_layer_sizes": (7,), "random_state": 1, "max_iter": 5, "batch_size": 40}
    return MLPClassifier(**(defaults | parameters))


class Recorder(Callback):
    def __init__(self, *figures):
        self.figures, self.told = figures, []

    def _tell(self, event, fit):
        self.told.append((event, *(getattr(fit, name) for name in self.figures)))

    def on_begin(self, fit):
        self._tell("begin", fit)

    def on_epoch_begin(self, fit):
        self._tell("epoch_begin", fit)

    def on_epoch(self, fit):
        self._tell("epoch", fit)

    def on_end(self, fit):
        self._tell("end", fit)


class BatchRecorder(Recorder):
    def on_batch(self, fit):
        self._tell("batch", fit)


def test_events_come_in_their_order():
    told = BatchRecorder("n_iter", "max_iter", "batch", "n_batches", "has_ended")
    model = classifier(max_iter=2).fit(X, Y, callbacks=[told])
    assert told.told == [
        ("begin", 0, 2, 4, 4, False),
        *[("epoch_begin", 0, 2, 4, 4, False)],
        *[("batch", 0, 2, b, 4, False) for b in (1, 2, 3, 4)],
        ("epoch", 1, 2, 4, 4, False),
        ("epoch_begin", 1, 2, 4, 4, False),
        *[("batch", 1, 2, b, 4, False) for b in (1, 2, 3, 4)],
        ("epoch", 2, 2, 4, 4, True),
        ("end", 2, 2, 4, 4, True),
    ]
    assert model.n_iter_ == 2


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_watching_changes_no_bit(solver, device):
    alone = classifier(solver=solver, device=device).fit(X, Y)
    told = BatchRecorder("loss", "validation_loss")
    model = classifier(solver=solver, device=device)
    model.fit(X, Y, X_val=X[:40], y_val=Y[:40], callbacks=[told])
    np.testing.assert_array_equal(model.coefs_[0], alone.coefs_[0])
    losses = [loss for event, loss, _ in told.told if event == "epoch"]
    assert losses == list(model.history_["loss"])
    assert [v for event, _, v in told.told if event == "epoch"] == model.validation_loss_curve_


def test_the_loss_of_a_batch_is_the_mean_of_the_epoch_so_far():
    told = BatchRecorder("loss")
    model = classifier(max_iter=1).fit(X, Y, callbacks=[told])
    of_batches = [loss for event, loss in told.told if event == "batch"]
    assert of_batches[-1] == model.loss_
    first = classifier(max_iter=1, shuffle=False).fit(X[:40], Y[:40]).loss_
    unshuffled = BatchRecorder("loss")
    classifier(max_iter=1, shuffle=False).fit(X, Y, callbacks=[unshuffled])
    assert unshuffled.told[2][1] == pytest.approx(first, rel=1e-12)


def test_batches_ask_nobody_where_nobody_wants_them():
    class Silent(Callback):
        pass

    events = []
    function = skarma.callbacks.native_callback([Recorder(), Silent(), _OnEpoch(events)], None)
    assert function["batches"] is False
    assert skarma.callbacks.native_callback([BatchRecorder()], None)["batches"] is True


class _OnEpoch(Callback):
    def __init__(self, events):
        self.events = events

    def on_epoch(self, fit):
        self.events.append(fit.n_iter)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_callback_stops_the_fit(solver):
    told = Recorder("n_iter")
    model = classifier(solver=solver, max_iter=50)
    model.fit(X, Y, callbacks=[told, lambda fit: fit.n_iter == 3])
    assert model.n_iter_ == 3
    assert told.told[-1] == ("end", 3)
    if solver == "adam":
        expected = classifier(max_iter=3).fit(X, Y)
        np.testing.assert_array_equal(model.coefs_[0], expected.coefs_[0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        classifier(solver=solver, max_iter=50).fit(X, Y, callbacks=[lambda fit: True])


def test_a_stop_in_a_batch_is_one_after_the_epoch():
    class Stop(Callback):
        def on_batch(self, fit):
            fit.stop()

    model = classifier().fit(X, Y, callbacks=[Stop()])
    assert model.n_iter_ == 1 and model.t_ == len(X)


def test_a_rate_that_is_set_is_the_one_of_the_next_steps():
    def halve(fit):
        fit.learning_rate = fit.learning_rate / 2

    model = classifier(solver="sgd", learning_rate_init=0.5).fit(X, Y, callbacks=[halve])
    np.testing.assert_array_equal(model.history_["learning_rate"], 0.5 / 2.0 ** np.arange(5))
    # A schedule goes on from there.
    schedule = classifier(learning_rate="step(every=1, factor=0.5)", learning_rate_init=0.5)
    schedule.fit(X, Y, callbacks=[halve])
    np.testing.assert_allclose(schedule.history_["learning_rate"], 0.5 / 4.0 ** np.arange(5))


@pytest.mark.parametrize("rate", [0.0, -1.0, np.nan, np.inf])
def test_a_rate_must_be_one(rate):
    def set_rate(fit):
        fit.learning_rate = rate

    with pytest.raises(ValueError, match="learning rate must be positive and finite"):
        classifier().fit(X, Y, callbacks=[set_rate])


def test_lbfgs_has_no_rate_and_no_way_back():
    def set_rate(fit):
        assert np.isnan(fit.learning_rate)
        fit.learning_rate = 0.1

    with pytest.raises(ValueError, match="lbfgs has no learning rate"):
        classifier(solver="lbfgs").fit(X, Y, callbacks=[set_rate])
    with pytest.raises(ValueError, match="lbfgs cannot go back"):
        classifier(solver="lbfgs").fit(X, Y, callbacks=[RestoreOnDivergence()])


def test_an_error_ends_the_fit_and_leaves_the_network_as_it_was():
    model = classifier(warm_start=True).fit(X, Y)
    before = model.coefs_[0].copy()

    def fail(fit):
        raise RuntimeError("of the callback")

    with pytest.raises(RuntimeError, match="of the callback"):
        model.fit(X, Y, callbacks=[fail])
    np.testing.assert_array_equal(model.coefs_[0], before)
    np.testing.assert_array_equal(model.predict_proba(X), classifier().fit(X, Y).predict_proba(X))


def test_ctrl_c_in_a_callback_is_ctrl_c():
    def interrupt(fit):
        raise KeyboardInterrupt

    with pytest.warns(UserWarning, match="Training interrupted by user"):
        model = classifier(max_iter=10**6, tol=0, n_iter_no_change=10**6)
        model.fit(X, Y, callbacks=[interrupt])
    assert model.n_iter_ == 1


def test_ctrl_c_is_heard_between_callbacks():
    def interrupt(fit):
        if fit.n_iter == 2:
            os.kill(os.getpid(), signal.SIGINT)

    with ctrl_c_after(3600), pytest.warns(UserWarning, match="Training interrupted by user"):
        model = classifier(max_iter=10**6, tol=0, n_iter_no_change=10**6)
        model.fit(X, Y, callbacks=[interrupt])
    assert model.n_iter_ < 10**6


def test_callbacks_run_in_the_thread_and_the_settings_of_the_caller():
    seen = []

    def look(fit):
        seen.append((threading.get_ident(), get_config()["assume_finite"]))

    with config_context(assume_finite=True):
        classifier().fit(X, Y, callbacks=[look])
    assert set(seen) == {(threading.get_ident(), True)}


def test_other_threads_run_while_a_watched_fit_trains():
    """The lock of Python is free but for the callbacks' own time."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20000, 50)), rng.normal(size=20000)
    ticks, done = [0], threading.Event()

    def count():
        while not done.is_set():
            ticks[0] += 1

    at_epoch = []
    thread = threading.Thread(target=count)
    thread.start()
    model = MLPRegressor(hidden_layer_sizes=(100,), max_iter=3)
    model.fit(x, y, callbacks=[lambda fit: at_epoch.append(ticks[0])])
    done.set()
    thread.join()
    assert at_epoch[0] < at_epoch[1] < at_epoch[2]


def test_a_fit_is_good_for_one_call_alone():
    kept = []
    classifier().fit(X, Y, callbacks=[kept.append])
    with pytest.raises(ValueError, match="while it calls, not later"):
        kept[0].stop()


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize(
    "layers",
    [{}, {"batch_norm": True}, {"layer_norm": True, "activation": "maxout(3)"}],
    ids=str,
)
def test_the_network_of_an_epoch_predicts_and_scores(solver, layers):
    if solver == "lbfgs" and "batch_norm" in layers:
        pytest.skip("lbfgs trains no batch normalisation")
    scores = []

    def score(fit):
        scores.append(fit.fitted_estimator().score(X[:50], Y[:50]))

    model = classifier(solver=solver, **layers)
    model.fit(X, Y, X_val=X[:50], y_val=Y[:50], callbacks=[score])
    assert scores == list(model.history_["validation_score"])


@pytest.mark.parametrize("wrong", [3, [3], Callback(), [Callback], ["on_epoch"]])
def test_what_is_no_callback_is_refused(wrong):
    with pytest.raises(TypeError, match="callbacks must be"):
        classifier().fit(X, Y, callbacks=wrong)


def test_partial_fit_is_watched():
    told = Recorder("n_iter", "max_iter")
    classifier().partial_fit(X, Y, classes=[0, 1, 2], n_epochs=2, callbacks=[told])
    assert [row for row in told.told if row[0] == "epoch"] == [("epoch", 1, 2), ("epoch", 2, 2)]


SCRIPT = """
import numpy as np
from sklearn.datasets import load_iris
from skarma import MLPClassifier
from skarma.callbacks import Callback

X, Y = load_iris(return_X_y=True)

class TakeBack(Callback):
    def on_batch(self, fit):
        pass

    def on_epoch(self, fit):
        scores.append(fit.fitted_estimator().score(X, Y))
        if fit.n_iter == 2:
            self.then = fit.checkpoint()
        if fit.n_iter == 4:
            fit.restore(self.then)

for units in (7, 600):
    scores = []
    options = {"hidden_layer_sizes": (units,), "device": "cuda-host", "shuffle": False}
    options |= {"random_state": 0, "tol": 0.0, "batch_size": 50}
    ours = MLPClassifier(max_iter=7, **options)
    ours.fit(X, Y, X_val=X, y_val=Y, callbacks=[TakeBack()])
    theirs = MLPClassifier(max_iter=5, **options).fit(X, Y)
    assert np.array_equal(ours.coefs_[0], theirs.coefs_[0]) and ours.device_ == "cuda-host"
    assert scores == ours.validation_scores_
print("held")
"""


@needs_plugins
def test_the_cuda_engine_is_watched_and_goes_back():
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT],
        env=os.environ | {"SKARMA_GPU_PLUGIN": str(HOST_PLUGIN)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.stdout == "held\n", run.stderr


# ---- ready ones


def test_csv_logger_writes_the_history(tmp_path):
    path = tmp_path / "log.csv"
    model = classifier(learning_rate="exponential(factor=0.5)")
    model.fit(X, Y, X_val=X[:50], y_val=Y[:50], callbacks=[CSVLogger(path)])
    rows = list(csv.DictReader(path.open()))
    assert [int(row["epoch"]) for row in rows] == [1, 2, 3, 4, 5]
    for name in ("loss", "validation_score", "validation_loss", "learning_rate"):
        np.testing.assert_array_equal([float(r[name]) for r in rows], model.history_[name])
    assert all(float(row["seconds"]) > 0 for row in rows)
    classifier(max_iter=1).fit(X, Y, callbacks=[CSVLogger(path, append=True)])
    lines = path.read_text().splitlines()
    assert len(lines) == 7 and lines[-1].startswith("1,")
    classifier(max_iter=1).fit(X, Y, callbacks=[CSVLogger(path)])
    assert len(path.read_text().splitlines()) == 2


@pytest.mark.parametrize("monitor", [None, "loss", "validation_loss"])
def test_model_checkpoint_keeps_the_best(monitor, tmp_path):
    path = tmp_path / "best.skarma"
    keep = ModelCheckpoint(path, monitor=monitor, restore_best=True)
    model = classifier(max_iter=30, learning_rate_init=0.3)
    model.fit(X, Y, X_val=X[:50], y_val=Y[:50], callbacks=[keep])
    column = model.history_[monitor or "validation_score"]
    best = column.max() if monitor is None else column.min()
    assert keep.best_ == best
    assert keep.best_epoch_ == 1 + (column.argmax() if monitor is None else column.argmin())
    loaded = skarma.load(path)
    np.testing.assert_array_equal(loaded.coefs_[0], model.coefs_[0])
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    stopped = classifier(max_iter=int(keep.best_epoch_), learning_rate_init=0.3).fit(X, Y)
    np.testing.assert_array_equal(stopped.coefs_[0], model.coefs_[0])


def test_what_is_monitored_must_be_there():
    with pytest.raises(ValueError, match="monitor must be None or one of"):
        ModelCheckpoint(monitor="accuracy")
    with pytest.raises(ValueError, match="needs samples for validation"):
        classifier().fit(X, Y, callbacks=[ReduceLROnPlateau("validation_loss")])


def test_reduce_lr_on_plateau_follows_the_schedule_plateau():
    """skarma's own schedule of the same rule, held to torch's by other tests."""
    options = {"solver": "sgd", "max_iter": 40, "learning_rate_init": 0.5, "n_iter_no_change": 99}
    reduce = ReduceLROnPlateau("loss", factor=0.5, patience=2, min_delta=0.05)
    model = classifier(tol=0.05, **options).fit(X, Y, callbacks=[reduce])
    schedule = "plateau(patience=2, factor=0.5)"
    expected = classifier(tol=0.05, learning_rate=schedule, **options).fit(X, Y)
    assert len(set(model.history_["learning_rate"])) > 2
    np.testing.assert_allclose(
        model.history_["learning_rate"], expected.history_["learning_rate"], rtol=1e-12
    )


def test_restore_on_divergence_saves_a_fit_that_would_explode():
    x, y = make_regression(200, 5, random_state=0)
    model = MLPRegressor(
        hidden_layer_sizes=(20,), solver="sgd", learning_rate_init=0.5, momentum=0.0,
        max_iter=200, n_iter_no_change=200, random_state=0,
    )  # fmt: skip
    with pytest.raises(ValueError, match="non-finite parameter weights"):
        model.fit(x, y)
    restore = RestoreOnDivergence()
    model.fit(x, y, callbacks=[restore])
    assert 0 < restore.n_restores_ < 20
    assert model.score(x, y) > 0.5
    rates = model.history_["learning_rate"]
    assert rates[-1] == 0.5 * 0.5**restore.n_restores_


def test_restoring_takes_back_weights_moments_and_steps():
    """Epochs that were taken back leave no trace."""

    class TakeBack(Callback):
        def on_epoch(self, fit):
            if fit.n_iter == 2:
                self.then = fit.checkpoint()
            if fit.n_iter == 4:
                fit.restore(self.then)

    options = {"shuffle": False, "tol": 0.0}
    model = classifier(max_iter=7, **options).fit(X, Y, callbacks=[TakeBack()])
    expected = classifier(max_iter=5, **options).fit(X, Y)
    np.testing.assert_array_equal(model.coefs_[0], expected.coefs_[0])


def test_progress_bar_says_a_line_without_a_terminal(capsys):
    classifier().fit(X, Y, X_val=X, y_val=Y, callbacks=[ProgressBar()])
    out = capsys.readouterr().out
    assert out.startswith("5/5 epochs in ") and "validation loss" in out and out.count("\n") == 1


def test_progress_bar_is_a_live_line_in_a_terminal(monkeypatch, capsys):
    console = pytest.importorskip("rich.console").Console
    live = console(force_terminal=True, width=100)
    monkeypatch.setattr("skarma.callbacks._live_console", lambda: live)
    classifier().fit(X, Y, callbacks=[ProgressBar()])
    out = capsys.readouterr().out
    assert "5/5" in out and "epochs" in out and "loss" in out


def test_live_plot_draws_the_history():
    figure = pytest.importorskip("matplotlib.figure").Figure
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure())
    ax = canvas.figure.subplots()
    model = classifier().fit(X, Y, X_val=X, y_val=Y, callbacks=[LivePlot(ax=ax)])
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), model.loss_curve_)
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), model.validation_loss_curve_)
    assert len(canvas.figure.axes) == 2


def test_the_readme_is_watched_as_it_says(tmp_path, monkeypatch, capsys):
    """README.md's example, with data."""
    pytest.importorskip("matplotlib").use("Agg")
    text = (Path(__file__).parents[2] / "README.md").read_text()
    block = next(b for b in text.split("```python\n")[1:] if b.startswith("from skarma.callbacks"))
    monkeypatch.chdir(tmp_path)
    data = {"X": X[:100], "y": Y[:100], "X_val": X[100:], "y_val": Y[100:]}
    names = {"MLPClassifier": MLPClassifier, "X_new": X, "y_new": Y} | data
    exec(block.partition("```")[0], names)
    assert (tmp_path / "log.csv").exists() and (tmp_path / "best.skarma").exists()
    assert names["model"].summary().n_trained < names["model"].summary().n_parameters


def test_a_first_epoch_that_explodes_is_taken_back_and_the_next_is_good():
    class Fit:
        loss, learning_rate, restored = np.nan, 1.0, 0

        def checkpoint(self):
            return object()

        def restore(self, checkpoint):
            self.restored += 1

    fit, restore = Fit(), RestoreOnDivergence()
    restore.on_begin(fit)
    for loss in (np.nan, np.inf, 5.0, 4.0, 39.0, 41.0):
        restore.on_epoch_begin(fit)
        fit.loss = loss
        restore.on_epoch(fit)
    assert fit.restored == restore.n_restores_ == 3
    assert fit.learning_rate == 0.5**3

"""Callbacks of `skarma.nn`, which watch and steer fits."""

import csv

import numpy as np
import pytest
from nn_networks import compiled, problem

from skarma import nn


class Recorder(nn.Callback):
    def __init__(self):
        self.events = []

    def on_train_begin(self, logs=None):
        self.events.append("begin")

    def on_epoch_begin(self, epoch, logs=None):
        self.events.append(("epoch", epoch))

    def on_epoch_end(self, epoch, logs=None):
        self.events.append((epoch, sorted(logs)))

    def on_train_end(self, logs=None):
        self.events.append("end")


class BatchRecorder(nn.Callback):
    def __init__(self):
        self.batches = []

    def on_train_batch_end(self, batch, logs=None):
        self.batches.append((batch, logs["loss"]))


def test_callbacks_are_told():
    x, y = problem()
    recorder, batches = Recorder(), BatchRecorder()
    model = compiled()
    model.fit(x, y, 32, 2, callbacks=[recorder, batches], verbose=0)
    assert recorder.events == [
        "begin",
        ("epoch", 0),
        (0, ["accuracy", "loss"]),
        ("epoch", 1),
        (1, ["accuracy", "loss"]),
        "end",
    ]
    assert recorder.model is model
    assert [batch for batch, _ in batches.batches] == [0, 1, 0, 1]


class Refuses(nn.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        raise AssertionError("an epoch began")


def test_early_stopping():
    x, y = problem()
    stopping = nn.EarlyStopping("val_loss", patience=3, restore_best_weights=True)
    model = compiled(optimizer=nn.Adam(learning_rate=0.1))
    data = x[40:], y[40:]
    history = model.fit(x[:40], y[:40], 8, 100, 0, [stopping], validation_data=data).history
    losses = history["val_loss"]
    best = int(np.argmin(losses))
    assert len(losses) == best + 4 < 100
    assert stopping.stopped_epoch == best + 3
    assert model.evaluate(*data)[0] == pytest.approx(losses[best], rel=1e-5)
    upward = nn.EarlyStopping("accuracy", patience=1)
    compiled(optimizer=nn.SGD(learning_rate=1e-9)).fit(
        x, y, epochs=50, callbacks=[upward], verbose=0
    )
    assert upward.stopped_epoch == 1
    with pytest.raises(ValueError, match="monitor='val_los' is not measured"):
        model.fit(x, y, callbacks=[nn.EarlyStopping("val_los"), Refuses()], verbose=0)


def test_an_error_in_a_callback_loses_nothing():
    class Broken(nn.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise OSError("full")

    x, y = problem()
    model = compiled()
    before = model.get_weights()
    with pytest.raises(OSError, match="full"):
        model.fit(x, y, callbacks=[Broken()], verbose=0)
    for own, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(own, other)
    model.fit(x, y, verbose=0)


def test_csv_logger(tmp_path):
    x, y = problem()
    path = tmp_path / "log.csv"
    history = compiled().fit(x, y, epochs=3, callbacks=[nn.CSVLogger(path)], verbose=0)
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in rows] == [0, 1, 2]
    assert [float(row["loss"]) for row in rows] == history.history["loss"]
    compiled().fit(x, y, callbacks=[nn.CSVLogger(path, append=True)], verbose=0)
    assert len(path.read_text().splitlines()) == 5

    class Broken(nn.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise OSError("full")

    # After a fit that ended with an error it begins anew.
    logger, model = nn.CSVLogger(tmp_path / "a.csv"), compiled()
    with pytest.raises(OSError, match="full"):
        model.fit(x, y, callbacks=[logger, Broken()], verbose=0)
    logger.filename = tmp_path / "b.csv"
    model.fit(x, y, epochs=2, callbacks=[logger], verbose=0)
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 2
    assert len((tmp_path / "b.csv").read_text().splitlines()) == 3


def test_learning_rate_scheduler():
    x, y = problem()
    rates = []

    def schedule(epoch, rate):
        rates.append(rate)
        return 0.5 * rate

    compiled().fit(x, y, epochs=3, callbacks=[nn.LearningRateScheduler(schedule)], verbose=0)
    assert rates == [0.001, 0.0005, 0.00025]
    still = compiled(optimizer="sgd")
    before = still.get_weights()
    with pytest.raises(ValueError, match="must be positive and finite"):
        still.fit(x, y, callbacks=[nn.LearningRateScheduler(lambda *_: 0.0)], verbose=0)
    np.testing.assert_array_equal(still.get_weights()[0], before[0])


class Asking(nn.Callback):
    """Asks the network what it is now."""

    def __init__(self, x, y):
        self.x, self.y, self.seen, self.refused = x, y, [], 0

    def on_epoch_end(self, epoch, logs=None):
        loss, accuracy = self.model.evaluate(self.x, self.y)
        assert (self.model.predict(self.x).argmax(axis=1) == self.y).mean() == accuracy
        self.seen.append(loss)
        for change in (
            lambda: self.model.set_weights(self.model.get_weights()),
            lambda: self.model.fit(self.x, self.y),
            lambda: self.model.compile("sgd", "sparse_categorical_crossentropy"),
            lambda: self.model.add(nn.Dense(3)),
        ):
            with pytest.raises(RuntimeError, match="cannot be changed while it is being fitted"):
                change()
            self.refused += 1


def test_a_callback_sees_the_network_as_it_is():
    x, y = problem()
    asking, model = Asking(x, y), compiled()
    history = model.fit(x, y, epochs=3, validation_data=(x, y), callbacks=[asking], verbose=0)
    np.testing.assert_allclose(asking.seen, history.history["val_loss"], rtol=1e-6)
    assert asking.refused == 12
    assert model.evaluate(x, y)[0] == asking.seen[-1]


def test_all_callbacks_are_closed():
    class Unclosable(nn.Callback):
        def close(self):
            raise OSError("cannot be closed")

    class Closing(nn.Callback):
        def close(self):
            closed.append(self)

    closed = []
    one, other = Closing(), Closing()
    x, y = problem()
    with pytest.raises(OSError, match="cannot be closed"):
        compiled().fit(x, y, verbose=0, callbacks=[one, Unclosable(), other])
    assert closed == [one, other]


def test_a_callback_freezes_a_layer_for_the_next_fit(tmp_path):
    class Freeze(nn.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.layers[0].trainable = False

    x, y = problem()
    model, same = compiled(), compiled()
    saved = nn.ModelCheckpoint(tmp_path / "net")
    model.fit(x, y, epochs=3, callbacks=[Freeze(), saved], verbose=0)
    same.fit(x, y, epochs=3, verbose=0)
    for own, other in zip(model.get_weights(), same.get_weights(), strict=True):
        np.testing.assert_array_equal(own, other)
    model.fit(x, y, epochs=3, verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], same.get_weights()[0])
    assert (model.get_weights()[2] != same.get_weights()[2]).any()


class Epochs(nn.Callback):
    """Counts those that began."""

    n = 0

    def on_epoch_begin(self, epoch, logs=None):
        self.n += 1


@pytest.mark.parametrize(
    ("name", "options", "error", "message"),
    [
        ("", {}, IsADirectoryError, "Is a directory"),
        ("no/net", {}, FileNotFoundError, "No such file or directory"),
        (
            "{val_loss}",
            {},
            ValueError,
            r"filled in .'val_loss'.: there are epoch, loss",
        ),
        ("{", {}, ValueError, "cannot be filled in"),
        ("{epoch:s}", {}, ValueError, "cannot be filled in"),
        ("{epoch.x}", {}, ValueError, "cannot be filled in"),
        ("{loss:d}", {}, ValueError, "cannot be filled in"),
        ("{}", {}, ValueError, "cannot be filled in"),
        ("net", {"save_best_only": True}, ValueError, "monitor='val_loss' is not measured: this"),
        ("net", {"monitor": "acc", "save_best_only": True}, ValueError, "fit has loss, accuracy"),
        ("x" * 300, {}, OSError, "File name too long"),
    ],
)
def test_a_checkpoint_finds_out_before_the_first_epoch(tmp_path, name, options, error, message):
    x, y = problem()
    epochs = Epochs()
    kept = nn.ModelCheckpoint(f"{tmp_path}/{name}", **options)
    with pytest.raises(error, match=message):
        compiled().fit(x, y, verbose=0, callbacks=[epochs, kept])
    assert epochs.n == 0
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_checkpoint():
    with pytest.raises(ValueError, match="filepath must not be empty"):
        nn.ModelCheckpoint("")
    with pytest.raises(TypeError, match="filepath must be a str or a path of such. Got b'net'"):
        nn.ModelCheckpoint(b"net")
    with pytest.raises(ValueError, match="save_best_only must be a bool. Got 1"):
        nn.ModelCheckpoint("net", "loss", 1)


def test_names_of_checkpoints_have_all_figures(tmp_path):
    x, y = problem()
    name = "{epoch:02d}-{loss:.0e}-{accuracy:.1f}-{val_loss:.0e}-{val_accuracy:.1f}"
    kept = nn.ModelCheckpoint(tmp_path / name)
    compiled().fit(x, y, epochs=2, validation_split=0.2, verbose=0, callbacks=[kept])
    assert sorted(path.name[:3] for path in tmp_path.iterdir()) == ["01-", "02-"]


def test_a_callback_may_come_alone():
    history = nn.History()
    dense_fit = compiled().fit(np.zeros((4, 5)), [0, 1, 2, 0], callbacks=history, verbose=0)
    assert history.history == dense_fit.history

"""`skarma.nn`: networks as lists of layers."""

import copy
import csv
import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

import skarma
from skarma import _native, nn
from skarma.nn.optimizers import _NAMED

TRAJECTORIES = Path(__file__).parent / "trajectories" / "torch_images.json"


def layer_of(entry):
    kind, *arguments = entry
    if kind == "Residual":
        return nn.Residual([layer_of(inner) for inner in arguments[0]])
    arguments = [tuple(a) if isinstance(a, list) else a for a in arguments]
    return getattr(nn, kind)(*arguments)


def torch_cases():
    settings = json.loads(TRAJECTORIES.read_text())
    return [
        pytest.param(settings, case, id=case["layers"][0][0] + str(i))
        for i, case in enumerate(settings["cases"])
    ]


@pytest.mark.parametrize(("settings", "case"), torch_cases())
def test_images_train_as_in_pytorch(settings, case):
    model = nn.Sequential([layer_of(entry) for entry in case["layers"]], dtype="float64")
    model.build(case["input_shape"])
    optimizer = nn.SGD(learning_rate=settings["rate"], momentum=settings["momentum"], nesterov=True)
    model.compile(optimizer, case["loss"])
    model.set_weights(case["start"])
    x, y = np.array(case["x"]), np.array(case["y"])
    history = model.fit(
        x, y, settings["batch"], settings["n_epochs"], verbose=0, shuffle=False
    ).history
    np.testing.assert_allclose(history["loss"], case["losses"], rtol=1e-9)
    np.testing.assert_allclose(model.predict(x), case["outputs"], rtol=1e-9, atol=1e-12)
    for own, theirs in zip(model.get_weights(), case["weights"], strict=True):
        np.testing.assert_allclose(own, theirs, rtol=1e-9, atol=1e-11)


def problem(n=60, n_classes=3):
    random_state = np.random.RandomState(0)
    x = random_state.normal(size=(n, 5))
    return x, np.abs(x[:, :n_classes]).argmax(axis=1)


def dense(**parameters):
    layers = [nn.Dense(8, "relu", input_shape=(5,)), nn.Dense(3, "softmax")]
    return nn.Sequential(layers, random_state=0, **parameters)


def compiled(metrics=("accuracy",), optimizer="adam", **parameters):
    model = dense(**parameters)
    model.compile(optimizer, "sparse_categorical_crossentropy", list(metrics))
    return model


def test_counts_of_well_known_networks():
    """Of the lectures, of LeCun et al. (1998), Krizhevsky et al. (2012), Simonyan (2015)."""
    mnist = nn.Sequential(
        [
            nn.Conv2D(32, (3, 3), activation="relu", input_shape=(28, 28, 1)),
            nn.MaxPool2D((2, 2)),
            nn.Conv2D(32, (3, 3), activation="relu"),
            nn.MaxPool2D((2, 2)),
            nn.Flatten(),
            nn.Dense(64, "relu"),
            nn.Dense(10, "softmax"),
        ]
    )
    assert [line.output_shape[1:] for line in mnist.summary().layers] == [
        (26, 26, 32), (13, 13, 32), (11, 11, 32), (5, 5, 32), (800,), (64,), (10,)
    ]  # fmt: skip
    assert [line.n_params for line in mnist.summary().layers] == [320, 0, 9248, 0, 0, 51264, 650]
    assert mnist.count_params() == 61482
    cifar = nn.Sequential(
        [
            nn.Conv2D(6, (5, 5), activation="relu", input_shape=(32, 32, 3)),
            nn.MaxPool2D(),
            nn.Conv2D(16, (5, 5), activation="relu"),
            nn.MaxPool2D(),
            nn.Flatten(),
            nn.Dense(120, "relu"),
            nn.Dense(84, "relu"),
            nn.Dense(10, "softmax"),
        ]
    )
    counts = [line.n_params for line in cifar.summary().layers if line.n_params]
    assert counts == [456, 2416, 48120, 10164, 850]
    assert cifar.count_params() == 62006


def test_summary_is_a_table():
    text = repr(dense().summary())
    assert text.splitlines()[1:] == [
        "dense_1 (Dense)  (None, 8)          48",
        "dense_2 (Dense)  (None, 3)          27",
        "Total params: 75",
        "Trainable params: 75",
    ]
    normed = nn.Sequential([nn.Dense(4, input_shape=(3,)), nn.BatchNorm(), nn.Dense(1)])
    assert (normed.count_params(), normed.summary().trainable_params) == (37, 29)


def test_history_has_what_keras_has():
    x, y = problem()
    history = compiled().fit(x, y, epochs=3, validation_split=0.25, verbose=0)
    assert list(history.history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert history.epoch == [0, 1, 2]
    assert all(len(column) == 3 for column in history.history.values())
    assert list(compiled(metrics=()).fit(x, y, verbose=0).history) == ["loss"]


def test_accuracy_is_what_batches_came_to():
    """With one batch an epoch it is that of the weights before the epoch."""
    x, y = problem()
    model = compiled()
    for _ in range(3):
        before = model.evaluate(x, y)
        figures = model.fit(x, y, batch_size=len(x), verbose=0).history
        np.testing.assert_allclose([figures["loss"][0], figures["accuracy"][0]], before, rtol=1e-5)
    labels = np.stack([y == 0, y == 1], axis=1).astype(float)
    several = nn.Sequential([nn.Dense(2, "sigmoid", input_shape=(5,))], random_state=0)
    several.compile("adam", "binary_crossentropy", ["accuracy"])
    right = ((several.predict(x) > 0.5) == labels).all(axis=1).mean()
    figures = several.fit(x, labels, batch_size=len(x), verbose=0).history
    assert figures["accuracy"][0] == pytest.approx(right)


def test_of_equal_outputs_the_first_counts():
    model = compiled()
    model.set_weights([np.zeros_like(w) for w in model.get_weights()])
    x, y = np.zeros((30, 5)), np.arange(30) % 3
    assert model.fit(x, y, 30, verbose=0).history["accuracy"] == [pytest.approx(1 / 3)]


def test_validation_split_takes_the_last_samples():
    x, y = problem()
    split = compiled().fit(x, y, epochs=4, validation_split=0.2, verbose=0).history
    data = x[48:], y[48:]
    given = compiled().fit(x[:48], y[:48], epochs=4, validation_data=data, verbose=0).history
    assert split == given
    both = compiled()
    both.fit(x[:48], y[:48], epochs=4, validation_split=0.5, validation_data=data, verbose=0)
    assert both.history.history == given
    model = compiled()
    figures = model.fit(x[:48], y[:48], epochs=2, validation_data=data, verbose=0).history
    np.testing.assert_allclose(
        [figures["val_loss"][-1], figures["val_accuracy"][-1]], model.evaluate(*data), rtol=1e-6
    )


def test_a_second_fit_goes_on():
    x, y = problem()
    at_once, twice = compiled(), compiled()
    expected = at_once.fit(x, y, epochs=6, shuffle=False, verbose=0).history
    first = twice.fit(x, y, epochs=2, shuffle=False, verbose=0).history
    second = twice.fit(x, y, epochs=4, shuffle=False, verbose=0)
    assert first["loss"] + second.history["loss"] == expected["loss"]
    assert second.epoch == [0, 1, 2, 3]
    for own, other in zip(twice.get_weights(), at_once.get_weights(), strict=True):
        np.testing.assert_array_equal(own, other)


def test_seeds_and_types():
    x, y = problem()
    one, same, other = compiled(), compiled(), compiled()
    other = nn.Sequential(other.layers, random_state=1)
    np.testing.assert_array_equal(one.get_weights()[0], same.get_weights()[0])
    assert (one.get_weights()[0] != other.get_weights()[0]).any()
    assert one.predict(x).dtype == np.float32
    assert compiled(dtype="float64").predict(x).dtype == np.float64
    assert one.fit(x, y, epochs=3, verbose=0).history == same.fit(x, y, epochs=3, verbose=0).history


def test_glorots_first_weights():
    model = nn.Sequential([nn.Conv2D(64, (5, 5), input_shape=(9, 9, 8)), nn.Flatten(), nn.Dense(3)])
    coefs, biases, *_ = model.get_weights()
    bound = np.sqrt(6 / (5 * 5 * 8 + 5 * 5 * 64))
    assert coefs.shape == (5, 5, 8, 64)
    assert 0.99 * bound < np.abs(coefs).max() <= bound
    assert not biases.any()


def test_targets_of_each_loss():
    x, y = problem()
    one_hot = dense()
    one_hot.compile("adam", "categorical_crossentropy")
    codes = compiled(metrics=())
    assert (
        one_hot.fit(x, np.eye(3)[y], epochs=2, verbose=0).history
        == codes.fit(x, y[:, np.newaxis], epochs=2, verbose=0).history
    )
    numbers = nn.Sequential([nn.Dense(1, input_shape=(5,))], random_state=0)
    numbers.compile(nn.SGD(), "squared_error")
    assert numbers.fit(x, x[:, 0], epochs=200, verbose=0).history["loss"][-1] < 1e-3
    np.testing.assert_allclose(numbers.predict(x)[:, 0], x[:, 0], atol=0.1)


def test_sample_weights():
    x, y = problem()
    weights = np.where(y == 0, 0.0, 1.0)
    weighted, chosen = compiled(), compiled()
    for model, rows, given in ((weighted, slice(None), weights), (chosen, y != 0, None)):
        model.fit(x[rows], y[rows], 60, 5, shuffle=False, sample_weight=given, verbose=0)
    np.testing.assert_allclose(weighted.predict(x), chosen.predict(x), rtol=1e-4)


def test_a_network_finds_out_its_input_shape():
    x, y = problem()
    model = nn.Sequential([nn.Dense(8, "relu"), nn.Dense(3, "softmax")], random_state=0)
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    with pytest.raises(RuntimeError, match="input_shape, or call build"):
        model.summary()
    assert model.fit(x, y, verbose=0).history == compiled().fit(x, y, verbose=0).history


def test_layers_may_be_added():
    x, y = problem()
    model = nn.Sequential(random_state=0)
    for layer in dense().layers:
        model.add(layer)
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    assert model.fit(x, y, verbose=0).history == compiled().fit(x, y, verbose=0).history


def test_verbose_prints_a_line_an_epoch(capsys):
    x, y = problem()
    compiled().fit(x, y, epochs=2, validation_split=0.5, verbose=2)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" - ")[0] for line in lines] == ["Epoch 1/2", "Epoch 2/2"]
    assert "val_accuracy: " in lines[0]
    compiled().fit(x, y, verbose=0)
    assert capsys.readouterr().out == ""


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


def test_schedules_go_by_epochs():
    x, y = problem()
    by_name = compiled(optimizer=nn.SGD(learning_rate=0.1, schedule="step(every=2, factor=0.1)"))
    by_hand = compiled(optimizer=nn.SGD(learning_rate=0.1))
    rates = nn.LearningRateScheduler(lambda epoch, _: 0.1 * 0.1 ** (epoch // 2))
    one = by_name.fit(x, y, epochs=5, verbose=0).history["loss"]
    other = by_hand.fit(x, y, epochs=5, callbacks=[rates], verbose=0).history["loss"]
    np.testing.assert_allclose(one, other, rtol=1e-6)


def test_a_second_fit_begins_its_schedule_anew():
    x, y = problem()
    model = compiled(optimizer=nn.SGD(learning_rate=0.1, schedule="cosine"))
    rates = []
    watch = nn.LearningRateScheduler(lambda _, rate: rates.append(rate) or rate)
    for _ in range(2):
        model.fit(x, y, epochs=3, callbacks=[watch], verbose=0)
    assert rates[:3] == rates[3:] == pytest.approx([0.1, 0.075, 0.025])


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


def test_threads_may_predict_while_one_fits():
    x, y = problem()
    model = compiled()
    with ThreadPoolExecutor(4) as pool:
        predictions = [pool.submit(lambda: model.predict(x)) for _ in range(50)]
        weights = [pool.submit(model.get_weights) for _ in range(50)]
        fits = [pool.submit(model.fit, x, y, epochs=3, verbose=0) for _ in range(20)]
        for prediction in predictions:
            assert prediction.result().shape == (60, 3)
        assert all(len(future.result()) == 4 for future in weights)
        errors = [fit.exception() for fit in fits]
    assert any(error is None for error in errors)
    for error in errors:
        assert error is None or "being fitted" in str(error)


def test_what_is_no_layer_behind_the_last_activation():
    for nothing in (nn.Dropout(0.0), nn.Activation("linear")):
        model = nn.Sequential([nn.Dense(2, "softmax", input_shape=(3,)), nn.Flatten(), nothing])
        with pytest.raises(ValueError, match="can only be the last"):
            model.get_weights()
        model = nn.Sequential([nn.Dense(2, "softmax", input_shape=(3,)), nothing])
        assert [w.shape for w in model.get_weights()] == [(3, 2), (2,)]
        assert [line.n_params for line in model.summary().layers] == [8, 0]


def test_an_exponential_output():
    x, _ = problem()
    y = np.random.RandomState(0).poisson(np.exp(x[:, 0]))
    model = nn.Sequential([nn.Dense(1, "exponential")], random_state=0)
    model.compile(nn.Adam(learning_rate=0.05), "poisson")
    losses = model.fit(x, y, epochs=100, verbose=0).history["loss"]
    assert losses[-1] < 0.7 * losses[0]
    assert (model.predict(x) > 0).all()
    np.testing.assert_allclose(model.get_weights()[0][0, 0], 1, atol=0.25)


def test_kerass_own_defaults():
    x, y = problem()
    model = nn.Sequential([nn.Dense(np.int64(8), None), nn.Dense(3, "softmax")], random_state=0)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=None)
    model.fit(x, y, batch_size=None, epochs=np.int64(2), callbacks=None, verbose=0)
    model.compile("adam", "sparse_categorical_crossentropy", metrics="accuracy")
    assert len(model.evaluate(x, y)) == 2


def test_shapes_of_images():
    model = nn.Sequential([nn.Flatten(input_shape=(4, 4, 3)), nn.Dense(2)])
    assert model.predict(np.zeros((5, 48))).shape == (5, 2)
    for shape in ((5, 3, 4, 4), (5, 1, 16, 3), (5, 47)):
        with pytest.raises(ValueError, match=r"have the shape \(4, 4, 3\). Got"):
            model.predict(np.zeros(shape))
    with pytest.raises(TypeError, match="Sparse samples are for MLPClassifier"):
        model.predict(csr_matrix((5, 48)))


def test_a_failed_fit_fixes_no_shape():
    x, y = problem()
    model = nn.Sequential([nn.Dense(3, "softmax")], random_state=0)
    model.compile("adam", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match=r"range \[0, 3\)"):
        model.fit(x[:, :2], y + 1, verbose=0)
    assert len(model.fit(x, y, verbose=0).history["loss"]) == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda model, x: model.predict(x),
        lambda model, x: model.features(x, 0),
        lambda model, x: model.evaluate(x, [0] * len(x)),
        lambda model, x: model.fit(x, [0] * len(x), verbose=0),
        lambda model, x: model.fit(x, [0] * len(x), verbose=0, augment=lambda x, g: x[1:]),
    ],
)
def test_what_fails_fixes_no_shape(call):
    x, y = problem()
    model = nn.Sequential([nn.Dense(3, "softmax")], random_state=0)
    model.compile("adam", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="Input X contains NaN"):
        call(model, np.full((3, 7), np.nan))
    assert len(model.fit(x, y, verbose=0).history["loss"]) == 1
    # What is known stays so.
    weights = model.get_weights()[0]
    with pytest.raises(ValueError, match="Input X contains NaN"):
        call(model, np.full((3, 5), np.nan))
    np.testing.assert_array_equal(model.get_weights()[0], weights)


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


def test_every_update_rule_has_an_optimizer():
    assert sorted(_NAMED) == sorted(_native.update_rule_names())
    assert {kind.__name__ for kind in _NAMED.values()} <= set(nn.__all__)


@pytest.mark.parametrize("name", _native.update_rule_names())
def test_every_optimizer_is_kept_and_trains(tmp_path, name):
    x, y = problem()
    model = compiled(optimizer=name)
    losses = model.fit(x, y, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    model.save(tmp_path / "net")
    loaded = skarma.load(tmp_path / "net")
    assert loaded._compiled == model._compiled == (_NAMED[name](), model.loss)
    weights = [m.fit(x, y, verbose=0) and m.get_weights()[0] for m in (model, loaded)]
    np.testing.assert_array_equal(*weights)


def test_copies_and_pickles():
    x, y = problem()
    model = compiled()
    model.fit(x, y, epochs=3, verbose=0)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(other.predict(x), model.predict(x))
        assert other.evaluate(x, y) == model.evaluate(x, y)
        other.fit(x, y, verbose=0)
        assert (other.predict(x) != model.predict(x)).any()


def test_weights_can_be_set():
    x, _ = problem()
    model, other = dense(), nn.Sequential(dense().layers, random_state=7)
    other.set_weights(model.get_weights())
    np.testing.assert_array_equal(other.predict(x), model.predict(x))
    with pytest.raises(ValueError, match="has 4 arrays. Got 1"):
        model.set_weights([np.zeros((5, 8))])
    with pytest.raises(ValueError, match=r"coefs of the shape \(5, 8\) are wanted. Got \(8, 5\)"):
        model.set_weights([w.T for w in model.get_weights()])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.Dense(0)._native(), "units must be an int of at least 1. Got 0"),
        (
            lambda: nn.Dense(3, "rellu")._native(),
            "An activation must be one of 'softmax', 'exp', 'linear'",
        ),
        (lambda: nn.Dropout(1.0)._native(), r"rate of Dropout must be in the range \[0, 1\)"),
        (lambda: nn.Conv2D(3, (3, 0))._native(), "kernel_size must be an int of at least 1. Got 0"),
        (lambda: nn.Conv2D(3, 3, padding="full")._native(), "padding must be 'valid' or 'same'"),
        (lambda: nn.Sequential([nn.Dense(3)], dtype="float16"), "dtype must be"),
        (lambda: nn.Sequential().build((3,)), "A Sequential needs a Dense layer"),
        (lambda: nn.Sequential([nn.Flatten()]).build((2, 2, 1)), "last layer must be a dense one"),
        (
            lambda: nn.Sequential([nn.Dense(3)]).build((2, 2, 1)),
            r"Layer 1: a dense layer reads rows",
        ),
        (lambda: nn.Sequential([nn.Dense(3)]).build((2, 2)), "input_shape must be"),
        (
            lambda: nn.Sequential([nn.Conv2D(3, 5), nn.Flatten(), nn.Dense(3)]).build((4, 6, 1)),
            "Layer 1: a window of 5 x 5 does not fit into an image of 4 x 6",
        ),
        (
            lambda: nn.Sequential([nn.Residual([nn.Dense(3)]), nn.Dense(2)]).build((4,)),
            r"must keep the shape \(1, 1, 4\) that it reads: it makes \(1, 1, 3\)",
        ),
        (
            lambda: nn.Sequential([nn.Dense(3, "softmax"), nn.Dense(2)]).build((4,)),
            "'softmax' and 'exp' can only",
        ),
        (
            lambda: nn.Sequential([nn.Dense(3, "tanh")]).build((4,)),
            "last activation of a Sequential",
        ),
        (lambda: dense().compile("adm"), "optimizer must be one of"),
        (lambda: dense().compile("adam", "mze"), "The 'loss' of Sequential must be one of"),
        (
            lambda: dense().compile("adam", "hinge"),
            "goes with the last activation 'linear', and not with 'softmax'",
        ),
        (lambda: compiled(metrics=["auc"]), "metrics may have 'accuracy' alone"),
        (
            lambda: compiled(optimizer=nn.SGD(learning_rate=0)),
            r"The 'learning_rate' of an optimizer must be in the range \(0, inf\). Got 0",
        ),
        (
            lambda: compiled(optimizer=nn.SGD(learning_rate="0.1")),
            "learning_rate must be a number. Got '0.1'",
        ),
        (lambda: compiled(optimizer=nn.SGD(schedule="cosin")), "There is no schedule 'cosin'"),
        (lambda: nn.Dropout("0.5")._native(), "rate must be a number. Got '0.5'"),
        (lambda: nn.Dense(True)._native(), "units must be an int of at least 1. Got True"),
        (lambda: nn.Conv2D(3, 3.0)._native(), "kernel_size must be an int above 0, or a pair"),
        (lambda: nn.Residual([nn.Dense(3)], input_shape=(3,))._native(), "of its first layer"),
        (lambda: nn.Sequential([nn.Dense(2**40)]).build((2**40,)), "more than any memory can hold"),
        (lambda: compiled().fit([[0.0] * 5], [0], batch_size="32"), "Got '32' instead"),
        (lambda: compiled().fit([[0.0] * 5] * 2, ["0", "1"]), "Targets are numbers"),
        (lambda: compiled().fit(np.zeros((0, 5)), []), r"no samples: their shape is \(0, 5\)"),
        (lambda: compiled().predict(np.zeros((0, 5))), r"no samples: their shape is \(0, 5\)"),
        (
            lambda: compiled().fit([[0.0] * 5] * 2, [0, 1], validation_split=0.99, verbose=0),
            "validation_split=0.99 leaves one part of 2 samples empty",
        ),
        (
            lambda: compiled().fit(
                [[0.0] * 5] * 4, [0] * 4, validation_split=0.5, sample_weight=[1.0] * 5
            ),
            r"sample_weight has the shape \(4,\). Got \(5,\)",
        ),
        (
            lambda: compiled().fit([[0.0] * 5], [3], verbose=0),
            r"range \[0, 3\) of the outputs. Got 3",
        ),
        (lambda: compiled().fit([[0.0] * 5], [0.5], verbose=0), "are class numbers from 0"),
        (lambda: compiled().fit([[0.0] * 5] * 2, [0], verbose=0), "2 samples and 1 targets"),
        (lambda: compiled().fit([[np.nan] * 5], [0], verbose=0), "Input X contains NaN"),
        (
            lambda: compiled().fit([[0.0] * 4], [0], verbose=0),
            r"have the shape \(5,\). Got \(4,\)",
        ),
        (lambda: compiled().fit([0.0] * 5, [0], verbose=0), r"Got \(5,\) instead"),
        (lambda: compiled().fit([["a"] * 5], [0], verbose=0), "Samples are numbers"),
        (
            lambda: compiled().fit([[0.0] * 5], [0], epochs=0, verbose=0),
            "epochs must be an int of at least 1. Got 0",
        ),
        (
            lambda: compiled().fit([[0.0] * 5], [0], batch_size=0, verbose=0),
            "batch_size must be an int of at least 1. Got 0",
        ),
        (
            lambda: compiled().fit([[0.0] * 5] * 2, [0, 1], validation_split=1.5, verbose=0),
            "validation_split must be",
        ),
        (
            lambda: compiled().fit([[0.0] * 5], [0], validation_data=([[0.0] * 5],), verbose=0),
            "validation_data is a pair of samples and targets",
        ),
        (
            lambda: compiled().fit([[0.0] * 5], [0], validation_data=np.zeros((2, 5)), verbose=0),
            "validation_data is a pair of samples and targets. Got ndarray",
        ),
        (
            lambda: nn.Sequential([nn.Dense(1)], random_state="zero"),
            "random_state must be an int of at least 0. Got 'zero'",
        ),
        (
            lambda: nn.Sequential(random_state=2**32),
            "random_state must be an int of at most 4294967295. Got 4294967296 instead",
        ),
        (
            lambda: compiled().fit([[0.0] * 5], [0], batch_size=2**31),
            "batch_size must be an int of at most 2147483647. Got 2147483648",
        ),
        (
            lambda: compiled().fit([[0.0] * 5], [0], epochs=2**40),
            "epochs must be an int of at most 2147483647. Got 1099511627776",
        ),
        (lambda: nn.Dense(2**63)._native(), "units must be an int of at most 9223372036854775807"),
        (lambda: nn.Sequential(n_threads="a"), "n_threads must be an int of at least 1. Got 'a'"),
        (lambda: setattr(dense(), "n_threads", 0), "n_threads must be an int of at least 1. Got 0"),
        (lambda: nn.Sequential(n_threads=2**31), "n_threads must be an int of at most 2147483647"),
        (lambda: nn.Sequential().n_outputs, "needs a Dense layer"),
        (lambda: nn.Sequential().features(np.zeros((1, 5))), "no layers"),
        (lambda: compiled().fit([[0.0] * 5], np.zeros((1, 0))), r"Got \(1, 0\) instead"),
        (lambda: compiled().fit([[0.0] * 5], [np.nan]), "are class numbers from 0"),
        (
            lambda: compiled().fit([[0.0] * 5], np.array([2**63 + 1], dtype=np.uint64)),
            "are class numbers from 0",
        ),
        (
            lambda: compiled().fit([[0.0] * 5] * 2, [0, 1], validation_split="0.2"),
            "validation_split must be a number. Got '0.2'",
        ),
        (
            lambda: dense().set_weights([w * 1j for w in dense().get_weights()]),
            "Weights are numbers. Got an array of complex",
        ),
    ],
)
def test_wrong_inputs(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_one_hot_targets_are_checked():
    model = dense()
    model.compile("adam", "categorical_crossentropy")
    with pytest.raises(ValueError, match="Row 1 of the targets is not 1 for one class"):
        model.fit(np.zeros((2, 5)), [[1, 0, 0], [0.5, 0.5, 0]], verbose=0)
    with pytest.raises(ValueError, match="for class numbers there is 'sparse_categorical"):
        model.fit(np.zeros((2, 5)), [0, 1], verbose=0)
    with pytest.raises(RuntimeError, match="not compiled yet"):
        dense().fit(np.zeros((2, 5)), [0, 1])
    with pytest.raises(TypeError, match="A layer of skarma.nn is wanted"):
        nn.Sequential([32])
    with pytest.raises(TypeError, match="A list of layers is wanted"):
        nn.Sequential(nn.Dense(1))
    with pytest.raises(TypeError, match="A list of layers is wanted"):
        nn.Sequential([nn.Residual(nn.Dense(1))])
    with pytest.raises(TypeError, match="A layer of skarma.nn is wanted. Got 3"):
        nn.Sequential([nn.Residual([3])])


def test_a_callback_may_come_alone():
    history = nn.History()
    dense_fit = compiled().fit(np.zeros((4, 5)), [0, 1, 2, 0], callbacks=history, verbose=0)
    assert history.history == dense_fit.history


def test_threads_change_no_bit():
    random_state = np.random.RandomState(0)
    x, y = random_state.normal(size=(64, 12, 12, 3)), random_state.randint(2, size=64)
    layers = [
        nn.Conv2D(16, 3, activation="relu"),
        nn.MaxPool2D(),
        nn.Flatten(),
        nn.Dense(2, "softmax"),
    ]
    weights = []
    for n_threads in (1, 2):
        model = nn.Sequential(layers, random_state=0, n_threads=n_threads)
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(x, y, epochs=2, verbose=0)
        weights.append(np.concatenate([w.ravel() for w in model.get_weights()]))
    np.testing.assert_array_equal(*weights)


KERAS_LOSSES = [
    ("mean_squared_error", "linear"),
    ("mse", "linear"),
    ("mean_absolute_error", "linear"),
    ("mae", "linear"),
    ("huber", "linear"),
    ("huber(0.5)", "linear"),
    ("log_cosh", "linear"),
    ("poisson", "exponential"),
    ("binary_crossentropy", "sigmoid"),
    ("quantile(0.2, 0.5, 0.9)", "linear"),
]


@pytest.mark.parametrize(("loss", "activation"), KERAS_LOSSES)
def test_a_step_goes_by_the_loss_that_is_told(loss, activation):
    """Where it is averaged over several outputs, too: by central differences of the loss."""
    random = np.random.RandomState(0)
    x, y = random.normal(size=(30, 3)), random.randint(0, 2, size=(30, 3)).astype(float)
    if loss.startswith("quantile"):
        y = y[:, :1] + random.normal(size=(30, 1))
    model = nn.Sequential([nn.Dense(3, activation, input_shape=(3,))], dtype="float64")
    model.compile(nn.SGD(learning_rate=0.5), loss)
    weights = [random.normal(size=(3, 3)), random.normal(size=3)]
    slopes = []
    for k, array in enumerate(weights):
        slope = np.empty_like(array)
        for place in np.ndindex(array.shape):
            losses = []
            for change in (1e-6, -1e-6):
                moved = [w.copy() for w in weights]
                moved[k][place] += change
                model.set_weights(moved)
                losses.append(model.evaluate(x, y))
            slope[place] = (losses[0] - losses[1]) / 2e-6
        slopes.append(slope)
    model.set_weights(weights)
    model.fit(x, y, batch_size=30, epochs=1, verbose=0)
    for after, before, slope in zip(model.get_weights(), weights, slopes, strict=True):
        np.testing.assert_allclose((before - after) / 0.5, slope, atol=1e-7)


def test_losses_are_those_of_keras():
    """By their definitions in its documentation, means over outputs."""
    random = np.random.RandomState(0)
    x, y = random.normal(size=(20, 2)), random.normal(size=(20, 3))
    labels = (y > 0).astype(float)
    model = nn.Sequential([nn.Dense(3, input_shape=(2,))], dtype="float64", random_state=0)
    outputs = model.predict(x)
    distance = np.abs(y - outputs)
    expected = {
        "mse": distance**2,
        "mae": distance,
        "huber": np.where(distance <= 1, distance**2 / 2, distance - 0.5),
        "log_cosh": np.log(np.cosh(distance)),
    }
    for loss, values in expected.items():
        model.compile("sgd", loss)
        assert model.evaluate(x, y) == pytest.approx(values.mean(), rel=1e-12)
    coefs = model.get_weights()
    model = nn.Sequential([nn.Dense(3, "sigmoid", input_shape=(2,))], dtype="float64")
    model.set_weights(coefs)
    model.compile("sgd", "binary_crossentropy")
    p = model.predict(x)
    entropy = -labels * np.log(p) - (1 - labels) * np.log(1 - p)
    assert model.evaluate(x, labels) == pytest.approx(entropy.mean(), rel=1e-12)


def test_quantiles_do_not_cross():
    x = np.linspace(-1, 1, 200)[:, np.newaxis]
    y = x[:, 0] + np.random.RandomState(0).normal(size=200)
    model = nn.Sequential([nn.Dense(8, "tanh"), nn.Dense(2)], random_state=0)
    model.compile(nn.Adam(learning_rate=0.05), "quantile(0.1, 0.9)")
    model.fit(x, y, epochs=40, verbose=0)
    low, high = model.predict(x).T
    assert (low < high).all()
    assert 0.7 < ((low < y) & (y < high)).mean() < 0.9
    for wrong in ("quantile(0.9, 0.1)", "quantile()", "quantile(0.5, 1)", "quantile(0.1; 0.5)"):
        with pytest.raises(ValueError, match="levels between 0 and 1, in rising order"):
            model.compile("adam", wrong)
    with pytest.raises(ValueError, match="has 3 quantiles, and the last layer 2 outputs"):
        model.compile("adam", "quantile(0.1, 0.5, 0.9)")

"""`skarma.nn`: networks as lists of layers."""

import copy
import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from nn_networks import compiled, dense, problem
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

"""Networks of `skarma.nn` in model files; other last layers, and frozen ones."""

import copy
import pickle

import numpy as np
import pytest

import skarma
from skarma import nn


def every_layer(**parameters):
    block = nn.Residual([nn.Conv2D(4, 1, activation="tanh"), nn.LayerNorm(), nn.Dropout(0.1)])
    layers = [
        nn.Rescale(0.5, 0.25, input_shape=(6, 6, 1)),
        nn.Conv2D(4, (3, 2), strides=(1, 2), padding="same", activation="leaky_relu(0.2)"),
        nn.BatchNorm(),
        nn.Activation("gelu"),
        block,
        nn.MaxPool2D(2, strides=1),
        nn.AveragePool2D((2, 1)),
        nn.GlobalAveragePool2D(),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Dense(8, "swish"),
        nn.LayerNorm(),
        nn.Dense(3),
        nn.Activation("softmax"),
    ]
    return nn.Sequential(layers, random_state=0, **parameters)


@pytest.fixture
def data():
    return np.random.RandomState(0).normal(size=(60, 6, 6, 1)), np.arange(60) % 3


def trained(data, optimizer="adam", **parameters):
    model = every_layer(**parameters)
    model.compile(optimizer, "sparse_categorical_crossentropy", ["accuracy"])
    model.fit(*data, epochs=3, verbose=0)
    return model


def of_file(model, folder):
    skarma.save(model, folder / "net.skarma")
    return skarma.load(folder / "net.skarma")


OPTIMIZERS = [
    nn.SGD(learning_rate=0.1, momentum=0.9, nesterov=True),
    nn.AdamW(learning_rate=0.01, schedule="cosine(warmup=2)", weight_decay=0.1),
    nn.Adadelta(rho=0.8),
    nn.Nadam(beta_1=0.8),
    nn.Lion(),
    nn.RMSprop(rho=0.7),
    nn.Adagrad(learning_rate=0.1),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: type(o).__name__)
def test_training_goes_on_as_if_nothing_had_happened(data, tmp_path, optimizer, dtype):
    model = trained(data, optimizer, dtype=dtype)
    others = [
        of_file(model, tmp_path),
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
    ]
    outputs = model.predict(data[0])
    for other in others:
        assert other.dtype == dtype and other.random_state == 0
        assert np.array_equal(other.predict(data[0]), outputs)
    expected = model.fit(*data, epochs=2, verbose=0).history
    assert set(expected) == {"loss", "accuracy"}
    for other in others:
        assert other.fit(*data, epochs=2, verbose=0).history == expected
        for mine, its in zip(model.get_weights(), other.get_weights(), strict=True):
            assert np.array_equal(mine, its)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: type(o).__name__)
def test_a_loaded_network_is_compiled_as_it_was(tmp_path, optimizer):
    model = every_layer()
    model.compile(optimizer, "categorical_crossentropy")
    other = of_file(model, tmp_path)
    assert other._compiled == (optimizer, "categorical_crossentropy")


def test_a_loaded_network_has_the_same_layers(tmp_path):
    model = every_layer()
    model.layers[1].trainable = model.layers[4].trainable = False
    other = of_file(model, tmp_path)
    assert str(other.summary()) == str(model.summary())
    for mine, its in zip(model.layers, other.layers, strict=True):
        assert type(mine) is type(its) and mine.trainable == its.trainable
        for name in set(vars(mine)) - {"layers", "strides", "pool_size", "kernel_size"}:
            assert getattr(mine, name) == getattr(its, name), name
    assert [type(layer) for layer in other.layers[4].layers] == [
        nn.Conv2D,
        nn.LayerNorm,
        nn.Dropout,
    ]
    assert other.loss is None
    with pytest.raises(RuntimeError, match="not compiled"):
        other.fit(np.zeros((2, 6, 6, 1)), [0, 1])


def test_what_cannot_be_saved_or_loaded(tmp_path):
    with pytest.raises(RuntimeError, match="has no weights yet"):
        nn.Sequential([nn.Dense(3)]).save(tmp_path / "net.skarma")
    with pytest.raises(FileNotFoundError):
        every_layer().save(tmp_path / "no" / "net.skarma")
    (tmp_path / "net.skarma").write_bytes(b"nothing")
    with pytest.raises(RuntimeError, match="is not a safetensors file"):
        skarma.load(tmp_path / "net.skarma")
    assert [path.name for path in tmp_path.iterdir()] == ["net.skarma"]


def test_fine_tuning_as_keras_users_know_it(data, tmp_path):
    x, y = data
    model = of_file(trained(data), tmp_path)
    before = model.get_weights()
    for layer in model.layers[:-2]:
        layer.trainable = False
    model.pop()
    assert model.pop() == nn.Dense(3)
    model.add(nn.Dense(2, "softmax"))
    assert model.summary().trainable_params == 8 * 2 + 2
    model.compile("adam", "sparse_categorical_crossentropy")
    loss = model.evaluate(x, y % 2)
    model.fit(x, y % 2, epochs=20, verbose=0)
    assert model.evaluate(x, y % 2) < loss
    after = model.get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(before[:-2], after[:-2], strict=True))
    assert after[-2].shape == (8, 2) and after[-2].any()
    # All of it once more, from there.
    for layer in model.layers:
        layer.trainable = True
    model.fit(x, y % 2, epochs=1, verbose=0)
    assert not any(np.array_equal(a, b) for a, b in zip(after, model.get_weights(), strict=True))


def test_another_last_activation_has_to_be_compiled_anew(data):
    model = trained(data)
    model.pop()
    model.pop()
    model.add(nn.Dense(1))
    with pytest.raises(RuntimeError, match="not compiled"):
        model.fit(*data)
    assert model.predict(data[0]).shape == (60, 1)
    model.compile("adam", "squared_error")
    model.fit(*data, verbose=0)


def test_a_network_without_an_end_says_so_until_it_has_one(data):
    model = trained(data)
    weights = model.get_weights()
    for _ in range(5):
        model.pop()
    with pytest.raises(ValueError, match="last layer must be a dense one"):
        model.predict(data[0])
    model.add(nn.Dense(2))
    assert np.array_equal(model.get_weights()[0], weights[0])
    with pytest.raises(ValueError, match="no layer to take away"):
        nn.Sequential().pop()


def test_layers_do_not_change_but_for_trainable():
    layer = nn.Dense(3)
    with pytest.raises(AttributeError, match="units of a layer does not change"):
        layer.units = 5
    layer.trainable = False
    assert layer == nn.Dense(3)
    model = nn.Sequential([layer])
    model.layers.clear()  # a list of its own
    assert model.layers == [layer]


def test_nothing_trainable_is_an_error(data):
    model = trained(data)
    for layer in model.layers:
        layer.trainable = False
    with pytest.raises(ValueError, match="No layer is trainable"):
        model.fit(*data, verbose=0)


def test_a_frozen_block_and_one_with_a_frozen_layer(data):
    block = nn.Residual([nn.Dense(36), nn.LayerNorm(trainable=False)])
    model = nn.Sequential([nn.Flatten(), block, nn.Dense(3, "softmax")], random_state=0)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(*data, verbose=0)
    norm = [model.get_weights()[k] for k in (2, 3)]
    assert np.array_equal(norm[0], np.ones(36)) and not norm[1].any()
    block.trainable = False
    before = model.get_weights()
    model.fit(*data, verbose=0)
    same = [np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)]
    assert same == [True, True, True, True, False, False]


def test_features(data):
    x, _ = data
    model = trained(data, dtype="float64")
    shapes = [model.features(x, i).shape[1:] for i in range(len(model.layers))]
    assert shapes == [line.output_shape[1:] for line in model.summary().layers]
    assert np.array_equal(model.features(x, -1), model.predict(x))
    assert np.array_equal(model.features(x, 0), x * 0.5 + 0.25)
    last = model.features(x)
    coefs, intercepts = model.get_weights()[-2:]
    scores = np.exp(model.features(x, -3) @ coefs + intercepts)
    np.testing.assert_allclose(scores / scores.sum(axis=1, keepdims=True), model.predict(x))
    np.testing.assert_allclose(last, model.features(x, -3) @ coefs + intercepts)
    for wrong in (14, -15, 1.5, "dense"):
        with pytest.raises(ValueError, match="layer must be an int from -14 to 13"):
            model.features(x, wrong)


def test_checkpoints(data, tmp_path):
    x, y = data
    model = every_layer()
    model.compile(nn.Adam(learning_rate=0.05), "sparse_categorical_crossentropy", ["accuracy"])
    each = nn.ModelCheckpoint(tmp_path / "{epoch:02d}-{val_loss:.3f}.skarma")
    best = nn.ModelCheckpoint(tmp_path / "best.skarma", save_best_only=True)
    most = nn.ModelCheckpoint(tmp_path / "most.skarma", "val_accuracy", save_best_only=True)
    losses = model.fit(
        x, y, epochs=6, validation_split=0.3, callbacks=[each, best, most], verbose=0
    ).history
    names = [f"{i + 1:02d}-{loss:.3f}.skarma" for i, loss in enumerate(losses["val_loss"])]
    assert sorted(p.name for p in tmp_path.iterdir()) == [*names, "best.skarma", "most.skarma"]
    for name, number in [("best.skarma", np.argmin(losses["val_loss"]))] + [
        ("most.skarma", np.argmax(losses["val_accuracy"]))
    ]:
        kept = skarma.load(tmp_path / name)
        loss, accuracy = kept.evaluate(x[42:], y[42:])
        assert loss == pytest.approx(losses["val_loss"][number], rel=1e-6)
        assert accuracy == pytest.approx(losses["val_accuracy"][number])
    last = skarma.load(tmp_path / names[-1])
    assert np.array_equal(last.predict(x), model.predict(x))


def test_checkpoints_that_cannot_be_written(data, tmp_path):
    model = every_layer()
    model.compile("adam", "sparse_categorical_crossentropy")
    before = model.get_weights()
    with pytest.raises(FileNotFoundError):
        model.fit(*data, callbacks=[nn.ModelCheckpoint(tmp_path / "no" / "a")], verbose=0)
    with pytest.raises(ValueError, match="cannot be filled in .*there are epoch, loss"):
        model.fit(*data, callbacks=[nn.ModelCheckpoint(tmp_path / "{vall_loss}")], verbose=0)
    with pytest.raises(ValueError, match="monitor='val_loss' is not measured"):
        kept = nn.ModelCheckpoint(tmp_path / "a", save_best_only=True)
        model.fit(*data, callbacks=[kept], verbose=0)
    assert not list(tmp_path.iterdir())
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))

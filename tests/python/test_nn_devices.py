"""`device` of nn's networks. test_cuda_host.py has what the CUDA engine makes of them."""

import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from plugins import CPU_PLUGIN, needs_plugins
from sklearn.base import clone

import skarma
from skarma import nn

X = np.random.default_rng(0).normal(size=(40, 4, 4, 1)).astype(np.float32)
Y = np.arange(40) % 3
LOSS = "sparse_categorical_crossentropy"


def network(filters=2):
    layers = [nn.Conv2D(filters, 2, activation="tanh"), nn.Flatten(), nn.Dense(3, "softmax")]
    return nn.Sequential(layers, random_state=0, dtype="float64")


def compiled(device):
    model = network()
    model.compile("adam", LOSS, device=device)
    return model


def test_the_device_reference_has_the_processors_numbers():
    reference, cpu = compiled("reference"), compiled("cpu")
    for model in (reference, cpu):
        model.fit(X, Y, epochs=2, verbose=0)
    np.testing.assert_allclose(reference.predict(X), cpu.predict(X), rtol=1e-9)
    assert not np.array_equal(reference.predict(X), cpu.predict(X)), "it was computed elsewhere"
    np.testing.assert_allclose(reference.evaluate(X, Y), cpu.evaluate(X, Y), rtol=1e-9)


def test_a_device_that_is_not_there():
    model = compiled("cuda:99")
    with pytest.raises(skarma.DeviceError, match="device='cuda:99' cannot be used here"):
        model.fit(X, Y, verbose=0)
    there = compiled("cpu")
    there.build(X.shape[1:])
    np.testing.assert_array_equal(model.predict(X), there.predict(X))


def test_names_of_devices():
    model = compiled("reference")
    for wrong, message in (
        ("gpu", "The 'device' of Sequential must be one of 'cpu', 'cuda', .* Got 'gpu' instead"),
        (0, "device must be a str. Got 0 instead"),
    ):
        with pytest.raises(ValueError, match=message):
            model.device = wrong
        with pytest.raises(ValueError, match=message):
            model.compile("adam", LOSS, device=wrong)
    with pytest.raises(ValueError, match="goes with the last activation"):
        model.compile("adam", "hinge", device="auto")
    assert model.device == "reference"
    model.compile("adam", LOSS)
    assert model.device == "reference", "nothing was said of it"
    model.compile("adam", LOSS, device="cpu")
    assert model.device == "cpu"
    assert compiled(None).device == "cpu"


def test_the_device_is_kept(tmp_path):
    model = compiled("reference")
    model.fit(X, Y, verbose=0)
    model.save(tmp_path / "net")
    assert pickle.loads(pickle.dumps(model)).device == "reference"
    loaded = skarma.load(tmp_path / "net")
    assert loaded.device == "reference"
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    loaded.compile("sgd", LOSS)
    assert loaded.device == "reference"
    loaded.device = "cpu"
    assert not np.array_equal(loaded.predict(X), model.predict(X))


def test_estimators_tell_their_networks():
    def build(filters=2):
        model = network(filters)
        model.compile("adam", LOSS, device="reference")
        return model

    assert nn.Classifier(build).fit(X, Y).model_.device == "reference"
    classifier = clone(nn.Classifier(build, device="cpu"))
    assert classifier.get_params()["device"] == "cpu"
    assert classifier.fit(X, Y).model_.device == "cpu"
    with pytest.raises(skarma.DeviceError):
        classifier.set_params(device="cuda:99").fit(X, Y)


#: Of a size that 'auto' gives to a GPU. What is augmented is not.
AUTO = """
import numpy as np
from skarma import nn
x = np.random.RandomState(0).normal(size=(512, 16, 16, 4)).astype(np.float32)
model = nn.Sequential([nn.Conv2D(32, 3, activation="relu"), nn.Flatten(), nn.Dense(3, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy", device="auto")
y = np.arange(512) % 3
model.fit(x, y, 256, verbose=0)
model.fit(x, y, 256, verbose=0, augment=nn.RandomFlip())
try:
    model.compile("adam", "sparse_categorical_crossentropy", device="cuda")
    model.fit(x, y, 256, verbose=0, augment=nn.RandomFlip())
except ValueError as error:
    print(error)
"""


@needs_plugins
def test_auto_leaves_to_the_processor_what_no_other_device_does():
    done = subprocess.run(
        [sys.executable, "-c", AUTO],
        env=os.environ | {"SKARMA_GPU_PLUGIN": str(CPU_PLUGIN)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("Samples are augmented on this processor alone"), done.stderr

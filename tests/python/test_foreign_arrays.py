"""Arrays of other libraries train as NumPy's do, and get predictions of their own kind."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from foreign_arrays import (
    CPU,
    LIBRARIES,
    CupyArray,
    DerivedCupyArray,
    GpuArray,
    NamelessArray,
    OldGpuArray,
    PinnedArray,
    TextArray,
    UnreachableArray,
    back,
    cupy_module,
    library,
)
from scipy.sparse import csr_matrix, issparse
from sklearn.base import clone
from sklearn.datasets import load_iris
from test_samples import Recorder, RecordingRegressor

import skarma
from skarma._foreign_arrays import on_host

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

WRONG_INPUTS = Path(__file__).parents[2] / "docs" / "wrong_inputs.md"
X, Y = load_iris(return_X_y=True)
X32 = X.astype(np.float32)
NUMBERS = X[:, 0]
WEIGHTS = np.linspace(0.5, 2.0, len(X))
SMALL = {"hidden_layer_sizes": (5,), "max_iter": 5, "random_state": 0}
CLASSIFIER, REGRESSOR = skarma.MLPClassifier(**SMALL), skarma.MLPRegressor(**SMALL)


def assert_same(found, expected):
    for ours, theirs in zip(found.coefs_, expected.coefs_, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert found.loss_ == expected.loss_


@pytest.fixture(params=LIBRARIES)
def of(request):
    return library(request.param)


@pytest.fixture
def torch():
    library("torch")
    return sys.modules["torch"]


@pytest.mark.parametrize("y", [Y, NUMBERS, np.c_[NUMBERS, -NUMBERS]], ids=["labels", "1", "2"])
def test_they_train_as_numpys(of, y):
    network = clone(CLASSIFIER if y is Y else REGRESSOR)
    for method in ("fit", "partial_fit"):
        expected, found = clone(network), clone(network)
        # JAX makes 32 bits of 64.
        seen = back(of(y)), back(of(WEIGHTS))
        classes = {"classes": Y} if y is Y and method == "partial_fit" else {}
        getattr(expected, method)(X32, seen[0], seen[1], **classes)
        foreign_classes = {name: of(labels) for name, labels in classes.items()}
        getattr(found, method)(of(X32), of(y), of(WEIGHTS), **foreign_classes)
        assert_same(found, expected)
        assert found.score(of(X32), of(y), of(WEIGHTS)) == expected.score(X32, *seen)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_predictions_are_of_the_kind_of_the_samples(of, dtype):
    samples = of(X.astype(dtype))
    host = back(samples)
    classifier, regressor = clone(CLASSIFIER).fit(host, Y), clone(REGRESSOR).fit(host, NUMBERS)
    for method in (
        classifier.predict,
        classifier.predict_proba,
        classifier.predict_log_proba,
        regressor.predict,
    ):
        found, expected = method(samples), method(host)
        assert type(found) is type(samples)
        assert found.device == samples.device
        assert back(found).dtype == back(of(expected)).dtype
        np.testing.assert_array_equal(back(found), expected)
        assert type(expected) is np.ndarray


@pytest.mark.parametrize("name", ["array_api_strict", "torch", "jax"])
def test_samples_in_this_processors_memory_are_not_copied(name):
    samples = library(name)(X32)
    model = RecordingRegressor(**SMALL).fit(samples, NUMBERS)
    model.predict(samples)
    for seen in (Recorder.fitted_on, Recorder.predicted_on):
        assert np.shares_memory(seen, np.from_dlpack(samples))


def test_pinned_memory_is_not_copied():
    samples = PinnedArray(X)
    assert np.shares_memory(on_host(samples, "X"), samples.values)


class Half:
    """DLPack's protocol by halves, as TensorFlow's."""

    def __dlpack__(self, **options):
        raise AssertionError("asked for a capsule")


class OtherHalf:
    def __dlpack_device__(self):
        raise AssertionError("asked for a device")


class OwnArray(np.ndarray):
    """NumPy's, too."""


@pytest.mark.parametrize("array", [Half(), OtherHalf(), X.view(OwnArray), [[1.0]], None], ids=repr)
def test_what_is_no_array_of_another_library_stays_what_it_is(array):
    assert on_host(array, "X") is array


@pytest.mark.parametrize("device", [(2, 0), (2, 1), (13, 0)])
def test_samples_on_a_gpu_are_copied_once(device):
    samples, targets = GpuArray(X, device), GpuArray(Y, device)
    model = clone(CLASSIFIER).fit(samples, targets)
    assert samples.asked == targets.asked == [(CPU, True)]
    assert model.predict(samples).device == device
    assert samples.asked == 2 * [(CPU, True)]


@pytest.mark.parametrize("kind", [CupyArray, DerivedCupyArray])
def test_cupys_arrays_come_and_go_by_cupy(monkeypatch, kind):
    monkeypatch.setitem(sys.modules, "cupy", cupy_module())
    samples = kind(X)
    model = clone(CLASSIFIER).fit(samples, kind(Y))
    found = model.predict_proba(samples)
    assert type(found) is CupyArray
    assert found.device is samples.device
    np.testing.assert_array_equal(found.values, model.predict_proba(X))


def test_a_library_without_an_array_api_gets_numpys_arrays():
    found = clone(CLASSIFIER).fit(X, Y).predict(NamelessArray(X))
    assert type(found) is np.ndarray


def test_targets_alone_may_be_of_another_library():
    model = clone(CLASSIFIER).fit(X, GpuArray(Y))
    assert_same(model, clone(CLASSIFIER).fit(X, Y))
    assert model.score(X, GpuArray(Y)) == model.score(X, Y)
    assert type(model.predict(X)) is np.ndarray


def message_about(name):
    """What docs/wrong_inputs.md says of it."""
    rows = (line.split(" | ") for line in WRONG_INPUTS.read_text(encoding="utf-8").splitlines())
    return next(row[2].strip("`| ") for row in rows if row[0] == f"| `{name}` on such a device")


@pytest.mark.parametrize("name", ["X", "y", "sample_weight"])
def test_what_cannot_be_copied_is_refused_by_its_name(name):
    data = {"X": X, "y": Y, "sample_weight": WEIGHTS}
    data[name] = UnreachableArray(data[name])
    model = clone(CLASSIFIER).fit(X, Y)
    for method in (model.fit, model.partial_fit, model.score):
        with pytest.raises(TypeError) as error:
            method(**data)
        assert str(error.value) == message_about(name)


def test_samples_that_cannot_be_copied_are_refused_in_predictions():
    model = clone(CLASSIFIER).fit(X, Y)
    for method in (model.predict, model.predict_proba, model.predict_log_proba):
        with pytest.raises(TypeError) as error:
            method(UnreachableArray(X))
        assert str(error.value) == message_about("X")


# ---- labels


def test_the_attributes_are_numpys():
    model = clone(CLASSIFIER).fit(GpuArray(X), GpuArray(Y))
    assert type(model.classes_) is np.ndarray
    assert all(type(array) is np.ndarray for array in model.coefs_)


def test_labels_that_are_no_numbers_stay_in_numpys_arrays(of):
    names = np.array(["a", "b", "c"])
    model = clone(CLASSIFIER).fit(of(X), names[Y])
    labels = model.predict(of(X))
    assert type(labels) is np.ndarray
    assert set(labels) <= set(names)
    assert type(model.predict_proba(of(X))) is type(of(X))


@pytest.mark.parametrize("refusal", [BufferError, RuntimeError, TypeError, ValueError])
def test_labels_that_numpy_alone_can_take_are_taken(monkeypatch, refusal):
    monkeypatch.setattr(TextArray, "refusal", refusal)
    names = np.array(["a", "b", "c"])[Y]
    assert_same(clone(CLASSIFIER).fit(X, TextArray(names)), clone(CLASSIFIER).fit(X, names))


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int16", "float32"])
def test_labels_keep_their_type(of, dtype):
    labels = (Y > 0).astype(dtype)
    found = clone(CLASSIFIER).fit(X, labels).predict(of(X))
    assert type(found) is type(of(X))
    assert back(found).dtype == labels.dtype


def test_several_labels_at_once():
    labels = np.eye(3, dtype=int)[Y]
    model = clone(CLASSIFIER).fit(GpuArray(X), GpuArray(labels))
    assert_same(model, clone(CLASSIFIER).fit(X, labels))
    np.testing.assert_array_equal(model.predict(GpuArray(X)).values, model.predict(X))
    assert issparse(clone(CLASSIFIER).fit(X, csr_matrix(labels)).predict(GpuArray(X)))


# ---- subclasses


class OfScikitLearn(skarma.MLPClassifier):
    """Trained and computed by scikit-learn's code."""

    def _backprop(self, X, *arguments, **options):
        return super()._backprop(X, *arguments, **options)

    def _forward_pass_fast(self, X, check_input=True):
        return super()._forward_pass_fast(X, check_input)


def test_scikit_learns_code_gets_numpys_arrays():
    found = OfScikitLearn(**SMALL).fit(GpuArray(X), GpuArray(Y), GpuArray(WEIGHTS))
    expected = OfScikitLearn(**SMALL).fit(X, Y, WEIGHTS)
    assert_same(found, expected)
    for method in ("predict", "predict_proba"):
        outputs = getattr(found, method)(GpuArray(X))
        np.testing.assert_array_equal(outputs.values, getattr(expected, method)(X))


class Counting(skarma.MLPClassifier):
    n_calls = 0

    def predict(self, X):
        self.n_calls += 1
        return super().predict(X)


def test_a_subclass_is_asked_once():
    model = Counting(**SMALL).fit(X, Y)
    model.predict(GpuArray(X))
    assert model.n_calls == 1


# ---- PyTorch


def test_gradients_do_not_hinder(torch):
    samples = torch.asarray(X32, requires_grad=True)
    model = clone(CLASSIFIER).fit(samples, torch.asarray(Y))
    assert_same(model, clone(CLASSIFIER).fit(X32, Y))
    assert not model.predict_proba(samples).requires_grad
    assert samples.requires_grad
    assert type(model.predict_proba(torch.nn.Parameter(samples))) is torch.Tensor


def test_bfloat16_is_float32_and_float16_as_numpys(torch):
    for dtype, host in ((torch.bfloat16, np.float32), (torch.float16, np.float16)):
        samples = torch.asarray(X32).to(dtype)
        expected = clone(CLASSIFIER).fit(samples.float().numpy().astype(host), Y)
        model = clone(CLASSIFIER).fit(samples, Y)
        assert_same(model, expected)
        assert model.coefs_[0].dtype == expected.coefs_[0].dtype
        assert model.predict_proba(samples).dtype == torch.asarray(model.coefs_[0]).dtype


def test_bfloat16_of_jax_is_float32():
    samples = library("jax")(X32).astype("bfloat16")
    model = clone(CLASSIFIER).fit(samples, Y)
    assert_same(model, clone(CLASSIFIER).fit(samples.astype("float32"), Y))
    assert model.coefs_[0].dtype == np.float32


def test_what_pytorch_cannot_hand_over_is_refused_in_its_words(torch):
    for samples, error, message in (
        (torch.asarray(X).to_sparse(), TypeError, "Use Tensor.to_dense()"),
        (torch.asarray(X, device="meta"), NotImplementedError, "no data!"),
    ):
        with pytest.raises(error, match=re.escape(message)):
            clone(CLASSIFIER).fit(samples, Y)


def test_a_copy_that_fails_is_the_librarys_error(monkeypatch):
    def cpu(self):
        raise RuntimeError("the device has failed")

    monkeypatch.setattr(OldGpuArray, "cpu", cpu)
    monkeypatch.setattr(OldGpuArray, "__array__", lambda self: self.values, raising=False)
    with pytest.raises(RuntimeError, match="the device has failed"):
        clone(CLASSIFIER).fit(OldGpuArray(X), Y)


def test_views_of_tensors(torch):
    samples = torch.asarray(X32)
    for view, host in ((samples[::2], X32[::2]), (samples.T.clone().T, X32)):
        labels = Y[:: len(X32) // len(host)]
        assert_same(clone(CLASSIFIER).fit(view, labels), clone(CLASSIFIER).fit(host, labels))

"""libskarma_cuda.so beside skarma: on a GPU, on this processor, and where it is gone."""

import os
import pickle
import re
import subprocess
import sys

import numpy as np
import pytest
from gpus import LIBRARY, leave_out, require_gpu, require_library, require_no_gpu, told_of_gpus
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits

import skarma
from skarma.model_selection import GridSearchCV

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def scaled(load):
    X, y = load(return_X_y=True)
    return (X - X.mean(axis=0)) / (X.std(axis=0) + 1e-12), y


CANCER, DIABETES, DIGITS = map(scaled, (load_breast_cancer, load_diabetes, load_digits))
SETTINGS = {"max_iter": 8, "random_state": 3, "n_iter_no_change": 8}
#: A network with its samples; the last two are too wide for the memory of one block of threads.
FITS = {
    "adam": (skarma.MLPClassifier((20,), **SETTINGS), CANCER),
    "sgd": (skarma.MLPClassifier((16, 8), "tanh", solver="sgd", **SETTINGS), CANCER),
    "lbfgs": (skarma.MLPRegressor(hidden_layer_sizes=(10,), solver="lbfgs", **SETTINGS), DIABETES),
    "early stopping": (skarma.MLPClassifier((12,), early_stopping=True, **SETTINGS), DIGITS),
    "wide": (skarma.MLPClassifier((300, 200), **SETTINGS), DIGITS),
    "wide, dropout": (skarma.MLPClassifier((300,), dropout=0.2, **SETTINGS), CANCER),
}
TOLERANCE = {"float64": 1e-8, "float32": 1e-4}


def pair(name, device, dtype):
    """The same fit on the device and on the processor."""
    network, samples = FITS[name]
    return [
        clone(network).set_params(device=device, dtype=dtype).fit(*samples)
        for device in (device, "cpu")
    ]


def curve(network):
    return getattr(network, "loss_curve_", None) or [network.loss_]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("name", FITS)
def test_a_gpu_learns_what_the_processor_does(name, dtype):
    require_gpu()
    on_gpu, on_cpu = pair(name, "cuda", dtype)
    assert on_gpu.device_ == "cuda:0"
    np.testing.assert_allclose(curve(on_gpu), curve(on_cpu), rtol=TOLERANCE[dtype])


def test_a_search_on_a_gpu_finds_what_one_on_the_processor_does():
    require_gpu()
    grid = {"alpha": [1e-4, 1e-2], "hidden_layer_sizes": [(8,), (20,), (300,)]}
    network = skarma.MLPClassifier(**SETTINGS)
    searches = [
        GridSearchCV(clone(network).set_params(device=device), grid, cv=3).fit(*CANCER)
        for device in ("cpu", "cuda")
    ]
    scores = [search.cv_results_["mean_test_score"] for search in searches]
    np.testing.assert_allclose(*scores, atol=1e-8)


@pytest.mark.parametrize("name", FITS)
def test_the_processor_learns_the_same_by_the_kernels_of_a_gpu(name):
    require_library()
    by_kernels, on_cpu = pair(name, "cuda-host", "float64")
    assert by_kernels.device_ == "cuda-host"
    np.testing.assert_allclose(curve(by_kernels), curve(on_cpu), rtol=1e-10)


def test_one_line_says_why_there_is_no_gpu(capsys):
    require_no_gpu()
    skarma.show_versions()
    [line] = re.findall(r"^ *GPU: .*$", capsys.readouterr().out, re.MULTILINE)
    assert re.search(r"driver|no NVIDIA GPU", line)


def test_a_fit_without_gpu_says_why():
    require_no_gpu()
    [(_, why)] = told_of_gpus()
    with pytest.raises(skarma.DeviceError) as caught:
        skarma.MLPClassifier(device="cuda").fit(*CANCER)
    assert str(caught.value) == (f"device='cuda' cannot be used here. {why.removeprefix('none: ')}")


ELSEWHERE = """
import pickle, sys, skarma
network, X, expected = pickle.load(open(sys.argv[1], "rb"))
print(network.device_, abs(network.predict_proba(X) - expected).max() < 1e-10)
try:
    network.fit(X, X[:, 0] > 0)
except skarma.DeviceError as error:
    print(error)
"""


def without_library(folder):
    """The package skarma as it is, but for the library."""
    package = folder / "skarma"
    package.mkdir()
    for file in LIBRARY.parent.iterdir():
        if file != LIBRARY:
            (package / file.name).symlink_to(file)
    return package


def test_a_network_predicts_where_the_library_is_not(tmp_path):
    require_library()
    X, y = CANCER
    network = skarma.MLPClassifier((9,), device="cuda-host", **SETTINGS).fit(X, y)
    file = tmp_path / "network"
    file.write_bytes(pickle.dumps((network, X, network.predict_proba(X))))
    package = without_library(tmp_path)
    environment = {name: os.environ[name] for name in os.environ if name != "SKARMA_GPU_PLUGIN"}
    paths = [str(tmp_path), os.environ.get("PYTHONPATH")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, file],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.stdout == (
        "cuda-host True\ndevice='cuda-host' cannot be used here. No library of a device was found: "
        f"there is no {package}/libskarma_cuda.so, and SKARMA_GPU_PLUGIN is not set.\n"
    ), done.stderr


@pytest.mark.parametrize(("required", "outcome"), [("0", "Skipped"), ("1", "Failed")])
def test_what_is_left_out_fails_where_a_gpu_is_required(required, outcome, monkeypatch):
    monkeypatch.setenv("SKARMA_REQUIRE_GPU", required)
    with pytest.raises(BaseException, match="no GPU") as caught:
        leave_out("no GPU")
    assert caught.typename == outcome

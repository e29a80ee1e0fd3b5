"""The CUDA engine on this processor, from Python: the processor's own numbers."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import cuda_host
import numpy as np
import pytest
from plugins import HOST_PLUGIN, needs_plugins

pytestmark = [
    needs_plugins,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    file = tmp_path_factory.mktemp("cuda_host") / "results.pickle"
    subprocess.run(
        [sys.executable, Path(cuda_host.__file__), file],
        check=True,
        env=os.environ | {"SKARMA_GPU_PLUGIN": str(HOST_PLUGIN)},
    )
    return pickle.loads(file.read_bytes())


@pytest.mark.parametrize("name", cuda_host.CONFIGURATIONS)
def test_a_fit_has_the_processors_numbers(results, name):
    theirs, ours = results["fits"][name], cuda_host.fit(name, "cpu")
    assert (theirs.device_, ours.device_) == ("cuda-host", "cpu")
    tolerance = 1e-4 if "float32" in name else 1e-8
    if hasattr(ours, "loss_curve_"):
        np.testing.assert_allclose(theirs.loss_curve_, ours.loss_curve_, rtol=tolerance)
    assert theirs.n_iter_ == ours.n_iter_
    for found, expected in zip(theirs.coefs_, ours.coefs_, strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=10 * tolerance)
    np.testing.assert_allclose(
        results["predictions"][name], ours.predict(cuda_host.X), rtol=10 * tolerance
    )


def test_other_bits_say_that_it_was_computed_elsewhere(results):
    theirs, ours = results["fits"]["wide"], cuda_host.fit("wide", "cpu")
    assert not np.array_equal(theirs.coefs_[0], ours.coefs_[0])


def test_tf32_rounds_more(results):
    more, less = results["fits"]["wide, float32"], results["tf32"]
    assert less.get_params()["precision"] == "tf32"
    assert not np.array_equal(less.coefs_[0], more.coefs_[0])
    np.testing.assert_allclose(less.loss_curve_, more.loss_curve_, rtol=1e-2)


def test_sparse_samples_and_weights(results):
    ours = cuda_host.sparse_fit("cpu")
    np.testing.assert_allclose(results["sparse"].loss_curve_, ours.loss_curve_, rtol=1e-8)


def test_searches_have_the_processors_scores(results):
    for theirs, ours in zip(results["searches"], cuda_host.searches("cpu"), strict=True):
        assert theirs.keys() == ours.keys()
        for name, column in ours.items():
            np.testing.assert_allclose(theirs[name], column, rtol=1e-8, err_msg=name)


@pytest.mark.parametrize("name, weighted", cuda_host.SEARCHES)
def test_scores_are_the_processors(results, name, weighted):
    theirs, ours = results["scored"][name, weighted], cuda_host.scored(name, "cpu", weighted)
    assert theirs.keys() == ours.keys()
    tolerance = 1e-4 if name == "float32" else 1e-8
    of_classes = cuda_host.SCORED[name][0] is cuda_host.skarma.MLPClassifier
    for column, expected in ours.items():
        exact = "accuracy" in column or (of_classes and column.endswith("_score"))
        np.testing.assert_allclose(
            theirs[column], expected, rtol=0 if exact else tolerance, err_msg=column
        )


@pytest.mark.parametrize("network", cuda_host.IMAGE_NETWORKS)
def test_networks_of_images_have_the_processors_numbers(results, network):
    theirs, ours = results["images"][network], cuda_host.image_fit(*network, "cpu")
    tolerance = 1e-2 if network[1] == "float32" else 1e-7
    assert 2 < len(ours[0]["loss"]) < 9, "it was to be stopped"
    assert len(theirs[0]["loss"]) == len(ours[0]["loss"])
    np.testing.assert_allclose(theirs[0]["loss"], ours[0]["loss"], rtol=tolerance)
    np.testing.assert_allclose(theirs[2], ours[2], rtol=0, atol=tolerance)
    np.testing.assert_allclose(theirs[3], ours[3], rtol=10 * tolerance)
    if network[1] == "float64":
        for found, expected in zip(theirs[1], ours[1], strict=True):
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
        assert any(not np.array_equal(a, b) for a, b in zip(theirs[1], ours[1], strict=True)), (
            "the same bits say that it was computed here"
        )


def test_a_search_of_networks_of_images_has_the_processors_scores(results):
    np.testing.assert_array_equal(results["image search"], cuda_host.image_search("cpu"))


def test_a_model_predicts_where_the_device_is_not(results):
    """This process has no such library, and has unpickled the models."""
    for name, predicted in results["predictions"].items():
        found = results["fits"][name].predict(cuda_host.X)
        np.testing.assert_allclose(found, predicted, rtol=1e-4 if "float32" in name else 1e-8)

"""Model files are plain safetensors: the format's own package reads them."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

GOLDEN = Path(__file__).parent.parent / "golden"


@pytest.fixture
def model():
    with safe_open(GOLDEN / "model_v1.safetensors", framework="numpy") as file:
        yield file


def test_metadata_is_one_json_text(model):
    assert set(model.metadata()) == {"skarma"}
    text = json.loads(model.metadata()["skarma"])
    assert text["format_version"] == 1
    assert text["kind"] == "Pipeline"
    assert text["model"]["scalers"] == ["standardscaler"]
    assert text["model"]["mlpclassifier"]["classes"] == ['"ç"', "b", "setosa"]


def test_predictions_can_be_computed_from_the_tensors(model):
    """Scaler, network and labels are all there: NumPy alone predicts as well as the model."""
    data = json.loads((GOLDEN / "data_iris.json").read_text())
    x, y = np.array(data["X"]), np.array(data["y"])
    tensor = model.get_tensor
    a = (x - tensor("model.standardscaler.mean")) / tensor("model.standardscaler.scale")
    prefix = "model.mlpclassifier."
    hidden = np.maximum(a @ tensor(prefix + "coefs.0") + tensor(prefix + "intercepts.0"), 0)
    scores = hidden @ tensor(prefix + "coefs.1") + tensor(prefix + "intercepts.1")
    names = np.array(['"ç"', "b", "setosa"])[scores.argmax(axis=1)]
    truth = np.where(y == 0, "setosa", np.where(y == 1, "b", '"ç"'))
    assert (names == truth).mean() == pytest.approx(0.98)


def test_training_state_is_there(model):
    """Loss curve, moments and step count let training go on."""
    prefix = "model.mlpclassifier."
    n_parameters = sum(
        model.get_tensor(f"{prefix}{kind}.{layer}").size
        for kind in ("coefs", "intercepts")
        for layer in (0, 1)
    )
    assert model.get_tensor(prefix + "optimiser.moments").size == 2 * n_parameters
    curve = model.get_tensor(prefix + "history.loss_curve")
    assert len(curve) == 200
    assert curve[-1] < curve[0]

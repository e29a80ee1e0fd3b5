"""Model files are plain safetensors, and the same from C++, the command line and Python."""

import copy
import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from scipy.special import expit, softmax
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, PowerTransformer, StandardScaler

import skarma

GOLDEN = Path(__file__).parent.parent / "golden"

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


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


ACTIVATIONS = {
    "identity": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "logistic": expit,
    "silu": lambda x: x * expit(x),
    "selu": lambda x: np.where(
        x > 0, 1.0507009873554805 * x, 1.7580993408473769 * np.expm1(np.minimum(x, 0))
    ),
    "exp": np.exp,
    "softmax": lambda x: softmax(x, axis=1),
}


def outputs_by_the_nodes(file, X, part="model"):
    """What another program makes of a file: it knows the operations, and nothing of skarma."""
    text = json.loads(file.metadata()["skarma"])["model"]
    for step in part.split(".")[1:]:
        text = text[step]

    def slot(node, name):
        tensor, _, row = node["slots"][name].partition("[")
        numbers = file.get_tensor(tensor)
        return numbers[int(row[:-1])] if row else numbers

    values = []
    for node in text["nodes"]:
        x = [values[i] for i in node["inputs"]]
        match node["operation"]:
            case "input":
                values.append(X)
            case "dense":
                values.append(x[0] @ slot(node, "coefs") + slot(node, "intercepts"))
            case "activation":
                values.append(ACTIVATIONS[node["activation"]](x[0]))
            case "batch_norm":
                scale = slot(node, "gamma") / np.sqrt(slot(node, "variance") + node["epsilon"])
                values.append((x[0] - slot(node, "mean")) * scale + slot(node, "beta"))
            case "layer_norm":
                z = x[0] - x[0].mean(axis=1, keepdims=True)
                z /= np.sqrt(x[0].var(axis=1, keepdims=True) + node["epsilon"])
                values.append(z * slot(node, "gamma") + slot(node, "beta"))
            case "noise":
                assert node["deviation"] > 0  # nothing to do in a prediction
                values.append(x[0])
            case "dropout" | "alpha_dropout":
                assert 0 < node["rate"] < 1  # nothing to do in a prediction
                values.append(x[0])
            case "maxout":
                pieces = x[0].reshape(len(X), node["units"], node["pieces"])
                values.append(pieces.max(axis=2))
            case "add":
                values.append(x[0] + x[1])
        assert values[-1].shape == (len(X), node["units"])
    return values[-1]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"hidden_layer_sizes": ()},
        {"activation": ["tanh", "silu", "relu"]},
        {"batch_norm": True},
        {"activation": ["maxout(3)", "relu", "maxout"], "batch_norm": True, "residual": True},
        {"dropout": 0.25, "residual": True},
        {"dropout": 0.25, "activation": "selu"},
        {"dropout": 0.25, "batch_norm": True, "residual": True},
        {"dropout": [0.1, 0.25, 0, 0], "noise": 0.1, "layer_norm": True},
    ],
    ids=str,
)
def test_another_program_predicts_by_the_nodes(settings, tmp_path):
    X, y = load_iris(return_X_y=True)
    common = {"hidden_layer_sizes": (6, 5, 5), "max_iter": 20, "random_state": 1}
    network = skarma.MLPClassifier(**common | settings).fit(X, y)
    network.save(tmp_path / "m.safetensors")
    with safe_open(tmp_path / "m.safetensors", framework="numpy") as file:
        outputs = outputs_by_the_nodes(file, X)
    np.testing.assert_allclose(outputs, network.predict_proba(X), rtol=1e-9)
    regressor = skarma.MLPRegressor(loss="poisson", **common | settings).fit(X, y)
    pipeline = make_pipeline(StandardScaler(), regressor).fit(X, y)
    skarma.save(pipeline, tmp_path / "p.safetensors")
    with safe_open(tmp_path / "p.safetensors", framework="numpy") as file:
        outputs = outputs_by_the_nodes(file, pipeline[0].transform(X), "model.mlpregressor")
    np.testing.assert_allclose(outputs[:, 0], pipeline.predict(X), rtol=1e-9)


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


# ---- from one to the other


def run_skarma(*arguments):
    """What the program that pip installed prints."""
    if "SKARMA_TEST_WHEEL" in os.environ:
        pytest.skip("a wheel does not hold the program skarma")
    program = Path(sysconfig.get_path("scripts"), "skarma")
    return subprocess.run(
        [program, *map(str, arguments)], capture_output=True, text=True, check=True
    ).stdout


def fitted(**parameters):
    X, y = load_iris(return_X_y=True, as_frame=True)
    labels = np.array(["setosa", "versicolor", "virginica"])[y]
    parameters = {"max_iter": 300, "random_state": 1} | parameters
    return skarma.MLPClassifier(**parameters).fit(X, labels), X, labels


def test_a_loaded_model_is_the_saved_one(tmp_path):
    model, X, labels = fitted(early_stopping=True, alpha=0.01)
    model.save(tmp_path / "m.safetensors")
    loaded = skarma.load(tmp_path / "m.safetensors")
    assert loaded.get_params() == model.get_params()
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    assert loaded.loss_curve_ == model.loss_curve_
    assert loaded.validation_scores_ == model.validation_scores_
    assert list(loaded.classes_) == list(model.classes_)
    assert list(loaded.feature_names_in_) == list(X.columns)
    for twin in (loaded, model):
        twin.set_params(early_stopping=False, warm_start=False).fit(X, labels)
    np.testing.assert_array_equal(loaded.coefs_[0], model.coefs_[0])


@pytest.mark.parametrize("trained_with", [1, None, np.random.RandomState(1)])
@pytest.mark.parametrize("seed", [7, np.int64(5), None, np.random.RandomState(2)])
def test_a_file_has_the_seed_that_the_model_has_now(trained_with, seed, tmp_path):
    model, _, _ = fitted(max_iter=1, random_state=trained_with)
    model.set_params(random_state=seed).save(tmp_path / "m")
    expected = None if isinstance(seed, np.random.RandomState) else seed
    assert skarma.load(tmp_path / "m").random_state == expected


def test_the_command_line_uses_what_python_saved(tmp_path):
    model, X, labels = fitted()
    model.save(tmp_path / "m.safetensors")
    X.iloc[::-1, ::-1].assign(kind=labels[::-1]).to_csv(tmp_path / "iris.csv", index=False)
    printed = run_skarma(
        "score", tmp_path / "m.safetensors", tmp_path / "iris.csv", "--target", "kind"
    )
    assert f"accuracy {model.score(X, labels):.6f}" in printed


def test_python_uses_what_the_command_line_saved(tmp_path):
    printed = run_skarma(
        *("fit", "--dataset", "breast_cancer", "--scale", "standard", "--solver", "lbfgs"),
        *("--alpha", "1", "--seed", "1", "--save-model", tmp_path / "m.safetensors"),
    )
    X, y = load_breast_cancer(return_X_y=True)
    model = skarma.load(tmp_path / "m.safetensors")
    assert [name for name, _ in model.steps] == ["standardscaler", "mlpclassifier"]
    assert f"accuracy on the 569 samples fitted: {model.score(X, y):.6f}" in printed


@pytest.mark.parametrize("frame", [True, False])
@pytest.mark.parametrize(
    "scalers",
    [
        [StandardScaler()],
        [MinMaxScaler((-1, 2), clip=True), StandardScaler(with_mean=False)],
        [StandardScaler(with_mean=False, with_std=False)],
        [],
    ],
)
def test_a_pipeline_comes_back_as_it_was(scalers, frame, tmp_path):
    X, y = load_iris(return_X_y=True, as_frame=frame)
    mlp = skarma.MLPClassifier(max_iter=20, random_state=1, verbose=0)
    model = make_pipeline(*scalers, mlp).fit(X, y)
    skarma.save(model, tmp_path / "m.safetensors")
    loaded = skarma.load(tmp_path / "m.safetensors")
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    assert [name for name, _ in loaded.steps] == [name for name, _ in model.steps]
    assert list(getattr(loaded, "feature_names_in_", [])) == (list(X.columns) if frame else [])
    for (_, twin), (_, step) in zip(loaded.steps, model.steps, strict=True):
        assert twin.get_params() == step.get_params()
    for (_, twin), scaler in zip(loaded.steps, scalers, strict=False):
        np.testing.assert_array_equal(twin.scale_, scaler.scale_)


def test_the_command_line_uses_a_pipeline_that_python_saved(tmp_path):
    X, y = load_iris(return_X_y=True, as_frame=True)
    model = make_pipeline(MinMaxScaler(), skarma.MLPClassifier(max_iter=200, random_state=1))
    skarma.save(model.fit(X, y), tmp_path / "m.safetensors")
    X.iloc[:, ::-1].assign(kind=y).to_csv(tmp_path / "iris.csv", index=False)
    printed = run_skarma(
        "score", tmp_path / "m.safetensors", tmp_path / "iris.csv", "--target", "kind"
    )
    assert f"accuracy {model.score(X, y):.6f}" in printed


def test_what_cannot_be_saved_is_named(tmp_path):
    X, y = load_iris(return_X_y=True)
    mlp = skarma.MLPClassifier(max_iter=2, random_state=1)
    file = tmp_path / "m"
    with pytest.raises(TypeError, match="StandardScaler is not exactly skarma's"):
        skarma.save(StandardScaler().fit(X), file)
    other = make_pipeline(StandardScaler().fit(X[:, :2]), mlp.fit(X, y))
    with pytest.raises(
        ValueError, match="standardscaler gives 2 features, and mlpclassifier takes 4"
    ):
        skarma.save(other, file)
    with pytest.raises(TypeError, match="none of StandardScaler, MinMaxScaler, .*: PowerTransf"):
        skarma.save(make_pipeline(PowerTransformer(), mlp).fit(X, y), file)
    new = skarma.MLPClassifier()
    for unfitted in (new, make_pipeline(StandardScaler(), new)):
        with pytest.raises(NotFittedError):
            skarma.save(unfitted, file)
    with pytest.raises(NotFittedError):
        new.save(file)
    assert not file.exists()


def test_python_loads_the_first_file_of_all():
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "b", '"ç"'])[y]
    assert skarma.load(GOLDEN / "model_v1.safetensors").score(X, names) == pytest.approx(0.98)


@pytest.mark.parametrize("kind", ["classifier", "regressor", "pipeline"])
def test_files_of_the_first_version_are_read_and_trained_further(kind):
    """Written before there was a second version; the numbers are what they predicted then."""
    model = skarma.load(GOLDEN / f"model_v1_{kind}.safetensors")
    X, y = load_iris(return_X_y=True, as_frame=True)
    if kind == "regressor":
        X, y = X.to_numpy(dtype=np.float32), np.c_[y, -y].astype(np.float32)
    predicted = getattr(model, "predict_proba", model.predict)(X[::50])
    golden = json.loads((GOLDEN / "model_v1_predictions.json").read_text())[kind]
    np.testing.assert_allclose(predicted, golden, rtol=1e-5 if kind == "regressor" else 1e-12)
    if kind == "pipeline":
        y = np.array(["setosa", "versicolor", "virginica"])[y]
        for _, scaler in model.steps[:-1]:
            after = copy.deepcopy(scaler).partial_fit(X.to_numpy())
            np.testing.assert_allclose(after.scale_, clone(scaler).fit(X).scale_)
    if kind == "regressor":
        assert model.partial_fit(X, y).t_ == 31 * len(X)
    model.fit(X, y)
    np.testing.assert_array_equal(model.predict(X[:5]), clone(model).fit(X, y).predict(X[:5]))


@pytest.mark.parametrize("kind", ["layers", "pipeline"])
def test_files_without_nodes_are_read_and_trained_further(kind, tmp_path):
    """Of the second version, written before it listed the network's nodes."""
    path = GOLDEN / f"model_v2_{kind}.safetensors"
    assert b"nodes" not in path.read_bytes()
    model = skarma.load(path)
    X, y = load_iris(return_X_y=True)
    golden = json.loads((GOLDEN / "model_v2_predictions.json").read_text())[kind]
    predicted = getattr(model, "predict_proba", model.predict)(X[::50])
    np.testing.assert_allclose(predicted, golden, rtol=1e-5 if kind == "pipeline" else 1e-12)
    skarma.save(model, tmp_path / "m.safetensors")
    assert b"nodes" in (tmp_path / "m.safetensors").read_bytes()
    if kind == "layers":
        assert model.partial_fit(X, y).t_ == 21 * len(X)


SCALERS = [
    StandardScaler(),
    StandardScaler(with_mean=False),
    StandardScaler(with_std=False),
    StandardScaler(with_mean=False, with_std=False),
    MinMaxScaler((-1, 2), clip=True),
]


def kinds_of(scaler):
    """Every fitted attribute with its type."""
    fitted = {name: value for name, value in vars(scaler).items() if name.endswith("_")}
    return {
        name: (type(v), getattr(v, "dtype", None), getattr(v, "shape", None))
        for name, v in fitted.items()
    }


@pytest.mark.parametrize("data", ["float64", "float32", "holes", "frame"])
@pytest.mark.parametrize("scaler", SCALERS, ids=str)
def test_a_loaded_pipeline_is_fitted_again(scaler, data, tmp_path):
    """Its scalers are scikit-learn's own, down to the types of what they have learnt."""
    X, y = load_iris(return_X_y=True, as_frame=data == "frame")
    X = X.astype(np.float32) if data == "float32" else X
    mlp = skarma.MLPClassifier((3,), max_iter=5, random_state=1)
    model = make_pipeline(clone(scaler), MinMaxScaler(), mlp).fit(X, y)
    if data == "holes":  # which the network would not take
        X = X.copy()
        X[3, 1] = np.nan
        model[0].fit(X)
    skarma.save(model, tmp_path / "m")
    loaded = skarma.load(tmp_path / "m")
    for (_, twin), (_, own) in zip(loaded.steps[:-1], model.steps[:-1], strict=True):
        assert kinds_of(twin) == kinds_of(own)
        np.testing.assert_equal(vars(twin), vars(own))
        np.testing.assert_array_equal(twin.get_feature_names_out(), own.get_feature_names_out())
        np.testing.assert_equal(vars(clone(twin).fit(X)), vars(clone(own).fit(X)))
    continued = [copy.deepcopy(pipe[0]).partial_fit(X[:20]) for pipe in (loaded, model)]
    np.testing.assert_equal(vars(continued[0]), vars(continued[1]))
    np.testing.assert_array_equal(
        loaded[:-1].get_feature_names_out(), model[:-1].get_feature_names_out()
    )
    X = X if data != "holes" else np.nan_to_num(X)
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    refitted = [clone(loaded).fit(X, y), loaded.fit(X, y), model.fit(X, y)]
    probabilities = [pipe.predict_proba(X) for pipe in refitted]
    np.testing.assert_array_equal(probabilities[0], probabilities[2])
    np.testing.assert_array_equal(probabilities[1], probabilities[2])


def error_of(action, *arguments):
    with pytest.raises(OSError) as caught:
        action(*arguments)
    return type(caught.value), caught.value.errno, caught.value.filename


def test_a_file_that_cannot_be_opened_is_the_error_of_open(tmp_path):
    """FileNotFoundError, IsADirectoryError ... with errno and filename, to load and to save."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "loop").symlink_to("loop")
    model = fitted()[0]
    for name in ("none/m", ".", "file/m", "loop", "n" * 256, "né\udcff/m"):
        path = str(tmp_path / name)
        assert error_of(skarma.load, path) == error_of(open, path, "rb")
        opened = error_of(open, path, "wb")
        assert error_of(model.save, path) == opened
        assert error_of(skarma.save, model, path) == opened
    with pytest.raises(FileNotFoundError, match="the path is empty"):
        skarma.load("")
    with pytest.raises(ValueError, match="null"):
        skarma.load("m\0")


def test_a_file_without_permission_is_a_permission_error(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    model = fitted()[0]
    model.save(tmp_path / "m")
    (tmp_path / "m").chmod(0)
    for action in (skarma.load, model.save):
        assert error_of(action, tmp_path / "m")[0] is PermissionError


def test_a_model_goes_only_to_a_regular_file(tmp_path):
    model, X, _ = fitted()
    os.mkfifo(tmp_path / "pipe")
    for path, kind in ((tmp_path / "pipe", "a pipe"), ("/dev/null", "a device")):
        with pytest.raises(OSError, match=f"it is {kind}, not a regular file") as caught:
            model.save(path)
        assert caught.value.filename == str(path)
    (tmp_path / "link").symlink_to("real")
    model.save(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    np.testing.assert_array_equal(skarma.load(tmp_path / "real").predict(X), model.predict(X))


def test_other_threads_run_while_a_file_is_read(tmp_path):
    """A pipe whose writer is another thread of the same process: with the GIL held, none would."""
    fitted()[0].save(tmp_path / "m")
    code = """
import os, sys, threading, skarma
folder = sys.argv[1]
os.mkfifo(folder + "/pipe")
def write():
    with open(folder + "/m", "rb") as file, open(folder + "/pipe", "wb") as pipe:
        pipe.write(file.read())
threading.Thread(target=write, daemon=True).start()
print(skarma.load(folder + "/pipe").n_features_in_)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], capture_output=True, text=True, timeout=120
    )
    assert done.stdout == "4\n", done.stderr


def test_what_is_no_model_is_named(tmp_path):
    (tmp_path / "m").write_bytes(b"PK pickle")
    with pytest.raises(RuntimeError, match="m is not a safetensors file"):
        skarma.load(tmp_path / "m")
    X, y = load_iris(return_X_y=True)
    with pytest.raises(ValueError, match="cannot hold labels of type bool"):
        fitted()[0].__class__(max_iter=300).fit(X, y > 0).save(tmp_path / "b")
    assert not (tmp_path / "b").exists()

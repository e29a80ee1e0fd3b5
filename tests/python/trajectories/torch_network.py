"""The network whose steps make_torch.py and make_torch_restraints.py take by PyTorch's optimizers:
one hidden layer of tanh, on 40 samples, from scikit-learn's initial weights for random_state=0.

Every step is of all samples, and penalties are part of the loss that is differentiated. The
weights decay, the biases do not.
"""

import json
from pathlib import Path

import numpy as np
import torch

N_SAMPLES, UNITS = 40, 6
N_STEPS, SHOWN = 100, (1, 2, 3, 10, 30, 100)


def data(random_state):
    X = random_state.standard_normal((N_SAMPLES, 3))
    numbers = np.sin(X[:, 0]) + X[:, 1] * X[:, 2]
    return {"X": X, "MLPRegressor": numbers, "MLPClassifier": np.digitize(numbers, (-0.5, 0.5))}


def initial(n_outputs):
    """Glorot's uniform weights, layer by layer: coefs, then intercepts."""
    random_state, coefs, intercepts = np.random.RandomState(0), [], []
    for fan_in, fan_out in ((3, UNITS), (UNITS, n_outputs)):
        bound = np.sqrt(6 / (fan_in + fan_out))
        coefs.append(random_state.uniform(-bound, bound, (fan_in, fan_out)))
        intercepts.append(random_state.uniform(-bound, bound, fan_out))
    return [[torch.tensor(a, requires_grad=True) for a in arrays] for arrays in (coefs, intercepts)]


def decaying(coefs, intercepts, settings):
    return [
        {"params": coefs, "weight_decay": settings["weight_decay"]},
        {"params": intercepts, "weight_decay": 0.0},
    ]


def loss_of(kind, X, y, coefs, intercepts, settings):
    outputs = torch.tanh(X @ coefs[0] + intercepts[0]) @ coefs[1] + intercepts[1]
    if kind == "MLPRegressor":
        mean = ((outputs[:, 0] - y) ** 2).mean() / 2
    else:
        mean = torch.nn.functional.cross_entropy(outputs, y)
    squares = sum((coef**2).sum() for coef in coefs)
    magnitudes = sum(coef.abs().sum() for coef in coefs)
    return mean + (settings["alpha"] / 2 * squares + settings.get("l1", 0) * magnitudes) / len(X)


def plain_step(optimizer, coefs, intercepts, settings):
    optimizer.step()


def trajectory(kind, settings, samples, optimizer_of, take_step=plain_step):
    """A case of the file: losses of all steps, and the parameters after some."""
    X, y = torch.tensor(samples["X"]), torch.tensor(samples[kind])
    coefs, intercepts = initial(1 if kind == "MLPRegressor" else 3)
    optimizer = optimizer_of(coefs, intercepts, settings)
    losses, shown = [], {}
    for step in range(1, N_STEPS + 1):
        optimizer.zero_grad()
        loss = loss_of(kind, X, y, coefs, intercepts, settings)
        loss.backward()
        take_step(optimizer, coefs, intercepts, settings)
        losses.append(loss.item())
        if step in SHOWN:
            packed = torch.cat([array.detach().ravel() for array in coefs + intercepts])
            shown[step] = packed.tolist()
    return {"kind": kind, "settings": settings, "losses": losses, "parameters": shown}


def write(name, trajectories_of):
    """The file beside this one; trajectories_of makes its cases of the samples."""
    torch.set_default_dtype(torch.float64)
    samples = data(np.random.RandomState(1))
    made = {
        "torch": torch.__version__.partition("+")[0],
        "hidden_layer_sizes": [UNITS],
        "activation": "tanh",
        "data": {name: values.tolist() for name, values in samples.items()},
        "cases": trajectories_of(samples),
    }
    path = Path(__file__).with_name(name)
    path.write_text(json.dumps(made, separators=(",", ":")) + "\n")

"""Makes torch_restraints.json: 100 steps of PyTorch's optimizers with l1, clipped gradients and
norms of weights that are limited.

    python make_torch_restraints.py        # needs numpy and torch; made with torch 2.15.0

A network starts from scikit-learn's initial weights for random_state=0, every step is of all
samples, and the penalties are part of the loss that is differentiated. l1 is made as OWL-QN (Andrew
and Gao, ICML 2007) has it: at a weight of 0 its derivative is the one that leaves the least of the
whole, and a step takes no weight beyond 0. Gradients are clipped by clip_grad_value_, then by
clip_grad_norm_. The test is tests/python/test_restraints.py.
"""

import json
from pathlib import Path

import numpy as np
import torch
from make_torch import UNITS, data, initial

N_STEPS, SHOWN = 100, (1, 2, 3, 10, 30, 100)
CASES = [
    ("MLPRegressor", "sgd", {"l1": 0.4}),
    ("MLPClassifier", "sgd", {"l1": 0.6, "alpha": 0.1, "learning_rate_init": 0.2}),
    ("MLPRegressor", "adam", {"l1": 1.0, "learning_rate_init": 0.05}),
    ("MLPClassifier", "adamw", {"l1": 0.8, "weight_decay": 0.3, "learning_rate_init": 0.05}),
    ("MLPRegressor", "gd", {"l1": 2.0, "learning_rate_init": 0.2}),
    ("MLPRegressor", "rprop", {"l1": 0.5}),
    ("MLPRegressor", "sgd", {"clip_value": 0.02, "learning_rate_init": 0.1}),
    ("MLPClassifier", "adam", {"clip_value": 0.01, "alpha": 0.1}),
    ("MLPRegressor", "sgd", {"clip_norm": 0.1, "learning_rate_init": 0.1}),
    ("MLPClassifier", "adagrad", {"clip_norm": 0.05, "alpha": 0.1}),
    ("MLPClassifier", "gd", {"clip_value": 0.05, "clip_norm": 0.08, "learning_rate_init": 0.5}),
    ("MLPRegressor", "sgd", {"max_norm": 0.5, "learning_rate_init": 0.1}),
    ("MLPClassifier", "adam", {"max_norm": 0.8, "learning_rate_init": 0.05}),
    (
        "MLPClassifier",
        "nadam",
        {"l1": 0.5, "clip_value": 0.1, "clip_norm": 0.2, "max_norm": 1.0, "alpha": 0.01},
    ),
]
DEFAULTS = {
    "alpha": 1e-4,
    "learning_rate_init": 0.01,
    "epsilon": 1e-8,
    "weight_decay": 0.01,
    "l1": 0.0,
    "clip_value": None,
    "clip_norm": None,
    "max_norm": None,
}


def optimizer_of(solver, coefs, intercepts, settings):
    rate, everything = settings["learning_rate_init"], coefs + intercepts
    groups = [
        {"params": coefs, "weight_decay": settings["weight_decay"]},
        {"params": intercepts, "weight_decay": 0.0},
    ]
    make = {
        "sgd": lambda: torch.optim.SGD(everything, lr=rate, momentum=0.9, nesterov=True),
        "adam": lambda: torch.optim.Adam(everything, lr=rate, eps=0.0),
        "adamw": lambda: torch.optim.AdamW(groups, lr=rate),
        "adagrad": lambda: torch.optim.Adagrad(everything, lr=rate, eps=1e-8),
        "gd": lambda: torch.optim.SGD(everything, lr=rate),
        "nadam": lambda: torch.optim.NAdam(everything, lr=rate),
        "rprop": lambda: torch.optim.Rprop(everything, lr=rate),
    }
    return make[solver]()


def loss_of(kind, X, y, coefs, intercepts, settings):
    outputs = torch.tanh(X @ coefs[0] + intercepts[0]) @ coefs[1] + intercepts[1]
    if kind == "MLPRegressor":
        mean = ((outputs[:, 0] - y) ** 2).mean() / 2
    else:
        mean = torch.nn.functional.cross_entropy(outputs, y)
    squares = sum((coef**2).sum() for coef in coefs)
    magnitudes = sum(coef.abs().sum() for coef in coefs)
    return mean + (settings["alpha"] / 2 * squares + settings["l1"] * magnitudes) / len(X)


@torch.no_grad()
def add_slope_at_zero(coefs, l1):
    """PyTorch's derivative of |w| at 0 is 0."""
    for coef in coefs:
        rest = coef.grad
        coef.grad = torch.where(coef == 0, rest - torch.clamp(rest, -l1, l1), rest)


@torch.no_grad()
def restrain(coefs, before, settings):
    for coef, old in zip(coefs, before, strict=True):
        if settings["l1"] > 0:
            beyond = torch.where(old == 0, coef * coef.grad >= 0, coef * old < 0)
            coef[beyond] = 0.0
        if settings["max_norm"] is not None:
            norms = coef.norm(dim=0, keepdim=True)
            coef *= torch.where(norms > settings["max_norm"], settings["max_norm"] / norms, 1.0)


def trajectory(kind, solver, own, samples):
    settings = DEFAULTS | own
    if solver == "adam":
        settings["epsilon"] = 1e-300  # scikit-learn's has another place
    X, y = torch.tensor(samples["X"]), torch.tensor(samples[kind])
    coefs, intercepts = initial(1 if kind == "MLPRegressor" else 3)
    everything = coefs + intercepts
    optimizer = optimizer_of(solver, coefs, intercepts, settings)
    losses, shown, n_zeros = [], {}, 0
    for step in range(1, N_STEPS + 1):
        optimizer.zero_grad()
        loss = loss_of(kind, X, y, coefs, intercepts, settings)
        loss.backward()
        add_slope_at_zero(coefs, settings["l1"] / len(X))
        if settings["clip_value"] is not None:
            torch.nn.utils.clip_grad_value_(everything, settings["clip_value"])
        if settings["clip_norm"] is not None:
            torch.nn.utils.clip_grad_norm_(everything, settings["clip_norm"])
        before = [coef.detach().clone() for coef in coefs]
        optimizer.step()
        restrain(coefs, before, settings)
        losses.append(loss.item())
        if step in SHOWN:
            packed = torch.cat([array.detach().ravel() for array in everything])
            shown[step] = packed.tolist()
            n_zeros = int((packed == 0).sum())
    print(f"{kind} {solver} {own}: loss {losses[0]:.4f} -> {losses[-1]:.4f}, {n_zeros} zeros")
    settings = {"solver": solver, **settings}
    return {"kind": kind, "settings": settings, "losses": losses, "parameters": shown}


def main():
    torch.set_default_dtype(torch.float64)
    samples = data(np.random.RandomState(1))
    made = {
        "torch": torch.__version__.partition("+")[0],
        "hidden_layer_sizes": [UNITS],
        "activation": "tanh",
        "data": {name: values.tolist() for name, values in samples.items()},
        "cases": [trajectory(*case, samples) for case in CASES],
    }
    path = Path(__file__).with_name("torch_restraints.json")
    path.write_text(json.dumps(made, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()

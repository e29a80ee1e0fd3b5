"""Makes torch.json: the first 100 steps of PyTorch's optimizers on small networks, and of Lion,
which PyTorch does not have, by the pseudo-code of its paper (Chen et al., arXiv:2302.06675).

    python make_torch.py        # needs numpy and torch; made with torch 2.15.0

A network starts from scikit-learn's initial weights for random_state=0, every step is of all
samples, and alpha's penalty is part of the loss that is differentiated. The weights decay, the
biases do not. The test is tests/python/test_update_rules.py.
"""

import json
from pathlib import Path

import numpy as np
import torch

UNITS, N_STEPS, SHOWN = 6, 100, (1, 2, 3, 10, 30, 100)
CASES = [
    ("MLPRegressor", "rmsprop", {}),
    ("MLPClassifier", "rmsprop", {"beta_2": 0.9, "epsilon": 1e-3, "alpha": 0.1}),
    ("MLPRegressor", "adamw", {}),
    (
        "MLPClassifier",
        "adamw",
        {"weight_decay": 0.5, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-2, "alpha": 0.1},
    ),
    ("MLPRegressor", "adamw", {"weight_decay": 2.0, "alpha": 0.0, "learning_rate_init": 0.05}),
    ("MLPRegressor", "adagrad", {}),
    ("MLPClassifier", "adagrad", {"epsilon": 1e-2, "alpha": 0.1, "learning_rate_init": 0.1}),
    ("MLPRegressor", "adadelta", {"learning_rate_init": 1.0, "beta_2": 0.9, "epsilon": 1e-6}),
    ("MLPClassifier", "adadelta", {"learning_rate_init": 0.5, "epsilon": 1e-3, "alpha": 0.1}),
    ("MLPRegressor", "amsgrad", {}),
    ("MLPClassifier", "amsgrad", {"beta_1": 0.8, "beta_2": 0.7, "epsilon": 1e-3, "alpha": 0.1}),
    ("MLPRegressor", "nadam", {}),
    ("MLPClassifier", "nadam", {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3, "alpha": 0.1}),
    ("MLPRegressor", "lion", {"learning_rate_init": 1e-3, "beta_2": 0.99}),
    ("MLPClassifier", "lion", {"weight_decay": 0.5, "beta_2": 0.95, "alpha": 0.1}),
    ("MLPRegressor", "rprop", {}),
    ("MLPClassifier", "rprop", {"learning_rate_init": 0.1, "alpha": 0.1}),
    ("MLPRegressor", "gd", {"learning_rate_init": 0.1}),
    ("MLPClassifier", "gd", {"learning_rate_init": 0.5, "alpha": 0.1}),
]
DEFAULTS = {
    "alpha": 1e-4,
    "learning_rate_init": 0.01,
    "beta_1": 0.9,
    "beta_2": 0.999,
    "epsilon": 1e-8,
    "weight_decay": 0.01,
}


def data(random_state):
    X = random_state.standard_normal((40, 3))
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


class Lion(torch.optim.Optimizer):
    def __init__(self, groups, **settings):
        super().__init__(groups, settings)

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta_1, beta_2 = group["betas"]
            for w in group["params"]:
                m = self.state[w].setdefault("m", torch.zeros_like(w))
                direction = (beta_1 * m + (1 - beta_1) * w.grad).sign()
                w -= group["lr"] * (direction + group["weight_decay"] * w)
                m.mul_(beta_2).add_((1 - beta_2) * w.grad)


def optimizer_of(solver, coefs, intercepts, settings):
    rate, eps = settings["learning_rate_init"], settings["epsilon"]
    betas = settings["beta_1"], settings["beta_2"]
    everything = coefs + intercepts
    groups = [
        {"params": coefs, "weight_decay": settings["weight_decay"]},
        {"params": intercepts, "weight_decay": 0.0},
    ]
    make = {
        "adadelta": lambda: torch.optim.Adadelta(everything, lr=rate, rho=betas[1], eps=eps),
        "adagrad": lambda: torch.optim.Adagrad(everything, lr=rate, eps=eps),
        "adamw": lambda: torch.optim.AdamW(groups, lr=rate, betas=betas, eps=eps),
        "amsgrad": lambda: torch.optim.Adam(
            everything, lr=rate, betas=betas, eps=eps, amsgrad=True
        ),
        "gd": lambda: torch.optim.SGD(everything, lr=rate),
        "lion": lambda: Lion(groups, lr=rate, betas=betas),
        "nadam": lambda: torch.optim.NAdam(everything, lr=rate, betas=betas, eps=eps),
        "rmsprop": lambda: torch.optim.RMSprop(everything, lr=rate, alpha=betas[1], eps=eps),
        "rprop": lambda: torch.optim.Rprop(everything, lr=rate),
    }
    return make[solver]()


def loss_of(kind, X, y, coefs, intercepts, alpha):
    outputs = torch.tanh(X @ coefs[0] + intercepts[0]) @ coefs[1] + intercepts[1]
    if kind == "MLPRegressor":
        mean = ((outputs[:, 0] - y) ** 2).mean() / 2
    else:
        mean = torch.nn.functional.cross_entropy(outputs, y)
    return mean + alpha / 2 * sum((coef**2).sum() for coef in coefs) / len(X)


def trajectory(kind, solver, own, samples):
    settings = DEFAULTS | own
    X, y = torch.tensor(samples["X"]), torch.tensor(samples[kind])
    coefs, intercepts = initial(1 if kind == "MLPRegressor" else 3)
    optimizer = optimizer_of(solver, coefs, intercepts, settings)
    losses, shown = [], {}
    for step in range(1, N_STEPS + 1):
        optimizer.zero_grad()
        loss = loss_of(kind, X, y, coefs, intercepts, settings["alpha"])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if step in SHOWN:
            packed = torch.cat([array.detach().ravel() for array in coefs + intercepts])
            shown[step] = packed.tolist()
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
    path = Path(__file__).with_name("torch.json")
    path.write_text(json.dumps(made, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()

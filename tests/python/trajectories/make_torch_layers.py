"""Makes torch_layers.json: 100 steps of PyTorch networks with normalisation and residuals.

    python make_torch_layers.py        # needs numpy and torch; made with torch 2.15.0

Networks start from scikit-learn's initial weights for random_state=0 and are trained by SGD with
Nesterov's momentum on minibatches in the order of the samples, the last one short. The test is
tests/python/test_layers.py.
"""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch_network import data

HIDDEN, BATCH, N_EPOCHS = (6, 6, 6), 16, 34
ALPHA, RATE, MOMENTUM = 1e-2, 0.05, 0.9
ACTIVATIONS = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "gelu": torch.nn.functional.gelu,
}
CASES = [
    ("MLPRegressor", "tanh", {"batch_norm": True}),
    ("MLPClassifier", "gelu", {"batch_norm": True}),
    ("MLPRegressor", "relu", {"residual": True}),
    ("MLPClassifier", "tanh", {"residual": True}),
    ("MLPClassifier", "relu", {"batch_norm": True, "residual": True}),
    ("MLPRegressor", "gelu", {"layer_norm": True}),
    ("MLPClassifier", "tanh", {"layer_norm": True}),
    ("MLPClassifier", "relu", {"layer_norm": True, "residual": True}),
]


class Network(torch.nn.Module):
    def __init__(self, n_outputs, activation, batch_norm=False, residual=False, layer_norm=False):
        super().__init__()
        widths, random_state = [3, *HIDDEN, n_outputs], np.random.RandomState(0)
        self.dense, self.norms = torch.nn.ModuleList(), torch.nn.ModuleList()
        self.activation, self.residual = ACTIVATIONS[activation], residual
        for fan_in, fan_out in pairwise(widths):
            bound = np.sqrt(6 / (fan_in + fan_out))
            layer = torch.nn.Linear(fan_in, fan_out)
            coefs = random_state.uniform(-bound, bound, (fan_in, fan_out))
            layer.weight.data = torch.tensor(coefs.T.copy())
            layer.bias.data = torch.tensor(random_state.uniform(-bound, bound, fan_out))
            self.dense.append(layer)
        norm = torch.nn.BatchNorm1d if batch_norm else torch.nn.LayerNorm
        for width in HIDDEN:
            self.norms.append(norm(width) if batch_norm or layer_norm else torch.nn.Identity())

    def forward(self, x):
        for i, (dense, norm) in enumerate(zip(self.dense, self.norms, strict=False)):
            hidden = self.activation(norm(dense(x)))
            x = hidden + x if self.residual and i > 0 else hidden
        return self.dense[-1](x)


def loss_of(kind, outputs, y):
    if kind == "MLPRegressor":
        return ((outputs[:, 0] - y) ** 2).mean() / 2
    return torch.nn.functional.cross_entropy(outputs, y)


def trajectory(kind, activation, options, samples):
    X, y = torch.tensor(samples["X"]), torch.tensor(samples[kind])
    network = Network(1 if kind == "MLPRegressor" else 3, activation, **options)
    optimizer = torch.optim.SGD(network.parameters(), lr=RATE, momentum=MOMENTUM, nesterov=True)
    losses = []
    for _ in range(N_EPOCHS):
        total = 0.0
        for begin in range(0, len(X), BATCH):
            rows = slice(begin, begin + BATCH)
            optimizer.zero_grad()
            squares = sum((dense.weight**2).sum() for dense in network.dense)
            loss = loss_of(kind, network(X[rows]), y[rows]) + ALPHA / 2 * squares / len(X[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(X[rows])
        losses.append(total / len(X))
    network.eval()
    norms = []
    for norm in network.norms:
        if isinstance(norm, torch.nn.Identity):
            continue
        norms.append([norm.weight.tolist(), norm.bias.tolist()])
        if isinstance(norm, torch.nn.BatchNorm1d):
            norms[-1] += [norm.running_mean.tolist(), norm.running_var.tolist()]
    return {
        "kind": kind,
        "activation": activation,
        "options": options,
        "losses": losses,
        "coefs": [dense.weight.T.tolist() for dense in network.dense],
        "norms": norms,
        "outputs": network(X).tolist(),
    }


def main():
    torch.set_default_dtype(torch.float64)
    samples = data(np.random.RandomState(1))
    made = {
        "torch": torch.__version__.partition("+")[0],
        "settings": {
            "hidden_layer_sizes": HIDDEN,
            "solver": "sgd",
            "alpha": ALPHA,
            "learning_rate_init": RATE,
            "momentum": MOMENTUM,
            "batch_size": BATCH,
            "max_iter": N_EPOCHS,
        },
        "data": {name: values.tolist() for name, values in samples.items()},
        "cases": [trajectory(*case, samples) for case in CASES],
    }
    path = Path(__file__).with_name("torch_layers.json")
    path.write_text(json.dumps(made, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()

"""Makes torch.json: the first 100 steps of PyTorch's optimizers on small networks, and of Lion,
which PyTorch does not have, by the pseudo-code of its paper (Chen et al., arXiv:2302.06675).

    python make_torch.py        # needs numpy and torch; made with torch 2.15.0

The network is torch_network.py's. The test is tests/python/test_update_rules.py.
"""

import torch
from torch_network import decaying, trajectory, write

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


def optimizer_of(coefs, intercepts, settings):
    rate, eps = settings["learning_rate_init"], settings["epsilon"]
    betas = settings["beta_1"], settings["beta_2"]
    everything = coefs + intercepts
    groups = decaying(coefs, intercepts, settings)
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
    return make[settings["solver"]]()


def trajectories(samples):
    return [
        trajectory(kind, {"solver": solver, **DEFAULTS, **own}, samples, optimizer_of)
        for kind, solver, own in CASES
    ]


if __name__ == "__main__":
    write("torch.json", trajectories)

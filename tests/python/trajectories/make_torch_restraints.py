"""Makes torch_restraints.json: 100 steps of PyTorch's optimizers with l1, clipped gradients and
norms of weights that are limited.

    python make_torch_restraints.py        # needs numpy and torch; made with torch 2.15.0

The network is torch_network.py's. l1 is made as OWL-QN (Andrew
and Gao, ICML 2007) has it: at a weight of 0 its derivative is the one that leaves the least of the
whole, and a step takes no weight beyond 0. Gradients are clipped by clip_grad_value_, then by
clip_grad_norm_. The test is tests/python/test_restraints.py.
"""

import torch
from torch_network import N_SAMPLES, decaying, trajectory, write

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


def optimizer_of(coefs, intercepts, settings):
    rate, everything = settings["learning_rate_init"], coefs + intercepts
    groups = decaying(coefs, intercepts, settings)
    make = {
        "sgd": lambda: torch.optim.SGD(everything, lr=rate, momentum=0.9, nesterov=True),
        "adam": lambda: torch.optim.Adam(everything, lr=rate, eps=0.0),
        "adamw": lambda: torch.optim.AdamW(groups, lr=rate),
        "adagrad": lambda: torch.optim.Adagrad(everything, lr=rate, eps=1e-8),
        "gd": lambda: torch.optim.SGD(everything, lr=rate),
        "nadam": lambda: torch.optim.NAdam(everything, lr=rate),
        "rprop": lambda: torch.optim.Rprop(everything, lr=rate),
    }
    return make[settings["solver"]]()


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


def restrained_step(optimizer, coefs, intercepts, settings):
    add_slope_at_zero(coefs, settings["l1"] / N_SAMPLES)
    if settings["clip_value"] is not None:
        torch.nn.utils.clip_grad_value_(coefs + intercepts, settings["clip_value"])
    if settings["clip_norm"] is not None:
        torch.nn.utils.clip_grad_norm_(coefs + intercepts, settings["clip_norm"])
    before = [coef.detach().clone() for coef in coefs]
    optimizer.step()
    restrain(coefs, before, settings)


def trajectory_of(kind, solver, own, samples):
    settings = {"solver": solver, **DEFAULTS, **own}
    if solver == "adam":
        settings["epsilon"] = 1e-300  # scikit-learn's has another place
    made = trajectory(kind, settings, samples, optimizer_of, restrained_step)
    losses, last = made["losses"], made["parameters"][100]
    print(f"{kind} {solver} {own}: loss {losses[0]:.4f} -> {losses[-1]:.4f}, {last.count(0)} zeros")
    return made


def trajectories(samples):
    return [trajectory_of(*case, samples) for case in CASES]


if __name__ == "__main__":
    write("torch_restraints.json", trajectories)

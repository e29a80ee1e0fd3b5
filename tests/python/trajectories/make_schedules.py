"""Makes schedules.json: what PyTorch's schedulers make of a learning rate of 1 in 24 epochs.

    python make_schedules.py        # needs torch; made with torch 2.15.0

The test is tests/python/test_schedules.py.
"""

import json
from pathlib import Path

import torch
from torch.optim import lr_scheduler as torch_of

N_EPOCHS = 24


def warm(optimizer, warmup, then):
    first = torch_of.LinearLR(optimizer, 1 / (warmup + 1), 1.0, warmup)
    return torch_of.SequentialLR(optimizer, [first, then], [warmup])


#: How a schedule is written here, and what it is there. A cosine with restarts has cycles of the
#: same length.
SCHEDULES = {
    "step": lambda o: torch_of.StepLR(o, 10, 0.1),
    "step(every=3, factor=0.5)": lambda o: torch_of.StepLR(o, 3, 0.5),
    "step(5, 8, factor=0.5)": lambda o: torch_of.MultiStepLR(o, [5, 8], 0.5),
    "exponential": lambda o: torch_of.ExponentialLR(o, 0.95),
    "exponential(factor=0.7)": lambda o: torch_of.ExponentialLR(o, 0.7),
    "cosine": lambda o: torch_of.CosineAnnealingLR(o, N_EPOCHS),
    "cosine(final=0.1)": lambda o: torch_of.CosineAnnealingLR(o, N_EPOCHS, 0.1),
    "cosine(restarts=2)": lambda o: torch_of.CosineAnnealingWarmRestarts(o, N_EPOCHS // 3),
    "cosine(warmup=4)": lambda o: warm(o, 4, torch_of.CosineAnnealingLR(o, N_EPOCHS - 4)),
    "one_cycle": lambda o: torch_of.OneCycleLR(o, 1.0, N_EPOCHS),
    "one_cycle(warmup=0.5, start=10, end=100)": lambda o: torch_of.OneCycleLR(
        o, 1.0, N_EPOCHS, pct_start=0.5, div_factor=10, final_div_factor=100
    ),
}


def rates(make):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler, found = make(optimizer), []
    for _ in range(N_EPOCHS):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def main():
    made = {
        "torch": torch.__version__.partition("+")[0],
        "rates": {name: rates(make) for name, make in SCHEDULES.items()},
    }
    path = Path(__file__).with_name("schedules.json")
    path.write_text(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main()

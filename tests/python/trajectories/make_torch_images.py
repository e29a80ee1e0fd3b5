"""Makes torch_images.json: PyTorch networks of images, trained for 60 steps.

    python make_torch_images.py        # needs numpy and torch; made with torch 2.15.0

Layers are named as in skarma.nn. Images and coefs are channels last, as there. The test is
tests/python/test_nn.py.
"""

import json
from pathlib import Path

import numpy as np
import torch

N, BATCH, N_EPOCHS, RATE, MOMENTUM = 45, 8, 10, 0.05, 0.9
CASES = [
    {
        "input_shape": [8, 7, 2],
        "loss": "sparse_categorical_crossentropy",
        "layers": [
            ["Conv2D", 4, [3, 3], [1, 1], "valid"],
            ["Activation", "relu"],
            ["MaxPool2D", [2, 2], [2, 2]],
            ["Conv2D", 5, [3, 3], [1, 1], "same"],
            ["Activation", "tanh"],
            ["AveragePool2D", [2, 2], [1, 1]],
            ["Flatten"],
            ["Dense", 3],
            ["Activation", "softmax"],
        ],
    },
    {
        "input_shape": [9, 8, 1],
        "loss": "binary_crossentropy",
        "layers": [
            ["Conv2D", 4, [3, 2], [2, 1], "valid"],
            ["BatchNorm"],
            ["Activation", "gelu"],
            ["MaxPool2D", [3, 3], [1, 2]],
            ["Conv2D", 6, [1, 1], [1, 1], "valid"],
            ["LayerNorm"],
            ["Activation", "relu"],
            ["GlobalAveragePool2D"],
            ["Dense", 2],
            ["Activation", "sigmoid"],
        ],
    },
    {
        "input_shape": [6, 6, 3],
        "loss": "sparse_categorical_crossentropy",
        "layers": [
            ["Rescale", 0.5, 0.25],
            ["Conv2D", 4, [3, 3], [1, 1], "same"],
            ["Activation", "relu"],
            [
                "Residual",
                [
                    ["Conv2D", 4, [3, 3], [1, 1], "same"],
                    ["BatchNorm"],
                    ["Activation", "tanh"],
                    ["Conv2D", 4, [5, 3], [1, 1], "same"],
                ],
            ],
            ["BatchNorm"],
            ["Activation", "relu"],
            ["Conv2D", 3, [2, 2], [2, 2], "valid"],
            ["Flatten"],
            ["Dense", 7],
            ["Activation", "tanh"],
            ["BatchNorm"],
            ["Dense", 4],
            ["Activation", "softmax"],
        ],
    },
]
ACTIVATIONS = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "gelu": torch.nn.functional.gelu,
}


class Network(torch.nn.Module):
    """Reads and keeps images as (n, channels, rows, columns); rows of numbers as they are."""

    def __init__(self, input_shape, layers, random_state):
        super().__init__()
        self.layers, self.modules_, self.random_state = layers, torch.nn.ModuleList(), random_state
        self.add(layers, input_shape)

    def add(self, layers, shape):
        for layer in layers:
            kind, *args = layer
            module = torch.nn.Identity()
            if kind == "Residual":
                module = Network(shape, args[0], self.random_state)
            if kind == "Conv2D":
                filters, kernel, strides, padding = args
                module = torch.nn.Conv2d(
                    shape[-1], filters, kernel, strides, padding if padding == "same" else 0
                )
            if kind == "Dense":
                module = torch.nn.Linear(shape[-1], args[0])
            if kind == "BatchNorm":
                norm = torch.nn.BatchNorm1d if len(shape) == 1 else torch.nn.BatchNorm2d
                module = norm(shape[-1])
            if kind == "LayerNorm":
                module = torch.nn.LayerNorm(shape[-1])
            if kind != "Residual":
                for parameter in module.parameters():
                    values = self.random_state.uniform(-0.4, 0.4, tuple(parameter.shape))
                    parameter.data = torch.tensor(values)
            self.modules_.append(module.double().eval())
            example = torch.zeros((2, *shape), dtype=torch.float64)
            shape = self.last_of(self.apply(layer, module, from_last(example))).shape[1:]

    @staticmethod
    def last_of(x):
        return x.permute(0, 2, 3, 1) if x.ndim == 4 else x

    def apply(self, layer, module, x):
        kind, *args = layer
        if kind == "Residual":
            return x + module(x)
        if kind == "Rescale":
            return x * args[0] + args[1]
        if kind == "Activation":
            return ACTIVATIONS[args[0]](x) if args[0] in ACTIVATIONS else x  # the loss's
        if kind == "MaxPool2D":
            return torch.nn.functional.max_pool2d(x, *args)
        if kind == "AveragePool2D":
            return torch.nn.functional.avg_pool2d(x, *args)
        if kind == "GlobalAveragePool2D":
            return x.mean(dim=(2, 3))
        if kind == "Flatten":
            return self.last_of(x).flatten(1)
        if kind == "LayerNorm":
            return from_last(module(self.last_of(x)))
        return module(x)

    def forward(self, x):
        for layer, module in zip(self.layers, self.modules_, strict=True):
            x = self.apply(layer, module, x)
        return x

    def weights(self):
        """As `Sequential.get_weights` has them."""
        for module in self.modules_:
            if isinstance(module, Network):
                yield from module.weights()
            elif isinstance(module, torch.nn.Conv2d):
                yield from (module.weight.permute(2, 3, 1, 0), module.bias)
            elif isinstance(module, torch.nn.Linear):
                yield from (module.weight.T, module.bias)
            elif isinstance(module, torch.nn.Identity):
                pass
            else:
                yield from module.parameters()
                if hasattr(module, "running_mean"):
                    yield from (module.running_mean, module.running_var)


def from_last(x):
    return x.permute(0, 3, 1, 2) if x.ndim == 4 else x


def arrays(network):
    return [weights.detach().numpy().tolist() for weights in network.weights()]


def trained(case):
    random_state = np.random.RandomState(0)
    network = Network(case["input_shape"], case["layers"], random_state).train()
    x = random_state.normal(size=(N, *case["input_shape"]))
    is_binary = case["loss"] == "binary_crossentropy"
    if is_binary:
        y = random_state.randint(2, size=(N, 2))
        loss_of = torch.nn.functional.binary_cross_entropy_with_logits
        target = torch.tensor(y, dtype=torch.float64)
    else:
        y = random_state.randint(case["layers"][-2][1], size=N)
        loss_of, target = torch.nn.functional.cross_entropy, torch.tensor(y)
    start, images = arrays(network), from_last(torch.tensor(x))
    optimizer = torch.optim.SGD(network.parameters(), RATE, MOMENTUM, nesterov=True)
    losses = []
    for _ in range(N_EPOCHS):
        total = 0.0
        for begin in range(0, N, BATCH):
            rows = slice(begin, min(begin + BATCH, N))
            optimizer.zero_grad()
            loss = loss_of(network(images[rows]), target[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * (rows.stop - rows.start)
        losses.append(total / N)
    network.eval()
    z = network(images).detach()
    outputs = torch.sigmoid(z) if is_binary else torch.softmax(z, 1)
    return {
        **case,
        "x": x.tolist(),
        "y": y.tolist(),
        "start": start,
        "weights": arrays(network),
        "losses": losses,
        "outputs": outputs.numpy().tolist(),
    }


if __name__ == "__main__":
    settings = {"batch": BATCH, "n_epochs": N_EPOCHS, "rate": RATE, "momentum": MOMENTUM}
    result = {**settings, "cases": [trained(case) for case in CASES]}
    path = Path(__file__).with_name("torch_images.json")
    path.write_text(json.dumps(result, separators=(",", ":")) + "\n")

"""torch takes part: eager as in bench/peers, each step as one CUDA graph, or by torch.compile."""

import numpy as np
import torch
from learnt import Learnt
from peer_torch import module_of, penalised_loss, train
from problems import BETA_1, BETA_2, EPSILON, LEARNING_RATE, initial_weights, row_orders
from stacks import batches_of, test_rows
from torch.nn import functional

torch.backends.cuda.matmul.allow_tf32 = False


def adam_step(layers, first, second, loss, rate, *batch):
    """One step in place, in scikit-learn's form."""
    gradients = torch.func.grad(loss)(layers, *batch)
    for weights, moment, square, gradient in zip(layers, first, second, gradients, strict=True):
        moment.lerp_(gradient, 1 - BETA_1)
        square.lerp_(gradient.square(), 1 - BETA_2)
        weights.sub_(rate * moment / (square.sqrt() + EPSILON))


class Graphed:
    """A step that is captured once for each shape of its inputs, and replayed on others."""

    def __init__(self, step):
        self.step, self.captured = step, {}

    def __call__(self, *inputs):
        shapes = tuple(one.shape for one in inputs)
        if shapes not in self.captured:
            self.captured[shapes] = self._capture(inputs)
        graph, held = self.captured[shapes]
        for to, one in zip(held, inputs, strict=True):
            to.copy_(one)
        graph.replay()

    def _capture(self, inputs):
        held, graph = [one.clone() for one in inputs], torch.cuda.CUDAGraph()
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(3):
                self.step(*held)
        torch.cuda.current_stream().wait_stream(aside)
        with torch.cuda.graph(graph):
            self.step(*held)
        return graph, held


class Training:
    """Parameters like `start` that are trained in place, by steps of Adam."""

    def __init__(self, start, loss, wrap):
        self.layers, self.first, self.second = ([one.clone() for one in start] for _ in range(3))
        self.step = wrap(lambda *inputs: self._step(loss, *inputs))

    def _step(self, loss, *inputs):
        adam_step(self.layers, self.first, self.second, loss, *inputs)

    def run(self, start, rates, batches):
        """Steps of these rates on these batches."""
        self._begin_at(start)
        for rate, batch in zip(rates, batches, strict=True):
            self.step(rate, *batch)
        return [one.cpu().numpy() for one in self.layers]

    def _begin_at(self, start):
        for layer, begin in zip(self.layers, start, strict=True):
            layer.copy_(begin)
        for moment in (*self.first, *self.second):
            moment.zero_()


def corrections(n_steps):
    """What the moments' start makes of the rate of every step."""
    t = np.arange(1, n_steps + 1)
    return (np.sqrt(1 - BETA_2**t) / (1 - BETA_1**t)).astype(np.float32)


def outputs_of_stack(layers, X):
    """Outputs (n_splits, n_pairs, n_rows, n_outputs) of samples (n_splits, 1, n_rows, features)."""
    for weights, bias in zip(layers[:-2:2], layers[1:-2:2], strict=True):
        X = torch.relu(X @ weights + bias)
    return X @ layers[-2] + layers[-1]


def loss_of_stack(layers, X, t, counts, alphas):
    """The sum of the losses of all networks: mean over the rows that count, and penalty."""
    z = outputs_of_stack(layers, X)
    losses = functional.binary_cross_entropy_with_logits(z, t.expand_as(z), reduction="none")
    n = counts.sum(dim=-2, keepdim=True)
    squares = sum(one.square().sum(dim=(-2, -1), keepdim=True) for one in layers[::2])
    return ((losses * counts).sum(dim=-2, keepdim=True) / n + 0.5 * alphas * squares / n).sum()


def weights_of(workload):
    """scikit-learn's first weights, and its generator after them."""
    random_state = np.random.RandomState(0)
    arguments = workload.units, workload.activation, random_state, workload.X.dtype
    return initial_weights(*arguments), random_state


class TorchWorks:
    """On a device, in one of the three ways."""

    def __init__(self, device, way):
        self.device = device
        self.wrap = {
            "torch": lambda step: step,
            "torch, graph": Graphed,
            "torch.compile": lambda step: torch.compile(step, dynamic=False),
        }[way]
        self.eager = way == "torch"

    def tensor(self, array):
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)

    def fit(self, workload):
        return self._fit_eagerly(workload) if self.eager else self._fit_by_steps(workload)

    def _fit_eagerly(self, workload):
        def run():
            X, t = self.tensor(workload.X), self.tensor(workload.y)
            layers, random_state = weights_of(workload)
            orders = self.tensor(row_orders(len(X), workload.epochs, random_state))
            module = module_of(layers, workload.activation).to(self.device)
            train(module, X, t, orders, workload.batch, workload.output)
            return Learnt(pairs([one.detach().cpu().numpy().T for one in module.parameters()]))

        return run

    def _fit_by_steps(self, workload):
        torch.compiler.reset()
        X, t = self.tensor(workload.X), self.tensor(workload.y)

        def loss(layers, rows):
            network = workload.activation, workload.output
            return penalised_loss(pairs(layers), X[rows], t[rows], *network)

        training = Training(self._start(weights_of(workload)[0]), loss, self.wrap)

        def run():
            X.copy_(torch.from_numpy(workload.X))  # as the others' data come from the host
            layers, random_state = weights_of(workload)
            orders = row_orders(len(X), workload.epochs, random_state)
            rows = self.tensor(orders).long().reshape(-1, workload.batch)
            rates = self.tensor(LEARNING_RATE * corrections(len(rows)))
            batches = [(one,) for one in rows]
            return Learnt(pairs(training.run(self._start(layers), rates, batches)))

        return run

    def _start(self, layers):
        return [self.tensor(one) for layer in layers for one in layer]

    def search(self, workload):
        torch.compiler.reset()
        alphas, rates = self._columns(workload)

        def loss(layers, *batch):
            return loss_of_stack(layers, *batch, alphas)

        training = Training(self._stack(workload), loss, self.wrap)

        def run():
            X, y = self.tensor(workload.X), self.tensor(workload.targets())
            places = [tuple(map(self.tensor, one)) for one in batches_of(workload)]
            batches = [(X[rows][:, None], y[rows][:, None], n) for rows, n in places]
            steps = [float(one) * rates for one in corrections(len(batches))]
            layers = training.run(self._stack(workload), steps, batches)
            return Learnt(scores=self._scores(layers, X, y, workload))

        return run

    def _columns(self, workload):
        """alpha and rate of each network, to be broadcast over its parameters."""
        columns = np.array(workload.pairs, dtype=np.float32).T
        return (self.tensor(column[None, :, None, None]) for column in columns)

    def _stack(self, workload):
        """The first parameters of every network, (n_splits, n_pairs, rows, columns) each."""
        n = len(workload.splits), len(workload.pairs)
        arrays = [np.atleast_2d(one) for layer in weights_of(workload)[0] for one in layer]
        return [self.tensor(np.broadcast_to(one, (*n, *one.shape))) for one in arrays]

    def _scores(self, layers, X, y, workload):
        rows, counts = map(self.tensor, test_rows(workload))
        with torch.inference_mode():
            z = outputs_of_stack([self.tensor(one) for one in layers], X[rows][:, None])
            right = ((z > 0) == (y[rows][:, None] > 0.5)) * counts
            return (right.sum(dim=(-2, -1)) / counts.sum(dim=(-2, -1))).mean(dim=0).cpu().numpy()


def pairs(arrays):
    """Weights and biases by layer."""
    return list(zip(arrays[::2], arrays[1::2], strict=True))

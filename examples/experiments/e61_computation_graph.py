"""
E61: The computation graph
==========================

The computation graph of a network's loss: its nodes, what is kept, what is dropped.

A minibatch of 128 images through 784-32-10. What the forward pass makes is kept until the backward
pass has used it; when the loss goes, so does the graph, and weights and their gradients stay.
"""

import gc
import weakref

import numpy as np
from shared_figures import near, report
from shared_pictures import bars, places

from skarma.autodiff import Variable, exp, log, maximum


def loss_of(X, y, weights):
    first, first_bias, last, last_bias = weights
    hidden = maximum(X @ first + first_bias, 0)
    e = exp(hidden @ last + last_bias)
    return -(y * log(e / e.sum(1, keepdims=True))).sum(1).mean()


def describe(loss):
    """A line for each node: what made it, the shape of its value, and from which nodes."""
    numbers = {node: number for number, node in enumerate(loss.graph())}
    for node, number in numbers.items():
        made_from = ", ".join(str(numbers[use.operand]) for use in node.uses)
        yield f"{number:3} {node.operation:10} {node.shape!s:12} {node.value.nbytes:8} bytes  " + (
            f"of {made_from}" if made_from else ""
        )


def example():
    rng = np.random.RandomState(0)
    X, y = rng.uniform(size=(128, 784)), np.eye(10)[rng.randint(10, size=128)]
    shapes = (784, 32), (32,), (32, 10), (10,)
    weights = [Variable(0.05 * rng.standard_normal(shape)) for shape in shapes]
    return loss_of(X, y, weights), weights


def run():
    loss, weights = example()
    nodes = loss.graph()
    inputs = [node for node in nodes if node.operation == "input"]
    made = [node for node in nodes if node.operation != "input"]
    yield near("nodes that are weights", len(inputs), 4)
    yield near("nodes that operations made", len(made), 14)
    yield near("numbers of weights", sum(node.value.size for node in inputs), 25_450)
    kept = sum(node.value.size for node in made)
    of_a_row = 3 * 32 + 6 * 10 + 2  # hidden layer, outputs and their softmax and logarithm, sums
    yield near("numbers that the forward pass keeps", kept, 128 * of_a_row + 3)
    loss.backward()
    gradients = sum(node.grad.size for node in made)
    yield near("numbers of gradients on the way", gradients, kept)
    hidden = weakref.ref(made[0])
    del loss, nodes, made, inputs
    gc.collect()
    yield near("of that is left without the loss", hidden() is not None, 0)
    yield near("gradients that stay", sum(weight.grad.size for weight in weights), 25_450)


def picture():
    """What each node keeps."""
    nodes = example()[0].graph()
    sizes = {f"{i} {node.operation} {node.shape}": node.value.size for i, node in enumerate(nodes)}
    return bars(places(size=(6.4, 5)), sizes, digits=6, xlabel="numbers", xscale="log")


if __name__ == "__main__":
    print(*describe(example()[0]), sep="\n")
    report(run, picture)

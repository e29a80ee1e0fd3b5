"""How fast a network of skarma.nn trains beside the same of Keras 3 on JAX, on one thread.

    python bench/peers/keras_layers.py [--rounds 9]        # needs keras and jax

E64's: 784 inputs, 32 units, ten classes, Adam, batches of 128, in float32, with its accuracy. One
epoch of minibatches in the order of the samples from the same weights, after one that compiles: CPU
time on one CPU, the least of several rounds in turns; of numbers without a zero, and of MNIST's
images where `SKARMA_TEST_DATA` has them. The losses are there to show that the work was the same.
"""

import argparse
import gzip
import os
import time
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # before JAX counts threads

import keras  # noqa: E402
import numpy as np  # noqa: E402

from skarma import nn  # noqa: E402

N, BATCH = 12_800, 128
LOSS, METRICS = "sparse_categorical_crossentropy", ["accuracy"]


def networks():
    """skarma's and Keras's, from the same weights."""
    ours = nn.Sequential(
        [nn.Dense(32, "relu", input_shape=(784,)), nn.Dense(10, "softmax")], random_state=0
    )
    ours.compile(nn.Adam(), LOSS, METRICS)
    theirs = keras.Sequential(
        [
            keras.Input((784,)),
            keras.layers.Dense(32, "relu"),
            keras.layers.Dense(10, "softmax"),
        ]
    )
    theirs.compile("adam", loss=LOSS, metrics=METRICS)
    theirs.set_weights(ours.get_weights())
    return {"skarma": ours, "Keras 3 on JAX": theirs}


def epoch(model, x, y):
    """CPU seconds and the mean loss."""
    begin = time.process_time()
    history = model.fit(x, y, batch_size=BATCH, epochs=1, shuffle=False, verbose=0)
    return time.process_time() - begin, history.history["loss"][0]


def random_numbers():
    random_state = np.random.RandomState(0)
    x = random_state.uniform(size=(N, 784)).astype(np.float32)
    return x, random_state.randint(10, size=N)


def images(folder):
    """The first of MNIST's, between 0 and 1, and their digits."""

    def numbers(name, header):
        content = gzip.decompress((folder / f"train-{name}.gz").read_bytes())
        return np.frombuffer(content, np.uint8, offset=header)

    x = numbers("images-idx3-ubyte", 16).reshape(-1, 784)[:N].astype(np.float32) / 255
    return x, numbers("labels-idx1-ubyte", 8)[:N].astype(int)


def compare(title, x, y, rounds):
    models = networks()
    measured = [{name: epoch(model, x, y) for name, model in models.items()}]
    first = {name: loss for name, (_, loss) in measured[0].items()}
    measured = [{n: epoch(model, x, y) for n, model in models.items()} for _ in range(rounds)]
    best = {name: min(m[name][0] for m in measured) * BATCH / N * 1e3 for name in models}
    losses = ", ".join(f"{loss:.6f}" for loss in first.values())
    print(f"{title}; losses of the first epoch: {losses}")
    for name, milliseconds in best.items():
        print(
            f"  {name:15} {milliseconds:.3f} ms a step, {milliseconds / best['skarma']:.1f} times"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    compare("Random numbers", *random_numbers(), rounds)
    folder = Path(os.environ.get("SKARMA_TEST_DATA", "../shared/data")) / "mnist"
    if folder.is_dir():
        compare("MNIST", *images(folder), rounds)
    else:
        print(f"no MNIST in {folder}: SKARMA_TEST_DATA names the folder of data")


if __name__ == "__main__":
    main()

"""How soon is Ctrl-C heard? The longest of a few waits, from the signal to the end of the call.

python bench/python/stopping.py
"""

import os
import signal
import threading
import time
import warnings

import numpy as np

from skarma import MLPClassifier

DELAYS = (0.7, 0.93, 1.17, 1.4, 1.66)  # seconds into the call, which takes longer


def wait_of(call, delay):
    sent = []

    def interrupt():
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(delay, interrupt)
    timer.start()
    try:
        call()
    except KeyboardInterrupt:  # of lbfgs; the others keep what they have, with a warning
        pass
    heard = time.perf_counter()
    timer.join()
    return heard - sent[0]


def main():
    warnings.simplefilter("ignore")
    rng = np.random.RandomState(0)
    X, y = rng.standard_normal((60_000, 784)), rng.randint(0, 10, 60_000)
    cases = {
        "lbfgs, 784-512-10": {"solver": "lbfgs", "hidden_layer_sizes": (512,)},
        "adam, 784-512-512-10, batches of 200": {"hidden_layer_sizes": (512, 512)},
    }
    print("| fit of 60,000 rows | longest wait, ms |\n| --- | --- |")
    for name, parameters in cases.items():
        model = MLPClassifier(max_iter=1000, **parameters)
        longest = max(wait_of(lambda model=model: model.fit(X, y), delay) for delay in DELAYS)
        print(f"| {name} | {longest * 1e3:.0f} |", flush=True)


if __name__ == "__main__":
    main()

"""How the time of a training step grows with the work: rows, features, units, layers, batch.

    python bench/python/scaling.py [--write docs/scaling.png]

Every axis is varied by itself around one network, five points each; a figure is the least of a
few fits on one thread, divided by the number of their steps. The same fits of scikit-learn stand
beside.
"""

import argparse
import time
import warnings

import numpy as np
from sklearn import neural_network
from threadpoolctl import threadpool_limits

import skarma

MIDDLE = {"rows": 4000, "features": 64, "units": 128, "layers": 1, "batch": 200}
AXES = {
    "rows": [1000, 2000, 4000, 8000, 16000],
    "features": [16, 64, 256, 1024, 4096],
    "units": [16, 64, 256, 1024, 4096],
    "layers": [1, 2, 3, 4, 5],
    "batch": [8, 32, 128, 512, 2048],
}
SERIES = [
    ("skarma float64", skarma.MLPRegressor, np.float64),
    ("skarma float32", skarma.MLPRegressor, np.float32),
    ("scikit-learn float64", neural_network.MLPRegressor, np.float64),
    ("scikit-learn float32", neural_network.MLPRegressor, np.float32),
]


def microseconds_of_a_step(estimator_class, shape, dtype, repeats):
    """The least time of a fit of a few epochs, by step."""
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, size=(shape["rows"], shape["features"])).astype(dtype)
    y = X[:, 0]
    model = estimator_class(
        hidden_layer_sizes=(shape["units"],) * shape["layers"],
        batch_size=shape["batch"],
        max_iter=2,
        tol=0,
        random_state=0,
    )
    n_steps = 2 * -(-shape["rows"] // shape["batch"])
    least = np.inf
    for _ in range(repeats):
        start = time.process_time()
        model.fit(X, y)
        least = min(least, time.process_time() - start)
    return least / n_steps * 1e6


def measured(repeats):
    """{axis: {series: times of a step}}, the series taking turns at every point."""
    figures = {axis: {name: [] for name, _, _ in SERIES} for axis in AXES}
    for axis, points in AXES.items():
        for point in points:
            for name, estimator_class, dtype in SERIES:
                shape = MIDDLE | {axis: point}
                step = microseconds_of_a_step(estimator_class, shape, dtype, repeats)
                figures[axis][name].append(step)
    return figures


def plot(figures, path):
    """One panel an axis, both scales logarithmic."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(15, 3.6), layout="constrained")
    panels = figure.subplots(1, len(AXES))
    for panel, (axis, points) in zip(panels, AXES.items(), strict=True):
        for name, times in figures[axis].items():
            ours = name.startswith("skarma")
            panel.plot(
                points,
                times,
                color="C0" if name.endswith("64") else "C1",
                linestyle="-" if ours else ":",
                marker="o" if ours else None,
                label=name,
            )
        panel.set(xscale="log", yscale="log", title=axis, xticks=points, xticklabels=points)
        panel.minorticks_off()
        panel.grid(alpha=0.3)
    panels[0].set_ylabel("microseconds a step")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(SERIES))
    figure.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--write", metavar="FILE", help="a PNG of the curves")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        figures = measured(arguments.repeats)
    print(f"Around {MIDDLE}, adam, relu; microseconds a step.\n")
    print("| axis | point | " + " | ".join(name for name, _, _ in SERIES) + " |")
    print("| --- " * (2 + len(SERIES)) + "|")
    for axis, points in AXES.items():
        for i, point in enumerate(points):
            times = " | ".join(f"{figures[axis][name][i]:.1f}" for name, _, _ in SERIES)
            print(f"| {axis} | {point} | {times} |")
    if arguments.write:
        plot(figures, arguments.write)


if __name__ == "__main__":
    main()

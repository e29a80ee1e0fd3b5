"""
E21: Step sizes on a badly conditioned quadratic
================================================

Eigenvalues 1 and 100: descent wants a much smaller step, and many more of them.
"""

from shared_figures import near, report

from skarma import demos

HESSIAN = [[1, 0], [0, 100]]
N_STEPS = {0.0198: 589, 0.01: 918}


def run():
    figures = demos.conditioning(HESSIAN, [*N_STEPS, 0.63], max_steps=5000)
    yield near("condition number", figures.condition_number, 100)
    for rate, n in zip(figures.learning_rates[:2], figures.n_steps, strict=False):
        yield near(f"steps, step size {rate:g}", n, N_STEPS[float(rate)])
    yield near("limit, 2 / largest eigenvalue", figures.largest_rate, 0.02)
    yield near("step size 0.63 comes to the minimum", figures.converged[2], 0)
    yield near("steps until f is 1e10 times what it was, 62^2 a step", figures.n_steps[2], 3)


def picture():
    return demos.conditioning(HESSIAN).plot()


if __name__ == "__main__":
    report(run, picture)

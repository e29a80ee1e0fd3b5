"""
E20: Step sizes on a well-conditioned quadratic
===============================================

Step sizes of steepest descent on a quadratic of eigenvalues 1 and 2, to E19's stop rule.
"""

from shared_figures import near, report

from skarma import demos

N_STEPS = {0.22: 45, 0.63: 13, 0.9: 51}


def run():
    figures = demos.conditioning([[1, 0], [0, 2]], [*N_STEPS, 1.05], max_steps=5000)
    for rate, n in zip(figures.learning_rates[:3], figures.n_steps, strict=False):
        yield near(f"steps, step size {rate:g}", n, N_STEPS[float(rate)])
    yield near("step sizes that come to the minimum, of four", figures.converged.sum(), 3)
    yield near("step size 1.05 comes to it", figures.converged[3], 0)
    yield near("limit, 2 / largest eigenvalue", figures.largest_rate, 1)


def picture():
    rules = [demos.Rule("gd", rate, f"step size {rate}") for rate in (*N_STEPS, 1.05)]
    return demos.optimizer_paths("quadratic", rules, epsilon=1e-10).plot()


if __name__ == "__main__":
    report(run, picture)

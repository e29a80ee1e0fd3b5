"""The works of scikit-learn and of skarma: the same calls of the same classes."""

from problems import ALPHA, LEARNING_RATE


class Estimators:
    """The works with the classes of one package; every method returns a function to be timed.

    `networks` has the estimators, `model_selection` the searches.
    """

    def __init__(self, networks, model_selection):
        self.networks = networks
        self.model_selection = model_selection

    def network(self, problem, **settings):
        """An untrained estimator that stops after the epochs of the problem and not before."""
        regresses = problem.output == "identity"
        make = self.networks.MLPRegressor if regresses else self.networks.MLPClassifier
        settings = {"batch_size": problem.batch, "alpha": ALPHA, **settings}
        return make(
            hidden_layer_sizes=problem.units[1:-1],
            activation=problem.activation,
            learning_rate_init=LEARNING_RATE,
            max_iter=problem.epochs,
            n_iter_no_change=max(1, problem.epochs),
            random_state=0,
            **{"tol": 0, **settings},
        )

    def adam(self, problem):
        network = self.network(problem)
        return lambda: layers_of(network.fit(problem.X, problem.y))

    def lbfgs(self, problem):
        network = self.network(problem, solver="lbfgs", batch_size="auto", tol=1e-12)
        return lambda: layers_of(network.fit(problem.X, problem.y))

    def trained(self, problem):
        """A network of one epoch: its weights do not matter for the time."""
        network = self.network(problem).set_params(max_iter=1)
        return network.fit(problem.X[:1000], problem.y[:1000])

    def predict_proba(self, problem):
        network = self.trained(problem)
        return lambda: network.predict_proba(problem.X)

    def predict_one(self, problem):
        network, row = self.trained(problem), problem.X[:1]
        return lambda: network.predict(row)

    def search(self, problem):
        sizes = problem.candidates()
        pairs = next(iter(sizes.values()))
        grid = {
            "hidden_layer_sizes": [(size,) for size in sizes],
            "alpha": list(dict.fromkeys(alpha for alpha, _ in pairs)),
            "learning_rate_init": list(dict.fromkeys(rate for _, rate in pairs)),
        }
        search = self.model_selection.GridSearchCV(
            self.network(problem, batch_size="auto"),
            grid,
            cv=problem.folds(),
            n_jobs=problem.n_jobs,
            refit=False,
        )

        def run():
            return search.fit(problem.X, problem.y).cv_results_["mean_test_score"]

        return run


def layers_of(network):
    return list(zip(network.coefs_, network.intercepts_, strict=True))

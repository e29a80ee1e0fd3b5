"""skarma takes part through its Python estimators, on one of its devices."""

import os

from estimators import Estimators
from learnt import Learnt

import skarma
import skarma.model_selection


class SkarmaWorks(Estimators):
    """On the processor with all cores, or with one where a workload says so."""

    def __init__(self, device):
        super().__init__(skarma, skarma.model_selection)
        self.device = device

    def network(self, problem, **settings):
        n_threads = None if problem.one_thread else -1
        return super().network(problem, device=self.device, n_threads=n_threads, **settings)

    def fit(self, workload):
        train = self.adam(workload)
        return lambda: Learnt(train())

    def search(self, workload):
        alphas, rates = (
            list(dict.fromkeys(values)) for values in zip(*workload.pairs, strict=True)
        )
        grid = {"alpha": alphas, "learning_rate_init": rates}
        search = self.model_selection.GridSearchCV(
            self.network(workload), grid, cv=workload.splits, n_jobs=-1, refit=False
        )

        def run():
            results = search.fit(workload.X, workload.y).cv_results_
            seconds = results["mean_fit_time"].sum() * len(workload.splits) / self._n_at_once()
            return Learnt(scores=results["mean_test_score"], engine_seconds=seconds)

        return run

    def _n_at_once(self):
        """How many fits of a search are timed side by side: a device has one thread for all."""
        return len(os.sched_getaffinity(0)) if self.device == "cpu" else 1

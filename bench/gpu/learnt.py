"""What a run has come to, by which those who take part are compared."""

from dataclasses import dataclass

import numpy as np
from problems import final_loss


@dataclass(frozen=True)
class Learnt:
    """The layers of one network, or the test scores of many, (n_pairs,) means over the folds.

    `engine_seconds`: of the time of a search, that in which networks were prepared and trained.
    """

    layers: list | None = None
    scores: object = None
    engine_seconds: float | None = None

    def figure(self, workload):
        """The final loss of one network, or the mean score of many."""
        if self.layers is not None:
            return final_loss(workload, self.layers)
        return float(np.mean(self.scores))

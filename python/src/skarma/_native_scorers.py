"""Which of scikit-learn's scorers the native library computes; the others score fitted networks."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from sklearn import get_config
from sklearn.metrics import get_scorer

from skarma import _native
from skarma._sklearn_private import _BaseScorer, _MultimetricScorer

#: Averages over classes, which have no class of their own.
_OVER_CLASSES = ("macro", "micro", "weighted", "samples")


class Metric(NamedTuple):
    """A metric by its name in the results, and the native library's scorer of it.

    The scorer "" is the estimator's own; None is scikit-learn's to compute.
    """

    name: str
    scorer: str | None


class Metrics:
    """What a search scores by.

    Parameters
    ----------
    scoring : str, callable, list, tuple, dict or None
        As the caller has given it.

    scorers : callable
        What scikit-learn has made of it.

    y : array-like
        The targets, for which some scorers have rules of scikit-learn's.

    score_params : dict
        What the scorers take beside samples and targets.

    sample_weight : array-like or None
        The weights of the fits.
    """

    def __init__(
        self, scoring: Any, scorers: Any, y: Any, score_params: Any, sample_weight: Any
    ) -> None:
        self.scorers, self.score_params = scorers, score_params
        self.are_several = isinstance(scorers, _MultimetricScorer)
        by_name = scorers._scorers if self.are_several else {"score": scorers}
        if scorers is None:  # nothing is scored
            by_name = {}
        own = scoring is None
        self.all = [Metric(n, "" if own else _name_of(s, y)) for n, s in by_name.items()]
        if not self._are_weighted_alike(sample_weight):
            self.all = [Metric(name, None) for name, _ in self.all]

    def _are_weighted_alike(self, sample_weight: Any) -> bool:
        """Whether all scores have the weights of the fits, or none has any."""
        if not self.score_params:
            return True
        weights = self.score_params.get("sample_weight")
        is_routed = get_config()["enable_metadata_routing"]
        return (
            set(self.score_params) == {"sample_weight"}
            and weights is sample_weight
            and not (is_routed and self.are_several)
        )

    @property
    def native(self) -> list[tuple[str, str]]:
        """Those that the native library computes."""
        return [(name, scorer) for name, scorer in self.all if scorer is not None]

    @property
    def others(self) -> Any:
        """scikit-learn's scorer of the others, or None if there are none."""
        names = [name for name, scorer in self.all if scorer is None]
        if not names or not self.are_several:
            return self.scorers if names else None
        if len(names) == len(self.all):
            return self.scorers
        some = {name: self.scorers._scorers[name] for name in names}
        return _MultimetricScorer(scorers=some, raise_exc=self.scorers._raise_exc)


def _name_of(scorer: Any, y: Any) -> str | None:
    """The native library's name of one of scikit-learn's scorers, None if it has none."""
    if not isinstance(scorer, _BaseScorer):
        return None
    terms = _terms(scorer)
    for name, known in _known().items():
        if _are_equal(terms, known):
            return None if _is_theirs(name, y) else name
    return None


@cache
def _known() -> dict[str, dict[str, Any]]:
    return {name: _terms(get_scorer(name)) for name in _native.scorer_names()}


def _terms(scorer: Any) -> dict[str, Any]:
    """What a scorer computes: its metric with all parameters, of what, with which sign."""
    metric, methods = scorer._score_func, scorer._response_method
    methods = (methods,) if isinstance(methods, str) else tuple(methods)
    terms = {"metric": metric, "kind": type(scorer), "sign": scorer._sign, "methods": methods}
    try:
        parameters = inspect.signature(metric).parameters
    except (ValueError, TypeError):
        return terms | scorer._kwargs
    defaults = {n: p.default for n, p in parameters.items() if p.default is not p.empty}
    terms |= defaults | scorer._kwargs
    if terms.get("average") in _OVER_CLASSES and terms.get("pos_label") == 1:
        terms["pos_label"] = None
    return terms


def _are_equal(one: dict[str, Any], other: dict[str, Any]) -> bool:
    if one.keys() != other.keys():
        return False
    try:
        return all(type(one[k]) is type(other[k]) and bool(one[k] == other[k]) for k in one)
    except (ValueError, TypeError):  # as of arrays
        return False


def _is_theirs(name: str, y: Any) -> bool:
    """Whether scikit-learn has rules for these targets that the library has not."""
    y = np.asarray(y)
    if name == "neg_log_loss":
        return y.ndim == 2 and y.shape[1] > 1
    if name != "average_precision" or y.ndim != 1:
        return False
    labels = np.unique(y).tolist()
    return not (len(labels) == 2 and labels[1] == 1)

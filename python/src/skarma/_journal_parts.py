"""What a search with a journal is of, as text, and whether it can be repeated."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from typing import Any

import joblib
import numpy as np
import sklearn
from scipy import sparse
from sklearn.decomposition import PCA

import skarma
from skarma import _native
from skarma._journal_texts import text_of
from skarma._native_search import final_step

_DIGESTS = ("data", "targets", "fit parameters", "score parameters", "folds")
#: Parameters on which no number of a fit depends.
_IDLE = ("n_threads", "verbose", "memory")
#: Solvers of PCA that draw nothing.
_CERTAIN_SOLVERS = ("full", "covariance_eigh")


def _last_name(parameter: str) -> str:
    return parameter.rpartition("__")[2]


def plain(value: Any) -> Any:
    """A value as JSON has it, if it has a word for it; else as a text that is always the same."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if hasattr(value, "get_params") and not isinstance(value, type):
        return f"{type(value).__module__}.{type(value).__qualname__}"
    if hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    return text_of(value)


def _canonical(value: Any) -> Any:
    """Data by their values alone: wherever they lie, whatever was looked up in them before."""
    if sparse.issparse(value):
        rows = value.tocsr()
        return ("csr", rows.shape, rows.data, rows.indices, rows.indptr)
    if hasattr(value, "columns") and hasattr(value, "to_numpy"):
        columns = [
            (str(name), str(value[name].dtype), _canonical(value[name].to_numpy()))
            for name in value.columns
        ]
        return ("columns", columns)
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    if isinstance(value, np.ndarray):
        return np.ascontiguousarray(value)
    return value


def _digest(value: Any) -> str:
    """A digest by joblib, whose memory stands on it."""
    return str(joblib.hash(_canonical(value), hash_name="sha1"))


def digest_of_folds(splits: Any) -> str:
    digest = hashlib.sha1(usedforsecurity=False)
    for parts in splits:
        for rows in parts:
            digest.update(np.int64(len(rows)).tobytes())
            digest.update(np.ascontiguousarray(rows, dtype=np.int64).tobytes())
    return digest.hexdigest()


def is_unseeded(value: Any) -> bool:
    return not isinstance(value, (int, np.integer)) or isinstance(value, bool)


def _draws_nothing(estimator: Any, parameter: str, params: dict[str, Any]) -> bool:
    owner = parameter.rpartition("__")[0]
    step = params.get(owner) if owner else estimator
    return isinstance(step, PCA) and step.svd_solver in _CERTAIN_SOLVERS


def require_known(estimator: Any) -> None:
    """Raise a ValueError where a journal could not tell one function from another."""
    name = type(final_step(estimator)).__name__
    if type(final_step(estimator)).__module__.startswith("skarma.nn."):
        raise ValueError(
            f"A search over a {name} has no journal, which does not know what its function builds."
        )


def require_seeds(estimator: Any, candidates: Any) -> None:
    """Raise a ValueError where a fit draws from another stream each time."""
    params = estimator.get_params(deep=True)
    unseeded = {
        name
        for name, value in params.items()
        if _last_name(name) == "random_state"
        and is_unseeded(value)
        and not _draws_nothing(estimator, name, params)
    }

    def unseeded_in(candidate: dict[str, Any]) -> set[str]:
        found = unseeded - set(candidate)
        for name, value in candidate.items():
            if _last_name(name) == "random_state" and is_unseeded(value):
                found.add(name)
            if hasattr(value, "get_params") and not isinstance(value, type):
                nested = value.get_params(deep=True)
                found -= {one for one in found if one.startswith(f"{name}__")}
                found |= {
                    f"{name}__{inner}"
                    for inner, seed in nested.items()
                    if _last_name(inner) == "random_state"
                    and f"{name}__{inner}" not in candidate
                    and is_unseeded(seed)
                    and not _draws_nothing(value, inner, nested)
                }
        return found

    for candidate in candidates:
        for name in sorted(unseeded_in(candidate)):
            raise ValueError(
                f"A search with a journal needs a whole number as {name!r}, so that its fits can "
                "be repeated; got None or a generator."
            )


def _scorer_texts(metrics: Any) -> Iterator[tuple[str, str]]:
    """Each metric's name, and what computes it."""
    by_name = metrics.scorers._scorers if metrics.are_several else {"score": metrics.scorers}
    for name, native in metrics.all:
        scorer = by_name[name]
        if native is not None:
            yield name, native or "score"
        else:
            shown, text = repr(scorer), text_of(scorer)
            yield name, text if " at 0x" in shown else f"{shown} {text}"


def _holds_others(value: Any) -> bool:
    """Whether what differs in a parameter is better said by another one."""
    return hasattr(value, "get_params") or isinstance(value, (list, tuple))


def parts_of(search: Any, fits: Any, splits: Any) -> dict[str, str]:
    """All that the numbers of a search depend on but its candidates."""
    estimator = search.estimator
    parts = {
        "writer": "skarma for Python",
        "version": f"{skarma.__version__} ({_native.results_version()}), "
        f"scikit-learn {sklearn.__version__}",
        "estimator": str(plain(estimator)),
    }
    params = sorted(estimator.get_params(deep=True).items())
    for name, value in sorted(params, key=lambda item: _holds_others(item[1])):
        if _last_name(name) not in _IDLE:
            parts[f"parameter {name}"] = text_of(value, without=_IDLE)
    parts["data"] = _digest(fits.X)
    parts["targets"] = _digest(np.asarray(fits.y))
    for what, given in (("fit", fits.given.fit), ("score", fits.given.score)):
        in_order = [(name, _digest(value)) for name, value in sorted(given.items())]
        parts[f"{what} parameters"] = joblib.hash(in_order)
    parts["folds"] = digest_of_folds(splits)
    scoring = [f"{name}={text}" for name, text in _scorer_texts(fits.metrics)]
    train = ", of training samples, too" if search.return_train_score else ""
    parts["scoring"] = f"{', '.join(scoring)}{train}, error_score={search.error_score!r}"
    return parts


def difference_of(there: dict[str, str], here: dict[str, str]) -> str:
    """What differs, in words that follow "is of"."""
    for name in [*here, *there]:
        if there.get(name) == here.get(name):
            continue
        if name in _DIGESTS:
            return f"other {name}"
        was, now = (parts.get(name, "not known") for parts in (there, here))
        return f"another search: {name.removeprefix('parameter ')} is {was} there, and {now} here"
    return ""

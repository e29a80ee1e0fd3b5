"""Every private name of scikit-learn's that the package uses, in one place.

``from skarma._sklearn_private import _safe_split`` takes it from where scikit-learn keeps it; a
module is loaded when one of its names is asked for. A scikit-learn that has moved one says so by
an ImportError with its name.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import sklearn

_NETWORKS = "sklearn.neural_network._multilayer_perceptron"
_SCORERS = "sklearn.metrics._scorer"
_HALVING = "sklearn.model_selection._search_successive_halving"
_VALIDATION = "sklearn.model_selection._validation"

#: The private names, and names of private modules, with the modules that have them.
NAMES = {
    "callback_management_context": "sklearn.callback._callback_support",  # from 1.9 on
    "AdamOptimizer": "sklearn.neural_network._stochastic_optimizers",
    "BaseMultilayerPerceptron": _NETWORKS,
    "HalvingGridSearchCV": _HALVING,
    "HalvingRandomSearchCV": _HALVING,
    "HasMethods": "sklearn.utils._param_validation",
    "Interval": "sklearn.utils._param_validation",
    "LOSS_FUNCTIONS": "sklearn.neural_network._base",
    "Options": "sklearn.utils._param_validation",
    "SGDOptimizer": "sklearn.neural_network._stochastic_optimizers",
    "StrOptions": "sklearn.utils._param_validation",
    "_BaseScorer": _SCORERS,
    "_MultimetricScorer": _SCORERS,
    "_check_feature_names": "sklearn.utils.validation",
    "_check_method_params": "sklearn.utils.validation",
    "_check_n_features": "sklearn.utils.validation",
    "_check_partial_fit_first_call": "sklearn.utils.multiclass",
    "_check_sample_weight": "sklearn.utils.validation",
    "_enforce_prediction_order": _VALIDATION,
    "_fit_context": "sklearn.base",
    "_get_feature_names": "sklearn.utils.validation",
    "_insert_error_scores": _VALIDATION,
    "_normalize_score_results": _VALIDATION,
    "_num_samples": "sklearn.utils.validation",
    "_safe_indexing": "sklearn.utils",
    "_safe_split": "sklearn.utils.metaestimators",
    "_score": _VALIDATION,
    "_translate_train_sizes": _VALIDATION,
    "_warn_or_raise_about_fit_failures": _VALIDATION,
    "validate_parameter_constraints": "sklearn.utils._param_validation",
    "validate_params": "sklearn.utils._param_validation",
}
#: Those that a scikit-learn may be without: what needs them is not there either.
SINCE = {"callback_management_context": "1.9"}
#: Private methods and attributes of scikit-learn's objects, by the classes that have them.
MEMBERS = {
    "sklearn.base.BaseEstimator": ("_get_param_names", "_validate_params"),
    "sklearn.model_selection.GridSearchCV": (
        "_check_refit_for_multimetric",
        "_format_results",
        "_get_routed_params_for_fit",
        "_get_scorers",
        "_parameter_constraints",
        "_run_search",
        "_select_best_index",
    ),
    f"{_HALVING}.HalvingRandomSearchCV": ("_check_input_parameters", "_generate_candidate_params"),
}


def networks_module() -> Any:
    """scikit-learn's module of networks, whose name filters of warnings know."""
    return import_module(_NETWORKS)


def __getattr__(name: str) -> Any:
    if name not in NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = getattr(import_module(NAMES[name]), name)
    except (ImportError, AttributeError) as error:
        raise ImportError(
            f"scikit-learn {sklearn.__version__} has no {NAMES[name]}.{name}, which skarma needs; "
            "install a release of skarma for this scikit-learn."
        ) from error
    globals()[name] = value
    return value

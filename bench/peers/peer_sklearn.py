"""scikit-learn as a peer."""

import sklearn.model_selection
import sklearn.neural_network
from estimators import Estimators

works = Estimators(sklearn.neural_network, sklearn.model_selection)

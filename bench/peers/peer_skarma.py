"""skarma as a peer."""

from estimators import Estimators

import skarma
import skarma.model_selection

works = Estimators(skarma, skarma.model_selection)

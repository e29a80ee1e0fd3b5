#pragma once

#include <string>

namespace skarma {

class TrainedNetwork;

/// What is to be said of a fit that has not converged, in scikit-learn's words where it has some;
/// "" otherwise.
std::string fit_warning_of(const TrainedNetwork& network);

}  // namespace skarma

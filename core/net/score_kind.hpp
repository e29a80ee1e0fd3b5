#pragma once

// It includes nothing: kernels of devices read it.

namespace skarma {

/// What is summed over the rows of a network's outputs, each times its weight, where they are
/// compared with targets. Rows are compared as labels: the class of the largest output, the first
/// of equals, is the target's code; or each output is above 1/2 where its target is 1, and not
/// where it is 0. Anything else is never right, such as the code -1.
enum ScoreKind {
  kRightRows,       // 1 for a row of which all is right
  kSquaredErrors,   // of each output
  kAbsoluteErrors,  // of each output
  kLogLosses,       // of the probability that the target has, no nearer to 0 and 1 than the
                    // epsilon of the network's type; of several logistic outputs, their sum
  kScoreKinds
};

}  // namespace skarma

#pragma once

#include <cmath>
#include <cstddef>

#include <skarma/gpu/block/block.hpp>
#include <skarma/gpu/block/block_net.hpp>

// What restrains a step beside its rule, as core/optim/restraints.hpp has it. 0 is none of it.

namespace skarma::gpu {

struct BlockRestraints {
  double l1, clip_value, clip_norm, max_norm;
};

/// The derivative of l1 |w| that leaves least of the whole.
template <class T>
SKARMA_PORTABLE T l1_slope_of(T l1, T w, T gradient) {
  if (w > 0) return l1;
  if (w < 0) return -l1;
  return gradient > l1 ? -l1 : gradient < -l1 ? l1 : -gradient;
}

/// A weight after a step, or 0 where its sign has changed.
template <class T>
SKARMA_PORTABLE T in_orthant(T before, T after, T gradient) {
  const bool leaves = before > 0   ? after < 0
                      : before < 0 ? after > 0
                                   : before == 0 && after * gradient >= 0;
  return leaves ? T(0) : after;
}

template <class T>
SKARMA_PORTABLE T clipped(T gradient, double clip_value) {
  const T most = static_cast<T>(clip_value);
  return gradient > most ? most : gradient < -most ? -most : gradient;
}

/// What a gradient with this sum of squares is multiplied by.
SKARMA_PORTABLE inline double clip_share(double squares, double clip_norm) {
  const double share = clip_norm / (std::sqrt(squares) + 1e-6);
  return share < 1 ? share : 1.0;
}

template <class T, Block B>
SKARMA_PORTABLE void clip_values(B& block, const BlockNet& net, const BlockRestraints& restraints,
                                 T* gradient) {
  if (restraints.clip_value == 0) return;
  for (Count k = 0; k < net.n_runs; ++k) {
    const BlockRun& run = net.runs[k];
    each(block, run.end - run.begin, [&](Count j) {
      gradient[run.begin + j] = clipped(gradient[run.begin + j], restraints.clip_value);
    });
  }
}

/// Clips the components; returns what is to be multiplied by for the norm.
template <class T, Block B>
SKARMA_PORTABLE double clip(B& block, const BlockNet& net, const BlockRestraints& restraints,
                            T* gradient, double* partial) {
  clip_values(block, net, restraints, gradient);
  if (restraints.clip_norm == 0) return 1.0;
  double squares = 0.0;
  for (Count k = 0; k < net.n_runs; ++k) {
    const BlockRun& run = net.runs[k];
    squares += sum(block, run.end - run.begin, partial, [&](Count j) {
      const double g = static_cast<double>(gradient[run.begin + j]);
      return g * g;
    });
  }
  return clip_share(squares, restraints.clip_norm);
}

/// What each unit of a step with weights reads by, one thread's.
template <class T, Block B>
SKARMA_PORTABLE void limit_norms_of(B& block, const BlockStep& step, double max_norm,
                                    T* parameters) {
  each(block, step.channels, [&](Count j) {
    T* const w = parameters + step.coef + j;
    double squares = 0.0;
    for (std::size_t i = 0; i < step.depth(); ++i) {
      const double v = static_cast<double>(w[i * step.channels]);
      squares += v * v;
    }
    const double norm = std::sqrt(squares);
    if (!(norm > max_norm)) return;
    for (std::size_t i = 0; i < step.depth(); ++i)
      w[i * step.channels] *= static_cast<T>(max_norm / norm);
  });
}

template <class T, Block B>
SKARMA_PORTABLE void limit_norms(B& block, const BlockNet& net, const BlockRestraints& restraints,
                                 T* parameters) {
  if (restraints.max_norm == 0) return;
  for (Count s = 0; s < net.n_steps; ++s) {
    const BlockStep& step = net.steps[s];
    if (!step.trains_coefs) continue;
    limit_norms_of(block, step, restraints.max_norm, parameters);
  }
}

}  // namespace skarma::gpu

#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include <skarma/gpu/block/layout.hpp>
#include <skarma/gpu/block/score.hpp>

// What blocks are launched for, one task a block. Everything that a task points to is in the
// device's memory. `shared` is the memory that the threads of a block have in common; blocks whose
// layout is too large for it have `memory` of their own.

namespace skarma::gpu {

/// A model that is open on a device. Models lie there, one after another.
template <class T>
struct DeviceModel {
  BlockModel<T> model;
  BlockLayout layout;  // of what trains it, in shared memory; wide networks have none
  T* parameters;
  T* moments;
  Count n_moments;
};

/// Trains a model through some rows, with all its numbers in shared memory.
template <class T>
struct TrainTask {
  const DeviceModel<T>* model;
  BlockRule rule;
  BlockRows rows;
  Count batch_size;
  std::int64_t n_steps;
  double* loss_sum;  // to which each minibatch adds

  template <Block B>
  SKARMA_PORTABLE void operator()(B& block, std::byte* shared) const {
    const BlockLayout& layout = model->layout;
    const Count n_parameters = model->model.net.n_parameters;
    T* const parameters = at<T>(shared, layout.parameters);
    T* const moments = at<T>(shared, layout.moments);
    copy(block, model->parameters, n_parameters, parameters);
    copy(block, model->moments, model->n_moments, moments);
    const double losses = train(block, model->model, room_of<T>(layout, shared),
                                {parameters, moments, at<T>(shared, layout.gradient), n_steps},
                                rule, rows, batch_size, *loss_sum);
    if (block.rank() == 0) *loss_sum = losses;
    copy<T>(block, parameters, n_parameters, model->parameters);
    copy<T>(block, moments, model->n_moments, model->moments);
  }
};

/// Adds the losses of some of a model's training samples and their gradient to those of the rows
/// before; after the last of `n_all` rows there are the mean loss with the penalty and its
/// gradient.
template <class T>
struct GradientTask {
  const DeviceModel<T>* model;
  BlockLayout layout;
  std::byte* memory;  // the same for all parts; null: shared, for all rows at once
  BlockRows rows;
  Count first_row, n_all;
  T* gradient;
  double* loss;

  template <Block B>
  SKARMA_PORTABLE void operator()(B& block, std::byte* shared) const {
    const BlockModel<T>& net = model->model;
    const auto room = room_of<T>(layout, memory == nullptr ? shared : memory);
    const BlockState<T> state{model->parameters, nullptr, gradient, 0};
    if (first_row == 0) start_losses(block, net.net, room, gradient);
    add_losses(block, net, room, state, rows, first_row, static_cast<T*>(nullptr));
    if (first_row + rows.n < n_all) return;
    const double weight = weight_of(net.targets.weights, nullptr, n_all);
    const double mean = finish_losses(block, net, room, state, weight);
    if (block.rank() == 0) *loss = mean;
  }
};

/// The outputs of a network for some samples.
template <class T>
struct OutputTask {
  BlockNet net;
  const T* parameters;
  BlockLayout layout;
  std::byte* memory;  // null: shared
  BlockSamples samples;
  std::size_t first_sample;
  Count n;               // at most the layout's max_rows
  T* outputs;            // (n, n_outputs)
  std::uint8_t* finite;  // of each row; null: nobody asks

  template <Block B>
  SKARMA_PORTABLE void operator()(B& block, std::byte* shared) const {
    const auto room = room_of<T>(layout, memory == nullptr ? shared : memory);
    gather(block, BlockRows{samples, nullptr, first_sample, nullptr, n}, room.x);
    if (finite != nullptr) look(block, room.x);
    const BlockPass<T> pass{.net = net,
                            .room = room,
                            .parameters = parameters,
                            .rows = n,
                            .first_row = 0,
                            .targets = {},
                            .positions = nullptr,
                            .trains = false,
                            .seed = 0,
                            .step_number = 0,
                            .statistics = nullptr};
    forward(block, pass);
    link(block, pass);
    copy<T>(block, pass.outputs(), n * net.n_outputs, outputs);
  }

 private:
  template <Block B>
  SKARMA_PORTABLE void look(B& block, const T* x) const {
    each(block, n, [&](Count r) {
      bool all = true;
      for (Count j = 0; j < net.n_inputs; ++j) all = all && std::isfinite(x[r * net.n_inputs + j]);
      finite[r] = all ? 1 : 0;
    });
  }
};

/// Adds what the outputs of some rows come to.
template <class T>
struct ScoreTask {
  BlockScore score;
  double* memory;              // kTermsAtOnce; null: shared
  const T* outputs;            // (n, n_outputs)
  const std::uint8_t* finite;  // of each row
  std::size_t first_sample;    // which the first row is
  Count n;

  template <Block B>
  SKARMA_PORTABLE void operator()(B& block, std::byte* shared) const {
    add_score(block, score, outputs, finite, first_sample, n,
              memory == nullptr ? at<double>(shared, 0) : memory);
  }
};

/// Copies numbers from place to place.
template <class T>
struct CopyTask {
  const T* from;
  T* to;
  Count n;

  template <Block B>
  SKARMA_PORTABLE void operator()(B& block, std::byte*) const {
    copy(block, from, n, to);
  }
};

}  // namespace skarma::gpu

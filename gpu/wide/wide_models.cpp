#include <skarma/gpu/wide/wide_models.hpp>

namespace skarma::gpu {
namespace {

template <class T>
ModelMatrices<const T> fixed(const ModelMatrices<T>& m) {
  return {m.data, m.row_step, m.model_step, m.transposed};
}

template <class T>
ModelMatrices<const T> transposed(ModelMatrices<const T> m) {
  m.transposed = true;
  return m;
}

}  // namespace

template <class T>
Products<T> WideProducts<T>::forward(Count s) const {
  const BlockStep& step = models_.steps[s];
  Products<T> products = product(input(step), coefs(step), buffer(step.output, step.units), rows(),
                                 step.units, step.inputs);
  const EpilogueKind kind = fusion(s).forward;
  if (kind == EpilogueKind::none) return products;
  products.epilogue =
      epilogue(kind, models_.first.parameters + step.intercept, models_.state_step, fusion(s).kept);
  if (!fusion(s).keeps) products.epilogue.kept = nullptr;
  return products;
}

template <class T>
Products<T> WideProducts<T>::coef_gradient(Count s, bool adds) const {
  const BlockStep& step = models_.steps[s];
  T* const gradient = models_.first.gradient;
  Products<T> products = product(transposed(input(step)), fixed(buffer(step.through(), step.units)),
                                 {gradient + step.coef, step.units, models_.room_step}, step.inputs,
                                 step.units, rows());
  products.adds = adds;
  if (fusions_.bias_gradients && step.trains_bias && !adds) {
    products.epilogue =
        epilogue(EpilogueKind::column_sums, gradient + step.intercept, models_.room_step, 0);
    products.epilogue.kept = nullptr;
  }
  return products;
}

template <class T>
Products<T> WideProducts<T>::input_delta(Count s) const {
  const BlockStep& step = models_.steps[s];
  const ModelMatrices<T> beside{models_.first.products, step.inputs, models_.room_step};
  Products<T> products = product(fixed(buffer(step.through(), step.units)), transposed(coefs(step)),
                                 fusion(s).goes_straight ? buffer(step.place, step.inputs) : beside,
                                 rows(), step.inputs, step.units);
  if (fusion(s).back != EpilogueKind::none) {
    products.epilogue = epilogue(fusion(s).back, nullptr, 0, fusion(s).asked);
  }
  return products;
}

template <class T>
Products<T> WideProducts<T>::convolution(Count s, Count first) const {
  const BlockStep& step = models_.steps[s];
  const ModelMatrices<const T> seen{models_.first.columns, step.depth(), models_.room_step};
  return product(seen, coefs(step), places(step, step.output, first), places_at(step, first),
                 step.channels, step.depth());
}

template <class T>
Products<T> WideProducts<T>::columns_delta(Count s, Count first) const {
  const BlockStep& step = models_.steps[s];
  const ModelMatrices<T> seen{models_.first.columns, step.depth(), models_.room_step};
  return product(fixed(places(step, step.through(), first)), transposed(coefs(step)), seen,
                 places_at(step, first), step.depth(), step.channels);
}

template <class T>
Products<T> WideProducts<T>::part_gradient(Count s, Count first, const Part& part) const {
  const BlockStep& step = models_.steps[s];
  const ModelMatrices<const T> seen{models_.first.columns + std::size_t{part.begin} * step.depth(),
                                    step.depth(), models_.room_step};
  const ModelMatrices<T> sums{models_.first.parts + part.number * sums_of_part(step), step.channels,
                              models_.room_step};
  return product(transposed(seen), fixed(places(step, step.through(), first + part.begin)), sums,
                 step.depth(), step.channels, part.n);
}

template <class T>
Products<T> WideProducts<T>::parts_gradient(Count s, Count first, std::size_t model,
                                            Count n) const {
  const BlockStep& step = models_.steps[s];
  const std::size_t part = tiling_of(models_.first, step).part, room = model * models_.room_step;
  Products<T> products = part_gradient(s, first, {0, 0, static_cast<Count>(part)});
  products.n = n;
  products.a.data += room;
  products.b.data += room;
  products.c.data += room;
  products.a.model_step = part * step.depth();
  products.b.model_step = part * step.channels;
  products.c.model_step = sums_of_part(step);
  return products;
}

template <class T>
ModelMatrices<T> WideProducts<T>::places(const BlockStep& step, int number, Count first) const {
  ModelMatrices<T> matrices = buffer(number, step.channels);
  matrices.data += std::size_t{first} * step.channels;
  return matrices;
}

template <class T>
Products<T> WideProducts<T>::product(const ModelMatrices<const T>& a,
                                     const ModelMatrices<const T>& b, const ModelMatrices<T>& c,
                                     Count rows, Count columns, Count depth) const {
  return {.a = a,
          .b = b,
          .c = c,
          .rows = rows,
          .columns = columns,
          .depth = depth,
          .n = models_.n,
          .tf32 = models_.tf32};
}

template <class T>
Epilogue<T> WideProducts<T>::epilogue(EpilogueKind kind, T* vector, std::size_t vector_step,
                                      std::size_t kept) const {
  return {kind, vector, vector_step, models_.kept + kept, models_.room_step * sizeof(T)};
}

template <class T>
ModelMatrices<T> WideProducts<T>::buffer(int number, Count width) const {
  const std::size_t begin = std::size_t{models_.buffers[number]} * rows();
  return {models_.first.room.buffers + begin, width, models_.room_step};
}

template <class T>
ModelMatrices<const T> WideProducts<T>::input(const BlockStep& step) const {
  if (step.input != kNone) return fixed(buffer(step.input, step.inputs));
  return {models_.first.room.x, step.inputs, models_.room_step};
}

template <class T>
ModelMatrices<const T> WideProducts<T>::coefs(const BlockStep& step) const {
  return {models_.first.parameters + step.coef, step.channels, models_.state_step};
}

template class WideProducts<float>;
template class WideProducts<double>;

}  // namespace skarma::gpu

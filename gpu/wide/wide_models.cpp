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
  return {models_.first.parameters + step.coef, step.units, models_.state_step};
}

template class WideProducts<float>;
template class WideProducts<double>;

}  // namespace skarma::gpu

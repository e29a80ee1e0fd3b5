#include <skarma/estimators/transformer.hpp>

#include <stdexcept>

#include <skarma/estimators/io/internal/model_archive.hpp>

namespace skarma {

Matrix<double> Transformer::transform(const SampleView& x) const {
  return view(x).gathered<double>();
}

void Transformer::restore(const Learnt& learnt, bool learnt_float32) {
  learnt_float32_ = learnt_float32;
  take_over(learnt);
}

void Transformer::write(ModelArchive& archive) const {
  const Learnt all = learnt();
  archive.write_params(parameters());
  for (const auto& [name, figures] : all) {
    archive.write_tensor(name, figures.shape, figures.values);
  }
  if (learnt_float32_) archive.write_flag("learnt_float32", true);
}

void Transformer::read(ModelArchive& archive) {
  for (const auto& [name, value] : archive.params()) set(name, value);
  Learnt all;
  for (const auto& [name, required] : figure_names()) {
    if (!required && !archive.has_tensor(name)) continue;
    const Tensor& tensor = archive.tensor(name);
    all[name] = {tensor.shape, tensor.values<double>()};
  }
  const bool is_float32 = archive.has("learnt_float32") && archive.flag("learnt_float32");
  try {
    restore(all, is_float32);
  } catch (const std::invalid_argument& error) {
    archive.fail(error.what());
  }
}

}  // namespace skarma

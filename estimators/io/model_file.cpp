#include <skarma/estimators/io/model_file.hpp>

#include <skarma/estimators/io/internal/archived.hpp>
#include <skarma/estimators/io/internal/model_kinds.hpp>
#include <skarma/estimators/io/replace_file.hpp>

namespace skarma {

std::string model_to_bytes(const Estimator& estimator) {
  return archived(estimator.name(), [&](ModelArchive& archive) { estimator.write(archive); });
}

std::unique_ptr<Estimator> model_from_bytes(std::string_view bytes, const std::string& source) {
  std::unique_ptr<Estimator> estimator;
  read_archived(bytes, source, [&](const std::string& kind, ModelArchive& archive) {
    estimator = new_estimator(kind);
    estimator->read(archive);
  });
  return estimator;
}

void save_model(const Estimator& estimator, const std::filesystem::path& path) {
  replace_file(path, model_to_bytes(estimator));
}

std::unique_ptr<Estimator> load_model(const std::filesystem::path& path) {
  return model_from_bytes(read_file(path), path.string());
}

}  // namespace skarma

#include <skarma/estimators/io/any_model.hpp>

#include <skarma/estimators/io/internal/archived.hpp>
#include <skarma/estimators/io/internal/model_kinds.hpp>
#include <skarma/estimators/io/replace_file.hpp>

namespace skarma {

AnyModel load_any_model(const std::filesystem::path& path) {
  AnyModel model;
  read_archived(read_file(path), path.string(),
                [&](const std::string& kind, ModelArchive& archive) {
                  if (kind == kSequentialKind) {
                    model = nn::Sequential::read(archive);
                  } else {
                    auto estimator = new_estimator(kind);
                    estimator->read(archive);
                    model = std::move(estimator);
                  }
                });
  return model;
}

}  // namespace skarma

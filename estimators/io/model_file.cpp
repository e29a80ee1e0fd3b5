#include <skarma/estimators/io/model_file.hpp>

#include <new>
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <skarma/estimators/io/internal/json_limits.hpp>
#include <skarma/estimators/io/internal/model_archive.hpp>
#include <skarma/estimators/io/internal/model_kinds.hpp>
#include <skarma/estimators/io/replace_file.hpp>

namespace skarma {
namespace {

constexpr int kFormatVersion = 2;

std::unique_ptr<Estimator> read_model(Safetensors& file) {
  const auto found = file.metadata.find("skarma");
  if (found == file.metadata.end()) {
    throw std::runtime_error("its metadata has no entry 'skarma': another program wrote it.");
  }
  std::size_t data_bytes = 0;
  for (const auto& [name, tensor] : file.tensors) data_bytes += tensor.bytes.size();
  if (!is_json_within(json_limits(data_bytes), found->second)) {
    throw std::runtime_error(
        "its entry 'skarma' is no JSON, or lists more than its tensors can need.");
  }
  auto text = nlohmann::json::parse(found->second, nullptr, false);
  if (!text.is_object()) throw std::runtime_error("its entry 'skarma' is not a JSON object.");
  ModelArchive archive(text, file.tensors, "");
  const auto version = archive.whole("format_version");
  if (version < 1 || version > kFormatVersion) {
    throw std::runtime_error(fmt::format("its format version is {}; this skarma reads up to {}.",
                                         version, kFormatVersion));
  }
  auto estimator = new_estimator(archive.text("kind"));
  ModelArchive model = archive.part("model");
  estimator->read(model);
  return estimator;
}

}  // namespace

std::string model_to_bytes(const Estimator& estimator) {
  nlohmann::json text = nlohmann::json::object();
  Safetensors file;
  ModelArchive archive(text, file.tensors, "");
  archive.write_whole("format_version", kFormatVersion);
  archive.write_text("kind", std::string(estimator.name()));
  ModelArchive model = archive.part("model");
  estimator.write(model);
  file.metadata["skarma"] = text.dump();
  return to_bytes(file);
}

std::unique_ptr<Estimator> model_from_bytes(std::string_view bytes, const std::string& source) {
  Safetensors file = parse_safetensors(bytes, source);
  try {
    return read_model(file);
  } catch (const std::bad_alloc&) {
    throw;  // says nothing of the file
  } catch (const std::exception& error) {
    throw std::runtime_error(fmt::format("{} is not a skarma model: {}", source, error.what()));
  }
}

void save_model(const Estimator& estimator, const std::filesystem::path& path) {
  replace_file(path, model_to_bytes(estimator));
}

std::unique_ptr<Estimator> load_model(const std::filesystem::path& path) {
  return model_from_bytes(read_file(path), path.string());
}

}  // namespace skarma

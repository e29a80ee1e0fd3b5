#include <skarma/estimators/io/internal/archived.hpp>

#include <new>
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <skarma/estimators/io/internal/json_limits.hpp>

namespace skarma {
namespace {

constexpr int kFormatVersion = 2;

std::size_t data_bytes(const Safetensors& file) {
  std::size_t n = 0;
  for (const auto& [name, tensor] : file.tensors) n += tensor.bytes.size();
  return n;
}

nlohmann::json text_of(const Safetensors& file) {
  const auto found = file.metadata.find("skarma");
  if (found == file.metadata.end()) {
    throw std::runtime_error("its metadata has no entry 'skarma': another program wrote it.");
  }
  if (!is_json_within(json_limits(data_bytes(file)), found->second)) {
    throw std::runtime_error(
        "its entry 'skarma' is no JSON, or lists more than its tensors can need.");
  }
  auto text = nlohmann::json::parse(found->second, nullptr, false);
  if (!text.is_object()) throw std::runtime_error("its entry 'skarma' is not a JSON object.");
  return text;
}

}  // namespace

std::string archived(std::string_view kind, const std::function<void(ModelArchive&)>& write) {
  nlohmann::json text = nlohmann::json::object();
  Safetensors file;
  ModelArchive archive(text, file.tensors, "");
  archive.write_whole("format_version", kFormatVersion);
  archive.write_text("kind", std::string(kind));
  ModelArchive model = archive.part("model");
  write(model);
  file.metadata["skarma"] = text.dump();
  if (!is_json_within(json_limits(data_bytes(file)), file.metadata["skarma"])) {
    throw std::invalid_argument(
        "A model file cannot hold this: it has more layers, or deeper ones, than one may list.");
  }
  return to_bytes(file);
}

void read_archived(std::string_view bytes, const std::string& source,
                   const std::function<void(const std::string& kind, ModelArchive&)>& read) {
  Safetensors file = parse_safetensors(bytes, source);
  try {
    nlohmann::json text = text_of(file);
    ModelArchive archive(text, file.tensors, "");
    const auto version = archive.whole("format_version");
    if (version < 1 || version > kFormatVersion) {
      throw std::runtime_error(fmt::format("its format version is {}; this skarma reads up to {}.",
                                           version, kFormatVersion));
    }
    const std::string kind = archive.text("kind");
    ModelArchive model = archive.part("model");
    read(kind, model);
  } catch (const std::bad_alloc&) {
    throw;  // says nothing of the file
  } catch (const std::exception& error) {
    throw std::runtime_error(fmt::format("{} is not a skarma model: {}", source, error.what()));
  }
}

}  // namespace skarma

#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <skarma/estimators/io/internal/model_archive.hpp>

namespace skarma {

// What all model files have around the part that is an object's own: a version, and its kind.

/// The bytes of a model file with what `write` says.
std::string archived(std::string_view kind, const std::function<void(ModelArchive&)>& write);

/// Calls read(kind, archive). `source` names the bytes in messages. Throws std::runtime_error for
/// what is no model file, and for what `read` throws.
void read_archived(std::string_view bytes, const std::string& source,
                   const std::function<void(const std::string& kind, ModelArchive&)>& read);

}  // namespace skarma

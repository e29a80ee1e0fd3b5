#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <skarma/estimators/transformer.hpp>

namespace skarma {

/// A class of transformers. A row of transformer_kinds() is all that model files, Python and the
/// command line need to know of it.
struct TransformerKind {
  std::string_view name;  // of the class
  std::string_view word;  // on the command line
  std::unique_ptr<Transformer> (*make)();
};

/// All classes of transformers, a row each.
std::span<const TransformerKind> transformer_kinds();

/// An unfitted object of the class with this name. Throws std::invalid_argument for another name,
/// naming the nearest.
std::unique_ptr<Transformer> make_transformer(std::string_view name);

}  // namespace skarma

#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <skarma/estimators/transformer.hpp>

namespace skarma::cli {

/// What a list of transformers may name: "none", "standard" ...
std::vector<std::string_view> transformer_words();

/// The transformers of "robust(quantile_low=10, quantile_high=90),normalizer", in their order;
/// none for "none". Throws std::invalid_argument for an unknown word or parameter, naming the
/// nearest, for a value of another type, and for text that is no such list.
std::vector<std::unique_ptr<Transformer>> transformers_of(std::string_view text);

}  // namespace skarma::cli

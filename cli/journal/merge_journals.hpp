#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace skarma::cli {

/// Adds to the journal `out`, which may be new, all fits that other journals of the same search
/// have and it lacks, and says how many without an error came. Of a fit that several have, the
/// first without an error counts. Throws, before anything is written, std::invalid_argument for
/// journals of different searches, and std::runtime_error where two have other scores for one fit.
std::size_t merge_journals(const std::string& out, std::span<const std::string> sources);

}  // namespace skarma::cli

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skarma {

/// A name with numbers, as in "cosine(warmup=5, restarts=2)" or "step(5, 8)".
struct CallText {
  struct Argument {
    std::string name;  // empty: it is known by its place
    double value;
  };

  std::string name;
  std::vector<Argument> arguments{};
};

/// nullopt for a text that is not written so; a name alone is.
std::optional<CallText> parse_call(std::string_view text);

}  // namespace skarma

#include <skarma/core/net/initialiser.hpp>

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include <skarma/core/base/nearest_name.hpp>

namespace skarma {

Initialiser parse_initialiser(std::string_view text) {
  const std::string_view name = text.substr(0, text.find('('));
  const auto row = std::ranges::find(kInitialisers, name, &Initialiser::name);
  if (row == kInitialisers.end()) {
    std::array<std::string_view, kInitialisers.size()> known;
    std::ranges::transform(kInitialisers, known.begin(), &Initialiser::name);
    throw std::invalid_argument(
        fmt::format("There is no initialiser '{}'.{}", text, did_you_mean(name, known)));
  }
  Initialiser initialiser = *row;
  initialiser.number = number_of_call(text, row->name, row->takes);
  return initialiser;
}

}  // namespace skarma

#pragma once

#include <map>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <skarma/model_selection/search/journal.hpp>

namespace skarma::test {

/// A journal that lasts as long as this object.
class MemoryJournal final : public Journal {
 public:
  bool open(const SearchDescription& search) override {
    const bool is_new = description.parts.empty();
    const auto text = is_new ? "" : difference(description.parts, search.parts);
    if (!text.empty()) throw std::invalid_argument("The journal is of " + text + ".");
    description = search;
    return is_new;
  }
  std::optional<FitResult> find(const FitKey& key) override {
    const auto found = fits.find({key.candidate, key.fold});
    return found == fits.end() ? std::nullopt : std::optional(found->second);
  }
  bool append(const FitKey& key, const Trial& trial, const ParamSet&,
              const FitResult& result) override {
    if (fits.size() >= room) throw std::runtime_error("the journal is full");
    const auto [place, is_new] = fits.try_emplace({key.candidate, key.fold}, result);
    if (!is_new && place->second.fit_error.empty()) return false;
    place->second = result;
    appended.push_back(trial);
    return true;
  }

  SearchDescription description;
  std::map<std::pair<Digest, std::size_t>, FitResult> fits;
  std::vector<Trial> appended;
  std::size_t room = 1'000'000;
};

}  // namespace skarma::test

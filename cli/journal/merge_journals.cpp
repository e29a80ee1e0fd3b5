#include <skarma/cli/journal/merge_journals.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <skarma/cli/journal/journal_contents.hpp>
#include <skarma/cli/journal/sqlite_journal.hpp>
#include <skarma/cli/wording.hpp>

namespace skarma::cli {
namespace {

struct Source {
  std::string path;
  JournalContents contents;
};

bool are_same(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool same = std::bit_cast<std::uint64_t>(a[i]) == std::bit_cast<std::uint64_t>(b[i]);
    if (!same && !(std::isnan(a[i]) && std::isnan(b[i]))) return false;
  }
  return true;
}

/// Throws where journals differ in the search, or in what a fit came to.
class Agreement {
 public:
  void add(const Source& source) {
    if (first_ == nullptr) first_ = &source;
    const std::string text =
        difference(first_->contents.search.parts, source.contents.search.parts);
    if (!text.empty()) {
      throw std::invalid_argument(
          fmt::format("The journals '{}' and '{}' cannot be merged: the second is of {}.",
                      first_->path, source.path, text));
    }
    for (const auto& candidate : source.contents.candidates) {
      for (const auto& [fold, fit] : candidate.fits) {
        if (!has_failed(fit)) add(source, candidate, fold, fit);
      }
    }
  }

 private:
  void add(const Source& source, const JournalContents::Candidate& candidate, std::size_t fold,
           const FitResult& fit) {
    const auto [known, is_new] = fits_.try_emplace({candidate.digest, fold}, &source, &fit);
    const auto& [owner, other] = known->second;
    if (is_new || (are_same(other->test_scores, fit.test_scores) &&
                   are_same(other->train_scores, fit.train_scores))) {
      return;
    }
    throw std::runtime_error(fmt::format(
        "The journals '{}' and '{}' have other scores for {} on fold {}: they are not of one "
        "search; nothing is merged",
        owner->path, source.path, candidate.params, fold));
  }

  const Source* first_ = nullptr;
  std::map<std::pair<std::string, std::size_t>, std::pair<const Source*, const FitResult*>> fits_;
};

void add_rows(const JournalContents& contents, std::vector<SqliteJournal::Row>& rows) {
  for (const auto& candidate : contents.candidates) {
    for (const auto& [fold, fit] : candidate.fits) {
      rows.push_back({candidate.digest, fold, candidate.number, candidate.params, fit});
    }
  }
}

}  // namespace

std::size_t merge_journals(const std::string& out, std::span<const std::string> sources) {
  std::vector<Source> all;
  std::error_code ignored;
  const bool is_there = std::filesystem::exists(out, ignored);
  if (is_there) {
    const JournalFile file(out, JournalFile::Use::write);
    if (JournalContents contents(file); !contents.search.parts.empty()) {
      all.push_back({out, std::move(contents)});
    }
  }
  const std::size_t n_own = all.size();
  for (const std::string& path : sources) {
    all.push_back({path, JournalContents(JournalFile(path, JournalFile::Use::read))});
    if (all.back().contents.search.parts.empty()) {
      throw std::runtime_error(fmt::format("{}: is a journal without a search", path));
    }
  }
  Agreement agreement;
  for (const Source& source : all) agreement.add(source);
  SqliteJournal journal(out);
  std::vector<SqliteJournal::Row> rows;
  for (std::size_t i = n_own; i < all.size(); ++i) {
    journal.open(all[i].contents.search);
    add_rows(all[i].contents, rows);
  }
  return journal.append_rows(rows);
}

}  // namespace skarma::cli

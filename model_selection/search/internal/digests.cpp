#include <skarma/model_selection/search/internal/digests.hpp>

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <skarma/core/base/internal/check.hpp>

namespace skarma {

struct Hasher::State {
  XXH3_state_t xxh3;
};

Hasher::Hasher() : state_(std::make_unique<State>()) { XXH3_128bits_reset(&state_->xxh3); }
Hasher::~Hasher() = default;

Hasher& Hasher::bytes(std::span<const std::byte> bytes) {
  XXH3_128bits_update(&state_->xxh3, bytes.data(), bytes.size());
  return *this;
}

Digest Hasher::digest() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(&state_->xxh3);
  return {hash.high64, hash.low64};
}

std::string Digest::text() const { return fmt::format("{:016x}{:016x}", high, low); }

namespace {

constexpr std::size_t kRowsAtOnce = 256;

template <class T>
void add_dense(const SampleView& x, Hasher& hasher) {
  std::vector<T> rows(std::min(kRowsAtOnce, x.n_samples()) * x.n_features());
  for (std::size_t first = 0; first < x.n_samples(); first += kRowsAtOnce) {
    const std::size_t n = std::min(kRowsAtOnce, x.n_samples() - first);
    x.gather(first, n, rows.data());
    hasher.list(std::span<const T>(rows).first(n * x.n_features()));
  }
}

template <class T>
void add_sparse(const SampleView& x, const CsrView<T>& stored, Hasher& hasher) {
  for (std::size_t i = 0; i < x.n_samples(); ++i) {
    const std::size_t row = x.stored_row(i);
    hasher.list(stored.row_columns(row)).list(stored.row_values(row));
  }
}

template <class T>
void add_samples(const SampleView& x, Hasher& hasher) {
  const CsrView<T>* const sparse = x.sparse<T>();
  hasher.number(sparse != nullptr).number(sizeof(T));
  hasher.number(x.n_samples()).number(x.n_features());
  if (sparse != nullptr) return add_sparse(x, *sparse, hasher);
  add_dense<T>(x, hasher);
}

void add_labels(const Classes& classes, Hasher& hasher) {
  hasher.number(classes.index());
  if (const auto* texts = std::get_if<std::vector<std::string>>(&classes)) {
    hasher.number(texts->size());
    for (const std::string& text : *texts) hasher.text(text);
  } else if (const auto* whole = std::get_if<std::vector<std::int64_t>>(&classes)) {
    hasher.list(std::span(*whole));
  } else {
    hasher.list(std::span<const double>(std::get<std::vector<double>>(classes)));
  }
}

}  // namespace

Digest digest_of(const SampleView& x) {
  Hasher hasher;
  if (x.is_float32()) {
    add_samples<float>(x, hasher);
  } else {
    add_samples<double>(x, hasher);
  }
  return hasher.digest();
}

Digest digest_of(const Target& y) {
  Hasher hasher;
  hasher.number(static_cast<int>(y.type())).number(y.is_float32()).number(y.has_labels());
  if (y.has_labels()) {
    add_labels(y.classes(), hasher);
    hasher.list(std::span(y.codes()));
  } else {
    const Matrix<double>& values = y.values();
    hasher.number(values.rows()).number(values.cols());
    for (std::size_t i = 0; i < values.rows(); ++i) {
      hasher.list(std::span(values.row(i)));
    }
  }
  return hasher.digest();
}

Digest digest_of(std::span<const double> weights) { return Hasher().list(weights).digest(); }

Digest digest_of(const Splits& splits) {
  Hasher hasher;
  hasher.number(splits.size());
  for (std::size_t i = 0; i < splits.size(); ++i) {
    const TrainTest rows = splits[i];
    hasher.list(std::span<const RowIndex>(rows.train)).list(std::span<const RowIndex>(rows.test));
  }
  return hasher.digest();
}

Digest digest_of(ParamSet params) {
  std::ranges::sort(params, {}, &ParamSet::value_type::first);
  Hasher hasher;
  for (const auto& [name, value] : params) hasher.text(name).text(to_text(value));
  return hasher.digest();
}

}  // namespace skarma

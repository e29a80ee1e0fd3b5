#include <skarma/core/train/loss_curve.hpp>

#include <utility>

namespace skarma {

LossCurve::LossCurve(std::vector<double> losses) : size_(losses.size()) {
  if (size_ > 0) parts_.push_back(std::make_shared<const std::vector<double>>(std::move(losses)));
}

void LossCurve::push_back(double loss) {
  std::vector<double> last{loss};
  std::size_t n_kept = parts_.size();
  while (n_kept > 0 && parts_[n_kept - 1]->size() <= last.size()) {
    last.insert(last.begin(), parts_[n_kept - 1]->begin(), parts_[n_kept - 1]->end());
    --n_kept;
  }
  auto part = std::make_shared<const std::vector<double>>(std::move(last));
  parts_.reserve(n_kept + 1);
  parts_.resize(n_kept);
  parts_.push_back(std::move(part));
  ++size_;
}

std::vector<double> LossCurve::from(std::size_t first) const {
  std::vector<double> losses;
  std::size_t begin = 0;
  for (const Part& part : parts_) {
    const std::size_t skipped = first > begin ? first - begin : 0;
    if (skipped < part->size()) {
      losses.insert(losses.end(), part->begin() + static_cast<std::ptrdiff_t>(skipped),
                    part->end());
    }
    begin += part->size();
  }
  return losses;
}

}  // namespace skarma

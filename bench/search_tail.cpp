// What do idle threads add to the last fits of a search? Times cross-validations on one thread and
// on several, in turns in one run, and prints the least of each: a few long fits, which do not fill
// the threads, and many small ones, which gain nothing from company.
//   skarma_bench_search_tail [threads [rounds]]
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <skarma/bench/timing.hpp>
#include <skarma/core/base/random_state.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/model_selection/grid_search.hpp>

namespace skarma {
namespace {

struct Case {
  std::string name;
  std::size_t rows, features, classes;
  int folds, candidates;
  MLPClassifierParams params;
};

const std::vector<Case> kCases = {
    {"3 fits of 784-512-512-10, adam",
     1800,
     784,
     10,
     3,
     1,
     {.hidden_layer_sizes = {512, 512}, .max_iter = 4, .random_state = 1}},
    {"3 fits of 784-100-10, lbfgs",
     6000,
     784,
     10,
     3,
     1,
     {.hidden_layer_sizes = {100}, .solver = "lbfgs", .max_iter = 10, .random_state = 1}},
    {"10 fits of 64-32-10",
     1500,
     64,
     10,
     5,
     2,
     {.hidden_layer_sizes = {32}, .max_iter = 20, .random_state = 1}},
    {"250 fits of 4-10-3, one epoch",
     150,
     4,
     3,
     5,
     50,
     {.hidden_layer_sizes = {10}, .max_iter = 1, .random_state = 1}},
};

/// One search of a case.
class Search {
 public:
  explicit Search(const Case& c) : case_(c), x_(c.rows, c.features) {
    RandomState random_state(1);
    for (std::size_t i = 0; i < c.rows; ++i) {
      for (double& v : x_.row(i)) v = random_state.uniform(-1, 1);
      labels_.push_back(static_cast<std::int64_t>(i % c.classes));
    }
    for (int i = 0; i < c.candidates; ++i) alphas_.emplace_back(1e-4 * (i + 1));
  }

  void run(int n_jobs) const {
    GridSearchOptions options;
    options.cv = case_.folds;
    options.n_jobs = n_jobs;
    options.refit = false;
    GridSearchCV(MLPClassifier(case_.params), ParamGrid{{"alpha", alphas_}}, options)
        .fit(x_, labels_);
  }

 private:
  const Case& case_;
  Matrix<double> x_;
  std::vector<std::int64_t> labels_;
  std::vector<ParamValue> alphas_;
};

}  // namespace
}  // namespace skarma

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 2;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  for (const auto& c : skarma::kCases) {
    const skarma::Search search(c);
    const auto seconds = skarma::bench::least_seconds(
        {[&] { search.run(1); }, [&] { search.run(threads); }}, rounds, 1);
    fmt::print("{:32} 1 thread {:8.4f} s, {} threads {:8.4f} s: {:.2f} times as fast\n", c.name,
               seconds[0], threads, seconds[1], seconds[0] / seconds[1]);
  }
}

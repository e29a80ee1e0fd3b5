// What does a kernel cost? Nanoseconds an element of every element-wise kernel, and multiply-adds a
// nanosecond of every product, on matrices that fit in cache; the least of many rounds in turns on
// one thread, as a Markdown table.
//   skarma_bench_kernels [rounds]
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <skarma/bench/timing.hpp>
#include <skarma/core/base/random_state.hpp>
#include <skarma/core/cpu/padded_rows.hpp>
#include <skarma/core/kernels/dispatch.hpp>
#include <skarma/core/net/activation.hpp>
#include <skarma/core/net/loss.hpp>

namespace skarma {
namespace {

using kernels::table;

constexpr std::size_t kRows = 200, kUnits = 100, kClasses = 10;
constexpr int kCalls = 20;

template <class T>
std::vector<T> random_numbers(std::size_t n) {
  RandomState random_state(1);
  std::vector<T> numbers(n);
  for (T& v : numbers) v = static_cast<T>(random_state.uniform(-1, 1));
  return numbers;
}

/// One row of the table: what is timed, and how many elements or multiply-adds it passes over.
struct Work {
  std::string name;
  double count;
  std::function<void()> run;
};

/// The operands of all kernels; nothing they do is undone, as it costs the same on any number.
template <class T>
class Operands {
 public:
  std::vector<Work> element_wise() {
    const auto& k = table<T>();
    constexpr double n = kRows * kUnits;
    constexpr double outputs = kRows * kClasses;
    std::vector<Work> works;
    for (const Activation& activation : kActivations) {
      const ActivationFunction f = activation.function;
      const auto number = static_cast<T>(activation.number);
      works.push_back(
          {fmt::format("bias and {}", activation.name), n, [=, this, &k] {
             k.bias_activate[f]({z_.data(), kUnits}, bias_.data(), kRows, kUnits, number);
           }});
      works.push_back({fmt::format("derivative of {}", activation.name), n, [=, this, &k] {
                         k.mask[f]({a_.data(), kUnits}, {z_.data(), kUnits}, kRows, kUnits, number);
                       }});
    }
    works.push_back({"column sums", n, [this, &k] {
                       k.column_sums({a_.data(), kUnits}, kRows, kUnits, sums_.data());
                     }});
    works.push_back({"softmax, 10 classes", outputs, [this, &k] {
                       k.bias_link[kSoftmaxLink](z_.data(), bias_.data(), kRows, kClasses);
                     }});
    for (const Loss& loss : kLosses) {
      works.push_back({fmt::format("loss and delta, {}", loss.name), outputs, [this, &k, &loss] {
                         const std::vector<double> numbers(kClasses, loss.number.value);
                         k.output_delta[loss.function](
                             {z_.data(), bias_.data(), targets_.data(), codes_.data(), nullptr,
                              kRows, kClasses, numbers.data()},
                             sums_.data());
                       }});
    }
    works.push_back({"adam", n, [this, &k] {
                       k.adam_step({z_.data(), a_.data(), m_.data(), v_.data(), kRows * kUnits,
                                    T(1e-4), T(0.005)},
                                   {0.9, 0.999, 1e-8, 1e-3});
                     }});
    works.push_back({"adamw", n, [this, &k] {
                       k.adamw_step({z_.data(), a_.data(), m_.data(), v_.data(), kRows * kUnits,
                                     T(1e-4), T(0.005), T(1e-5)},
                                    {0.9, 0.999, 1e-8, 1e-3});
                     }});
    works.push_back({"rmsprop", n, [this, &k] {
                       k.rmsprop_step({z_.data(), a_.data(), v_.data(), nullptr, kRows * kUnits,
                                       T(1e-4), T(0.005)},
                                      {0.999, 1e-8, 1e-3});
                     }});
    works.push_back(
        {"sgd, momentum", n, [this, &k] {
           k.sgd_step({z_.data(), a_.data(), m_.data(), nullptr, kRows * kUnits, T(1e-4), T(0.005)},
                      {0.9, 1e-3, true});
         }});
    return works;
  }

  std::vector<Work> products() {
    const auto& k = table<T>();
    constexpr double n = kRows * kUnits * kUnits;
    room_.resize(std::max(k.product_room(kUnits, kUnits), k.gradient_room(kUnits, kRows)));
    auto a = input_.view(kRows, kUnits), z = output_.view(kRows, kUnits);
    std::fill_n(a.data(), kRows * a.row_stride(), T(0.5));
    const kernels::Strided<const T> input{a.data(), a.row_stride()};
    const kernels::Strided<T> output{z.data(), z.row_stride()};
    const kernels::DenseProduct<T> product{{a.data(), a.row_stride()},
                                           {w_.data(), kUnits},
                                           output,
                                           kRows,
                                           kUnits,
                                           kUnits,
                                           bias_.data(),
                                           room_.data()};
    auto backward = product;
    backward.beside = a.data();
    const kernels::DenseProduct<T> gradient{product.a, input,   {g_.data(), kUnits}, kUnits, kUnits,
                                            kRows,     nullptr, room_.data()};
    return {{"forward, relu", n, [=, &k] { k.product_activate[kRelu](product); }},
            {"forward, tanh", n, [=, &k] { k.product_activate[kTanh](product); }},
            {"backward, relu", n, [=, &k] { k.backward_product[kRelu](backward); }},
            {"gradient", n, [=, &k] { k.gradient_product(gradient); }}};
  }

 private:
  PaddedRows<T> input_{kRows, kUnits}, output_{kRows, kUnits};
  std::vector<T> z_ = random_numbers<T>(kRows * kUnits);
  std::vector<T> a_ = random_numbers<T>(kRows * kUnits);
  std::vector<T> m_ = random_numbers<T>(kRows * kUnits);
  std::vector<T> v_ = std::vector<T>(kRows * kUnits, T(0.5));
  std::vector<T> w_ = random_numbers<T>(kUnits * kUnits);
  std::vector<T> g_ = random_numbers<T>(kUnits * kUnits);
  std::vector<T> bias_ = random_numbers<T>(kUnits);
  std::vector<T> sums_ = std::vector<T>(kUnits);
  std::vector<T> targets_ = std::vector<T>(kRows * kClasses, T(1));
  std::vector<std::int32_t> codes_ = std::vector<std::int32_t>(kRows, 3);
  std::vector<T> room_;
};

std::vector<double> seconds_of(const std::vector<Work>& works, int rounds) {
  std::vector<std::function<void()>> runs;
  for (const Work& work : works) runs.push_back(work.run);
  return bench::least_seconds(runs, rounds, kCalls);
}

void print(const std::vector<Work>& doubles, const std::vector<Work>& floats, int rounds,
           bool per_nanosecond) {
  const auto d = seconds_of(doubles, rounds), f = seconds_of(floats, rounds);
  const auto figure = [&](double count, double seconds) {
    return per_nanosecond ? count / seconds * 1e-9 : seconds / count * 1e9;
  };
  for (std::size_t i = 0; i < d.size(); ++i) {
    fmt::print("| {} | {:.2f} | {:.2f} |\n", doubles[i].name, figure(doubles[i].count, d[i]),
               figure(floats[i].count, f[i]));
  }
}

}  // namespace
}  // namespace skarma

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 100;
  skarma::Operands<double> doubles;
  skarma::Operands<float> floats;
  fmt::print("kernels {}, minimum of {} rounds\n\n", skarma::kernels::isa_name(), rounds);
  fmt::print("| ns an element | float64 | float32 |\n| --- | --- | --- |\n");
  skarma::print(doubles.element_wise(), floats.element_wise(), rounds, false);
  fmt::print("\n| multiply-adds a ns | float64 | float32 |\n| --- | --- | --- |\n");
  skarma::print(doubles.products(), floats.products(), rounds, true);
}

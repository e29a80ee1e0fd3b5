#include <skarma/gpu/device/cublas.hpp>

#include <dlfcn.h>

#include <algorithm>
#include <bit>
#include <filesystem>
#include <string>
#include <type_traits>
#include <vector>

#include <skarma/core/base/errors.hpp>

namespace skarma::gpu {

/// What is called of the library.
struct CublasFunctions {
  decltype(&cublasLtCreate) create;
  decltype(&cublasLtDestroy) destroy;
  decltype(&cublasLtMatmul) matmul;
  decltype(&cublasLtMatmulAlgoGetHeuristic) algorithms;
  decltype(&cublasLtMatmulDescCreate) create_product;
  decltype(&cublasLtMatmulDescDestroy) destroy_product;
  decltype(&cublasLtMatmulDescSetAttribute) set_product;
  decltype(&cublasLtMatrixLayoutCreate) create_layout;
  decltype(&cublasLtMatrixLayoutDestroy) destroy_layout;
  decltype(&cublasLtMatrixLayoutSetAttribute) set_layout;
  decltype(&cublasLtMatmulPreferenceCreate) create_preference;
  decltype(&cublasLtMatmulPreferenceDestroy) destroy_preference;
  decltype(&cublasLtMatmulPreferenceSetAttribute) set_preference;
};

namespace {

namespace fs = std::filesystem;

constexpr const char* kLibrary = CUBLAS_VER_MAJOR >= 13 ? "libcublasLt.so.13" : "libcublasLt.so.12";

/// Where the library may lie: where the system looks, beside this one, in NVIDIA's wheels beside
/// it, and in the toolkit.
std::vector<std::string> candidates() {
  std::vector<std::string> files{kLibrary};
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&candidates), &info) != 0) {
    const fs::path folder = fs::absolute(info.dli_fname).parent_path();
    files.push_back(folder / kLibrary);
    for (const char* of_wheel : {"cu13/lib", "cublas/lib"}) {
      files.push_back((folder.parent_path() / "nvidia" / of_wheel / kLibrary).string());
    }
  }
  files.push_back(fs::path("/usr/local/cuda/lib64") / kLibrary);
  return files;
}

void* open_library() {
  std::string tried;
  for (const std::string& file : candidates()) {
    if (void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
    tried += (tried.empty() ? "" : ", ") + file;
  }
  throw DeviceError("cuBLAS, which wide networks need, was not found. Tried: " + tried + ".");
}

template <class Function>
void find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (function == nullptr) {
    throw DeviceError(std::string(kLibrary) + " has no function " + name + ".");
  }
}

CublasFunctions open_functions() {
  void* const library = open_library();  // for ever
  CublasFunctions f{};
  find(library, "cublasLtCreate", f.create);
  find(library, "cublasLtDestroy", f.destroy);
  find(library, "cublasLtMatmul", f.matmul);
  find(library, "cublasLtMatmulAlgoGetHeuristic", f.algorithms);
  find(library, "cublasLtMatmulDescCreate", f.create_product);
  find(library, "cublasLtMatmulDescDestroy", f.destroy_product);
  find(library, "cublasLtMatmulDescSetAttribute", f.set_product);
  find(library, "cublasLtMatrixLayoutCreate", f.create_layout);
  find(library, "cublasLtMatrixLayoutDestroy", f.destroy_layout);
  find(library, "cublasLtMatrixLayoutSetAttribute", f.set_layout);
  find(library, "cublasLtMatmulPreferenceCreate", f.create_preference);
  find(library, "cublasLtMatmulPreferenceDestroy", f.destroy_preference);
  find(library, "cublasLtMatmulPreferenceSetAttribute", f.set_preference);
  return f;
}

void check(cublasStatus_t status, const char* doing) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw DeviceError(std::string("cuBLAS cannot ") + doing + ": status " +
                    std::to_string(static_cast<int>(status)) + ".");
}

/// Something of cuBLAS's that goes with this.
template <class Handle>
class Owned {
 public:
  explicit Owned(cublasStatus_t (*destroy)(Handle)) : destroy_(destroy) {}
  ~Owned() {
    if (handle_ != nullptr) destroy_(handle_);
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;

  Handle* place() { return &handle_; }
  Handle get() const { return handle_; }

 private:
  cublasStatus_t (*destroy_)(Handle);
  Handle handle_ = nullptr;
};

template <class T>
constexpr cudaDataType_t kType = std::is_same_v<T, float> ? CUDA_R_32F : CUDA_R_64F;
template <class T>
constexpr cublasComputeType_t kCompute =
    std::is_same_v<T, float> ? CUBLAS_COMPUTE_32F : CUBLAS_COMPUTE_64F;

/// The bytes that all begin at a multiple of, as far as it matters.
template <class T>
std::uint32_t alignment_of(const ModelMatrices<T>& m) {
  const auto places =
      reinterpret_cast<std::uintptr_t>(m.data) | m.model_step * sizeof(T) | std::uintptr_t{256};
  return std::uint32_t{1} << std::countr_zero(places);
}

}  // namespace

/// The descriptions of one call. BLAS counts by columns: c' = b' a'.
struct Cublas::Problem {
  const CublasFunctions& f;
  Owned<cublasLtMatmulDesc_t> product;
  Owned<cublasLtMatrixLayout_t> left, right, result;

  template <class T>
  Problem(const CublasFunctions& functions, const Products<T>& p, int n_models)
      : f(functions),
        product(f.destroy_product),
        left(f.destroy_layout),
        right(f.destroy_layout),
        result(f.destroy_layout) {
    check(f.create_product(product.place(), kCompute<T>, kType<T>), "describe a product");
    set(CUBLASLT_MATMUL_DESC_TRANSA, p.b.transposed);
    set(CUBLASLT_MATMUL_DESC_TRANSB, p.a.transposed);
    describe<T>(left, p.b.transposed ? p.depth : p.columns, p.b.transposed ? p.columns : p.depth,
                p.b, n_models);
    describe<T>(right, p.a.transposed ? p.rows : p.depth, p.a.transposed ? p.depth : p.rows, p.a,
                n_models);
    describe<T>(result, p.columns, p.rows, p.c, n_models);
  }

 private:
  void set(cublasLtMatmulDescAttributes_t attribute, bool transposed) {
    const cublasOperation_t operation = transposed ? CUBLAS_OP_T : CUBLAS_OP_N;
    check(f.set_product(product.get(), attribute, &operation, sizeof operation),
          "describe a product");
  }
  template <class T, class U>
  void describe(Owned<cublasLtMatrixLayout_t>& layout, std::size_t rows, std::size_t columns,
                const ModelMatrices<U>& m, int n_models) {
    check(f.create_layout(layout.place(), kType<T>, rows, columns,
                          static_cast<std::int64_t>(m.row_step)),
          "describe a matrix");
    const auto step = static_cast<std::int64_t>(m.model_step);
    check(
        f.set_layout(layout.get(), CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &n_models, sizeof n_models),
        "describe a matrix");
    check(
        f.set_layout(layout.get(), CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &step, sizeof step),
        "describe a matrix");
  }
};

Cublas::Cublas() {
  static const CublasFunctions functions = open_functions();
  functions_ = &functions;
  check(functions_->create(&handle_), "start");
}

Cublas::~Cublas() { functions_->destroy(handle_); }

const cublasLtMatmulAlgo_t& Cublas::algorithm_for(const Shape& shape, const Problem& problem) {
  const auto known = algorithms_.find(shape);
  if (known != algorithms_.end()) return known->second;
  Owned<cublasLtMatmulPreference_t> preference(functions_->destroy_preference);
  check(functions_->create_preference(preference.place()), "choose an algorithm");
  const auto set = [&](cublasLtMatmulPreferenceAttributes_t attribute, std::uint32_t value) {
    check(functions_->set_preference(preference.get(), attribute, &value, sizeof value),
          "choose an algorithm");
  };
  set(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, CUBLASLT_REDUCTION_SCHEME_NONE);
  for (const auto attribute :
       {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
        CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES}) {
    set(attribute, std::get<std::uint32_t>(shape));
  }
  cublasLtMatmulHeuristicResult_t best{};
  int n = 0;
  check(functions_->algorithms(handle_, problem.product.get(), problem.left.get(),
                               problem.right.get(), problem.result.get(), problem.result.get(),
                               preference.get(), 1, &best, &n),
        "choose an algorithm");
  if (n == 0) throw DeviceError("cuBLAS has no algorithm for a product of this shape.");
  return algorithms_.emplace(shape, best.algo).first->second;
}

template <class T>
void Cublas::multiply(const Products<T>& p, cudaStream_t stream) {
  const Shape shape{
      kType<T>,       p.columns,
      p.rows,         p.depth,
      p.b.transposed, p.a.transposed,
      p.b.row_step,   p.a.row_step,
      p.c.row_step,   std::min({alignment_of(p.a), alignment_of(p.b), alignment_of(p.c)})};
  const cublasLtMatmulAlgo_t algorithm = algorithm_for(shape, Problem(*functions_, p, 1));
  const T one = 1, onto = p.adds ? 1 : 0;
  const auto run = [&](const Problem& problem, std::size_t model) {
    T* const c = p.c.data + model * p.c.model_step;
    return functions_->matmul(
        handle_, problem.product.get(), &one, p.b.data + model * p.b.model_step, problem.left.get(),
        p.a.data + model * p.a.model_step, problem.right.get(), &onto, c, problem.result.get(), c,
        problem.result.get(), &algorithm, nullptr, 0, stream);
  };
  if (run(Problem(*functions_, p, static_cast<int>(p.n)), 0) == CUBLAS_STATUS_SUCCESS) return;
  // The algorithm of one model cannot do many at once.
  const Problem of_one(*functions_, p, 1);
  for (std::size_t i = 0; i < p.n; ++i) check(run(of_one, i), "multiply");
}

template void Cublas::multiply(const Products<float>&, cudaStream_t);
template void Cublas::multiply(const Products<double>&, cudaStream_t);

}  // namespace skarma::gpu

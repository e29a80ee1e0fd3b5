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
cublasComputeType_t compute_type(const Products<T>& p) {
  if (std::is_same_v<T, double>) return CUBLAS_COMPUTE_64F;
  return p.tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
}

/// The largest power of two, up to 256, of which the address and the step are multiples.
std::uint32_t alignment_of(const void* data, std::size_t step_bytes) {
  const auto places = reinterpret_cast<std::uintptr_t>(data) | step_bytes | std::uintptr_t{256};
  return std::uint32_t{1} << std::countr_zero(places);
}
template <class T>
std::uint32_t alignment_of(const ModelMatrices<T>& m) {
  return alignment_of(m.data, m.model_step * sizeof(T));
}

/// BLAS counts by columns: columns of c are rows of its matrices, and b is its A.
cublasLtEpilogue_t name_of(EpilogueKind kind, bool keeps) {
  switch (kind) {
    case EpilogueKind::bias:
      return CUBLASLT_EPILOGUE_BIAS;
    case EpilogueKind::relu:
      return keeps ? CUBLASLT_EPILOGUE_RELU_AUX_BIAS : CUBLASLT_EPILOGUE_RELU_BIAS;
    case EpilogueKind::gelu_tanh:
      return CUBLASLT_EPILOGUE_GELU_AUX_BIAS;
    case EpilogueKind::relu_slope:
      return CUBLASLT_EPILOGUE_DRELU;
    case EpilogueKind::gelu_tanh_slope:
      return CUBLASLT_EPILOGUE_DGELU;
    case EpilogueKind::column_sums:
      return CUBLASLT_EPILOGUE_BGRADA;
    case EpilogueKind::none:
      break;
  }
  return CUBLASLT_EPILOGUE_DEFAULT;
}

}  // namespace

/// The descriptions of one call, for `n_models` models from number `first` on. BLAS counts by
/// columns: c' = b' a'.
struct Cublas::Problem {
  const CublasFunctions& f;
  Owned<cublasLtMatmulDesc_t> product;
  Owned<cublasLtMatrixLayout_t> left, right, result;

  template <class T>
  Problem(const CublasFunctions& functions, const Products<T>& p, std::size_t first, int n_models)
      : f(functions),
        product(f.destroy_product),
        left(f.destroy_layout),
        right(f.destroy_layout),
        result(f.destroy_layout) {
    check(f.create_product(product.place(), compute_type(p), kType<T>), "describe a product");
    set(CUBLASLT_MATMUL_DESC_TRANSA, operation(p.b.transposed));
    set(CUBLASLT_MATMUL_DESC_TRANSB, operation(p.a.transposed));
    if (p.epilogue.kind != EpilogueKind::none) set_epilogue(p, first);
    describe<T>(left, p.b.transposed ? p.depth : p.columns, p.b.transposed ? p.columns : p.depth,
                p.b, n_models);
    describe<T>(right, p.a.transposed ? p.rows : p.depth, p.a.transposed ? p.depth : p.rows, p.a,
                n_models);
    describe<T>(result, p.columns, p.rows, p.c, n_models);
  }

 private:
  static cublasOperation_t operation(bool transposed) {
    return transposed ? CUBLAS_OP_T : CUBLAS_OP_N;
  }
  template <class Value>
  void set(cublasLtMatmulDescAttributes_t attribute, const Value& value) {
    check(f.set_product(product.get(), attribute, &value, sizeof value), "describe a product");
  }
  template <class T>
  void set_epilogue(const Products<T>& p, std::size_t first) {
    const Epilogue<T>& epilogue = p.epilogue;
    const bool keeps = epilogue.kept != nullptr;
    set(CUBLASLT_MATMUL_DESC_EPILOGUE, name_of(epilogue.kind, keeps));
    if (epilogue.vector != nullptr) {
      set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, epilogue.vector + first * epilogue.vector_step);
      set(CUBLASLT_MATMUL_DESC_BIAS_BATCH_STRIDE, static_cast<std::int64_t>(epilogue.vector_step));
    }
    if (!keeps) return;
    const bool is_relu =
        epilogue.kind == EpilogueKind::relu || epilogue.kind == EpilogueKind::relu_slope;
    const std::size_t step = is_relu ? epilogue.kept_step * 8 : epilogue.kept_step / sizeof(T);
    set(CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, epilogue.kept + first * epilogue.kept_step);
    set(CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD,
        static_cast<std::int64_t>(kept_row_step(is_relu, p.columns)));
    set(CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_BATCH_STRIDE, static_cast<std::int64_t>(step));
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

template <class T>
const Cublas::Algorithm& Cublas::algorithm_for(const Products<T>& p) {
  const Shape shape{
      .compute = compute_type(p),
      .rows = p.rows,
      .columns = p.columns,
      .depth = p.depth,
      .a_transposed = p.a.transposed,
      .b_transposed = p.b.transposed,
      .a_step = p.a.row_step,
      .b_step = p.b.row_step,
      .c_step = p.c.row_step,
      .alignment = std::min({alignment_of(p.a), alignment_of(p.b), alignment_of(p.c)}),
      .vector_alignment = alignment_of(p.epilogue.vector, p.epilogue.vector_step * sizeof(T)),
      .epilogue = p.epilogue.kind,
      .keeps = p.epilogue.kept != nullptr};
  const auto known = algorithms_.find(shape);
  if (known != algorithms_.end()) return known->second;
  return algorithms_.emplace(shape, choose(shape, Problem(*functions_, p, 0, 1))).first->second;
}

Cublas::Algorithm Cublas::choose(const Shape& shape, const Problem& problem) const {
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
    set(attribute, shape.alignment);
  }
  cublasLtMatmulHeuristicResult_t best{};
  int n = 0;
  const cublasStatus_t status = functions_->algorithms(
      handle_, problem.product.get(), problem.left.get(), problem.right.get(), problem.result.get(),
      problem.result.get(), preference.get(), 1, &best, &n);
  if (status != CUBLAS_STATUS_SUCCESS || n == 0) return {};
  return best.algo;
}

template <class T>
bool Cublas::can_multiply(const Products<T>& p) {
  return algorithm_for(p).has_value();
}

template <class T>
void Cublas::multiply(const Products<T>& p, cudaStream_t stream) {
  const Algorithm& algorithm = algorithm_for(p);
  if (!algorithm) throw DeviceError("cuBLAS has no algorithm for a product of this shape.");
  const T one = 1, onto = p.adds ? 1 : 0;
  const auto run = [&](std::size_t first, std::size_t n) {
    const Problem problem(*functions_, p, first, static_cast<int>(n));
    T* const c = p.c.data + first * p.c.model_step;
    return functions_->matmul(
        handle_, problem.product.get(), &one, p.b.data + first * p.b.model_step, problem.left.get(),
        p.a.data + first * p.a.model_step, problem.right.get(), &onto, c, problem.result.get(), c,
        problem.result.get(), &*algorithm, nullptr, 0, stream);
  };
  if (run(0, p.n) == CUBLAS_STATUS_SUCCESS) return;
  // The algorithm of one model cannot do many at once.
  for (std::size_t i = 0; i < p.n; ++i) check(run(i, 1), "multiply");
}

template void Cublas::multiply(const Products<float>&, cudaStream_t);
template void Cublas::multiply(const Products<double>&, cudaStream_t);
template bool Cublas::can_multiply(const Products<float>&);
template bool Cublas::can_multiply(const Products<double>&);

}  // namespace skarma::gpu

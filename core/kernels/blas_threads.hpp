#pragma once

#include <string>

namespace skarma::kernels {

/// While one of these lives, BLAS runs one thread: the threads are ours. The setting that was there
/// before comes back when the last guard of the process goes. Cheap (under a microsecond). A
/// process may fork at any time; guards of threads that the child does not have do not count in it.
class SingleThreadedBlas {
 public:
  SingleThreadedBlas();
  ~SingleThreadedBlas();
  SingleThreadedBlas(const SingleThreadedBlas&) = delete;
  SingleThreadedBlas& operator=(const SingleThreadedBlas&) = delete;
};

/// The BLAS library and the processor kernel that it chose, such as "OpenBLAS 0.3.21 (SkylakeX)".
std::string blas_description();

}  // namespace skarma::kernels

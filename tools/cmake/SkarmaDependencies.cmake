# The libraries we stand on, each behind one target. None of them shows in a public header.
include(CheckCXXSourceCompiles)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
set(SKARMA_FMT fmt::fmt)
find_package(nlohmann_json REQUIRED)

include(SkarmaOpenBLAS)
if(SKARMA_OPENBLAS_PROBLEM)
  message(FATAL_ERROR "${SKARMA_OPENBLAS_PROBLEM}")
endif()
if(SKARMA_STANDALONE)
  include(SkarmaStandalone)
endif()
set(CMAKE_REQUIRED_LIBRARIES OpenBLAS::OpenBLAS)
check_cxx_source_compiles([[
  #include <cblas.h>
  int main() { return openblas_get_config() == nullptr || openblas_get_num_threads() < 1; }]] SKARMA_BLAS_IS_OPENBLAS)
unset(CMAKE_REQUIRED_LIBRARIES)
if(NOT SKARMA_BLAS_IS_OPENBLAS)
  message(FATAL_ERROR "The BLAS in ${OpenBLAS_LIBRARIES} is not OpenBLAS, perhaps the slow reference BLAS. "
                      "Run tools/bootstrap, or give the folder of OpenBLASConfig.cmake as OpenBLAS_DIR.")
endif()

# Armadillo: headers only, OpenBLAS called directly, never a word printed.
find_path(SKARMA_ARMADILLO_INCLUDE_DIR armadillo)
if(NOT SKARMA_ARMADILLO_INCLUDE_DIR)
  message(FATAL_ERROR "Armadillo's headers were not found: run tools/bootstrap, or set SKARMA_ARMADILLO_INCLUDE_DIR.")
endif()
file(STRINGS ${SKARMA_ARMADILLO_INCLUDE_DIR}/armadillo_bits/arma_version.hpp arma_version_lines
     REGEX "#define ARMA_VERSION_(MAJOR|MINOR|PATCH) +[0-9]+")
list(TRANSFORM arma_version_lines REPLACE ".* ([0-9]+).*" "\\1")
list(JOIN arma_version_lines "." SKARMA_ARMADILLO_VERSION)
if(SKARMA_ARMADILLO_VERSION VERSION_LESS 11.4)
  message(FATAL_ERROR "skarma needs Armadillo 11.4 or newer; ${SKARMA_ARMADILLO_INCLUDE_DIR} has "
                      "${SKARMA_ARMADILLO_VERSION}. Set SKARMA_ARMADILLO_INCLUDE_DIR to a newer one.")
endif()
add_library(skarma_armadillo INTERFACE)
target_include_directories(skarma_armadillo SYSTEM INTERFACE ${SKARMA_ARMADILLO_INCLUDE_DIR})
target_compile_definitions(skarma_armadillo INTERFACE
  ARMA_DONT_USE_WRAPPER ARMA_USE_BLAS ARMA_USE_LAPACK ARMA_DONT_USE_OPENMP ARMA_DONT_USE_HDF5 ARMA_DONT_USE_ARPACK
  ARMA_DONT_USE_SUPERLU ARMA_DONT_USE_ATLAS ARMA_WARN_LEVEL=0 $<${SKARMA_OPTIMISED}:ARMA_NO_DEBUG>)

# dlib: its headers in one source file (see core/CMakeLists.txt).
find_path(SKARMA_DLIB_INCLUDE_DIR dlib/optimization.h HINTS ${PROJECT_SOURCE_DIR}/.deps/dlib/usr/include)
if(NOT SKARMA_DLIB_INCLUDE_DIR)
  message(FATAL_ERROR "dlib's headers were not found: run tools/bootstrap, or set SKARMA_DLIB_INCLUDE_DIR.")
endif()

# xxHash: its header in one source file.
find_path(SKARMA_XXHASH_INCLUDE_DIR xxhash.h)
if(NOT SKARMA_XXHASH_INCLUDE_DIR)
  message(FATAL_ERROR "xxHash's header was not found: run tools/bootstrap, or set SKARMA_XXHASH_INCLUDE_DIR.")
endif()

message(STATUS "Armadillo ${SKARMA_ARMADILLO_VERSION}, OpenBLAS ${OpenBLAS_VERSION}, dlib in ${SKARMA_DLIB_INCLUDE_DIR}")

# How our own code is compiled, and the one spelling of includes: <skarma/...> is the root of the repository.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
  set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
  set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
  endif()
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12)
  message(FATAL_ERROR "skarma needs g++ 12 or newer; this is ${CMAKE_CXX_COMPILER_VERSION}.")
endif()

# Precompiled headers are cached only when ccache is told that their macros and time stamps may be trusted; relative
# paths let one clone use what another has compiled.
find_program(SKARMA_CCACHE ccache)
if(SKARMA_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${SKARMA_CCACHE})
endif()

set(SKARMA_INCLUDE_DIR ${PROJECT_BINARY_DIR}/include)
file(MAKE_DIRECTORY ${SKARMA_INCLUDE_DIR})
file(CREATE_LINK ${PROJECT_SOURCE_DIR} ${SKARMA_INCLUDE_DIR}/skarma SYMBOLIC)

# Is this an optimised build? One without a build type is: a parent project that says nothing gets -O3 for what is ours.
set(SKARMA_OPTIMISED $<OR:$<CONFIG:Release,RelWithDebInfo,MinSizeRel>,$<CONFIG:>>)

# skarma_options: what every target of ours compiles with.
add_library(skarma_options INTERFACE)
target_compile_features(skarma_options INTERFACE cxx_std_20)
target_include_directories(skarma_options INTERFACE ${SKARMA_INCLUDE_DIR})
target_compile_options(skarma_options INTERFACE -Wall -Wextra $<$<COMPILE_LANGUAGE:CXX>:-Wpedantic> -Wconversion -Wshadow
                       $<$<BOOL:${SKARMA_WERROR}>:-Werror> $<$<CONFIG:>:-O3>)
# False alarms of g++: inside std::variant and fmt once they are inlined; about unnamed namespaces in unity builds.
target_compile_options(skarma_options INTERFACE
                       $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized;-Wno-stringop-overflow;-Wno-restrict;-Wno-subobject-linkage>)

# Two roundings stay two roundings, so that results equal scikit-learn's; the kernels alone may fuse and vectorise.
add_library(skarma_exact_math INTERFACE)
target_compile_options(skarma_exact_math INTERFACE -ffp-contract=off)
add_library(skarma_kernel_math INTERFACE)
target_compile_options(skarma_kernel_math INTERFACE $<$<AND:$<BOOL:${SKARMA_FAST_KERNELS}>,$<NOT:$<CONFIG:Release>>>:-O3>
                       -fno-math-errno -fno-trapping-math -fopenmp-simd -ffp-contract=fast)

set(SKARMA_X86_64 FALSE)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64)$")
  set(SKARMA_X86_64 TRUE)
endif()

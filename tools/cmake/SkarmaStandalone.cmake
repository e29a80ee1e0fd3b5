# SKARMA_STANDALONE: what is built depends on glibc, libstdc++ and libgcc alone. OpenBLAS comes from its static
# library, fmt from its headers; for a wheel, skarma_install_licenses puts their licence texts beside the package's own.
set(SKARMA_FMT fmt::fmt-header-only)

list(GET OpenBLAS_LIBRARIES 0 openblas_file)
get_filename_component(openblas_dir "${openblas_file}" DIRECTORY)
find_library(SKARMA_OPENBLAS_STATIC NAMES libopenblas.a HINTS "${openblas_dir}")
if(NOT SKARMA_OPENBLAS_STATIC)
  message(FATAL_ERROR "SKARMA_STANDALONE needs libopenblas.a: run tools/bootstrap, or set SKARMA_OPENBLAS_STATIC.")
endif()
set_target_properties(OpenBLAS::OpenBLAS PROPERTIES
  IMPORTED_LOCATION "${SKARMA_OPENBLAS_STATIC}"
  INTERFACE_LINK_LIBRARIES "Threads::Threads;m"
  INTERFACE_LINK_OPTIONS LINKER:--exclude-libs,ALL)

# skarma_license(LIBRARY FILE folders...): FILE becomes licenses/LIBRARY.txt; without it there is no wheel.
function(skarma_license library file)
  find_file(SKARMA_LICENSE_${library} NAMES ${file} PATHS ${ARGN} NO_DEFAULT_PATH)
  if(NOT SKARMA_LICENSE_${library})
    message(FATAL_ERROR "The licence of ${library} is not in ${ARGN}: set SKARMA_LICENSE_${library} to its file.")
  endif()
  install(FILES "${SKARMA_LICENSE_${library}}" DESTINATION "${SKBUILD_METADATA_DIR}/licenses"
          RENAME ${library}.txt COMPONENT python)
endfunction()

function(skarma_install_licenses)
  skarma_license(OpenBLAS copyright /usr/share/doc/libopenblas-dev)
  skarma_license(Armadillo copyright /usr/share/doc/libarmadillo-dev)
  skarma_license(Apache-2.0 Apache-2.0 /usr/share/common-licenses)
  skarma_license(xxHash copyright /usr/share/doc/libxxhash-dev)
  skarma_license(fmt copyright /usr/share/doc/libfmt-dev)
  skarma_license(nlohmann-json copyright /usr/share/doc/nlohmann-json3-dev)
  skarma_license(dlib copyright ${PROJECT_SOURCE_DIR}/.deps/dlib/usr/share/doc/libdlib-dev /usr/share/doc/libdlib-dev)
  get_filename_component(site_packages "${pybind11_INCLUDE_DIR}/../.." ABSOLUTE)
  skarma_license(pybind11 LICENSE ${site_packages}/pybind11-${pybind11_VERSION}.dist-info/licenses)
endfunction()

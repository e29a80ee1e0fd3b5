# Finds OpenBLAS by its own CMake package and makes the target OpenBLAS::OpenBLAS. Never plain -lblas: that name
# may be the reference BLAS, which is tens of times slower. Used by the build and by an installed skarmaConfig.cmake.
find_package(OpenBLAS CONFIG QUIET)
if(NOT OpenBLAS_FOUND)
  string(CONCAT SKARMA_OPENBLAS_PROBLEM
    "OpenBLAS was not found (the reference BLAS is too slow to be used in its place). On Debian and Ubuntu run "
    "tools/bootstrap or install libopenblas-dev; elsewhere give the folder of OpenBLASConfig.cmake as OpenBLAS_DIR.")
elseif(NOT TARGET OpenBLAS::OpenBLAS)
  foreach(dir IN LISTS OpenBLAS_INCLUDE_DIRS)
    if(NOT EXISTS "${dir}")
      list(REMOVE_ITEM OpenBLAS_INCLUDE_DIRS "${dir}")
    endif()
  endforeach()
  list(GET OpenBLAS_LIBRARIES 0 SKARMA_OPENBLAS_FILE)
  get_filename_component(SKARMA_OPENBLAS_FILE "${SKARMA_OPENBLAS_FILE}" ABSOLUTE)
  add_library(OpenBLAS::OpenBLAS UNKNOWN IMPORTED)
  set_target_properties(OpenBLAS::OpenBLAS PROPERTIES
    IMPORTED_LOCATION "${SKARMA_OPENBLAS_FILE}"
    INTERFACE_INCLUDE_DIRECTORIES "${OpenBLAS_INCLUDE_DIRS}")
endif()

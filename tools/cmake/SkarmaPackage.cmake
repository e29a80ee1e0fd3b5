# The public headers, and what `cmake --install` puts down so that find_package(skarma) and pkg-config work.
include(CMakePackageConfigHelpers)

file(GLOB_RECURSE SKARMA_PUBLIC_HEADERS CONFIGURE_DEPENDS FOLLOW_SYMLINKS
     ${PROJECT_SOURCE_DIR}/core/base/*.hpp ${PROJECT_SOURCE_DIR}/datasets/*.hpp
     ${PROJECT_SOURCE_DIR}/estimators/*.hpp ${PROJECT_SOURCE_DIR}/model_selection/*.hpp)
list(FILTER SKARMA_PUBLIC_HEADERS EXCLUDE REGEX "/internal/")
if(EXISTS ${PROJECT_SOURCE_DIR}/skarma.hpp)
  list(APPEND SKARMA_PUBLIC_HEADERS ${PROJECT_SOURCE_DIR}/skarma.hpp)
endif()
string(REPLACE "${PROJECT_SOURCE_DIR}/" "${SKARMA_INCLUDE_DIR}/skarma/" headers_in_build "${SKARMA_PUBLIC_HEADERS}")

target_sources(skarma PUBLIC FILE_SET HEADERS BASE_DIRS ${SKARMA_INCLUDE_DIR} FILES ${headers_in_build})
target_compile_features(skarma PUBLIC cxx_std_20)
target_link_libraries(skarma PRIVATE OpenBLAS::OpenBLAS ${SKARMA_FMT} Threads::Threads ${CMAKE_DL_LIBS})
set_target_properties(skarma PROPERTIES LINKER_LANGUAGE CXX VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})


# Nothing of a library inside (Armadillo, dlib, fmt, nlohmann-json) shows where others' copies of it live.
get_target_property(type skarma TYPE)
if(type STREQUAL SHARED_LIBRARY)
  set(exports ${PROJECT_SOURCE_DIR}/tools/cmake/exports.map)
  target_link_libraries(skarma PRIVATE skarma_hardening)
  target_link_options(skarma PRIVATE LINKER:--version-script=${exports})
  set_target_properties(skarma PROPERTIES LINK_DEPENDS ${exports})
endif()

if(NOT SKARMA_INSTALL)
  return()
endif()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/skarma)
install(TARGETS skarma EXPORT skarmaTargets FILE_SET HEADERS)
install(EXPORT skarmaTargets NAMESPACE skarma:: DESTINATION ${package_dir})
configure_package_config_file(${PROJECT_SOURCE_DIR}/tools/cmake/skarmaConfig.cmake.in
  ${PROJECT_BINARY_DIR}/skarmaConfig.cmake INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/skarmaConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/skarmaConfig.cmake ${PROJECT_BINARY_DIR}/skarmaConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/tools/cmake/SkarmaOpenBLAS.cmake
        DESTINATION ${package_dir})

# pkg-config: a static libskarma names what it leaves to the program.
set(pc_libs)
set(pc_requires)
if(NOT type STREQUAL SHARED_LIBRARY)
  get_target_property(openblas_file OpenBLAS::OpenBLAS IMPORTED_LOCATION)
  list(TRANSFORM CMAKE_DL_LIBS PREPEND -l OUTPUT_VARIABLE pc_dl)
  list(JOIN pc_dl " " pc_dl)
  set(pc_libs "${openblas_file} -pthread ${pc_dl}")
  if(NOT SKARMA_STANDALONE)
    set(pc_requires fmt)
  endif()
endif()
file(RELATIVE_PATH pc_to_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" pc_to_prefix "${pc_to_prefix}")
configure_file(${PROJECT_SOURCE_DIR}/tools/cmake/skarma.pc.in ${PROJECT_BINARY_DIR}/skarma.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/skarma.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

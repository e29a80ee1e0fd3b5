# The public headers, and what `cmake --install` puts down so that find_package(skarma) works.
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
target_link_libraries(skarma PRIVATE OpenBLAS::OpenBLAS ${SKARMA_FMT} Threads::Threads)
set_target_properties(skarma PROPERTIES LINKER_LANGUAGE CXX VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/skarma)
install(TARGETS skarma EXPORT skarmaTargets FILE_SET HEADERS)
install(EXPORT skarmaTargets NAMESPACE skarma:: DESTINATION ${package_dir})
configure_package_config_file(${PROJECT_SOURCE_DIR}/tools/cmake/skarmaConfig.cmake.in
  ${PROJECT_BINARY_DIR}/skarmaConfig.cmake INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/skarmaConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/skarmaConfig.cmake ${PROJECT_BINARY_DIR}/skarmaConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/tools/cmake/SkarmaOpenBLAS.cmake
        DESTINATION ${package_dir})

# What the program `skarma` and its CSV reader stand on besides the library: SKARMA_CLI=OFF needs none of it.
find_package(ZLIB REQUIRED)
find_package(CLI11 REQUIRED)
# SQLite, by SQLiteCpp, for journals of searches: never in the library.
find_package(SQLiteCpp REQUIRED)

# libcsv: always the shared library, because of its licence (LGPL).
find_path(SKARMA_LIBCSV_INCLUDE_DIR csv.h)
find_library(SKARMA_LIBCSV_LIBRARY NAMES libcsv.so csv)
if(NOT SKARMA_LIBCSV_INCLUDE_DIR OR NOT SKARMA_LIBCSV_LIBRARY OR SKARMA_LIBCSV_LIBRARY MATCHES "\\.a$")
  message(FATAL_ERROR "libcsv (header and shared library) was not found: run tools/bootstrap, or set SKARMA_CLI=OFF.")
endif()
add_library(skarma_libcsv INTERFACE)
target_include_directories(skarma_libcsv SYSTEM INTERFACE ${SKARMA_LIBCSV_INCLUDE_DIR})
target_link_libraries(skarma_libcsv INTERFACE ${SKARMA_LIBCSV_LIBRARY})

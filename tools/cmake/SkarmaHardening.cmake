# skarma_hardening: how what people run is compiled and linked, so that an overrun ends the program instead of being used.
# Position-independent programs, the linker's tables read-only from the start (full RELRO), and in optimised builds a guard
# of the stack and glibc's checked functions. docs/performance.md says what it costs: nothing that can be measured.
# The kernels are left alone: their tiles are arrays in registers, and what they write is on the heap.
# Debug builds have the standard library's assertions and the sanitizers instead.
include(CheckPIESupported)
include(CheckCXXSourceCompiles)
check_pie_supported()

set(CMAKE_REQUIRED_FLAGS "-O2 -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3")
check_cxx_source_compiles("#include <cstring>\nint main() {}" SKARMA_HAS_FORTIFY_3)
unset(CMAKE_REQUIRED_FLAGS)
set(fortify -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$<IF:$<BOOL:${SKARMA_HAS_FORTIFY_3}>,3,2>)

add_library(skarma_hardening INTERFACE)
target_compile_options(skarma_hardening INTERFACE
                       $<${SKARMA_OPTIMISED}:-fstack-protector-strong> "$<${SKARMA_OPTIMISED}:${fortify}>")
target_link_options(skarma_hardening INTERFACE LINKER:-z,relro,-z,now)

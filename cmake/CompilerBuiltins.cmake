# The functions that LLVM calls where a processor has no instruction:
# conversions of bf16 and f16, integers of 128 bits and so on. compiler-rt has
# them as an archive, from which a linker takes what a program calls; compiled
# programs are linked in memory, so that all of them must be in the library.
# Sets ORCINUS_COMPILER_BUILTINS to the archive, and writes
# ${PROJECT_BINARY_DIR}/runtime/Jit/CompilerBuiltins.inc with a line
# BUILTIN(name) for each function.
set(ORCINUS_COMPILER_BUILTINS
  ${LLVM_LIBRARY_DIR}/clang/${LLVM_VERSION_MAJOR}/lib/linux/libclang_rt.builtins-${CMAKE_SYSTEM_PROCESSOR}.a)
if(NOT EXISTS ${ORCINUS_COMPILER_BUILTINS})
  message(FATAL_ERROR "compiler-rt's functions are not there: "
    "${ORCINUS_COMPILER_BUILTINS}; run scripts/install-dependencies.sh")
endif()
execute_process(
  COMMAND ${LLVM_TOOLS_BINARY_DIR}/llvm-nm --defined-only --extern-only
          --just-symbol-name --quiet ${ORCINUS_COMPILER_BUILTINS}
  OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
# Arithmetic and conversions alone: the rest serves exceptions, complex numbers
# and trampolines.
string(REGEX MATCHALL
  "__(add|sub|mul|div|mod|udiv|umod|neg|ash|lsh|cmp|ucmp|eq|ne|lt|le|gt|ge|unord|extend|trunc|fix|float|pow|gnu_f2h|gnu_h2f|clz|ctz|ffs|popcount|parity|bswap)[a-z0-9_]*"
  names "${symbols}")
list(REMOVE_DUPLICATES names)
list(SORT names)
list(TRANSFORM names REPLACE "(.+)" "BUILTIN(\\1)\n")
list(JOIN names "" lines)
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/runtime/Jit/CompilerBuiltins.inc
  CONTENT "${lines}")

# Writes a header with a digest of the compiler's sources, which is part of the
# object cache's key: a changed compiler never meets programs of the old one.
# The schedule spaces are among them: their defaults become code.
# Usage: cmake -D OUTPUT=FILE -D ROOT=DIR -P CompilerDigest.cmake
file(GLOB_RECURSE sources ${ROOT}/dialects/* ${ROOT}/lib/Tuning/Spaces/*
     ${ROOT}/passes/* ${ROOT}/runtime/Jit/*)
list(SORT sources)
set(digests "")
foreach(source ${sources})
  file(SHA256 ${source} digest)
  string(APPEND digests ${digest})
endforeach()
string(SHA256 digest "${digests}")
file(WRITE ${OUTPUT}.new "#define ORCINUS_COMPILER_DIGEST \"${digest}\"\n")
execute_process(COMMAND ${CMAKE_COMMAND} -E copy_if_different
                ${OUTPUT}.new ${OUTPUT})

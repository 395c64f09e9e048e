# Headers that many files read, compiled once: about four fifths of the time of
# a small file that works on IR goes into reading MLIR's headers. Targets that
# share one must be compiled alike. Sources are to include what they use all the
# same.

# orcinus_add_headers(name header...): an object library that carries the
# headers, for orcinus_use_headers(target name).
function(orcinus_add_headers name)
  set(source ${PROJECT_BINARY_DIR}/headers/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "// Carries precompiled headers.\n")
  add_library(${name} OBJECT ${source})
  target_precompile_headers(${name} PRIVATE ${ARGN})
  # The compiled headers name their own folder, so that they differ from one
  # build folder to the next. This is what ccache hashes in their place.
  file(CONFIGURE
    OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${name}.dir/cmake_pch.hxx.pch.sum
    CONTENT "${ORCINUS_HEADERS_DIGEST} ${ARGN}\n")
endfunction()

function(orcinus_use_headers target headers)
  target_precompile_headers(${target} REUSE_FROM ${headers})
endfunction()

# A digest of all that may be in precompiled headers.
set(folders ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
list(TRANSFORM folders APPEND "/*.h" OUTPUT_VARIABLE globs)
file(GLOB_RECURSE files ${globs})
execute_process(COMMAND ${CMAKE_COMMAND} -E sha256sum ${files}
                OUTPUT_VARIABLE digests)
string(SHA256 ORCINUS_HEADERS_DIGEST
  "${digests} ${CMAKE_CXX_COMPILER} ${CMAKE_CXX_COMPILER_VERSION} ${fmt_VERSION} ${nlohmann_json_VERSION} ${CLI11_VERSION}")

orcinus_add_headers(OrcinusStandardHeaders
  <algorithm> <array> <chrono> <cmath> <cstdint> <cstring> <filesystem>
  <fstream> <functional> <limits> <map> <memory> <numeric> <optional> <random>
  <set> <span> <string> <string_view> <unordered_map> <utility> <variant>
  <vector>
  <CLI/CLI.hpp> <fmt/format.h> <fmt/ranges.h> <nlohmann/json.hpp>)
orcinus_configure_target(OrcinusStandardHeaders)

orcinus_add_headers(OrcinusMlirHeaders
  <algorithm> <array> <cstdint> <functional> <map> <memory> <numeric>
  <optional> <set> <string> <utility> <vector>
  <mlir/Dialect/Affine/IR/AffineOps.h>
  <mlir/Dialect/Arith/IR/Arith.h>
  <mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h>
  <mlir/Dialect/Func/IR/FuncOps.h>
  <mlir/Dialect/GPU/IR/GPUDialect.h>
  <mlir/Dialect/LLVMIR/LLVMDialect.h>
  <mlir/Dialect/Linalg/IR/Linalg.h>
  <mlir/Dialect/Math/IR/Math.h>
  <mlir/Dialect/MemRef/IR/MemRef.h>
  <mlir/Dialect/SCF/IR/SCF.h>
  <mlir/Dialect/Tensor/IR/Tensor.h>
  <mlir/Dialect/Vector/IR/VectorOps.h>
  <mlir/IR/BuiltinOps.h>
  <mlir/IR/ImplicitLocOpBuilder.h>
  <mlir/IR/PatternMatch.h>
  <mlir/Pass/Pass.h>
  <mlir/Pass/PassManager.h>
  <mlir/Transforms/GreedyPatternRewriteDriver.h>
  <llvm/ADT/TypeSwitch.h>
  <fmt/format.h> <nlohmann/json.hpp>)
orcinus_configure_mlir_target(OrcinusMlirHeaders)

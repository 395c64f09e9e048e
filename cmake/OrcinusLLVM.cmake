# Finds the one LLVM/MLIR release that Orcinus supports: this is the only place
# that names it.
set(ORCINUS_LLVM_VERSION_MAJOR 22)

find_package(MLIR REQUIRED CONFIG
             HINTS /usr/lib/llvm-${ORCINUS_LLVM_VERSION_MAJOR}/lib/cmake/mlir)
if(NOT LLVM_VERSION_MAJOR EQUAL ORCINUS_LLVM_VERSION_MAJOR)
  message(FATAL_ERROR
    "Orcinus needs LLVM/MLIR ${ORCINUS_LLVM_VERSION_MAJOR}, found "
    "${LLVM_PACKAGE_VERSION} in ${LLVM_DIR}; run scripts/install-dependencies.sh "
    "or set MLIR_DIR")
endif()

list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)

# Thin wrappers that say once how Orcinus builds its libraries and tools.

set(ORCINUS_WARNINGS -Wall -Wextra -Wno-unused-parameter)
# Where the headers and .td files of dialects and passes are installed.
set(ORCINUS_MLIR_INCLUDE_DIR ${CMAKE_INSTALL_INCLUDEDIR}/orcinus-mlir)

function(orcinus_configure_target target)
  target_compile_options(${target} PRIVATE ${ORCINUS_WARNINGS})
  if(ORCINUS_ENABLE_SANITIZERS)
    target_compile_options(${target} PRIVATE
      -fsanitize=${ORCINUS_ENABLE_SANITIZERS} -fno-sanitize-recover=all
      -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE
      -fsanitize=${ORCINUS_ENABLE_SANITIZERS})
    get_target_property(type ${target} TYPE)
    if(type STREQUAL EXECUTABLE)
      target_sources(${target} PRIVATE
        ${PROJECT_SOURCE_DIR}/tools/SanitizerOptions.cpp)
    endif()
  endif()
endfunction()

# orcinus_add_library(name source... LINK library... [OPENMP]): a static library
# that knows nothing of MLIR; OPENMP where its own loops are parallel.
function(orcinus_add_library name)
  cmake_parse_arguments(ARG "OPENMP" "" "LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_include_directories(${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
  orcinus_configure_target(${name})
  # Headers compiled without OpenMP do not serve sources compiled with it.
  if(ARG_OPENMP)
    target_link_libraries(${name} PRIVATE OpenMP::OpenMP_CXX)
  else()
    orcinus_use_headers(${name} OrcinusStandardHeaders)
  endif()
endfunction()

# What a target needs to be compiled against LLVM and MLIR.
function(orcinus_configure_mlir_target name)
  target_include_directories(${name} PUBLIC
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
  target_include_directories(${name} SYSTEM PUBLIC
    ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
  # The compiler's own code is a small part of compiling a model; LLVM, which
  # is prebuilt, is the rest. Building it fast matters more.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  separate_arguments(definitions UNIX_COMMAND "${LLVM_DEFINITIONS}")
  target_compile_definitions(${name} PUBLIC ${definitions})
  orcinus_configure_target(${name})
endfunction()

# orcinus_add_mlir_library(name source... LINK library... DEPENDS target...): a
# static library over the shared libMLIR and libLLVM. Only these two are ever
# linked: MLIR's own static archives would load a second copy.
function(orcinus_add_mlir_library name)
  cmake_parse_arguments(ARG "" "" "LINK;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  orcinus_configure_mlir_target(${name})
  target_link_libraries(${name} PUBLIC ${ARG_LINK} MLIR LLVM)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  orcinus_use_headers(${name} OrcinusMlirHeaders)
endfunction()

# What compiled modules call, as one relocatable object that is part of the
# compiler: `orcinus compile` puts it into the libraries that it writes. It has
# no C++ library and no sanitizer, wherever it is built.
# Sets ORCINUS_MODULE_SUPPORT to the object.
add_library(OrcinusModuleSupport OBJECT
  ${PROJECT_SOURCE_DIR}/runtime/Memory/Arena.cpp
  ${PROJECT_SOURCE_DIR}/runtime/Memory/CompiledCall.cpp
  ${PROJECT_SOURCE_DIR}/runtime/Memory/MemoryAbi.cpp)
target_include_directories(OrcinusModuleSupport PRIVATE ${PROJECT_SOURCE_DIR})
target_compile_definitions(OrcinusModuleSupport PRIVATE ORCINUS_STANDALONE)
target_compile_options(OrcinusModuleSupport PRIVATE
  ${ORCINUS_WARNINGS} -O2 -DNDEBUG -fno-exceptions -fno-rtti
  -fno-stack-protector)
set_target_properties(OrcinusModuleSupport PROPERTIES
  CXX_VISIBILITY_PRESET hidden
  VISIBILITY_INLINES_HIDDEN ON
  UNITY_BUILD OFF)
set(ORCINUS_MODULE_SUPPORT ${CMAKE_CURRENT_BINARY_DIR}/ModuleSupport.o)
add_custom_command(
  OUTPUT ${ORCINUS_MODULE_SUPPORT}
  COMMAND ${LLVM_TOOLS_BINARY_DIR}/ld.lld -r -o ${ORCINUS_MODULE_SUPPORT}
          $<TARGET_OBJECTS:OrcinusModuleSupport>
  DEPENDS OrcinusModuleSupport $<TARGET_OBJECTS:OrcinusModuleSupport>
  COMMAND_EXPAND_LISTS
  VERBATIM)

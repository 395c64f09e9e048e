# The libraries that other projects link, and their CMake package: Orcinus, which
# trains models, and OrcinusMLIR, the dialects and passes. It is made once there
# is OrcinusCompiler, which defines compileModel().
if(NOT TARGET OrcinusCompiler)
  return()
endif()

include(CMakePackageConfigHelpers)

# As objects, for of an archive the linker takes only what is called.
foreach(part Graph Sampling Metrics Evaluation Reuse Tuning Device Runtime Module CAPI)
  list(APPEND ORCINUS_API_OBJECTS $<TARGET_OBJECTS:Orcinus${part}>)
endforeach()
add_library(Orcinus SHARED ${ORCINUS_API_OBJECTS})
set_target_properties(Orcinus PROPERTIES
  OUTPUT_NAME orcinus
  LINKER_LANGUAGE CXX
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}
  INSTALL_RPATH $ORIGIN
  INSTALL_RPATH_USE_LINK_PATH ON)
target_include_directories(Orcinus INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(Orcinus INTERFACE cxx_std_20)
target_link_libraries(Orcinus PRIVATE
  OrcinusModule OrcinusReuse OrcinusTuning OrcinusRuntime OrcinusCompiler)
orcinus_configure_target(Orcinus)
# Nothing of the libraries that are linked into it.
set(ORCINUS_EXPORTS ${CMAKE_CURRENT_LIST_DIR}/orcinus.exports)
target_link_options(Orcinus PRIVATE -Wl,--version-script=${ORCINUS_EXPORTS})
set_target_properties(Orcinus PROPERTIES LINK_DEPENDS ${ORCINUS_EXPORTS})

set(ORCINUS_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/Orcinus)
install(TARGETS Orcinus EXPORT OrcinusTargets)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/orcinus
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT OrcinusTargets NAMESPACE Orcinus::
        DESTINATION ${ORCINUS_PACKAGE_DIR})
install(TARGETS OrcinusMLIR EXPORT OrcinusMLIRTargets)
install(EXPORT OrcinusMLIRTargets NAMESPACE Orcinus::
        DESTINATION ${ORCINUS_PACKAGE_DIR})
# What out-of-tree dialects, passes and tools include: by the names that the
# project's own files use.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/dialects
        DESTINATION ${ORCINUS_MLIR_INCLUDE_DIR}
        FILES_MATCHING PATTERN "*.h" PATTERN "*.td")
install(DIRECTORY ${PROJECT_BINARY_DIR}/dialects ${PROJECT_BINARY_DIR}/passes
        DESTINATION ${ORCINUS_MLIR_INCLUDE_DIR}
        FILES_MATCHING PATTERN "*.h.inc" PATTERN "CMakeFiles" EXCLUDE)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/passes
        DESTINATION ${ORCINUS_MLIR_INCLUDE_DIR}
        FILES_MATCHING PATTERN "Passes.h" PATTERN "Pipelines/*.h"
                       PATTERN "Target/MatrixInstruction.h")
install(FILES ${PROJECT_SOURCE_DIR}/tools/RegisterAll.h
        DESTINATION ${ORCINUS_MLIR_INCLUDE_DIR}/tools)
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/OrcinusConfig.cmake.in
  ${PROJECT_BINARY_DIR}/package/OrcinusConfig.cmake
  INSTALL_DESTINATION ${ORCINUS_PACKAGE_DIR}
  PATH_VARS ORCINUS_MLIR_INCLUDE_DIR)
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/package/OrcinusConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/package/OrcinusConfig.cmake
  ${PROJECT_BINARY_DIR}/package/OrcinusConfigVersion.cmake
  DESTINATION ${ORCINUS_PACKAGE_DIR})

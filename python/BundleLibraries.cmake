# Copies the tool to orcinus/bin, and to orcinus/lib what it and the extension
# module MODULE load: LIBRARIES of our own, and what these need, which is
# searched in SEARCH where the linker does not find it. Run by the installation
# of the component `python`.
set(destination "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/orcinus")

file(GET_RUNTIME_DEPENDENCIES
  RESOLVED_DEPENDENCIES_VAR found
  UNRESOLVED_DEPENDENCIES_VAR missing
  CONFLICTING_DEPENDENCIES_PREFIX conflict
  EXECUTABLES "${TOOL}"
  MODULES "${MODULE}"
  LIBRARIES ${LIBRARIES}
  DIRECTORIES ${SEARCH}
  PRE_EXCLUDE_REGEXES
    "^ld-linux" "^linux-vdso" "^lib(c|m|dl|rt|pthread|stdc\\+\\+|gcc_s)\\.so")
if(missing)
  message(FATAL_ERROR "libraries that the module needs are missing: ${missing}")
endif()

# LLVM has its OpenMP runtime by GNU's name, too, which would then be in the
# process twice: what asks for GNU's gets that.
foreach(name IN LISTS conflict_FILENAMES)
  set(candidates ${conflict_${name}})
  list(FILTER candidates EXCLUDE REGEX "/llvm-")
  list(GET candidates 0 chosen)
  list(APPEND found "${chosen}")
endforeach()

file(MAKE_DIRECTORY "${destination}/lib")
foreach(library IN LISTS found)
  # By the name that others load it by; a wheel has no links.
  get_filename_component(name "${library}" NAME)
  file(REAL_PATH "${library}" file)
  file(COPY_FILE "${file}" "${destination}/lib/${name}" ONLY_IF_DIFFERENT)
endforeach()
file(COPY "${TOOL}" DESTINATION "${destination}/bin")

# In place of the build's folders.
foreach(file IN ITEMS "${destination}/bin/orcinus"
        "${destination}/lib/liborcinus.so.0"
        "${destination}/lib/liborcinus-mlir.so.0")
  file(RPATH_SET FILE "${file}" NEW_RPATH "$ORIGIN/../lib")
endforeach()

# Writes a header with digests of the sources that decide on compiled programs.
# They are parts of keys under which programs and their times are kept, so that
# a changed compiler never meets those of an old one:
#
#   ORCINUS_COMPILER_DIGEST       the object cache: all that compiles models, and
#                                 the layouts by which programs and runtime talk
#   ORCINUS_HOST_OPERATOR_DIGEST  the tuning database: what makes code of an
#   ORCINUS_GPU_OPERATOR_DIGEST   operator under a schedule, and tells its time
#
# A program that is compiled anew costs seconds, so that the first is generous;
# tuning anew costs hours, so that the others leave out all that does not decide
# on operators. They are of sources rather than of what is linked: builds of the
# same sources share their databases. Lines that are comments do not count.
#
# Usage: cmake -D OUTPUT=FILE -D ROOT=DIR [-D LIST=ON] -P CompilerDigest.cmake
# LIST writes the names of the files instead of the header.

set(compiler dialects/* include/* lib/* models/* passes/* runtime/Abi/*
    runtime/Device/* runtime/Jit/* runtime/Memory/* runtime/Module/*
    runtime/Prepare/*
    runtime/Simulator/*)
set(host_operator
    dialects/ETO/* passes/Lowering/* passes/Pipelines/LowerToHost.*
    passes/Support/* passes/Tuning/OperatorAnalysis.*
    passes/Tuning/SpecializeOperator.*
    include/orcinus/Tuning/Schedule.* include/orcinus/Tuning/ScheduleSpace.*
    lib/Tuning/Spaces/ContractionLoops.* lib/Tuning/Spaces/ContractionSpace.*
    lib/Tuning/Spaces/DepthwiseSpace.* lib/Tuning/Spaces/RowSpace.*
    lib/Tuning/Spaces/Spaces.* lib/Tuning/Schedule.* lib/Tuning/ScheduleSpace.*
    lib/Tuning/OperatorModule.* lib/Tuning/IndexMap.* lib/Tuning/ScheduleFields.*
    lib/Tuning/SumOfProducts.*
    runtime/Jit/CallTimer.* runtime/Jit/HostObject.* runtime/Jit/ObjectCompiler.*
    runtime/Jit/OperatorCompiler.* runtime/Jit/OperatorLowering.*
    runtime/Jit/Sanitizers.* runtime/Jit/Target.*)
set(gpu_operator ${host_operator}
    passes/Pipelines/LowerToGpu.* passes/Target/*
    include/orcinus/Tuning/GpuChip.* lib/Tuning/Gpu* lib/Tuning/Spaces/*
    runtime/Jit/Gpu* runtime/Simulator/*)

foreach(name compiler host_operator gpu_operator)
  list(TRANSFORM ${name} PREPEND ${ROOT}/)
  file(GLOB_RECURSE sources ${${name}})
  list(FILTER sources INCLUDE REGEX "\\.(cpp|h|td)$")
  list(SORT sources)
  set(digests "")
  foreach(source ${sources})
    if(LIST)
      file(RELATIVE_PATH relative ${ROOT} ${source})
      string(APPEND text "${name} ${relative}\n")
      continue()
    endif()
    file(READ ${source} content)
    string(REGEX REPLACE "\n[ \t]*//[^\n]*" "" content "\n${content}")
    string(REGEX REPLACE "\n\n+" "\n" content "${content}")
    string(SHA256 digest "${content}")
    string(APPEND digests ${digest})
  endforeach()
  if(NOT LIST)
    string(SHA256 digest "${digests}")
    string(TOUPPER ${name} upper)
    string(APPEND text "#define ORCINUS_${upper}_DIGEST \"${digest}\"\n")
  endif()
endforeach()
file(WRITE ${OUTPUT}.new "${text}")
execute_process(COMMAND ${CMAKE_COMMAND} -E copy_if_different
                ${OUTPUT}.new ${OUTPUT})

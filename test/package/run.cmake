# Installs Orcinus from BUILD into WORK, builds the consumer project against it
# and runs the consumer's programs.
# cmake -DBUILD=… -DSOURCE=… -DWORK=… -DLLVM_TOOLS=… -P run.cmake
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/build
    -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_BUILD_TYPE=Release
    -DCMAKE_C_COMPILER=${C_COMPILER} -DCMAKE_CXX_COMPILER=${CXX_COMPILER})
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/consumer-c)
run(${WORK}/build/consumer-cpp)
run(${WORK}/build/consumer-tool)

# The library exports its own interface alone.
find_program(NM NAMES nm llvm-nm-22 REQUIRED)
execute_process(
  COMMAND ${NM} -DC --defined-only ${WORK}/prefix/lib/liborcinus.so
  OUTPUT_VARIABLE exported COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]* orcinus_trainer_create\n" ours "${exported}")
string(REGEX REPLACE "[^\n]* (typeinfo for |typeinfo name for |vtable for )?orcinus[^\n]*\n" ""
       foreign "${exported}")
if(NOT ours OR NOT foreign STREQUAL "")
  message(FATAL_ERROR "liborcinus exports what is not its interface: ${foreign}")
endif()

# The installed tool knows the plugin's pass, and the pass knows tgnn's ops.
execute_process(
  COMMAND ${WORK}/prefix/bin/orcinus-opt
          --load-pass-plugin=${WORK}/build/libconsumer-plugin.so
          "--pass-pipeline=builtin.module(count-tgnn)"
          ${SOURCE}/sample.mlir -o ${WORK}/sample.out
  OUTPUT_VARIABLE counts COMMAND_ERROR_IS_FATAL ANY)
if(NOT counts STREQUAL "tgnn ops: 2, samples: 1\n")
  message(FATAL_ERROR "the plugin counted other ops than there are: ${counts}")
endif()

# LLVM's own mlir-opt knows all of Orcinus by the plugin.
set(plugin ${WORK}/prefix/lib/orcinus-mlir-plugin.so)
execute_process(
  COMMAND ${LLVM_TOOLS}/mlir-opt --load-dialect-plugin=${plugin}
          --load-pass-plugin=${plugin}
          "--pass-pipeline=builtin.module(func.func(tgnn-decompose,tgnn-autodiff))"
          ${SOURCE}/../../docs/examples/gradient.mlir
  OUTPUT_VARIABLE derived COMMAND_ERROR_IS_FATAL ANY)
if(NOT derived MATCHES "tgnn.link_loss_grad" OR derived MATCHES "tgnn.gradient ")
  message(FATAL_ERROR "mlir-opt derived no gradient: ${derived}")
endif()

# Index work of another project, as C++ embeds it and as the tools load it.
set(plugin ${WORK}/build/libconsumer-window.so)
run(${WORK}/build/consumer-window-cpp ${plugin} ${SOURCE}/window.mlir)
run(${WORK}/prefix/bin/orcinus-opt --load-dialect-plugin=${plugin}
    ${SOURCE}/window.mlir -o ${WORK}/window.out)
set(data synthetic:nodes=100,events=4000)
run(${WORK}/prefix/bin/orcinus --plugin ${plugin} train --data ${data}
    --model ${SOURCE}/window.mlir --epochs 1 --no-cache
    --checkpoint ${WORK}/checkpoint)
run(${WORK}/prefix/bin/orcinus --plugin ${plugin} eval --data ${data}
    --no-cache --checkpoint ${WORK}/checkpoint)
execute_process(
  COMMAND ${WORK}/prefix/bin/orcinus eval --data ${data} --no-cache
          --checkpoint ${WORK}/checkpoint
  RESULT_VARIABLE failed ERROR_VARIABLE message OUTPUT_QUIET)
if(NOT failed OR NOT message MATCHES "window")
  message(FATAL_ERROR "without the plugin, eval said: ${message}")
endif()

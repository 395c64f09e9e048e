#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""TVM's MetaSchedule for this processor, for compare_metaschedule.py and
compare_networks.py.

    bench/metaschedule.py networks/resnet18.1 -o resnet18.so --trials 640 --threads 1

tunes the network of a folder that compare_networks.py has prepared, and writes a
library and, as resnet18.json, what it took. It needs `pip install
apache-tvm==0.27.0.post1 apache-tvm-ffi==0.1.14.post0 xgboost psutil cloudpickle
onnx` (the next apache-tvm-ffi crashes it), a C++ compiler, and for networks whose
ONNX form TVM refuses what compare_networks.py needs.

What is done is TVM's pipeline for static shapes on processors: weights are
constants, ops are fused, and each distinct fused function is an operator.
MetaSchedule measures half of the trials, but not more than 64 an operator, in
equal parts on all operators, and the rest where its scheduler expects most. The layouts that programs want of weights
are computed when the network is compiled. Before, convolutions are turned to
channels last, where their innermost loops are long enough for vectors; clips, of
which TVM does not know that they have no layout, then stay between two
transpositions. `--layout NCHW` leaves convolutions as they come.
"""

import argparse
import importlib
import json
import os
import pathlib
import sys
import tempfile
import time
import types


def host_target(threads):
    """This processor, with all that LLVM knows of it."""
    import tvm
    from tvm.target import codegen

    return tvm.target.Target({"kind": "llvm", "num-cores": threads,
                              "mcpu": codegen.llvm_get_system_cpu()})


def load_intrinsics():
    """Registers TVM's intrinsics for x86, and for no other processor.

    TVM parses those of all processors in each process that builds candidates,
    which takes 17 s to 40 s, where a build has 30 s before it counts as failed."""
    import tvm

    name = "tvm.s_tir.tensor_intrin"
    if name not in sys.modules:
        package = types.ModuleType(name)
        package.__path__ = [
            str(pathlib.Path(tvm.__file__).parent / "s_tir" / "tensor_intrin")]
        sys.modules[name] = package
        importlib.import_module(f"{name}.x86")


def make_builder(workers, folder):
    """What builds MetaSchedule's candidates in so many processes, by TVM's
    defaults but for what makes these processes slow to start.

    The folder has a module torch that is none, for TVM would import torch in
    each: 1 s instead of 3 s."""
    import cloudpickle
    from tvm.s_tir.meta_schedule.builder import LocalBuilder

    load_intrinsics()
    (pathlib.Path(folder) / "torch.py").write_text("raise ImportError('hidden')\n")
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    # The processes do not find this module.
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    return LocalBuilder(max_workers=workers, initializer=load_intrinsics)


def import_network(folder):
    """The network of a folder, and of what form."""
    import onnx
    from tvm.relax.frontend.onnx import from_onnx

    try:
        return from_onnx(onnx.load(str(folder / "net.onnx"))), "ONNX"
    except Exception as problem:  # of any kind, from wherever an op is converted
        print(f"TVM refuses the ONNX form: {problem}", file=sys.stderr)
    import compare_networks
    import numpy
    import torch
    from tvm.relax.frontend.torch import from_exported_program

    name, _, batch = folder.name.rpartition(".")
    model, _ = compare_networks.make_network(name, int(batch))
    model.load_state_dict(torch.load(folder / "weights.pt"))
    x = torch.from_numpy(numpy.load(folder / "x.npy"))
    with torch.no_grad():
        exported = torch.export.export(model, (x,))
        return (from_exported_program(exported, unwrap_unit_return_tuple=True),
                "torch.export")


def tune(module, layout, trials, threads):
    """The tuned network, compiled, the number of its operators, and of those for
    which no candidate was valid, which are plain loops."""
    import tvm
    from tvm.relax import transform
    from tvm.relax.pipeline import zero_pipeline
    from tvm.s_tir.meta_schedule import relax_integration

    target = host_target(threads)
    layouts = {"NHWC": ["NHWC", "HWIO"], "NCHW": ["NCHW", "OIHW"]}[layout]
    with (tempfile.TemporaryDirectory() as folder, target,
          tvm.transform.PassContext(opt_level=3)):
        module = tvm.transform.Sequential([
            transform.DecomposeOpsForInference(),
            transform.ConvertLayout({"relax.nn.conv2d": layouts}),
            transform.CanonicalizeBindings(),
            zero_pipeline(),
            transform.AttachAttrLayoutFreeBuffers(),
        ])(module)
        builder = make_builder(len(os.sched_getaffinity(0)), folder)
        operators = relax_integration.extract_tasks(module, target)
        if trials < 2 * len(operators):
            sys.exit(f"{len(operators)} operators need at least "
                     f"{2 * len(operators)} trials")
        database = relax_integration.tune_relax(
            module, {}, target, folder, max_trials_global=trials, builder=builder,
            num_trials_per_iter=min(64, trials // (2 * len(operators))))
        untuned = sum(
            database.query_tuning_record(each.dispatched[0], target, each.task_name)
            is None for each in operators)
        module = tvm.transform.Sequential([
            transform.MetaScheduleApplyDatabase(folder),
            transform.SplitLayoutRewritePreproc(),
            transform.FoldConstant(),
            transform.CanonicalizeBindings(),
        ])(module)
    return tvm.compile(module, target), len(operators), untuned


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("-o", dest="library", type=pathlib.Path, required=True)
    parser.add_argument("--trials", type=int, required=True,
                        help="candidates in all")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--layout", choices=["NHWC", "NCHW"], default="NHWC")
    options = parser.parse_args()
    # Candidates are measured with as many threads as the network will have.
    os.environ["TVM_NUM_THREADS"] = str(options.threads)
    module, form = import_network(options.folder)
    begin = time.time()
    executable, operators, untuned = tune(
        module, options.layout, options.trials, options.threads)
    seconds = time.time() - begin
    executable.export_library(str(options.library))
    options.library.with_suffix(".json").write_text(json.dumps(
        {"seconds": seconds, "operators": operators, "untuned": untuned,
         "trials": options.trials, "from": form, "layout": options.layout}))


if __name__ == "__main__":
    main()

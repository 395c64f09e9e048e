#!/usr/bin/env python3
"""Latency of whole networks beside other systems, in one alternating run.

    bench/compare_networks.py --orcinus build/bin/orcinus --tools venv/bin \\
        --networks resnet18,resnet50,mobilenet_v2 --threads 1,2 --batches 1,8

The networks are torchvision's, with random weights by a seed, in f32, and mlp
(3 layers of 1024), bert_base and gpt2 (transformers' models of the usual sizes,
128 tokens). Each system has a process of its own that waits while it is not its
turn. Systems take turns; of each turn the fastest call counts, of all turns the
median. With one thread, times are of the thread's processor time, which other
work on the machine disturbs less; with several, of the clock. A result further
from that of PyTorch than 1e-4 of the largest element is named. The last lines
are geometric means of the multiples of ONNX Runtime's time, and of the time of
the fastest of all other systems, over the rows that a system has.

Systems that are not installed are left out and named: onnxruntime, torch
(eager), torch.compile (inductor, frozen), iree (iree-compile for the host, from
the same linalg). `--tune SECONDS` adds `orcinus tuned`, tuned for so long for
each number of threads, `--before PATH` another build of Orcinus, `--tvm-trials N`
TVM, tuned by MetaSchedule with so many candidates in all for each number of
threads (metaschedule.py), for minutes to hours, which are printed. Without tuning
TVM has but plain loops for processors, so there is no such row. What was tuned is
kept in the work folder.
"""

import argparse
import ctypes
import importlib.util
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

TOLERANCE = 1e-4


# --- networks -------------------------------------------------------------


def make_transformer(name, batch):
    """One of transformers' models, of which the first result counts."""
    import torch
    import transformers

    class First(torch.nn.Module):
        def __init__(self, model):
            super().__init__()
            self.model = model

        def forward(self, tokens):
            return self.model(
                tokens, attention_mask=torch.ones_like(tokens),
                position_ids=torch.arange(tokens.shape[1])[None],
                return_dict=False)[0]

    if name == "gpt2":
        model = transformers.GPT2LMHeadModel(transformers.GPT2Config(
            attn_implementation="eager", use_cache=False))
    else:
        model = transformers.BertModel(transformers.BertConfig(
            attn_implementation="eager"))
    # Biases of zeros would be folded away.
    for parameter in model.parameters():
        if parameter.dim() == 1:
            torch.nn.init.normal_(parameter, parameter.mean().item(), 0.1)
    return First(model).eval(), torch.randint(0, 30000, (batch, 128))


def make_network(name, batch):
    """The network, in which norms keep activations near 1, and an input."""
    import torch
    import torchvision

    torch.manual_seed(0)
    if name in ("bert_base", "gpt2"):
        return make_transformer(name, batch)
    if name == "mlp":
        layers = [torch.nn.Linear(1024, 1024) for _ in range(3)]
        relu = torch.nn.ReLU()
        return (torch.nn.Sequential(layers[0], relu, layers[1], relu,
                                    layers[2]).eval(), torch.randn(batch, 1024))
    model = getattr(torchvision.models, name)(weights=None)
    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for norm in norms:
        torch.nn.init.uniform_(norm.weight, 0.5, 1.5)
        torch.nn.init.normal_(norm.bias, 0, 0.1)
        norm.momentum = None
    # Statistics of random data, so that nothing vanishes or explodes.
    model.train()
    with torch.no_grad():
        for _ in range(2):
            model(torch.randn(4, 3, 224, 224))
    return model.eval(), torch.randn(batch, 3, 224, 224)


def folder_of(network, batch, options):
    return options.work / f"{network}.{batch}"


def prepare(name, batch, options):
    """Writes the network, its input and PyTorch's result."""
    import numpy
    import torch

    folder = folder_of(name, batch, options)
    if (folder / "y.npy").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    model, x = make_network(name, batch)
    with torch.no_grad():
        y = model(x)
    torch.save(model.state_dict(), folder / "weights.pt")
    torch.onnx.export(model, x, str(folder / "net.onnx"), dynamo=False,
                      opset_version=17, input_names=["x"], output_names=["y"])
    source = folder / "net.onnx"
    if name == "gpt2":
        # torch-mlir does not infer the shapes of its ONNX form.
        import torch_mlir.fx

        source = folder / "net.torch.mlir"
        source.write_text(str(
            torch_mlir.fx.export_and_import(model, x, output_type="torch")))
    run([options.orcinus, "import", source, "-o", folder / "net.mlir",
         "--tools", options.tools])
    numpy.save(folder / "x.npy", x.numpy())
    numpy.save(folder / "y.npy", y.numpy())


def run(command):
    done = subprocess.run([str(part) for part in command],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr}")
    return done.stdout


# --- systems: each returns a function of no argument that gives the result --


def start_orcinus(folder, threads, options, tuned=False, before=False):
    import numpy

    orcinus = options.before if before else options.orcinus
    module = folder / "net.mlir"
    if before:
        module = folder / "before.mlir"
        run([orcinus, "import", folder / "net.onnx", "-o", module, "--tools",
             options.tools])
    if tuned:
        module = folder / f"tuned{threads}.mlir"
        if not module.exists():
            run([options.orcinus, "tune", "--network", folder / "net.mlir",
                 "-o", module, "--db", folder / f"tuned{threads}.db",
                 "--threads", threads, "--budget", options.tune])
    library = folder / f"{module.stem}.{threads}.so"
    run([orcinus, "compile", module, "-o", library, "--name", "net",
         "--threads", threads])
    loaded = ctypes.CDLL(str(library))
    manifest = json.loads(ctypes.string_at(ctypes.addressof(
        ctypes.c_char.in_dll(loaded, "orcinus_module"))))
    function = loaded["net.call." + manifest["functions"][0]["name"]]
    function.restype = ctypes.c_char_p
    loaded["net.threads"](threads)
    x = numpy.load(folder / "x.npy")
    y = numpy.empty_like(numpy.load(folder / "y.npy"))
    arguments = pack(x, y)

    def call():
        problem = function(arguments)
        if problem:
            raise RuntimeError(problem.decode())
        return y

    call.keeps = x
    return call


def pack(*arrays):
    """Pointers to memref descriptors of the arrays (docs/abi.md)."""
    descriptors = []
    for array in arrays:
        words = [array.ctypes.data, array.ctypes.data, 0, *array.shape,
                 *(stride // array.itemsize for stride in array.strides)]
        descriptors.append((ctypes.c_int64 * len(words))(*words))
    pointers = (ctypes.c_void_p * len(arrays))(
        *(ctypes.addressof(each) for each in descriptors))
    pointers.keeps = descriptors
    return pointers


def start_onnxruntime(folder, threads, options):
    import numpy
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(folder / "net.onnx"), settings, providers=["CPUExecutionProvider"])
    x = numpy.load(folder / "x.npy")
    return lambda: session.run(None, {"x": x})[0]


def start_torch(folder, threads, options, compiled=False):
    import numpy
    import torch

    torch.set_num_threads(threads)
    name, _, batch = folder.name.rpartition(".")
    model, _ = make_network(name, int(batch))
    model.load_state_dict(torch.load(folder / "weights.pt"))
    x = torch.from_numpy(numpy.load(folder / "x.npy"))
    if compiled:
        import torch._inductor.config

        torch._inductor.config.freezing = True
        model = torch.compile(model)

    def call():
        with torch.inference_mode(not compiled), torch.no_grad():
            return model(x).numpy()

    return call


def start_iree(folder, threads, options):
    import iree.compiler
    import iree.runtime
    import numpy

    text = folder / "net.linalg.mlir"
    if not text.exists():
        tools = pathlib.Path(options.tools)
        passes = ("torchdynamo-export-to-torch-backend-pipeline,"
                  "torch-backend-to-linalg-on-tensors-backend-pipeline")
        source = folder / "net.torch.mlir"
        if not source.exists():
            passes = ("func.func(convert-torch-onnx-to-torch),"
                      "torch-onnx-to-torch-backend-pipeline,"
                      "torch-backend-to-linalg-on-tensors-backend-pipeline")
            source = folder / "net.onnx.mlir"
            run([tools / "torch-mlir-import-onnx", folder / "net.onnx", "-o",
                 source])
        run([tools / "torch-mlir-opt", source,
             f"--pass-pipeline=builtin.module({passes})", "-o", text])
    driver = "local-sync" if threads == 1 else "local-task"
    program = iree.compiler.compile_file(
        str(text), target_backends=["llvm-cpu"],
        extra_args=["--iree-llvmcpu-target-cpu=host", "--iree-opt-level=O3",
                    "--iree-llvmcpu-fail-on-out-of-bounds-stack-allocation=false"])
    if threads > 1:
        iree.runtime.flags.parse_flags(f"--task_topology_group_count={threads}")
    module = iree.runtime.load_vm_flatbuffer(program, driver=driver)
    x = numpy.load(folder / "x.npy")
    function = getattr(module, "main" if (folder / "net.torch.mlir").exists()
                       else "main_graph")
    return lambda: numpy.asarray(function(x))


def start_tvm(folder, threads, options):
    import numpy
    import tvm
    from tvm import relax

    library = folder / f"tvm{options.tvm_trials}.{threads}.so"
    report = library.with_suffix(".json")
    if not report.exists():
        run([sys.executable, pathlib.Path(__file__).with_name("metaschedule.py"),
             folder, "-o", library, "--trials", options.tvm_trials, "--threads",
             threads])
    machine = relax.VirtualMachine(
        tvm.runtime.load_module(str(library)), tvm.cpu())
    machine.set_input("main", tvm.runtime.tensor(numpy.load(folder / "x.npy")))

    def call():
        machine.invoke_stateful("main")
        return numpy.from_dlpack(machine.get_outputs("main"))

    found = json.loads(report.read_text())
    call.note = (f"{found['operators']} operators from {found['from']}, "
                 f"{found['untuned']} of them without a valid candidate, "
                 f"{found['layout']}, tuned by {found['trials']} trials in "
                 f"{found['seconds']:.0f} s")
    return call


SYSTEMS = {
    "orcinus": (None, start_orcinus),
    "orcinus tuned": (None, lambda *all: start_orcinus(*all, tuned=True)),
    "orcinus before": (None, lambda *all: start_orcinus(*all, before=True)),
    "onnxruntime": ("onnxruntime", start_onnxruntime),
    "torch": ("torch", start_torch),
    "torch.compile": ("torch", lambda *all: start_torch(*all, compiled=True)),
    "iree": ("iree.compiler", start_iree),
    "tvm": ("tvm", start_tvm),
}


def is_installed(module):
    try:
        return module is None or importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


# --- the process of a system -----------------------------------------------


def serve(options):
    """Answers each line of input by the seconds of the fastest of some calls."""
    import numpy

    clock = time.thread_time if options.threads == "1" else time.perf_counter
    # Whatever a library prints is no answer.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    folder = folder_of(options.networks, int(options.batches), options)
    try:
        call = SYSTEMS[options.serve][1](folder, int(options.threads), options)
        y = numpy.load(folder / "y.npy")
        error = float(abs(numpy.asarray(call()) - y).max() / abs(y).max())
    except Exception as problem:  # told to whoever started this process
        answers.write(json.dumps({"problem": str(problem)[-500:]}) + "\n")
        return
    answers.write(json.dumps(
        {"error": error, "note": getattr(call, "note", None)}) + "\n")
    for _ in sys.stdin:
        call()
        fastest = float("inf")
        for _ in range(options.burst):
            begin = clock()
            call()
            fastest = min(fastest, clock() - begin)
        answers.write(json.dumps({"seconds": fastest}) + "\n")


class Contestant:
    """A system's process."""

    def __init__(self, system, network, batch, threads, options):
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads),
                           TVM_NUM_THREADS=str(threads))
        environment.pop("OPENBLAS_CORETYPE", None)
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--serve", system, "--networks", network,
             "--batches", str(batch), "--threads", str(threads), "--work", str(options.work),
             "--orcinus", str(options.orcinus), "--tools", str(options.tools),
             "--burst", str(options.burst), "--tune", str(options.tune),
             "--before", options.before, "--tvm-trials", str(options.tvm_trials)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL, env=environment)
        answer = json.loads(self.process.stdout.readline() or
                            '{"problem": "the process ended"}')
        self.problem = answer.get("problem")
        self.error = answer.get("error")
        self.note = answer.get("note")
        self.seconds = []

    def take_turn(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.seconds.append(json.loads(self.process.stdout.readline())["seconds"])

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def compare(network, batch, threads, systems, options):
    """Milliseconds of a call for each system that gives a result."""
    title = f"{network}, batch {batch}, {threads} threads"
    contestants = {}
    for system in systems:
        contestant = Contestant(system, network, batch, threads, options)
        if contestant.problem:
            print(f"{title}: {system} left out: {contestant.problem}")
            contestant.end()
            continue
        if not contestant.error <= TOLERANCE:
            print(f"{title}: {system} is WRONG by {contestant.error:.1e}")
        if contestant.note:
            print(f"{title}: {system}: {contestant.note}", flush=True)
        contestants[system] = contestant
    order = list(contestants.values())
    for turn in range(options.turns):
        for contestant in order if turn % 2 == 0 else reversed(order):
            contestant.take_turn()
    for contestant in order:
        contestant.end()
    return {system: 1e3 * statistics.median(each.seconds)
            for system, each in contestants.items()}


def print_row(title, milliseconds, systems):
    reference = milliseconds.get("onnxruntime")
    cells = []
    for system in systems:
        found = milliseconds.get(system)
        if found is None:
            cells.append("")
        elif reference:
            cells.append(f"{found / reference:.2f} ({found:.2f} ms)")
        else:
            cells.append(f"{found:.2f} ms")
    print(f"| {title} | " + " | ".join(cells) + " |", flush=True)


def print_means(rows, systems):
    """Geometric means of ratios over all rows that have both times."""
    def mean_of(system, reference_of):
        ratios = [row[system] / reference for row in rows if system in row
                  for reference in [reference_of(row)] if reference]
        return f"{statistics.geometric_mean(ratios):.2f}" if ratios else ""

    references = {
        "over ONNX Runtime": lambda row: row.get("onnxruntime"),
        "over the fastest other system": lambda row: min(
            (each for other, each in row.items()
             if not other.startswith("orcinus")), default=None),
    }
    for title, reference_of in references.items():
        cells = [mean_of(system, reference_of)
                 for system in systems]
        print(f"| {title} | " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--orcinus", type=pathlib.Path, default="build/bin/orcinus")
    parser.add_argument("--tools", type=pathlib.Path, default=pathlib.Path(sys.executable).parent,
                        help="the folder with torch-mlir's tools")
    parser.add_argument("--work", type=pathlib.Path, default="networks")
    parser.add_argument("--networks", default="resnet18,resnet50,mobilenet_v2")
    parser.add_argument("--batches", default="1")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--systems", default=",".join(SYSTEMS))
    parser.add_argument("--turns", type=int, default=15)
    parser.add_argument("--burst", type=int, default=4)
    parser.add_argument("--tune", type=float, default=0,
                        help="seconds to tune a network for")
    parser.add_argument("--before", default="", help="another build's orcinus")
    parser.add_argument("--tvm-trials", type=int, default=0,
                        help="candidates to tune a network with by TVM")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve(options)
    systems = []
    for system in options.systems.split(","):
        if not is_installed(SYSTEMS[system][0]):
            print(f"{system} is not installed")
        elif not (system == "orcinus tuned" and options.tune <= 0 or
                  system == "orcinus before" and not options.before or
                  system == "tvm" and options.tvm_trials <= 0):
            systems.append(system)
    print("| network, batch, threads | " + " | ".join(systems) + " |")
    print("|---|" + "--:|" * len(systems))
    rows = []
    for network in options.networks.split(","):
        for batch in options.batches.split(","):
            prepare(network, int(batch), options)
            for threads in options.threads.split(","):
                rows.append(compare(network, batch, threads, systems, options))
                print_row(f"{network}, {batch}, {threads}", rows[-1], systems)
    print_means(rows, systems)


if __name__ == "__main__":
    main()

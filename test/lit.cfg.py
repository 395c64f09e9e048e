# The lit suite's configuration.
#
#   lit build/test                               every test
#   lit build/test --filter Lowering             those whose path says so
#   lit build/test --param verify_roundtrip=1    every `orcinus-opt` again, with
#                                                the IR printed and parsed
#                                                between its passes

import functools
import importlib.util
import os
import shutil
import subprocess
import sys

import lit.formats

# In the source tree: what the build folder has to say comes first, and comes back
# here.
if not hasattr(config, "orcinus_tools_dir"):
    source = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    build = os.environ.get("ORCINUS_BUILD_DIR", os.path.join(source, "build"))
    site = os.path.join(build, "test", "lit.site.cfg.py")
    if not os.path.exists(site):
        lit_config.fatal("no build in %s: build Orcinus, or name its build "
                         "folder by ORCINUS_BUILD_DIR" % build)
    lit_config.load_config(config, site)
    raise SystemExit

config.name = "Orcinus"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["differential", "fuzz", "unit", "package", "Inputs"]
config.test_source_root = os.path.dirname(__file__)

orcinus_opt = os.path.join(config.orcinus_tools_dir, "orcinus-opt")
extra_arguments = []
if lit_config.params.get("verify_roundtrip"):
    extra_arguments.append("--verify-roundtrip")
    # Beside the other run, which may write at the same time.
    config.test_exec_root = os.path.join(config.test_exec_root, "roundtrip")
    # These run no `orcinus-opt`.
    config.excludes.append("tools")

config.substitutions.append(
    ("%orcinus_source", config.orcinus_source_dir))
# Compiled programs, kept for all tests and runs.
config.substitutions.append(
    ("%cache", os.path.join(config.test_exec_root, "cache")))
# `%exits N command`: succeeds where the command exits with N.
config.substitutions.append(
    ("%exits", "%s %s" % (sys.executable, os.path.join(
        config.test_source_root, "tools", "Inputs", "exits.py"))))
config.substitutions.append(
    ("%llvm_nm", os.path.join(config.llvm_tools_dir, "llvm-nm")))
config.substitutions.append(
    ("%clang", os.path.join(config.llvm_tools_dir, "clang")))
config.substitutions.append(
    (r"(?<![\w/-])orcinus(?![\w.:-])",
     os.path.join(config.orcinus_tools_dir, "orcinus")))
config.substitutions.append(("%python", sys.executable))
config.substitutions.append(("%cmake", config.cmake))
config.substitutions.append(
    ("%mlir_include", os.path.join(config.llvm_tools_dir, os.pardir, "include")))
config.substitutions.append(
    ("%lit", os.path.join(config.llvm_tools_dir, "lit")))
config.substitutions.append(("%orcinus_build", config.orcinus_build_dir))
for tool in ("FileCheck", "not", "split-file", "llvm-objdump",
             "mlir-tblgen", "mlir-translate"):
    config.substitutions.append(
        (r"(?<![\w/-])%s(?![\w.-])" % tool,
         os.path.join(config.llvm_tools_dir, tool)))
config.substitutions.append(
    (r"(?<![\w/-])orcinus-opt(?![\w.-])",
     " ".join([orcinus_opt] + extra_arguments)))
config.environment["FILECHECK_OPTS"] = "--enable-var-scope"
# As test/unit/CMakeLists.txt says.
config.environment["OMP_TOOL_LIBRARIES"] = os.path.join(
    config.llvm_tools_dir, os.pardir, "lib", "libarcher.so")
config.environment["TSAN_OPTIONS"] = "ignore_noninstrumented_modules=1"
if not config.orcinus_sanitizers:
    config.available_features.add("no-sanitizer")

# What this machine has besides: REQUIRES lines name it, and what is skipped for
# want of it is said once.


def usable_devices():
    tool = os.path.join(config.orcinus_tools_dir, "orcinus")
    listed = subprocess.run([tool, "info", "--devices"], text=True,
                            stdout=subprocess.PIPE).stdout
    return {line.split()[0] for line in listed.splitlines()
            if line.split()[1:2] == ["usable"]}


def has_ptxas():
    roots = [os.environ.get(name) for name in
             ("CUDA_ROOT", "CUDA_HOME", "CUDA_PATH")] + ["/usr/local/cuda"]
    return shutil.which("ptxas") or any(
        root and os.access(os.path.join(root, "bin", "ptxas"), os.X_OK)
        for root in roots)


def has_amd_toolkit():
    return os.path.isdir("/usr/lib/x86_64-linux-gnu/amdgcn/bitcode") or (
        "ROCM_PATH" in os.environ)


@functools.cache
def torch_python():
    """The Python beside torch-mlir's tools, where it has what makes ONNX
    models."""
    tool = shutil.which("torch-mlir-opt")
    python = os.path.join(os.path.dirname(tool), "python3") if tool else ""
    if not os.access(python, os.X_OK) or subprocess.run(
            [python, "-c", "import numpy, onnx, torch_mlir"],
            stderr=subprocess.DEVNULL).returncode:
        return ""
    return python


def can_import(statement):
    """Whether the Python that has torch-mlir can do this import, too."""
    python = torch_python()
    return python and subprocess.run(
        [python, "-c", statement], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL).returncode == 0


shared_data = os.environ.get("ORCINUS_TEST_DATA", os.path.join(
    config.orcinus_source_dir, os.pardir, "shared", "data"))
config.substitutions.append(("%shared_data", shared_data))
devices = usable_devices()
# Networks of other frameworks come by its tools: pip install torch-mlir onnx.
config.substitutions.append(("%torch_python", torch_python()))
config.substitutions.append(
    ("%torch_tools", os.path.dirname(torch_python())))
for feature, present in (("cuda-gpu", "cuda" in devices),
                         ("rocm-gpu", "hip" in devices),
                         ("ptxas", has_ptxas()),
                         ("amd-toolkit", has_amd_toolkit()),
                         ("shared-data", os.path.isdir(shared_data)),
                         ("torch-mlir", torch_python()),
                         # PyTorch beside it, which exports its programs.
                         ("torch", can_import("from torch_mlir import fx")),
                         # Networks, and something to compare them with.
                         ("torchvision",
                          can_import("import onnxruntime, torch, torchvision")),
                         ("mpirun", shutil.which("mpirun")),
                         ("numpy", importlib.util.find_spec("numpy")),
                         ("scikit-learn", importlib.util.find_spec("sklearn"))):
    if present:
        config.available_features.add(feature)
    else:
        lit_config.note("tests that need %s are skipped" % feature)
# Open MPI asks root whether it means it, and shares cores where told to.
config.environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
config.environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
for name in ("CUDA_ROOT", "CUDA_HOME", "CUDA_PATH", "ROCM_PATH"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

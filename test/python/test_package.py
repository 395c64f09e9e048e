"""The wheel has what it needs, and says what it is."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

import orcinus

FOLDER = pathlib.Path(orcinus.__file__).resolve().parent


def is_wheel():
    return (pathlib.Path(orcinus.__file__).parent / "lib").is_dir()


@pytest.mark.skipif(not is_wheel(), reason="this is a build, not a wheel")
def test_loads_libraries_of_its_own():
    """But for the C and C++ libraries of the system, also where a program was
    compiled and computed with several threads."""
    script = """
import re, orcinus
stream = orcinus.Stream.synthetic(nodes=30, events=300)
orcinus.Trainer(stream, "tgn", layers=1, dim=8, threads=2).step()
print("\\n".join({line.split()[-1] for line in open("/proc/self/maps")
                  if re.search(r"\\.so", line)}))
"""
    loaded = subprocess.run([sys.executable, "-c", script], check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    ours = [path for path in loaded.splitlines() if f"{FOLDER}/" in path]
    assert any("libLLVM" in path for path in ours)
    system = r"/(libc|libm|libdl|librt|libpthread|libstdc\+\+|libgcc_s|ld-linux"
    others = [path for path in loaded.splitlines()
              if path not in ours and "python" not in path
              and "site-packages" not in path
              and not re.search(system + r")[.-]", path)]
    # What the interpreter's own modules load.
    others = [path for path in others
              if not re.search(r"/lib(z|bz2|lzma|ffi|crypto|ssl|expat|uuid)\b",
                               path)]
    assert not others
    assert len([path for path in loaded.splitlines() if "libomp" in path]) == 1


def test_has_types_and_documentation():
    assert (FOLDER / "py.typed").exists()
    for name in orcinus.__all__:
        value = getattr(orcinus, name)
        if callable(value):
            assert value.__doc__, name
            public = [each for each in vars(value).values()
                      if callable(each) and not each.__name__.startswith("_")] \
                if isinstance(value, type) else []
            for each in public:
                assert each.__doc__, f"{name}.{each.__name__}"


def test_the_command_comes_along():
    version = subprocess.run([sys.executable, "-m", "orcinus", "--version"],
                             check=True, stdout=subprocess.PIPE, text=True)
    assert version.stdout.strip() == orcinus.__version__
    failed = subprocess.run([sys.executable, "-m", "orcinus", "info", "nothing"],
                            stderr=subprocess.PIPE, text=True)
    assert failed.returncode == 1 and "cannot open 'nothing'" in failed.stderr

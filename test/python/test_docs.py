"""The pages of docs/python run as they stand.

A block of ``python`` is executed, in one namespace a page, and a block of
``text`` right behind it is what it prints. In a block of ``console`` lines that
begin with ``$ `` are run by a shell, and what follows each is what it prints. An
ellipsis, …, stands for anything within a line, and alone in a line for any lines.

Comments of HTML before a block or at a page's head say more:
``<!-- not run: WHY -->`` leaves the next block out; ``<!-- needs: NAMES -->``
names packages without which the page is skipped.

Every page runs in an empty folder with ``transactions.csv`` in it: the one of
../shared, or one like it. Where py-tgb or PyTorch Geometric are not installed,
fakes with the same names and attributes over a small stream take their places.
"""

import contextlib
import dataclasses
import importlib
import importlib.util
import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
import types

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs" / "python"
PAGES = sorted(path for path in DOCS.glob("*.md")
               if path.name != "reference.md")
SHARED = ROOT.parent / "shared" / "cases" / "streams" / "transactions.csv"


@dataclasses.dataclass
class Block:
    language: str
    text: str
    #: Of its first line in the page.
    line: int
    expected: str | None = None


def blocks_of(page: str) -> list[Block]:
    """What a page has to be run, with what it prints."""
    found: list[Block] = []
    lines = page.split("\n")
    at, skipped, behind = 0, False, False
    while at < len(lines):
        line = lines[at]
        if fence := re.match(r"```(\w*)$", line):
            end = next((place for place in range(at + 1, len(lines))
                        if lines[place] == "```"), None)
            assert end is not None, f"line {at + 1}: the block has no end"
            block = Block(fence[1], "\n".join(lines[at + 1:end]), at + 2)
            if block.language == "text" and behind and not skipped:
                found[-1].expected = block.text
            elif block.language in ("python", "console") and not skipped:
                found.append(block)
            behind = block.language == "python" and not skipped
            skipped = False
            at = end
        elif line.startswith("<!-- not run:"):
            skipped = True
        elif line.strip():
            behind = False
        at += 1
    return found


def matches(expected: str, printed: str) -> bool:
    pattern = ""
    for line in expected.strip("\n").split("\n"):
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(map(re.escape, line.split("…"))) + "\n"
    return re.fullmatch(pattern, printed.rstrip("\n") + "\n") is not None


def check(place: str, expected: str | None, printed: str) -> None:
    if expected is not None and not matches(expected, printed):
        pytest.fail(f"{place} prints\n{printed}\nand not\n{expected}",
                    pytrace=False)


def run_python(page: pathlib.Path, block: Block, names: dict) -> None:
    # With the block's own lines, so that a traceback names the page's.
    code = compile("\n" * (block.line - 1) + block.text, str(page), "exec")
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(code, names)
    check(f"{page.name}:{block.line}", block.expected, output.getvalue())


def run_console(page: pathlib.Path, block: Block) -> None:
    environment = dict(os.environ)
    environment["PATH"] = (os.path.dirname(sys.executable) + os.pathsep
                           + environment.get("PATH", ""))
    for each in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, expected = each.partition("\n")
        done = subprocess.run(command, shell=True, env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        place = f"{page.name}:{block.line}: {command}"
        if done.returncode != 0:
            pytest.fail(f"{place} fails:\n{done.stdout}", pytrace=False)
        check(place, expected if expected.strip() else None, done.stdout)


# ---- What pages use ----------------------------------------------------------


def write_transactions(path: pathlib.Path) -> None:
    """Customers who mostly go back to the shops that they know."""
    random = np.random.default_rng(0)
    start = np.datetime64("2024-03-01T08:00:00")
    seconds = np.cumsum(random.integers(30, 300, 4000))
    known: dict[int, list[int]] = {}
    lines = ["customer,shop,timestamp,amount,category"]
    for second in seconds:
        customer = int(random.integers(150) * random.random() ** 0.5)
        shops = known.setdefault(customer, [])
        if shops and random.random() < 0.7:
            shop = shops[int(random.integers(len(shops)))]
        else:
            shop = int(40 * random.random() ** 1.5)
            shops.append(shop)
        amount = round(float(random.lognormal(3, 1)), 2)
        category = ("food", "fuel", "online")[shop % 3]
        # The names that the pages use occur.
        lines.append(f"C{100000 + customer:06},SHOP-{shop + 1:03},"
                     f"{start + np.timedelta64(int(second), 's')}Z,"
                     f"{amount},{category}")
    path.write_text("\n".join(lines) + "\n")


def small_stream():
    """Columns as those of py-tgb: two kinds of nodes, numbers and seconds."""
    random = np.random.default_rng(1)
    count = 1200
    sources = random.integers(0, 60, count)
    destinations = 60 + (sources + random.integers(0, 4, count)) % 20
    return (sources, destinations, np.sort(random.integers(0, 10**6, count)),
            random.random((count, 3)).astype(np.float32))


class FakeDataset:
    """The part of tgb.linkproppred.dataset.LinkPropPredDataset that we use."""

    node_feat = None

    def __init__(self, name, root="datasets", meta_dict=None, preprocess=True):
        self.name, self.eval_metric = name, "mrr"
        sources, destinations, times, features = small_stream()
        self.full_data = {
            "sources": sources, "destinations": destinations,
            "timestamps": times, "edge_feat": features,
            "edge_idxs": np.arange(1, len(times) + 1),
            "edge_label": np.ones(len(times)), "w": np.ones(len(times))}


class FakeTemporalData:
    """The part of torch_geometric.data.TemporalData that we use."""

    def __init__(self, src=None, dst=None, t=None, msg=None, **more):
        self.src, self.dst, self.t, self.msg = src, dst, t, msg
        self.__dict__.update(more)

    def __len__(self):
        return len(self.src)


class FakeEvaluator:
    """The part of tgb.linkproppred.evaluate.Evaluator that we use."""

    def __init__(self, name):
        self.name = name

    def eval(self, input_dict, verbose=False):
        positive = np.asarray(input_dict["y_pred_pos"]).reshape(-1, 1)
        negative = np.asarray(input_dict["y_pred_neg"]).reshape(
            len(positive), -1)
        rank = 1 + ((negative > positive).sum(axis=1)
                    + (negative >= positive).sum(axis=1)) / 2
        return {"hits@10": float((rank <= 10).mean()),
                "mrr": float((1 / rank).mean())}


def module(name, **attributes):
    made = types.ModuleType(name)
    made.__dict__.update(attributes)
    return made


#: What stands in for packages, by their modules.
FAKES = {
    "tgb": {
        "tgb": {}, "tgb.linkproppred": {},
        "tgb.linkproppred.dataset": {"LinkPropPredDataset": FakeDataset},
        "tgb.linkproppred.evaluate": {"Evaluator": FakeEvaluator}},
    "torch_geometric": {
        "torch_geometric": {},
        "torch_geometric.data": {"TemporalData": FakeTemporalData}},
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    if SHARED.exists():
        shutil.copy(SHARED, tmp_path / "transactions.csv")
    else:
        write_transactions(tmp_path / "transactions.csv")
    for package, modules in FAKES.items():
        # A real py-tgb would load its data from the network.
        if package == "tgb" or importlib.util.find_spec(package) is None:
            for name, attributes in modules.items():
                monkeypatch.setitem(sys.modules, name,
                                    module(name, **attributes))
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_does_what_it_says(page, folder):
    text = page.read_text(encoding="utf-8")
    for needed in re.findall(r"<!-- needs: (.*?) -->", text):
        for name in needed.replace(",", " ").split():
            pytest.importorskip(name, reason=f"{name} is missing")
    blocks = blocks_of(text)
    names: dict = {"__name__": "__main__"}
    for block in blocks:
        if block.language == "python":
            run_python(page, block, names)
        else:
            run_console(page, block)


def test_the_pages_are_there_and_have_something_to_run():
    ran = {page.stem: len(blocks_of(page.read_text(encoding="utf-8")))
           for page in PAGES}
    for name in ("tutorial", "own-data", "own-model", "tgb", "continue", "tune",
                 "seeds", "coming-from", "plots"):
        assert ran[name] >= 2, name


def test_links_lead_somewhere():
    for page in [*PAGES, ROOT / "docs" / "python.md"]:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_reference_is_what_the_docstrings_say():
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "generate_python_reference.py",
         "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


# ---- That this test can fail ---------------------------------------------------


def test_what_is_printed_is_compared():
    assert matches("AP 0.8…\n…\nend", "AP 0.8123\nmore\nand more\nend\n")
    assert matches("a…\n…\nend", "ab\nend\n")
    assert not matches("AP 0.8…", "AP 0.7\n")
    assert not matches("a", "a\nb\n") and not matches("a\nb", "a\n")


def test_blocks_are_found_and_left_out():
    page = ("```python\nprint(1)\n```\n\n```text\n1\n```\n"
            "<!-- not run: another's -->\n```python\nfail()\n```\n"
            "```text\nno output of ours\n```\n"
            "```console\n$ echo a\na\n```\n")
    first, second = blocks_of(page)
    assert (first.text, first.expected, first.line) == ("print(1)", "1", 2)
    assert (second.language, second.line) == ("console", 16)


def test_a_wrong_page_fails(tmp_path, folder):
    page = tmp_path / "page.md"
    wrong = pytest.fail.Exception
    with pytest.raises(wrong, match="page.md:7 prints"):
        run_python(page, Block("python", "print(1)", 7, "2"), {})
    with pytest.raises(ZeroDivisionError):
        run_python(page, Block("python", "1 / 0", 7), {})
    with pytest.raises(wrong, match="and not"):
        run_console(page, Block("console", "$ echo a\nb", 7))
    with pytest.raises(wrong, match="fails"):
        run_console(page, Block("console", "$ false", 7))


def test_the_stream_that_stands_in_is_like_the_other(tmp_path):
    import orcinus

    write_transactions(tmp_path / "transactions.csv")
    stream = orcinus.Stream.read(tmp_path / "transactions.csv",
                                 features="amount")
    assert len(stream) == 4000 and stream.edge_features.shape[1] == 1
    assert {"C100058", "SHOP-001", "SHOP-032"} <= set(stream.names)

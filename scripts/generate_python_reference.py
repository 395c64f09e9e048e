#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes docs/python/reference.md from the docstrings of python/orcinus, which
it parses and does not import. With --check it writes nothing, and fails where
the file is not what it would write, or where what is public has no docstring."""

import argparse
import ast
import difflib
import inspect
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "python" / "orcinus"
OUTPUT = ROOT / "docs" / "python" / "reference.md"
NOTE = ("<!-- Written by scripts/generate_python_reference.py; edit the "
        "docstrings. -->\n")
#: In the order of their use; others come behind, in alphabetical order.
ORDER = ["stream", "model", "trainer", "estimator", "session", "evaluation",
         "callbacks", "plot", "report", "runs", "tools", "network", "options",
         "errors"]
#: What users do not import from.
INTERNAL = {"palette", "progress"}
#: Methods that may go without words: they do what Python expects.
EXPECTED = {"__len__", "__getitem__", "__iter__", "__call__", "__enter__",
            "__exit__"}


def public_names(tree):
    """What __all__ lists."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
                isinstance(target, ast.Name) and target.id == "__all__"
                for target in node.targets):
            return [ast.literal_eval(each) for each in node.value.elts]
    return []


def docstring(node):
    return inspect.cleandoc(ast.get_docstring(node, clean=False) or "")


def comment_before(lines, node):
    """The `#:` lines over an assignment."""
    found = []
    at = node.lineno - 2
    while at >= 0 and (match := re.match(r"\s*#: ?(.*)", lines[at])):
        found.insert(0, match[1])
        at -= 1
    return " ".join(found)


def markdown(text):
    """A docstring as Markdown: literals in one pair of backticks, and what is
    indented as a block of code."""
    text = re.sub(r"``(.+?)``", r"`\1`", text, flags=re.DOTALL)
    paragraphs = []
    for paragraph in re.split(r"\n\s*\n", text):
        if all(line.startswith("    ") for line in paragraph.split("\n")):
            code = inspect.cleandoc(paragraph)
            if paragraphs and paragraphs[-1].startswith("```python"):
                paragraphs[-1] = paragraphs[-1][:-4] + f"\n\n{code}\n```"
            else:
                language = "python" if re.match(
                    r"(import|from)\s|\w+(\.\w+)* = |\w+[.(]", code) \
                    and not code.startswith(("python -m", "pip ")) else ""
                paragraphs.append(f"```{language}\n{code}\n```")
        else:
            paragraphs.append(paragraph)
    return "\n\n".join(paragraphs)


def parameters(node, of_class):
    """A function's parameters, each as it is written, without self."""
    arguments = node.args

    def written(argument, default=None, stars=""):
        text = stars + argument.arg
        if argument.annotation is not None:
            text += ": " + ast.unparse(argument.annotation)
        if default is not None:
            equals = " = " if argument.annotation is not None else "="
            text += equals + ast.unparse(default)
        return text.replace("'", '"')

    positional = arguments.posonlyargs + arguments.args
    missing = [None] * (len(positional) - len(arguments.defaults))
    found = list(map(written, positional, missing + arguments.defaults))
    if of_class and kind_of(node) != "staticmethod":
        found = found[1:]
    if arguments.vararg is not None:
        found.append(written(arguments.vararg, stars="*"))
    elif arguments.kwonlyargs:
        found.append("*")
    found += map(written, arguments.kwonlyargs, arguments.kw_defaults)
    if arguments.kwarg is not None:
        found.append(written(arguments.kwarg, stars="**"))
    return found


def signature(name, node, of_class):
    """A call as it is written, on several lines where one is too long."""
    parts = parameters(node, of_class)
    tail = ")"
    if node.returns is not None and node.name != "__init__":
        tail += " -> " + ast.unparse(node.returns).replace("'", '"')
    whole = f"{name}({', '.join(parts)}{tail}"
    if len(whole) <= 79:
        return whole
    lines, line = [f"{name}("], "   "
    for place, each in enumerate(parts):
        each += "," if place + 1 < len(parts) else tail
        if len(line) + 1 + len(each) > 79 and line.strip():
            lines.append(line)
            line = "   "
        line += f" {each}"
    return "\n".join([*lines, line])


def code(text):
    return f"```python\n{text}\n```\n"


def kind_of(node):
    for each in node.decorator_list:
        name = ast.unparse(each)
        if name in ("property", "classmethod", "staticmethod"):
            return name
    return "method"


class Reference:
    """The text, and what lacks words."""

    def __init__(self):
        self.parts = []
        self.silent = []

    def say(self, text):
        self.parts.append(text.rstrip() + "\n")

    def described(self, node, place):
        text = docstring(node)
        # The name of a property may say it all.
        if not text and not (isinstance(node, ast.FunctionDef)
                             and kind_of(node) == "property"):
            self.silent.append(place)
        return markdown(text)

    def function(self, node, module, owner=""):
        place = f"{owner}.{node.name}" if owner else node.name
        kind = kind_of(node)
        level = "####" if owner else "###"
        if kind == "property":
            returned = f": {ast.unparse(node.returns)}" if node.returns else ""
            self.say(f"{level} `{place}`")
            self.say(code(f"{place}{returned}"))
        else:
            self.say(f"{level} `{place}()`")
            self.say(code(signature(place, node, bool(owner))))
        self.say(self.described(node, f"{module}: {place}"))

    def class_(self, node, module, lines):
        self.say(f"### `{node.name}`")
        bases = [ast.unparse(base) for base in node.bases]
        initialiser = next((each for each in node.body
                            if isinstance(each, ast.FunctionDef)
                            and each.name == "__init__"), None)
        text = self.described(node, f"{module}: {node.name}")
        internal = initialiser is not None and "_core" in {
            ast.unparse(each.annotation).split(".")[0].strip("'\"")
            for each in initialiser.args.args[1:] if each.annotation}
        if initialiser is not None and not internal:
            self.say(code(signature(node.name, initialiser, True)))
        elif bases:
            self.say(f"A {' and a '.join(f'`{base}`' for base in bases)}.")
        self.say(text)
        fields = [(each, comment_before(lines, each)) for each in node.body
                  if isinstance(each, ast.AnnAssign)
                  and not each.target.id.startswith("_")]
        if fields:
            self.say("\n".join(
                f"- `{each.target.id}`: `{ast.unparse(each.annotation)}`"
                + (f". {markdown(words)}" if words else "")
                for each, words in fields))
        for each in node.body:
            if not isinstance(each, ast.FunctionDef):
                continue
            # A module says of callbacks what they are told.
            expected = each.name in EXPECTED or each.name.startswith("on_")
            if docstring(each) if expected else not each.name.startswith("_"):
                self.function(each, module, node.name)

    def module(self, path):
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
        names = public_names(tree)
        inside = path.relative_to(PACKAGE).with_suffix("")
        name = ".".join(part for part in ("orcinus", *inside.parts)
                        if part != "__init__")
        nodes = {node.name: node for node in tree.body
                 if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef,
                                      ast.ClassDef)) and node.name in names}
        if not nodes:
            return
        self.say(f"## {name}")
        self.say(self.described(tree, name))
        for each in names:
            if isinstance(nodes.get(each), ast.ClassDef):
                self.class_(nodes[each], name, source.split("\n"))
            elif each in nodes:
                self.function(nodes[each], name)


def modules():
    """The files of the package that users may import from, in order."""
    # Of a package within, what its __init__.py has.
    files = [path for path in [*PACKAGE.glob("*.py"),
                               *PACKAGE.glob("*/__init__.py")]
             if (path.parent != PACKAGE or not path.name.startswith("_"))
             and path.stem not in INTERNAL]

    def place(path):
        stem = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        return (ORDER.index(stem) if stem in ORDER else len(ORDER), stem,
                str(path))

    return sorted(files, key=place)


def reference():
    """The file's text, and the names that have no docstring."""
    made = Reference()
    made.say(NOTE + "\n# Reference")
    made.say("What `orcinus` has, module by module; the names of the first "
             "modules are also in `orcinus` itself, as `orcinus.Stream`. "
             "[../python.md](../python.md) has all of it on one page, "
             "[README.md](README.md) how it is used.")
    for path in modules():
        made.module(path)
    return "\n".join(made.parts), made.silent


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    text, silent = reference()
    if not options.check:
        OUTPUT.write_text(text, encoding="utf-8")
    for place in silent:
        print(f"{place} has no docstring")
    present = OUTPUT.read_text(encoding="utf-8") if OUTPUT.exists() else ""
    difference = list(difflib.unified_diff(
        present.splitlines(), text.splitlines(),
        str(OUTPUT.relative_to(ROOT)), "the docstrings say", lineterm=""))
    if difference:
        print("\n".join(difference))
        sys.exit("the reference is out of date: run "
                 "scripts/generate_python_reference.py")
    if silent:
        sys.exit("what is public has a docstring")


if __name__ == "__main__":
    main()

"""--help and the manual pages name the same commands and options."""

import pathlib
import re
import subprocess

import pytest
from conftest import PROGRAM, clean_environment

MAN = pathlib.Path(__file__).parents[2] / "man"


def help_of(path):
    done = subprocess.run([PROGRAM, *path, "--help"], env=clean_environment(pathlib.Path("/nowhere")),
                          capture_output=True, text=True, check=True)
    return done.stdout


def section(text, name):
    found = re.search(rf"\n{name}:\n((?:  .*\n|\n(?=  ))*)", text)
    return found[1] if found else ""


def commands_of(path):
    return [line.split()[0].rstrip(",") for line in section(help_of(path), "Commands").splitlines()]


def options_of(path):
    """{"--output": "-o", "--port": None} of the options in a command's help."""
    options = {}
    for line in section(help_of(path), "Options").splitlines():
        found = re.match(r" +(?:(-\w), )?(--[\w-]+)", line)
        if found:
            options[found[2]] = found[1]
    assert options, path
    return options


TOP = commands_of([])
GLOBAL = options_of([])
LEAVES = [(top, *sub) for top in TOP
          for sub in ([(s,) for s in commands_of([top])] or [()])]


def page(top):
    return (MAN / f"dofn-{top}.1").read_text()


def flags_in(source, *macros):
    """Options in the lines of these macros: "Fl l , Fl -limit Ar n" gives -l and --limit."""
    found = set()
    for line in source.splitlines():
        words = line.split()
        if line.startswith(macros):
            found |= {"-" + b for a, b in zip(words, words[1:]) if a.lstrip(".") == "Fl"}
    return found


def explained_in(source):
    """The options that are explained, each in an item of its own."""
    return flags_in(source, ".It Fl")


def spelled(options):
    return set(options) | {letter for letter in options.values() if letter}


def test_program_has_commands():
    assert {"activations", "deploy", "functions", "local"} <= set(TOP)


@pytest.mark.parametrize("top", TOP)
def test_options_of_help_are_those_of_the_page(top):
    shown = set()
    for path in LEAVES:
        if path[0] == top:
            options = options_of(path)
            own = {name: letter for name, letter in options.items() if name not in GLOBAL}
            shown |= spelled(own)
    named = flags_in(page(top), ".It Fl", ".Fl")  # in an item, or explained by a sentence
    assert shown - named == set(), "in --help, not in the page"
    assert named - shown - spelled(GLOBAL) == set(), "in the page, not in --help"


def test_global_options_are_those_of_the_main_page():
    assert explained_in((MAN / "dofn.1").read_text()) == spelled(GLOBAL)


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_command_has_the_global_options(path):
    options = options_of(path)
    for name, letter in GLOBAL.items():
        assert name in options
        assert options[name] == letter or letter in [options[o] for o in options if o not in GLOBAL]


def test_main_page_lists_every_command():
    text = (MAN / "dofn.1").read_text()
    listed = re.findall(r"^\.It Cm ([\w-]+)", text, re.M)
    assert listed == sorted(TOP)
    for top in TOP:
        assert f".Xr dofn-{top} 1" in text


@pytest.mark.parametrize("path", [p for p in LEAVES if len(p) > 1], ids=" ".join)
def test_page_has_every_subcommand_in_its_synopsis(path):
    synopsis = page(path[0]).split(".Sh DESCRIPTION")[0]
    assert re.search(rf"^\.Nm dofn Cm {path[0]}\n\.Cm {path[1]}$", synopsis, re.M), synopsis


def test_every_page_belongs_to_a_command():
    pages = {p.name for p in MAN.glob("dofn-*.1")}
    assert pages == {f"dofn-{top}.1" for top in TOP}


@pytest.mark.parametrize("file", sorted(MAN.iterdir()), ids=lambda p: p.name)
def test_references_lead_to_pages_of_ours(file):
    for name, number in re.findall(r"^\.Xr (dofn[\w-]*|project\.yml) (\d)", file.read_text(), re.M):
        assert (MAN / f"{name}.{number}").exists(), name

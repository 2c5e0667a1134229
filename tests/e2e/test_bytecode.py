"""Compiled Python modules in archives: made for the runtime, kept in the cache, never stale."""

import importlib.util
import os
import py_compile
import shutil
import sys
import zipfile

import pytest
from wheels import make_wheel

F = "packages/byte/f/"
HELPER = "def text():\n    return 'first'\n"
# Says what Python compiled while it imported helper.
MAIN = """\
import importlib.machinery
import os

compiled = []
original = importlib.machinery.SourceFileLoader.source_to_code


def seen(self, data, path, **kw):
    compiled.append(path)
    return original(self, data, path, **kw)


importlib.machinery.SourceFileLoader.source_to_code = seen
import helper

unchecked = False
if os.path.exists(__cached__):
    with open(__cached__, "rb") as file:
        unchecked = file.read(5)[4] == 1


def main(event):
    return {"body": {"text": helper.text(), "compiled": compiled, "cached": unchecked,
                     "place": helper.text.__code__.co_filename}}
"""
TREE = {F + "__main__.py": MAIN, F + "helper.py": HELPER}
# Not a stand-in of a version manager.
REAL = sys.executable if sys.version_info[:2] == (3, 11) else "/usr/bin/python3.11"
BYTECODE = ["__pycache__/helper.cpython-311.pyc", "__pycache__/main__.cpython-311.pyc"]

pytestmark = pytest.mark.skipif(not shutil.which("python3.11"), reason="needs the runtime's Python")


def built(program, root, *args, name="byte/f", **kw):
    """What is said, and the open archive."""
    story = program("build", root, "--into", root / "out", *args, **kw).stderr
    return story, zipfile.ZipFile(root / f"out/{name}.zip")


def bytecode_in(archive):
    return [n for n in archive.namelist() if n.endswith(".pyc")]


def entries(program):
    return program.json("cache", "status")["entries"]


def path_without_python(tmp_path):
    """A PATH with what shells need, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir(exist_ok=True)
    for name in ("sh", "bash", "env", "git"):
        if shutil.which(name) and not (folder / name).exists():
            (folder / name).symlink_to(shutil.which(name))
    return {"PATH": str(folder)}


def test_nothing_is_compiled_at_a_cold_start(dofn, platform, http, project):
    root = project(TREE)
    before = sorted(root.rglob("*"))
    dofn("deploy", root)
    answer = http("GET", platform.web("byte/f")).json()
    assert answer["compiled"] == [] and answer["cached"] and answer["text"] == "first"
    assert answer["place"].endswith("/helper.py") and answer["place"].startswith("/")
    assert sorted(root.rglob("*")) == before


def test_an_edit_is_seen_also_under_an_old_time(dofn, platform, http, project):
    root = project(TREE)
    dofn("deploy", root)
    helper = root / F / "helper.py"
    os.utime(helper, (1, 1))
    assert "byte/f  " not in dofn("deploy", root).stderr
    helper.write_text(HELPER.replace("first", "other"))
    os.utime(helper, (1, 1))
    dofn("deploy", root)
    answer = http("GET", platform.web("byte/f")).json()
    assert answer["text"] == "other" and answer["compiled"] == []


def test_without_bytecode_modules_are_compiled(dofn, platform, http, project):
    dofn("deploy", project(TREE), "--no-bytecode", "--force")
    answer = http("GET", platform.web("byte/f")).json()
    assert [os.path.basename(p) for p in answer["compiled"]] == ["helper.py"] and not answer["cached"]


def test_tracebacks_name_the_source_as_without(dofn, platform, project):
    failing = {F + "__main__.py": "import helper\n\ndef main(event):\n    return helper.text()\n",
               F + "helper.py": "def text():\n    raise ValueError('no text')\n"}
    root = project(failing)
    shown = []

    def line_of(text):
        text = text.split("stderr: ")[1]
        return text.split('"')[0] + os.path.basename(text.split('"')[1]) + text.split('"')[2] if "File" in text else text

    for args in ((), ("--no-bytecode",)):
        dofn("deploy", root, "--force", *args)
        done = dofn("functions", "invoke", "byte/f", check=False)
        assert done.returncode == 1
        lines = dofn("activations", "logs", "--last").stdout.splitlines()
        shown.append([line_of(line) for line in lines if "stderr: " in line])
    assert shown[0] == shown[1]
    assert "  File helper.py, line 2, in text" in shown[0] and "    raise ValueError('no text')" in shown[0]


@pytest.mark.parametrize("flags, kept", [(0, False), (1, True), (3, True)], ids=["time", "unchecked", "checked"])
def test_bytecode_of_the_user_stays_when_it_survives(fresh, project, flags, kept):
    root = project(TREE)
    modes = {0: py_compile.PycInvalidationMode.TIMESTAMP, 1: py_compile.PycInvalidationMode.UNCHECKED_HASH,
             3: py_compile.PycInvalidationMode.CHECKED_HASH}
    own = root / F / "sub/__pycache__/x.cpython-311.pyc"
    for source in ("sub/x.py", "helper.py"):
        (root / F / source).parent.mkdir(exist_ok=True)
        (root / F / source).write_text("own = 1\n")
        py_compile.compile(str(root / F / source), invalidation_mode=modes[flags],
                           cfile=str(root / F / importlib.util.cache_from_source(source)).replace(
                               sys.implementation.cache_tag, "cpython-311"))
    for options in ((), ("--no-bytecode",)):
        story, archive = built(fresh, root, *options)
        with archive:
            assert ("sub/__pycache__/x.cpython-311.pyc" in archive.namelist()) == (kept or not options)
            if kept:
                assert archive.read("sub/__pycache__/x.cpython-311.pyc") == own.read_bytes()
        assert ("byte/f: left out 'packages/byte/f/__pycache__/helper.cpython-311.pyc' and 1 more, bytecode checked "
                "by its source's time" in story) == (not kept)
    told = {f["path"]: f for f in fresh.json("files", root, "byte/f")}
    assert told["sub/__pycache__/x.cpython-311.pyc"]["in"] == kept


def test_a_module_that_is_bytecode_only_stays(fresh, project):
    root = project({**TREE, F + "hidden.py": "x = 1\n", F + "both.py": "x = 1\n"})
    for name in ("hidden", "both"):
        py_compile.compile(str(root / F / f"{name}.py"), cfile=str(root / F / f"{name}.pyc"))
    (root / F / "hidden.py").unlink()
    story, archive = built(fresh, root)
    with archive:
        assert "hidden.pyc" in archive.namelist() and "both.pyc" not in archive.namelist()
    assert "left out 'packages/byte/f/both.pyc', bytecode" in story
    (root / F / ".ignore").write_text("!both.pyc\n")
    story, archive = built(fresh, root)
    with archive:
        assert "both.pyc" in archive.namelist() and "left out" not in story


def test_without_the_runtimes_python_nothing_is_added_and_nothing_said(fresh, project, tmp_path):
    root = project(TREE)
    story, archive = built(fresh, root, env=path_without_python(tmp_path))
    with archive:
        assert bytecode_in(archive) == [] and "bytecode" not in story and "warning" not in story
    (tmp_path / "bin/python3").symlink_to(REAL)
    project({"project.yml": "packages: [{name: byte, functions: [{name: f, runtime: 'python:3.9'}]}]\n"})
    story, archive = built(fresh, root, env=path_without_python(tmp_path))
    with archive:
        assert bytecode_in(archive) == [] and "bytecode" not in story and "warning" not in story


def test_a_deploy_that_changes_nothing_compiles_nothing_on_any_machine(dofn, project, tmp_path):
    """One without the Python, and one with an empty cache: no upload, and no entry."""
    root = project(TREE)
    dofn("deploy", root)
    for env in (path_without_python(tmp_path), {}, path_without_python(tmp_path)):
        env["DOFN_CACHE"] = str(tmp_path / "other")
        assert "= 1 unchanged" in dofn("deploy", root, env=env).stderr
        assert "= 1 unchanged" in dofn("deploy", root, "--no-bytecode", env=env).stderr
    assert not (tmp_path / "other/entries").exists()


def test_equal_sources_are_compiled_once_for_all_functions(fresh, project):
    tree = {}
    for name in ("f", "g", "h"):
        tree.update({f"packages/byte/{name}/__main__.py": MAIN, f"packages/byte/{name}/helper.py": HELPER})
    root = project(tree)
    fresh("build", root)
    assert entries(fresh) == 2
    (root / F / "helper.py").write_text("def text():\n    return 'second'\n")
    fresh("build", root)
    assert entries(fresh) == 3
    for name in ("f", "g", "h"):
        with zipfile.ZipFile(root / f"dist/byte/{name}.zip") as archive:
            assert bytecode_in(archive) == BYTECODE


def test_one_process_compiles_for_all_functions(fresh, project, tmp_path):
    """A stand-in for Python that says it is Python itself is started once to tell, once to compile."""
    stand_in = tmp_path / "stand-in" / "python3.11"
    stand_in.parent.mkdir()
    stand_in.write_text(f"#!/bin/sh\necho run >> {tmp_path}/runs\n{REAL} \"$@\" | sed 's,^/.*,{stand_in},'\n")
    stand_in.chmod(0o755)
    env = {"PATH": f"{stand_in.parent}:{os.environ['PATH']}"}
    root = project({f"packages/byte/f{i}/{name}": f"x = {i}\n" + text for i in range(5)
                    for name, text in (("__main__.py", MAIN), ("helper.py", HELPER))})
    fresh("build", root, env=env)
    assert (tmp_path / "runs").read_text() == "run\nrun\n"
    assert entries(fresh) == 10
    fresh("build", root, env=env)
    assert (tmp_path / "runs").read_text() == "run\nrun\n"


def test_bytes_depend_neither_on_the_cache_nor_on_threads(fresh, project):
    sources = {F + f"pkg/m{i}.py": "".join(f"def f{j}(a, b={i}):\n    return a in {{'x{j}', 'y', None, {i}}}\n"
                                           for j in range(20)) for i in range(80)}
    root = project({**TREE, **sources})
    archives = set()
    for n in ("1", "2", "8"):
        built(fresh, root, "--jobs", n)[1].close()
        archives.add((root / "out/byte/f.zip").read_bytes())
        fresh("cache", "clear")
    # Compiled one after the other, in another order, by processes that know nothing of the others.
    (root / F / "pkg").rename(root / "kept")
    built(fresh, root)[1].close()
    (root / "kept").rename(root / F / "pkg")
    built(fresh, root)[1].close()
    archives.add((root / "out/byte/f.zip").read_bytes())
    assert len(archives) == 1


def test_packages_are_compiled_and_what_only_runs_is_not(dofn, platform, http, project, tmp_path):
    make_wheel(tmp_path / "wheels", "greet", "1.0", {"greet/__init__.py": "from greet.words import hello\n",
                                                     "greet/words.py": "hello = 'hello'\n"})
    main = MAIN.replace("import helper\n", "import helper, greet\n").replace("helper.text(),", "greet.hello,")
    root = project({**TREE, F + "__main__.py": main, F + "my-script.py": "x = 1\n",
                    F + "requirements.txt": f"--no-index\n--find-links {tmp_path / 'wheels'}\ngreet\n"})
    dofn("deploy", root)
    assert {k: v for k, v in http("GET", platform.web("byte/f")).json().items() if k != "place"} == {
        "text": "hello", "compiled": [], "cached": True}
    with built(dofn, root)[1] as archive:
        site = "virtualenv/lib/python3.11/site-packages/greet/__pycache__/"
        assert bytecode_in(archive) == [*BYTECODE, site + "__init__.cpython-311.pyc", site + "words.cpython-311.pyc"]
        assert archive.namelist() == sorted(archive.namelist(), key=str.encode)


def test_what_does_not_compile_or_is_huge_goes_without(fresh, project):
    root = project({**TREE, F + "broken.py": "def (:\n", F + "nul.py": b"x = '\0'\n",
                    F + "huge.py": "x = 1\n" * 1000000, F + "latin.py": "# -*- coding: latin-1 -*-\nx = 1\n",
                    F + "deep.py": "x = " + "-" * 100000 + "1\n"})
    story, archive = built(fresh, root, "--no-verify")
    with archive:
        assert bytecode_in(archive) == ["__pycache__/helper.cpython-311.pyc", "__pycache__/latin.cpython-311.pyc",
                                        "__pycache__/main__.cpython-311.pyc"]
    assert "bytecode" not in story and "warning" not in story


def test_over_the_limit_the_archive_goes_without(fresh, project):
    noise = os.urandom(36 * 1024 * 1024 - 200000)
    root = project({**TREE, F + "data.bin": noise, F + "large.py": "x = %r\n" % os.urandom(120000).hex()})
    story, archive = built(fresh, root)
    with archive:
        assert bytecode_in(archive) == [] and len(archive.namelist()) == 4
    assert story.count("with bytecode it is larger than the platform takes: goes without") == 1


def test_a_cache_that_cannot_be_used_leaves_it_out(fresh, project, tmp_path):
    (tmp_path / "file").write_text("no folder")
    story, archive = built(fresh, project(TREE), env={"DOFN_CACHE": str(tmp_path / "file")})
    with archive:
        assert archive.namelist() == ["__main__.py", "helper.py"] and "bytecode" not in story
    _, archive = built(fresh, project(TREE), env={"DOFN_CACHE_MAX": "1K"})
    with archive:
        assert [n for n in archive.namelist() if n not in bytecode_in(archive)] == ["__main__.py", "helper.py"]


def test_a_module_main_beside_the_entry_goes_without(fresh, project):
    """The entry is renamed to its name."""
    root = project({**TREE, F + "main__.py": "x = 1\n"})
    with built(fresh, root)[1] as archive:
        assert bytecode_in(archive) == BYTECODE
        assert b"source_to_code" in archive.read(BYTECODE[1])

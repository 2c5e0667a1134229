"""Builds without a script, and `dofn build`: from requirements to what the function imports."""

import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import zipfile

import pytest

from wheels import make_wheel

PLAIN = "def main():\n    return {}\n"
MAIN = "import greet\n\ndef main(event):\n    return {'body': greet.hello(event.get('name', 'you'))}\n"
GREET = "def hello(name):\n    return 'hello ' + name\n"
F = "packages/p/f/"


def config(runtime):
    return f"packages: [{{name: p, functions: [{{name: f, runtime: '{runtime}'}}]}}]\n"


@pytest.fixture
def wheels(tmp_path):
    """wheels("greet", "1.0", {...}) makes one; wheels.lines("greet") are requirements."""

    def make(name, version, files=None, **kw):
        return make_wheel(tmp_path / "wheels", name, version, files or {f"{name}.py": GREET}, **kw)

    def lines(*names):
        return "\n".join(["--no-index", f"--find-links {tmp_path / 'wheels'}", *names]) + "\n"

    make.lines = lines
    return make


def site(root, python="3.11"):
    return root / F / f"virtualenv/lib/python{python}/site-packages"


def names_in(archive):
    with zipfile.ZipFile(archive) as z:
        return z.namelist()


# Python packages.


def test_requirements_are_installed_deployed_and_imported(dofn, platform, http, project, wheels):
    wheels("greet", "1.0")
    root = project({F + "__main__.py": MAIN, F + "requirements.txt": wheels.lines("greet")})
    story = dofn("deploy", root, "--verbose-build").stderr
    assert "p/f: building with pip install -r requirements.txt, for Python 3.11" in story
    assert "p/f | Successfully installed greet-1.0" in story
    assert http("GET", platform.web("p/f") + "?name=Sam").body == b"hello Sam"
    assert not list((root / F).glob("virtualenv.new-*"))


def test_only_changed_requirements_are_installed_again(fresh, project, wheels):
    wheels("greet", "1.0")
    root = project({F + "__main__.py": MAIN, F + "requirements.txt": "-r more.txt\n",
                    F + "more.txt": wheels.lines("greet")})
    fresh("build", root)
    story = fresh("build", root).stderr
    assert "p/f: build unchanged" in story and "pip install" not in story
    wheels("greet", "2.0", {"greet.py": "def hello(name):\n    return 'new'\n"})
    (root / F / "more.txt").write_text(wheels.lines("greet>=2"))
    assert "Successfully installed greet-2.0" in fresh("build", root, "--verbose-build").stderr
    assert [p.name for p in site(root).glob("greet-*")] == ["greet-2.0.dist-info"]
    (root / "project.yml").write_text(config("python:3.9"))
    fresh("build", root)
    assert not site(root).exists() and site(root, "3.9").exists()


def test_failed_install_leaves_the_old_virtualenv(fresh, project, wheels):
    wheels("greet", "1.0")
    root = project({F + "__main__.py": MAIN, F + "requirements.txt": wheels.lines("greet")})
    fresh("build", root)
    (root / F / "requirements.txt").write_text(wheels.lines("greet", "nosuchpackage"))
    done = fresh("build", root, check=False)
    assert done.returncode == 1
    assert "nosuchpackage" in done.stderr
    assert "'pip install' of 'packages/p/f/requirements.txt' exited with code 1" in done.stderr
    assert (site(root) / "greet.py").exists()
    assert sorted(p.name for p in (root / F).iterdir()) == ["__main__.py", "requirements.txt", "virtualenv"]


def test_packages_are_for_the_python_and_system_of_the_runtime(fresh, project, wheels):
    for tag in ("cp39-cp39-manylinux_2_28_x86_64", "cp311-cp311-manylinux_2_28_x86_64",
                "cp39-cp39-macosx_11_0_arm64", "cp39-cp39-manylinux_2_28_aarch64"):
        wheels("greet", "1.0", {"greet.py": f"TAG = '{tag}'\n"}, tag=tag,
               requires=['backport; python_version < "3.10"', 'onmac; sys_platform == "darwin"'])
    wheels("greet", "2.0", {"greet.py": "TAG = 'too new'\n"}, tag="cp39-cp39-manylinux_2_34_x86_64")
    wheels("greet", "2.0", {"greet.py": "TAG = 'too new'\n"}, tag="cp311-cp311-manylinux_2_34_x86_64")
    wheels("backport", "1.0")
    for runtime, python, backport in (("python:3.9", "3.9", True), ("python:3.11", "3.11", False)):
        root = project({"project.yml": config(runtime), F + "__main__.py": MAIN,
                        F + "requirements.txt": wheels.lines("greet")})
        fresh("build", root)
        short = "cp" + python.replace(".", "")
        text = (site(root, python) / "greet.py").read_text()
        assert text == f"TAG = '{short}-{short}-manylinux_2_28_x86_64'\n"
        assert (site(root, python) / "backport.py").exists() == backport


def test_package_without_a_fitting_wheel_is_explained(fresh, project, wheels):
    wheels("greet", "1.0", tag="cp311-cp311-manylinux_2_28_x86_64")
    root = project({"project.yml": config("python:3.9"), F + "__main__.py": MAIN,
                    F + "requirements.txt": wheels.lines("greet")})
    text = fresh("build", root, check=False, env={"PATH": "/usr/bin:/bin"}).stderr
    assert "the runtime has Python 3.9 on Linux x86-64, and here is Python 3." in text
    assert "take a version that has one" in text and "set a 'runtime:'" in text


def test_hashes_are_honoured(fresh, project, wheels):
    path = wheels("greet", "1.0")
    right = hashlib.sha256(path.read_bytes()).hexdigest()
    root = project({F + "__main__.py": MAIN,
                    F + "requirements.txt": wheels.lines(f"greet==1.0 --hash=sha256:{'0' * 64}")})
    done = fresh("build", root, check=False)
    assert done.returncode == 1 and "DO NOT MATCH THE HASHES" in done.stderr
    (root / F / "requirements.txt").write_text(wheels.lines(f"greet==1.0 --hash=sha256:{right}"))
    fresh("build", root)


def test_dependencies_of_pyproject_are_installed(fresh, project, wheels):
    wheels("greet", "1.0")
    root = project({F + "__main__.py": MAIN, F + "pyproject.toml":
                    "[project]\nname = 'x'\nversion = '1'\ndependencies = [\n  'greet>=1', # one\n]\n"})
    env = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(root.parent / "wheels")}
    fresh("build", root, env=env)
    assert (site(root) / "greet.py").exists()


@pytest.mark.parametrize("text, where", [
    ("[project]\nname = 'x'\ndynamic = ['dependencies']\n", "dynamic"),
    ("[tool.poetry.dependencies]\npython = '^3.11'\ngreet = '1'\n", "[tool.poetry.dependencies]"),
])
def test_packages_that_nobody_installs_are_warned_of(fresh, project, text, where):
    root = project({F + "__main__.py": "def main(event):\n    return {}\n", F + "pyproject.toml": text})
    assert f"'packages/p/f/pyproject.toml' names packages in '{where}'" in fresh("build", root).stderr
    (root / F / "requirements.txt").write_text("# none\n")
    assert "names packages" not in fresh("build", root).stderr


def test_modules_of_the_function_do_not_disturb_pip(fresh, project, wheels):
    wheels("greet", "1.0")
    root = project({F + "__main__.py": MAIN, F + "requirements.txt": wheels.lines("greet"),
                    F + "html.py": "raise SystemExit('mine')\n", F + "pip.py": "raise SystemExit('mine')\n"})
    fresh("build", root)
    fresh("build", ".", "p/f", cwd=root)


def test_virtualenv_of_the_user_is_left_alone(fresh, project):
    own = F + "virtualenv/bin/activate_this.py"
    root = project({F + "__main__.py": MAIN, F + "requirements.txt": "greet\n", own: "# mine\n"})
    story = fresh("build", root).stderr
    assert "was not made by dofn and is used as it is" in story
    assert (root / own).read_text() == "# mine\n"


def test_artifact_holds_no_trace_of_the_machine(fresh, project, wheels):
    wheels("greet", "1.0", script="greet = greet:hello")
    files = {F + "__main__.py": MAIN, F + "requirements.txt": wheels.lines("greet")}
    archives = []
    for name in ("one", "two"):
        root = project(files, name)
        (root / F / "virtualenv.new-00").mkdir(parents=True)
        (root / F / "virtualenv.new-00/x.py").write_text("")
        fresh("build", root)
        archives.append((root / "dist/p/f.zip").read_bytes())
    names = names_in(root / "dist/p/f.zip")
    assert "virtualenv/bin/activate_this.py" in names
    assert not [n for n in names if n.endswith((".dofn", "pyvenv.cfg")) or ".new-" in n]
    assert archives[0] == archives[1]
    with zipfile.ZipFile(root / "dist/p/f.zip") as archive:
        packages = "virtualenv/lib/python3.11/site-packages/"
        assert archive.read(packages + "bin/greet").startswith(b"#!/usr/bin/env python3\n")
        assert b"bin/greet,,\n" in archive.read(packages + "greet-1.0.dist-info/RECORD").replace(b"\r", b"")


def test_what_a_killed_build_left_is_removed_and_what_another_makes_is_not(fresh, project, wheels):
    wheels("greet", "1.0")
    root = project({F + "__main__.py": MAIN, F + "requirements.txt": wheels.lines("greet"),
                    F + "virtualenv.new-left/x/y.py": "", F + "virtualenv.new-held/x.py": "",
                    F + "virtualenv.new-young/x.py": "", F + "virtualenv.newer/x.py": ""})
    for name in ("left", "held"):
        os.utime(root / F / f"virtualenv.new-{name}", (1, 1))
    held = os.open(root / F / "virtualenv.new-held", os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        fresh("build", root)
    finally:
        os.close(held)
    names = {p.name for p in (root / F).iterdir()}
    assert names == {"__main__.py", "requirements.txt", "virtualenv", "virtualenv.new-held",
                     "virtualenv.new-young", "virtualenv.newer"}


# A script of the user's, with another Python than the runtime's.

RECIPE = """#!/bin/bash
set -e
virtualenv --without-pip virtualenv
pip install -r requirements.txt \\
    --target virtualenv/lib/python3.9/site-packages
"""


def pythons():
    """Environments whose `python3` is not 3.9, the one of this test's machine first."""
    yield pytest.param({"PATH": "/usr/bin:/bin"}, id="system")
    for folder in sorted(pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv")).glob("versions/3.1[23].*")):
        yield pytest.param({"PATH": f"{folder}/bin:/usr/bin:/bin"}, id=folder.name)


@pytest.mark.skipif(not shutil.which("virtualenv"), reason="virtualenv is not installed")
@pytest.mark.parametrize("env", pythons())
def test_recipe_of_the_user_installs_for_the_runtime(fresh, project, wheels, env):
    for tag in ("cp39-cp39-manylinux_2_28_x86_64", "cp311-cp311-manylinux_2_28_x86_64",
                "cp312-cp312-manylinux_2_28_x86_64", "cp313-cp313-manylinux_2_28_x86_64"):
        wheels("greet", "1.0", {"greet.py": f"TAG = '{tag}'\n"}, tag=tag)
    wheels("pure", "1.0")
    root = project({"project.yml": config("python:3.9"), F + "__main__.py": MAIN, F + "build.sh": RECIPE,
                    F + "requirements.txt": wheels.lines("greet", "pure")})
    story = fresh("build", root, env=env).stderr
    assert "is told to take packages for Python 3.9 on Linux x86-64" in story
    assert (site(root, "3.9") / "greet.py").read_text() == "TAG = 'cp39-cp39-manylinux_2_28_x86_64'\n"
    assert (site(root, "3.9") / "pure.py").exists()
    assert "it is now for Python 3.9" in story
    activate = (root / F / "virtualenv/bin/activate_this.py").read_text()
    assert "Made by dofn" in activate


@pytest.mark.skipif(not shutil.which("virtualenv"), reason="virtualenv is not installed")
def test_recipe_of_the_user_without_a_wheel_names_the_ways_out(fresh, project, wheels):
    wheels("greet", "1.0", tag="cp311-cp311-manylinux_2_28_x86_64")
    root = project({"project.yml": config("python:3.9"), F + "__main__.py": MAIN, F + "build.sh": RECIPE,
                    F + "requirements.txt": wheels.lines("greet")})
    text = fresh("build", root, check=False, env={"PATH": "/usr/bin:/bin"}).stderr
    assert "No matching distribution found for greet" in text
    assert "looked for wheels for Python 3.9 on Linux x86-64" in text and "--remote-build" in text


# What builds see.

TELL = "#!/bin/bash\necho \"<${MY_TOKEN-none}> <${AWS_SECRET_ACCESS_KEY-none}> <${PLAIN-none}>\"\n"


@pytest.mark.parametrize("options, seen", [
    ([], "<none> <none> <x>"),
    (["--build-pass-env", "MY_TOKEN"], "<x> <none> <x>"),
    (["--build-pass-env", "MY_TOKEN", "--build-pass-env=AWS_SECRET_ACCESS_KEY"], "<x> <x> <x>"),
    (["--build-env", "vars"], "<of the file> <none> <x>"),
])
def test_builds_see_only_the_credentials_handed_over(fresh, project, options, seen):
    root = project({F + "__main__.py": PLAIN, F + "build.sh": TELL, "vars": "MY_TOKEN='of the file'\n"})
    env = {"MY_TOKEN": "x", "AWS_SECRET_ACCESS_KEY": "x", "PLAIN": "x"}
    assert f"p/f | {seen}\n" in fresh("build", ".", "--verbose-build", *options, env=env, cwd=root).stderr


def test_failed_build_names_what_it_did_not_get(fresh, project):
    root = project({F + "__main__.py": "", F + "build.sh": "exit 1\n"})
    text = fresh("build", root, env={"MY_TOKEN": "x"}, check=False).stderr
    assert "the build did not get MY_TOKEN from the environment; --build-pass-env NAME" in text


# dofn build


def test_artifacts_and_manifest_are_written(fresh, project, tmp_path):
    root = project({"packages/default/one.py": PLAIN, F + "__main__.py": MAIN, F + "greet.py": GREET,
                    "packages/p/g/__main__.py": PLAIN, "project.yml": config("python:3.9")})
    out = tmp_path / "made" / "here"
    assert fresh("build", root, "--into", out).stdout.split() == [
        f"{out}/default/one.py", f"{out}/p/f.zip", f"{out}/p/g.py"]
    listed = json.loads((out / "manifest.json").read_text())
    assert [(i["function"], i["file"], i["kind"], i["binary"], i["files"]) for i in listed] == [
        ("one", "default/one.py", "python:default", False, 1),
        ("p/f", "p/f.zip", "python:3.9", True, 2),
        ("p/g", "p/g.py", "python:default", False, 1)]
    for item in listed:
        data = (out / item["file"]).read_bytes()
        assert (item["bytes"], item["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert names_in(out / "p/f.zip") == ["__main__.py", "greet.py"]


def test_one_function_is_built_and_the_rest_of_the_folder_stays(fresh, project):
    root = project({"packages/p/f.py": PLAIN, "packages/p/g.py": PLAIN, "dist/mine": "kept",
                    "dist/p/g.py": "kept"})
    fresh("build", "p/f", cwd=root)
    assert (root / "dist/p/f.py").read_text() == PLAIN
    assert (root / "dist/mine").read_text() == (root / "dist/p/g.py").read_text() == "kept"
    listed = json.loads((root / "dist/manifest.json").read_text())
    assert [i["function"] for i in listed] == ["p/f"]


def test_unknown_function_is_named(fresh, project):
    root = project({"packages/p/first.py": PLAIN})
    done = fresh("build", root, "p/fist", check=False)
    assert done.returncode == 2
    assert "there is no function 'p/fist'; did you mean 'p/first'?" in done.stderr


@pytest.mark.parametrize("folder", ["packages/new", "packages", "lib/x", ".", "./packages/../lib"])
def test_sources_are_not_written_to(fresh, project, folder):
    root = project({"packages/p/f.py": PLAIN, "lib/x.py": ""})
    done = fresh("build", "--into", folder, cwd=root, check=False)
    assert done.returncode == 2 and "is among the project's sources" in done.stderr
    assert not (root / "packages/new").exists()


def test_failure_keeps_the_manifest(fresh, project):
    root = project({F + "__main__.py": "", F + "build.sh": "exit 3\n", "dist/manifest.json": "old"})
    done = fresh("build", root, check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert "'packages/p/f/build.sh' exited with code 3" in done.stderr
    assert (root / "dist/manifest.json").read_text() == "old"


def test_json_has_events_and_ends_with_the_manifest(fresh, project):
    root = project({"packages/p/f.py": PLAIN})
    lines = [json.loads(line) for line in fresh("build", root, "-o", "json").stdout.splitlines()]
    assert [line["event"] for line in lines] == ["packed", "result"]
    assert lines[1]["functions"] == json.loads((root / "dist/manifest.json").read_text())

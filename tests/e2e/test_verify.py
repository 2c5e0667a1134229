"""What is checked in the finished files of a function: before the upload, with the way out.

The five causes of "No module named X", each made on purpose: no virtualenv program, the wrong
lib/pythonX.Y, a virtualenv of another Python with its links, requirements that nothing installs,
packages built on another system.
"""

import json
import sys

import pytest

from faulty import Faulty
from wheels import make_wheel

F = "packages/p/f/"
PLAIN = "def main():\n    return {}\n"
GREET = "import greet\n\n" + PLAIN
SITE = "virtualenv/lib/python3.11/site-packages"
ACTIVATE = 'mkdir -p virtualenv/bin; echo \'for lib in "../lib/python3.11/site-packages".split()\' ' \
           "> virtualenv/bin/activate_this.py\n"
MACHO = b"\xcf\xfa\xed\xfe\x0c\0\0\1" + bytes(56)
CONFIG = "packages: [{name: p, functions: [{name: f, runtime: 'python:3.11'}]}]\n"


@pytest.fixture
def server():
    with Faulty() as s:
        yield s


@pytest.fixture
def refused(fresh, server, project):
    """Deploys the files to a server that takes everything; what is told while nothing comes there."""

    def run(files, *options):
        done = fresh("deploy", project({"project.yml": CONFIG, **files}), *options, *server.flags, check=False)
        assert done.returncode == 2, done.stderr
        assert server.seen("PUT") == []
        assert "nothing was uploaded: " in done.stderr and "'--no-verify'" in done.stderr
        return done.stderr

    return run


@pytest.fixture
def accepted(fresh, server, project):
    def run(files, *options):
        done = fresh("deploy", project({"project.yml": CONFIG, **files}), *options, *server.flags)
        assert server.seen("PUT") != []
        return done.stderr

    return run


def wheel(tmp_path):
    return make_wheel(tmp_path / "wheels", "greet", "1.0", {"greet.py": "x = 1\n"})


def install(tmp_path, into):
    return f"{sys.executable} -m pip install -q --no-index {wheel(tmp_path)} --target {into} 2>&1\n"


def test_no_virtualenv_program(refused, tmp_path):
    script = "#!/bin/bash\ntool=virtual-env-of-nobody\n$tool --without-pip virtualenv\n" + install(tmp_path, SITE)
    text = refused({F + "__main__.py": GREET, F + "requirements.txt": "greet\n", F + "build.sh": script})
    assert "'packages/p/f/virtualenv' has no 'bin/activate_this.py'" in text
    assert "make it with 'virtualenv', not with 'python3 -m venv'" in text


def test_the_wrong_folder_of_the_virtualenv(refused, tmp_path):
    script = "#!/bin/bash\n" + ACTIVATE + install(tmp_path, SITE.replace("3.11", "3.9"))
    text = refused({F + "__main__.py": GREET, F + "requirements.txt": "greet\n", F + "build.sh": script})
    assert "packages/p/f/__main__.py:1:8: error: \"No module named 'greet'\"" in text
    assert ("it is in 'virtualenv/lib/python3.9/site-packages/', and the runtime's Python 3.11 does not look there; "
            "have build.sh install into 'virtualenv/lib/python3.11/site-packages' with a virtualenv of Python 3.11, "
            "or set 'runtime: python:3.9' in project.yml") in text
    assert "  import greet\n         ^\n" in text


def test_a_virtualenv_of_python_2(refused, tmp_path):
    old = "virtualenv/lib/python2.7"
    script = (f"#!/bin/bash\nmkdir -p virtualenv/bin {old}/site-packages\n"
              "echo \"# lib, 'python%s' % sys.version[:3], site-packages\" > virtualenv/bin/activate_this.py\n"
              f"ln -s /usr/lib/python2.7/UserDict.py {old}/UserDict.py\n") + install(tmp_path, old + "/site-packages")
    files = {F + "__main__.py": GREET, F + "build.sh": script}
    text = refused({**files, F + ".ignore": "UserDict.py\n"})
    assert "it is in 'virtualenv/lib/python2.7/site-packages/', and the runtime's Python 3.11 does not" in text


def test_links_of_that_virtualenv(fresh, server, project):
    script = "#!/bin/bash\nmkdir -p virtualenv/lib/python2.7\nln -s /usr/lib/python2.7/x.py virtualenv/lib/python2.7/x.py\n"
    root = project({"project.yml": CONFIG, F + "__main__.py": GREET, F + "build.sh": script})
    done = fresh("deploy", root, *server.flags, check=False)
    assert done.returncode == 2 and server.seen("PUT") == []
    assert "packages/p/f/virtualenv/lib/python2.7/x.py" in done.stderr and "/usr/lib/python2.7/x.py" in done.stderr


@pytest.mark.parametrize("files, way_out", [
    ({F + "__main__.py": GREET, F + "requirements.txt": "Greet>=1\n", F + "build.sh": "true\n"},
     "'packages/p/f/requirements.txt' names it, but 'packages/p/f/build.sh' does not install it into "
     "'virtualenv/lib/python3.11/site-packages'; without a build.sh, dofn installs"),
    ({"packages/p/f.py": GREET, "packages/p/requirements.txt": "greet\n"},
     "'packages/p/requirements.txt' names it, but packages are installed for functions with a folder: move "
     "'packages/p/f.py' to 'packages/p/f/__main__.py', with requirements.txt beside it"),
    ({"packages/p/f.py": "import yaml\n" + PLAIN},
     "move 'packages/p/f.py' to 'packages/p/f/__main__.py' and name 'PyYAML' in 'packages/p/f/requirements.txt'"),
    ({F + "__main__.py": GREET, F + "x.py": ""},
     "if it is a package of the index, name 'greet' in 'packages/p/f/requirements.txt'"),
    ({F + "__main__.py": GREET, F + "x.py": "", "lib/greet.py": ""},
     "'lib/greet.py' is not part of the function; name it in 'packages/p/f/.include': '../../../lib/greet.py'"),
    ({F + "__main__.py": GREET, F + "greet.py": "", F + "x.py": "", F + ".ignore": "greet*\n"},
     "'packages/p/f/greet.py' is there, but 'packages/p/f/.ignore' keeps it out of the function"),
    ({F + "__main__.py": GREET, F + "Greet.py": ""},
     "'Greet.py' is written with other letters: the platform tells upper from lower case"),
])
def test_requirements_that_nothing_installs(refused, files, way_out):
    text = refused(files)
    assert "\"No module named 'greet'\"" in text or "\"No module named 'yaml'\"" in text
    assert way_out in text


@pytest.mark.parametrize("file, magic, text", [
    ("_speed.cpython-311-darwin.so", MACHO, "is built for macOS, and the platform is Linux on x86-64"),
    ("_speed.abi3.so", MACHO, "is built for macOS"),
    ("_speed.cp311-win_amd64.pyd", b"MZ" + bytes(62), "is built for Windows"),
    ("_speed.abi3.so", b"\177ELF\2\1\1" + bytes(9) + b"\3\0\xb7\0" + bytes(44), "is built for another kind of processor"),
    ("_speed.cpython-312-x86_64-linux-gnu.so", b"\177ELF\2\1\1" + bytes(9) + b"\3\0\x3e\0" + bytes(34) + b"\x38\0" + bytes(8),
     "is built for another Python than the runtime's 3.11"),
])
def test_packages_of_another_system(refused, file, magic, text):
    told = refused({F + "__main__.py": GREET, F + SITE + "/greet/__init__.py": "from . import _speed\n",
                    F + SITE + "/greet/" + file: magic,
                    F + "virtualenv/bin/activate_this.py": '"../lib/python3.11/site-packages"\n'})
    assert f"packages/p/f/{SITE}/greet/{file}: error: 'greet' {text}" in told
    assert "dofn installs for the platform, whatever this machine is" in told


def test_all_functions_are_told_at_once(refused):
    text = refused({"packages/p/a.py": "def handler(): pass\n", "packages/p/b.py": "import gone\n" + PLAIN,
                    "packages/p/c.py": PLAIN, F + "index.php": "", F + "x.php": ""})
    places = [line.split(": error")[0] for line in text.splitlines() if ": error: " in line]
    assert places == ["packages/p/a.py", "packages/p/b.py:1:8", "packages/p/f"]
    assert "it has 'handler': rename one, or name it with 'main:' in project.yml" in text
    assert "3 errors in what the functions are made of" in text


def test_warnings_do_not_stop(accepted):
    text = accepted({"packages/p/f.py": "def main():\n    import gone\n    return {}\n"})
    assert "packages/p/f.py:2:12: warning: \"No module named 'gone'\" would end it where it gets here" in text


def test_no_verify_goes_on(accepted):
    assert "No module named" not in accepted({"packages/p/f.py": "import gone\n"}, "--no-verify")


def test_findings_are_events_in_json(fresh, project):
    root = project({"packages/p/f.py": "import gone\n" + PLAIN})
    done = fresh("build", root, "-o", "json", check=False)
    finding = json.loads(done.stdout.splitlines()[0])
    assert (finding["event"], finding["function"], finding["level"]) == ("finding", "p/f", "error")
    assert (finding["path"], finding["line"], finding["column"]) == ("packages/p/f.py", 1, 8)
    assert not (root / "dist/manifest.json").exists()


def test_check_looks_at_what_needs_no_build(fresh, project):
    root = project({"packages/p/f.py": "import gone\n" + PLAIN,
                    "packages/p/g/__main__.py": GREET, "packages/p/g/build.sh": "true\n"})
    found = fresh.json("check", root, check=False)["findings"]
    assert [(f["path"], f["level"], f["line"]) for f in found] == [("packages/p/f.py", "error", 1)]


def test_packages_of_the_virtualenv_are_found(fresh, project, tmp_path):
    path = wheel(tmp_path)
    root = project({F + "__main__.py": GREET, F + "requirements.txt": f"--no-index\n{path}\n"})
    assert "warning" not in fresh("build", root).stderr


def test_the_table_of_pythons_modules_is_that_of_python(fresh, project):
    names = [n for n in sys.stdlib_module_names if n not in
             {"_msi", "_overlapped", "_scproxy", "_winapi", "msilib", "msvcrt", "nt", "winreg", "winsound"}]
    if sys.version_info[:2] != (3, 11):
        pytest.skip("the table is made with Python 3.11")
    root = project({"project.yml": CONFIG, "packages/p/f.py": "".join(f"import {n}\n" for n in names) + PLAIN})
    assert fresh.json("check", root)["findings"] == []

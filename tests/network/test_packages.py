"""Python packages of the real index, for the runtimes' Pythons."""

import os
import pathlib
import re
import shutil
import struct
import subprocess
import zipfile

import pytest
from conftest import free_port

TIMEOUT = 600
EM_X86_64 = 62
GLIBC = {"3.9": 28, "3.11": 31}

# cowsay 5.0 and docopt are there as sources only; lxml, numpy and pydantic are compiled; certifi
# has a data file, cowsay a script.
REQUIREMENTS = ["cowsay==5.0", "docopt", "requests", "lxml", "numpy", "pydantic", "certifi"]
PAGE = """\
import cowsay


def main(event):
    greeting = cowsay.get_output_string("cow", "Hello %s from Python!" % event.get("name", "stranger"))
    return {"body": greeting}
"""
RECIPE = """\
#!/bin/bash

set -e

virtualenv --without-pip virtualenv
pip install -r requirements.txt --target virtualenv/lib/python%s/site-packages
"""
MAIN = """\
import os
import sys

import certifi, cowsay, docopt, lxml.etree, numpy, pydantic, requests


class Fish(pydantic.BaseModel):
    teeth: int


def main(event):
    return {"body": {
        "cow": cowsay.get_output_string("cow", event.get("name", "you")),
        "sum": int(numpy.arange(5).sum()),
        "tag": lxml.etree.fromstring("<a><b/></a>")[0].tag,
        "teeth": Fish(teeth="7").teeth,
        "data": os.path.getsize(certifi.where()) > 1000,
        "script": os.path.exists("virtualenv/lib/python%d.%d/site-packages/bin/cowsay" % sys.version_info[:2]),
        "python": "%d.%d" % sys.version_info[:2],
        "bytecode": open(requests.__cached__, "rb").read(5)[4] == 1,
        "own": all("/virtualenv/" in m.__file__ for m in (cowsay, docopt, lxml, numpy, pydantic, requests)),
    }}
"""


def files(runtime):
    return {
        "project.yml": f"packages: [{{name: p, functions: [{{name: f, runtime: '{runtime}'}}]}}]\n",
        "packages/p/f/__main__.py": MAIN,
        "packages/p/f/requirements.txt": "\n".join(REQUIREMENTS) + "\n",
    }


def folder_of(python):
    """Where an interpreter of that version is; the stand-ins of version managers may run none."""
    root = pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv"))
    found = [p.parent for p in sorted(root.glob(f"versions/{python}.*/bin/python{python}"))]
    found += [pathlib.Path(f) for f in os.environ["PATH"].split(":") if os.access(f"{f}/python{python}", os.X_OK)]
    for folder in found:
        asked = subprocess.run([folder / f"python{python}", "-c", "pass"], capture_output=True, check=False)
        if asked.returncode == 0:
            return folder
    return None


@pytest.fixture(params=["3.9", "3.11"])
def running(request, fresh):
    """The version, and the program on a platform that runs it; its own Python is this machine's."""
    folder = folder_of(request.param)
    if not folder:
        pytest.skip(f"no Python {request.param} here; what is made for it is looked at below")
    fresh.env["PATH"] = f"/usr/bin:/bin:{folder}"
    fresh("local", "start", "--port", free_port())
    fresh("connect", "local")
    status = fresh.json("local", "status")
    return request.param, fresh, f"{status['apihost']}/api/v1/web/{status['namespace']}/"


def test_packages_are_imported_on_the_local_platform(running, http, project):
    python, dofn, web = running
    dofn("deploy", project(files(f"python:{python}")), timeout=TIMEOUT)
    answer = http("GET", web + "p/f?name=Sam").json()
    assert "| Sam |" in answer.pop("cow")
    assert answer == {"sum": 10, "tag": "b", "teeth": 7, "data": True, "script": True, "own": True, "python": python,
                      "bytecode": True}


@pytest.mark.skipif(not shutil.which("virtualenv"), reason="virtualenv is not installed")
def test_example_of_the_page_runs_as_it_is(running, http, project):
    """With its own build script.  Version 5.0 has no wheel, and a script's pip builds one only for its own Python."""
    python, dofn, web = running
    here = subprocess.run(["/usr/bin/python3", "-V"], capture_output=True, text=True, check=True).stdout
    wanted = "cowsay==5.0\n" if f" {python}." in here else "cowsay>=6\n"
    root = project({**files(f"python:{python}"), "packages/p/f/requirements.txt": wanted,
                    "packages/p/f/__main__.py": PAGE, "packages/p/f/build.sh": RECIPE % python})
    dofn("deploy", root, timeout=TIMEOUT)
    assert "| Hello Sam from Python! |" in http("GET", web + "p/f?name=Sam").body.decode()


@pytest.mark.parametrize("python", ["3.9", "3.11"])
def test_every_library_is_for_the_runtime(fresh, project, python):
    root = project(files(f"python:{python}"))
    fresh("build", root, timeout=TIMEOUT)
    site = f"virtualenv/lib/python{python}/site-packages/"
    libraries = 0
    with zipfile.ZipFile(root / "dist/p/f.zip") as archive:
        names = archive.namelist()
        for name in [n for n in names if re.search(r"\.so(\.|$)", n)]:
            data = archive.read(name)
            machine, = struct.unpack_from("<H", data, 18)
            tag = re.search(r"\.cpython-(\d+)", name)
            newest = max((int(v) for v in re.findall(rb"GLIBC_2\.(\d+)", data)), default=0)
            assert data[:4] == b"\x7fELF" and machine == EM_X86_64, name
            assert not tag or tag[1] == python.replace(".", ""), name
            assert newest <= GLIBC[python], name
            libraries += 1
    assert libraries > 10
    for package in ("cowsay", "docopt.py", "requests", "lxml", "numpy", "pydantic"):
        assert any(n.startswith(site + package) for n in names), package


def test_conditions_are_those_of_the_runtimes_python(fresh, project):
    for python, there in (("3.9", True), ("3.11", False)):
        tree = files(f"python:{python}")
        tree["packages/p/f/requirements.txt"] = "flask\n"
        tree["packages/p/f/__main__.py"] = "import flask\n\n\ndef main():\n    return {}\n"
        root = project(tree)
        fresh("build", root, timeout=TIMEOUT)
        with zipfile.ZipFile(root / "dist/p/f.zip") as archive:
            assert there == any("importlib_metadata/" in n for n in archive.namelist())

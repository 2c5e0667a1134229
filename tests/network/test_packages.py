"""Python packages of the real index, for the runtimes' Pythons."""

import re
import struct
import zipfile

import pytest

TIMEOUT = 600
EM_X86_64 = 62
GLIBC = {"3.9": 28, "3.11": 31}

# cowsay 5.0 and docopt are there as sources only; lxml, numpy and pydantic are compiled; certifi
# has a data file, cowsay a script.
REQUIREMENTS = ["cowsay==5.0", "docopt", "requests", "lxml", "numpy", "pydantic", "certifi"]
MAIN = """\
import os

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
        "script": os.path.exists("virtualenv/lib/python3.11/site-packages/bin/cowsay"),
        "own": all("/virtualenv/" in m.__file__ for m in (cowsay, docopt, lxml, numpy, pydantic, requests)),
    }}
"""


def files(runtime):
    return {
        "project.yml": f"packages: [{{name: p, functions: [{{name: f, runtime: '{runtime}'}}]}}]\n",
        "packages/p/f/__main__.py": MAIN,
        "packages/p/f/requirements.txt": "\n".join(REQUIREMENTS) + "\n",
    }


def test_packages_are_imported_on_the_local_platform(dofn, platform, http, project):
    dofn("deploy", project(files("python:3.11")), timeout=TIMEOUT)
    answer = http("GET", platform.web("p/f") + "?name=Sam").json()
    assert "| Sam |" in answer.pop("cow")
    assert answer == {"sum": 10, "tag": "b", "teeth": 7, "data": True, "script": True, "own": True}


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
        root = project(tree)
        fresh("build", root, timeout=TIMEOUT)
        with zipfile.ZipFile(root / "dist/p/f.zip") as archive:
            assert there == any("importlib_metadata/" in n for n in archive.namelist())

"""What takes the room in a function: the limit of the platform, and dofn files --sizes."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import zipfile

import pytest

from conftest import PROGRAM
from faulty import Faulty
from wheels import make_wheel

OK = "def main():\n    return {}\n"
MEGABYTE = 1 << 20


@pytest.fixture
def server():
    with Faulty() as s:
        yield s


@pytest.fixture
def two(project):
    """A function that is too large in front of one with an error."""
    root = project({"packages/p/a/__main__.py": OK, "packages/p/b/__main__.py": "import nothing_of_this_name\n" + OK,
                    "project.yml": "packages: [{name: p, functions: [{name: b, runtime: 'python:3.11'}]}]\n"})
    (root / "packages/p/a/big.bin").write_bytes(os.urandom(37 * MEGABYTE))
    return root


def check_both(done):
    assert done.returncode == 2
    assert "nothing_of_this_name" in done.stderr
    assert "'packages/p/a' is too large" in done.stderr
    assert "1 error in what the functions are made of, and 1 function too large for the platform" in done.stderr
    assert "--no-verify" not in done.stderr.splitlines()[-1]


def test_a_function_over_the_limit_does_not_hide_findings_of_others(fresh, server, two):
    check_both(fresh("build", two, check=False))
    assert not (two / "dist/manifest.json").exists()
    deployed = fresh("deploy", two, *server.flags, check=False)
    assert deployed.returncode == 2 and "nothing_of_this_name" in deployed.stderr
    assert server.seen("PUT") == []


def test_every_function_over_the_limit_is_told(fresh, server, project):
    root = project({"packages/p/a/__main__.py": OK, "packages/p/b/index.js": "exports.main = () => ({})\n", "packages/p/c.py": OK})
    for name in "ab":
        (root / f"packages/p/{name}/big.bin").write_bytes(os.urandom(37 * MEGABYTE))
    for command in (["build", root], ["deploy", root, *server.flags]):
        done = fresh(*command, check=False)
        assert done.returncode == 2
        assert "'packages/p/a' is too large" in done.stderr and "'packages/p/b' is too large" in done.stderr
        assert done.stderr.endswith("2 functions too large for the platform\n")
    assert server.seen("PUT") == []


# ---- dofn files --sizes

SITE = "virtualenv/lib/python3.11/site-packages"
ACTIVATE = 'for lib in "../lib/python3.11/site-packages".split(): pass\n'
CONFIG = "packages: [{name: p, functions: [{name: f, runtime: 'python:3.11'}]}]\n"


def noise(n):
    """Text that deflate can make little of."""
    return os.urandom(n // 2).hex()


@pytest.fixture
def installed(project, tmp_path):
    """A function with wheels as dofn unpacks them: 'greet' has tests and types, 'simplejson' comes with the runtime."""
    root = project({"project.yml": CONFIG, "packages/p/f/__main__.py": "import greet\n" + OK,
                    "packages/p/f/virtualenv/bin/activate_this.py": ACTIVATE})
    site = root / "packages/p/f" / SITE
    wheels = [
        make_wheel(tmp_path / "w", "greet", "1.2", {
            "greet/__init__.py": "x = 1\n", "greet/tests/test_x.py": f"# {noise(400_000)}\n",
            "greet/types.pyi": f"# {noise(200_000)}\n", "greet_more.py": "y = 2\n"}),
        make_wheel(tmp_path / "w", "simplejson", "3.1", {"simplejson/__init__.py": f"# {noise(300_000)}\n"}),
    ]
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as z:
            z.extractall(site)
    return root


def sizes(fresh, root):
    return fresh.json("files", "--sizes", root)


def test_sizes_are_by_package_with_what_to_do(fresh, installed):
    (function,) = sizes(fresh, installed)
    assert function["function"] == "p/f" and function["limit"] == 36 << 20
    packages = {p["package"]: p for p in function["packages"]}
    assert set(packages) == {"greet", "simplejson", "__main__.py", "virtualenv/"}
    assert [p["packed"] for p in function["packages"]] == sorted((p["packed"] for p in packages.values()), reverse=True)
    greet = packages["greet"]
    assert (greet["kind"], greet["version"], greet["files"]) == ("python", "1.2", 7)
    assert [a["ignore"] for a in greet["advice"]] == [[f"{SITE}/greet/**/tests/"], [f"{SITE}/greet/**/*.pyi"]]
    assert [a["size"] for a in greet["advice"]] == [400_003, 200_003]
    assert "the runtime brings version 3" in packages["simplejson"]["advice"][0]["text"]
    assert packages["__main__.py"]["advice"] == [] and packages["__main__.py"]["version"] is None
    assert sum(p["files"] for p in packages.values()) == function["files"]
    assert sum(p["size"] for p in packages.values()) == function["size"]


def test_packed_is_what_build_makes(fresh, installed):
    (function,) = sizes(fresh, installed)
    fresh("build", installed, "--no-bytecode")
    assert function["packed"] == (installed / "dist/p/f.zip").stat().st_size


def test_lines_for_ignore_do_what_they_say(fresh, installed):
    (before,) = sizes(fresh, installed)
    advice = [a for p in before["packages"] for a in p["advice"] if a["ignore"]]
    (installed / "packages/p/f/.ignore").write_text("".join(f"{line}\n" for a in advice for line in a["ignore"]))
    (after,) = sizes(fresh, installed)
    assert after["size"] == before["size"] - sum(a["size"] for a in advice)
    fresh("build", installed)


def test_text_is_a_table_with_advice_below(fresh, installed):
    lines = fresh("files", "--sizes", installed, "p/f").stdout.splitlines()
    assert re.match(r"p/f  13 files, 90\d\.\d kB; packed \d+\.\d kB of at most 37\.7 MB$", lines[0])
    assert lines[1].split() == ["Files", "Size", "Packed", "Of", "limit", "Package"]
    assert lines[2].endswith(" %  greet 1.2")
    assert lines[3] == "          - tests: 400.0 kB in 1 file"
    assert lines[4] == f"            .ignore: {SITE}/greet/**/tests/"
    assert lines[-1].split()[0] == "1" and lines[-1].endswith("0.0 %  __main__.py")
    assert "the runtime brings version 3 of it: take it out of the requirements" in "\n".join(lines)


def test_one_file_counts_as_text(fresh, project):
    root = project({"packages/p/f.py": OK, "packages/p/g/index.js": "exports.main = () => ({})\n"})
    one, two = sizes(fresh, root)
    assert one["limit"] == two["limit"] == 48 << 20
    assert one["packed"] == one["size"] == len(OK)


def test_twenty_rows_unless_asked_for_all(fresh, project):
    root = project({"packages/p/f/index.js": OK, **{f"packages/p/f/node_modules/m{i}/index.js": "x" * i for i in range(30)}})
    lines = fresh("files", "--sizes", root).stdout.splitlines()
    assert len(lines) == 23 and lines[-1].endswith("11 others (--verbose shows them)")
    assert len(fresh("files", "--sizes", root, "-v").stdout.splitlines()) == 33


def test_names_cannot_drive_the_terminal(fresh, project):
    root = project({"packages/p/f/index.js": OK, "packages/p/f/node_modules/a\033[2J\n/x.js": "x"})
    out = fresh("files", "--sizes", root).stdout
    assert "\033" not in out and "a\\x1b[2J\\x0a" in out
    assert len(out.splitlines()) == 4
    assert "a\033[2J\n" in [p["package"] for p in sizes(fresh, root)[0]["packages"]]


@pytest.mark.parametrize("columns", [10, 40, 60])
def test_advice_is_wrapped_on_a_narrow_terminal(fresh, installed, columns):
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
    with subprocess.Popen([PROGRAM, "files", "--sizes", installed], env=fresh.env, stdout=slave, stderr=slave) as child:
        os.close(slave)
        text = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            if not piece:
                break
            text += piece
    os.close(master)
    assert child.returncode == 0
    told = [line for line in text.decode().replace("\r", "").splitlines()
            if line.startswith(" " * 10) and ".ignore: " not in line and "%" not in line]
    assert len(told) > 3
    assert all(len(line) <= max(columns, 30) or line.strip(" -").count(" ") == 0 for line in told)


def test_functions_with_mistakes_do_not_hide_others(fresh, project):
    root = project({"packages/p/f/a.js": OK, "packages/p/g.js": OK})
    (root / "packages/p/f/out").symlink_to("/etc/hostname")
    done = fresh("files", "--sizes", root, check=False)
    assert done.returncode == 2
    assert "leads outside" in done.stderr and done.stdout.startswith("p/g  1 file, ")


def test_the_message_over_the_limit_names_the_largest_and_the_way_on(fresh, installed):
    (installed / "packages/p/f/big.bin").write_bytes(os.urandom(37 * MEGABYTE))
    done = fresh("build", installed, check=False)
    assert done.returncode == 2
    assert "largest are 'big.bin' 38.8 MB, " in done.stderr
    assert "'simplejson' 300." in done.stderr and "(the runtime brings it)" in done.stderr
    assert "(tests: 400.0 kB)" in done.stderr and "'dofn files --sizes' tells more" in done.stderr
    (function,) = sizes(fresh, installed)
    assert function["packed"] > function["limit"] and function["packages"][0]["percent"] > 100

"""What takes the room in a function: the limit of the platform, and dofn files --sizes."""

import os

import pytest

from faulty import Faulty

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
    assert "'packages/p/a' is too large" in done.stderr
    assert "nothing_of_this_name" in done.stderr
    assert "1 error in what the functions are made of, and 1 function too large for the platform" in done.stderr
    assert "--no-verify" not in done.stderr.splitlines()[-1]


def test_a_function_over_the_limit_does_not_hide_findings_of_others(fresh, server, two):
    check_both(fresh("build", two, check=False))
    assert not (two / "dist/manifest.json").exists()
    check_both(fresh("deploy", two, *server.flags, check=False))
    assert server.seen("PUT") == []

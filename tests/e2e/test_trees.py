"""Trees that bite: a right result or a message that names the path, as a user who is not root."""

import base64
import io
import json
import os
import pathlib
import re
import shutil
import socket
import stat
import subprocess
import tempfile
import threading
import zipfile

import pytest
from conftest import PROGRAM, clean_environment, read_to_the_end
from faulty import Faulty

PY = "def main(event):\n    return {}\n"
NOBODY = 65534
SECONDS = 20
# Thousands of files are made at once there.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK | os.X_OK) else None
F = "packages/p/f"


class Tree:
    """A project that belongs to a plain user, and the program run by that user."""

    def __init__(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="dofn-tree-"))
        self.top.chmod(0o755)
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="dofn-tree-", dir=MEMORY))
        self.root.chmod(0o755)
        self.function = self.root / F
        self.function.mkdir(parents=True)
        self.file("__main__.py", PY)
        self.program = shutil.copy(PROGRAM, self.top / "dofn")
        self.user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}

    def file(self, name, text=""):
        path = os.path.join(os.fsencode(self.function), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(text.encode())

    def give_away(self):
        if not self.user:
            return
        os.chown(self.root, NOBODY, NOBODY)
        for _, folders, files, fd in os.fwalk(os.fsencode(self.root)):
            for name in folders + files:
                os.chown(name, NOBODY, NOBODY, dir_fd=fd, follow_symlinks=False)

    def run(self, command, *args, owned=False):
        if not owned:
            self.give_away()
        done = subprocess.run([self.program, command, self.root, *args], **self.user,
                              env=clean_environment(self.top / "home"), cwd=self.top,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="surrogateescape", timeout=SECONDS, check=False)
        assert done.returncode in (0, 1, 2), done.stderr
        assert "Sanitizer" not in done.stderr and "runtime error" not in done.stderr
        return done

    def files(self):
        """{path: in?} and what was said."""
        done = self.run("files", "-o", "json")
        return {f["path"]: f["in"] for f in json.loads(done.stdout or "[]")}, done

    def good(self):
        """The names that go in, nothing being wrong."""
        found, done = self.files()
        assert done.returncode == 0, done.stderr
        check = self.run("check")
        assert check.returncode == 0, check.stdout
        return {path for path, inside in found.items() if inside} - {"__main__.py"}

    def bad(self, *texts):
        """Refused by files and by check, each with these texts; gives the list of files."""
        found, done = self.files()
        assert done.returncode == 2, done.stdout
        check = self.run("check")
        assert check.returncode == 2, check.stderr
        for text in texts:
            assert text in done.stderr, done.stderr
            assert text in check.stdout, check.stdout
        return found


@pytest.fixture
def tree():
    t = Tree()
    yield t
    for _, folders, _, fd in os.fwalk(os.fsencode(t.root)):
        for name in folders:
            if not stat.S_ISLNK(os.stat(name, dir_fd=fd, follow_symlinks=False).st_mode):
                os.chmod(name, 0o755, dir_fd=fd)
    shutil.rmtree(os.fsencode(t.root))
    shutil.rmtree(t.top)


# Names.


@pytest.mark.parametrize("name", ["a b.py", " lead", "trail ", "\u00e9\u4e2d\U0001f600.txt", "-rf", "*", "[x]",
                                  "a\\b", "'\"`$(x)", "#x", "!x", "..."])
def test_names_that_are_text(tree, name):
    tree.file(name)
    assert tree.good() == {name}


@pytest.mark.parametrize("name, shown", [(b"\xff\xfe.py", "\ufffd\ufffd.py"), (b"a\xc3.txt", "a\ufffd.txt"),
                                         (b"line\nbreak", "line\nbreak"), (b"\x1b[31mred", "\x1b[31mred")])
def test_names_that_are_no_plain_text(tree, name, shown):
    tree.file(name)
    assert tree.good() == {shown}
    text = tree.run("files").stdout
    assert "\x1b" not in text and len(text.splitlines()) == 3


def deep(tree, levels, name, leaf):
    """Folders below each other, made step by step because their path is too long for one call."""
    at = os.open(tree.function, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir(name, dir_fd=at)
        below = os.open(name, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    file = os.open(leaf, os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=at)
    os.close(file)
    os.close(at)


def test_a_path_of_4000_characters(tree):
    deep(tree, 16, "n" * 249, "leaf")
    assert tree.good() == {"/".join(["n" * 249] * 16) + "/leaf"}


def test_a_path_that_is_too_long_is_named(tree):
    deep(tree, 17, "n" * 249, "leaf")
    tree.bad(f"{F}/nnnn", "is longer than 4095 bytes")


def test_too_many_levels_are_named(tree):
    deep(tree, 101, "d", "leaf")
    tree.bad(f"{F}/d/d/d", "more than 100 levels deep")


# Links and what is no file.


def test_links_inside_the_project_are_followed(tree):
    tree.file("real/x", "1")
    (tree.root / "lib").mkdir()
    (tree.root / "lib/l.py").write_text("")
    (tree.function / "alias").symlink_to("real")
    (tree.function / "l.py").symlink_to("../../../lib/l.py")
    assert tree.good() == {"real/x", "alias/x", "l.py"}


@pytest.mark.parametrize("name, target, text", [
    ("out", "/etc/hostname", "leads outside"), ("up", "../../../..", "leads outside"),
    ("gone", "nothing", "leads to nothing"), ("self", "self", "leads back to itself"),
    ("ring", ".", "leads back to a folder that it is in"),
])
def test_links_that_cannot_be_followed_name_both_ends(tree, name, target, text):
    (tree.function / name).symlink_to(target)
    found = tree.bad(f"'{F}/{name}' -> '{target}'", text)
    assert found == {"__main__.py": True, name: False}
    tree.file(".ignore", f"{name}\n")
    assert tree.good() == set()


def test_two_links_in_a_circle(tree):
    (tree.function / "a").symlink_to("b")
    (tree.function / "b").symlink_to("a")
    tree.bad(f"'{F}/a' -> 'b'", "leads back to itself")


def test_folders_that_lead_into_each_other(tree):
    tree.file("x/f")
    tree.file("y/f")
    (tree.function / "x/to-y").symlink_to("../y")
    (tree.function / "y/to-x").symlink_to("../x")
    tree.bad("leads back to a folder that it is in")


def test_a_fifo_and_a_socket_are_named_and_never_opened(tree):
    os.mkfifo(tree.function / "pipe")
    with socket.socket(socket.AF_UNIX) as s:
        # The path of a socket has at most 107 bytes; the folder's own may be longer.
        here = os.open(tree.function, os.O_RDONLY)
        s.bind(f"/proc/self/fd/{here}/sock")
        os.close(here)
    found = tree.bad(f"{F}/pipe", "a FIFO, socket or device")
    assert found == {"__main__.py": True, "pipe": False, "sock": False}
    tree.file(".ignore", "pipe\nsock\n")
    assert tree.good() == set()


@pytest.mark.parametrize("name", [".ignore", ".include"])
def test_a_steering_file_that_is_no_file(tree, name):
    os.mkfifo(tree.function / name)
    tree.bad(f"'{F}/{name}' is a FIFO")
    (tree.function / name).unlink()
    (tree.function / name).mkdir()
    tree.bad(f"'{F}/{name}' is a folder")


# Permissions.


def test_an_unreadable_file_is_named(tree):
    tree.file("locked", "x")
    (tree.function / "locked").chmod(0)
    found = tree.bad(f"cannot open '{F}/locked': Permission denied")
    assert found == {"__main__.py": True, "locked": False}
    tree.file(".include", "__main__.py\nlocked\n")
    tree.bad(f"cannot open '{F}/locked': Permission denied")
    tree.file(".include", "__main__.py\n")
    assert tree.good() == set()


def test_an_unreadable_folder_is_named_and_the_rest_told(tree):
    tree.file("locked/x")
    tree.file("z")
    (tree.function / "locked").chmod(0)
    found = tree.bad(f"cannot open the folder '{F}/locked': Permission denied")
    assert found == {"__main__.py": True, "locked/": False, "z": True}
    tree.file(".ignore", "locked/\n")
    assert tree.good() == {"z"}


def test_an_unreadable_function_is_named(tree):
    tree.give_away()
    tree.function.chmod(0)
    done = tree.run("files", owned=True)
    assert done.returncode == 2
    assert F in done.stderr and "Permission denied" in done.stderr


def test_an_unreadable_ignore_is_named(tree):
    tree.file(".ignore", "x\n")
    (tree.function / ".ignore").chmod(0)
    tree.bad(f"{F}/.ignore", "Permission denied")


# Numbers.


def test_empty_folders_vanish(tree):
    (tree.function / "empty/empty").mkdir(parents=True)
    tree.file("d/.ignore")
    assert tree.good() == {"d/.ignore"}


def test_a_function_of_empty_folders_is_named(tree):
    (tree.function / "__main__.py").unlink()
    (tree.function / "empty/empty").mkdir(parents=True)
    assert f"{F}: error: the folder of the function 'f' has no files" in tree.run("check").stdout


def test_50000_files_in_little_memory(tree):
    for i in range(100):
        folder = tree.function / f"node_modules/module-{i}"
        folder.mkdir(parents=True)
        at = os.open(folder, os.O_RDONLY)
        for j in range(500):
            os.close(os.open(f"source-file-{j}.js", os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=at))
        os.close(at)
    tree.file(".ignore", "".join(f"name-{i}\n*.x{i}\n" for i in range(1000)))
    child = subprocess.Popen([tree.program, "files", tree.root], stdout=subprocess.PIPE,
                             env=clean_environment(tree.top / "home"), **tree.user)
    text, peak = read_to_the_end(child, child.stdout)
    child.stdout.close()
    assert child.returncode == 0
    assert sum(1 for line in text.splitlines() if line.startswith(b"  in ")) == 50001
    if "ASAN_OPTIONS" not in os.environ:
        assert 0 < peak < 100 * 1024


def test_a_file_that_changes_all_the_time(tree):
    """Packed as it is at one moment, or named; never an archive that is broken."""
    tree.file("changes")
    tree.give_away()
    stop = threading.Event()

    def churn():
        while not stop.is_set():
            with open(tree.function / "changes", "wb") as f:
                for _ in range(50):
                    f.write(os.urandom(4096))
                    f.flush()

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        with Faulty() as server:
            for _ in range(8):
                done = tree.run("deploy", *server.flags, owned=True)
                if done.returncode != 0:
                    assert re.search(r"'(packages/p/f/)?changes' (grew|shrank|changed) while it was read", done.stderr)
            for request in server.seen("PUT", "actions/p/f"):
                code = base64.b64decode(request.json()["exec"]["code"])
                assert zipfile.ZipFile(io.BytesIO(code)).testzip() is None
    finally:
        stop.set()
        thread.join()

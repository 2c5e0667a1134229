"""What a terminal shows while a deploy runs."""

import os
import pty
import re
import subprocess

from conftest import PROGRAM, TIMEOUT
from faulty import Faulty

HELLO = 'def main(args):\n    return {"body": "hello"}\n'
LIVE = re.compile(r"\r\x1b\[(\d+)A\x1b\[J")


def on_terminal(dofn, *args, env=None):
    """Everything that the program wrote to a terminal, results too."""
    master, terminal = pty.openpty()
    with subprocess.Popen([PROGRAM, *map(str, args)], env={**dofn.env, "TERM": "xterm", **(env or {})},
                          stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal) as process:
        os.close(terminal)
        text = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:
                break
            if not part:
                break
            text += part
        assert process.wait(TIMEOUT) == 0, text
    os.close(master)
    return text.decode().replace("\r\n", "\n")


def screen(text):
    """What is left of it when live lines were taken away."""
    lines = [""]
    for piece in re.split(r"(\r\x1b\[\d+A\x1b\[J|\n)", text):
        move = LIVE.fullmatch(piece)
        if move:
            del lines[len(lines) - 1 - int(move[1]):]
            lines.append("")
        elif piece == "\n":
            lines.append("")
        else:
            lines[-1] += re.sub(r"\x1b\[[\d;]*m", "", piece)
    return lines


def test_a_build_has_a_line_with_its_time_until_it_ends(dofn, project):
    root = project({"packages/bars/a/__main__.py": HELLO, "packages/bars/a/build.sh": "sleep 0.8\n"})
    text = on_terminal(dofn, "deploy", root)
    assert re.search(r"  bars/a: building 0\.[2-9] s\n", text)
    left = screen(text)
    assert not [line for line in left if line.startswith("  bars/a: building")]
    assert [line for line in left if re.match(r"bars/a: built in \d\.\d s", line)]


def test_builds_side_by_side_have_a_line_each(dofn, project):
    files = {}
    for f in "abc":
        files[f"packages/bars2/{f}/__main__.py"] = HELLO
        files[f"packages/bars2/{f}/build.sh"] = f"sleep 0.8  # {f}: equal builds run once\n"
    text = on_terminal(dofn, "deploy", project(files), "--jobs", "3")
    together = re.search(r"(?:  bars2/[abc]: building .* s\n){3}", text)
    assert together and sorted(re.findall(r"bars2/(.):", together[0])) == ["a", "b", "c"]


def test_quiet_and_dumb_terminals_get_no_live_lines(dofn, project):
    root = project({"packages/bars3/a/__main__.py": HELLO, "packages/bars3/a/build.sh": "sleep 0.5  # bars3\n"})
    assert not LIVE.search(on_terminal(dofn, "deploy", root, "--force", "--no-cache", "--quiet"))
    assert not LIVE.search(on_terminal(dofn, "deploy", root, "--force", "--no-cache", env={"TERM": "dumb"}))


def test_a_pipe_gets_plain_lines(dofn, project):
    root = project({"packages/bars4/a/__main__.py": HELLO, "packages/bars4/a/build.sh": "sleep 0.5  # bars4\n"})
    done = dofn("deploy", root)
    assert "\x1b" not in done.stdout + done.stderr
    assert "bars4/a: built in" in done.stderr


def test_a_large_upload_has_a_bar(dofn, project):
    root = project({"packages/bars5/a/__main__.py": HELLO, "packages/bars5/a/data": os.urandom(4 << 20)})
    with Faulty(delay=0.6) as server:
        text = on_terminal(dofn, "deploy", root, *server.flags)
    assert re.search(r"  bars5/a: uploading \[#+-*\] \d\.\d of 4\.2 MB\n", text)
    assert not [line for line in screen(text) if "[#" in line]

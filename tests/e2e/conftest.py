"""Fixtures of the end-to-end tests.

Every test session has folders of its own for configuration, data and caches, no
credentials and no CI in its environment, and a local platform on a free port.
DOFN names the program under test.
"""

import json
import os
import pathlib
import random
import re
import shutil
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request

import pytest

PROGRAM = os.environ.get("DOFN", str(pathlib.Path(__file__).parents[2] / "build" / "dofn"))
TIMEOUT = 60  # seconds; nothing that is tested takes so long


def clean_environment(home):
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CACHE_HOME": str(home / "cache"),
    }
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "PYENV_ROOT", "PYENV_VERSION"):
        if name in os.environ:
            env[name] = os.environ[name]
    return env


def free_port():
    """Below the range of outgoing connections: one of those, or a client that connects to
    itself while a server is away, could take the port before the server is back."""
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def read_to_the_end(process, stream):
    """All of the stream, and the most memory that the process had until its end, in KiB.

    Not what wait4() tells: that counts the test's own memory, which a child has until its exec.
    """
    text, peak = [], 0
    reader = threading.Thread(target=lambda: text.append(stream.read()))
    reader.start()
    while reader.is_alive():
        found = re.search(r"VmHWM:\s*(\d+)", pathlib.Path(f"/proc/{process.pid}/status").read_text())
        peak = int(found[1]) if found else peak
        reader.join(0.02)
    process.wait()
    return text[0], peak


class Dofn:
    """Runs the program: dofn("deploy", path) gives the CompletedProcess, text decoded."""

    def __init__(self, env):
        self.env = env

    def __call__(self, *args, check=True, cwd=None, env=None, input=None, timeout=TIMEOUT):
        result = subprocess.run(
            [PROGRAM, *map(str, args)],
            env={**self.env, **(env or {})},
            cwd=cwd,
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            timeout=timeout,
            check=False,
        )
        if check and result.returncode != 0:
            pytest.fail(f"dofn {' '.join(map(str, args))}: status {result.returncode}\n"
                        f"{result.stdout}\n{result.stderr}")
        return result

    def json(self, *args, **kw):
        return json.loads(self(*args, "-o", "json", **kw).stdout)

    def start(self, *args, **kw):
        """A running program with pipes, for commands that do not end by themselves."""
        return subprocess.Popen([PROGRAM, *map(str, args)], env=self.env, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, **kw)


@pytest.fixture
def home(tmp_path):
    """A home of its own for tests about connections and fresh starts."""
    path = tmp_path / "home"
    path.mkdir()
    return path


@pytest.fixture
def fresh(home):
    """The program with nothing connected and no platform running; one it starts is stopped."""
    program = Dofn(clean_environment(home))
    yield program
    program("local", "stop", check=False)


class Platform:
    """The session's local platform."""

    def __init__(self, program):
        status = program.json("local", "status")
        self.dofn = program
        self.pid = status["pid"]
        self.apihost = status["apihost"]
        self.namespace = status["namespace"]
        self.data = pathlib.Path(status["data"])
        self.auth = (self.data / "key").read_text().strip()

    def web(self, function):
        """URL of a web function: web("pkg/fn")."""
        path = function if "/" in function else f"default/{function}"
        return f"{self.apihost}/api/v1/web/{self.namespace}/{path}"


@pytest.fixture(scope="session")
def platform(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    program = Dofn(clean_environment(home))
    program("local", "start", "--port", free_port())
    program("connect", "local")
    yield Platform(program)
    program("local", "stop")


@pytest.fixture
def dofn(platform):
    """The program, connected to the session's platform."""
    return platform.dofn


@pytest.fixture
def project(tmp_path):
    """project({"packages/p/f.py": "..."}) makes the files and returns the folder."""

    def make(files, name="project"):
        root = tmp_path / name
        root.mkdir(exist_ok=True)
        for path, text in files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(text, bytes):
                file.write_bytes(text)
            else:
                file.write_text(text)
        return root

    return make


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


@pytest.fixture
def http():
    """http("GET", url, body=None, headers={}) without following redirects; any status is an answer."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)

    def call(method, url, body=None, headers=None):
        if isinstance(body, str):
            body = body.encode()
        request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
        try:
            with opener.open(request, timeout=TIMEOUT) as response:
                return Answer(response)
        except urllib.error.HTTPError as e:
            with e:
                return Answer(e)

    return call


def pytest_configure(config):
    if not os.access(PROGRAM, os.X_OK):
        sys.exit(f"{PROGRAM} is not there: run 'make' first, or set DOFN")
    if not shutil.which("python3"):
        sys.exit("python3 is not in PATH")

"""Remote builds: from slices to live functions, on the local platform and on the wire."""

import contextlib
import io
import json
import os
import re
import struct
import signal
import subprocess
import time
import zipfile

import pytest
from conftest import Dofn, clean_environment, free_port
from faulty import Faulty, answer, error, reset
from wheels import make_wheel

MAIN = "import greet\n\ndef main(event):\n    return {'body': greet.hello(event.get('name', 'you'))}\n"
GREET = "def hello(name):\n    return 'hello ' + name\n"
F = "packages/p/f/"
CONFIG = "packages: [{name: p, functions: [{name: f, runtime: 'python:3.11'}]}]\n"


@pytest.fixture
def requirements(tmp_path):
    make_wheel(tmp_path / "wheels", "greet", "1.0", {"greet.py": GREET})
    return f"--no-index\n--find-links {tmp_path / 'wheels'}\ngreet\n"


@pytest.fixture
def hasty(home):
    """A platform of its own on which a build may take a second."""
    program = Dofn({**clean_environment(home), "DOFN_LOCAL_BUILD_LIMIT": "1000"})
    program("local", "start", "--port", free_port())
    yield program
    program("local", "stop")


def builds(platform):
    """Folders of builds that are still there, when none runs."""
    return os.listdir(platform.data / "builds")


def wait_for(condition):
    for _ in range(200):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail("it did not come to pass")


# On the local platform.


def test_requirements_are_installed_there_and_imported(dofn, platform, http, project, requirements):
    root = project({F + "__main__.py": MAIN, F + "requirements.txt": requirements,
                    "project.yml": CONFIG}, "first")
    story = dofn("deploy", root, "--remote-build", "--verbose-build").stderr
    assert "p/f  create, built remotely" in story or "p/f  update, built remotely" in story
    assert re.search(r"p/f: uploading [\d.]+ kB to be built remotely", story)
    assert "p/f: building remotely, for at most 120 s" in story
    assert "p/f | Successfully installed greet-1.0" in story
    assert not (root / F / "virtualenv").exists()
    assert http("GET", platform.web("p/f") + "?name=Sam").body == b"hello Sam"
    wait_for(lambda: builds(platform) == [])


def test_what_did_not_change_is_not_built_again(dofn, project, requirements):
    root = project({"packages/q/f/__main__.py": MAIN, "packages/q/f/requirements.txt": requirements})
    dofn("deploy", root, "--remote-build")
    again = dofn("deploy", root, "--remote-build").stderr
    assert "uploading" not in again and "= 1 unchanged" in again
    (root / "packages/q/f/__main__.py").write_text(MAIN + "# changed\n")
    assert "q/f  update, built remotely: code" in dofn("deploy", root, "--remote-build", "--dry-run").stdout
    # What a build here leaves in the folder is nothing that a slice has.
    dofn("deploy", root)
    (root / "packages/q/f/__main__.py").write_text(MAIN)
    assert (root / "packages/q/f/virtualenv").is_dir()
    dofn("deploy", root, "--remote-build")
    (root / "packages/q/f/virtualenv/new").write_text("x")
    assert "= 1 unchanged" in dofn("deploy", root, "--remote-build").stderr


def test_change_of_values_alone_needs_no_build(dofn, platform, http, project):
    config = "packages: [{{name: w, functions: [{{name: f, runtime: 'python:3.11', environment: {{E: {}}}, limits: {{timeout: {}}}}}]}}]\n"
    root = project({"packages/w/f/__main__.py": "import os\n\ndef main(event):\n    return {'body': os.environ['E']}\n",
                    "packages/w/f/build.sh": "true\n", "project.yml": config.format("one", 1000)})
    dofn("deploy", root, "--remote-build")
    (root / "project.yml").write_text(config.format("two", 2000))
    story = dofn("deploy", root, "--remote-build").stderr
    assert re.search(r"~ w/f  update: (limits, variables|variables, limits) \(~E\)", story), story
    assert "uploading" not in story and http("GET", platform.web("w/f")).body == b"two"
    assert dofn.json("functions", "get", "w/f")["limits"]["timeout"] == 2000
    assert "= 1 unchanged" in dofn("deploy", root, "--remote-build").stderr
    (root / "project.yml").write_text(config.format("three", 2000).replace("3.11", "3.9"))
    assert "w/f  update, built remotely" in dofn("deploy", root, "--remote-build", "--dry-run").stdout


def test_a_script_runs_there_with_lib_and_the_build_environment(dofn, platform, http, project, tmp_path):
    root = project({
        "packages/r/f/__main__.py": "from words import WORDS\n\ndef main(event):\n    return {'body': WORDS}\n",
        "packages/r/f/build.sh": "cp ../../../lib/words.py .\nprintf 'WORDS += \"%s\"\\n' \"$SUFFIX\" >> words.py\n"
                                 "test ! -e ../../../project.yml\n",
        "lib/words.py": "WORDS = 'from lib'\n"})
    (tmp_path / "build.env").write_text("SUFFIX=!\n")
    dofn("deploy", root, "--remote-build", "--build-env", tmp_path / "build.env")
    assert http("GET", platform.web("r/f")).body == b"from lib!"
    assert not (root / "packages/r/f/words.py").exists()


def test_values_and_limits_arrive_as_they_are(dofn, platform, project, requirements):
    root = project({
        "packages/v/f/__main__.py": "import os\n\ndef main(event):\n    return {'body': [os.environ['E'], event['q']]}\n",
        "packages/v/f/build.sh": "true\n",
        "packages/default/d/__main__.py": "import os\n\ndef main(event):\n    return {'body': [os.environ['TOP'], event['t']]}\n",
        "packages/default/d/build.sh": "true\n",
        "project.yml": "environment: {TOP: top}\nparameters: {t: 1.50}\n"
                       "packages:\n- name: v\n  functions:\n"
                       "  - name: f\n    runtime: python:3.11\n    web: raw\n    webSecure: s3cret\n"
                       "    limits: {timeout: 5000, memory: 128}\n    annotations: {note: 'a $ b'}\n"
                       "    parameters: {q: '$(A B) $' }\n    environment: {E: 'x${|y'}\n"
                       .replace("'$(A B) $'", "'1 $ 2'").replace("'x${|y'", "'x$y'")})
    dofn("deploy", root, "--remote-build")
    assert json.loads(dofn("functions", "invoke", "v/f").stdout)["body"] == ["x$y", "1 $ 2"]
    assert json.loads(dofn("functions", "invoke", "d").stdout)["body"] == ["top", 1.5]
    live = dofn.json("functions", "get", "v/f")
    annotations = {a["key"]: a["value"] for a in live["annotations"]}
    assert live["limits"]["timeout"] == 5000 and live["limits"]["memory"] == 128
    assert annotations["note"] == "a $ b" and annotations["raw-http"] is True
    assert annotations["require-whisk-auth"] == "s3cret" and "newSliceHandling" not in annotations["deployer"]


def test_key_of_one_function_decides(dofn, project):
    root = project({
        "packages/k/there/__main__.py": "def main():\n    return {}\n", "packages/k/there/build.sh": "true\n",
        "packages/k/here/__main__.py": "def main():\n    return {}\n", "packages/k/here/build.sh": "true\n",
        "packages/k/plain.py": "def main():\n    return {}\n",
        "project.yml": "packages:\n- name: k\n  functions:\n  - {name: there, remoteBuild: true}\n"
                       "  - {name: here, localBuild: true}\n  - {name: plain, remoteBuild: true}\n"})
    for flags in ([], ["--remote-build"]):
        plan = dofn("deploy", root, "--dry-run", *flags).stdout
        assert "k/there  create, built remotely" in plan
        assert re.search("k/here  create$", plan, re.M) and re.search("k/plain  create$", plan, re.M)


def test_failing_build_shows_its_end_and_changes_nothing(dofn, http, platform, project):
    code = "def main(event):\n    return {'body': 'one'}\n"
    root = project({"packages/x/f/__main__.py": code, "packages/x/f/build.sh": "true\n"})
    dofn("deploy", root, "--remote-build")
    (root / "packages/x/f/__main__.py").write_text(code.replace("one", "two"))
    (root / "packages/x/f/build.sh").write_text("seq 1 300\necho the reason >&2\nexit 7\n")
    failed = dofn("deploy", root, "--remote-build", check=False)
    assert failed.returncode == 1
    assert "x/f: the remote build failed: 'packages/x/f/build.sh' exited with code 7" in failed.stderr
    assert "x/f | 300\n" in failed.stderr and "x/f | the reason\n" in failed.stderr
    assert "x/f | 1\n" not in failed.stderr
    assert http("GET", platform.web("x/f")).body == b"one"
    newest = dofn.json("activations", "list", "builder/build_python_3.11", "--limit", "1")[0]
    logs = dofn("activations", "logs", newest["activationId"]).stdout
    assert "the reason" in logs


def test_build_over_the_limit_is_ended_with_all_it_started(hasty, project, tmp_path):
    mark = tmp_path / "mark"
    root = project({"packages/p/f/__main__.py": "def main():\n    return {}\n",
                    "packages/p/f/build.sh": f"echo begun\n(sleep 30; touch {mark}) &\necho $! > {mark}.pid\nsleep 30\n"})
    start = time.monotonic()
    failed = hasty("deploy", root, "--remote-build", check=False)
    assert failed.returncode == 1 and time.monotonic() - start < 20
    assert "the build took longer than 1000 ms, the limit of remote builds" in failed.stderr
    assert "p/f | begun" in failed.stderr
    pid = int((tmp_path / "mark.pid").read_text())
    wait_for(lambda: not os.path.exists(f"/proc/{pid}") or "zombie" in open(f"/proc/{pid}/status").read())
    record = hasty.json("activations", "list", "builder/build_python_3.11", "--limit", "1")[0]
    assert {"key": "timeout", "value": True} in record["annotations"]


def test_stop_of_the_platform_ends_a_build(fresh, project, tmp_path):
    mark = tmp_path / "begun"
    root = project({"packages/p/f/__main__.py": "def main():\n    return {}\n",
                    "packages/p/f/build.sh": f"touch {mark}\nsleep 60\n"})
    fresh("local", "start", "--port", free_port())
    running = fresh.start("deploy", root, "--remote-build")
    wait_for(mark.exists)
    start = time.monotonic()
    fresh("local", "stop")
    assert time.monotonic() - start < 20
    running.kill()
    running.communicate()


def test_interruption_leaves_the_build_and_says_so(dofn, project, tmp_path):
    mark, go = tmp_path / "begun", tmp_path / "go"
    root = project({"packages/i/f/__main__.py": "def main(event):\n    return {'body': 'late'}\n",
                    "packages/i/f/build.sh": f"touch {mark}\nuntil test -e {go}; do sleep 0.05; done\n"})
    running = dofn.start("deploy", root, "--remote-build")
    wait_for(mark.exists)
    running.send_signal(signal.SIGINT)
    _, story = running.communicate(timeout=20)
    go.touch()
    assert running.returncode == -signal.SIGINT
    hint = re.search(r"its remote build goes on: 'dofn activations get (\w{32})' shows the result", story)
    assert hint
    wait_for(lambda: dofn("activations", "get", hint[1], check=False).returncode == 0)
    # It is live, but nobody noted what it was made of: the next deploy makes sure.
    assert "i/f  update, built remotely" in dofn("deploy", root, "--remote-build").stderr
    assert "= 1 unchanged" in dofn("deploy", root, "--remote-build").stderr


def test_other_languages_have_no_builder_yet(dofn, project):
    root = project({"packages/g/f.go": "package main\n\nfunc Main() {}\n"})
    failed = dofn("deploy", root, check=False)
    assert failed.returncode == 1
    assert "runs Python functions only" in failed.stderr and "go:" in failed.stderr


# Slices that no client of ours makes.


class Builder:
    def __init__(self, platform, http):
        self.platform, self.http, self.pair = platform, http, tuple(platform.auth.split(":"))

    def begin(self, name, body, namespace="nimbella"):
        import base64
        headers = {"Authorization": "Basic " + base64.b64encode(self.platform.auth.encode()).decode(),
                   "Content-Type": "application/json"}
        url = f"{self.platform.apihost}/api/v1/namespaces/{namespace}/actions/builder/{name}"
        return self.http("POST", url, json.dumps(body), headers)

    def record(self, name, body):
        import base64
        id = self.begin(name, body).json()["activationId"]
        headers = {"Authorization": "Basic " + base64.b64encode(self.platform.auth.encode()).decode()}
        url = f"{self.platform.apihost}/api/v1/namespaces/_/activations/{id}"
        for _ in range(200):
            got = self.http("GET", url, headers=headers)
            if got.status == 200:
                return got.json()["response"]
            assert got.status == 404
            time.sleep(0.05)
        pytest.fail("no record")

    def upload(self, data):
        result = self.record("getUploadUrl", {"action": "p_f"})["result"]
        return result, self.http("PUT", result["url"], data)

    def build(self, data, key="0" * 64):
        result, put = self.upload(data)
        assert put.status == 200
        return self.record("build_python_3.11", {"toBuild": result["sliceName"], "encryptionKey": key})


@pytest.fixture
def builder(platform, http):
    return Builder(platform, http)


def zipped(files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in files.items():
            z.writestr(name, text)
    return data.getvalue()


KEY = bytes(range(32)).hex()


def encrypted(text, key=KEY):
    run = subprocess.run(["openssl", "enc", "-aes-256-cbc", "-K", key, "-iv", "0" * 32],
                         input=text.encode(), stdout=subprocess.PIPE, check=True)
    return run.stdout.hex()


def decrypted(hex, key):
    run = subprocess.run(["openssl", "enc", "-d", "-aes-256-cbc", "-K", key, "-iv", "0" * 32],
                         input=bytes.fromhex(hex), stdout=subprocess.PIPE, check=True)
    return run.stdout.decode()


def test_slice_of_the_existing_deployer_is_built(builder, platform, http):
    """As that one writes its project.yml: block style, package values, an empty main."""
    text = f"""parameters: {{}}
environment: {{}}
credentials:
  namespace: {platform.namespace}
  ow:
    apihost: 'http://unreachable.invalid'
    api_key: '{platform.auth}'
  do_token: secret
flags:
  remoteBuild: false
deployerAnnotation:
  user: root
  projectPath: /x
  digest: 3cc4c19b
  newSliceHandling: true
slice: true
packages:
  - name: default
    actions:
      - name: sliced
        runtime: 'python:default'
        main: ''
        web: true
        parameters: {{}}
        environment: {{}}
    shared: false
    environment: {{}}
    parameters: {{}}
    deployedDuringBuild: false
"""
    code = "def main(event):\n    return {'body': 'sliced'}\n"
    response = builder.build(zipped({"packages/default/sliced/__main__.py": code,
                                     "packages/default/sliced/build.sh": "echo hi\n",
                                     "project.yml": encrypted(text)}), KEY)
    assert response["success"], response
    assert response["result"]["outcome"]["successes"] == [{"name": "sliced", "kind": "action", "skipped": False}]
    assert "hi" in response["result"]["transcript"]
    assert http("GET", platform.web("sliced")).body == b"sliced"


def claiming(size, data):
    """An archive whose headers say that its first file has so many bytes."""
    honest = len(next(iter(data.values())))
    return zipped(data).replace(struct.pack("<I", honest), struct.pack("<I", size))


HEAD = "slice: true\ncredentials: {namespace: n, ow: {api_key: 'a:b'}}\n"
HOSTILE = {
    "no archive": (lambda: b"no zip", KEY, "cannot be unpacked"),
    "above its folder": (lambda: zipped({"../x": "1", "project.yml": "00"}), KEY, "cannot be unpacked"),
    "absolute": (lambda: zipped({"/etc/x": "1", "project.yml": "00"}), KEY, "cannot be unpacked"),
    "no project.yml": (lambda: zipped({"packages/p/f/x.py": "1"}), KEY, "has no 'project.yml'"),
    "in the clear": (lambda: zipped({"project.yml": "packages: []"}), KEY, "is not encrypted with the key"),
    "another key": (lambda: zipped({"project.yml": encrypted("slice: true\n")}), KEY[::-1], "is not encrypted with the key"),
    "no credentials": (lambda: zipped({"project.yml": encrypted("slice: true\n")}), KEY, "has no credentials"),
    "no YAML": (lambda: zipped({"project.yml": encrypted("a: [\n")}), KEY, "cannot be read"),
    "endless YAML": (lambda: zipped({"project.yml": encrypted("a: &a [*a]\n")}), KEY, "cannot be read"),
    "no package": (lambda: zipped({"project.yml": encrypted(HEAD + "packages: []\n")}), KEY, "not exactly one package"),
    "no folder": (lambda: zipped({"project.yml": encrypted(HEAD + "packages: [{name: p, actions: [{name: f}]}]\n")}),
                  KEY, "packages"),
    "a bomb": (lambda: claiming(600 << 20, {"big": b"\0" * 60000, "project.yml": "00"}), KEY, "cannot be unpacked"),
}


@pytest.mark.parametrize("make, key, why", HOSTILE.values(), ids=HOSTILE)
def test_hostile_slice_is_refused_with_a_reason(builder, platform, make, key, why):
    response = builder.build(make(), key)
    assert not response["success"] and why in response["result"]["error"], response
    wait_for(lambda: builds(platform) == [])


def test_slice_with_other_credentials_deploys_nothing(builder, platform):
    text = ("slice: true\ncredentials: {namespace: n, ow: {api_key: 'wrong:key'}}\n"
            "packages: [{name: default, actions: [{name: stolen, runtime: 'python:3.11'}]}]\n")
    response = builder.build(zipped({"packages/default/stolen.py": "def main():\n    return {}\n",
                                     "project.yml": encrypted(text)}), KEY)
    assert response["success"] and not response["result"]["outcome"]["successes"]
    assert "401" in response["result"]["outcome"]["failures"][0]["message"]


def test_address_takes_one_slice_and_a_slice_one_build(builder, http, platform):
    result, put = builder.upload(b"x")
    assert put.status == 200
    assert http("PUT", result["url"], b"y").status == 409
    assert http("GET", result["url"]).status == 405
    body = {"toBuild": result["sliceName"], "encryptionKey": KEY}
    assert "cannot be unpacked" in builder.record("build_python_3.11", body)["result"]["error"]
    assert "no slice" in builder.record("build_python_3.11", body)["result"]["error"]
    other = result["url"][:-64] + "0" * 64
    assert http("PUT", other, b"y").status == 404
    assert http("PUT", f"{platform.apihost}/.dofn/upload/../upload/x", b"y").status == 404
    assert "64 digits" in builder.record("build_python_3.11", {**body, "encryptionKey": "short"})["result"]["error"]


def test_slice_over_the_ceiling_is_refused(builder, http):
    result = builder.record("getUploadUrl", {"action": "p_f"})["result"]
    with contextlib.suppress(OSError):
        assert http("PUT", result["url"], b"\0" * ((64 << 20) + 1)).status == 413


def test_builder_has_these_functions_only(builder, http, platform):
    assert builder.begin("getUploadUrl", {}).status == 400
    for name in ("build_python_9.9", "build_python", "build_python_default", "build_", "x", "build_cobol_1"):
        assert builder.begin(name, {}).status == 404, name
    assert builder.begin("getUploadUrl", {}, namespace="other").status == 403
    url = f"{platform.apihost}/api/v1/namespaces/nimbella/actions/builder/getUploadUrl"
    assert http("POST", url, "{}").status == 401


# On the wire, against functions.md 3.6.


class Remote(Faulty):
    """A platform with a builder that answers as it is told."""

    RESULT = {"transcript": ["line one", "line two"],
              "outcome": {"successes": [{"name": "p/f", "kind": "action", "skipped": False}], "failures": []}}

    def __init__(self, build=None):
        super().__init__()
        begin = "namespaces/nimbella/actions/builder/"
        self.fault("POST", begin + "getUploadUrl", answer(202, {"activationId": "a" * 32}))
        self.fault("POST", begin + "build_.*", answer(202, {"activationId": "b" * 32}))
        self.fault("GET", "activations/a{32}", self.done({"url": self.url + "/bucket/slice?sig=1", "sliceName": "the-slice"}))
        self.fault("GET", "activations/b{32}", build or self.done(self.RESULT))
        self.fault("PUT", "/bucket/slice", answer(200))
        # the builder has written it once before
        self.fault("PUT", "actions/p/f", answer(200, {"name": "f", "namespace": "ns/p", "version": "0.0.2"}))

    @staticmethod
    def done(result, success=True):
        return answer(200, {"end": 1, "response": {"status": "x", "success": success, "result": result}})

    def first(self, *fault):
        self.fault(*fault)
        self.faults.insert(0, self.faults.pop())

    def slice(self):
        put, = self.seen("PUT", "/bucket/slice")
        body = self.seen("POST", ".*build_.*")[0].json()
        with zipfile.ZipFile(io.BytesIO(put.body)) as z:
            files = {i.filename: (z.read(i).decode(), i.external_attr >> 16 & 0o777) for i in z.infolist()}
        config = decrypted(files.pop("project.yml")[0], body["encryptionKey"])
        return files, json.loads(config)


FOLDER = {F + "__main__.py": "def main():\n    return {}\n", F + "build.sh": "true\n"}


def test_requests_are_those_of_the_protocol(fresh, project):
    root = project({
        **FOLDER, F + ".env": "A=1\n", F + ".ignore": "*.log\nrequirements.txt\n", F + "x.log": "x", F + "requirements.txt": "y\n",
        "lib/a.py": "A = 1\n",
        "project.yml": "environment: {ALL: e}\nparameters: {all: 1}\npackages:\n- name: p\n  parameters: {pp: 2}\n"
                       "  functions:\n  - name: f\n    runtime: python:3.11\n    main: start\n    web: raw\n    webSecure: s\n"
                       "    parameters: {q: '$x'}\n    environment: {E: v}\n    annotations: {n: 1}\n"
                       "    limits: {timeout: 1000}\n"
                       "    triggers: []\n  - {name: g, environment: {SECRET: other}}\n",
        "packages/p/g.py": "def main():\n    return {}\n"})
    os.chmod(root / F / "build.sh", 0o755)
    with Remote() as server:
        fresh("deploy", root, *server.flags, "--remote-build")
        calls = [(r.method, r.path) for r in server.requests if r.method != "GET" or "activations" in r.path]
        files, config = server.slice()
    assert [c for c in calls if c[1] != "actions/p/g"] == [
        ("PUT", "packages/p"),
        ("POST", "namespaces/nimbella/actions/builder/getUploadUrl"), ("GET", "activations/" + "a" * 32),
        ("PUT", "/bucket/slice"),
        ("POST", "namespaces/nimbella/actions/builder/build_python_3.11"), ("GET", "activations/" + "b" * 32),
        ("PUT", "actions/p/f")]
    url, build = server.seen("POST")
    assert url.json() == {"action": "p_f"} and url.auth == build.auth == "user:password"
    assert build.json().keys() == {"toBuild", "encryptionKey"} and build.json()["toBuild"] == "the-slice"
    assert re.fullmatch("[0-9a-f]{64}", build.json()["encryptionKey"])
    put, = server.seen("PUT", "/bucket/slice")
    assert "authorization" not in put.headers and put.query == {"sig": "1"}
    assert put.headers["content-type"] == "application/x-www-form-urlencoded"
    assert files == {
        F + "__main__.py": (FOLDER[F + "__main__.py"], 0o644), F + "build.sh": ("true\n", 0o755),
        F + ".ignore": ("*.log\nrequirements.txt\n", 0o644), F + "requirements.txt": ("y\n", 0o644),
        "lib/a.py": ("A = 1\n", 0o644)}
    assert config == {
        "parameters": {}, "environment": {},
        "credentials": {"namespace": "ns", "ow": {"apihost": server.url, "api_key": "user:password"}},
        "flags": {"remoteBuild": False}, "deployerAnnotation": {"newSliceHandling": True}, "slice": True,
        "packages": [{"name": "p", "shared": False, "parameters": {}, "environment": {}, "deployedDuringBuild": False,
                      "actions": [{"name": "f", "runtime": "python:3.11", "main": "start", "web": "raw", "webSecure": "s",
                                   "annotations": {"n": 1}, "parameters": {"q": "$x"}, "environment": {"E": "v"},
                                   "limits": {"timeout": 1000}}]}]}
    noted, = server.seen("PUT", "actions/p/f")
    assert "exec" not in noted.json() and noted.json()["limits"] == {"timeout": 1000}
    assert noted.json()["parameters"] == [{"key": "q", "value": "$x"}, {"key": "E", "value": "v", "init": True}]
    annotations = {a["key"]: a["value"] for a in noted.json()["annotations"]}
    assert re.fullmatch("[0-9a-f]{64}", annotations["deployer"]["digest"]) and annotations["n"] == 1


def test_slices_of_go_have_the_builders_own_script(fresh, project):
    root = project({"packages/p/f.go": "package main\n", "packages/p/m/go.mod": "module m\n", "packages/p/m/m.go": "package main\n",
                    "project.yml": "packages: [{name: p, functions: [{name: m, main: Start, runtime: 'go:1.20'}]}]\n"})
    slices = {}
    for name in ("f", "m"):
        with Remote() as server:
            server.first("GET", "", answer(200, {"runtimes": {"go": [{"kind": "go:1.20", "default": True}]}}))
            fresh("deploy", root, *server.flags, "--include", "p/" + name)
            slices[name] = server.slice()
            assert server.seen("POST")[1].path.endswith("/build_go_1.20")
    script = "#!/bin/bash\nset -e\n/bin/defaultBuild {}\n"
    assert slices["f"][0] == {"packages/p/f/f.go": ("package main\n", 0o644),
                              "packages/p/f/build.sh": (script.format("Main"), 0o755)}
    assert slices["f"][1]["packages"][0]["actions"][0]["runtime"] == "go:default"
    assert slices["m"][0] == {"packages/p/m/go.mod": ("module m\n", 0o644), "packages/p/m/m.go": ("package main\n", 0o644),
                              "packages/p/m/build.sh": (script.format("Start"), 0o755)}


def test_secret_stops_the_deploy_before_anything_is_sent(fresh, project):
    root = project({**FOLDER, F + "id_rsa": "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n"})
    with Remote() as server:
        failed = fresh("deploy", root, *server.flags, "--remote-build", check=False)
        assert failed.returncode != 0 and "would go to the remote builder" in failed.stderr
        assert not server.seen("PUT") and not server.seen("POST")


NIMBELLA = "namespaces/nimbella/actions/builder/"


@pytest.mark.parametrize("fault, why, builds", [
    (("POST", NIMBELLA + "getUploadUrl", error(404, "no such resource")), "has no builder for 'python:3.11'", 0),
    (("POST", NIMBELLA + "getUploadUrl", error(403, "not yours")), "has no builder for 'python:3.11'", 0),
    (("POST", NIMBELLA + "getUploadUrl", error(503, "busy")), "503", 0),
    (("POST", NIMBELLA + "getUploadUrl", answer(202, {})), "no 'activationId'", 0),
    (("POST", NIMBELLA + "getUploadUrl", answer(202, {"activationId": "../x"})), "bad 'activationId'", 0),
    (("GET", "activations/a{32}", Remote.done({"error": "Error: Error: no space"}, False)), "no space", 0),
    (("GET", "activations/a{32}", Remote.done({"error": {"message": "deep"}}, False)), "deep", 0),
    (("GET", "activations/a{32}", Remote.done({"url": 5})), "no 'url' and 'sliceName'", 0),
    (("GET", "activations/a{32}", Remote.done({"url": "ftp://x/y", "sliceName": "s"})), "uploading", 0),
    (("GET", "activations/a{32}", error(401, "who?")), "401", 0),
    (("PUT", "/bucket/slice", answer(403, b"<Error>Request has expired</Error>")), "403: <Error>Request has expired", 0),
    (("PUT", "/bucket/slice", answer(204, b"")), "answered 204", 0),
    (("POST", NIMBELLA + "build_.*", error(404, "no such resource")), "has no builder for 'python:3.11'", 1),
    (("POST", NIMBELLA + "build_.*", error(500, "oops")), "500", 1),
    (("POST", NIMBELLA + "build_.*", reset), "remote build", 1),
    (("GET", "activations/b{32}", Remote.done({"error": "Error: it broke"}, False)), "failed: it broke", 1),
    (("GET", "activations/b{32}", Remote.done({"outcome": {"failures": [{"message": "bad\nOutput:\nmore"}]}})), "failed: bad\n", 1),
    (("GET", "activations/b{32}", Remote.done({"outcome": {"successes": []}})), "does not say that it deployed", 1),
    (("GET", "activations/b{32}", Remote.done("text")), "does not say that it deployed", 1),
    (("GET", "activations/b{32}", Remote.done(None, False)), "without a result", 1),
    (("PUT", "actions/p/f", error(409, "conflict")), "could not be noted", 1),
])
def test_failure_on_the_way_is_told_and_no_build_begun_twice(fresh, project, fault, why, builds):
    root = project(FOLDER | {"project.yml": CONFIG})
    with Remote() as server:
        server.first(*fault)
        failed = fresh("deploy", root, *server.flags, "--remote-build", check=False)
        assert failed.returncode == 1 and "1 of 1 functions failed" in failed.stderr
        assert why in failed.stderr, failed.stderr
        assert len(server.seen("POST", NIMBELLA + "build_.*")) == builds


@pytest.mark.parametrize("fault", [
    ("GET", "activations/a{32}", error(404, "not yet"), 2),
    ("GET", "activations/b{32}", error(404, "not yet"), 2),
    ("GET", "activations/b{32}", answer(200, {"start": 1}), 1),
    ("GET", "activations/b{32}", answer(200, b"no json"), 2),
    ("GET", "activations/b{32}", error(400, "hiccup"), 3),
    ("PUT", "/bucket/slice", reset, 1),
    ("PUT", "/bucket/slice", answer(500, b"try again"), 1),
    ("GET", "activations/b{32}", reset, 1),
])
def test_what_passes_by_itself_is_waited_for(fresh, project, fault):
    root = project(FOLDER | {"project.yml": CONFIG})
    with Remote() as server:
        server.first(*fault)
        story = fresh("deploy", root, *server.flags, "--remote-build", "--verbose-build").stderr
        assert "p/f | line one" in story and "p/f: deployed" in story
        assert len(server.seen("POST")) == 2


def test_several_are_built_at_once_and_no_more(fresh, project):
    files = {f"packages/p/f{i}/{name}": text for i in range(9)
             for name, text in (("__main__.py", "def main():\n    return {}\n"), ("build.sh", "true\n"))}
    with Remote(build=error(404, "not yet")) as server:
        running = fresh.start("deploy", project(files), *server.flags, "--remote-build")
        wait_for(lambda: len(server.seen("POST", NIMBELLA + "build_.*")) == 4)
        wait_for(lambda: len(server.seen("GET", "activations/b{32}")) >= 8)
        assert len(server.seen("POST", NIMBELLA + "build_.*")) == 4
        server.first("GET", "activations/b{32}", Remote.done(Remote.RESULT))
        _, story = running.communicate(timeout=30)
        assert running.returncode == 0 and len(server.seen("POST", NIMBELLA + "build_.*")) == 9
        assert story.count(": deployed, version") == 9


def test_events_tell_the_steps(fresh, project):
    root = project(FOLDER | {"project.yml": CONFIG})
    with Remote() as server:
        lines = fresh("deploy", root, *server.flags, "--remote-build", "-o", "json").stdout.splitlines()
    events = [json.loads(line) for line in lines if line.startswith('{"event"')]
    steps = [e for e in events if e["event"] == "remote"]
    assert [s["step"] for s in steps] == ["uploading", "building"]
    assert steps[0]["bytes"] > 100 and steps[1]["limit_ms"] == 120000 and steps[1]["activation"] == "b" * 32
    plan, = [e for e in events if e["event"] == "plan" and "function" in e]
    assert plan["remote"] is True
    assert [e["text"] for e in events if e["event"] == "build_line"] == ["line one", "line two"]

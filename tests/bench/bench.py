"""Speed of dofn, as figures of one run beside a yardstick measured in the same run.

Prints one row a subject: what was measured, the yardstick, their ratio, and the
bound that the project sets itself.  Asserts nothing about time: a loaded machine
is no failure.  Uses folders of its own and loopback; only cold starts with
packages need the package index, and their row says when it is out of reach.
"""

import base64
import http.client
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

DOFN = os.environ["DOFN"]
ROUNDS = 60
CALLS = 3000
DEPLOYS = 5
FILES = 5000
FAR_DEPLOYS = 3
SAVES = 20
COLD_STARTS = 5
COLD_PACKAGES = ["boto3", "requests", "flask", "sqlalchemy", "beautifulsoup4"]
COLD_IMPORTS = ["boto3", "requests", "flask", "sqlalchemy", "bs4"]


def environment(home):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("DOFN_", "DIGITALOCEAN_"))}
    env.pop("CI", None)
    env.update({f"XDG_{k}_HOME": os.path.join(home, k.lower()) for k in ("CONFIG", "DATA", "CACHE")})
    return env


def run(env, *args):
    return subprocess.run([DOFN, *args], env=env, check=True, capture_output=True, text=True).stdout


def milliseconds(command, env=None):
    start = time.perf_counter()
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - start) * 1000


def row(subject, figure, yardstick, ratio, bound):
    print(f"{subject:38} {figure:>22} {yardstick:>34} {ratio:>8} {bound:>22}")


def start_up():
    """Alternating, so that both see the same machine."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(milliseconds([DOFN, "version"]))
        theirs.append(milliseconds(["curl", "--version"]))
    a, b = statistics.median(ours), statistics.median(theirs)
    spread = f"{min(ours):.1f}-{max(ours):.1f}"
    row("start: dofn version", f"{a:.1f} ms ({spread})", f"curl --version {b:.1f} ms", f"{a / b:.2f}", "<= 1.5, about 10 ms")


def start_of_an_interpreter():
    """Node.js doing nothing, which every run of the Node deployer has to wait for; else Python."""
    return ["node", "-e", "0"] if shutil.which("node") else ["python3", "-c", "pass"]


def peak(env, command):
    """Most memory that the command had, in MB."""
    script = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True); "
              "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)")
    return float(subprocess.run([sys.executable, "-c", script, *command], env=env, check=True, capture_output=True,
                                text=True).stdout)


def make_functions(root, packages, functions):
    """A project with an entry in project.yml for every function."""
    lines = ["environment: {STAGE: bench}", "packages:"]
    for p in range(packages):
        folder = os.path.join(root, "packages", f"p{p}")
        os.makedirs(folder)
        lines += [f"  - name: p{p}", "    functions:"]
        for f in range(functions):
            with open(os.path.join(folder, f"f{f}.py"), "w", encoding="ascii") as file:
                file.write("def main(event):\n    return {}\n")
            lines += [f"      - name: f{f}", "        runtime: python:3.11", "        limits: {timeout: 5000, memory: 256}",
                      f"        environment: {{NUMBER: '{f}'}}", "        parameters: {greeting: hello}"]
    with open(os.path.join(root, "project.yml"), "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")


def metadata(home):
    """Alternating, as above."""
    env, root = environment(home), os.path.join(home, "thousand")
    make_functions(root, 20, 50)
    command, yardstick = [DOFN, "get-metadata", root], start_of_an_interpreter()
    count = sum(len(p["functions"]) for p in json.loads(run(env, *command[1:]))["packages"])
    if count != 1000:
        sys.exit(f"get-metadata shows {count} functions while measuring, not 1000")
    ours, theirs = [], []
    for _ in range(ROUNDS // 2):
        ours.append(milliseconds(command))
        theirs.append(milliseconds(yardstick))
    a, b = statistics.median(ours), statistics.median(theirs)
    row("get-metadata of 1,000 functions", f"{a:.1f} ms ({min(ours):.1f}-{max(ours):.1f})",
        f"{' '.join(yardstick)} {b:.1f} ms", f"{a / b:.2f}", "<= 40 ms")
    row("get-metadata, most memory", f"{peak(env, command):.1f} MB", "", "", "<= 24 MB")


def curl_config(path, url, key, method, paths, body=None):
    """All requests of one run of curl: several at a time, connections kept."""
    one = [f'user = "{key}"', f'request = "{method}"', 'output = "/dev/null"',
           'header = "Content-Type: application/json"', *([f'data = "@{body}"'] if body else [])]
    with open(path, "w", encoding="ascii") as file:
        file.write("\nnext\n".join("\n".join([f'url = "{url}/api/v1/namespaces/_/{p}"', *one]) for p in paths))
    return ["curl", "--no-progress-meter", "--fail", "--parallel", "--parallel-max", "16", "--config", path]


def connected(home):
    """The local platform's address and key."""
    env = environment(home)
    run(env, "connect", "local", "-q")
    status = json.loads(run(env, "local", "status", "-o", "json"))
    with open(os.path.join(status["data"], "key"), encoding="ascii") as f:
        return env, status, f.read().strip()


def deploys(home):
    """A thousand functions to the local platform, and again; curl sends and asks for as much. Alternating."""
    env, status, key = connected(home)
    root, body = os.path.join(home, "thousand"), os.path.join(home, "body.json")
    with open(body, "w", encoding="ascii") as f:
        json.dump({"exec": {"kind": "python:3.11", "binary": False, "code": "def main(event):\n    return {}\n"},
                   "limits": {"timeout": 5000, "memory": 256}, "parameters": [{"key": "greeting", "value": "hello"}],
                   "annotations": [{"key": "deployer", "value": {"digest": "0" * 64, "filler": "." * 200}}]}, f)
    names = [f"p{p}/f{f}" for p in range(20) for f in range(50)]
    first = curl_config(os.path.join(home, "put"), status["apihost"], key, "PUT",
                        [f"actions/{n}?overwrite=true" for n in names], body)
    again = curl_config(os.path.join(home, "get"), status["apihost"], key, "GET",
                        ["packages?limit=200", *(f"actions?limit=200&skip={s}" for s in range(0, 1000, 200))])
    command = [DOFN, "deploy", root, "-q"]
    figures = {"first": [], "again": [], "put": [], "get": []}
    try:
        for _ in range(DEPLOYS):
            run(env, "undeploy", "--all", "--yes", "-q")
            figures["first"].append(milliseconds(command, env))
            figures["put"].append(milliseconds(first))
            run(env, "deploy", root, "-q")
            figures["again"].append(milliseconds(command, env))
            figures["get"].append(milliseconds(again))
        if f"{len(names)} unchanged" not in subprocess.run(command[:3], env=env, capture_output=True, text=True,
                                                           check=True).stderr:
            sys.exit("a deploy without changes found some while measuring")
    finally:
        run(env, "local", "stop", "-q")
    a, b, c, d = (statistics.median(figures[k]) for k in ("first", "put", "again", "get"))
    row("first deploy of 1,000 functions", f"{a:.0f} ms ({min(figures['first']):.0f}-{max(figures['first']):.0f})",
        f"1,000 PUTs by curl --parallel {b:.0f} ms", f"{a / b:.2f}", "<= 270 ms")
    row("the same again, 6 requests", f"{c:.0f} ms ({min(figures['again']):.0f}-{max(figures['again']):.0f})",
        f"6 lists by curl --parallel {d:.0f} ms", f"{c / d:.2f}", "<= 150 ms")


def make_large_function(folder):
    """5,000 files of source text, 40 MB, in 200 folders; the same in every run."""
    random.seed(4)
    words = ["".join(random.choices("abcdefghijklmnopqrstuvwxyz_", k=random.randint(2, 11))) for _ in range(3000)]
    lines = ["    " * random.randint(0, 3) + " ".join(random.choices(words, k=random.randint(2, 9))) for _ in range(20000)]
    for i in range(FILES):
        path = os.path.join(folder, f"lib/m{i % 50}/s{i % 4}")
        os.makedirs(path, exist_ok=True)
        with open(os.path.join(path, f"f{i}.py"), "w", encoding="ascii") as file:
            file.write("\n".join(random.choices(lines, k=210))[:8000])
    with open(os.path.join(folder, "__main__.py"), "w", encoding="ascii") as file:
        file.write("def main(event):\n    return {}\n")


def zipped(folder, into):
    if os.path.exists(into):
        os.remove(into)
    start = time.perf_counter()
    subprocess.run(["zip", "-6", "-q", "-r", into, "."], cwd=folder, check=True)
    return (time.perf_counter() - start) * 1000


def same_bytes(env, root, home):
    """The archive, which has to be the same for 1, 2 and 8 threads."""
    made = set()
    for jobs in ("1", "2", "8"):
        run(env, "build", root, "--into", os.path.join(home, "out"), "--jobs", jobs, "--no-bytecode", "-q")
        with open(os.path.join(home, "out/p/f.zip"), "rb") as f:
            made.add(f.read())
    if len(made) != 1:
        sys.exit("the archive depends on the number of threads")
    return len(made.pop())


def packing(home):
    """One large function: into a folder, to the local platform, and again; alternating with zip.

    Without bytecode, which zip does not make either; its cost has rows of its own.
    """
    env, _, _ = connected(home)
    root, archive = os.path.join(home, "large"), os.path.join(home, "large.zip")
    folder = os.path.join(root, "packages/p/f")
    make_large_function(folder)
    build = [DOFN, "build", root, "--into", os.path.join(home, "out"), "--jobs", "2", "--no-bytecode", "-q"]
    deploy = [DOFN, "deploy", root, "--jobs", "2", "--no-bytecode", "-q"]
    figures = {"build": [], "zip": [], "deploy": [], "again": []}
    try:
        for _ in range(DEPLOYS):
            run(env, "undeploy", "--all", "--yes", "-q")
            shutil.rmtree(os.path.join(home, "cache"), ignore_errors=True)
            figures["build"].append(milliseconds(build, env))
            figures["zip"].append(zipped(folder, archive))
            shutil.rmtree(os.path.join(home, "cache"), ignore_errors=True)
            figures["deploy"].append(milliseconds(deploy, env))
            figures["again"].append(milliseconds(deploy, env))
        memory, whole = peak(env, build), peak(env, [*deploy, "--force"])
        size = same_bytes(env, root, home)
    finally:
        run(env, "local", "stop", "-q")
    show_packing(figures, size / os.path.getsize(archive), memory, whole)


def show_packing(figures, size, memory, whole):
    a, b, c, d = (statistics.median(figures[k]) for k in ("build", "zip", "deploy", "again"))
    row("pack 5,000 files, 40 MB", f"{a:.0f} ms ({min(figures['build']):.0f}-{max(figures['build']):.0f})",
        f"zip -6 {b:.0f} ms ({min(figures['zip']):.0f}-{max(figures['zip']):.0f})", f"{a / b:.2f}", "<= 0.5")
    row("its size, for 1, 2 and 8 threads", "", "zip -6", f"{size:.3f}", "<= 1")
    row("the whole deploy, with upload", f"{c:.0f} ms ({min(figures['deploy']):.0f}-{max(figures['deploy']):.0f})",
        "zip -6 alone", f"{c / b:.2f}", "<= 1")
    row("the same again, nothing changed", f"{d:.0f} ms ({min(figures['again']):.0f}-{max(figures['again']):.0f})", "",
        "", "<= 60 ms")
    row("most memory: packing, deploying", f"{memory:.1f} MB, {whole:.1f} MB", "", "", "<= 48 MB")


def far_deploys(home):
    """The same over a way of 50 ms; curl's bound of requests at a time is the most that dofn takes."""
    env, status, key = connected(home)
    root, body = os.path.join(home, "thousand"), os.path.join(home, "body.json")
    host, port = status["apihost"].split("//")[1].split(":")
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "far.py")
    figures = {"first": [], "again": [], "put": []}
    with subprocess.Popen([sys.executable, script, host, port], stdout=subprocess.PIPE, text=True) as way:
        url = f"http://127.0.0.1:{way.stdout.readline().strip()}"
        command = [DOFN, "deploy", root, "-q", "--apihost", url, "--auth", key]
        put = curl_config(os.path.join(home, "far"), url, key, "PUT",
                          [f"actions/p{p}/f{f}?overwrite=true" for p in range(20) for f in range(50)], body)
        put[put.index("16")] = "32"
        try:
            for _ in range(FAR_DEPLOYS):
                run(env, "undeploy", "--all", "--yes", "-q")
                figures["first"].append(milliseconds(command, env))
                figures["put"].append(milliseconds(put))
                run(env, "deploy", root, "-q")
                figures["again"].append(milliseconds(command, env))
        finally:
            way.terminate()
            run(env, "local", "stop", "-q")
    a, b, c = (statistics.median(figures[k]) for k in ("first", "put", "again"))
    row("first deploy of 1,000, 50 ms away", f"{a:.0f} ms ({min(figures['first']):.0f}-{max(figures['first']):.0f})",
        f"1,000 PUTs by curl --parallel {b:.0f} ms", f"{a / b:.2f}", "<= 2600 ms")
    row("the same again, 50 ms away", f"{c:.0f} ms ({min(figures['again']):.0f}-{max(figures['again']):.0f})",
        "three times there and back: 150 ms", f"{c / 150:.2f}", "")


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return int(next(line for line in f if line.startswith("VmRSS")).split()[1]) / 1024


def percentile(values, p):
    return sorted(values)[min(len(values) - 1, int(len(values) * p / 100))]


def timed_requests(conn, method, path, headers, check):
    times = []
    for _ in range(CALLS):
        start = time.perf_counter()
        conn.request(method, path, body=b"{}" if method == "POST" else None, headers=headers)
        body = conn.getresponse().read()
        times.append((time.perf_counter() - start) * 1000)
        check(body)
    return times


def platform(home):
    env = environment(home)
    project = os.path.join(home, "project", "packages", "bench")
    os.makedirs(project)
    with open(os.path.join(project, "empty.py"), "w", encoding="ascii") as f:
        f.write("def main(event):\n    return {}\n")
    run(env, "connect", "local", "-q")
    try:
        run(env, "deploy", os.path.join(home, "project"), "-q")
        status = json.loads(run(env, "local", "status", "-o", "json"))
        with open(os.path.join(status["data"], "key"), encoding="ascii") as f:
            key = f.read().strip()
        measure_platform(status, {"Authorization": "Basic " + base64.b64encode(key.encode()).decode(),
                                  "Content-Type": "application/json"})
    finally:
        run(env, "local", "stop", "-q")


def measure_platform(status, headers):
    conn = http.client.HTTPConnection(status["apihost"].split("//")[1])
    path = "/api/v1/namespaces/_/actions/bench/empty?blocking=true&result=true"

    def answered(body):
        if body.strip() != b"{}":
            sys.exit(f"a wrong answer while measuring: {body!r}")

    timed_requests(conn, "POST", path, headers, answered)  # warm
    bare = timed_requests(conn, "GET", "/api/v1/namespaces", headers, lambda body: None)
    calls = timed_requests(conn, "POST", path, headers, answered)
    a, b = percentile(calls, 50), percentile(bare, 50)
    row("warm Python call, recorded: p50", f"{a:.3f} ms", f"the server's GET /namespaces {b:.3f} ms",
        f"{a / b:.2f}", "< 1 ms")
    row("warm Python call, recorded: p99", f"{percentile(calls, 99):.3f} ms", f"{percentile(bare, 99):.3f} ms", "", "")
    row("server, resident", f"{resident(status['pid']):.1f} MB", f"after {2 * CALLS} calls", "", "< 30 MB")


def until_line(stream, part):
    for line in stream:
        if part in line:
            return
    raise RuntimeError(f"dofn watch ended before it said {part!r}")


def until_body(url, text):
    while True:
        with urllib.request.urlopen(url) as answer:
            if answer.read().decode() == text:
                return


def timed_saves(env, root, source, texts):
    waits = []
    with subprocess.Popen([DOFN, "watch", root], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True) as process:
        until_line(process.stderr, "watching")
        url = run(env, "functions", "get", "bench/saved", "--url").strip()
        until_body(url, "0")
        for i in range(1, len(texts)):
            start = time.perf_counter()
            with open(source, "w", encoding="ascii") as file:
                file.write(texts[i])
            until_body(url, str(i))
            waits.append((time.perf_counter() - start) * 1000)
            until_line(process.stderr, "live after")
        process.send_signal(signal.SIGINT)
    return waits


def watch(home):
    """From the save of a file to the first call that gets the new answer, asked without pause."""
    env = environment(home)
    root = os.path.join(home, "watched")
    source = os.path.join(root, "packages", "bench", "saved.py")
    os.makedirs(os.path.dirname(source))
    texts = ['def main(event):\n    return {"body": "%d"}\n' % i for i in range(SAVES + 1)]
    with open(source, "w", encoding="ascii") as file:
        file.write(texts[0])
    run(env, "connect", "local", "-q")
    try:
        waits = timed_saves(env, root, source, texts)
    finally:
        run(env, "local", "stop", "-q")
    row("watch: save to served, locally", f"{statistics.median(waits):.0f} ms ({min(waits):.0f}-{max(waits):.0f})",
        "", "", "<= 200 ms")


def make_cold(root):
    """Two functions that import the same packages; they are installed once."""
    lines = ["packages:", "  - name: cold", "    functions:"]
    for name in ("plain", "compiled"):
        folder = os.path.join(root, "packages", "cold", name)
        os.makedirs(folder)
        with open(os.path.join(folder, "__main__.py"), "w", encoding="ascii") as file:
            file.write(f"import time\n\nstart = time.perf_counter()\nimport {', '.join(COLD_IMPORTS)}\n"
                       "waited = (time.perf_counter() - start) * 1000\n\n\n"
                       "def main(event):\n    return {'body': str(waited)}\n")
        with open(os.path.join(folder, "requirements.txt"), "w", encoding="ascii") as file:
            file.write("".join(f"{name}\n" for name in COLD_PACKAGES))
        lines += [f"      - {{name: {name}, runtime: 'python:3.11', limits: {{timeout: 60000, memory: 512}}}}"]
    with open(os.path.join(root, "project.yml"), "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")


def deploy_cold(env, root):
    """Bytes of each archive; None where the packages cannot be had."""
    sizes = {}
    for name, options in (("plain", ["--no-bytecode"]), ("compiled", [])):
        done = subprocess.run([DOFN, "deploy", root, "--include", f"cold/{name}", "-o", "json", *options], env=env,
                              capture_output=True, text=True)
        if done.returncode != 0:
            return None
        sizes[name] = next(e["bytes"] for e in map(json.loads, done.stdout.splitlines()) if e["event"] == "packed")
    return sizes


def cold_call(env, name):
    """Until the answer, and what of it were imports."""
    url = run(env, "functions", "get", f"cold/{name}", "--url").strip()
    start = time.perf_counter()
    with urllib.request.urlopen(url) as answer:
        imports = float(answer.read())
    return (time.perf_counter() - start) * 1000, imports


def bytecode(home):
    """The first call after a start of the platform, unpacking included; packages come from the index."""
    env, root = environment(home), os.path.join(home, "cold")
    make_cold(root)
    run(env, "connect", "local", "-q")
    try:
        sizes = deploy_cold(env, root)
        if not sizes:
            row("cold start with bytecode", "not measured", "the package index cannot be reached", "", "")
            return
        waits = {"plain": [], "compiled": []}
        for _ in range(COLD_STARTS):
            for name, list_of in waits.items():
                run(env, "local", "stop", "-q")
                run(env, "local", "start", "-q")
                list_of.append(cold_call(env, name))
    finally:
        run(env, "local", "stop", "-q")
    for i, subject in enumerate(("cold start with bytecode", "of that, imports of 5 packages")):
        with_it, without = ([w[i] for w in waits[name]] for name in ("compiled", "plain"))
        a, b = statistics.median(with_it), statistics.median(without)
        row(subject, f"{a:.0f} ms ({min(with_it):.0f}-{max(with_it):.0f})",
            f"--no-bytecode {b:.0f} ms ({min(without):.0f}-{max(without):.0f})", f"{a / b:.2f}",
            "<= 0.5" if i else "")
    row("the archive with bytecode", f"{sizes['compiled'] / 1e6:.1f} MB", f"--no-bytecode {sizes['plain'] / 1e6:.1f} MB",
        f"{sizes['compiled'] / sizes['plain']:.2f}", "")


def main():
    row("work", "figure", "yardstick", "ratio", "bound")
    start_up()
    home = tempfile.mkdtemp(prefix="dofn-bench-")
    try:
        metadata(home)
        deploys(home)
        packing(home)
        far_deploys(home)
        platform(home)
        watch(home)
        bytecode(home)
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    main()

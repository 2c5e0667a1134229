"""A server that speaks as much of the OpenWhisk API as a deploy needs, and misbehaves on demand.

    with Faulty() as server:
        server.fault("PUT", "actions/p/f", answer(503), times=1)
        dofn("deploy", folder, "--apihost", server.url, "--auth", "u:p")
        assert len(server.seen("PUT", "actions/p/f")) == 2

It is made of plain sockets, because no HTTP library lets one answer wrongly. All
requests are kept, with the number of the connection that they came by.
"""

import base64
import json
import re
import socket
import struct
import threading
import time
import urllib.parse

PATIENCE = 60  # seconds that a silent server stays silent at most


class Request:
    def __init__(self, connection, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.connection = connection
        self.method, self.target, _ = lines[0].split(" ")
        url = urllib.parse.urlsplit(self.target)
        self.path = urllib.parse.unquote(re.sub("^/api/v1/?(namespaces/_/)?", "", url.path))
        self.query = dict(urllib.parse.parse_qsl(url.query))
        self.headers = {k.lower(): v.strip() for k, _, v in (x.partition(":") for x in lines[1:])}
        self.body = body

    def json(self):
        return json.loads(self.body)

    @property
    def auth(self):
        return base64.b64decode(self.headers["authorization"].removeprefix("Basic ")).decode()


# What a server may do with a request: a function of the socket and the request,
# true when the connection lives on.


def answer(status, body=b"", headers=None, length=None):
    """A whole answer, or a wrong one where length says more than body has."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    fields = {"Content-Type": "application/json",
              "Content-Length": len(body) if length is None else length, **(headers or {})}
    head = f"HTTP/1.1 {status} X\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items())

    def send(connection, _):
        connection.sendall(head.encode() + b"\r\n" + body)
        return length is None

    return send


def error(status, text, **headers):
    return answer(status, {"error": text, "code": "c0de"},
                  {k.replace("_", "-"): v for k, v in headers.items()})


def says(raw):
    """These bytes, then the end of the connection."""
    def send(connection, _):
        connection.sendall(raw)
        return False

    return send


def reset(connection, _):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def close(_connection, _request):
    return False


def silence(connection, _):
    connection.settimeout(PATIENCE)
    connection.recv(1)  # the other side gives up, or the test ends
    return False


class Fault:
    def __init__(self, method, path, act, times, body=None):
        self.method, self.path, self.act, self.left = method, path, act, times
        self.body = body  # bytes of it to wait for; None: the whole

    def takes(self, request):
        if self.left == 0 or not re.fullmatch(self.method, request.method) \
                or not re.fullmatch(self.path, request.path):
            return False
        if self.left is not None:
            self.left -= 1
        return True


def usual_answer(request):
    """What a working server says."""
    if request.method == "GET" and request.path == "namespaces":
        return ["ns"]
    if request.method == "GET" and request.path == "":
        return {"runtimes": {"python": [{"kind": "python:3.11", "default": True}]}}
    if request.method == "GET":
        return []
    name = request.path.rsplit("/", 1)[-1]
    return {"name": name, "namespace": "ns", "version": "0.0.1", "annotations": []}


class Faulty:
    def __init__(self, delay=0):
        self.delay = delay  # seconds before each answer
        self.requests = []
        self.connections = 0
        self.busy = self.most_busy = 0
        self.faults = []
        self.lock = threading.Lock()
        self.open = set()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.flags = ("--apihost", self.url, "--auth", "user:password")

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self.lock:
            for connection in self.open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def fault(self, method, path, act, times=None, body=None):
        """Requests that both expressions match are handled so, or so often; the first fault wins.

        With body=N already when so much of the body has come; the rest is not read.
        """
        self.faults.append(Fault(method, path, act, times, body))

    def seen(self, method, path=".*"):
        return [r for r in self.requests if r.method == method and re.fullmatch(path, r.path)]

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                self.open.add(connection)
                number = self.connections
            threading.Thread(target=self.serve, args=(connection, number), daemon=True).start()

    def serve(self, connection, number):
        try:
            with connection:
                while self.serve_one(connection, number):
                    pass
        except OSError:
            pass
        finally:
            with self.lock:
                self.open.discard(connection)

    def take(self, request, early):
        with self.lock:
            return next((f for f in self.faults if (f.body is not None) == early and f.takes(request)), None)

    def serve_one(self, connection, number):
        head, body = read_head(connection)
        if not head:
            return False
        request = Request(number, head, body)
        fault = self.take(request, early=True)
        request.body = read_body(connection, head, body, fault.body if fault else None)
        if request.body is None:
            return False
        fault = fault or self.take(request, early=False)
        with self.lock:
            self.requests.append(request)
            self.busy += 1
            self.most_busy = max(self.busy, self.most_busy)
        time.sleep(self.delay)
        with self.lock:
            self.busy -= 1
        act = fault.act if fault else answer(200, usual_answer(request))
        return act(connection, request)


LIMITS = {"timeout": 3000, "memory": 256, "logs": 16, "concurrency": 1}


class Memory(Faulty):
    """A server that lists what was put, and keeps of it what OpenWhisk keeps."""

    def __init__(self, delay=0):
        super().__init__(delay)
        self.live = {}  # "actions/p/f": item
        self.fault("GET", "packages|actions", self.list)
        self.fault("PUT", ".*", self.put)
        self.fault("DELETE", ".*", self.delete)

    def add(self, path, **more):
        kind, _, name = path.partition("/")
        package, _, name = name.rpartition("/")
        old = self.live.pop(path, None)
        version = f"0.0.{int(old['version'].rpartition('.')[2]) + 1 if old else 1}"
        self.live[path] = {"name": name, "namespace": "ns" + ("/" if package else "") + package,
                           "version": version, "annotations": [], **more}
        return self.live[path]

    def list(self, connection, request):
        limit, skip = int(request.query["limit"]), int(request.query["skip"])
        items = [item for path, item in reversed(self.live.items())
                 if path.startswith(request.path + "/")]
        return answer(200, items[skip:skip + limit])(connection, request)

    def put(self, connection, request):
        body, old = request.json(), self.live.get(request.path, {})
        more = {"annotations": body["annotations"]}
        if request.path.startswith("packages/"):
            if "binding" in body and old and not old["binding"]:
                return error(409, "Resource is a package and cannot be converted into a binding."
                             )(connection, request)
            more["binding"] = body.get("binding") or old.get("binding") or False
        else:
            kept = {a["key"]: a["value"] for a in [*old.get("annotations", []), *body["annotations"]]}
            if "exec" in body:  # a body without it changes what is there
                kept["exec"] = body["exec"]["kind"]
            more["annotations"] = [{"key": k, "value": v} for k, v in kept.items()
                                   if k not in body.get("delAnnotations", [])]
            more["limits"] = {**LIMITS, **old.get("limits", {}), **body.get("limits", {})}
        return answer(200, self.add(request.path, **more))(connection, request)

    def delete(self, connection, request):
        item = self.live.pop(request.path, None)
        act = answer(200, item) if item else error(404, "The requested resource does not exist.")
        return act(connection, request)


def read_head(connection):
    """The head, and what came of the body with it."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None, b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    if re.search(rb"(?i)\r\nexpect: *100-continue", head):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    return head, body


def read_body(connection, head, body, most):
    """All of it, or at least `most` bytes; None when the connection ends before."""
    wanted = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    size = int(wanted[1]) if wanted else 0
    while len(body) < (size if most is None else min(size, most)):
        more = connection.recv(1 << 20)
        if not more:
            return None
        body += more
    return body

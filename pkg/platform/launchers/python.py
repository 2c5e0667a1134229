"""Runs one Python function for the local platform, call after call.

The server hands over a socket as descriptor 3.  On it, one JSON text a line:
the launcher says that it is there, gets "init" once, then one "run" after the
other, and answers each with a line.  After every answer's work both log
streams carry the mark, a word that only the two sides know, so that the server
knows where the output of a call ends.

Modules are imported here, before the function's folder is on sys.path, and
what a call needs is bound to names of this module: a function may shadow or
patch whatever it likes without breaking the conversation.
"""

import fcntl
import json
import os
import sys
import time

MODULE = "main__"


class Context:
    """The second argument of a function."""

    def __init__(self, environ):
        self.function_name = environ.get("__OW_ACTION_NAME", "")
        self.function_version = environ.get("__OW_ACTION_VERSION", "")
        self.activation_id = environ.get("__OW_ACTIVATION_ID", "")
        self.request_id = environ.get("__OW_TRANSACTION_ID", "")
        self.deadline = int(environ.get("__OW_DEADLINE", "0"))
        self.api_host = environ.get("__OW_API_HOST", "")
        self.api_key = environ.get("__OW_API_KEY", "")
        self.namespace = environ.get("__OW_NAMESPACE", "")

    def get_remaining_time_in_millis(self, _now=time.time):
        return max(0, self.deadline - int(_now() * 1000))


class Channel:
    """The server's socket and the log streams, under descriptors of our own.

    A function may close or redirect 1, 2 and 3 and its children inherit
    nothing of this.
    """

    def __init__(self):
        # Not where a function would guess it, below the usual limit of 1024.
        low = 256 + int.from_bytes(os.urandom(2), "little") % 512
        self.socket = self._move(3, low)
        self.logs = [self._move(fd, low) for fd in (1, 2)]
        self.pending = b""
        self.forked = False
        self.streams = [sys.stdout, sys.stderr]
        null = os.open(os.devnull, os.O_RDWR)
        if null != 3:
            os.dup2(null, 3, inheritable=False)
            os.close(null)
        os.register_at_fork(after_in_child=self._leave)
        self._read, self._write, self._exit = os.read, os.write, os._exit

    @staticmethod
    def _move(fd, low):
        return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, low)

    def _leave(self, close=os.close):
        """In a forked child: only the parent talks to the server."""
        self.forked = True
        for fd in [self.socket] + self.logs:
            try:
                close(fd)
            except OSError:
                pass

    def receive(self):
        """The next line as bytes, or None when the server is gone."""
        parts = [self.pending]
        while True:
            line, newline, rest = parts[-1].partition(b"\n")
            if newline:
                self.pending = rest
                parts[-1] = line
                return b"".join(parts)
            data = self._read(self.socket, 262144)
            if not data:
                return None
            parts.append(data)

    def send(self, text):
        if self.forked:
            self._exit(0)
        self._write_all(self.socket, text.encode("utf-8") + b"\n")

    def mark(self, token):
        """Ends the output of this call on both streams.

        The line feed in front ends a last line that has none; the server drops
        the empty line where there was one.
        """
        if self.forked:
            self._exit(0)
        for stream in self.streams + [sys.stdout, sys.stderr]:
            try:
                stream.flush()
            except Exception:  # closed, or replaced by something without flush
                pass
        for fd in self.logs:
            try:
                self._write_all(fd, token)
            except OSError:
                pass

    def _write_all(self, fd, data):
        written = self._write(fd, data)
        while written < len(data):
            data = data[written:]
            written = self._write(fd, data)


def complain(text):
    sys.stderr.write(text + "\n")
    return None


def show(ex, show_exception=sys.__excepthook__):
    """The traceback without the launcher's own frame."""
    frames = ex.__traceback__.tb_next
    show_exception(type(ex), ex.with_traceback(frames), frames)


def activate_virtualenv(folder):
    for scripts in ("bin", "Scripts"):
        path = os.path.join(folder, "virtualenv", scripts, "activate_this.py")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                code = compile(file.read(), path, "exec")
            exec(code, {"__file__": path, "__name__": "activate_this"})
            return True
    return False


def load(main, binary):
    """The function, or None after a complaint on stderr."""
    folder = os.getcwd()
    if binary:
        if os.path.exists("__main__.py"):
            os.rename("__main__.py", MODULE + ".py")
        if not os.path.exists(MODULE + ".py"):
            return complain("Zip file does not include '__main__.py'.")
    try:
        if os.path.isdir("virtualenv") and not activate_virtualenv(folder):
            return complain(
                "Invalid virtualenv: Zip file does not include 'activate_this.py'."
            )
        sys.path.append(folder)
        return getattr(__import__(MODULE), main)
    except Exception as ex:
        return complain("Invalid function: " + str(ex))


def call(function, event, environ):
    count = function.__code__.co_argcount
    if count == 0:
        return function()
    if count == 1:
        return function(event)
    return function(event, Context(environ))


def run(function, event, environ, dumps):
    """The answer to one call, as text; what it cannot express ends the process."""
    try:
        result = call(function, event, environ) or {}
    except Exception as ex:
        # Two frames are ours: this one and call().
        ex.__traceback__ = ex.__traceback__.tb_next or ex.__traceback__
        show(ex)
        result = {"error": str(ex)}
    try:
        text = dumps(result, ensure_ascii=False)
        text.encode("utf-8")
        return text
    except Exception as ex:
        show(ex)
        raise SystemExit(1)


def serve():
    loads, dumps, environ = json.loads, json.dumps, os.environ
    set_variable = environ.__setitem__
    channel = Channel()
    for stream in channel.streams:
        stream.reconfigure(line_buffering=True)
    del sys.path[0]  # the launcher's folder

    line = channel.receive()
    if line is None:
        return
    token = ("\n" + loads(line)["token"] + "\n").encode("ascii")
    channel.mark(token)
    channel.send('{"ready":true}')

    line = channel.receive()
    if line is None:
        return
    init = loads(line)
    environ.update(init["env"])
    environ.update(init["environ"])
    function = load(init["main"], init["binary"])
    channel.mark(token)
    channel.send('{"ok":true}' if function is not None else '{"ok":false}')

    while True:
        line = channel.receive()
        if line is None:
            return
        request = loads(line)
        for name, text in request["environ"].items():
            set_variable(name, text)
        answer = run(function, request["value"], environ, dumps)
        channel.mark(token)
        channel.send(answer)


if __name__ == "__main__":
    serve()

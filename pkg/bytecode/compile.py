"""Tells what this Python is, or compiles sources for it.

Without arguments it prints two lines: what its bytecode depends on, "3.11 3.11.7 a70d0d0a"
(nothing for a Python whose bytecode may not be that of a release), and its path.

With a number of processes, descriptor 3 holds the sources, each as 64 hexadecimal digits of
SHA-256, a space, a path and NUL.  To descriptor 4 goes for each, in any order, its place in
that list and a length, four bytes each with the lowest first, and so many bytes: the file
that an import takes without a look at the source (PEP 552), or none when it cannot be
compiled.  A source that is not what its digest says is passed over.

The same source gives the same bytes whatever else was compiled before.
"""

import sys

# The folder it was started in is no place for modules.
sys.path[:] = [place for place in sys.path if place]

import fcntl
import hashlib
import importlib.util
import marshal
import os

# An import puts the source's place in its stead.
NAME = "<bytecode>"
UNCHECKED = (1).to_bytes(4, "little")
MOST = 5 << 20
A_PROCESS_EACH = 32


def describe():
    version = sys.version_info
    if sys.implementation.name == "cpython" and version.releaselevel == "final":
        magic = importlib.util.MAGIC_NUMBER.hex()
        print("%d.%d %d.%d.%d %s" % (*version[:2], *version[:3], magic))
        print(sys.executable)


def hold(thing, held):
    """Takes one more reference to everything that a code object is made of.

    marshal writes what has a single reference in another form, and whether a name has others
    depends on what else this process knows.
    """
    held.append(thing)
    if isinstance(thing, (tuple, frozenset)):
        if isinstance(thing, frozenset) and None in thing and sys.version_info < (3, 11):
            raise ValueError("in another order in every process")
        for part in thing:
            hold(part, held)
    elif isinstance(thing, type(hold.__code__)):
        for name in ("consts", "names", "varnames", "freevars", "cellvars", "filename", "name", "qualname"):
            hold(getattr(thing, "co_" + name, None), held)


def compiled(source):
    held = []
    code = compile(source, NAME, "exec", dont_inherit=True, optimize=0)
    hold(code, held)
    digest = importlib.util.source_hash(source)
    return importlib.util.MAGIC_NUMBER + UNCHECKED + digest + marshal.dumps(code)


def read(path, digest):
    """The bytes, or None when they are others; never waits for one to write."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            source = file.read(MOST + 1)
    except OSError:
        return None
    return source if hashlib.sha256(source).hexdigest() == digest else None


def put(place, data):
    record = place.to_bytes(4, "little") + len(data).to_bytes(4, "little") + data
    fcntl.lockf(4, fcntl.LOCK_EX)
    os.lseek(4, 0, os.SEEK_END)
    while record:
        record = record[os.write(4, record):]
    fcntl.lockf(4, fcntl.LOCK_UN)


def work(sources, first, step):
    for place in range(first, len(sources), step):
        digest, _, path = sources[place].partition(b" ")
        source = read(path, digest.decode())
        if source is None:
            continue
        try:
            data = compiled(source)
        except Exception:  # what is wrong with it is told elsewhere
            data = b""
        put(place, data)


def main(processes):
    with open(3, "rb") as file:
        sources = file.read().split(b"\0")[:-1]
    processes = min(processes, len(sources) // A_PROCESS_EACH + 1)
    sys.setrecursionlimit(3000)
    children = []
    for first in range(1, processes):
        child = os.fork()
        if child == 0:
            work(sources, first, processes)
            os._exit(0)
        children.append(child)
    work(sources, 0, processes)
    for child in children:
        os.waitpid(child, 0)


if len(sys.argv) > 1:
    main(int(sys.argv[1]))
else:
    describe()

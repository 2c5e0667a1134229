"""Tells what this Python is, or runs its pip for the platform's Python.

Without arguments it prints one line of words, "3.11 linux-x86_64 glibc pip-23.0.1":
version, system, C library, and the version of pip when that can be imported, else "-".

With "native" or "foreign", the platform's Python ("3.9"), the minor version of
its glibc 2, a file of requirements and a folder, pip installs into that folder.
"native" says that this Python is like the platform's.  With "foreign" a package
without a wheel for the platform is built here, too, but refused when what came
out is not for any machine.
"""

import sys

# The folder of the function is no place for modules of pip.
sys.path[:] = [place for place in sys.path if place]

import os
import platform
import runpy
import sysconfig
import types

OPTIONS = ["--no-input", "--no-user", "--no-compile", "--disable-pip-version-check"]
OPTIONS += ["--progress-bar", "off", "--no-warn-script-location", "--no-warn-conflicts"]

# Conditions name the whole version, "3.9.0".  Which patch the platform has is not known: the
# first of a version asks for every backport, and this one for what packages require of Python.
PATCH = 10


def describe():
    cpython = sys.implementation.name == "cpython"
    try:
        import pip
        found = "pip-" + pip.__version__
    except ImportError:
        found = "-"
    return " ".join([
        "%d.%d" % sys.version_info[:2],
        sysconfig.get_platform(),
        platform.libc_ver()[0] if cpython and platform.libc_ver()[0] else "-",
        found,
    ])


def limit_glibc(minor):
    """Of the wheels for this Python only those that the platform can load (PEP 600)."""
    policy = types.ModuleType("_manylinux")
    policy.manylinux_compatible = lambda *wanted: wanted[:2] <= (2, minor)
    sys.modules["_manylinux"] = policy


def pretend(version):
    """pip asks conditions such as 'python_version < "3.10"' of the Python that runs it."""
    there = {
        "implementation_name": "cpython",
        "implementation_version": version + ".0",
        "os_name": "posix",
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": version + ".0",
        "python_version": version,
        "sys_platform": "linux",
    }
    try:
        from pip._vendor.packaging import markers

        here = markers.default_environment
        markers.default_environment = lambda: {**here(), **there}
    except (ImportError, AttributeError):
        print("this pip takes conditions in requirements as meant for Python "
              + platform.python_version(), file=sys.stderr)


def allow_sources():
    """pip builds nothing for another platform; most of what has no wheel is for any."""
    try:
        from pip._internal.cli import cmdoptions

        cmdoptions.check_dist_restriction  # of a pip that has no such check nothing is known
        cmdoptions.check_dist_restriction = lambda *_, **__: None
        return ["--prefer-binary"]
    except (ImportError, AttributeError):
        return ["--only-binary", ":all:"]


def foreign_options(version, minor):
    options = ["--implementation", "cp"]
    options += ["--abi", "cp" + version.replace(".", "")]
    options += ["--python-version", "%s.%d" % (version, PATCH)]
    for older in range(minor, 4, -1):
        options += ["--platform", "manylinux_2_%d_x86_64" % older]
    for name in ("manylinux2014", "manylinux2010", "manylinux1", "linux"):
        options += ["--platform", name + "_x86_64"]
    return options


def dependencies(path):
    """Of a pyproject.toml; pip itself would install the project, too."""
    try:
        import tomllib
    except ImportError:
        from pip._vendor import tomli as tomllib
    with open(path, "rb") as file:
        listed = tomllib.load(file).get("project", {}).get("dependencies", [])
    for item in listed:
        if not isinstance(item, str) or item.startswith("-"):
            sys.exit("pyproject.toml: no dependency: %r" % (item,))
    return listed


def is_for(tag, version):
    """Of "cp311-cp311-linux_x86_64" and the like, in the file WHEEL of a package."""
    python, abi, system = (tag.split("-") + ["", ""])[:3]
    digits = version.replace(".", "")
    if system == "any" and abi == "none":
        return python in ("py2", "py3", "cp3", "py" + digits, "cp" + digits)
    if "linux" not in system or not system.endswith("_x86_64"):
        return False
    return abi == "abi3" or python in ("py3", "cp" + digits)


def check_built(target, version):
    for folder in sorted(os.listdir(target)):
        path = os.path.join(target, folder, "WHEEL")
        if not folder.endswith(".dist-info") or not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as file:
            tags = [line.split(":")[1].strip() for line in file if line.startswith("Tag:")]
        if tags and not any(is_for(tag, version) for tag in tags):
            sys.exit("ERROR: %s has no wheel for Python %s on Linux x86-64; what was built here "
                     "is %s" % (folder[:-len(".dist-info")], version, tags[0]))


def main(mode, version, minor, file, target):
    arguments = ["pip", "install", "--target", target] + OPTIONS
    if mode == "native":
        limit_glibc(int(minor))
    else:
        pretend(version)
        arguments += allow_sources() + foreign_options(version, int(minor))
    if file.endswith(".toml"):
        arguments += dependencies(file)
    else:
        arguments += ["-r", file]
    os.environ.setdefault("PIP_ROOT_USER_ACTION", "ignore")  # only --target is written to
    sys.argv[:] = arguments
    try:
        runpy.run_module("pip", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code:
            raise
    if mode == "foreign":
        check_built(target, version)


if len(sys.argv) > 1:
    main(*sys.argv[1:])
else:
    print(describe())

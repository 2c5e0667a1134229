"""Puts the packages of this folder first, for the Python that runs this file.

Made by dofn.  The function's runtime executes it before the function, with its path in
__file__; the folder may be anywhere.
"""

import os
import site
import sys

_base = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_version = "python%d.%d" % sys.version_info[:2]
_packages = os.path.join(_base, "lib", _version, "site-packages")

if not os.path.isdir(_packages):
    sys.stderr.write(
        "virtualenv has packages for %s, and this is %s: they cannot be imported\n"
        % (", ".join(sorted(os.listdir(os.path.join(_base, "lib")))), _version))

# addsitedir() appends, and reads .pth files.
_before = len(sys.path)
site.addsitedir(_packages)
sys.path[:] = sys.path[_before:] + sys.path[:_before]

os.environ["VIRTUAL_ENV"] = _base
os.environ["PATH"] = os.pathsep.join(
    [os.path.join(_base, "bin")] + [p for p in [os.environ.get("PATH")] if p])

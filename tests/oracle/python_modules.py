"""Prints the table of pkg/verify/python_stdlib.c: module, first and last minor version of Python 3.

Run it with Python 3.11.  The names are its own list (sys.stdlib_module_names, which 3.9 does
not have yet); what other versions have more or less is from "What's New In Python 3.10" to
3.13 (removed modules, new modules; PEP 594), and of no private module.
"""

import sys

REMOVED = {  # module: the last version that has it
    "formatter": 9, "parser": 9, "symbol": 9, "macpath": 7, "binhex": 10,
    **dict.fromkeys(["asynchat", "asyncore", "distutils", "imp", "smtpd"], 11),
    **dict.fromkeys("""aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis
                       nntplib ossaudiodev pipes sndhdr spwd sunau telnetlib uu xdrlib""".split(), 12),
}
ADDED = {"tomllib": 11}
ELSEWHERE = {"_msi", "_overlapped", "_scproxy", "_winapi", "msilib", "msvcrt", "nt", "winreg", "winsound"}

assert sys.version_info[:2] == (3, 11), sys.version
for name in sorted(sys.stdlib_module_names | set(REMOVED) - {"macpath"}):
    last = REMOVED.get(name, 99)
    if name in ELSEWHERE:
        last = 0  # on no Linux
    print(f'\t{{"{name}", {ADDED.get(name, 0)}, {last}}},')

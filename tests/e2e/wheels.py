"""Wheels made by hand, so that pip installs without an index."""

import base64
import hashlib
import zipfile


def make_wheel(folder, name, version, files, tag="py3-none-any", requires=(), script=None):
    """A wheel of these files ("x.py": text), and a script "x = x:main", in the folder; gives its path."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {r}\n" for r in requires)
    files = {**files, f"{info}/METADATA": metadata,
             f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"}
    if script:
        files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{script}\n"
    record = ""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in files.items():
            digest = hashlib.sha256(text.encode()).digest()
            record += f"{file},sha256={base64.urlsafe_b64encode(digest).decode().rstrip('=')},{len(text)}\n"
            wheel.writestr(file, text)
        wheel.writestr(f"{info}/RECORD", record + f"{info}/RECORD,,\n")
    return path

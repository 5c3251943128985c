#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""embed.py OUT.c DEPFILE SOURCE: templates and assets of the source tree as C tables.

Assets are those of assets/build/manifest.json (scripts/build-assets), or, before that was made, assets/ as it stands.
The depfile names folders, too, so that new files are seen.
"""
import gzip
import hashlib
import json
import pathlib
import sys

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/vnd.microsoft.icon",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
}
LINE = 96
SMALLEST = 512  # below, compressing saves no packet


def literal(data):
    """Bytes as string literals of short lines."""
    out = []
    for at in range(0, len(data), LINE):
        text = ""
        for byte in data[at : at + LINE]:
            plain = 0x20 <= byte < 0x7F and byte not in (0x22, 0x5C, 0x3F)
            text += chr(byte) if plain else f"\\{byte:03o}"
        out.append(f'    "{text}"')
    return "\n".join(out) or '    ""'


def constant(name, data):
    """A constant of bytes, and a slice over it."""
    return f"static const char {name}[] =\n{literal(data)};\n", f"{{(const uint8_t *){name}, {len(data)}}}"


def read_templates(root):
    files = sorted(root.rglob("*.mustache"))
    return [(str(f.relative_to(root).with_suffix("")), f.read_bytes()) for f in files], files


def read_assets(root):
    """Version, [(path, type, bytes)], files. What the manifest does not know yet is taken as it stands, but for scripts."""
    built = root / "build"
    manifest = built / "manifest.json"
    rows, files = {}, []
    if manifest.exists():
        files.append(manifest)
        for f in json.loads(manifest.read_text())["files"]:
            files.append(built / f["path"])
            rows[f["path"]] = (f["type"], (built / f["path"]).read_bytes())
    for file in sorted(f for f in root.rglob("*") if f.is_file() and f.suffix in TYPES and built not in f.parents):
        path = str(file.relative_to(root))
        if path in rows or (manifest.exists() and path.startswith("script/")):
            continue
        files.append(file)
        rows[path] = (TYPES[file.suffix], file.read_bytes())
    whole = hashlib.sha256()
    for path, (_, body) in sorted(rows.items()):
        whole.update(path.encode() + b"\0" + hashlib.sha256(body).digest())
    return whole.hexdigest()[:16], [(path, *rows[path]) for path in sorted(rows)], files


def folders(root):
    return [root, *(d for d in root.rglob("*") if d.is_dir())] if root.exists() else []


def main():
    out, depfile, source = sys.argv[1:]
    source = pathlib.Path(source)
    templates, template_files = read_templates(source / "templates")
    version, rows, asset_files = read_assets(source / "assets")
    constants, template_rows, asset_rows = [], [], []
    for i, (name, body) in enumerate(templates):
        text, value = constant(f"template_{i}", body)
        constants.append(text)
        template_rows.append(f'    {{"{name}", {value}}},')
    for i, (path, kind, body) in enumerate(rows):
        text, value = constant(f"asset_{i}", body)
        constants.append(text)
        small = gzip.compress(body, 9, mtime=0)
        packed = "{NULL, 0}"
        if len(body) >= SMALLEST and len(small) < len(body) * 9 // 10:
            text, packed = constant(f"gzip_{i}", small)
            constants.append(text)
        digest = hashlib.sha256(body).hexdigest()[:32]
        asset_rows.append(f'    {{"{path}", "{kind}", "{digest}", {value}, {packed}}},')
    pathlib.Path(out).write_text(
        '#include "web/assets.h"\n\n' + "".join(constants)
        + "const struct template_source web_templates[] = {\n" + "\n".join(template_rows) + "\n    {NULL, {NULL, 0}}};\n"
        + f"const size_t web_template_count = {len(template_rows)};\n"
        + "const struct asset assets[] = {\n" + "\n".join(asset_rows) + "\n    {NULL, NULL, NULL, {NULL, 0}, {NULL, 0}}};\n"
        + f"const size_t asset_count = {len(asset_rows)};\n"
        + f'const char assets_version[] = "{version}";\n')
    inputs = template_files + asset_files + folders(source / "templates") + folders(source / "assets")
    names = " ".join(str(f).replace(" ", "\\ ") for f in inputs)
    pathlib.Path(depfile).write_text(f"{pathlib.Path(out)}: {names}\n")


main()

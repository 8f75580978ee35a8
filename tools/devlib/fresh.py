"""`tools/dev fresh`: does what the README says on a machine that has nothing, and says how long each step took.

The machine is a minimal Debian 12 in a chroot, in mount and process namespaces of its own: whatever way this program
ends, the kernel takes down what was mounted and started. Network and loopback ports are this machine's.
"""
import json
import os
import pathlib
import re
import resource
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

from devlib import packages
from devlib.shell import ROOT, DevError, call, environment, output, relative, run, say

SUITE = "bookworm"
GOALS = ("run", "test", "lint")
INSIDE = "/home/dev/sextant"
CA_FOLDER = "usr/local/share/ca-certificates"
CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
RUNNING = "the runs are on the page: "
STOP_SECONDS_MAX = 120
# What a person's shell would have too where there is a proxy or a registry of one's own.
PASSED = re.compile(r"^(https?_proxy|no_proxy|all_proxy|npm_config_.*)$", re.IGNORECASE)
CA_VARIABLES = ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO")


def read_mirror(texts):
    """The first mirror that apt's lists name for the suite: one-line and deb822 style."""
    for text in texts:
        for line in text.splitlines():
            found = re.match(rf"deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+{SUITE}\s", line)
            if found:
                return found.group(1)
        for stanza in re.split(r"\n\s*\n", text):
            fields = dict(re.findall(r"^(\w[\w-]*):[ \t]*(.*)$", stanza, re.MULTILINE))
            if SUITE in fields.get("Suites", "").split() and fields.get("URIs"):
                return fields["URIs"].split()[0]
    return None


def mirror(named):
    """Where packages come from: the option, or what this machine uses."""
    folder = pathlib.Path("/etc/apt")
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    found = named or read_mirror([path.read_text() for path in files if path.is_file()])
    if found is None:
        raise DevError(f"apt's lists name no mirror with {SUITE}", "tools/dev fresh --mirror URL")
    return found


def readme_commands(text):
    """The lines of README's first block of commands, without remarks."""
    block = re.search(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    if not block:
        raise DevError("README.md begins with no block of commands", "its first ```sh block says how to start")
    return [line.split("#")[0].strip() for line in block.group(1).splitlines() if line.split("#")[0].strip()]


class Machine:
    """A chroot and the commands that run in it. Thread-confined."""

    def __init__(self, folder):
        self.folder = folder

    def bootstrap(self, source):
        """Lays a minimal Debian, with this machine's way to the network."""
        say(f"laying a minimal Debian {SUITE} into {self.folder}")
        run(["debootstrap", "--variant=minbase", SUITE, self.folder, source], cure="see debootstrap's own message and log")
        for name in ("resolv.conf", "hosts"):
            shutil.copy(f"/etc/{name}", self.folder / "etc" / name)
        target = self.folder / CA_FOLDER
        target.mkdir(parents=True, exist_ok=True)
        for path in sorted(pathlib.Path("/", CA_FOLDER).glob("*.crt")):
            shutil.copy(path, target / path.name)
        for scheme in ("http", "https"):
            proxy = output(["apt-config", "shell", "P", f"Acquire::{scheme}::Proxy"]).strip()
            if proxy:
                value = shlex.split(proxy[2:])[0]
                (self.folder / f"etc/apt/apt.conf.d/90{scheme}-proxy").write_text(f'Acquire::{scheme}::Proxy "{value}";\n')
        user = pathlib.Path.home() / ".npmrc"
        if user.is_file():
            shutil.copy(user, self.folder / "root/.npmrc")

    def put_sources(self):
        """A clean clone of what is committed, and the shared material beside it where there is some."""
        target = self.folder / INSIDE.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        say(f"cloning HEAD of this repository to {INSIDE}")
        run(["git", "clone", "--quiet", "--no-hardlinks", "--depth=1", f"file://{ROOT}", target])
        shared = pathlib.Path(os.environ.get("SEXTANT_SHARED", ROOT.parent / "shared"))
        if shared.is_dir():
            shutil.copytree(shared, target.parent / "shared", symlinks=True)

    def environment(self):
        """What a login on the fresh machine would have, and the passed-on settings."""
        env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8",
               "TERM": "dumb", "DEBIAN_FRONTEND": "noninteractive"}
        env.update({name: value for name, value in os.environ.items() if PASSED.match(name)})
        env.update({name: CA_BUNDLE for name in CA_VARIABLES if name in os.environ})
        if shutil.which("npm"):
            env["npm_config_registry"] = output(["npm", "config", "get", "registry"], cwd="/").strip()
        return env

    def command(self, text):
        """The command line that runs `text` with a shell inside."""
        inner = shlex.quote(f"cd {INSIDE} 2>/dev/null || cd /; {text}\nexit $?")
        root = shlex.quote(str(self.folder))
        variables = " ".join(shlex.quote(f"{name}={value}") for name, value in self.environment().items())
        script = (f"mount --rbind /dev {root}/dev && mount --rbind /sys {root}/sys && mount -t proc proc {root}/proc && "
                  f"exec chroot {root} env -i {variables} bash -c {inner}")
        return ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "bash", "-c", script]

    def do(self, text):
        """Runs a command to its end; DevError when it fails."""
        print(f"  fresh# {text}", flush=True)
        code = subprocess.run(self.command(text), check=False, stdin=subprocess.DEVNULL).returncode
        if code != 0:
            raise DevError(f"on the fresh machine, '{text}' ended with code {code}", "see its output above")

    def do_until_running(self, text):
        """Runs `make run` until its page stands, looks at the page, and stops it as Ctrl-C would."""
        print(f"  fresh# {text}", flush=True)
        process = subprocess.Popen(self.command(text), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                                   start_new_session=True)
        address = None
        try:
            for line in process.stdout:
                print(line, end="", flush=True)
                if RUNNING in line:
                    address = line.split(RUNNING)[1].split()[0]
                    break
            if address is None:
                raise DevError(f"'{text}' ended before the page stood", "see its output above")
            look_at(address)
            os.killpg(process.pid, signal.SIGINT)
            print(process.stdout.read(), end="", flush=True)
            process.wait(timeout=STOP_SECONDS_MAX)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def look_at(address):
    """The page answers, and the demo agents' runs are there."""
    with urllib.request.urlopen(f"{address}/", timeout=30) as answer:
        page = answer.read().decode()
    with urllib.request.urlopen(f"{address}/api/traces", timeout=30) as answer:
        listed = json.load(answer)
    rows = max((len(value) for value in listed.values() if isinstance(value, list)), default=0)
    print(f"  the page has {len(page)} bytes; the list has {rows} runs", flush=True)
    if "<script" not in page or rows == 0:
        raise DevError("the page or its runs are missing", f"open {address} while tools/dev run is running")


def timed(times, name, action):
    """Does something and notes its seconds: by the clock, and of the processors."""
    def used():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime
    started, before = time.monotonic(), used()
    try:
        action()
    finally:
        times.append((name, time.monotonic() - started, used() - before))


def goal(machine, name, times):
    """One make target of the README on the fresh machine."""
    command = f"make {name}"
    action = (lambda: machine.do_until_running(command)) if name == "run" else (lambda: machine.do(command))
    timed(times, command, action)


def check_tools():
    """Root and debootstrap."""
    if os.geteuid() != 0:
        raise DevError("a chroot needs root", "sudo tools/dev fresh")
    packages.ensure(["debootstrap"], "the fresh machine")
    if call(["unshare", "--mount", "--pid", "--fork", "--kill-child", "true"], env=environment()) != 0:
        raise DevError("this machine allows no namespaces", "run on a machine or in a container that may mount")


def main(options):
    """The verb."""
    goals = options.goals or list(GOALS)
    unknown = [name for name in goals if name not in GOALS]
    if unknown:
        raise DevError(f"'{unknown[0]}' is no goal", f"choose of {', '.join(GOALS)}")
    commands = readme_commands((ROOT / "README.md").read_text())
    absent = [f"make {name}" for name in ("run", "test") if f"make {name}" not in commands]
    if absent:
        raise DevError(f"README's first block does not say {absent[0]}", "this program does what the README says: write it there")
    check_tools()
    parent = pathlib.Path(options.root or tempfile.mkdtemp(prefix="sextant-fresh-"))
    machine, times = Machine(parent / "root"), []
    try:
        timed(times, "debootstrap", lambda: machine.bootstrap(mirror(options.mirror)))
        for command in (text for text in commands if text.startswith("apt-get")):
            timed(times, command, lambda: machine.do(command))
        machine.put_sources()
        for name in goals:
            goal(machine, name, times)
    finally:
        for name, seconds, used in times:
            print(f"  {name:50} {seconds:7.0f} s  {used:7.0f} CPU-s")
        if not options.keep:
            say(f"removing {machine.folder}")
            shutil.rmtree(machine.folder, ignore_errors=True)
            if not options.root:
                parent.rmdir()
    say(f"{relative(ROOT)} works on a fresh machine: {', '.join(goals)}")
    return 0

"""File systems of a test's own: a small tmpfs, an ext4 in a file. They need root and a kernel that lets mount.

Where it does not, CannotMount says why; a program that ends with SKIPPED was not run, and `tools/dev test` says so.
"""
import fcntl
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile

SKIPPED = 77
EXT4_IOC_SHUTDOWN = 0x8004587D
SHUTDOWN_WITHOUT_LOG_FLUSH = 2


class CannotMount(Exception):
    """The machine does not let us mount."""


def mount(*arguments):
    """mount(8); CannotMount when it refuses."""
    if os.geteuid() != 0:
        raise CannotMount("this needs root, to mount a file system of its own")
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotMount(f"mount refuses: {done.stderr.strip()}")


class Mounted:
    """A mount point that goes with what is mounted on it."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="sextant_mount_"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.unmount()
        self.path.rmdir()

    def unmount(self):
        if os.path.ismount(self.path):
            subprocess.run(["umount", self.path], check=True)

    def free_bytes(self):
        return shutil.disk_usage(self.path).free

    def remount(self, options):
        mount("-o", f"remount,{options}", str(self.path))


class Tmpfs(Mounted):
    """A file system in memory of `size_bytes`."""

    def __init__(self, size_bytes):
        super().__init__()
        mount("-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", str(self.path))


class LoopExt4(Mounted):
    """An ext4 in a file, whose power can be cut."""

    def __init__(self, size_bytes):
        super().__init__()
        if shutil.which("mkfs.ext4") is None:
            raise CannotMount("mkfs.ext4 is not installed")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sextant_disk_"))
        self.image = self.folder / "disk"
        with open(self.image, "wb") as file:
            file.truncate(size_bytes)
        subprocess.run(["mkfs.ext4", "-q", "-F", self.image], check=True)
        self.mount()

    def mount(self):
        mount("-o", "loop", str(self.image), str(self.path))

    def cut_power(self):
        """From now on nothing reaches the disk, not even ext4's own journal; every call fails."""
        directory = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(directory, EXT4_IOC_SHUTDOWN, struct.pack("I", SHUTDOWN_WITHOUT_LOG_FLUSH))
        except OSError as error:
            raise CannotMount(f"this kernel's ext4 cannot be shut down: {error}") from error
        finally:
            os.close(directory)

    def __exit__(self, *_):
        super().__exit__()
        shutil.rmtree(self.folder)


def run(main):
    """main(), or SKIPPED with a loud word where the machine does not let us mount."""
    try:
        return main()
    except CannotMount as why:
        print(f"\n*** SKIPPED, NOT TESTED: {why} ***\n", flush=True)
        return SKIPPED

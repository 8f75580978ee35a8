"""The guide keeps its word: the configuration it shows is what check-config takes, its flags are those of serve.

Each YAML block of docs/guide/configuration.md is a whole file.
"""

import pathlib
import re
import subprocess
import tempfile

import harness

ROOT = pathlib.Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs/guide/configuration.md"


def check_config(text=None):
    """(exit code, what was printed) of check-config over a file with this text, or over none."""
    with tempfile.TemporaryDirectory() as folder:
        command = [harness.binary(), "check-config"]
        if text is not None:
            path = pathlib.Path(folder, "sextant.yaml")
            path.write_text(text)
            command += ["--config", str(path)]
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder)
        return done.returncode, done.stdout.strip()


def flags_of_serve():
    """Names of the flags that `serve --help` lists."""
    done = subprocess.run([harness.binary(), "serve", "--help"], check=True, stdout=subprocess.PIPE, text=True)
    return set(re.findall(r"--[a-z][a-z-]+", done.stdout)) - {"--help", "--help-all"}


def main():
    cases = harness.Cases()
    guide = GUIDE.read_text()
    blocks = re.findall(r"^```yaml\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    cases.check("the guide shows a file", len(blocks) >= 1, len(blocks))
    for text in blocks:
        code, said = check_config(text)
        cases.check("check-config takes it", code == 0, said)
    code, said = check_config(blocks[0].replace("durability:", "durabilty:"))
    cases.check("a misspelt key is refused, and the right one named", code != 0 and "durability" in said, said)
    documented = set(re.findall(r"^\| `(--[a-z-]+)", guide, re.MULTILINE))
    cases.check("the guide lists every flag of serve", documented == flags_of_serve(), sorted(documented ^ flags_of_serve()))
    return cases.finish()


if __name__ == "__main__":
    raise SystemExit(main())

"""Tests of what tools/dev decides without running anything."""
import contextlib
import io
import pathlib
import tempfile
import unittest

from devlib import fresh, measure, npm, packages, reference, shell, test


class Packages(unittest.TestCase):
    def test_node_from_elsewhere_is_left_alone(self):
        names = ["cmake", "nodejs", "npm"]
        self.assertEqual(packages.wanted(names, find=lambda command: "/usr/bin/" + command), ["cmake"])
        self.assertEqual(packages.wanted(names, find=lambda command: None), names)

    def test_lists_have_remarks(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "list")
            path.write_text("cmake  # builds\n\n# all\nninja-build\n")
            self.assertEqual(packages.read_list(path), ["cmake", "ninja-build"])


class Fresh(unittest.TestCase):
    def test_mirror_of_either_style(self):
        one_line = "# remark\ndeb [arch=amd64] http://a.example/debian bookworm main\n"
        stanzas = "Types: deb\nURIs: http://b.example/x\nSuites: nodistro\n\nTypes: deb\nURIs: http://c.example/d http://e.example\nSuites: bookworm bookworm-updates\n"
        self.assertEqual(fresh.read_mirror([one_line]), "http://a.example/debian")
        self.assertEqual(fresh.read_mirror(["", stanzas]), "http://c.example/d")
        self.assertIsNone(fresh.read_mirror(["deb http://a.example sid main\n"]))

    def test_readme_begins_with_what_a_fresh_machine_needs(self):
        commands = fresh.readme_commands((shell.ROOT / "README.md").read_text())
        self.assertTrue(commands[0].startswith("apt-get"), commands)
        self.assertIn("git make", commands[0])
        self.assertIn("make run", commands)
        self.assertIn("make test", commands)


class Reference(unittest.TestCase):
    def test_metrics_rows(self):
        text = '// METRIC(not a row)\nMETRIC(Spans, "x_total", Counter, "protocol, outcome",\n       "Spans " "received")\nMETRIC(Up, "up", Gauge, "", "1")\n'
        rows = reference.read_metrics(text)
        self.assertEqual(rows, [("x_total", "counter", ["protocol", "outcome"], "Spans received"), ("up", "gauge", [], "1")])
        self.assertIn("| `x_total` | counter | `protocol`, `outcome` | Spans received |", reference.metrics_page(rows))

    def test_a_row_that_cannot_be_read_is_an_error(self):
        with self.assertRaises(shell.DevError):
            reference.read_metrics("METRIC(Spans, kName, Counter, 3)\n")


class Npm(unittest.TestCase):
    def test_digest_sees_names_and_contents(self):
        with tempfile.TemporaryDirectory() as folder:
            one, two = pathlib.Path(folder, "one"), pathlib.Path(folder, "two")
            one.write_text("ab")
            two.write_text("")
            first = npm.digest([one, two])
            one.write_text("a")
            two.write_text("b")
            self.assertNotEqual(first, npm.digest([one, two]))
            self.assertNotEqual(npm.digest([one]), npm.digest([two]))


class Measure(unittest.TestCase):
    def test_only_what_was_asked_for_is_shown(self):
        line = '{"figure": "ingest.shape.cpu_hot", "value": 1}'
        self.assertTrue(measure.wanted(line, []))
        self.assertTrue(measure.wanted(line, ["ingest.shape.cpu_hot"]))
        self.assertTrue(measure.wanted(line, ["ingest.shape"]))
        self.assertFalse(measure.wanted(line, ["ingest.agent.cpu_hot"]))
        self.assertTrue(measure.wanted("a word about the machine", ["ingest.shape"]))

    def test_figures_choose_their_runs(self):
        def kinds(*only):
            return [(run[1], run[3]) for run in measure.server_runs(only)]
        self.assertEqual(measure.server_runs([]), [["bench", "report"]])
        self.assertEqual(kinds("disk.agent.settled"), [("ingest", "agent")])
        self.assertEqual(kinds("start.empty"), [("query", "shape")])
        self.assertEqual(kinds("memory.idle"), [("query", "shape")])
        self.assertEqual(kinds("query.p95_by_model"), [("query", "agent")])
        self.assertEqual(kinds("query.attribute", "query.absent"), [("query", "shape")])
        self.assertEqual(kinds("query.by_id"), [("query", "agent"), ("query", "shape")])
        self.assertEqual(kinds("ingest"), [("ingest", "shape"), ("ingest", "agent")])
        with self.assertRaises(shell.DevError):
            measure.server_runs(["sdk.span.1t"])


class Test(unittest.TestCase):
    def summary(self, *outcomes):
        results = [(test.Suite(f"suite{number}", "", None), outcome, 1.0, "") for number, outcome in enumerate(outcomes)]
        with contextlib.redirect_stdout(io.StringIO()):
            return test.summary(results)

    def test_exit_code_follows_the_suites(self):
        self.assertEqual(self.summary("passed", "passed"), 0)
        self.assertEqual(self.summary("passed", "skipped"), 0)
        self.assertEqual(self.summary("passed", "failed"), 1)
        self.assertEqual(self.summary("skipped"), 1)

    def test_a_failing_suite_is_reported_not_raised(self):
        def fails(_):
            raise shell.DevError("no", "yes")
        context = test.Context("release", None)
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(test.run_suite(test.Suite("x", "", fails), context)[0], "failed")

    def test_unknown_suites_are_refused(self):
        with self.assertRaises(shell.DevError):
            test.chosen(["nothing-of-the-kind"])
        self.assertTrue(all(suite.name.startswith("app/") for suite in test.chosen(["app"])))


if __name__ == "__main__":
    unittest.main()

"""Tests of the checks: each finds what it is for, and leaves alone what is right."""
import pathlib
import unittest

from devlib.lint import docs, layers, lengths, words

LIST = """
# the architecture
module(base/core LIBS PkgConfig::xxhash)
module(base/sys DEPS base/core TEST_LIBS test_net)   # the seams
module(data/model DEPS base/core
       base/sys)
module(ingest/http DEPS data/model base/sys)
"""


class Layers(unittest.TestCase):
    def setUp(self):
        self.modules = layers.read_modules(LIST)

    def includes(self, path, *names):
        text = "".join(f'#include "{name}"\n' for name in names)
        return layers.check_file(path, text, self.modules, lambda name: name != "data/model/absent.h")

    def test_reads_the_list(self):
        self.assertEqual(list(self.modules), ["base/core", "base/sys", "data/model", "ingest/http"])
        self.assertEqual(self.modules["data/model"].deps, ["base/core", "base/sys"])
        self.assertEqual(self.modules["base/core"].deps, [])
        self.assertEqual(layers.check_list(self.modules, "list"), [])

    def test_declared_includes_pass(self):
        self.assertEqual(self.includes("data/model/batch.cc", "data/model/batch.h", "base/sys/clock.h"), [])

    def test_upward_include_is_found(self):
        found = self.includes("base/sys/clock.cc", "base/core/text.h", "data/model/batch.h")
        self.assertEqual(len(found), 1)
        self.assertIn("src/base/sys/clock.cc:2: module base/sys may not include data/model", found[0])

    def test_undeclared_include_is_found_though_it_stands_above(self):
        self.assertIn("may not include base/core", self.includes("ingest/http/server.cc", "base/core/text.h")[0])

    def test_absent_and_relative_includes_are_found(self):
        self.assertIn("is no file under src/", self.includes("ingest/http/a.cc", "data/model/absent.h")[0])

    def test_only_tests_use_test_support(self):
        self.assertEqual(self.includes("base/sys/clock_test.cc", "tests/support/manual_clock.h"), [])
        self.assertIn("only *_test.cc", self.includes("base/sys/clock.cc", "tests/support/manual_clock.h")[0])

    def test_a_folder_must_be_declared(self):
        self.assertIn("not declared", self.includes("base/net/server.cc", "base/core/text.h")[0])

    def test_the_program_meets_everything(self):
        self.modules = layers.read_modules(LIST + "module(wiring DEPS base/core)\n")
        self.assertEqual(self.includes("wiring/commands/main.cc", "ingest/http/server.h"), [])
        self.assertEqual(len(self.includes("wiring/serve.cc", "ingest/http/server.h")), 1)

    def test_order_and_absences(self):
        wrong = layers.read_modules("module(persist/store DEPS data/otlp)\nmodule(data/otlp)\nmodule(attic/x)\n")
        found = "\n".join(layers.check_list(wrong, "list"))
        self.assertIn("which is not declared above it", found)
        self.assertIn("storage knows no wire format", found)
        self.assertIn("stands below a module of layer persist", found)
        self.assertIn("'attic' is no layer", found)


class Lengths(unittest.TestCase):
    def functions(self, text, suffix=".cc"):
        return list(lengths.braced_functions(text, pathlib.Path("x" + suffix)))

    def test_cpp_functions(self):
        text = ('namespace a {\n'
                'Foo::Foo(int a, X b) : a_{a}, b_{std::move(b)} {\n  if (a) { b(); }\n}\n'
                'const std::vector<int> kTable = {\n  1,\n};\n'
                'enum class Kind { kA };\n'
                'struct Y {\n  int z() const noexcept { return 1; }\n  void f(Z z = {}) const override {\n    g();\n  }\n'
                '  template <typename T> requires std::integral<T>\n  T foo(T a) {\n    return a;\n  }\n};\n'
                '}  // namespace a\n'
                'std::expected<int, E> parse(std::string_view text) {\n  for (;;) { switch (a) { default: { } } }\n}\n'
                'TEST(Some, Thing) {\n  EXPECT_EQ("}{", c);  // }\n  auto f = [&](int x) {\n    return x;\n  };\n}\n')
        self.assertEqual(self.functions(text),
                         [("Foo::Foo", 2, 3), ("z", 10, 1), ("f", 11, 3), ("foo", 14, 4), ("parse", 20, 3),
                          ("TEST(Some, Thing)", 23, 6)])

    def test_raw_strings_and_digit_separators(self):
        text = 'int f() {\n  auto t = R"x({{{ " )x";\n  int n = 80\'000\'000;\n  char c = \'{\';\n  return n;\n}\nint g() { return 1; }\n'
        self.assertEqual(self.functions(text), [("f", 1, 6), ("g", 7, 1)])

    def test_typescript_functions(self):
        text = ('export function Runs({ rows, total }: Props) {\n  const text = `a ${b} {`;\n  return <p>don\'t {rows}</p>;\n}\n'
                'const pick = (a: number): string => {\n  return /[{"]/.test(x) ? a : b;\n};\n'
                'class A {\n  run(): void {\n    if (a) {\n    }\n  }\n}\n')
        self.assertEqual(self.functions(text, ".tsx"), [("Runs", 1, 4), ("pick", 5, 3), ("run", 9, 4)])

    def test_too_long(self):
        body = "int f() {\n" + "  g();\n" * 69 + "}\n"
        path = pathlib.Path("x.cc")
        self.assertEqual(len(lengths.function_findings(path, body)), 1)
        self.assertIn("f has 71 lines", lengths.function_findings(path, body)[0])
        self.assertEqual(lengths.function_findings(path, body.replace("  g();\n", "", 1)), [])
        self.assertEqual(len(lengths.file_findings(path, "x\n" * 801)), 1)
        self.assertEqual(lengths.file_findings(path, "x\n" * 800), [])
        self.assertEqual(len(lengths.function_findings(pathlib.Path("x.py"), "def f():\n" + "  g()\n" * 70)), 1)


class Words(unittest.TestCase):
    def found(self, name, text):
        return words.ban_findings(name, pathlib.Path(name), text)

    def test_bans_say_what_instead(self):
        cases = (
            ("src/base/net/a.cc", "std::thread t;", "std::jthread"),
            ("src/base/net/a_test.cc", "std::this_thread::sleep_for(1s);", "manual clock"),
            ("src/persist/a.cc", 'getenv("X");', "wiring"),
            ("src/persist/a.cc", "std::chrono::steady_clock::now();", "Clock"),
            ("src/serve/a.cc", 'printf("x");', "Log"),
            ("src/serve/a.cc", "throw 1;", "Result"),
            ("src/serve/a.cc", "list.push_back({{1, 2}, TRY(f())});", "line of its own"),
            ("ui/src/a.tsx", "<p dangerouslySetInnerHTML={x} />", "markup"),
            ("tests/page/a.ts", "test.only(1)", "test whole"),
        )
        for name, text, instead in cases:
            with self.subTest(text=text):
                self.assertEqual(len(self.found(name, text)), 1)
                self.assertIn(instead, self.found(name, text)[0])

    def test_comments_strings_and_other_places_pass(self):
        self.assertEqual(self.found("src/persist/a.cc", '// a std::thread would throw\nlog("getenv printf(");\nfmt::snprintf_like();'), [])
        self.assertEqual(self.found("src/base/sys/clock.cc", "std::chrono::steady_clock::now();"), [])
        self.assertEqual(self.found("src/wiring/config.cc", 'getenv("X");'), [])
        self.assertEqual(self.found("src/base/net/a.cc", "std::thread::hardware_concurrency(); request.time(0); Timer<steady_clock> timer;"), [])

    def test_try_in_a_block_passes(self):
        self.assertEqual(self.found("src/serve/a.cc", "Result<int> f() { return TRY(g()); }\nX x{1};\nauto y = TRY(h({2}));"), [])

    def test_marks_in_comments_are_found(self):
        mark = "TO" + "DO"
        self.assertEqual(len(self.found("src/base/a.cc", f"int a;  // {mark}: b\n")), 1)

    def test_openings(self):
        path = pathlib.Path("nowhere/x.h")
        self.assertEqual(len(words.opening_findings(path, "#pragma once\n// late\n")), 1)
        self.assertEqual(words.opening_findings(path, "// What it holds.\n#pragma once\n"), [])
        self.assertEqual(words.opening_findings(pathlib.Path("nowhere/x.mjs"), "#!/usr/bin/env node\n// What.\n"), [])


class Docs(unittest.TestCase):
    def test_paths_and_links(self):
        text = "One `src/a.cc`, two `src/b.cc`.\n[three](c.md) [out](https://example.com/x)\n```\n[not](a link)\n```\n"
        found = docs.path_findings("docs/X.md", text, lambda name: name == "src/a.cc")
        self.assertEqual(found, ["docs/X.md:1: src/b.cc does not exist"])
        found = docs.link_findings("docs/X.md", pathlib.Path("/nonexistent"), text)
        self.assertEqual(found, ["docs/X.md:2: the link to c.md leads nowhere"])


if __name__ == "__main__":
    unittest.main()

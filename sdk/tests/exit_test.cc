// How processes end with an SDK in them: see exit_cases.cc.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace {

struct Outcome {
  int code;
  std::vector<std::string> spans;  // sorted
};

Outcome run(const std::string& which) {
  char path[] = "/tmp/sextant_exit_XXXXXX";
  const int file = mkstemp(path);
  const int status = std::system((std::string(SEXTANT_EXIT_CASES) + " " + which + " " + path).c_str());
  Outcome outcome{status, {}};
  std::ifstream lines(path);
  for (std::string line; std::getline(lines, line);) outcome.spans.push_back(line);
  std::sort(outcome.spans.begin(), outcome.spans.end());
  std::remove(path);
  close(file);
  return outcome;
}

using Names = std::vector<std::string>;

TEST(Exit, a_forked_child_sends_its_own_spans_only) {
  const Outcome outcome = run("fork");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.spans, (Names{"in the child", "open in the parent", "queued in the parent"}));
}

TEST(Exit, a_static_sdk_sends_what_ended_before_its_destructor) {
  const Outcome outcome = run("static_sdk");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(std::count(outcome.spans.begin(), outcome.spans.end(), "main"), 1);
}

TEST(Exit, an_sdk_that_nobody_stops_sends_at_exit) {
  for (const char* which : {"leaked_sdk", "exit_in_thread"}) {
    const Outcome outcome = run(which);
    EXPECT_EQ(outcome.code, 0) << which;
    EXPECT_EQ(outcome.spans, Names{"main"}) << which;
  }
}

TEST(Exit, exit_handlers_may_trace) {
  const Outcome outcome = run("atexit");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.spans, (Names{"in an exit handler", "main"}));
}

TEST(Exit, spans_that_are_open_at_exit_do_no_harm) {
  EXPECT_EQ(run("open_spans").code, 0);
}

TEST(Exit, destructors_of_thread_locals_may_trace) {
  const Outcome outcome = run("quick_exit_thread_locals");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.spans, (Names{"in a static destructor", "main"}));
}

}  // namespace

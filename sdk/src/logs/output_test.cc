#include "logs/output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <set>
#include <thread>

#include "logs/sigpipe.h"
#include "logs/test_kit.h"

namespace sextant::logs {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;

/// A folder of its own that goes with the test.
class Folder {
 public:
  Folder() {
    char name[] = "/tmp/sextant_logs_XXXXXX";
    path_ = mkdtemp(name);
  }
  ~Folder() {
    for (const std::string& file : made_) unlink(file.c_str());
    rmdir(path_.c_str());
  }
  std::string file(const std::string& name) {
    made_.insert(path_ + "/" + name);
    return path_ + "/" + name;
  }

 private:
  std::string path_;
  std::set<std::string> made_;
};

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

LogOutput bare(LogOutput output) {
  output.format = LogFormat::kText;
  output.time_format = LogTimeFormat::kNone;
  return output;
}

std::unique_ptr<Output> opened(const LogOutput& options) {
  auto output = Output::open(options);
  EXPECT_TRUE(output.ok()) << (output ? "" : output.error());
  return output ? std::move(*output) : nullptr;
}

/// Writes a record with this body at a moment of the monotonic clock.
void write(Output& output, std::string_view body, std::int64_t monotonic_ns = 0) {
  const Value value(body);
  const SpanContext none;
  otlp::KeptAttributes kept({}, 0);
  output.write({detail::scope_at(0), none, Severity::kInfo, "INFO", value, {}, {}, kept, {}, 0, 0}, monotonic_ns);
}

/// Standard error's diagnostics are kept from the tests' output, and looked at.
class Diagnostics {
 public:
  Diagnostics() {
    set_diagnostic_handler([this](LogLevel, std::string_view message) { text += std::string(message) + "\n"; });
  }
  ~Diagnostics() { set_diagnostic_handler(nullptr); }
  std::string text;
};

TEST(LogFile, IsAppendedTo) {
  Folder folder;
  const std::string path = folder.file("a.log");
  write(*opened(bare(log_output(path))), "one");
  write(*opened(bare(log_output(path))), "two");
  EXPECT_EQ(lines_of(path), (std::vector<std::string>{"info  one", "info  two"}));
  struct stat status{};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0133, 0U);
}

TEST(LogFile, ThatIsRenamedIsBegunAnewWithinASecond) {
  Folder folder;
  const std::string path = folder.file("a.log");
  const std::string rotated = folder.file("a.log.1");
  const auto output = opened(bare(log_output(path)));
  write(*output, "one", 10 * kSecondNs);
  ASSERT_EQ(rename(path.c_str(), rotated.c_str()), 0);
  write(*output, "two", 10 * kSecondNs + kSecondNs / 2);
  write(*output, "three", 11 * kSecondNs);
  EXPECT_EQ(lines_of(rotated), (std::vector<std::string>{"info  one", "info  two"}));
  EXPECT_EQ(lines_of(path), (std::vector<std::string>{"info  three"}));
}

TEST(LogFile, IsOpenedAnewOnRequest) {
  Folder folder;
  const std::string path = folder.file("a.log");
  const std::string rotated = folder.file("a.log.1");
  const auto output = opened(bare(log_output(path)));
  write(*output, "one", 10 * kSecondNs);
  ASSERT_EQ(rename(path.c_str(), rotated.c_str()), 0);
  reopen_log_files();
  write(*output, "two", 10 * kSecondNs);
  EXPECT_EQ(lines_of(path), (std::vector<std::string>{"info  two"}));
}

TEST(LogFile, StaysTheOldOneWhereTheNewOneCannotBeOpened) {
  Folder folder;
  const std::string path = folder.file("a.log");
  const std::string rotated = folder.file("a.log.1");
  const auto output = opened(bare(log_output(path)));
  write(*output, "one", 10 * kSecondNs);
  ASSERT_EQ(rename(path.c_str(), rotated.c_str()), 0);
  ASSERT_EQ(mkdir(path.c_str(), 0755), 0);
  write(*output, "two", 20 * kSecondNs);
  ASSERT_EQ(rmdir(path.c_str()), 0);
  write(*output, "three", 30 * kSecondNs);
  EXPECT_EQ(lines_of(rotated), (std::vector<std::string>{"info  one", "info  two"}));
  EXPECT_EQ(lines_of(path), (std::vector<std::string>{"info  three"}));
  EXPECT_EQ(output->counts().lost, 0U);
}

TEST(LogOutput, WithoutATargetIsAnError) {
  EXPECT_EQ(
      Output::open(log_output("/nowhere/a.log")).error(),
      "log file '/nowhere/a.log' cannot be opened: No such file or directory: give the path of a file that may be "
      "written");
  EXPECT_EQ(Output::open(log_output("")).error(), "a log output of kind file has no path: set LogOutput::path");
  LogOutput function;
  function.target = LogTarget::kFunction;
  EXPECT_EQ(Output::open(function).error(), "a log output of kind function has no function: set LogOutput::function");
  Options options;
  options.logs.outputs.push_back(log_output("/nowhere/a.log"));
  auto sdk = Sdk::start(std::move(options));
  ASSERT_FALSE(sdk.ok());
  EXPECT_NE(sdk.error().find("/nowhere/a.log"), std::string::npos);
}

TEST(LogOutput, AFullDiskIsCountedAndSaidOnce) {
  Diagnostics said;
  const auto output = opened(bare(log_output("/dev/full")));
  write(*output, "one");
  write(*output, "two");
  EXPECT_EQ(output->counts().lost, 2U);
  EXPECT_EQ(output->counts().written, 0U);
  EXPECT_EQ(said.text, "lines of logs cannot be written: /dev/full: No space left on device\n");
}

/// A descriptor that stands in for standard output while it lives.
class AsStdout {
 public:
  explicit AsStdout(int descriptor) : before_(dup(STDOUT_FILENO)) {
    fflush(stdout);
    dup2(descriptor, STDOUT_FILENO);
  }
  ~AsStdout() {
    fflush(stdout);
    dup2(before_, STDOUT_FILENO);
    close(before_);
  }

 private:
  int before_;
};

TEST(LogOutput, APipeThatNobodyReadsIsCountedAndKillsNobody) {
  Diagnostics said;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  const auto output = opened(bare(log_output("stdout")));
  {
    const AsStdout swapped(ends[1]);
    write(*output, "one");  // SIGPIPE would end the test here
  }
  close(ends[1]);
  EXPECT_EQ(output->counts().lost, 1U);
  EXPECT_EQ(said.text, "lines of logs cannot be written: standard output: Broken pipe\n");
  sigset_t pending;
  ASSERT_EQ(sigpending(&pending), 0);
  EXPECT_EQ(sigismember(&pending, SIGPIPE), 0);
  sigset_t mask;
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, nullptr, &mask), 0);
  EXPECT_EQ(sigismember(&mask, SIGPIPE), 0);
}

TEST(LogOutput, ASignalThatTheProgramHeldBackItselfStays) {
  sigset_t set;
  sigset_t before;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &set, &before), 0);
  raise(SIGPIPE);
  {
    SigpipeHold hold;
    hold.expect();
  }
  sigset_t pending;
  ASSERT_EQ(sigpending(&pending), 0);
  EXPECT_EQ(sigismember(&pending, SIGPIPE), 1);
  const timespec now{0, 0};
  EXPECT_EQ(sigtimedwait(&set, nullptr, &now), SIGPIPE);
  ASSERT_EQ(pthread_sigmask(SIG_SETMASK, &before, nullptr), 0);
}

TEST(LogOutput, AFifoThatIsFullLosesWholeLinesAndKeepsTheRestWhole) {
  Diagnostics said;
  Folder folder;
  const std::string path = folder.file("fifo");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_FALSE(Output::open(log_output(path)).ok()) << "nobody reads: it would wait";
  const int reader = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  const auto output = opened(bare(log_output(path)));
  const std::string large(30'000, 'x');
  std::string arrived;
  const auto drain = [&] {
    char some[4096];
    for (ssize_t count = 0; (count = read(reader, some, sizeof(some))) > 0;)
      arrived.append(some, static_cast<std::size_t>(count));
  };
  for (int i = 0; i < 6; ++i) write(*output, large);
  EXPECT_GT(output->counts().lost, 0U);
  drain();
  write(*output, "after");
  drain();
  close(reader);
  std::size_t whole = 0;
  std::string last;
  for (std::size_t at = 0; at < arrived.size();) {
    const std::size_t end = arrived.find('\n', at);
    ASSERT_NE(end, std::string::npos);
    last = arrived.substr(at, end - at);
    if (last == "info  " + large) ++whole;
    at = end + 1;
  }
  EXPECT_EQ(last, "info  after") << "a line of its own, whatever was torn before it";
  EXPECT_EQ(whole + 1, output->counts().written);
}

TEST(LogOutput, LinesOfManyThreadsAreWhole) {
  Folder folder;
  const std::string path = folder.file("a.log");
  const auto output = opened(bare(log_output(path)));
  constexpr int kThreads = 4;
  constexpr int kEach = 500;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&output, t] {
      const std::string body(static_cast<std::size_t>(1 + t * 1500), static_cast<char>('a' + t));
      for (int i = 0; i < kEach; ++i) write(*output, body);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::map<std::string, int> seen;
  for (const std::string& line : lines_of(path)) ++seen[line];
  ASSERT_EQ(seen.size(), static_cast<std::size_t>(kThreads));
  for (const auto& [line, count] : seen) EXPECT_EQ(count, kEach);
  EXPECT_EQ(output->counts().written, static_cast<std::uint64_t>(kThreads * kEach));
}

TEST(LogOutput, IsClosedWithTheSdk) {
  Folder folder;
  const std::string path = folder.file("a.log");
  const auto output = opened(bare(log_output(path)));
  Diagnostics said;
  write(*output, "one");
  output->close();
  write(*output, "two");
  EXPECT_EQ(lines_of(path).size(), 1U);
  EXPECT_EQ(output->counts().lost, 1U);
  EXPECT_EQ(said.text, "");
}

TEST(LogOutput, WorksInTheChildOfAFork) {
  Folder folder;
  const std::string path = folder.file("a.log");
  LogOptions options;
  options.outputs.push_back(bare(log_output(path)));
  Running running(options);
  const Logger logger = sextant::logger("fork");
  logger.info("parent");
  const pid_t child = fork();
  if (child == 0) {
    logger.info("child");
    _exit(sextant::logger("of the child").enabled(Severity::kInfo) ? 0 : 1);
  }
  int status = 1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  logger.info("parent again");
  EXPECT_EQ(lines_of(path),
            (std::vector<std::string>{"info  fork: parent", "info  fork: child", "info  fork: parent again"}));
}

TEST(LogOutput, StandardErrorIsOneToo) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const int before = dup(STDERR_FILENO);
  dup2(ends[1], STDERR_FILENO);
  write(*opened(bare(log_output("stderr"))), "here");
  dup2(before, STDERR_FILENO);
  close(before);
  close(ends[1]);
  char text[64] = {};
  const ssize_t count = read(ends[0], text, sizeof(text));
  close(ends[0]);
  EXPECT_EQ(std::string(text, static_cast<std::size_t>(count)), "info  here\n");
}

}  // namespace
}  // namespace sextant::logs

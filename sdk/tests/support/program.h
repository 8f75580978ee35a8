// Another program that a test starts, talks to, and ends.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

extern char** environ;

namespace sextant::tests {

/// The path of a program that is installed; empty where it is not.
inline std::string find_program(const std::string& name) {
  const char* const path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/bin:/bin";
  while (!rest.empty()) {
    const std::string_view folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(folder.size() < rest.size() ? folder.size() + 1 : rest.size());
    const std::string whole = std::string(folder) + "/" + name;
    if (access(whole.c_str(), X_OK) == 0) return whole;
  }
  return {};
}

/// Thread-confined. Ends the program, by its number, when destroyed. Every wait ends after a minute.
class Program {
 public:
  enum class Input { kNone, kPipe };
  /// What it writes to both outputs is kept.
  explicit Program(std::vector<std::string> arguments, Input input = Input::kNone) {
    int in[2] = {-1, -1};
    int out[2] = {-1, -1};
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(in, O_CLOEXEC) != 0) return;
    std::vector<char*> pointers;
    for (std::string& one : arguments) pointers.push_back(one.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_adddup2(&actions, out[1], 2);
    if (posix_spawn(&pid_, pointers[0], &actions, nullptr, pointers.data(), environ) != 0) pid_ = -1;
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    input_ = in[1];
    output_ = out[0];
    if (input == Input::kNone) end_input();
  }
  ~Program() {
    end_input();
    if (pid_ > 0) {
      kill(pid_, SIGTERM);
      if (!read_to_end()) kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    close(output_);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::write(input_, text.data(), text.size());
      if (sent <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void end_input() {
    if (input_ >= 0) close(input_);
    input_ = -1;
  }
  const std::string& output() const { return output_text_; }
  /// Whether it has written this, from its beginning on.
  bool wait_for(std::string_view text) {
    while (output_text_.find(text) == std::string::npos) {
      if (!read_more()) return false;
    }
    return true;
  }
  /// What follows `text` in its output, up to a space or the end of the line; empty where it never comes.
  std::string word_after(std::string_view text) {
    if (!wait_for(text)) return {};
    const std::size_t begin = output_text_.find(text) + text.size();
    while (output_text_.find_first_of(" \n", begin) == std::string::npos) {
      if (!read_more()) return {};
    }
    return output_text_.substr(begin, output_text_.find_first_of(" \n", begin) - begin);
  }
  /// Its exit status, once it has ended by itself; -1 where it did not, or by a signal.
  int wait() {
    if (!read_to_end()) return -1;
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  static constexpr std::chrono::seconds kPatience{60};
  bool read_more() {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until_ - std::chrono::steady_clock::now());
    pollfd entry{output_, POLLIN, 0};
    if (left.count() <= 0 || poll(&entry, 1, static_cast<int>(left.count())) <= 0) return false;
    char bytes[4096];
    const ssize_t got = read(output_, bytes, sizeof(bytes));
    if (got > 0) output_text_.append(bytes, static_cast<std::size_t>(got));
    ended_ = got == 0;
    return got > 0;
  }
  bool read_to_end() {
    while (read_more()) {
    }
    return ended_;
  }

  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  bool ended_ = false;
  std::string output_text_;
  const std::chrono::steady_clock::time_point until_ = std::chrono::steady_clock::now() + kPatience;
};

/// A folder that is gone when this ends.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    const char* const base = std::getenv("TMPDIR");
    path_ = std::string(base != nullptr ? base : "/tmp") + "/sextant_sdk_XXXXXX";
    if (mkdtemp(path_.data()) == nullptr) path_.clear();
  }
  ~TemporaryFolder() {
    if (!path_.empty()) Program({"/bin/rm", "-rf", path_}).wait();
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace sextant::tests

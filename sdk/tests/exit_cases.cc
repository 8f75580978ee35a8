// Ways in which a process can end, each in a process of its own: the test beside this runs it and looks at what
// arrived.
//
//   exit_cases CASE FILE      the exported spans' names are appended to FILE, one a line, with the process that sent
//   them
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include "sextant/sextant.h"
#include "tests/decoded.h"

sextant::Sdk* never_destroyed = nullptr;  // visible to other files, so that it is kept

namespace {

using namespace sextant;

std::string output;

/// Writes names of spans to the file.
class ToFile final : public Exporter {
 public:
  bool wants(Signal) const noexcept override { return true; }
  ExportResult send(const Batch& batch, const Deadline&) override {
    std::string lines;
    for (const tests::DecodedSpan& span : tests::decode_traces(batch.body).spans) lines += span.name + "\n";
    std::FILE* file = std::fopen(output.c_str(), "a");
    std::fwrite(lines.data(), 1, lines.size(), file);
    std::fclose(file);
    return {};
  }
  std::string name() const override { return "file"; }
};

Sdk start_sdk() {
  Options options;
  options.exporters.push_back(std::make_shared<ToFile>());
  return std::move(*Sdk::start(std::move(options)));
}

const Tracer kTracer = tracer("exit");
Sdk static_sdk;

struct TracesInDestructor {
  ~TracesInDestructor() { kTracer.start("in a static destructor").set("k", 1); }
};

/// The child's spans are the child's, the parent's the parent's, and an open span stays the parent's.
int fork_case() {
  Sdk sdk = start_sdk();
  Span open = kTracer.start("open in the parent");
  kTracer.start("queued in the parent");
  const pid_t child = fork();
  if (child == 0) {
    open.end();
    const Scope scope(open);
    Span in_child = kTracer.start("in the child");
    if (in_child.context().trace_id != open.context().trace_id) return 3;
    in_child.end();
    return sdk.shutdown().complete ? 0 : 4;
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

int run(const std::string& which) {
  if (which == "fork") return fork_case();
  if (which == "static_sdk") {
    static TracesInDestructor before;  // destroyed after the SDK is
    static_sdk = start_sdk();
    kTracer.start("main");
    return 0;
  }
  if (which == "exit_in_thread") {
    never_destroyed = new Sdk(start_sdk());
    std::thread([] {
      kTracer.start("main");
      std::exit(0);
    }).join();
  }
  if (which == "leaked_sdk") {
    never_destroyed = new Sdk(start_sdk());
    kTracer.start("main");
    return 0;
  }
  if (which == "atexit") {
    never_destroyed = new Sdk(start_sdk());
    std::atexit([] { kTracer.start("in an exit handler"); });  // runs before the SDK's own
    kTracer.start("main");
    return 0;
  }
  if (which == "open_spans") {
    never_destroyed = new Sdk(start_sdk());
    static Span open = kTracer.start("never ended by the program");
    return 0;
  }
  if (which == "quick_exit_thread_locals") {
    Sdk sdk = start_sdk();
    std::thread([] {
      thread_local TracesInDestructor at_thread_end;
      (void)&at_thread_end;
      kTracer.start("main");
    }).join();
    return 0;
  }
  return 2;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  output = arguments[2];
  return run(arguments[1]);
}

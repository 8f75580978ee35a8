// Against a real PostgreSQL, where one is installed: a cluster of its own that listens on a socket in its folder.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "conventions/testing.h"
#include "sextant/libpq.h"

namespace sextant {
namespace {

using conventions::SeenSpan;
using conventions::SpanWatch;

bool in_path(const std::string& program) {
  std::string_view path = std::getenv("PATH") != nullptr ? std::getenv("PATH") : "";
  while (!path.empty()) {
    const std::size_t colon = std::min(path.find(':'), path.size());
    if (access((std::string(path.substr(0, colon)) + "/" + program).c_str(), X_OK) == 0) return true;
    path.remove_prefix(std::min(colon + 1, path.size()));
  }
  return false;
}

/// Who the server runs as: PostgreSQL refuses to be root.
const passwd* unprivileged() {
  return geteuid() == 0 ? getpwnam("nobody") : getpwuid(geteuid());
}

/// Whether the program ends with 0.
bool run(std::vector<std::string> arguments) {
  const passwd* user = unprivileged();
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    const int nothing = open("/dev/null", O_RDWR);
    for (const int descriptor : {0, 1, 2}) dup2(nothing, descriptor);
    if (geteuid() == 0 && (setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) _exit(126);
    execvp(pointers[0], pointers.data());
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

class RealPostgres : public testing::Test {
 protected:
  void SetUp() override {
    if (!in_path("initdb") || !in_path("pg_ctl") || unprivileged() == nullptr)
      GTEST_SKIP() << "there is no PostgreSQL on this machine (initdb and pg_ctl in PATH, and a user who is not root)";
    char folder[] = "/tmp/sextant_pg_XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
    ASSERT_EQ(chown(folder, unprivileged()->pw_uid, unprivileged()->pw_gid), 0);
    const std::string data = folder_ + "/data";
    ASSERT_TRUE(run({"initdb", "-D", data, "-A", "trust", "-U", "test", "--no-sync", "--locale=C", "-E", "UTF8"}));
    running_ = run({"pg_ctl", "-D", data, "-w", "-t", "120", "-l", folder_ + "/log", "-o",
                    "-k " + folder_ + " -c listen_addresses='' -c fsync=off", "start"});
    ASSERT_TRUE(running_);
    connection_ = PQconnectdb(("host=" + folder_ + " user=test dbname=postgres").c_str());
    ASSERT_EQ(PQstatus(connection_), CONNECTION_OK) << PQerrorMessage(connection_);
  }
  void TearDown() override {
    PQfinish(connection_);
    if (running_) {
      EXPECT_TRUE(run({"pg_ctl", "-D", folder_ + "/data", "-m", "immediate", "-w", "stop"}));
    }
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  std::string folder_;
  bool running_ = false;
  PGconn* connection_ = nullptr;
};

TEST_F(RealPostgres, statements_rows_and_errors_are_seen) {
  SpanWatch watch;
  LibpqConnection traced(connection_);
  const char* values[] = {"carol"};
  PQclear(traced.exec("CREATE TABLE users (id serial PRIMARY KEY, name text UNIQUE)"));
  PQclear(traced.exec("INSERT INTO users (name) VALUES ('alice'), ('bob')"));
  PQclear(traced.exec_params("INSERT INTO users (name) VALUES ($1)", 1, nullptr, values, nullptr, nullptr, 0));
  PQclear(traced.prepare("by_name", "SELECT id FROM users WHERE name = $1", 1, nullptr));
  PQclear(traced.exec_prepared("by_name", 1, values, nullptr, nullptr, 0));
  PQclear(traced.exec("SELECT * FROM users"));
  PQclear(traced.exec("INSERT INTO users (name) VALUES ('alice')"));
  PQclear(traced.exec("SELECT 'secret'::int"));
  PQclear(traced.exec("SELEC 'secret'"));
  std::vector<SeenSpan> spans = watch.take();
  ASSERT_EQ(spans.size(), 9u);
  const char* names[] = {"CREATE TABLE users",   "INSERT users", "INSERT users",
                         "PREPARE SELECT users", "SELECT users", "SELECT users",
                         "INSERT users",         "SELECT",       "SELEC"};
  const char* states[] = {"", "", "", "", "", "", "23505", "22P02", "42601"};
  for (std::size_t i = 0; i < spans.size(); ++i) {
    EXPECT_EQ(spans[i].name, names[i]);
    EXPECT_EQ(spans[i].attributes["error.type"], states[i]) << i;
    EXPECT_EQ(spans[i].attributes["db.namespace"], "postgres");
    EXPECT_EQ(spans[i].attributes["server.address"], folder_);
    EXPECT_EQ(spans[i].attributes["db.query.text"].find("secret"), std::string::npos);
    EXPECT_EQ(spans[i].message.find("secret"), std::string::npos);
  }
  EXPECT_EQ(spans[4].attributes["db.response.returned_rows"], "1");
  EXPECT_EQ(spans[5].attributes["db.response.returned_rows"], "3");
}

}  // namespace
}  // namespace sextant

// A program whose statements are spans.
#include <sextant/sqlite.h>

int main() {
  sqlite3* database = nullptr;
  if (sqlite3_open(":memory:", &database) != SQLITE_OK) return 1;
  const int code = sextant::sqlite_exec(database, "CREATE TABLE t (x)");
  sqlite3_close(database);
  return code == SQLITE_OK ? 0 : 2;
}

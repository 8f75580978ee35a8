// Certificates made when a test needs them: a CA, a server's and a client's, in files of a temporary folder.
#pragma once

#include <string>

namespace sextant::testing {

/// PEM files. Removed when destroyed.
class Certificates {
 public:
  Certificates();
  ~Certificates();
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  std::string file(const std::string& name) const { return folder_ + "/" + name; }
  std::string ca() const { return file("ca.pem"); }
  std::string server() const { return file("server.pem"); }
  std::string server_key() const { return file("server.key"); }
  std::string client() const { return file("client.pem"); }  // common name "test-agent"
  std::string client_key() const { return file("client.key"); }
  std::string stranger() const { return file("stranger.pem"); }  // signed by another CA
  std::string stranger_key() const { return file("stranger.key"); }

 private:
  std::string folder_;
};

}  // namespace sextant::testing

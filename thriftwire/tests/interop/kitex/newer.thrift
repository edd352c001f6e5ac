// The contract as a newer client knows it: methods that no server here has.
namespace go newer
namespace py newer_api

include "echo.thrift"

service EchoSvc {
  echo.Response Missing(1: echo.Request req)
  echo.Response MissingBidi(1: echo.Request req) (streaming.mode = "bidirectional")
}

// What both peers speak: every streaming mode, a oneway, a declared exception. Handlers do what the message says.
namespace go demo
namespace py echo_api

struct Request {
  1: required string message
  2: optional i32 n
  3: optional binary blob
}

struct Response {
  1: required string message
  2: optional i32 n
  3: optional binary blob
}

exception EchoErr {
  1: string reason
}

service EchoSvc {
  Response Ping(1: Request req) throws (1: EchoErr e)
  Response EchoUnary(1: Request req) (streaming.mode = "unary")
  Response EchoServer(1: Request req) (streaming.mode = "server")
  Response EchoClient(1: Request req) (streaming.mode = "client")
  Response EchoBidi(1: Request req) (streaming.mode = "bidirectional")
  oneway void Fire(1: Request req)
}

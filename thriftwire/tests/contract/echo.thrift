// The service that the tests of the shell call.
namespace py echo
namespace go echo

// What is said, how often to repeat it, and how to misbehave.
struct Ping {
  1: string text
  2: i32 times = 1
  3: i32 size
  4: string fault
}

// What comes back.
struct Pong {
  1: string text
  2: i32 index
}

// A declared exception.
exception Refused {
  1: string reason
}

// The four modes, and a oneway.
service EchoService {
  Pong Ping(1: Ping request) throws (1: Refused refused)
  i32 Add(1: i32 a, 2: i32 b)
  oneway void Fire(1: Ping request)
  Pong Repeat(1: Ping request) (streaming.mode = "server")
  Pong Join(1: Ping request) (streaming.mode = "client")
  Pong Talk(1: Ping request) (streaming.mode = "bidirectional")
}

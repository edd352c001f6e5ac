// A text that is typed letter by letter: one streaming method and one that is not.
namespace go typewriter
namespace py typewriter

struct Request {
  1: required string text
  2: i32 interval_ms = 20
}

struct Letter {
  1: required string text
}

struct Count {
  1: required i32 letters
}

service Typewriter {
  /** Type the text, a letter at a time. */
  Letter Type(1: Request request) (streaming.mode = "server")
  /** Say how many letters it has. */
  Count Measure(1: Request request)
}

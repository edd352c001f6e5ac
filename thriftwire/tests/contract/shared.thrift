// What other files of the contract include.
namespace * demo.shared

typedef i64 Id
typedef string Json (py.type = "json")
typedef string Size (py.values = "small large")
typedef map<string, list<Id>> Index

enum Color {
  /** The first. */
  RED = 1
  GREEN
  BLUE = 10
}

enum Level { LOW, name = 5 }

const i32 LIMIT = 0x10
const Color FAVOURITE = Color.BLUE
const Index EMPTY = {}

struct Base {
  1: string LogID = ""
  2: optional map<string, string> extra
}

exception Broken {
  1: required i32 code
  2: string message = "broken"
  3: list<string> args
}

service Health {
  /** Is anybody there? */
  bool Ping()
}

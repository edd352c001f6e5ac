// One of everything that IDL can say, and every name that is awkward in Python.
namespace py demo.everything
namespace go demo.everything

include "shared.thrift"

typedef list<Node> Forest
const list<shared.Color> COLORS = [shared.Color.RED, 2]
const Point ORIGIN = {"x": 0, "label": "origin"}
const map<string, i32> SIZES = {"a": 1; "b": shared.LIMIT}
const double RATIO = 2
const set<string> WORDS = ["one", "two"]
const binary MAGIC = "\\x00"
const bool YES = 1

/**
 * Every base type, required.
 *
 * With "quotes" and a \ backslash.
 */
struct Scalars {
  1: required bool yes
  2: required byte tiny
  3: required i16 small
  4: required i32 medium
  5: required i64 large
  6: required double real
  7: required string text
  8: required binary raw
  9: required shared.Color color
  10: required shared.Size size
  11: required shared.Json json
  12: required shared.Id id
}

/** The same, each with the zero value of its type when it does not come. */
struct Zeros {
  1: bool yes
  2: i8 tiny
  3: i16 small
  4: i32 medium
  5: i64 large
  6: double real
  7: string text
  8: binary raw
  9: shared.Color color
  11: shared.Json json
  12: shared.Id id
  13: list<i32> numbers
  14: set<string> words
  15: map<string, i64> counts
  16: shared.Base base
  17: Point point
}

struct Optionals {
  1: optional bool yes
  2: optional i8 tiny
  3: optional i16 small
  4: optional i32 medium
  5: optional i64 large
  6: optional double real
  7: optional string text
  8: optional binary raw
  9: optional shared.Color color
  10: optional shared.Size size
  11: optional shared.Json json
  12: optional Scalars scalars
  13: optional list<Point> points
  14: optional Choice choice
  15: optional Shape shape
  16: optional string word (py.values = "yes no")
}

struct Defaults {
  1: i32 limit = shared.LIMIT
  2: string text = 'it is "quoted"'
  3: list<i32> numbers = [1, 2, 3]
  4: map<string, list<i32>> groups = {"a": [1]}
  5: shared.Color color = shared.FAVOURITE
  6: optional i32 chance = 7
  7: Point point = ORIGIN
  8: double real = 1.5e3
  9: bool yes = true
  10: shared.Size size = "large"
  11: shared.Json json = "[1]"
  12: set<shared.Color> colors = [1]
  13: binary raw = "abc"
}

struct Containers {
  1: list<bool> flags
  2: list<double> reals
  3: list<string> texts
  4: list<list<i16>> matrix
  5: set<i64> numbers
  6: set<Point> points
  7: map<i32, string> names
  8: map<shared.Color, Point> by_color
  9: map<Point, list<i8>> by_point
  10: map<bool, bool> by_flag
  11: list<shared.Json> values
  12: map<string, shared.Json> fields
  13: list<Shape> shapes
  14: list<Choice> choices
  15: shared.Index index
  16: map<double, binary> by_real
  17: set<set<i8>> nested
}

struct Point {
  1: i32 x
  2: optional i32 y
  3: string label
}

/** It contains itself in every way there is. */
struct Node {
  1: required string name
  2: optional Node next
  3: list<Node> children
  4: map<string, Node> named
  5: Node again
}

/** A union of distinct structs. */
union Shape {
  1: Circle circle
  2: Square square
  3: Point class
}

struct Circle { 1: required double radius }
struct Square { 1: required double side; 2: optional string note }

/** A union that JSON can tell apart. */
union Step {
  1: Ask ask
  2: Answer answer
} (py.tag = "type")

struct Ask { 1: required string question }
struct Answer { 1: required string text; 2: optional Step next }

/** A union of anything. */
union Choice {
  1: string text
  2: i64 number
  3: list<Choice> many
  4: Point point
}

/** Fields whose names Python, or this file, needs. */
struct Awkward {
  1: required string class
  2: string list = "list"
  3: optional i32 import
  4: list<str> str
  5: shared.Base Base
  6: optional bool None
  7: i32 self
  8: required i32 field (api.path = "field", go.tag = 'json:"field"')
}

struct str {
  1: i32 int
}

/** A local name that an included file has too. */
struct Base {
  1: required shared.Base Base
  /** A description so long that it cannot stand on one line with its name, and so has to be written in two pieces, of which this is the end. */
  255: optional string note
}

struct Empty {}

exception Denied {
  1: string reason
  2: optional i32 code
}

service Everything extends shared.Health {
  /** Answers whole. */
  Scalars Whole(1: Scalars request) throws (1: shared.Broken broken, 2: Denied denied)
  i32 Add(1: i32 left, 2: i32 right = 5)
  void Nothing()
  list<Point> List(1: list<Point> points, 2: map<string, shared.Color> colors)
  Shape Pick(1: Shape shape, 2: optional Choice choice)
  oneway void Fire(1: Point point)
  /** Many answers. */
  Shape Watch(1: Node node) (streaming.mode = "server", api.get = "/watch")
  Node Gather(1: Point point) (streaming.mode = 'client')
  Choice Talk(1: Shape shape) (streaming.mode = "bidirectional")
  Empty Alone(1: Empty empty) (streaming.mode = "unary")
  string Class(3: string self)
}

// What every service shares: JSON values, timestamps and the one error object.
namespace py promptwire.api.base
namespace go promptwire.base

/** Any JSON value, as text on the wire and as itself in HTTP bodies. */
typedef string Json (py.type = "json")

/** The class of an error; each has one code and one HTTP status (see promptwire/errors.py). */
typedef string ErrorClass (py.values = "invalid_request unauthenticated permission_denied not_found conflict rate_limited token_limited concurrency_limited packet_limited budget_exhausted moderation_input moderation_output cancelled internal upstream_error upstream_cut overloaded timeout_connect timeout_first_token timeout_idle timeout_total")

/** When in a stream's life an error happened. */
typedef string Phase (py.values = "connect first_packet mid_stream")

/** The one error object, the same on HTTP, SSE, Thrift (as a business status), SDK, CLI and page. */
struct Error {
  1: required i32 code
  2: required ErrorClass class
  3: required Phase phase
  4: required string message
  5: required bool retryable
  6: optional double retry_after_s
  7: optional string vendor
  8: optional string trace_id
  /** The HTTP status the vendor answered with. */
  9: optional i32 vendor_status
  /** What the vendor said, secrets removed, cut at 2,000 characters. */
  10: optional string vendor_body
  /** More about this class of error: which limit, which rule, how many characters were already shown. */
  11: optional map<string,string> details
}

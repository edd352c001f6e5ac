// Runs that outlive their reader's connection: read on, polled, stopped.
namespace py promptwire.api.run
namespace go promptwire.run

include "base.thrift"
include "message.thrift"

/** Read a kept run: what follows the event numbered `after`, or the one a browser that reconnects names itself. */
struct StreamRunRequest {
  1: required string id (api.path = "id")
  2: optional i64 after (api.query = "after")
  3: optional i64 last_event_id (api.header = "last-event-id")
}

/** `wait_s`: how long to wait for an event when there is none yet; at most 60. */
struct RunEventsRequest {
  1: required string id (api.path = "id")
  2: i64 after = 0 (api.query = "after")
  3: double wait_s = 0.0 (api.query = "wait_s")
}

/** An event as it stands in the stream. */
struct NumberedEvent {
  1: required i64 id
  2: required string event
  3: required base.Json data
}

/** `ended`: nothing follows these events. */
struct RunEventsReply {
  1: required list<NumberedEvent> events
  2: required bool ended
}

/** `id` is the run's, or the `x-request-id` of the request that began it, for who was not yet told the run's. */
struct CancelRunRequest {
  1: required string id (api.path = "id")
}

/** `cancelled` is false when the run had ended by itself. */
struct CancelRunReply {
  1: required bool cancelled
}

service RunService {
  /** Read a run that was started with `resumable_s`, from any event on; byte for byte what was read before. */
  message.Event StreamRun(1: StreamRunRequest request) (streaming.mode = "server", api.get = "/api/runs/:id/stream")
  /** The same, for clients that cannot stream. */
  RunEventsReply RunEvents(1: RunEventsRequest request) (api.get = "/api/runs/:id/events")
  /** Stop a run, whoever reads it; its readers get the error `cancelled`. */
  CancelRunReply CancelRun(1: CancelRunRequest request) (api.post = "/api/runs/:id/cancel")
}

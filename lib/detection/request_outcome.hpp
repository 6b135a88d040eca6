#pragma once
/// What labels say of requests: whether one ended badly by the server's fault, and whether it was a probe.
///
/// Status labels are those of the client libraries' HTTP and gRPC middlewares, Spring and OpenTelemetry. Bad: 5xx; gRPC
/// Unknown, DeadlineExceeded, Unimplemented, Internal, Unavailable, DataLoss (google.rpc.Code), by name or, in gRPC's
/// labels, by number; error, failed, failure, SERVER_ERROR. Everything else is good: a client's mistake is not the release's.
#include <string_view>

namespace charon::detection {

/// code, status, http_response_status_code, grpc_code, outcome, ...
bool is_status_label(std::string_view label);
/// Of a status label's value.
bool is_bad_status(std::string_view label, std::string_view value);
/// The label names a path, and the path is a probe's or the metrics' own.
bool is_probe(std::string_view label, std::string_view value);

}  // namespace charon::detection

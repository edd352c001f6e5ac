"""Thrift over gRPC, as Kitex speaks it: HTTP/2 streams of Thrift structs. Needs ``thriftwire[grpc]``."""

// Kitex-peer is the other side of thriftwire's interop tests: a Kitex server and a Kitex client.
//
//	kitex-peer serve '{"next": "127.0.0.1:9000", "next_wire": "ttstream"}'
//	kitex-peer call '{"address": "127.0.0.1:9000", "wire": "ttstream", "method": "EchoServer", "message": "many", "n": 3}'
//	kitex-peer load '{"address": "127.0.0.1:9000", "wire": "ttstream", "method": "EchoBidi", "streams": 64, "n": 100}'
//
// The argument and every line of the output is one JSON object. The server says its address first and then what its
// handlers saw; it stops when its standard input ends, and gracefully on SIGTERM.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/cloudwego/kitex/pkg/klog"
)

func main() {
	if os.Getenv("KITEX_PEER_LOG") == "" {
		klog.SetOutput(io.Discard)
	}
	if len(os.Args) != 3 {
		fatal(fmt.Errorf("usage: kitex-peer serve|call|load JSON"))
	}
	commands := map[string]func([]byte) error{"serve": serve, "call": call, "load": load}
	command, known := commands[os.Args[1]]
	if !known {
		fatal(fmt.Errorf("no such command: %s", os.Args[1]))
	}
	if err := command([]byte(os.Args[2])); err != nil {
		fatal(err)
	}
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "kitex-peer:", err)
	os.Exit(1)
}

// say prints one line of the output.
func say(value any) {
	line, err := json.Marshal(value)
	if err != nil {
		fatal(err)
	}
	os.Stdout.Write(append(line, '\n'))
}

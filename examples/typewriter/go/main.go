// A Typewriter in Go: `typewriter serve ADDRESS` answers, `typewriter call ADDRESS TEXT` asks. Either side may be Python.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/kerrors"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/server"
	"github.com/cloudwego/kitex/transport"

	api "typewriter/kitex_gen/typewriter"
	service "typewriter/kitex_gen/typewriter/typewriter"
)

func main() {
	var err error
	switch {
	case len(os.Args) == 3 && os.Args[1] == "serve":
		err = serve(os.Args[2])
	case len(os.Args) == 4 && os.Args[1] == "call":
		err = call(os.Args[2], os.Args[3])
	default:
		err = errors.New("usage: typewriter serve ADDRESS | typewriter call ADDRESS TEXT")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type handler struct{}

func (*handler) Type(ctx context.Context, request *api.Request, stream api.Typewriter_TypeServer) error {
	for _, letter := range request.Text {
		if err := stream.Send(ctx, &api.Letter{Text: string(letter)}); err != nil {
			return err
		}
		time.Sleep(time.Duration(request.IntervalMs) * time.Millisecond)
	}
	return nil
}

func (*handler) Measure(_ context.Context, request *api.Request) (*api.Count, error) {
	if request.Text == "" {
		return nil, kerrors.NewBizStatusError(40000, "there is nothing to measure")
	}
	return &api.Count{Letters: int32(len([]rune(request.Text)))}, nil
}

func serve(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	running := service.NewServer(
		&handler{}, server.WithListener(listener), server.WithMetaHandler(transmeta.ServerTTHeaderHandler),
	)
	fmt.Printf("serving on %s\n", listener.Addr())
	return running.Run()
}

func call(address, text string) error {
	typewriter, err := service.NewClient(
		"typewriter",
		client.WithHostPorts(address),
		client.WithTransportProtocol(transport.TTHeader),
		client.WithMetaHandler(transmeta.ClientTTHeaderHandler),
	)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	request := &api.Request{Text: text, IntervalMs: 5}
	stream, err := typewriter.Type(ctx, request)
	if err != nil {
		return err
	}
	for {
		letter, err := stream.Recv(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		fmt.Print(letter.Text)
	}
	count, err := typewriter.Measure(ctx, request)
	if err != nil {
		return err
	}
	fmt.Printf("  (%d letters)\n", count.Letters)
	return nil
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/bytedance/gopkg/cloud/metainfo"
	"github.com/cloudwego/kitex/pkg/kerrors"
	"github.com/cloudwego/kitex/pkg/rpcinfo"
	"github.com/cloudwego/kitex/pkg/streaming"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/server"

	"kitexpeer/kitex_gen/demo"
	"kitexpeer/kitex_gen/demo/echosvc"
)

// serving is the argument of `serve`. Next is the address that messages beginning with "chain:" go on to.
type serving struct {
	Next     string `json:"next"`
	NextWire string `json:"next_wire"`
	Name     string `json:"name"`
	ExitWait int    `json:"exit_wait_ms"`
}

func serve(argument []byte) error {
	config := serving{Name: "echo.server", ExitWait: 1000}
	if err := json.Unmarshal(argument, &config); err != nil {
		return err
	}
	handler := &echo{}
	if config.Next != "" {
		next, err := connect(options{Address: config.Next, Wire: config.NextWire, Name: config.Name})
		if err != nil {
			return err
		}
		handler.next = next
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	peer := echosvc.NewServer(handler,
		server.WithListener(listener),
		server.WithServerBasicInfo(&rpcinfo.EndpointBasicInfo{ServiceName: config.Name}),
		server.WithExitWaitTime(time.Duration(config.ExitWait)*time.Millisecond),
		server.WithEnableContextTimeout(true), // a deadline that came with a TTHeader bounds the handler
		server.WithMetaHandler(transmeta.ServerTTHeaderHandler),
		server.WithMetaHandler(transmeta.ServerHTTP2Handler),
	)
	say(map[string]string{"event": "listening", "address": listener.Addr().String()})
	go func() { // an orphan does not outlive the test that started it
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	return peer.Run()
}

// echo does what a message says.
type echo struct {
	next echosvc.Client
}

var errBoom = errors.New("boom")

// misbehave is what every method does on the messages that ask for a failure.
func misbehave(ctx context.Context, request *demo.Request) error {
	switch request.Message {
	case "biz":
		return kerrors.NewBizStatusErrorWithExtra(10001, "biz failed: größer", map[string]string{"k": "v", "ü": "ß"})
	case "fail":
		return errBoom
	case "panic":
		panic("kaboom")
	case "declared":
		return &demo.EchoErr{Reason: "declared"}
	case "hang":
		return hang(ctx)
	}
	return nil
}

// hang waits until the call is cancelled, and says why it was.
func hang(ctx context.Context) error {
	say(map[string]string{"event": "hanging"})
	select {
	case <-ctx.Done():
		say(map[string]string{"event": "cancelled", "error": ctx.Err().Error()})
		return ctx.Err()
	case <-time.After(30 * time.Second):
		return errors.New("nobody cancelled")
	}
}

// answer is the usual reply: the message again, "big" with a blob of n bytes, "meta" with what travelled beside it.
func answer(ctx context.Context, request *demo.Request) *demo.Response {
	response := &demo.Response{Message: request.Message, N: request.N, Blob: request.Blob}
	switch request.Message {
	case "big":
		response.Blob = make([]byte, request.GetN())
	case "meta":
		deadline, bounded := ctx.Deadline()
		seen := map[string]any{"transient": metainfo.GetAllValues(ctx), "persistent": metainfo.GetAllPersistentValues(ctx)}
		if bounded {
			seen["deadline_ms"] = time.Until(deadline).Milliseconds()
		}
		if info := rpcinfo.GetRPCInfo(ctx); info != nil && info.From() != nil {
			seen["caller"] = info.From().ServiceName()
		}
		text, _ := json.Marshal(seen)
		response.Message = string(text)
	}
	return response
}

func (e *echo) chained(request *demo.Request) (*demo.Request, bool) {
	rest, chained := strings.CutPrefix(request.Message, "chain:")
	return &demo.Request{Message: rest, N: request.N, Blob: request.Blob}, chained && e.next != nil
}

func (e *echo) Ping(ctx context.Context, request *demo.Request) (*demo.Response, error) {
	if on, chained := e.chained(request); chained {
		return e.next.Ping(ctx, on)
	}
	metainfo.SendBackwardValue(ctx, "bk", "bv")
	if err := misbehave(ctx, request); err != nil {
		return nil, err
	}
	return answer(ctx, request), nil
}

func (e *echo) EchoUnary(ctx context.Context, request *demo.Request) (*demo.Response, error) {
	return e.Ping(ctx, request)
}

func (e *echo) Fire(ctx context.Context, request *demo.Request) error {
	say(map[string]string{"event": "fired", "message": request.Message})
	return nil
}

type setters interface {
	SetHeader(streaming.Header) error
	SetTrailer(streaming.Trailer) error
}

func greet(stream setters) error {
	if err := stream.SetHeader(streaming.Header{"hk": "hv"}); err != nil {
		return err
	}
	return stream.SetTrailer(streaming.Trailer{"tk": "tv"})
}

func (e *echo) EchoServer(ctx context.Context, request *demo.Request, stream demo.EchoSvc_EchoServerServer) error {
	if on, chained := e.chained(request); chained {
		return e.relay(ctx, on, stream)
	}
	if err := greet(stream); err != nil {
		return err
	}
	if request.Message == "partial" { // one message, then a business error
		if err := stream.Send(ctx, &demo.Response{Message: "first"}); err != nil {
			return err
		}
		request.Message = "biz"
	}
	if request.Message == "stall" { // one message, then silence
		if err := stream.Send(ctx, &demo.Response{Message: "first"}); err != nil {
			return err
		}
		request.Message = "hang"
	}
	if err := misbehave(ctx, request); err != nil {
		return err
	}
	if request.Message != "many" && request.Message != "slow" {
		return stream.Send(ctx, answer(ctx, request))
	}
	for i := int32(0); i < request.GetN(); i++ {
		if request.Message == "slow" {
			time.Sleep(20 * time.Millisecond)
		}
		if err := stream.Send(ctx, &demo.Response{Message: "many", N: &i, Blob: request.Blob}); err != nil {
			return err
		}
	}
	return nil
}

func (e *echo) relay(ctx context.Context, request *demo.Request, stream demo.EchoSvc_EchoServerServer) error {
	onward, err := e.next.EchoServer(ctx, request)
	if err != nil {
		return err
	}
	for {
		response, err := onward.Recv(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			say(map[string]string{"event": "relay", "error": err.Error()})
			return err
		}
		if err := stream.Send(ctx, response); err != nil {
			return err
		}
	}
}

func (e *echo) EchoClient(ctx context.Context, stream demo.EchoSvc_EchoClientServer) error {
	if err := greet(stream); err != nil {
		return err
	}
	count, last := int32(0), ""
	for {
		request, err := stream.Recv(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			say(map[string]string{"event": "recv", "error": err.Error()})
			return err
		}
		if err := misbehave(ctx, request); err != nil {
			return err
		}
		count, last = count+1, request.Message
	}
	if last == "meta" {
		return stream.SendAndClose(ctx, answer(ctx, &demo.Request{Message: last}))
	}
	return stream.SendAndClose(ctx, &demo.Response{Message: fmt.Sprintf("%d of %s", count, last), N: &count})
}

func (e *echo) EchoBidi(ctx context.Context, stream demo.EchoSvc_EchoBidiServer) error {
	if err := greet(stream); err != nil {
		return err
	}
	for {
		request, err := stream.Recv(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			say(map[string]string{"event": "recv", "error": err.Error()})
			return err
		}
		if err := misbehave(ctx, request); err != nil {
			return err
		}
		if err := stream.Send(ctx, answer(ctx, request)); err != nil {
			return err
		}
	}
}

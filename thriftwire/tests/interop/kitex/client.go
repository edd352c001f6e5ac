package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/bytedance/gopkg/cloud/metainfo"
	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/client/callopt"
	"github.com/cloudwego/kitex/client/callopt/streamcall"
	"github.com/cloudwego/kitex/pkg/remote/trans/ttstream"
	"github.com/cloudwego/kitex/pkg/rpcinfo"
	"github.com/cloudwego/kitex/pkg/streaming"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/transport"

	"kitexpeer/kitex_gen/demo"
	"kitexpeer/kitex_gen/demo/echosvc"
	newer "kitexpeer/kitex_gen/newer/echosvc"
)

// options say how to reach a server.
type options struct {
	Address string `json:"address"`
	Wire    string `json:"wire"` // buffered framed ttheader ttheaderframed ttstream grpc
	Pool    string `json:"pool"` // of ttstream connections: mux (Kitex's default) long short
	Name    string `json:"name"` // the caller's service name
}

// request is the argument of `call`.
type request struct {
	options
	Method      string            `json:"method"`
	Message     string            `json:"message"`
	N           int32             `json:"n"`
	Size        int               `json:"size"`         // of the blob to send
	Send        int               `json:"send"`         // messages a streaming client sends, 1 without it
	Timeout     int               `json:"timeout_ms"`   // of the whole call
	RecvTimeout int               `json:"recv_ms"`      // of each receive
	Local       bool              `json:"local"`        // a receive timeout does not cancel the peer
	CancelAfter int               `json:"cancel_after"` // received messages, after which the caller cancels
	Transient   map[string]string `json:"transient"`
	Persistent  map[string]string `json:"persistent"`
}

func (o options) kitex() ([]client.Option, error) {
	name := o.Name
	if name == "" {
		name = "cli.svc"
	}
	all := []client.Option{
		client.WithHostPorts(o.Address),
		client.WithClientBasicInfo(&rpcinfo.EndpointBasicInfo{ServiceName: name}),
	}
	ttheader, http2 := client.WithMetaHandler(transmeta.ClientTTHeaderHandler), client.WithMetaHandler(transmeta.ClientHTTP2Handler)
	switch o.Wire {
	case "framed", "ttstream":
	case "buffered":
		all = append(all, client.WithTransportProtocol(transport.PurePayload))
	case "ttheader":
		all = append(all, client.WithTransportProtocol(transport.PurePayload), client.WithTransportProtocol(transport.TTHeader), ttheader)
	case "ttheaderframed":
		all = append(all, client.WithTransportProtocol(transport.TTHeader), ttheader)
	case "grpc":
		all = append(all, client.WithTransportProtocol(transport.GRPC), http2)
	default:
		return nil, fmt.Errorf("no such wire: %q", o.Wire)
	}
	switch o.Pool {
	case "":
	case "mux":
		all = append(all, pool(ttstream.WithClientMuxConnPool(ttstream.MuxConnConfig{PoolSize: 1})))
	case "long":
		all = append(all, pool(ttstream.WithClientLongConnPool(ttstream.LongConnConfig{MaxIdleTimeout: time.Minute})))
	case "short":
		all = append(all, pool(ttstream.WithClientShortConnPool()))
	default:
		return nil, fmt.Errorf("no such pool: %q", o.Pool)
	}
	return all, nil
}

func pool(option ttstream.ClientHandlerOption) client.Option {
	return client.WithTTHeaderStreamingOptions(client.WithTTHeaderStreamingTransportOptions(option))
}

func connect(o options) (echosvc.Client, error) {
	all, err := o.kitex()
	if err != nil {
		return nil, err
	}
	return echosvc.NewClient("echo.server", all...)
}

func (r *request) context() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	if r.Timeout > 0 {
		ctx, cancel = context.WithTimeout(context.Background(), time.Duration(r.Timeout)*time.Millisecond)
	}
	ctx = metainfo.WithBackwardValues(ctx)
	for key, value := range r.Transient {
		ctx = metainfo.WithValue(ctx, key, value)
	}
	for key, value := range r.Persistent {
		ctx = metainfo.WithPersistentValue(ctx, key, value)
	}
	return ctx, cancel
}

func (r *request) streaming() []streamcall.Option {
	if r.RecvTimeout == 0 {
		return nil
	}
	timeout := time.Duration(r.RecvTimeout) * time.Millisecond
	return []streamcall.Option{streamcall.WithRecvTimeoutConfig(streaming.TimeoutConfig{Timeout: timeout, DisableCancelRemote: r.Local})}
}

func (r *request) first() *demo.Request {
	message := &demo.Request{Message: r.Message, N: &r.N}
	if r.Size > 0 {
		message.Blob = make([]byte, r.Size)
	}
	return message
}

// farewell is what Kitex gets to write a reset, which it does in the background, before the process ends.
const farewell = 50 * time.Millisecond

func call(argument []byte) error {
	r := &request{Send: 1}
	if err := json.Unmarshal(argument, r); err != nil {
		return err
	}
	ctx, cancel := r.context()
	defer cancel()
	result, begin := &outcome{}, time.Now()
	err := r.run(ctx, cancel, result)
	result.Millis = time.Since(begin).Milliseconds()
	result.finish(ctx, err)
	say(result)
	time.Sleep(farewell)
	return nil
}

func (r *request) run(ctx context.Context, cancel context.CancelFunc, result *outcome) error {
	if r.Method == "Missing" || r.Method == "MissingBidi" {
		return r.missing(ctx, result)
	}
	peer, err := connect(r.options)
	if err != nil {
		return err
	}
	defer runtime.KeepAlive(peer) // Kitex closes the pool of a client that is collected, under its live streams
	switch r.Method {
	case "Ping", "EchoUnary":
		return r.unary(ctx, peer, result)
	case "Fire":
		return peer.Fire(ctx, r.first())
	case "EchoServer":
		return r.server(ctx, cancel, peer, result)
	case "EchoClient":
		return r.client(ctx, peer, result)
	case "EchoBidi":
		return r.bidi(ctx, cancel, peer, result)
	}
	return fmt.Errorf("no such method: %q", r.Method)
}

func (r *request) unary(ctx context.Context, peer echosvc.Client, result *outcome) error {
	method := peer.Ping
	if r.Method == "EchoUnary" {
		method = peer.EchoUnary
	}
	response, err := method(ctx, r.first(), r.calling()...)
	if err == nil && response != nil {
		result.add(response)
	}
	return err
}

func (r *request) calling() []callopt.Option {
	if r.Timeout == 0 {
		return nil
	}
	return []callopt.Option{callopt.WithRPCTimeout(time.Duration(r.Timeout) * time.Millisecond)}
}

// server reads until the end; the caller cancels after so many messages when it was told to.
func (r *request) server(ctx context.Context, cancel context.CancelFunc, peer echosvc.Client, result *outcome) error {
	stream, err := peer.EchoServer(ctx, r.first(), r.streaming()...)
	if err != nil {
		return err
	}
	err = r.read(ctx, cancel, stream.Recv, result)
	result.Headers, result.Trailers = edges(stream)
	return err
}

func (r *request) read(ctx context.Context, cancel context.CancelFunc, recv func(context.Context) (*demo.Response, error), result *outcome) error {
	for {
		response, err := recv(ctx)
		if err != nil {
			return err
		}
		result.add(response)
		if len(result.Messages) == r.CancelAfter {
			cancel()
		}
	}
}

func (r *request) client(ctx context.Context, peer echosvc.Client, result *outcome) error {
	stream, err := peer.EchoClient(ctx, r.streaming()...)
	if err != nil {
		return err
	}
	for i := 0; i < r.Send; i++ {
		if err := stream.Send(ctx, r.first()); err != nil {
			break // the reason is what Recv says
		}
	}
	response, err := stream.CloseAndRecv(ctx)
	if err == nil {
		result.add(response)
	}
	result.Headers, result.Trailers = edges(stream)
	return err
}

func (r *request) bidi(ctx context.Context, cancel context.CancelFunc, peer echosvc.Client, result *outcome) error {
	stream, err := peer.EchoBidi(ctx, r.streaming()...)
	if err != nil {
		return err
	}
	for i := 0; i < r.Send; i++ {
		if err := stream.Send(ctx, r.first()); err != nil {
			break
		}
	}
	if err := stream.CloseSend(ctx); err != nil {
		return err
	}
	err = r.read(ctx, cancel, stream.Recv, result)
	result.Headers, result.Trailers = edges(stream)
	return err
}

func edges(stream streaming.ClientStream) (streaming.Header, streaming.Trailer) {
	header, _ := stream.Header()
	trailer, _ := stream.Trailer()
	return header, trailer
}

// missing calls what no server here has.
func (r *request) missing(ctx context.Context, result *outcome) error {
	all, err := r.kitex()
	if err != nil {
		return err
	}
	peer, err := newer.NewClient("echo.server", all...)
	if err != nil {
		return err
	}
	if r.Method == "Missing" {
		response, err := peer.Missing(ctx, r.first())
		if err == nil && response != nil {
			result.add(response)
		}
		return err
	}
	stream, err := peer.MissingBidi(ctx, r.streaming()...)
	if err != nil {
		return err
	}
	if err := stream.Send(ctx, r.first()); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	_, err = stream.Recv(ctx)
	return err
}

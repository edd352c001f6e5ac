package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"kitexpeer/kitex_gen/demo"
	"kitexpeer/kitex_gen/demo/echosvc"
)

// loading is the argument of `load`: how many streams (or callers), and how many messages (or calls) in each.
type loading struct {
	options
	Method  string `json:"method"`
	Streams int    `json:"streams"`
	N       int32  `json:"n"`
	Message string `json:"message"`
}

// load runs all streams at once and says what it cost.
func load(argument []byte) error {
	l := &loading{Streams: 1, N: 1, Message: "many"}
	if err := json.Unmarshal(argument, l); err != nil {
		return err
	}
	peer, err := connect(l.options)
	if err != nil {
		return err
	}
	one, known := map[string]func(context.Context, echosvc.Client, int) error{
		"Ping": l.ping, "EchoServer": l.server, "EchoBidi": l.bidi,
	}[l.Method]
	if !known {
		return fmt.Errorf("no load for %q", l.Method)
	}
	var failed atomic.Int64
	var text atomic.Value
	var all sync.WaitGroup
	begin, cpu := time.Now(), cpuTime()
	for i := 0; i < l.Streams; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			if err := one(context.Background(), peer, i); err != nil {
				failed.Add(1)
				text.Store(err.Error())
			}
		}()
	}
	all.Wait()
	runtime.KeepAlive(peer) // Kitex closes the pool of a client that is collected, under its live streams
	say(map[string]any{
		"failed": failed.Load(), "text": text.Load(), "messages": l.Streams * int(l.N),
		"seconds": time.Since(begin).Seconds(), "cpu_seconds": (cpuTime() - cpu).Seconds(),
	})
	return nil
}

func (l *loading) ping(ctx context.Context, peer echosvc.Client, _ int) error {
	for i := int32(0); i < l.N; i++ {
		if _, err := peer.Ping(ctx, &demo.Request{Message: l.Message}); err != nil {
			return err
		}
	}
	return nil
}

func (l *loading) server(ctx context.Context, peer echosvc.Client, _ int) error {
	stream, err := peer.EchoServer(ctx, &demo.Request{Message: l.Message, N: &l.N})
	if err != nil {
		return err
	}
	for i := int32(0); ; i++ {
		response, err := stream.Recv(ctx)
		if errors.Is(err, io.EOF) {
			if i != l.N {
				return fmt.Errorf("%d messages of %d", i, l.N)
			}
			return nil
		}
		if err != nil {
			return err
		}
		if response.GetN() != i {
			return fmt.Errorf("message %d came as %d", response.GetN(), i)
		}
	}
}

// bidi sends and receives in turn, so that all streams are interleaved on the wire.
func (l *loading) bidi(ctx context.Context, peer echosvc.Client, number int) error {
	stream, err := peer.EchoBidi(ctx)
	if err != nil {
		return err
	}
	for i := int32(0); i < l.N; i++ {
		text := fmt.Sprintf("%d-%d", number, i)
		if err := stream.Send(ctx, &demo.Request{Message: text}); err != nil {
			return err
		}
		response, err := stream.Recv(ctx)
		if err != nil {
			return err
		}
		if response.Message != text {
			return fmt.Errorf("%q came for %q", response.Message, text)
		}
	}
	if err := stream.CloseSend(ctx); err != nil {
		return err
	}
	if _, err := stream.Recv(ctx); !errors.Is(err, io.EOF) {
		return fmt.Errorf("the stream did not end: %w", err)
	}
	return nil
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

package main

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/bytedance/gopkg/cloud/metainfo"
	"github.com/cloudwego/kitex/pkg/kerrors"
	"github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/status"

	"kitexpeer/kitex_gen/demo"
)

// message is what a peer received, with a blob told by its length.
type message struct {
	Message string `json:"message"`
	N       int32  `json:"n"`
	Blob    int    `json:"blob"`
}

// outcome is how a call went. Kind is ok, biz, declared or error.
type outcome struct {
	Kind     string            `json:"kind"`
	Code     int32             `json:"code"`
	Text     string            `json:"text"`
	Extra    map[string]string `json:"extra"`
	Messages []message         `json:"messages"`
	Headers  map[string]string `json:"headers"`
	Trailers map[string]string `json:"trailers"`
	Backward map[string]string `json:"backward"`
	Millis   int64             `json:"millis"`
}

func (o *outcome) add(response *demo.Response) {
	o.Messages = append(o.Messages, message{response.Message, response.GetN(), len(response.Blob)})
}

// finish says how the call ended; nil and EOF are success.
func (o *outcome) finish(ctx context.Context, err error) {
	o.Kind = "ok"
	o.Backward = metainfo.RecvAllBackwardValues(ctx)
	if err == nil || errors.Is(err, io.EOF) {
		return
	}
	o.Text = err.Error()
	var declared *demo.EchoErr
	if errors.As(err, &declared) {
		o.Kind, o.Text = "declared", declared.Reason
		return
	}
	if biz, ok := kerrors.FromBizStatusError(err); ok {
		o.Kind, o.Code, o.Text, o.Extra = "biz", biz.BizStatusCode(), biz.BizMessage(), biz.BizExtra()
		return
	}
	o.Kind, o.Code = "error", codeOf(err)
}

// codeOf is the number of a failure: Thrift's or ttstream's type id, or gRPC's status.
func codeOf(err error) int32 {
	if s, ok := status.FromError(err); ok && strings.Contains(err.Error(), "rpc error") {
		return int32(s.Code())
	}
	var typed interface{ TypeId() int32 }
	if errors.As(err, &typed) {
		return typed.TypeId()
	}
	return 0
}

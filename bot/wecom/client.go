package wecom

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/go-resty/resty/v2"

	"lianbang/bot/rest"
	"lianbang/bot/wecom/wire"
)

const (
	restTime   = 10 * time.Second // one request with its answer
	uploadTime = 60 * time.Second // the same with a file; the lane's own limit is usually shorter
	answerSize = 1 << 20          // bytes of an answer that are read
)

// client speaks HTTP with the platform: one request, one answer, no retry. Its errors hold neither addresses nor bodies.
type client struct {
	http *resty.Client
}

// newClient makes a client that knows a proxy's refusal from the platform's.
func newClient() *client {
	transport := rest.Transport(32)
	transport.OnProxyConnectResponse = tunnelled
	return &client{http: rest.New(transport, answerSize)}
}

// tunnelled tells a proxy that would not connect us from a connection that was lost: nothing was sent.
func tunnelled(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &gatewayError{status: answer.StatusCode, ahead: true}
}

// request is one call. Of body and file one is set, or none.
type request struct {
	method  string
	address string // absolute
	query   map[string]string
	body    any // sent as JSON
	file    *upload
}

// exchange makes the request and returns the JSON of the answer. An answer whose errcode is not 0 is an *refusedError (in HTTP
// 200, as all of them), one without an errcode a *gatewayError, none at all a *transportError.
func (c *client) exchange(ctx context.Context, r request) ([]byte, error) {
	limit := restTime
	if r.file != nil {
		limit = uploadTime
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var connected atomic.Bool
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}
	req := c.http.R().SetContext(httptrace.WithClientTrace(ctx, trace)).SetQueryParams(r.query)
	switch {
	case r.file != nil:
		req.SetMultipartField("media", r.file.name, r.file.media, bytes.NewReader(r.file.data))
	case r.body != nil:
		data, err := rest.Encode(r.body)
		if err != nil {
			return nil, err
		}
		req.SetHeader("Content-Type", "application/json; charset=utf-8").SetBody(data)
	}
	resp, err := req.Execute(r.method, r.address)
	if err != nil {
		return nil, newTransportError(ctx, err, connected.Load())
	}
	return judgeAnswer(resp.StatusCode(), resp.Body())
}

// judgeAnswer tells a good answer from a bad one.
func judgeAnswer(status int, body []byte) ([]byte, error) {
	var head struct {
		Code *int   `json:"errcode"`
		Msg  string `json:"errmsg"`
	}
	if err := wire.Unmarshal(body, &head); err != nil || head.Code == nil {
		return nil, &gatewayError{status: status}
	}
	if err := newRefusedError(*head.Code, head.Msg); err != nil {
		return nil, err
	}
	return body, nil
}

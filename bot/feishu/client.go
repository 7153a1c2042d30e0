package feishu

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"mime"
	"time"

	"github.com/go-resty/resty/v2"

	"lianbang/bot/rest"
)

const (
	callTime   = 10 * time.Second // one request with its answer
	uploadTime = 60 * time.Second // the same with a file; the lane's own limit is usually shorter
	answerSize = 4 << 20          // bytes of an answer that are read
)

// client speaks HTTP with the platform: one request, one answer, no retry. Its errors hold neither addresses nor bodies.
type client struct {
	http *resty.Client
	now  func() time.Time
	log  *slog.Logger
}

// newClient makes a client whose relative paths begin at base.
func newClient(base string, now func() time.Time, log *slog.Logger) *client {
	return &client{http: rest.New(rest.Transport(64), answerSize).SetBaseURL(base), now: now, log: log}
}

// request is one call. Of body and file one is set, or none.
type request struct {
	method string
	path   string
	query  map[string]string
	token  string // sent as bearer; "" = none
	body   any    // sent as JSON
	file   *upload
}

// exchange makes the request and returns the JSON of the answer. An answer whose code is not 0 is an *apiError, as is one
// that is not JSON: what comes from a gateway is not.
func (c *client) exchange(ctx context.Context, r request) ([]byte, error) {
	limit := callTime
	if r.file != nil {
		limit = uploadTime
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	req := c.http.R().SetContext(ctx).SetQueryParams(r.query)
	if r.token != "" {
		req.SetHeader("Authorization", "Bearer "+r.token)
	}
	switch {
	case r.file != nil:
		r.file.fill(req)
	case r.body != nil:
		data, err := rest.Encode(r.body)
		if err != nil {
			return nil, err
		}
		req.SetHeader("Content-Type", "application/json; charset=utf-8").SetBody(data)
	}
	resp, err := req.Execute(r.method, r.path)
	if err != nil {
		return nil, &transportError{cause: bare(ctx, err)}
	}
	return c.judge(resp)
}

// judge tells a good answer from a bad one. Success is code 0, whatever the HTTP status is.
func (c *client) judge(resp *resty.Response) ([]byte, error) {
	h := resp.Header()
	e := &apiError{Status: resp.StatusCode(), LogID: cmp.Or(h.Get("X-Tt-Logid"), h.Get("X-Request-Id")), After: retryAfter(h, c.now())}
	if !isJSON(h.Get("Content-Type")) {
		return nil, e
	}
	var env envelope
	if err := json.Unmarshal(resp.Body(), &env); err != nil {
		return nil, e
	}
	code := cmp.Or(env.Code, env.StatusCode)
	switch {
	case code == nil:
		return nil, e
	case *code == 0:
		return resp.Body(), nil
	}
	e.Code = *code
	e.read(env)
	c.log.Debug("call refused", "code", e.Code, "sub", e.Sub, "status", e.Status, "log_id", e.LogID)
	return nil, e
}

// envelope is what every answer has around its data. Custom bots once answered with StatusCode alone (add-custom-bot).
type envelope struct {
	Code       *int            `json:"code"`
	StatusCode *int            `json:"StatusCode"`
	Msg        string          `json:"msg"`
	Error      json.RawMessage `json:"error"`
}

func isJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && kind == "application/json"
}

// transportError is a request without an answer: the platform may have taken it or not.
type transportError struct{ cause error }

func (e *transportError) Error() string { return "no answer: " + e.cause.Error() }
func (e *transportError) Unwrap() error { return e.cause }

// bare strips the address off an error of net/http: addresses of custom bots and of the long connection are secrets.
func bare(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return rest.Bare(err)
}

// clip is the beginning of s, at most n bytes.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n]
}

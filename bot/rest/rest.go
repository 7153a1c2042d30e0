package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/go-resty/resty/v2"
)

// Transport makes a transport that honours HTTP_PROXY and HTTPS_PROXY and keeps so many idle connections to a host.
func Transport(idle int) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = http.ProxyFromEnvironment
	t.MaxIdleConnsPerHost = idle
	t.TLSHandshakeTimeout = 5 * time.Second
	return t
}

// New makes a client that repeats no request, follows no redirect, and reads at most so many bytes of an answer.
func New(t *http.Transport, most int) *resty.Client {
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return resty.NewWithClient(&http.Client{Transport: t, CheckRedirect: stay}).
		SetRetryCount(0).SetResponseBodyLimit(most).SetLogger(Mute{}).
		SetHeader("Accept", "application/json").SetHeader("User-Agent", "lianbang")
}

// Mute is a resty.Logger that keeps addresses out of the log.
type Mute struct{}

// Errorf implements resty.Logger.
func (Mute) Errorf(string, ...any) {}

// Warnf implements resty.Logger.
func (Mute) Warnf(string, ...any) {}

// Debugf implements resty.Logger.
func (Mute) Debugf(string, ...any) {}

// Encode is JSON in which < and > stay one byte each, because the platforms count bytes. Raw JSON stays as it is.
func Encode(v any) ([]byte, error) {
	if raw, ok := v.(json.RawMessage); ok {
		return raw, nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode a request: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Bare strips the address off an error of net/http.
func Bare(err error) error {
	for ue := (*url.Error)(nil); errors.As(err, &ue); ue = nil {
		err = ue.Err
	}
	return err
}

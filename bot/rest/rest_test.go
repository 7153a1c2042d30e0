package rest

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// TestEncode: the platform counts bytes, so that < and > stay one each.
func TestEncode(t *testing.T) {
	if data, err := Encode(map[string]string{"content": "<@a> & 王工"}); err != nil || string(data) != `{"content":"<@a> & 王工"}` {
		t.Errorf("%s, %v", data, err)
	}
	if _, err := Encode(func() {}); err == nil {
		t.Error("encoded what cannot be")
	}
}

// TestBare: however deep an address is wrapped, it does not stay.
func TestBare(t *testing.T) {
	lost := errors.New("lost")
	err := error(&url.Error{Op: "Get", URL: "http://secret", Err: &url.Error{Op: "proxyconnect", URL: "http://secret", Err: lost}})
	if got := Bare(err); got != lost {
		t.Errorf("left %v", got)
	}
}

// TestNew: a redirect is an answer like any other, and what is too long is not read.
func TestNew(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/long" {
			_, _ = w.Write([]byte(strings.Repeat("x", 100)))
			return
		}
		http.Redirect(w, r, "/long", http.StatusFound)
	}))
	defer server.Close()
	c := New(Transport(1), 60)
	if resp, err := c.R().Get(server.URL); err != nil || resp.StatusCode() != http.StatusFound {
		t.Errorf("%v, %v", resp.Status(), err)
	}
	if _, err := c.R().Get(server.URL + "/long"); err == nil {
		t.Error("read more than it may")
	}
}

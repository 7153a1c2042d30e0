package main

import (
	"encoding/json"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// gateway stands between the platform and the program's webhook, at an address that stays, and fails when it is told to.
type gateway struct {
	url string

	mu     sync.Mutex
	target *url.URL // nil = nobody is there
	refuse int      // so many requests do not get through
	lose   int      // of so many the answer is lost
}

func newGateway(t *testing.T) *gateway {
	g := &gateway{}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	g.url = server.URL
	return g
}

// lead makes requests go to the program at address, or nowhere for "".
func (g *gateway) lead(address string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.target = nil
	if u, err := url.Parse(address); err == nil && address != "" {
		g.target = u
	}
}

// leads reports whether requests go somewhere.
func (g *gateway) leads() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.target != nil
}

// fail makes the next requests fail.
func (g *gateway) fail(refuse, lose int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refuse, g.lose = refuse, lose
}

// failed reports whether all the requests have failed that were to.
func (g *gateway) failed() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.refuse+g.lose == 0
}

// next is what becomes of one request.
func (g *gateway) next() (to *url.URL, lost bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.target == nil:
		return nil, false
	case g.refuse > 0:
		g.refuse--
		return nil, false
	case g.lose > 0:
		g.lose--
		return g.target, true
	}
	return g.target, false
}

// ServeHTTP implements http.Handler.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	to, lost := g.next()
	if to == nil {
		http.Error(w, "bad gateway", http.StatusBadGateway)
		return
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(to) }, ErrorLog: log.New(io.Discard, "", 0)}
	if lost {
		proxy.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}
	proxy.ServeHTTP(w, r)
}

// overheard is the platform, with an ear for the secrets that it hands out.
type overheard struct {
	http.Handler

	mu      sync.Mutex
	secrets map[string]bool
}

// ServeHTTP implements http.Handler.
func (o *overheard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !slices.ContainsFunc([]string{"/tenant_access_token/internal", "/callback/ws/endpoint", "/cgi-bin/gettoken"}, func(path string) bool {
		return strings.HasSuffix(r.URL.Path, path)
	}) {
		o.Handler.ServeHTTP(w, r)
		return
	}
	said := httptest.NewRecorder()
	o.Handler.ServeHTTP(said, r)
	o.note(said.Body.Bytes())
	maps.Copy(w.Header(), said.Header())
	w.WriteHeader(said.Code)
	_, _ = w.Write(said.Body.Bytes()) // the caller may have been killed
}

// note keeps the token, or the ticket and the key of a connection's address.
func (o *overheard) note(body []byte) {
	var answer struct {
		Feishu string `json:"tenant_access_token"`
		WeCom  string `json:"access_token"`
		Data   struct{ URL string }
	}
	if json.Unmarshal(body, &answer) != nil {
		return
	}
	u, err := url.Parse(answer.Data.URL)
	if err != nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, secret := range []string{answer.Feishu, answer.WeCom, u.Query().Get("ticket"), u.Query().Get("access_key")} {
		if secret != "" {
			o.secrets[secret] = true
		}
	}
}

// all lists the secrets.
func (o *overheard) all() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Collect(maps.Keys(o.secrets))
}

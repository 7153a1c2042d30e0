package fake

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Host serves a fake, from Serve until Close. It may be used from any number of goroutines.
type Host struct {
	handler    http.Handler
	violations *Violations
	work       sync.WaitGroup

	mu     sync.Mutex
	server *http.Server
	base   string
}

// NewHost makes a host of h. That the server ends before Close is one of the violations.
func NewHost(h http.Handler, v *Violations) *Host { return &Host{handler: h, violations: v} }

// Start serves on a free port of 127.0.0.1 and returns the base URL.
func (h *Host) Start() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listen: %w", err)
	}
	return h.Serve(l), nil
}

// Serve serves on l, in goroutines of its own, and returns the base URL.
func (h *Host) Serve(l net.Listener) string {
	server, base := &http.Server{Handler: h.handler, ReadHeaderTimeout: 10 * time.Second}, "http://"+l.Addr().String()
	h.mu.Lock()
	h.server, h.base = server, base
	h.mu.Unlock()
	h.work.Go(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			h.violations.Add("the server ended: %v", err)
		}
	})
	return base
}

// Close ends what Serve began, connections included, except those that were taken over.
func (h *Host) Close() error {
	h.mu.Lock()
	server := h.server
	h.mu.Unlock()
	var err error
	if server != nil {
		err = server.Close()
	}
	h.work.Wait()
	return err
}

// BaseURL is where Serve serves, "" before.
func (h *Host) BaseURL() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.base
}

// NewClient makes the client with which a platform calls the bot: it follows no redirect.
func NewClient() *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{MaxIdleConnsPerHost: 64},
	}
}

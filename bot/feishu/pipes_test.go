package feishu

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"testing"
)

// pipes is a network in memory with one address, so that tests run on synctest's clock.
type pipes struct {
	dialed chan net.Conn
	closed chan struct{}
}

// pipesAddr is where somebody listens.
var pipesAddr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8700}

// serve serves h until the test ends.
func serve(t *testing.T, h http.Handler) *pipes {
	p := &pipes{dialed: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.Serve(p) }() // ends with Close
	t.Cleanup(func() { _ = server.Close() })
	return p
}

// transport makes requests over p, each on a connection of its own.
func (p *pipes) transport() *http.Transport {
	return &http.Transport{DialContext: p.dial, DisableKeepAlives: true}
}

func (p *pipes) dial(ctx context.Context, _, address string) (net.Conn, error) {
	if address != pipesAddr.String() {
		return nil, errors.New("nobody is there")
	}
	ours, theirs := net.Pipe()
	select {
	case p.dialed <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, errors.New("nobody is there any more")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.dialed:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. It is called once, by the server.
func (p *pipes) Close() error {
	close(p.closed)
	return nil
}

// Addr implements net.Listener.
func (p *pipes) Addr() net.Addr { return pipesAddr }

package main

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"lianbang/bot"
)

// serve serves the webhook and the bare handler on loopback, with the limits that the program sets, until stop.
func serve(m bot.Mounter, sink bot.Sink, bare http.Handler) (address string, stop func() error, err error) {
	mux := http.NewServeMux()
	m.Mount(mux, sink)
	mux.Handle(barePath, bare)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener) // ends with Close; until then, what it lacks shows at the generator
	}()
	return listener.Addr().String(), func() error {
		err := server.Close()
		<-ended
		return err
	}, nil
}

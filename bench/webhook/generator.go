package main

import (
	"context"
	"fmt"
	"io"
	"net/rpc"
	"os"
	"os/exec"
	"time"

	"lianbang/bench/internal/zone"
)

// generateCommand is the argument with which the program starts itself as the load generator.
const generateCommand = "generate"

// Order is what the generator shall prepare.
type Order struct {
	Address, Path string
	Speakers      [zone.Speakers]*zone.Speaker // each on a connection of its own
	Bot           string                       // its open_id
	First         int64                        // number of the first event
	Each          int                          // requests on each connection
}

// Result is what came of it.
type Result struct {
	Took []time.Duration // of each request that was acknowledged
	Wall time.Duration
	Used time.Duration // CPU time of the generator
}

// generator is the process that makes the load.
type generator struct {
	process *exec.Cmd
	client  *rpc.Client
}

// startGenerator starts the process. It is killed when ctx ends.
func startGenerator(ctx context.Context) (*generator, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, self, generateCommand)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("start the load generator: %w", err)
	}
	return &generator{process: c, client: rpc.NewClient(pipe{out, in})}, nil
}

// close ends the process.
func (g *generator) close() error {
	if err := g.client.Close(); err != nil {
		return fmt.Errorf("close the load generator: %w", err)
	}
	return g.process.Wait()
}

// prepare has requests made, encrypted and signed, before they are needed.
func (g *generator) prepare(o Order) error { return g.client.Call("Volley.Prepare", o, new(bool)) }

// fire has them sent, until the first connection has sent all of its own.
func (g *generator) fire() (r Result, err error) { return r, g.client.Call("Volley.Fire", false, &r) }

// generate is the process itself, at the end of the pipe.
func generate() {
	server := rpc.NewServer()
	if err := server.Register(new(Volley)); err != nil {
		panic(err) // the methods are fit for it
	}
	server.ServeConn(pipe{os.Stdin, os.Stdout})
}

// pipe reads here and writes there.
type pipe struct {
	io.ReadCloser
	w io.WriteCloser
}

// Write implements io.Writer.
func (p pipe) Write(b []byte) (int, error) { return p.w.Write(b) }

// Close implements io.Closer.
func (p pipe) Close() error { return p.w.Close() }

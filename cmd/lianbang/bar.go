package main

import (
	"fmt"
	"io"

	"lianbang/storage"
)

// bar shows how far long work is, on one line of a terminal; elsewhere it is silent.
type bar struct {
	to    io.Writer
	what  string
	drawn bool
}

func newBar(to io.Writer, what string) *bar {
	if !terminal(to) {
		to = nil
	}
	return &bar{to: to, what: what}
}

// at draws the line; total 0 means that it is not known.
func (b *bar) at(done, total int, label string) {
	if b.to == nil {
		return
	}
	b.drawn = true
	if total == 0 {
		fmt.Fprintf(b.to, "\r\x1b[K%s %d %s", b.what, done, label)
		return
	}
	fmt.Fprintf(b.to, "\r\x1b[K%s %d/%d %s", b.what, done, total, label)
}

func (b *bar) migration(p storage.Progress) { b.at(p.Done, p.Total, p.Migration) }

// done clears the line.
func (b *bar) done() {
	if b.drawn {
		fmt.Fprint(b.to, "\r\x1b[K")
	}
}

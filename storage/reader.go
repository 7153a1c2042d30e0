package storage

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/mattn/go-sqlite3"
)

// readers are the connections that read beside the writer. Who asks gets the one that was used last: as long as nothing was
// committed meanwhile it still has the pages that it read. They are safe for concurrent use.
type readers struct {
	all  int           // connections
	free chan struct{} // a token for each of idle
	over chan struct{} // closed with the readers

	mu   sync.Mutex
	idle []*liteConn
}

func openReaders(ctx context.Context, path string, n int) (*readers, error) {
	r := &readers{free: make(chan struct{}, n), over: make(chan struct{})}
	for range n {
		c, err := newSQLiteConnector(path, sqliteRead).Connect(ctx)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("open a read connection: %w", sqliteError(err)), r.close())
		}
		r.all++
		r.give(&liteConn{c: c.(*sqlite3.SQLiteConn)})
	}
	return r, nil
}

// take waits for a connection, as long as ctx lasts.
func (r *readers) take(ctx context.Context) (*liteConn, error) {
	select {
	case <-r.free:
	case <-r.over:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	last := len(r.idle) - 1
	c := r.idle[last]
	r.idle = r.idle[:last]
	return c, nil
}

// give puts a connection back.
func (r *readers) give(c *liteConn) {
	r.mu.Lock()
	r.idle = append(r.idle, c)
	r.mu.Unlock()
	r.free <- struct{}{}
}

// close waits for those who read and closes all connections. Who comes later is refused.
func (r *readers) close() (err error) {
	close(r.over)
	for range r.all {
		<-r.free
	}
	for _, c := range r.idle {
		err = errors.Join(err, c.close())
	}
	return err
}

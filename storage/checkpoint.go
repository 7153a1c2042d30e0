package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/mattn/go-sqlite3"
)

// checkpointEvery is how often the write-ahead log is copied into the database while something is being written.
const checkpointEvery = 50 * time.Millisecond

// checkpointer copies the write-ahead log into the database beside the writer, on a connection of its own, so that no
// commit has to wait for it. Passive checkpoints take no lock that a writer or reader waits for. Should it fall behind, the
// writer's own checkpoint at 256 MB finds most of the work done.
type checkpointer struct {
	conn  *sqlite3.SQLiteConn
	dirty chan struct{}
	stop  chan struct{}
	ended chan struct{}
}

func newCheckpointer(ctx context.Context, path string) (*checkpointer, error) {
	c, err := newSQLiteConnector(path, sqliteCheckpoint).Connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the checkpoint connection: %w", sqliteError(err))
	}
	k := &checkpointer{conn: c.(*sqlite3.SQLiteConn), dirty: make(chan struct{}, 1), stop: make(chan struct{}), ended: make(chan struct{})}
	go k.loop()
	return k, nil
}

// wrote tells that there is something new to copy. It never blocks.
func (k *checkpointer) wrote() {
	select {
	case k.dirty <- struct{}{}:
	default:
	}
}

func (k *checkpointer) loop() {
	defer close(k.ended)
	for {
		select {
		case <-k.stop:
			return
		case <-k.dirty:
		}
		select {
		case <-k.stop:
			return
		case <-time.After(checkpointEvery):
		}
		// A failure (a full disk, say) loses nothing: the log keeps what is not copied, and the next round tries again.
		if err := k.passive(); err != nil && !errors.Is(err, io.EOF) {
			k.wrote()
		}
	}
}

func (k *checkpointer) passive() error {
	rows, err := k.conn.Query("PRAGMA wal_checkpoint(PASSIVE)", nil)
	if err != nil {
		return err
	}
	defer rows.Close()
	return rows.Next(make([]driver.Value, len(rows.Columns())))
}

// close ends the goroutine and the connection.
func (k *checkpointer) close() error {
	close(k.stop)
	<-k.ended
	return k.conn.Close()
}

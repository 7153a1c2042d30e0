package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"

	_ "github.com/mattn/go-sqlite3" // the driver
)

// ceiling is the least that a durable, deduplicated answer can cost on SQLite: a row for the event, one for what it
// changed, and one for the reply, through prepared statements on one connection with synchronous=FULL. One goroutine
// commits what waits, up to 128 callers at once. It reads nothing, checks nothing, and knows no words.
type ceiling struct {
	in             chan request
	ended          chan struct{}
	db             *sql.DB
	next           atomic.Int64
	commits, units atomic.Int64
}

type request struct {
	n    int64
	done chan error
}

const ceilingTables = `CREATE TABLE event (id text PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE activity (id integer PRIMARY KEY, room bigint, person bigint, title text, seats bigint);
CREATE TABLE reply (id integer PRIMARY KEY, lane bigint, body text)`

// ceilingStatements are, in order: begin, commit, the three rows, and the savepoint's two.
var ceilingStatements = [...]string{
	"BEGIN IMMEDIATE", "COMMIT",
	"INSERT INTO event(id) VALUES($1) ON CONFLICT DO NOTHING",
	"INSERT INTO activity(room, person, title, seats) VALUES($1, $2, $3, $4)",
	"INSERT INTO reply(lane, body) VALUES($1, $2)",
	"SAVEPOINT unit", "RELEASE unit",
}

func newCeiling(folder string, savepoints bool) (c *ceiling, err error) {
	name := fmt.Sprintf("ceiling-%t.db", savepoints)
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(folder, name)+"?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=5000")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("make the ceiling's database: %w", err), db.Close())
		}
	}()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(ceilingTables); err != nil {
		return nil, err
	}
	w := ceilingWriter{savepoints: savepoints}
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	for i, text := range ceilingStatements {
		if w.statements[i], err = conn.PrepareContext(context.Background(), text); err != nil {
			return nil, err
		}
	}
	c = &ceiling{in: make(chan request, 1024), ended: make(chan struct{}), db: db}
	go c.loop(w)
	return c, nil
}

// close ends the writer; nobody may be saying anything.
func (c *ceiling) close() error {
	close(c.in)
	<-c.ended
	return c.db.Close()
}

func (c *ceiling) say(_ context.Context, _ int) error {
	r := request{c.next.Add(1), make(chan error, 1)}
	c.in <- r
	return <-r.done
}

func (c *ceiling) batches() batches { return batches{commits: c.commits.Load(), units: c.units.Load()} }

func (c *ceiling) loop(w ceilingWriter) {
	defer close(c.ended)
	var batch []request
	for first := range c.in {
		batch = append(batch[:0], first)
	drain:
		for len(batch) < 128 {
			select {
			case r, open := <-c.in:
				if !open {
					break drain
				}
				batch = append(batch, r)
			default:
				break drain
			}
		}
		err := w.commit(batch)
		c.commits.Add(1)
		c.units.Add(int64(len(batch)))
		for _, r := range batch {
			r.done <- err
		}
	}
}

// ceilingWriter runs the statements.
type ceilingWriter struct {
	statements [len(ceilingStatements)]*sql.Stmt
	savepoints bool
}

func (w *ceilingWriter) commit(batch []request) (err error) {
	run := func(i int, args ...any) {
		if err == nil {
			_, err = w.statements[i].Exec(args...)
		}
	}
	run(0)
	for _, r := range batch {
		if w.savepoints {
			run(5)
		}
		run(2, "web/local/"+eventID(r.n))
		run(3, r.n%16, r.n%speakers, "联合主题党日·参观座谈", 3)
		run(4, r.n%16, `{"text":"已报名 H27 联合主题党日·参观座谈，英芯光电 3 人(已报 33/36，余 3 位)。"}`)
		if w.savepoints {
			run(6)
		}
	}
	run(1)
	return err
}

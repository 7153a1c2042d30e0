package ceiling

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"

	_ "github.com/mattn/go-sqlite3" // the driver

	"lianbang/bench/internal/tally"
)

// Ceiling is the least that a durable, deduplicated answer can cost on SQLite: a row for the event, one for what it
// changed, and one for the reply, through prepared statements on one connection with synchronous=FULL. One goroutine
// commits what waits, up to 128 callers at once. It reads nothing, checks nothing, and knows no words. It is safe for
// concurrent use.
type Ceiling struct {
	in             chan request
	ended          chan struct{}
	db             *sql.DB
	commits, units atomic.Int64
}

type request struct {
	id    string // of the event
	actor int64
	done  chan error
}

const tables = `CREATE TABLE event (id text PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE activity (id integer PRIMARY KEY, room bigint, person bigint, title text, seats bigint);
CREATE TABLE reply (id integer PRIMARY KEY, lane bigint, body text)`

// texts are, in order: begin, commit, the three rows, and the savepoint's two.
var texts = [...]string{
	"BEGIN IMMEDIATE", "COMMIT",
	"INSERT INTO event(id) VALUES($1) ON CONFLICT DO NOTHING",
	"INSERT INTO activity(room, person, title, seats) VALUES($1, $2, $3, $4)",
	"INSERT INTO reply(lane, body) VALUES($1, $2)",
	"SAVEPOINT unit", "RELEASE unit",
}

// New makes a database in the folder. With savepoints, every caller has one of its own, as the storage has it where a unit may fail.
func New(folder string, savepoints bool) (c *Ceiling, err error) {
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
	db.SetMaxOpenConns(2) // the writer keeps one, Verify reads through the other
	if _, err := db.Exec(tables); err != nil {
		return nil, err
	}
	w := writer{savepoints: savepoints}
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	for i, text := range texts {
		if w.statements[i], err = conn.PrepareContext(context.Background(), text); err != nil {
			return nil, err
		}
	}
	c = &Ceiling{in: make(chan request, 1024), ended: make(chan struct{}), db: db}
	go c.loop(w)
	return c, nil
}

// Close ends the writer; nobody may be saying anything.
func (c *Ceiling) Close() error {
	close(c.in)
	<-c.ended
	return c.db.Close()
}

// Say stores the three rows of an event, durably. actor tells apart who speaks. An event that is there already is stored as if
// it were new, but for its own row.
func (c *Ceiling) Say(id string, actor int) error {
	r := request{id, int64(actor), make(chan error, 1)}
	c.in <- r
	return <-r.done
}

// Batches counts commits since the beginning.
func (c *Ceiling) Batches() tally.Batches {
	return tally.Batches{Commits: c.commits.Load(), Units: c.units.Load()}
}

// Verify proves that so many events were stored, with all their rows.
func (c *Ceiling) Verify(events int64) error {
	var rows [3]int64
	row := c.db.QueryRow("SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM activity), (SELECT count(*) FROM reply)")
	if err := row.Scan(&rows[0], &rows[1], &rows[2]); err != nil {
		return fmt.Errorf("count what the ceiling stored: %w", err)
	}
	if rows != [3]int64{events, events, events} {
		return fmt.Errorf("%d events were said to the ceiling, but its tables have %d rows", events, rows)
	}
	return nil
}

func (c *Ceiling) loop(w writer) {
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

// writer runs the statements.
type writer struct {
	statements [len(texts)]*sql.Stmt
	savepoints bool
}

func (w *writer) commit(batch []request) (err error) {
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
		run(2, r.id)
		run(3, r.actor%16, r.actor, "联合主题党日·参观座谈", 3)
		run(4, r.actor%16, `{"text":"已报名 H27 联合主题党日·参观座谈，英芯光电 3 人(已报 33/36，余 3 位)。"}`)
		if w.savepoints {
			run(6)
		}
	}
	run(1)
	return err
}

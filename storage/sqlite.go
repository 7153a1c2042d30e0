package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/mattn/go-sqlite3"

	"lianbang/bot"
)

const (
	sqliteDSN        = "?_journal_mode=WAL&_synchronous=NORMAL&_busy_timeout=5000&_foreign_keys=on&_stmt_cache_size=0&_mutex=no"
	sqliteWrite      = "&_txlock=immediate"
	sqliteRead       = "&_query_only=on&_txlock=deferred"
	sqliteCheckpoint = "&_txlock=deferred"
	// In the mode NORMAL a commit is consistent and in the log, and the syncer makes it durable before anybody hears of it.
	// The journal of savepoints stays in memory; the checkpointer works beside the writer, which helps at 256 MB: forcing
	// the database to the disk then takes it some 10 ms, so it should be rare.
	sqlitePragmas = "PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 65536; PRAGMA cache_size = -32768"
)

// sqliteConnector opens connections of one kind.
type sqliteConnector struct {
	dsn    string
	driver *sqlite3.SQLiteDriver
}

func newSQLiteConnector(path, kind string) sqliteConnector {
	path = strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	return sqliteConnector{
		dsn: "file:" + path + sqliteDSN + kind,
		driver: &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
			_, err := c.Exec(sqlitePragmas, nil)
			return err
		}},
	}
}

// Connect implements driver.Connector.
func (s sqliteConnector) Connect(context.Context) (driver.Conn, error) { return s.driver.Open(s.dsn) }

// Driver implements driver.Connector.
func (s sqliteConnector) Driver() driver.Driver { return s.driver }

func (db *DB) openSQLite(ctx context.Context, o Options) error {
	if err := os.MkdirAll(filepath.Dir(o.SQLite), 0o700); err != nil {
		return fmt.Errorf("make its folder: %w", err)
	}
	db.shared = sql.OpenDB(newSQLiteConnector(o.SQLite, sqliteWrite))
	db.shared.SetMaxOpenConns(1)
	db.shared.SetMaxIdleConns(1)
	if err := db.migrate(ctx, o.Progress); err != nil {
		return sqliteError(err)
	}
	n := o.Readers
	if n <= 0 {
		n = 3
	}
	var err error
	if db.readers, err = openReaders(ctx, o.SQLite, n); err != nil {
		return err
	}
	db.disk = diskOf(o.SQLite)
	if db.checkpoints, err = newCheckpointer(ctx, o.SQLite); err != nil {
		return err
	}
	if db.syncs, err = newSyncer(o.SQLite); err != nil {
		return err
	}
	if err := db.loadArrivals(); err != nil {
		return fmt.Errorf("read what arrived lately: %w", err)
	}
	db.writer = newWriter(db, o.Queue)
	return nil
}

func (db *DB) viewSQLite(ctx context.Context, fn func(*Tx) error) error {
	c, err := db.readers.take(ctx)
	if err != nil {
		return err
	}
	defer db.readers.give(c)
	defer c.command("ROLLBACK") // should it ever fail, BEGIN does so too, and this is tried again
	if err := c.command("BEGIN"); err != nil {
		return fmt.Errorf("begin to read: %w", err)
	}
	return guard(fn, db.newTx(c))
}

// errWrites says that a unit which was only to look wants to write.
var errWrites = errors.New("the unit writes")

// lookSQLite runs fn on a snapshot and lets the writer add what it recorded.
func (db *DB) lookSQLite(ctx context.Context, fn func(*Tx) error) error {
	var seen *Tx
	err := db.viewSQLite(ctx, func(tx *Tx) error {
		seen, tx.look = tx, true
		return fn(tx)
	})
	if err != nil || !seen.recorded {
		return err
	}
	if err := seen.later.seal(db.seals); err != nil {
		return err
	}
	return db.writer.do(ctx, seen.addLooked, false)
}

// addLooked is the unit that adds what tx recorded while it looked. An event that was recorded meanwhile makes it end with
// errWrites.
func (tx *Tx) addLooked(w *Tx) error {
	if !w.arrive(tx.arrival) {
		return errWrites
	}
	w.later.add(&tx.later) // a copy: the unit may be run again
	w.wakes = tx.wakes
	return nil
}

// liteConn is one SQLite connection with its prepared statements, used without database/sql in between. It belongs to one
// goroutine at a time.
type liteConn struct {
	c        *sqlite3.SQLiteConn
	prepared []*sqlite3.SQLiteStmt // by statement number
	commands map[string]*sqlite3.SQLiteStmt
	args     []driver.NamedValue
	row      row
	kept     *kept // of the writing connection
}

// finalize ends the prepared statements: a connection with any left is not really closed.
func (l *liteConn) finalize() {
	for _, s := range l.prepared {
		if s != nil {
			s.Close()
		}
	}
	for _, s := range l.commands {
		s.Close()
	}
	l.prepared, l.commands = nil, nil
}

func (l *liteConn) close() error {
	l.finalize()
	return l.c.Close()
}

func (l *liteConn) prepare(s *statement) (*sqlite3.SQLiteStmt, error) {
	if s.voids && l.kept != nil {
		l.kept.forgetAnswers()
	}
	if l.prepared == nil {
		l.prepared = make([]*sqlite3.SQLiteStmt, len(statements))
	}
	if p := l.prepared[s.number]; p != nil {
		return p, nil
	}
	p, err := l.c.Prepare(s.text[sqlite])
	if err != nil {
		return nil, sqliteError(err)
	}
	l.prepared[s.number] = p.(*sqlite3.SQLiteStmt)
	return l.prepared[s.number], nil
}

func (l *liteConn) bind(args []any) []driver.NamedValue {
	l.args = l.args[:0]
	for i, a := range args {
		l.args = append(l.args, driver.NamedValue{Ordinal: i + 1, Value: bound(a)})
	}
	return l.args
}

// command runs BEGIN, COMMIT and the like, prepared.
func (l *liteConn) command(text string) error {
	rows, err := l.query(text)
	if err != nil {
		return err
	}
	return sqliteError(rows.Close())
}

// query is command for one that answers.
func (l *liteConn) query(text string) (driver.Rows, error) {
	p := l.commands[text]
	if p == nil {
		s, err := l.c.Prepare(text)
		if err != nil {
			return nil, sqliteError(err)
		}
		if l.commands == nil {
			l.commands = map[string]*sqlite3.SQLiteStmt{}
		}
		p = s.(*sqlite3.SQLiteStmt)
		l.commands[text] = p
	}
	rows, err := p.QueryContext(background, nil)
	return rows, sqliteError(err)
}

// step runs a statement that yields no rows. The driver's query path crosses into C once, its exec path once an argument.
func step(p *sqlite3.SQLiteStmt, args []driver.NamedValue) error {
	rows, err := p.QueryContext(background, args)
	if err != nil {
		return sqliteError(err)
	}
	return sqliteError(rows.Close())
}

func (l *liteConn) run(s *statement, args []any) error {
	p, err := l.prepare(s)
	if err != nil {
		return err
	}
	return step(p, l.bind(args))
}

func (l *liteConn) result(s *statement, args []any) (driver.Result, error) {
	p, err := l.prepare(s)
	if err != nil {
		return nil, err
	}
	r, err := p.ExecContext(background, l.bind(args))
	return r, sqliteError(err)
}

func (l *liteConn) exec(s *statement, args []any) (int64, error) {
	r, err := l.result(s, args)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (l *liteConn) insert(s *statement, args []any) (int64, error) {
	r, err := l.result(s, args)
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

func (l *liteConn) each(s *statement, args []any, f func(*row) error) error {
	if s.kept && l.kept != nil {
		return l.ask(s, args, f)
	}
	return l.read(s, args, f)
}

func (l *liteConn) read(s *statement, args []any, f func(*row) error) error {
	p, err := l.prepare(s)
	if err != nil {
		return err
	}
	rows, err := p.QueryContext(background, l.bind(args))
	if err != nil {
		return sqliteError(err)
	}
	defer rows.Close()
	n := len(rows.Columns())
	if cap(l.row.values) < n {
		l.row.values = make([]driver.Value, n, n+16)
	}
	values := l.row.values[:n]
	for {
		err := rows.Next(values)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return sqliteError(err)
		}
		if err := f(&row{values: values}); err != nil {
			return err
		}
	}
}

// sqliteError marks the errors of SQLite after which the same work may succeed later.
func sqliteError(err error) error {
	if err == nil {
		return nil
	}
	return markSQLite(err)
}

func markSQLite(err error) error {
	var e sqlite3.Error
	if !errors.As(err, &e) || errors.Is(err, bot.ErrUnavailable) {
		return err
	}
	switch e.Code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrFull, sqlite3.ErrIoErr, sqlite3.ErrCantOpen, sqlite3.ErrReadonly,
		sqlite3.ErrNomem, sqlite3.ErrInterrupt, sqlite3.ErrProtocol:
		return unavailable(err)
	}
	return err
}

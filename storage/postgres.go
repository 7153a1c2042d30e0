package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"lianbang/bot"
	"lianbang/consortium"
)

const (
	postgresTries    = 20
	postgresDeadline = 30 * time.Second // of one unit
	// That a transaction may wait for its process between two statements: one that is frozen in the middle, with its machine,
	// must not keep its locks from the other nodes for longer.
	postgresIdle = `SET idle_in_transaction_session_timeout = '5s'`
)

func (db *DB) openPostgres(ctx context.Context, o Options) error {
	config, err := pgxpool.ParseConfig(o.Postgres)
	if err != nil {
		return errors.New("the PostgreSQL URL cannot be read") // the driver's error may repeat the password
	}
	config.MaxConns = int32(o.Pool)
	if o.Pool <= 0 {
		config.MaxConns = 8
	}
	config.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, postgresIdle)
		return err
	}
	if db.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return unavailable(err)
	}
	db.shared = stdlib.OpenDBFromPool(db.pool)
	return postgresError(db.migrate(ctx, o.Progress))
}

func (db *DB) doPostgres(ctx context.Context, fn func(*Tx) error) error {
	for try := 1; ; try++ {
		tx, err := db.tryPostgres(ctx, fn, pgx.TxOptions{}, try > 1)
		if err == nil {
			db.lanes.add(tx.lanes)
			db.stats.committed(1)
			for _, lane := range tx.wakes {
				db.wake(lane)
			}
			return nil
		}
		if errors.Is(err, bot.ErrUnavailable) {
			db.stats.failed(err)
		}
		if try == postgresTries || !again(err) {
			return postgresError(err)
		}
		select {
		case <-time.After(rand.N(time.Duration(min(try, 8)) * 4 * time.Millisecond)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (db *DB) viewPostgres(ctx context.Context, fn func(*Tx) error) error {
	_, err := db.tryPostgres(ctx, fn, pgx.TxOptions{AccessMode: pgx.ReadOnly, IsoLevel: pgx.RepeatableRead}, false)
	return postgresError(err)
}

func (db *DB) tryPostgres(ctx context.Context, fn func(*Tx) error, o pgx.TxOptions, lock bool) (*Tx, error) {
	c, err := db.pool.Acquire(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, unavailable(err)
	}
	defer c.Release()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), postgresDeadline)
	defer cancel()
	t, err := c.BeginTx(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("begin: %w", unavailable(err))
	}
	defer t.Rollback(ctx)
	pc := &pgConn{ctx: ctx, tx: t}
	tx := db.newTx(pc)
	tx.lock = lock
	if err := guard(fn, tx); err != nil {
		return nil, err
	}
	if err := tx.later.seal(db.seals); err != nil {
		return nil, err
	}
	if err := flush(pc, new(auditHead), slices.Values([]*later{&tx.later})); err != nil {
		return nil, err
	}
	if err := t.Commit(ctx); err != nil {
		return nil, fmt.Errorf("commit: %w", postgresError(err))
	}
	return tx, nil
}

// again reports whether a unit may be run again at once: it lost a race.
func again(err error) bool {
	if errors.Is(err, consortium.ErrConflict) {
		return true
	}
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case "40001", "40P01", "23505": // serialization failure, deadlock, two inserted the same
		return true
	}
	return false
}

// postgresError marks the errors after which the same work may succeed later.
func postgresError(err error) error {
	if err == nil || errors.Is(err, bot.ErrUnavailable) {
		return err
	}
	var e *pgconn.PgError
	if errors.As(err, &e) {
		switch e.Code[:2] {
		case "08", "40", "53", "55", "57", "58": // connection, rollback, resources, locks, shutdown, system
			return unavailable(err)
		}
		switch e.Code {
		case "25006", "25P03": // read-only: a standby; waited for too long within a transaction
			return unavailable(err)
		}
		return err
	}
	var connect *pgconn.ConnectError
	var network net.Error
	if errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return unavailable(err)
	}
	return err
}

// pgConn is one PostgreSQL transaction.
type pgConn struct {
	ctx  context.Context
	tx   pgx.Tx
	args []any
}

func (p *pgConn) bind(args []any) []any {
	p.args = p.args[:0]
	for _, a := range args {
		a = bound(a)
		if s, ok := a.(string); ok { // text takes neither NUL nor invalid UTF-8
			a = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
		}
		p.args = append(p.args, a)
	}
	return p.args
}

func (p *pgConn) exec(s *statement, args []any) (int64, error) {
	tag, err := p.tx.Exec(p.ctx, s.text[postgres], p.bind(args)...)
	return tag.RowsAffected(), postgresError(err)
}

func (p *pgConn) run(s *statement, args []any) error {
	_, err := p.exec(s, args)
	return err
}

func (p *pgConn) insert(s *statement, args []any) (id int64, err error) {
	err = p.tx.QueryRow(p.ctx, s.text[postgres], p.bind(args)...).Scan(&id)
	return id, postgresError(err)
}

func (p *pgConn) each(s *statement, args []any, f func(*row) error) error {
	rows, err := p.tx.Query(p.ctx, s.text[postgres], p.bind(args)...)
	if err != nil {
		return postgresError(err)
	}
	defer rows.Close()
	for rows.Next() {
		got, err := rows.Values()
		if err != nil {
			return fmt.Errorf("read a row: %w", err)
		}
		r := row{values: make([]driver.Value, len(got))}
		for i, v := range got {
			r.values[i] = v
		}
		if err := f(&r); err != nil {
			return err
		}
	}
	return postgresError(rows.Err())
}

package storage

import (
	"fmt"
	"strconv"
	"strings"
)

// later holds rows that a unit adds and that no unit of a handler reads: they are written together, shortly before the
// commit, several in a statement and whatever became of other units. Each field is a list of arguments, row after row.
type later struct {
	events, sends, audits []any
}

// insertion inserts rows of one table, in eights and singly. A row that cannot be inserted fails the whole transaction, so
// SQLite is told not to prepare for undoing the statement alone.
type insertion struct {
	columns     int
	eight, once *statement
}

func newInsertion(table, columns, conflict string) insertion {
	n := strings.Count(columns, ",") + 1
	text := func(rows int) string {
		var b strings.Builder
		b.WriteString("INSERT{or fail} INTO " + table + "(" + columns + ") VALUES")
		for i := range rows * n {
			switch {
			case i%n > 0:
				b.WriteString(", $")
			case i > 0:
				b.WriteString("), ($")
			default:
				b.WriteString("($")
			}
			b.WriteString(strconv.Itoa(i + 1))
		}
		return b.String() + ")" + conflict
	}
	return insertion{n, sqlText(text(8)), sqlText(text(1))}
}

func (in insertion) flush(c conn, args []any) error {
	for len(args) > 0 {
		statement, n := in.eight, 8*in.columns
		if len(args) < n {
			statement, n = in.once, in.columns
		}
		if err := c.run(statement, args[:n]); err != nil {
			return err
		}
		args = args[n:]
	}
	return nil
}

var (
	eventRows = newInsertion("event", "at, account, id, body", "")
	sendRows  = newInsertion("delivery", "key, lane, chat, user_key, ref_token, ref_expires, urgency, state, body, not_before, expires, created", " ON CONFLICT DO NOTHING")
	auditRows = newInsertion("audit", "chain, seq, at, actor, event, subject, id, action, before, after, prev, hash", "")
)

// add takes over the rows of a unit that went well.
func (l *later) add(other *later) {
	l.events = append(l.events, other.events...)
	l.sends = append(l.sends, other.sends...)
	l.audits = append(l.audits, other.audits...)
}

// empty forgets the rows and keeps the room for them.
func (l *later) empty() {
	clear(l.events)
	clear(l.sends)
	clear(l.audits)
	l.events, l.sends, l.audits = l.events[:0], l.sends[:0], l.audits[:0]
}

// flushSends writes the deliveries, for the units that read the outbox.
func (l *later) flushSends(c conn) error {
	if err := sendRows.flush(c, l.sends); err != nil {
		return fmt.Errorf("enqueue deliveries: %w", err)
	}
	clear(l.sends)
	l.sends = l.sends[:0]
	return nil
}

// flush writes everything.
func (l *later) flush(c conn) error {
	if err := l.flushSends(c); err != nil {
		return err
	}
	if err := eventRows.flush(c, l.events); err != nil {
		return fmt.Errorf("record events: %w", err)
	}
	if err := auditRows.flush(c, l.audits); err != nil {
		return fmt.Errorf("write audit rows: %w", err)
	}
	l.empty()
	return nil
}

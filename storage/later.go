package storage

import (
	"fmt"
	"iter"
	"strconv"
	"strings"

	"lianbang/bot"
)

// later holds rows that a unit adds and that no unit of a handler reads. They are encoded and sealed when the unit has
// succeeded, on SQLite beside the units that follow, and written together, shortly before the commit, several in a statement.
type later struct {
	events []eventRow
	sends  []sendRow
	audits []auditRow
	sealed bool
	err    error // why it could not be sealed
}

// eventRow is an event that arrived, with the text that was said.
type eventRow struct {
	at          int64
	account, id string
	text        string
	body        []byte // text, sealed
}

// sendRow is a delivery for a lane.
type sendRow struct {
	d    bot.Delivery
	lane int64
	at   int64
	body []byte // the delivery's, sealed
}

const bodyColumn = "delivery.body"

// seal makes the rows ready to be written. It is done once, however often it is called.
func (l *later) seal(seals *sealer) error {
	if l.sealed {
		return l.err
	}
	l.sealed = true
	for i := range l.events {
		l.events[i].seal(seals)
	}
	for i := range l.sends {
		s := &l.sends[i]
		if s.body, l.err = seals.sealJSON(bodyColumn, &s.d.Body); l.err != nil {
			return l.err
		}
	}
	for i := range l.audits {
		a := &l.audits[i]
		if a.before, l.err = seals.sealJSON("audit", a.was); l.err != nil {
			return l.err
		}
		if a.after, l.err = seals.sealJSON("audit", a.is); l.err != nil {
			return l.err
		}
	}
	return nil
}

// take moves the rows of other here, which is empty, and leaves its room there.
func (l *later) take(other *later) { *l, *other = *other, *l }

// add copies the rows of other, which are sealed, here, where there are none.
func (l *later) add(other *later) {
	l.events, l.sends, l.audits = append(l.events, other.events...), append(l.sends, other.sends...), append(l.audits, other.audits...)
	l.sealed, l.err = other.sealed, other.err
}

// empty forgets the rows and keeps the room for them.
func (l *later) empty() {
	clear(l.events)
	clear(l.sends)
	clear(l.audits)
	*l = later{events: l.events[:0], sends: l.sends[:0], audits: l.audits[:0]}
}

// insertion inserts rows of one table, several at once and singly. A row that cannot be inserted must fail its unit or
// the whole transaction: SQLite is told not to prepare for undoing the statement alone.
type insertion struct {
	columns, several int
	many, one        *statement
}

func newInsertion(several int, table, columns, conflict string) insertion {
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
	return insertion{n, several, sqlText(text(several)), sqlText(text(1))}
}

var (
	eventRows = newInsertion(8, "event", "at, account, id, body", "")
	sendRows  = newInsertion(8, "delivery", "key, lane, chat, user_key, ref_token, ref_expires, urgency, state, body, not_before, expires, created", " ON CONFLICT DO NOTHING")
	auditRows = newInsertion(8, "audit", "chain, seq, at, actor, event, subject, id, action, before, after, prev, hash", "")
)

func (e *eventRow) seal(seals *sealer) { e.body = seals.seal("event.text", []byte(e.text)) }

func (e *eventRow) args(to []any) []any { return append(to, e.at, e.account, e.id, e.body) }

func (s *sendRow) args(to []any) []any {
	d := &s.d
	return append(to, d.Key, s.lane, string(d.To.Chat), string(d.To.User), d.Ref.Token, micros(d.Ref.Expires),
		int64(d.Urgency), "new", s.body, micros(d.NotBefore), micros(d.Expires), s.at)
}

func (a *auditRow) args(to []any) []any {
	return append(to, a.chain, a.seq, a.at, a.actor, a.event, a.subject, a.id, a.action, a.before, a.after, a.prev, a.hash)
}

// next is the statement that inserts the first of the rows whose columns are args, and those columns.
func (in insertion) next(args []any) (*statement, []any) {
	if n := in.several * in.columns; len(args) >= n {
		return in.many, args[:n]
	}
	return in.one, args[:in.columns]
}

// insert writes the rows of one table.
func insert[R any](c conn, in insertion, rows iter.Seq2[*R, error], add func(*R, []any) []any) error {
	args := make([]any, 0, in.several*in.columns)
	for r, err := range rows {
		if err != nil {
			return err
		}
		if args = add(r, args); len(args) == cap(args) {
			if err := c.run(in.many, args); err != nil {
				return err
			}
			args = args[:0]
		}
	}
	for ; len(args) > 0; args = args[in.columns:] {
		if err := c.run(in.next(args)); err != nil {
			return err
		}
	}
	return nil
}

// rowsOf walks the rows of one kind in the order of the units, up to the first unit that could not be sealed.
func rowsOf[R any](units iter.Seq[*later], of func(*later) []R) iter.Seq2[*R, error] {
	return func(yield func(*R, error) bool) {
		for l := range units {
			if l.err != nil {
				yield(nil, l.err)
				return
			}
			rows := of(l)
			for i := range rows {
				if !yield(&rows[i], nil) {
					return
				}
			}
		}
	}
}

// flushSends writes the deliveries of some units, whose rows are sealed.
func flushSends(c conn, units iter.Seq[*later]) error {
	err := insert(c, sendRows, rowsOf(units, func(l *later) []sendRow { return l.sends }), (*sendRow).args)
	if err != nil {
		return fmt.Errorf("enqueue deliveries: %w", err)
	}
	for l := range units {
		clear(l.sends)
		l.sends = l.sends[:0]
	}
	return nil
}

// flush writes the rows of some units, which are sealed, and puts the audit rows at the end of a chain.
func flush(c conn, head *auditHead, units iter.Seq[*later]) error {
	if err := flushSends(c, units); err != nil {
		return err
	}
	err := insert(c, eventRows, rowsOf(units, func(l *later) []eventRow { return l.events }), (*eventRow).args)
	if err != nil {
		return fmt.Errorf("record events: %w", err)
	}
	for l := range units {
		if err := head.append(c, l.audits); err != nil {
			return err
		}
	}
	err = insert(c, auditRows, rowsOf(units, func(l *later) []auditRow { return l.audits }), (*auditRow).args)
	if err != nil {
		return fmt.Errorf("write audit rows: %w", err)
	}
	return head.save(c)
}

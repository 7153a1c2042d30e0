package storage

import (
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"regexp"
	"slices"

	"lianbang/consortium"
)

// Bounds of what is kept.
const (
	mostKept    = 8192 // answers, activities, registrations
	largestKept = 64   // rows of one
)

// kept holds what statements made by keptText have answered on the writing connection: who speaks where is asked for every
// event and changes seldom. The answers are forgotten when a row of a table that such a statement reads is written.
// Activities are kept as they were read last, and their counters as they were written; registrations as they were read or
// written. Everything is forgotten when work is taken back, and when another connection has written. The zero value keeps
// nothing yet.
type kept struct {
	answers    map[string][][]driver.Value
	activities map[consortium.ActivityID]consortium.Activity
	parties    map[party]consortium.Registration
	version    driver.Value // of the database, as the connection saw it last
	key        []byte
}

// party is whose registration for what.
type party struct {
	activity consortium.ActivityID
	person   consortium.PersonID
}

// keptTables are those that statements made by keptText read.
var keptTables = map[string]bool{}

var (
	readTable    = regexp.MustCompile(`\b(?:FROM|JOIN) (\w+)`)
	writtenTable = regexp.MustCompile(`\b(?:INTO|UPDATE|DELETE FROM) (\w+)`)
)

// keptText is sqlText for a question that is asked again and again, of tables that are seldom written.
func keptText(source string) *statement {
	s := sqlText(source)
	s.kept = true
	for _, m := range readTable.FindAllStringSubmatch(source, -1) {
		keptTables[m[1]] = true
	}
	return s
}

// The statements are made in no certain order: what makes the kept answers void is known when all are there.
func init() {
	for _, s := range statements {
		s.voids = s.writes && slices.ContainsFunc(writtenTable.FindAllStringSubmatch(s.source, -1), func(m []string) bool {
			return keptTables[m[1]]
		})
	}
}

// find returns the answer that s gave to args, and under which key it is to be kept if there is none.
func (k *kept) find(s *statement, args []any) (rows [][]driver.Value, ok bool) {
	k.key = binary.AppendUvarint(k.key[:0], uint64(s.number))
	for _, a := range args {
		switch a := bound(a).(type) {
		case int64:
			k.key = binary.AppendVarint(append(k.key, 'i'), a)
		case string:
			k.key = append(binary.AppendUvarint(append(k.key, 't'), uint64(len(a))), a...)
		case []byte:
			k.key = append(binary.AppendUvarint(append(k.key, 'b'), uint64(len(a))), a...)
		default:
			k.key = append(k.key, 'n')
		}
	}
	rows, ok = k.answers[string(k.key)]
	return rows, ok
}

// keep remembers the answer to what find was asked last.
func (k *kept) keep(key string, rows [][]driver.Value) {
	if len(rows) > largestKept {
		return
	}
	keepIn(&k.answers, key, rows)
}

// keepIn keeps one more, and begins anew when there are too many.
func keepIn[K comparable, V any](all *map[K]V, key K, value V) {
	if *all == nil || len(*all) >= mostKept {
		*all = map[K]V{}
	}
	(*all)[key] = value
}

// keeps is what is kept on the connection, nil unless it is the writing one.
func (tx *Tx) keeps() *kept {
	if l, ok := tx.c.(*liteConn); ok {
		return l.kept
	}
	return nil
}

// activity is one that is kept. Here and in the methods below nil keeps nothing.
func (k *kept) activity(id consortium.ActivityID) (consortium.Activity, bool) {
	if k == nil {
		return consortium.Activity{}, false
	}
	a, ok := k.activities[id]
	return a, ok
}

// keepActivity remembers an activity as it was read.
func (k *kept) keepActivity(a consortium.Activity) {
	if k == nil {
		return
	}
	keepIn(&k.activities, a.ID, a)
}

// countActivity follows a change of the counters of an activity.
func (k *kept) countActivity(a consortium.Activity) {
	if _, ok := k.activity(a.ID); ok {
		k.activities[a.ID] = a
	}
}

// forgetActivity makes an activity be read anew.
func (k *kept) forgetActivity(id consortium.ActivityID) {
	if k != nil {
		delete(k.activities, id)
	}
}

// registration is one that is kept.
func (k *kept) registration(a consortium.ActivityID, p consortium.PersonID) (consortium.Registration, bool) {
	if k == nil {
		return consortium.Registration{}, false
	}
	r, ok := k.parties[party{a, p}]
	return r, ok
}

// keepRegistration remembers a registration as it is stored.
func (k *kept) keepRegistration(r consortium.Registration) {
	if k == nil {
		return
	}
	keepIn(&k.parties, party{r.Activity, r.Person}, r)
}

// forgetAnswers makes the statements' questions be asked anew.
func (k *kept) forgetAnswers() { clear(k.answers) }

// forget makes everything asked anew.
func (k *kept) forget() {
	clear(k.answers)
	clear(k.activities)
	clear(k.parties)
}

// askWriters gives a number that changes when another connection has written.
const askWriters = "PRAGMA data_version"

// refresh forgets what is kept when another connection has written since. It is called inside a transaction that writes, so
// that nobody else writes from here on.
func (l *liteConn) refresh() error {
	rows, err := l.query(askWriters)
	if err != nil {
		return fmt.Errorf("ask who has written: %w", err)
	}
	defer rows.Close()
	var version [1]driver.Value
	if err := rows.Next(version[:]); err != nil {
		return fmt.Errorf("ask who has written: %w", sqliteError(err))
	}
	if version[0] != l.kept.version {
		l.kept.version = version[0]
		l.kept.forget()
	}
	return nil
}

// ask is each for a statement whose answers are kept.
func (l *liteConn) ask(s *statement, args []any, f func(*row) error) error {
	rows, ok := l.kept.find(s, args)
	if !ok {
		key := string(l.kept.key)
		err := l.read(s, args, func(r *row) error {
			rows = append(rows, slices.Clone(r.values))
			return nil
		})
		if err != nil {
			return err
		}
		l.kept.keep(key, rows)
	}
	for _, values := range rows {
		if err := f(&row{values: values}); err != nil {
			return err
		}
	}
	return nil
}

package storage

import (
	"hash/maphash"
	"math"
	"sync"
	"time"

	"lianbang/bot"
)

const (
	// keepArrivals is how long an event is known to have arrived, at least. Platforms deliver again for hours (Feishu: 7.1 h).
	keepArrivals = 7 * 24 * time.Hour
	// mostArrivals bounds the memory: beyond so many in keepArrivals the oldest are forgotten early.
	mostArrivals = 4 << 20
)

// arrivals knows which events have been stored lately. A SQLite file belongs to one process, so that memory can decide what
// counts once: the rows themselves are only read at the start. It is safe for concurrent use.
type arrivals struct {
	seeds [2]maphash.Seed

	mu         sync.RWMutex
	young, old map[arrival]struct{}
	turned     time.Time // when old was young last
}

// arrival stands for an account and the id of an event on it; two events share one with a probability of 2^-128.
type arrival [2]uint64

func newArrivals(now time.Time) *arrivals {
	return &arrivals{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}, young: map[arrival]struct{}{}, turned: now}
}

func (s *arrivals) of(account, id string) (a arrival) {
	for i, seed := range s.seeds {
		var h maphash.Hash
		h.SetSeed(seed)
		h.WriteString(account)
		h.WriteByte(0)
		h.WriteString(id)
		a[i] = h.Sum64()
	}
	return a
}

func (s *arrivals) seen(a arrival) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, young := s.young[a]
	_, old := s.old[a]
	return young || old
}

// add takes over the events of a commit.
func (s *arrivals) add(batch map[arrival]struct{}, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.turned) >= keepArrivals || len(s.young) >= mostArrivals {
		s.young, s.old, s.turned = make(map[arrival]struct{}, len(batch)), s.young, now
	}
	for a := range batch {
		s.young[a] = struct{}{}
	}
}

var (
	arrivalPage = sqlText(`SELECT n, account, id, at FROM event WHERE n < $1 ORDER BY n DESC LIMIT 1000`)
	eventAdd    = sqlText(`INSERT INTO event(at, account, id, body) VALUES($1, $2, $3, $4) ON CONFLICT DO NOTHING`) // PostgreSQL
)

// loadArrivals reads what arrived before the program started, from the end back.
func (db *DB) loadArrivals() error {
	now := db.now()
	db.arrived = newArrivals(now)
	since := micros(now.Add(-keepArrivals))
	next, more := int64(math.MaxInt64), true
	return db.View(background, func(tx *Tx) error {
		for more && len(db.arrived.young) < mostArrivals {
			more = false
			err := tx.until(arrivalPage, func(r *row) bool {
				next = r.int()
				a := db.arrived.of(r.text(), r.text())
				if more = r.int() >= since; more {
					db.arrived.young[a] = struct{}{}
				}
				return more
			}, next)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// addEvent records the event of a unit, and its text. While the unit only looks, the writer decides.
func (tx *Tx) addEvent(account string, id bot.EventID, text string) (fresh bool, err error) {
	e := eventRow{at: tx.at, account: account, id: string(id), text: text}
	if tx.db.arrived == nil {
		e.seal(tx.db.seals)
		n, err := tx.c.exec(eventAdd, e.args(nil))
		return n > 0, err
	}
	if !tx.arrive(tx.db.arrived.of(account, string(id))) {
		if tx.look { // perhaps not durable yet: the writer answers in its turn
			err = errWrites
		}
		return false, err
	}
	tx.later.events = append(tx.later.events, e)
	return true, nil
}

// arrive notes the arrival of the unit's event, unless it has arrived before.
func (tx *Tx) arrive(a arrival) (fresh bool) {
	if _, now := tx.batch.arrived[a]; now || tx.db.arrived.seen(a) {
		return false
	}
	if !tx.look {
		tx.batch.arrived[a] = struct{}{}
	}
	tx.arrival, tx.recorded = a, true
	return true
}

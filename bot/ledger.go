package bot

import (
	"context"
	"time"
)

// Ledger is what the dispatcher needs of the transaction that a command runs in. It is bound to one transaction, which
// carries its own deadline: that is why its methods take no context. It must not be kept.
type Ledger interface {
	// Record notes the event as handled. fresh is false when it had been handled before; nothing else may then happen.
	Record(e Event, now time.Time) (fresh bool, err error)
	// Resolve finds who speaks where, and the question that waits for him there (under e.Place().Lane()), if any, and makes
	// him a member as the admission says.
	Resolve(e Event, a Admission) (Asker, *Question, error)
	// Ask stores the question that now waits for the person at the place (under its Lane), instead of any other. A nil q
	// clears it.
	Ask(place Address, person int64, q *Question) error
	// Retract drops the question that an event of the same account raised, if it still waits, and the files that came with it
	// and of which the sender was told nothing yet.
	Retract(source EventID) error
	// Postings lists the newest cards with a topic that were sent to groups since then, at most n.
	Postings(topic string, since time.Time, n int) ([]Posting, error)
	// Posted is the topic of a card that was sent to a group, by the Receipt of its sending; "" = none, or not known any more.
	Posted(group Address, message string) (topic string, err error)
	// Enqueue adds deliveries to their lanes. A key that exists already is skipped; with Update set, the delivery takes the
	// place of the one with that key.
	Enqueue(ds ...Delivery) error
}

// Store runs units of work, each in a transaction of its own as far as its caller can tell. A nil error means that the
// unit's effects are durable. fn may be called more than once (after a conflict, or when a commit that it shared failed)
// and must have no effects outside of S. An error that is temporary (the database is full, locked, away) satisfies
// errors.Is(err, ErrUnavailable).
type Store[S any] interface {
	Do(ctx context.Context, fn func(s S) error) error
	// Look is Do for what most likely only reads and answers: fn may run on a snapshot, beside the writers. When it stores
	// anything but the event and deliveries it is run again, as by Do.
	Look(ctx context.Context, fn func(s S) error) error
}

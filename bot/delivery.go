package bot

import (
	"errors"
	"time"
)

// Urgency orders what waits in one lane. Lower leaves first.
type Urgency int

// The urgencies.
const (
	Answer Urgency = 0 // what somebody waits for
	Remind Urgency = 1 // reminders and notices
	Digest Urgency = 2 // digests and briefs
)

// Delivery is one message on its way out: a row of the outbox.
type Delivery struct {
	ID        int64     // given by the outbox
	Key       string    // idempotency key, unique for ever: reply/<platform>/<account>/<event>/<n>, remind/…, digest/…
	To        Address   //
	Ref       ReplyRef  // a hint for answering in place
	Urgency   Urgency   //
	Body      Reply     // fitted to the platform
	Update    string    // the platform's id of the message whose card, or of the entry, that Body replaces; "" = a new one
	NotBefore time.Time // zero = now
	Expires   time.Time // zero = never; an expired delivery is dropped with that reason
	Attempt   int       // 1 for the first attempt
}

// Doubles reports whether there are two of it when it is sent once more although it had arrived. What replaces something
// does nothing then, and where the platform deduplicates nothing is shown.
func (d Delivery) Doubles(c Caps) bool {
	if e := d.Body.Entry; e != nil {
		return d.Update == "" && !e.Cancelled && !c.DedupEntries
	}
	return d.Update == "" && !c.Dedup
}

// Receipt is what the platform gave for a message: its id, for updates.
type Receipt struct {
	Message string // the platform's id of the message, or of the entry
	At      time.Time
}

// Verdict says what may follow a failed send. Only the adapter knows.
type Verdict int

// The verdicts.
const (
	Retry         Verdict = iota // try again later
	Throttled                    // try again after After; the lane's clock moves
	Refused                      // never: this message or its chat is not wanted
	Misconfigured                // pause the account until somebody mends it
)

// String names the verdict for logs and metrics.
func (v Verdict) String() string {
	return [...]string{"retry", "throttled", "refused", "misconfigured"}[v]
}

// SendError is a failed send. Err never contains a secret or message text.
type SendError struct {
	Verdict Verdict
	After   time.Duration // for Throttled: the earliest next attempt
	Gone    bool          // with Refused: the whole chat is gone, or the person cannot be written to, whatever the message
	Code    string        // the platform's error code, a stable label
	Err     error
}

// Error implements error.
func (e *SendError) Error() string { return e.Verdict.String() + " " + e.Code + ": " + e.Err.Error() }

// Unwrap implements errors.Unwrap.
func (e *SendError) Unwrap() error { return e.Err }

// AsSendError finds the SendError in err; any other error counts as Retry.
func AsSendError(err error) *SendError {
	if se := (*SendError)(nil); errors.As(err, &se) {
		return se
	}
	return &SendError{Verdict: Retry, Code: "other", Err: err}
}

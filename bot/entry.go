package bot

import (
	"context"
	"time"
)

// Entry is the state that a topic is to have in the calendars of its guests, whatever it has there now. The body of a
// delivery with one says nothing else, and its Topic tells the entry from others.
type Entry struct {
	Title     string    `json:"title"`
	Start     time.Time `json:"start"`
	End       time.Time `json:"end"` // after Start
	Place     string    `json:"place,omitempty"`
	Note      string    `json:"note,omitempty"`
	Guests    []UserKey `json:"guests,omitempty"`
	Cancelled bool      `json:"cancelled,omitempty"` // it is to be in nobody's calendar
	Life      int64     `json:"life,omitempty"`      // another one after it was cancelled
}

// Calendar is an adapter that can keep entries in the calendars of its people. Its Send makes an entry of a delivery whose
// Body has one, or changes the one that Update names, and puts the entry's id into the Receipt: "" when there is none now,
// because it is cancelled or no guest can be reached. Entries leave by a lane of their own, in order.
type Calendar interface {
	Adapter
	// CalendarOpen reports whether entries can be kept now: false while the operator or the platform does not allow it.
	// Why, the adapter tells the operator itself, once. It may ask the platform, and is called every minute at most, from
	// one goroutine.
	CalendarOpen(ctx context.Context) bool
}

// CalendarLane names the lane of the entries of an account ("platform/account").
func CalendarLane(account string) string { return account + "/calendar" }

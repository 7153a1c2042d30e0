package bot

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// Sink accepts one event. A nil error means durably handled: acknowledge it now. On an error do not acknowledge, so that
// the platform pushes it again. Adapters may call a Sink from any number of goroutines.
type Sink func(ctx context.Context, e Event) error

// Adapter is one account on one platform.
type Adapter interface {
	// Name is the platform and the account, the same for the adapter's whole life.
	Name() (Platform, string)
	// Caps is what the platform can show and how fast it may be spoken to. It is constant.
	Caps() Caps
	// Run receives events until ctx ends or a configuration error makes it pointless. It owns reconnection.
	Run(ctx context.Context, sink Sink) error
	// Send makes one attempt and never retries. It is called by one goroutine per lane at a time, and by several lanes at
	// once. An error should be a *SendError; any other counts as Retry. A delivery may come twice after a crash, with the
	// same Key: where the platform deduplicates, the adapter passes the key on. A delivery with Update set replaces the card
	// of that message instead of sending another; only adapters whose Caps.Updates is true get such. Only a Calendar gets a
	// delivery whose Body has an Entry.
	Send(ctx context.Context, d Delivery) (Receipt, error)
}

// Mounter is an adapter that receives over HTTP. Mount is called once, before Run.
type Mounter interface {
	Mount(mux *http.ServeMux, sink Sink)
}

// Holder is an adapter that can speak only from one process of a cluster at a time: the one that holds the platform's
// connection. Its lanes are for that process to drain. An adapter that is no Holder always can.
type Holder interface {
	// Holds reports whether this process is the one to send from that lane now; from any lane at all, when lane is "". It is
	// cheap and may be called at any time; the answer may have changed when it arrives, so that Send must still expect to be
	// without a connection.
	Holds(lane string) bool
}

// Errors of Fetch after which the file will not come.
var (
	ErrFileGone  = errors.New("the file cannot be fetched, now or later")
	ErrFileLarge = errors.New("the file is larger than what is taken")
)

// Fetcher is an adapter that can fetch what people send.
type Fetcher interface {
	// Fetch gets a photo or file of an event, at most so many bytes, in one attempt. It may be called from any goroutine of any
	// process that has the account. After ErrFileGone and ErrFileLarge it is not tried again; other errors may pass. No error
	// holds an address, a key or content.
	Fetch(ctx context.Context, f FileRef, most int64) (*Attachment, error)
}

// Caps is what a platform can show, and its pace.
type Caps struct {
	MaxBytes     int      // of the text of one message, UTF-8; 0 = no limit
	MaxButtons   int      // on one card; 0 = none, commands are then folded into "回复：…" lines
	Cards        bool     // false: a card is sent as text
	Forms        bool     // false: a form is folded into a line that says what to type
	Charts       bool     // false: a chart is drawn with text bars
	Mentions     bool     // false: mentions are dropped
	Deaf         bool     // nobody can answer there: buttons and forms are left out
	Files        bool     // false: an attachment is named in the text only
	Dedup        bool     // the platform drops a second message with the same key
	DedupEntries bool     // it makes an entry of a calendar once, however often it is told to
	Updates      bool     // false: a card that was sent stays as it is
	InPlace      bool     // false: a click is answered with a message of its own
	GroupFiles   bool     // pictures that are sent to a group reach the bot; false: people are told to send them privately
	Private      Audience // whom it may write to in private without having been asked
	Chat         Pace     // of one lane
	Account      Pace     // of the whole account; zero = unlimited
}

// Pace allows Burst messages at once and one more per Interval: any window T sees at most Burst + T/Interval.
type Pace struct {
	Interval time.Duration
	Burst    int
}

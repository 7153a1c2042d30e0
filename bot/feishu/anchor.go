package feishu

import (
	"strings"
	"time"

	"lianbang/bot"
)

// messageToken begins the ReplyRef.Token of messages: "m:<message_id>", in a thread followed by ":<thread_id>".
const messageToken = "m:"

// anchor is the message to which a reply is attached. The zero anchor is none.
type anchor struct {
	message string
	thread  bool // the reply belongs into the message's thread
}

// newAnchor is where the reply of d may be attached at the time now. A reply to a person alone has no anchor: attached to a
// message of a group, it would be seen by all.
func newAnchor(d bot.Delivery, now time.Time) anchor {
	token, ok := strings.CutPrefix(d.Ref.Token, messageToken)
	if !ok || d.To.Chat == "" || !d.Ref.Expires.IsZero() && now.After(d.Ref.Expires) {
		return anchor{}
	}
	id, thread, _ := strings.Cut(token, ":")
	return anchor{message: id, thread: thread != ""}
}

// loosen reports whether the platform surely did not take the message because of where it was attached, and changes the
// anchor to the next best place: beside the thread, then nowhere.
func (a *anchor) loosen(err error) bool {
	code := asAPI(err).Code
	switch {
	case a.message == "":
		return false
	case a.thread && (code == 230071 || code == 230072):
		a.thread = false
		return true
	}
	switch code {
	case 230011, 230019, 230050, 230071, 230072, 230110, 230111, 99992354:
		*a = anchor{}
		return true
	}
	return false
}

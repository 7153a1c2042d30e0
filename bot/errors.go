package bot

import "errors"

// ErrUnavailable marks errors after which the same event may succeed later, unchanged: do not acknowledge it.
var ErrUnavailable = errors.New("storage unavailable")

// Refusal is an error whose text is meant for the asker: what was wrong, in plain Chinese, and the next step. The
// dispatcher answers with it and rolls back what the command did.
type Refusal interface {
	error
	UserMessage() string
}

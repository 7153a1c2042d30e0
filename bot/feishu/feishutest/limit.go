package feishutest

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// The platform's limits (im-v1 message/create, message/patch; frequency-control). Whether PATCH counts for the chat's is
// not documented; here it does not.
const (
	chatPerSecond  = 5
	patchPerSecond = 5
	appPerSecond   = 50
	appPerMinute   = 1000
	hookPerSecond  = 5
	hookPerMinute  = 100
)

// window remembers when the last calls were let through, oldest first.
type window struct{ times []time.Time }

// room says how long a caller must wait until less than most calls lie within the last span; 0 = go ahead.
func (w *window) room(now time.Time, span time.Duration, most int) time.Duration {
	if len(w.times) < most {
		return 0
	}
	return max(w.times[len(w.times)-most].Add(span).Sub(now), 0)
}

// take counts one call. The window remembers no more calls than the widest limit asks about.
func (w *window) take(now time.Time) {
	w.times = append(w.times, now)
	if len(w.times) > 2*appPerMinute {
		w.times = append([]time.Time(nil), w.times[appPerMinute:]...)
	}
}

// limits are the windows of the whole app, one for each API.
type limits struct{ api map[string]*window }

func (l *limits) init() { l.api = map[string]*window{} }

// paceAPI counts a call for the app's own limit of that API. s.mu is held.
func (s *Server) paceAPI(name string, now time.Time) *refusal {
	if s.o.Unlimited {
		return nil
	}
	w := s.limits.api[name]
	if w == nil {
		w = &window{}
		s.limits.api[name] = w
	}
	wait, limit := w.room(now, time.Second, appPerSecond), appPerSecond
	if longer := w.room(now, time.Minute, appPerMinute); longer > wait {
		wait, limit = longer, appPerMinute
	}
	if wait > 0 {
		return &refusal{status: http.StatusTooManyRequests, code: 99991400, msg: "request trigger frequency limit", header: map[string]string{
			"X-Ogw-Ratelimit-Limit": strconv.Itoa(limit), "X-Ogw-Ratelimit-Reset": strconv.Itoa(int(math.Ceil(wait.Seconds()))),
		}}
	}
	w.take(now)
	return nil
}

// pace counts one more of most per second in w. s.mu is held.
func (s *Server) pace(w *window, now time.Time, most int) *refusal {
	if s.o.Unlimited {
		return nil
	}
	if w.room(now, time.Second, most) > 0 {
		return deny(230020, "This operation triggers the frequency limit.")
	}
	w.take(now)
	return nil
}

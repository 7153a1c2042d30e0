package zhtime

import "time"

// Parse finds the time expressions of text, in order, without overlaps. now is the moment of speaking and
// carries the zone (Asia/Shanghai in Lianbang). cal may be nil: then the embedded calendar is used.
// Parse is pure, never panics and is linear in the length of text.
func Parse(text string, now time.Time, cal *Calendar) []Match { return nil }

package wecomtest

import (
	"time"
)

// rates are the times of the last hour's events, by what is limited. A window slides: whether the platform's do is not
// known (91770).
type rates map[string][]time.Time

// maxRates bounds the number of things that are limited at once.
const maxRates = 20_000

// take counts one event under key, unless minute events of the last minute or hour events of the last hour are counted
// already; 0 = no such limit.
func (r rates) take(key string, now time.Time, minute, hour int) bool {
	seen := r[key]
	for len(seen) > 0 && now.Sub(seen[0]) >= time.Hour {
		seen = seen[1:]
	}
	recent := 0
	for i := len(seen) - 1; i >= 0 && now.Sub(seen[i]) < time.Minute; i-- {
		recent++
	}
	if minute > 0 && recent >= minute || hour > 0 && len(seen) >= hour {
		r[key] = seen
		return false
	}
	if len(r) >= maxRates && seen == nil {
		clear(r)
	}
	r[key] = append(seen, now)
	return true
}

// The platform's limits.
const (
	botMinute, botHour       = 30, 1000 // messages of the bot in one conversation (101463)
	uploadMinute, uploadHour = 30, 1000 // of the bot (101463)
	memberMinute, memberHour = 30, 1000 // app messages for one member; the rest is dropped silently (90312)
	hookMinute               = 20       // messages of one webhook (91770)
	tokenErrorHour           = 2000     // failed gettoken calls (90312)
)

// limited holds mu.
func (s *Server) limited(key string, minute, hour int) bool {
	return !s.o.Unlimited && !s.rates.take(key, s.clock.Now(), minute, hour)
}

package scheduler

import (
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
)

// DigestSchedule is when weekly digests leave unless the configuration says otherwise: Friday 16:47.
const DigestSchedule = "47 16 * * 5"

// Schedule is a cron expression in a zone.
type Schedule struct {
	spec cron.Schedule
	zone *time.Location
}

// ParseSchedule reads a cron expression of five fields (or @weekly and the like) whose clock is that of zone.
func ParseSchedule(expr string, zone *time.Location) (Schedule, error) {
	spec, err := cron.ParseStandard(expr)
	if err != nil {
		return Schedule{}, fmt.Errorf("read the schedule %q: %w", expr, err)
	}
	return Schedule{spec: spec, zone: zone}, nil
}

// Next is the first tick after t; zero when there is none within five years.
func (s Schedule) Next(t time.Time) time.Time { return s.spec.Next(t.In(s.zone)) }

// LastTick is the newest tick of s at or before now, not older than back; zero when there is none. It is pure.
func LastTick(s Schedule, now time.Time, back time.Duration) time.Time {
	for window := time.Hour; ; window *= 4 {
		window = min(window, back)
		if t := lastWithin(s, now, window); !t.IsZero() || window == back {
			return t
		}
	}
}

// lastWithin walks the ticks of (now-window, now], which is all that a cron schedule can do.
func lastWithin(s Schedule, now time.Time, window time.Duration) time.Time {
	var last time.Time
	for t := s.Next(now.Add(-window)); !t.IsZero() && !t.After(now); t = s.Next(t) {
		last = t
	}
	return last
}

package storage

import "lianbang/bot"

// tapWaits reports whether d answers a tap whose callback is still open: that costs no message, so that no clock counts it,
// and the tap would not outlast the wait.
func tapWaits(d *bot.Delivery, now int64) bool {
	return d.To.Chat != "" && d.To.User != "" && d.Attempt == 0 && !d.Ref.Expires.IsZero() && now < micros(d.Ref.Expires)
}

// allowedAt is the earliest moment at which a clock lets one more message pass.
func allowedAt(tat int64, p bot.Pace) int64 {
	if p.Interval <= 0 {
		return 0
	}
	return tat - int64(max(p.Burst, 1)-1)*p.Interval.Microseconds()
}

// spend moves a clock by one message.
func spend(tat, now int64, p bot.Pace) int64 {
	if p.Interval <= 0 {
		return tat
	}
	return max(tat, now) + p.Interval.Microseconds()
}

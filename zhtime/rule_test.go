package zhtime

import (
	"testing"
	"time"
)

func TestRuleNext(t *testing.T) {
	for _, c := range []struct {
		text, from string
		want       []string
	}{
		{"每月最后一个工作日下午3点", "2026-09-29 10:00", []string{"2026-09-30 15:00", "2026-10-30 15:00", "2026-11-30 15:00", "2026-12-31 15:00", "2027-01-29 15:00"}},
		{"每月最后一个工作日", "2026-02-01 10:00", []string{"2026-02-28 00:00", "2026-03-31 00:00"}},
		{"每月第一个工作日", "2026-09-30 10:00", []string{"2026-10-08 00:00", "2026-11-02 00:00"}},
		{"每个工作日9点", "2026-02-13 10:00", []string{"2026-02-14 09:00", "2026-02-24 09:00"}},
		{"每周最后一个工作日下午5点", "2026-02-09 10:00", []string{"2026-02-14 17:00", "2026-02-28 17:00"}},
		{"每周一三五上午9点", "2026-11-25 10:00", []string{"2026-11-27 09:00", "2026-11-30 09:00", "2026-12-02 09:00"}},
		{"每两周周三", "2026-11-25 10:00", []string{"2026-12-09 00:00", "2026-12-23 00:00"}},
		{"每月31号", "2026-11-25 10:00", []string{"2026-12-31 00:00", "2027-01-31 00:00", "2027-03-31 00:00"}},
		{"每月最后一天", "2027-01-31 10:00", []string{"2027-02-28 00:00"}},
		{"每季度末", "2026-11-25 10:00", []string{"2026-12-31 00:00", "2027-03-31 00:00"}},
		{"每季度第二个月15号", "2026-11-25 10:00", []string{"2027-02-15 00:00", "2027-05-15 00:00"}},
		{"每年12月4日上午9点", "2026-12-04 09:00", []string{"2027-12-04 09:00"}},
		{"每个月第三个星期四", "2026-11-25 10:00", []string{"2026-12-17 00:00", "2027-01-21 00:00"}},
		{"每隔30分钟", "2026-11-25 10:00", []string{"2026-11-25 10:30", "2026-11-25 11:00"}},
		{"每天8点", "2026-11-25 10:00", []string{"2026-11-26 08:00", "2026-11-27 08:00"}},
	} {
		now := day(c.from)
		ms := Parse(c.text, now, nil)
		if len(ms) != 1 || ms[0].Rule == nil {
			t.Errorf("%s: %v", c.text, ms)
			continue
		}
		stored, err := ParseRule(ms[0].Rule.RRULE, ms[0].Rule.Workdays, ms[0].Rule.Anchor, nil)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, r := range []*Rule{ms[0].Rule, stored} {
			at := now
			for _, want := range c.want {
				at = r.Next(at)
				if !at.Equal(day(want)) {
					t.Errorf("%s (%s): got %s, want %s", c.text, r.RRULE, at.Format("2006-01-02 15:04"), want)
					break
				}
			}
		}
	}
}

func TestParseRuleRefuses(t *testing.T) {
	for _, s := range []string{"", "FREQ=SECONDLY", "FREQ=DAILY;BYHOUR=25", "FREQ=WEEKLY;BYDAY=XX", "FREQ=DAILY;COUNT=3", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;BYHOUR="} {
		if _, err := ParseRule(s, false, time.Time{}, nil); err == nil {
			t.Errorf("%q is no rule", s)
		}
	}
}

func TestZeroRuleNeverOccurs(t *testing.T) {
	if r := (&Rule{}); !r.Next(day("2026-11-25")).IsZero() {
		t.Error("the zero rule occurs")
	}
}

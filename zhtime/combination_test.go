package zhtime

import (
	"testing"
	"unicode/utf8"
)

var (
	sameDay = []string{"12月4日", "12月4号", "十二月四日", "十二月四號", "12/4", "12.4", "12-4", "12-04", "2026-12-04", "2026/12/4", "2026.12.04", "20261204", "2026年12月4日",
		"二〇二六年十二月四日", "26年12月4日", "今年12月4号", "下个月4号", "下月四日", "下周五", "下星期五", "下禮拜五", "下个周五", "下周5", "9天后", "九天之后", "过九天",
		"12月第一个周五", "下个月第一个星期五", "12月4日(周五)", "12月4日（星期五）", "12月4日周五", "12/4(五)", "下周五（12月4日）", "下周五12月4日", "１２月４日", "12 月 4 日", "宪法日", "12月4"}
	joiners   = []string{"", " ", "的", "，"}
	sameClock = []string{"15:30", "15：30", "15点30分", "15点半", "15时30分", "下午3点半", "下午三点半", "下午3:30", "下午3点30", "下午三點三十分", "三点半", "3点半", "3点30分", "下午 3 点半",
		"3:30pm", "3:30 PM", "下午15:30", "下午３：３０", "午后三点半", "下午3时30分"}
	ends = []string{"到5点", "至五点", "-5点", "到下午5点", "–17:00", "~17:00", "—17：00", "至17时", "- 17:00", "到17点整", "至下午17:00", "开始一个半小时", "，一个半小时", "开始，时长90分钟", "起，大概一小时三十分钟"}
)

// TestCombinations joins every spelling of a day, a clock and an end: all say the same.
func TestCombinations(t *testing.T) {
	now := day("2026-11-25 10:00")
	start, end := day("2026-12-04 15:30"), day("2026-12-04 17:00")
	check := func(text string, want Match) {
		ms := Parse(text, now, nil)
		if len(ms) != 1 || ms[0].From != 0 || ms[0].To != len(text) || ms[0].Kind != want.Kind || !ms[0].Start.Equal(want.Start) || !ms[0].End.Equal(want.End) || ms[0].Refused != "" {
			t.Errorf("%s: %v", text, ms)
		}
	}
	for _, d := range sameDay {
		check(d, Match{Kind: Date, Reading: Reading{Start: day("2026-12-04")}})
		if d != "宪法日" { // 前 leaves a festival out
			check(d+"前", Match{Kind: Deadline, Reading: Reading{End: day("2026-12-04")}})
		}
		check("截止到"+d, Match{Kind: Deadline, Reading: Reading{End: day("2026-12-04")}})
		check(d+"截止", Match{Kind: Deadline, Reading: Reading{End: day("2026-12-04")}})
		check(d+"下午", Match{Kind: Date, Reading: Reading{Start: day("2026-12-04")}})
		check(d+"到12月6日", Match{Kind: Range, Reading: Reading{Start: day("2026-12-04"), End: day("2026-12-06")}})
		check("从"+d+"起至12月6日止", Match{Kind: Range, Reading: Reading{Start: day("2026-12-04"), End: day("2026-12-06")}})
		for _, j := range joiners {
			for _, c := range sameClock {
				if j == "" && endsInDigit(d) && startsWithDigit(c) {
					continue
				}
				text := d + j + c
				check(text, Match{Kind: DateTime, Reading: Reading{Start: start}})
				check(text+"之前", Match{Kind: Deadline, Reading: Reading{End: start}})
				for _, e := range ends {
					check(text+e, Match{Kind: Range, Reading: Reading{Start: start, End: end}})
				}
			}
		}
	}
}

func endsInDigit(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r >= '0' && r <= '9'
}

func startsWithDigit(s string) bool { return s[0] >= '0' && s[0] <= '9' }

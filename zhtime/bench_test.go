package zhtime

import (
	"strings"
	"testing"
)

var benchTexts = []string{
	"下周五下午3点半", "明天上午9点到11点半", "12月4日(周五) 15:30–17:00", "三天内", "每月最后一个工作日", "国庆后第一个工作日",
	"2026年12月4日14:30", "周五前", "农历八月十五晚上7点", "一个半小时后",
}

// BenchmarkExpression parses one expression; 50,000 a second are 20,000 ns each.
func BenchmarkExpression(b *testing.B) {
	now := day("2026-11-25 10:00")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		Parse(benchTexts[i%len(benchTexts)], now, nil)
	}
}

const benchMessage = "@链小助 登记活动 下周五下午3点半 光子重点实验室 联合主题党日 参观+座谈 30人，报名截止12月3日(周四) 12:00，联系人王工 13800001111。"

func BenchmarkMessage(b *testing.B) {
	now := day("2026-11-25 10:00")
	b.ReportAllocs()
	for b.Loop() {
		Parse(benchMessage, now, nil)
	}
}

func BenchmarkLong(b *testing.B) {
	now := day("2026-11-25 10:00")
	for _, size := range []struct {
		name  string
		bytes int
	}{{"1KB", 1 << 10}, {"100KB", 100 << 10}} {
		for _, kind := range []struct{ name, unit string }{{"message", benchMessage}, {"plain", "党建联合体共同推进产业链协同发展"}, {"worst", "下下下周"}, {"digits", "12-1."}, {"to", "1到"}} {
			text := strings.Repeat(kind.unit, size.bytes/len(kind.unit)+1)
			b.Run(kind.name+"/"+size.name, func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					Parse(text, now, nil)
				}
			})
		}
	}
}

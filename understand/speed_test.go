package understand

import (
	"strings"
	"testing"
	"time"
)

func messages() []string {
	var out []string
	for _, table := range [][]example{createExamples, moreCreate, needExamples, moreNeed, rescheduleExamples, moreReschedule,
		cancelExamples, moreCancel, noneExamples, moreNone} {
		for _, ex := range table {
			out = append(out, ex.text)
		}
	}
	return out
}

// BenchmarkMessage reads every example once per round; messages/s is the figure that matters.
func BenchmarkMessage(b *testing.B) {
	texts := messages()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		Message(texts[n%len(texts)], ref, nil)
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "messages/s")
}

func BenchmarkTypical(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Message("@链小助 下周五下午3点半 联合主题党日 光子重点实验室 限30人", ref, nil)
	}
}

func TestAllocations(t *testing.T) {
	for _, text := range []string{
		"@链小助 下周五下午3点半 联合主题党日 光子重点实验室 限30人",
		"我们公司缺500万流动资金，想贷一年期，联系人陈会计13900001234",
		"周五的技术沙龙改到下周一下午3点",
		"收到，谢谢",
	} {
		if n := testing.AllocsPerRun(100, func() { Message(text, ref, nil) }); n > 40 {
			t.Errorf("%s: %.0f allocations", text, n)
		}
	}
}

// TestLinear compares a message of 100 KB with one of 1 KB; every example is a unit that is repeated.
func TestLinear(t *testing.T) {
	if testing.Short() {
		t.Skip()
	}
	cost := func(text string) time.Duration {
		best := time.Hour
		for range 5 {
			start := time.Now()
			Message(text, ref, nil)
			best = min(best, time.Since(start))
		}
		return best
	}
	for _, unit := range []string{"下周五下午3点半 联合主题党日 光子重点实验室 限30人，", "想招两个会计一个出纳13800001111、", "和市三院党支部联办、", "名称：读书会\n", "「", "S3 派 王科，", "园区路灯坏了，", "加2个", "张三电话多少 ", "备注：无，", "https://a.cn/1 ", "三四十", "一", "1-", "@", "改到", "500万"} {
		small := strings.Repeat(unit, 1024/len(unit)+1)
		large := strings.Repeat(unit, 102400/len(unit)+1)
		a, b := cost(small), cost(large)
		if b > 120*a+2*time.Millisecond {
			t.Errorf("%q: 1 KB %v, 100 KB %v", unit, a, b)
		}
	}
}

func FuzzMessage(f *testing.F) {
	for _, text := range messages() {
		f.Add(text)
	}
	for _, it := range readItems(f, "testdata/commands_dev.jsonl") {
		f.Add(it.Text)
	}
	for _, text := range []string{"闽光电子陈会计电话多少 我想推荐实习", "园区路灯坏了好几个月没人修", "H1报名3人，张三李四", "我们加2个人", "S162 派 社会事务办 刘科 3天内", "办好了 S1 已签约12人", "技术沙龙 主讲人李教授 https://a.cn/1?", "下午三点三四十人", "", "@", "【", "：：：", "1、2、3、", "改改改到", "不是周五，是周六", "　　", "\xff\xfe", "十百千万亿", "H999999999", "+1", "限限限", "@活活活活活活活活活活活活活活活活活活活活活活活活活动活动活动", "报诉求@诉诉诉诉诉诉诉诉诉诉诉诉诉诉诉诉诉诉诉诉诉求诉求诉求", "\xc9^^^@^", "和和和", "：", "名称：", "12月8日\n12月9日\n"} {
		f.Add(text)
	}
	g := NewGazetteer(testOrgs)
	f.Fuzz(func(t *testing.T, text string) {
		start := time.Now()
		border := map[int]bool{len(text): true}
		for i := range text {
			border[i] = true
		}
		for _, r := range []Reading{Message(text, ref, g), Fields(text, ref, g), Changes(text, ref, g), NeedFields(text, ref, g)} {
			last := 0
			for _, s := range r.Spans {
				if s.From < last || s.From >= s.To || !border[s.From] || !border[s.To] {
					t.Fatalf("%q: span %+v", text, s)
				}
				last = s.From
			}
			if r.Confidence < 0 || r.Confidence > 1 || r.Intent == ActivityCreate && len(r.Activities) == 0 || r.Intent == NeedCreate && r.Need == nil {
				t.Fatalf("%q: %+v", text, r)
			}
		}
		Explain(text, ref, g)
		if d := time.Since(start); d > time.Second+time.Duration(len(text))*time.Millisecond {
			t.Fatalf("%q: %v", text, d)
		}
	})
}

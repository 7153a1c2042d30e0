package zhtime

import (
	"os"
	"strings"
	"testing"
	"time"
)

// show writes a match in short: kind, start, end, and the reason of a refusal.
func show(m Match) string {
	end := func(t time.Time) string {
		switch {
		case t.IsZero():
			return "-"
		case m.Grain == GrainMinute:
			return t.Format("2006-01-02 15:04")
		}
		return t.Format(time.DateOnly)
	}
	s := string(m.Kind) + " " + end(m.Start) + " " + end(m.End)
	if m.Part != "" {
		s += " " + m.Part
	}
	if m.Refused != "" {
		s += " !" + string(m.Refused)
	}
	if m.Rule != nil {
		s += " " + m.Rule.RRULE
	}
	return s
}

// TestParse reads testdata/parse.txt.
func TestParse(t *testing.T) {
	eachCase(t, func(line int, now time.Time, text, want string) {
		var got []string
		for _, m := range Parse(text, now, nil) {
			got = append(got, show(m))
		}
		if s := strings.Join(got, " & "); s != want {
			t.Errorf("line %d: %s\n got %s\nwant %s", line, text, s, want)
		}
	})
}

func eachCase(t testing.TB, f func(line int, now time.Time, text, want string)) {
	data, err := os.ReadFile("testdata/parse.txt")
	if err != nil {
		t.Fatal(err)
	}
	var now time.Time
	for n, line := range strings.Split(string(data), "\n") {
		line = strings.TrimRight(line, "\r")
		if at, ok := strings.CutPrefix(line, "@ "); ok {
			now = day(at)
		} else if text, want, ok := strings.Cut(line, " = "); ok && line[0] != '#' {
			f(n+1, now, text, want)
		}
	}
}

// nothing holds texts without a time expression.
var nothing = []string{
	"有一点问题", "早一点来", "晚一点再说", "快一点", "十分重要", "三点建议", "提两点意见", "有三点要求", "第三方", "5号楼路演厅", "12号线", "3号会议室",
	"1.5亿", "300-500万", "3-5人", "2-3个支部", "1.2米", "3.5%", "v1.2", "192.168.1.1", "888-000-9999", "0591-83771234", "13800001111",
	"H27", "报名h27 3人", "S151", "编号2026121", "1/2/2020", "一次性", "同时", "当时", "及时反馈", "一时间", "小时候", "正在", "整改", "后续跟进",
	"前往会场", "年会", "月报", "日程", "周边", "周报", "本次活动", "上级部门", "下面", "此前", "初中", "中国", "中心", "分享会", "时代", "节目单",
	"《明日之后》", "一半", "半导体", "两三个人", "五六七八", "二十个人", "500W", "第二批", "第3期", "三农", "八一路", "五四三", "第十一届",
	"两点一线", "一点点", "讲三点：", "以下三点，", "零点五", "三点五公里", "圆周率3.14", "评分9.8", "星期八", "25:00", "24:30", "12:60", "99:99", "2023.13.01",
	"下午茶", "企业家下午茶", "各位早上好", "晚上好", "周末愉快", "迎国庆联欢会", "中秋慰问", "春节快乐", "五四精神", "几十年之后", "几个月", "七一表彰大会",
	"9成", "出让10%", "比例1:3", "1:1", "三比二", "6+1", "12345热线", "110",
}

func TestNothing(t *testing.T) {
	now := day("2026-11-25 10:00")
	for _, text := range nothing {
		for _, m := range Parse(text, now, nil) {
			t.Errorf("%s: %q %s", text, text[m.From:m.To], show(m))
		}
	}
}

func TestSpansOfMatches(t *testing.T) {
	now := day("2026-11-25 10:00")
	for _, c := range []struct{ text, want string }{
		{"请于下周五下午３点半到光子实验室", "下周五下午３点半"},
		{"@链小助 登记活动 12月4日（周五）下午3点—5点 参观", "12月4日（周五）下午3点—5点"},
		{"报名截止：11月27日(周五)15:00，名额30", "截止：11月27日(周五)15:00"},
		{"时间改到周日上午10点吧", "周日上午10点"},
		{"12月22日下午2点开始，大概一个半小时，地点待定", "12月22日下午2点开始，大概一个半小时"},
		{"最好两周內答复", "两周內"},
		{"12月4日前往闽江学院", "12月4日"},
		{"12月31日晚会", "12月31日"},
		{"明晚会议改到线上", "明晚"},
		{"周五晚会议", "周五"},
	} {
		ms := Parse(c.text, now, nil)
		if len(ms) != 1 || c.text[ms[0].From:ms[0].To] != c.want {
			t.Errorf("%s: %v", c.text, ms)
		}
	}
}

func TestFlags(t *testing.T) {
	now := day("2026-11-25 10:00")
	one := func(text string) Match {
		ms := Parse(text, now, nil)
		if len(ms) != 1 {
			t.Fatalf("%s: %d matches", text, len(ms))
		}
		return ms[0]
	}
	if m := one("明天5:00"); !m.EarlyClock || m.MissingClock {
		t.Error("5:00 is early")
	}
	if m := one("明天早上5:00"); m.EarlyClock {
		t.Error("a part of day settles 5:00")
	}
	if m := one("明天上午"); !m.MissingClock || m.Part != "上午" || m.Grain != GrainPart {
		t.Error("a part of day is no clock")
	}
	if m := one("11月20日上午9点"); !m.JustPassed || len(m.Alternatives) != 1 {
		t.Error("a date that has just passed asks")
	}
	if m := one("11月25日"); m.JustPassed {
		t.Error("today has not passed")
	}
	if m := one("3月8日"); m.JustPassed {
		t.Error("a date long passed is next year's")
	}
	if m := one("周五三点"); len(m.Alternatives) == 0 || !containsStart(m, "2026-12-04 15:00") {
		t.Errorf("the Friday after is plausible: %v", m.Alternatives)
	}
	if m := one("周五下午3点到5点"); len(m.Alternatives) != 1 || !m.Alternatives[0].End.Equal(day("2026-12-04 17:00")) {
		t.Errorf("both ends move: %v", m.Alternatives)
	}
	if m := one("周五下午3点开始两小时"); len(m.Alternatives) != 1 || !m.Alternatives[0].End.Equal(day("2026-12-04 17:00")) {
		t.Errorf("both ends move: %v", m.Alternatives)
	}
	if m := one("下周末下午3点"); m.Refused != RefusedAmbiguous || !containsStart(m, "2026-12-05 15:00") || !containsStart(m, "2026-12-06 15:00") {
		t.Errorf("both days are offered: %+v", m)
	}
	if m := one("下周五下午3点"); len(m.Alternatives) != 1 || !containsStart(m, "2026-11-27 15:00") {
		t.Errorf("this Friday is plausible: %v", m.Alternatives)
	}
	if m := one("下周一下午3点"); len(m.Alternatives) != 0 {
		t.Errorf("this Monday has passed: %v", m.Alternatives)
	}
	if m := one("12月4日三点"); len(m.Alternatives) != 0 {
		t.Errorf("nobody means 03:00: %v", m.Alternatives)
	}
	if m := one("12月4日八点"); len(m.Alternatives) != 1 || !containsStart(m, "2026-12-04 20:00") {
		t.Errorf("20:00 is plausible: %v", m.Alternatives)
	}
	if m := one("今天8点"); m.Refused != RefusedPast || !containsStart(m, "2026-11-25 20:00") {
		t.Errorf("20:00 is plausible: %+v", m)
	}
	for text, want := range map[string]bool{"30个工作日内": true, "5个工作日内": false, "国庆后第一个工作日": true, "12月31日": false, "明年1月1日": false} {
		if m := one(text); m.Estimated != want {
			t.Errorf("%s: estimated %v", text, m.Estimated)
		}
	}
	for _, text := range []string{"2月30日", "4月31日", "32号", "0月5日", "13月1日", "2027-02-29", "25点", "农历十三月", "下午30点"} {
		for _, m := range Parse(text, now, nil) {
			if m.Refused != RefusedImpossible {
				t.Errorf("%s: %s", text, show(m))
			}
		}
		if a := AnswerTo("", text, now, nil); a.Start != nil || a.End != nil {
			t.Errorf("%s was answered", text)
		}
	}
	if m := one("下午3点开始两小时"); m.Length != 2*time.Hour {
		t.Error("length")
	}
}

func containsStart(m Match, want string) bool {
	for _, a := range m.Alternatives {
		if a.Start.Equal(day(want)) {
			return true
		}
	}
	return false
}

func TestPick(t *testing.T) {
	now := day("2026-11-25 10:00")
	for _, c := range []struct{ text, want string }{
		{"三天内报名，12月4日下午3点开会", "12月4日下午3点"},
		{"昨天说的活动改到周五下午3点", "周五下午3点"},
		{"11月28日18:00前报名，12月1日10:00开始", "12月1日10:00开始"},
		{"两小时的课，周三晚上", "周三晚上"},
		{"周三或周四下午3点", "周四下午3点"},
		{"明天和后天都行", "明天"},
		{"周三下午3点的例会改到周四", "周四"},
		{"12月4日9:00改为12月5日", "12月5日"},
	} {
		m, ok := Pick(c.text, Parse(c.text, now, nil))
		if !ok || c.text[m.From:m.To] != c.want {
			t.Errorf("%s: %q", c.text, c.text[m.From:m.To])
		}
	}
	if _, ok := Pick("", nil); ok {
		t.Error("nothing to pick")
	}
}

// TestLinear holds the cost of 100 KB at 120 times that of 1 KB, taking the best of several runs of each.
func TestLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("timing")
	}
	now := day("2026-11-25 10:00")
	cost := func(text string, runs int) time.Duration {
		best := time.Hour
		for range runs {
			start := time.Now()
			Parse(text, now, nil)
			best = min(best, time.Since(start))
		}
		return best
	}
	for _, unit := range []string{benchMessage, "1到", "下", "每周一、", "12-1.", "《", "一", "1", "年前后", "周一和", "每90个月5号", "国庆期间"} {
		small := strings.Repeat(unit, 1024/len(unit))
		large := strings.Repeat(small, 100)
		limit := 300.0 // a list of ten thousand matches has its own price
		if unit == benchMessage {
			limit = 120
		}
		ratio := 0.0
		for range 20 { // a busy machine spoils single measurements
			if ratio = float64(cost(large, 5)) / float64(cost(small, 200)); ratio <= limit {
				break
			}
		}
		if ratio > limit {
			t.Errorf("%.12s…: 100 KB cost %.0f times 1 KB", unit, ratio)
		}
	}
}

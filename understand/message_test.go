package understand

import (
	"strings"
	"testing"
	"time"
)

func TestPlainCases(t *testing.T) {
	sunday := time.Date(2026, 11, 22, 12, 0, 0, 0, ref.Location())
	a := Fields("下周三下午2点半 光电产业链参观 地点 省光子技术重点实验室 限30人", sunday, nil).Activities[0]
	if a.Title != "光电产业链参观" || a.When.Start.Format("01-02 15:04") != "11-25 14:30" || a.Place != "省光子技术重点实验室" || a.Capacity != 30 || len(a.Missing) > 0 {
		t.Errorf("%+v", a)
	}
	a = Fields("下周五下午3点半 光子重点实验室 联合主题党日 30人", sunday, nil).Activities[0]
	if a.Title != "联合主题党日" || a.When.Start.Format("01-02 15:04") != "11-27 15:30" || a.Place != "光子重点实验室" || a.Capacity != 30 {
		t.Errorf("%+v", a)
	}
	if c := Changes("名额 40", sunday, nil).Activities[0]; c.Capacity != 40 {
		t.Errorf("%+v", c)
	}
	if c := Changes("时间 周六上午9点", sunday, nil).Activities[0]; c.When.Start.Format("01-02 15:04") != "11-28 09:00" || c.Place != "" || c.Title != "" {
		t.Errorf("%+v", c)
	}
	if c := Changes("地点 5号楼", sunday, nil).Activities[0]; c.Place != "5号楼" || !c.When.Start.IsZero() {
		t.Errorf("%+v", c)
	}
	if c := Changes("改到周五下午3点", sunday, nil).Activities[0]; c.When.Start.Format("01-02 15:04") != "11-27 15:00" {
		t.Errorf("%+v", c)
	}
	if c := Changes("推迟一周", sunday, nil).Activities[0]; c.Shift != 7*24*time.Hour {
		t.Errorf("%+v", c)
	}
	n := NeedFields("用工 招10名机械工程师", sunday, nil).Need
	if n.Category != "用工" || n.Headcount != 10 || n.Text != "招10名机械工程师" {
		t.Errorf("%+v", n)
	}
	n = NeedFields("融资 需要500万流动资金", sunday, nil).Need
	if n.Category != "融资" || n.Amount != 500_000_000 || n.Text != "需要500万流动资金" {
		t.Errorf("%+v", n)
	}
}

// TestOtherIntents covers the intents that make no new record.
func TestOtherIntents(t *testing.T) {
	for _, ex := range []struct {
		text   string
		intent Intent
		n      int64
		count  int
	}{
		{"报名h27 3人", SignUp, 27, 3}, {"+5 光子那个活动", SignUp, 0, 5}, {"@链小助 我们去3个人 H27", SignUp, 27, 3}, {"报名周五的技术沙龙", SignUp, 0, 0},
		{"我要报名H27", SignUp, 27, 0}, {"算我一个 H27", SignUp, 27, 1}, {"抱名 H27", SignUp, 27, 0},
		{"我们少来1个人", SignOff, 0, 1}, {"取消报名 H27", SignOff, 27, 0}, {"取消报名 H27 1人", SignOff, 27, 1}, {"12月3日的学习我去不了，要值班", SignOff, 0, 0},
		{"H27我们不去了", SignOff, 27, 0},
		{"最近有什么活动", ActivityList, 0, 0}, {"下周有哪些活动？", ActivityList, 0, 0}, {"还有活动吗", ActivityList, 0, 0},
		{"我那个诉求怎么样了", NeedProgress, 0, 0}, {"S158进度", NeedProgress, 158, 0}, {"诉求158办好了吗", NeedProgress, 158, 0}, {"进度", NeedProgress, 0, 0},
		{"我的活动", Mine, 0, 0}, {"我报名了哪些", Mine, 0, 0}, {"帮助", Help, 0, 0}, {"你会什么", Help, 0, 0}, {"怎么发布活动？", Help, 0, 0},
		{"撤销", Undo, 0, 0}, {"撤回刚才那条", Undo, 0, 0}, {"周报", Digest, 0, 0}, {"这周情况", Digest, 0, 0}, {"上月情况", Digest, 0, 0},
	} {
		r := Message(ex.text, ref, nil)
		if r.Intent != ex.intent || r.Target.Number != ex.n || r.Count != ex.count {
			t.Errorf("%s: %s %+v %d", ex.text, r.Intent, r.Target, r.Count)
		}
		if got := Answer("x", ex.text, ref)["intent"]; got != "none" {
			t.Errorf("%s: answer %v", ex.text, got)
		}
	}
}

func TestSignUpTarget(t *testing.T) {
	for text, want := range map[string]string{"+5 光子那个活动": "光子", "周五的沙龙我们去3个人": "沙龙", "林书记组织的党课我报名": "党课", "报名技术沙龙": "技术沙龙"} {
		if r := Message(text, ref, nil); r.Intent != SignUp || r.Target.Title != want {
			t.Errorf("%s: %s %+v", text, r.Intent, r.Target)
		}
	}
}

func TestDoubtfulNeed(t *testing.T) {
	r := Message("研发费用加计扣除 我们委托外部做的算不算 能抵多少", ref, nil)
	if r.Intent != NeedCreate || r.Confidence >= Sure || r.Need.Category != "政策" {
		t.Errorf("%+v", r)
	}
	if got := Message("那原来20号还来不来", ref, nil); got.Intent != None || got.Note != NoteQuestion {
		t.Errorf("%+v", got)
	}
}

func TestCorrection(t *testing.T) {
	for text, want := range map[string]string{
		"不对，是周五": "start=11月27日(周五)", "不是周五，是周六": "start=11月28日(周六)", "写错了，是40人": "capacity=40", "不对 应该是下午3点": "start=11月25日(周三) 15:00",
		"地点不对，是5号楼": "place=5号楼", "金额错了，是500万": "amount=500万元", "时间写错了，改成12月4日15:30": "start=12月4日(周五) 15:30",
		"更正一下，电话13800001111": "phone=13800001111", "名称错了，应该是技术分享会": "title=技术分享会",
	} {
		r := Message(text, ref, nil)
		var got []string
		for _, c := range r.Corrections {
			got = append(got, c.Field+"="+c.Value)
		}
		if r.Intent != Correct || strings.Join(got, " ") != want {
			t.Errorf("%s: %s %q, want %q", text, r.Intent, got, want)
		}
	}
	if r := Message("不是周五，是周六", ref, nil); len(r.Corrections) != 1 || r.Corrections[0].Old != "周五" {
		t.Errorf("%+v", r.Corrections)
	}
}

func TestExplain(t *testing.T) {
	got := Explain("@链小助 登记活动 下周五下午3点半 光子重点实验室 联合主题党日 30人 联系林书记13900001111", ref, nil)
	for _, want := range []string{"意图：登记活动", "12月4日(周五) 15:30", "光子重点实验室” → 地点", "联合主题党日” → 名称", "名额：30", "139****1111", "五联建议：理论联学"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, "13900001111") {
		t.Errorf("telephone number in\n%s", got)
	}
}

func TestNormalise(t *testing.T) {
	for text, want := range map[string]string{"Ｈ２７：５00Ｗ": "h27:500w", "聯合黨課　講座": "联合党课 讲座", "a\u200bb": "ab", "x\xffy": "x y", "普通": "普通"} {
		got, off := normalise(text, nil)
		if got != want {
			t.Errorf("%q: %q", text, got)
		}
		if off != nil && len(off) != len(got)+1 {
			t.Errorf("%q: %d offsets", text, len(off))
		}
	}
	if len([]rune(traditionalForms)) != len([]rune(simplifiedForms)) {
		t.Error("the tables of traditional characters differ in length")
	}
}

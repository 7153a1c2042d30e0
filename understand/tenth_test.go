package understand

import "testing"

// The tenth set: everyday sentences about what is registered already.

func TestPartyByName(t *testing.T) {
	for _, ex := range []struct {
		text  string
		code  int64
		title string
		count int
		more  bool
	}{
		{"英芯3人参加人才政策宣讲", 0, "人才政策宣讲", 3, false}, {"@联帮 英芯3人参加人才政策宣讲", 0, "人才政策宣讲", 3, false},
		{"3人参加读书会", 0, "读书会", 3, false}, {"英芯光电两位参加周五的党课", 0, "党课", 2, false}, {"恒锐数控2人报名参加“政企下午茶”", 0, "政企下午茶", 2, false},
		{"读书会我再带两个学生", 0, "读书会", 2, true}, {"我再带两个学生", 0, "", 2, true}, {"宣讲我们多带一位老师", 0, "宣讲", 1, true},
		{"再带两个学生 H1", 1, "", 2, true}, {"我们再带3个老师过来", 0, "", 3, true}, {"读书会我再带2名党员参加", 0, "读书会", 2, true},
	} {
		r := Message(ex.text, thursday, nil)
		if r.Intent != SignUp || r.Target.Number != ex.code || r.Target.Title != ex.title || r.Count != ex.count || r.More != ex.more || r.Confidence < Sure {
			t.Errorf("%s: %s %.2f %+v count %d more %v", ex.text, r.Intent, r.Confidence, r.Target, r.Count, r.More)
		}
	}
	for _, text := range []string{
		"共3人参加读书会", "每单位3人参加读书会", "请英芯3人参加读书会", "英芯3人参加了读书会", "昨天英芯3人参加读书会", "英芯派3人参加读书会", "听说英芯3人参加读书会",
		"如果英芯3人参加读书会就够了", "英芯3人参加读书会吗", "3人参加培训合格", "英芯3人参加比赛获奖", "通知：各支部3人参加读书会", "他们3人参加读书会",
		"下周再带两个学生来参观", "再带两个学生家长", "下周再带两个学生去实习", "再带两箱水", "再带一个方案", "会上再带大家学一遍", "老师再带两个学生不合适吧",
	} {
		if r := Message(text, thursday, nil); r.Intent == SignUp {
			t.Errorf("%s: %s %.2f %+v", text, r.Intent, r.Confidence, r.Target)
		}
	}
}

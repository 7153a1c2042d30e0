package understand

import (
	"testing"
	"time"
)

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
		{"人才政策宣讲英芯3人参加", 0, "人才政策宣讲", 3, false}, {"人才政策宣讲，英芯3人报名", 0, "人才政策宣讲", 3, false}, {"读书会再加两个学生", 0, "读书会", 2, true},
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
		"培训30人参加", "上次培训英芯3人参加", "培训共30人参加", "培训各支部3人参加", "再加两名焊工", "读书会再加两个议题", "我们再加两个老师编制",
		"下周再带两个学生来参观", "再带两个学生家长", "下周再带两个学生去实习", "再带两箱水", "再带一个方案", "会上再带大家学一遍", "老师再带两个学生不合适吧",
	} {
		if r := Message(text, thursday, nil); r.Intent == SignUp {
			t.Errorf("%s: %s %.2f %+v", text, r.Intent, r.Confidence, r.Target)
		}
	}
}

func TestSettled(t *testing.T) {
	day := func(month, day, hour, minute int) string {
		return time.Date(2026, time.Month(month), day, hour, minute, 0, 0, ref.Location()).Format(time.DateTime)
	}
	for _, ex := range []struct{ text, title, place, start string }{
		{"地点定了，在企业服务中心三楼", "", "企业服务中心三楼", ""}, {"@联帮 地点定了在企业服务中心三楼", "", "企业服务中心三楼", ""}, {"地点定下来了：光子实验室", "", "光子实验室", ""},
		{"读书会的地点定了，在图书馆二楼", "读书会", "图书馆二楼", ""}, {"读书会地点确定了 图书馆报告厅", "读书会", "图书馆报告厅", ""}, {"读书会地点定在图书馆二楼", "读书会", "图书馆二楼", ""},
		{"地点定好啦，三楼会议室", "", "三楼会议室", ""}, {"地点就在企业服务中心三楼", "", "企业服务中心三楼", ""},
		{"各位，地点定了，在三楼会议室", "", "三楼会议室", ""}, {"会议室订好了，在三楼305", "", "三楼305", ""}, {"时间定了，周五下午3点", "", "", day(11, 27, 15, 0)},
		{"宣讲时间定了，下周三下午两点", "宣讲", "", day(12, 2, 14, 0)}, {"时间定下来了，12月8号上午9点半", "", "", day(12, 8, 9, 30)},
	} {
		r := Message(ex.text, thursday, nil)
		if r.Intent != ActivityReschedule || !r.Settled || r.Target.Title != ex.title || r.Activities[0].Place != ex.place {
			t.Errorf("%s: %s %+v %+v", ex.text, r.Intent, r.Target, r.Activities)
			continue
		}
		start := ""
		if at := r.Activities[0].When.Start; !at.IsZero() {
			start = at.Format(time.DateTime)
		}
		if start != ex.start {
			t.Errorf("%s: %s", ex.text, start)
		}
	}
	for _, text := range []string{
		"地点定了吗", "地点还没定", "地点定了", "地点定了再通知大家", "地点定了，大家放心", "食堂的地点定了，在三楼", "价格定了，在500左右", "听说地点定了，在三楼会议室",
		"新厂房地点定了，在南屿镇", "地点定了，在哪？", "时间定了再说，周五前给大家回复", "融资的时间定了，下周放款", "食堂时间定了，每天11点半", "如果地点定了，在三楼就好",
		"我们公司开业时间定了，12月8日", "婚礼地点定了，在大酒店", "地点定了，不在三楼",
	} {
		if r := Message(text, thursday, nil); r.Intent != None {
			t.Errorf("%s: %s %+v", text, r.Intent, r.Activities)
		}
	}
	if r := Changes("地点定了，在光子实验室", thursday, nil); r.Activities[0].Place != "光子实验室" {
		t.Errorf("%+v", r.Activities)
	}
}

func TestAttendees(t *testing.T) {
	for _, ex := range []struct {
		text   string
		intent Intent
		code   int64
		title  string
	}{
		{"宣讲都有谁来", Roster, 0, "宣讲"}, {"@联帮 宣讲都有谁来？", Roster, 0, "宣讲"}, {"周五的党课谁参加", Roster, 0, "党课"}, {"名单", Roster, 0, ""}, {"宣讲报名情况", Roster, 0, "宣讲"},
		{"@联帮 名单", Roster, 0, ""}, {"读书会的名单", Roster, 0, "读书会"}, {"看下名单", Roster, 0, ""}, {"H1谁报名了", Roster, 1, ""}, {"都谁报名了", Roster, 0, ""},
		{"哪些单位报名了宣讲", Roster, 0, "宣讲"}, {"谁来？", Roster, 0, ""}, {"把名单发我", Roster, 0, ""},
		{"现在多少人了", Headcount, 0, ""}, {"@联帮 现在多少人了？", Headcount, 0, ""}, {"读书会现在多少人了", Headcount, 0, "读书会"}, {"H1 报了多少人", Headcount, 1, ""},
		{"报名人数", Headcount, 0, ""}, {"满了吗", Headcount, 0, ""}, {"还有名额吗", Headcount, 0, ""},
	} {
		r := Message(ex.text, thursday, nil)
		if r.Intent != ex.intent || r.Target.Number != ex.code || r.Target.Title != ex.title || r.Confidence < Sure {
			t.Errorf("%s: %s %.2f %+v", ex.text, r.Intent, r.Confidence, r.Target)
		}
	}
	for _, text := range []string{
		"谁来主持", "周五谁来讲课", "谁去拿一下资料", "昨天宣讲都有谁来", "你们公司多少人", "你们公司多少人参加过培训", "高企名单公布了吗", "入围培训的名单公示了", "他们都有谁来",
		"听说读书会都有谁来", "我们缺多少人", "招了多少人了", "有谁知道加计扣除怎么算", "谁参加过高企认定", "黑名单怎么查", "会议室能坐多少人", "车间现在有多少人", "名单已经交了",
		"来多少人都欢迎", "谁都不来", "S1现在多少人了", "培训名单报给我",
	} {
		if r := Message(text, thursday, nil); r.Intent == Roster || r.Intent == Headcount {
			t.Errorf("%s: %s %+v", text, r.Intent, r.Target)
		}
	}
}

func TestCalledOff(t *testing.T) {
	for _, text := range []string{"不办了", "@联帮 不办了", "我们这次不办了吧", "先不办了", "办不成了", "不开了吧", "算了，不办了"} {
		if r := Message(text, thursday, nil); r.Intent != ActivityCancel || r.Confidence >= Sure || r.Target != (Target{}) {
			t.Errorf("%s: %s %.2f %+v", text, r.Intent, r.Confidence, r.Target)
		}
	}
	for _, text := range []string{"店不开了", "卡不办了", "听说不办了", "不办了吗", "业务我们不办了", "如果不办了就说一声", "不办了，改到下周", "他说不办了", "不去了", "为什么不办了"} {
		if r := Message(text, thursday, nil); r.Intent == ActivityCancel {
			t.Errorf("%s: %s %.2f %+v", text, r.Intent, r.Confidence, r.Target)
		}
	}
}

func TestSomebodyOnIt(t *testing.T) {
	for _, text := range []string{"这个事有人管了吗", "@联帮 这件事有人跟了没", "我报的那件事有人处理吗", "贷款的事有人负责吗", "这事有人管吗", "有人管了吗", "谁在管这个事"} {
		if r := Message(text, thursday, nil); r.Intent != NeedProgress {
			t.Errorf("%s: %s", text, r.Intent)
		}
	}
	for _, text := range []string{"有人管饭吗", "明天有人去吗", "党课的事有人管了吗", "会场有人负责吗", "有人接我吗", "孩子有人管吗", "活动的事有人管了吗"} {
		if r := Message(text, thursday, nil); r.Intent == NeedProgress {
			t.Errorf("%s: %s", text, r.Intent)
		}
	}
}

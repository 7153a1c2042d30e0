package understand

import (
	"fmt"
	"strings"
	"time"

	"lianbang/zhtime"
)

// intentNames are the intents in the words of the coordinators.
var intentNames = map[Intent]string{
	None: "不处理", ActivityCreate: "登记活动", ActivityReschedule: "更改活动", ActivityCancel: "取消活动", NeedCreate: "登记诉求",
	ActivityList: "查看活动", SignUp: "报名", SignOff: "取消报名", Roster: "看名单", Headcount: "看报名人数", NeedProgress: "查诉求进度", Mine: "我的事项", Help: "帮助", Undo: "撤销",
	Digest: "简报", Correct: "更正草稿", NeedAssign: "派单", NeedClose: "办结", NeedWithdraw: "撤回诉求",
}

var noteNames = map[string]string{NoteQuestion: "像是提问", NoteChat: "像是闲聊", NotePast: "说的是过去的事", NoteNews: "像是新闻或转发", NoteStatement: "只是陈述"}

var fieldNames = map[string]string{"title": "名称", "category": "类别", "start": "时间", "end": "结束", "place": "地点", "capacity": "名额",
	"branches": "联办", "host": "主办", "contact": "联系人", "phone": "电话", "deadline": "截止", "amount": "金额", "headcount": "人数",
	"company": "企业", "term": "期限", "text": "内容", "target": "对象", "count": "人数", "person": "人", "extra": "没有收下"}

var missingNames = map[string]string{"title": "名称", "start": "时间", "start_time": "几点", "place": "地点", "contact_phone": "联系电话",
	"amount": "金额", "headcount": "人数"}

var refusalNames = map[zhtime.Refusal]string{zhtime.RefusedPast: "已经过去", zhtime.RefusedImpossible: "没有这一天", zhtime.RefusedWeekday: "星期与日期不符",
	zhtime.RefusedAmbiguous: "不能确定是哪一天"}

// Explain says in Chinese how a sentence is understood, span by span: the coordinators' debugging tool. Telephone numbers
// are masked.
func Explain(text string, now time.Time, g *Gazetteer) string {
	r := Message(text, now, g)
	var b strings.Builder
	fmt.Fprintf(&b, "意图：%s", intentNames[r.Intent])
	if note := noteNames[r.Note]; note != "" {
		fmt.Fprintf(&b, "（%s）", note)
	} else {
		fmt.Fprintf(&b, "（把握 %.0f%%", r.Confidence*100)
		if r.Confidence < Sure {
			b.WriteString("，会先问一句")
		}
		b.WriteString("）")
	}
	b.WriteByte('\n')
	for _, s := range r.Spans {
		name := fieldNames[s.Field]
		if name == "" {
			name = s.Field
		}
		said := strings.Join(strings.Fields(text[s.From:s.To]), " ")
		if s.Field == "phone" {
			said = s.Value
		}
		fmt.Fprintf(&b, "  第%d–%d字 “%s” → %s", runes(text[:s.From])+1, runes(text[:s.To]), said, name)
		if s.Value != said {
			fmt.Fprintf(&b, "：%s", s.Value)
		}
		b.WriteByte('\n')
	}
	for i := range r.Activities {
		explainActivity(&b, &r.Activities[i], now)
	}
	if n := r.Need; n != nil {
		if n.Unitless {
			b.WriteString("  金额没有单位：要问是不是万元\n")
		}
		explainMissing(&b, n.Missing)
	}
	for _, c := range r.Corrections {
		fmt.Fprintf(&b, "  更正 %s：%s\n", fieldNames[c.Field], c.Value)
	}
	return b.String()
}

func explainActivity(b *strings.Builder, a *Activity, now time.Time) {
	if why := refusalNames[a.When.Refused]; why != "" {
		fmt.Fprintf(b, "  “%s”不能用：%s\n", a.When.Said, why)
	}
	if a.When.EarlyClock {
		b.WriteString("  时间早于 07:00：要问是不是下午\n")
	}
	for _, alt := range a.When.Alternatives {
		if alt.Start.IsZero() {
			continue
		}
		if alt.Grain == zhtime.GrainMinute {
			fmt.Fprintf(b, "  也可能是 %s\n", zhtime.FormatSpan(alt.Start, alt.End, now, nil))
		} else {
			fmt.Fprintf(b, "  也可能是 %s\n", zhtime.FormatDays(alt.Start, alt.End, now, nil))
		}
	}
	if a.Category == "" && a.Suggested != "" {
		fmt.Fprintf(b, "  五联建议：%s\n", a.Suggested)
	}
	if a.Shift != 0 && a.When.Start.IsZero() && a.When.Day.IsZero() {
		fmt.Fprintf(b, "  开始时间移动 %v\n", a.Shift)
	}
	explainMissing(b, a.Missing)
}

func explainMissing(b *strings.Builder, missing []string) {
	for i, m := range missing {
		if i == 0 {
			b.WriteString("  还缺：")
		} else {
			b.WriteString("、")
		}
		b.WriteString(missingNames[m])
		if i+1 == len(missing) {
			b.WriteByte('\n')
		}
	}
}

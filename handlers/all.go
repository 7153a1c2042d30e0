package handlers

import (
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/understand"
)

const (
	guest         = bot.Role(consortium.Guest)
	member        = bot.Role(consortium.Member)
	liaison       = bot.Role(consortium.Liaison)
	coordinator   = bot.Role(consortium.Coordinator)
	administrator = bot.Role(consortium.Administrator)
)

// Registry is the table of commands, checked.
func (d *Desk) Registry() (*bot.Registry[Store], error) {
	r, err := bot.NewRegistry(d.table())
	d.registry = r
	return r, err
}

func (d *Desk) table() []bot.Command[Store] {
	activity := bot.Arg{Name: "活动", Kind: bot.CodeArg, Letter: "H", Noun: "活动"}
	someActivity := bot.Arg{Name: "活动", Kind: bot.CodeArg, Letter: "H", Noun: "活动", Optional: true}
	need := bot.Arg{Name: "诉求", Kind: bot.CodeArg, Letter: "S", Noun: "诉求"}
	someNeed := bot.Arg{Name: "诉求", Kind: bot.CodeArg, Letter: "S", Noun: "诉求", Optional: true}
	people := bot.Arg{Name: "人数", Kind: bot.CountArg, Optional: true}
	text := func(name string) bot.Arg { return bot.Arg{Name: name, Kind: bot.TextArg} }
	someText := func(name string) bot.Arg { return bot.Arg{Name: name, Kind: bot.TextArg, Optional: true} }
	intents := func(is ...understand.Intent) (out []string) {
		for _, i := range is {
			out = append(out, string(i))
		}
		return out
	}
	read := func(f func(string, time.Time, *understand.Gazetteer) understand.Reading) func(string, time.Time) any {
		return func(text string, now time.Time) any { return f(text, now, d.gazetteer()) }
	}
	return []bot.Command[Store]{
		{Path: "登记活动", Aliases: []string{"发起活动", "发布活动", "办活动", "登记"}, Section: "活动", Summary: "登记一场活动，一句话就行",
			Example: "登记活动 下周三下午2点半 光电产业链参观 地点 省光子技术重点实验室 限30人",
			Args:    []bot.Arg{someText("时间 名称 地点 名额")}, Need: member, Intents: intents(understand.ActivityCreate), Read: read(understand.Fields), Run: d.register},
		{Path: "活动", Reads: true, Aliases: []string{"活动列表", "最近活动"}, Section: "活动", Summary: "看接下来的活动，或看某一场",
			Example: "活动", Args: []bot.Arg{someActivity}, Need: member, Intents: intents(understand.ActivityList, understand.Headcount), Run: d.activities},
		{Path: "报名", Aliases: []string{"参加"}, Section: "活动", Summary: "报名参加，可写人数",
			Example: "报名 H1 3人", Args: []bot.Arg{someActivity, people, someText("说明")}, Need: member,
			Intents: intents(understand.SignUp), Run: d.signUp},
		{Path: "取消报名", Aliases: []string{"不去了", "取消候补", "退出报名", "不报了"}, Section: "活动", Summary: "不去了，或少去几个人",
			Example: "取消报名 H1", Args: []bot.Arg{someActivity, people}, Need: member,
			Intents: intents(understand.SignOff), Run: d.signOff},
		{Path: "改", Aliases: []string{"修改", "改期"}, Section: "活动", Summary: "改活动的时间、地点、名额或名称",
			Example: "改 H1 名额 40", Args: []bot.Arg{activity, text("改成什么")}, Need: member,
			Intents: intents(understand.ActivityReschedule, understand.Correct), Read: read(understand.Changes), Run: d.change},
		{Path: "取消活动", Section: "活动", Summary: "取消一场活动，我来通知报名的人",
			Example: "取消活动 H1", Args: []bot.Arg{activity}, Need: member,
			Intents: intents(understand.ActivityCancel), Run: d.cancel},
		{Path: "发到群里", Aliases: []string{"发布", "发群里", "发到群"}, Shy: true, Section: "活动", Summary: "把私聊登记的活动发到联合体的群里，大家好报名",
			Example: "发到群里 H1", Args: []bot.Arg{someActivity}, Need: member, Run: d.invite},
		{Path: "名单", Reads: true, Aliases: []string{"报名名单"}, Shy: true, Section: "活动", Summary: "看报名和候补名单(主办方和联络员)",
			Example: "名单 H1", Args: []bot.Arg{someActivity}, Need: member, Where: bot.DirectOnly,
			Intents: intents(understand.Roster), Run: d.roster},
		{Path: "照片", Aliases: []string{"活动照片", "相册"}, Shy: true, Files: true, Section: "活动", Summary: "看活动照片；存照片直接私聊发图给我",
			Example: "照片 H1", Args: []bot.Arg{someActivity, {Name: "从第几张起", Kind: bot.CountArg, Optional: true}, someText("删除 第几张")},
			Need: member, Run: d.photos},

		{Path: "报诉求", Aliases: []string{"诉求", "反映诉求", "提诉求"}, Section: "诉求", Summary: "报一件企业诉求，私聊我说",
			Example: "报诉求 用工 招10名机械工程师", Args: []bot.Arg{someText("类别 内容")}, Need: member, Where: bot.DirectOnly,
			Intents: intents(understand.NeedCreate), Read: read(understand.NeedFields), Aside: d.asideNew, Run: d.report},
		{Path: "补充", Aliases: []string{"补充诉求"}, Shy: true, Section: "诉求", Summary: "给自己报的诉求补充情况",
			Example: "补充 S1 原贷款12月20日到期", Args: []bot.Arg{need, someText("内容")}, Need: member, Where: bot.DirectOnly, Aside: d.aside, Run: d.supplement},
		{Path: "改诉求", Section: "诉求", Summary: "改自己报的诉求的类别或内容",
			Example: "改诉求 S1 类别 环保安全", Args: []bot.Arg{need, text("改成什么")}, Need: member, Where: bot.DirectOnly, Run: d.changeNeed},
		{Path: "撤回诉求", Aliases: []string{"取消诉求", "撤销诉求"}, Section: "诉求", Summary: "撤回自己报的、还没人办的诉求",
			Example: "撤回诉求 S1", Args: []bot.Arg{need}, Need: member, Where: bot.DirectOnly, Run: d.withdraw},
		{Path: "进度", Reads: true, Aliases: []string{"查进度", "查"}, Section: "诉求", Summary: "看诉求办到哪一步",
			Example: "进度 S1", Args: []bot.Arg{someNeed, someActivity}, Need: member, Where: bot.DirectOnly,
			Intents: intents(understand.NeedProgress), Run: d.progressOf},
		{Path: "确认", Shy: true, Aliases: []string{"评价", "属实"}, Section: "诉求", Summary: "确认办结并打分(1–5，可不打)",
			Example: "确认 S1 5", Args: []bot.Arg{someNeed, {Name: "评分", Kind: bot.CountArg, Optional: true}, someText("")},
			Need: member, Where: bot.DirectOnly, Run: d.confirm},
		{Path: "不符", Shy: true, Aliases: []string{"重办"}, Section: "诉求", Summary: "没有办成，退回承办人继续办",
			Example: "不符 S1 没有人联系", Args: []bot.Arg{someNeed, someText("原因")}, Need: member, Where: bot.DirectOnly, Aside: d.aside, Run: d.reopen},
		{Path: "进展", Aliases: []string{"跟进"}, Shy: true, Section: "诉求", Summary: "承办人记一句办到哪了，我告诉企业",
			Example: "进展 S1 已联系银行，下周面谈", Args: []bot.Arg{need, someText("进展")}, Need: member, Where: bot.DirectOnly, Aside: d.aside, Run: d.note},
		{Path: "办结", Section: "诉求", Summary: "承办人说明办理结果，请企业确认",
			Example: "办结 S1 已签约12人", Args: []bot.Arg{need, someText("结果")}, Need: member, Where: bot.DirectOnly, Aside: d.aside, Run: d.answer},
		{Path: "派", Aliases: []string{"派单", "转办", "改派"}, Section: "诉求", Summary: "把诉求派给承办人",
			Example: "派 S1 张航 3天内", Args: []bot.Arg{need, someText("姓名 期限")}, Need: coordinator, Where: bot.DirectOnly, Aside: d.aside, Run: d.assign},
		{Path: "待派", Reads: true, Aliases: []string{"待派单"}, Section: "诉求", Summary: "看还没有派出去的诉求",
			Example: "待派", Need: coordinator, Where: bot.DirectOnly, Run: d.unassigned},

		{Path: "我的", Reads: true, Aliases: []string{"我的事"}, Shy: true, Section: "我", Summary: "我报的名、我的诉求、该我办的事",
			Example: "我的", Need: member, Where: bot.DirectOnly, Intents: intents(understand.Mine), Run: d.mine},
		{Path: "撤销", Aliases: []string{"撤回"}, Section: "我", Summary: "10分钟内撤回自己的上一步",
			Example: "撤销", Args: []bot.Arg{someActivity, someNeed}, Need: member, Intents: intents(understand.Undo), Run: d.undo},
		{Path: "我的单位", Section: "我", Summary: "告诉我您的单位",
			Example: "我的单位 英芯光电", Args: []bot.Arg{text("单位")}, Need: member, Run: d.unit},
		{Path: "周报", Reads: true, Aliases: []string{"本周情况"}, Section: "我", Summary: "本周办了什么、接下来有什么",
			Example: "周报", Need: member, Intents: intents(understand.Digest), Run: d.digest},
		{Path: "帮助", Reads: true, Aliases: []string{"help", "怎么用", "?"}, Section: "我", Summary: "看我会做什么，或看某个命令怎么说",
			Example: "帮助 报名", Args: []bot.Arg{someText("命令")}, Need: guest, Intents: intents(understand.Help), Run: d.help},

		{Path: "绑定联合体", Aliases: []string{"绑定"}, Section: "管理", Summary: "把这个群绑定到一个联合体",
			Example: "绑定联合体 光电信息", Args: []bot.Arg{text("联合体")}, Need: liaison, Where: bot.GroupOnly, Run: d.bind},
		{Path: "新建联合体", Section: "管理", Summary: "新建一个联合体；在群里说就同时绑定",
			Example: "新建联合体 光电信息", Args: []bot.Arg{text("名称")}, Need: coordinator, Run: d.found},
		{Path: "任命", Section: "管理", Summary: "设成员、联络员、统筹员、管理员(联络员只能设成员)",
			Example: "任命 何统筹 统筹员", Args: []bot.Arg{text("姓名 身份")}, Need: liaison, Run: d.appoint},
		{Path: "认领", Section: "管理", Summary: "用控制台上的一次性代码成为管理员",
			Example: "认领 ABCD-2345", Args: []bot.Arg{text("代码")}, Need: guest, Where: bot.DirectOnly, Hidden: true, Run: d.claim},
	}
}

// Guess reads a free sentence; it is the dispatcher's.
func (d *Desk) Guess(text string, now time.Time) bot.Guess {
	if g, ok := d.order(text); ok {
		return g
	}
	if g, ok := inviting(text); ok {
		return g
	}
	reading := understand.Message(text, now, d.gazetteer())
	switch reading.Intent {
	case understand.NeedAssign:
		return bot.Guess{Path: "派", Sure: true, Reading: spoken{need: reading.Target.Number, text: reading.Person}}
	case understand.NeedClose:
		return bot.Guess{Path: "办结", Sure: true, Reading: spoken{need: reading.Target.Number, text: reading.Text}}
	case understand.NeedWithdraw:
		return bot.Guess{Path: "撤回诉求", Sure: true, Reading: spoken{need: reading.Target.Number}}
	}
	cmd := d.registry.Intent(string(reading.Intent))
	if cmd == nil {
		return bot.Guess{Reading: reading}
	}
	sure := reading.Confidence >= understand.Sure || reading.Intent == understand.ActivityCancel || // which asks itself
		reading.Intent == understand.SignUp && reading.Count > 0 && reading.Target.Title != "" // +5 光子那个活动
	return bot.Guess{Path: cmd.Path, Sure: sure, Reading: reading}
}

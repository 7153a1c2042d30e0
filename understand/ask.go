package understand

import "slices"

// command reads short messages that ask the bot for something other than a record: 帮助, 撤销, 周报, 我的活动, 进度.
func (s *scanner) command(g *signs) (Reading, bool) {
	if g.words > 14 || g.keys+g.needKeys > 0 || g.phone || g.money {
		return Reading{}, false
	}
	say := func(i Intent) (Reading, bool) {
		r := Reading{Intent: i, Confidence: 0.85}
		if t, a := s.codeIn(0, len(s.norm)); a != nil {
			r.Target = t
			s.span(a.from, a.to, "target", t.Letter+itoa(t.Number))
		}
		return r, true
	}
	has := s.find
	switch {
	case has("撤销刚才", "撤回刚才", "撤销上一", "撤回上一", "撤销一下", "撤回一下", "撤销吧", "刚才那个不算", "刚才的不算", "撤销我刚", "撤回我刚") || s.whole("撤销", "撤回", "回退", "反悔", "undo", "撤销操作"):
		return say(Undo)
	case s.whole("帮助", "help", "功能", "菜单", "使用说明", "说明书", "命令", "指令", "?", "怎么用", "使用帮助", "你好能做什么") || has("怎么用", "你会什么", "你会做什么", "你能做什么", "能干什么", "能干啥", "会干啥", "有什么功能", "有哪些功能", "有哪些命令", "使用说明", "怎么使用", "如何使用", "你是谁", "你能干嘛", "都能做什么") && g.topic < 4:
		return say(Help)
	case has("周报", "月报", "简报", "这周情况", "本周情况", "上月情况", "本月情况", "上周情况", "这个月情况", "汇总一下", "本周汇总", "本周小结", "这周总结") && !g.issue && g.past < 2 && !has("发布", "写", "交周报", "周报交"):
		return say(Digest)
	case s.chases(g):
		return say(NeedProgress)
	case (has("诉求", "需求", "那个事", "贷款的事", "那件事", "问题") || g.code) && has("怎么样了", "进度", "到哪一步", "办得怎么样", "进展", "有消息吗", "有结果", "处理得", "办好了吗", "解决了吗", "办了吗", "处理了吗", "咋样了", "怎样了", "有回复") || s.whole("进度", "查进度", "查询进度", "进展"):
		return say(NeedProgress)
	case has("我报名的", "我们报名的", "我报的", "我报过", "我都报了", "我参加的活动", "我参加了哪些", "我报了几个", "我都报名了") && has("哪些", "什么", "有啥", "哪几", "几个", "查", "看", "列", "都有") && !has("几点", "什么时候", "哪里", "在哪") && g.kinds&(kCancel|kChange) == 0:
		return say(Mine)
	case has("我的活动", "我的诉求", "我的报名", "我报了哪些", "我报名了哪些", "我报了什么", "我有哪些", "我名下", "我提的", "我登记的", "我的待办", "我的任务") && g.kinds&(kCancel|kChange) == 0 || s.whole("我的"):
		return say(Mine)
	case has("有什么活动", "有哪些活动", "有啥活动", "活动列表", "近期活动", "最近活动", "本周活动", "下周活动安排", "活动安排表", "看看活动", "查活动", "查看活动", "活动清单", "还有活动吗", "有没有活动", "有活动吗", "什么活动", "哪些活动", "有什么安排", "查一下活动", "查询活动") && !g.issue && g.past == 0 || s.whole("活动", "活动列表", "最近活动"):
		return say(ActivityList)
	}
	return Reading{}, false
}

// whole reports whether the message is one of the words and nothing else but courtesy.
func (s *scanner) whole(words ...string) bool {
	from, to := s.trim(0, len(s.norm))
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		if a := s.atomAt(s.toks[i].from); a != nil && a.kind == aMention {
			from, to = s.trim(a.to, to)
			i = max(i, s.tokenAt(a.to)-1)
			continue
		}
		break
	}
	for _, w := range words {
		if s.norm[from:to] == w {
			return true
		}
	}
	return false
}

// asked turns a message without a record into one of the asking intents where it is a question about those.
func (s *scanner) asked(g *signs, r Reading) Reading {
	if r.Note != NoteQuestion {
		return r
	}
	switch {
	case s.find("怎么登记", "怎么发布", "怎么发起", "怎么报名", "怎么取消", "怎么改", "怎么提", "如何登记", "如何发布", "如何报名", "怎么报诉求", "格式是什么", "怎么填", "怎么操作", "怎么绑定", "如何提交", "怎样发布", "怎样登记", "怎样报名"):
		return Reading{Intent: Help, Confidence: 0.7, Note: NoteQuestion}
	}
	if r.Target = s.asksAbout(); r.Target == (Target{}) {
		s.restore()
	}
	return r
}

// asksAbout is the activity that a question is about: H1在哪里, 周五的党课几点, 那4号还来不来.
func (s *scanner) asksAbout() Target {
	t := s.target(0, len(s.norm))
	if f, e := s.aim.from, s.aim.to; t.Title != "" {
		s.spans = slices.DeleteFunc(s.spans, func(sp Span) bool { return sp.From == s.origin(f) && sp.To == s.origin(e) })
	}
	t.Title = ""
	if f, e := s.named(); f < e && t.Number == 0 {
		t.Title = s.value(f, e)
		s.span(f, e, "target", t.Title)
	}
	if t.Number == 0 {
		t.Letter = ""
		if t.Title != "" || !t.Day.IsZero() {
			t.Letter = "H"
		}
	}
	return t
}

// named finds the first name of an activity in a question: the word that names it, and what stands before it.
func (s *scanner) named() (from, to int) {
	for i := range s.toks {
		t := &s.toks[i]
		if !t.is(kActivity) || t.is(kThing) || s.inMention(i) || s.inTime(t) || t.to-t.from < len("党课") {
			continue
		}
		from, to = t.from, t.to
		for j := i - 1; j >= 0 && i-j < 8; j-- {
			b := &s.toks[j]
			if s.atomAt(b.from) != nil || b.is(kSpace|kComma|kBreak|kColon|kQuote|kLead|kMeasure|kPolite|kFirst|kWe|kAsk|kAt|kHold|kAttend|kSign|kNot|kPast|kWant|kIssue|kThanks) && !b.is(kActivity) {
				break
			}
			from = b.from
		}
		for j := i + 1; j < len(s.toks) && s.toks[j].is(kActivity|kThing) && !s.toks[j].is(kHold); j++ {
			to = s.toks[j].to
		}
		return from, to
	}
	return 0, 0
}

// chases reports whether a message asks how far a need has come: S1怎么还没人联系我, 我那个招工的事办了没, 催一下.
func (s *scanner) chases(g *signs) bool {
	if s.whole("怎么样了", "咋样了", "怎样了", "有进展吗", "有进展没", "有没有进展", "有消息吗", "有消息没", "有没有消息", "有结果吗", "有结果没", "有结果了吗", "办得怎么样了", "办的怎么样了", "办好了吗", "办好没", "办了没", "办了吗", "到哪一步了", "到哪步了", "进展如何", "进展怎么样", "进展怎么样了", "催一下", "催一催", "催催", "怎么还没人联系我", "还没人联系我", "没人联系我", "什么时候能办好", "什么时候办好", "怎么还没动静", "有回音吗", "有回复吗", "我的进度", "处理得怎么样了", "有人管了吗", "有人管了没", "有人管吗", "有人管没", "有人跟了吗", "有人在管吗") {
		return true
	}
	need := false
	for i := range s.atoms {
		if a := &s.atoms[i]; a.kind == aCode {
			if a.at != 'S' {
				return false
			}
			need = true
		}
	}
	if !need {
		need = s.find("诉求", "的事", "那个事", "那件事", "这个事", "这件事", "那事", "这事", "报的问题", "提的问题", "反映的问题") && !s.find("活动的事", "会的事", "报名的事")
	}
	return need && !g.title && !g.issue && s.find("办了没", "办了吗", "办没办", "办好没", "办好了没", "办好了吗", "办得", "办的怎", "办到哪", "到哪一步", "到哪步", "到哪了", "到哪儿了", "怎么样了", "怎样了", "咋样", "怎么还没", "还没人", "没人联系", "没人管", "有人管", "有人跟", "有人接", "有人办", "有人处理", "有人负责", "有人在办", "有人在跟", "没人理", "没动静", "没下文", "没消息", "没回复", "没结果", "催", "进展", "进度", "还要多久", "多久能", "什么时候能", "什么时候办", "啥时候能", "啥时候办", "有消息", "有结果", "谁在办", "谁在跟", "谁在管", "谁管", "谁负责", "谁办", "处理得", "处理了吗", "处理了没", "解决了吗", "解决了没", "有回复", "有回音", "查一下", "查下", "状态")
}

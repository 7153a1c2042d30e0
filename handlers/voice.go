package handlers

import (
	"fmt"

	"lianbang/bot"
	"lianbang/consortium"
)

// Voice is what the kernel itself says; it implements bot.Voice.
type Voice struct{ *Desk }

// Puzzled implements bot.Voice.
func (v Voice) Puzzled(_ Store, c *call) (bot.Reply, error) {
	if consortium.Role(c.Role) == consortium.Guest {
		return bot.Say("您好，我是" + v.BotName + "。您还没有登记到联合体，请联合体联络员或统筹员把您加入；回“帮助”看我能做什么。"), nil
	}
	if c.Line == "" && len(c.Event.Files) == 0 {
		return bot.Say("我在。直接说事就行，比如“活动”“登记活动 …”“报诉求 …”，不清楚回“帮助”。"), nil
	}
	if len(c.Event.Files) > 0 && c.Event.Text == "" {
		return bot.Say("收到文件了，不过我还不知道它属于哪件事。请用一句话告诉我。"), nil
	}
	c.Ask(bot.Question{Options: []bot.Option{
		{Label: "登记活动", Line: "登记活动"}, {Label: "报诉求", Line: "报诉求"}, {Label: "查进度", Line: "进度"},
	}})
	return bot.Say("没看懂。您是要：1 登记活动 2 报诉求 3 查进度？回数字或换个说法。"), nil
}

// Mistyped implements bot.Voice.
func (v Voice) Mistyped(_ *call, wrong, right string) bot.Reply {
	return bot.Say(fmt.Sprintf("没看懂“%s”。您是想 %s 吗？回“是”。", wrong, right))
}

// Unsure implements bot.Voice.
func (v Voice) Unsure(_ *call, summary string) bot.Reply {
	return bot.Say("您是要" + summary + "吗？回“是”，或换个说法。")
}

// Incomplete implements bot.Voice.
func (v Voice) Incomplete(_ *call, missing, example string) bot.Reply {
	return bot.Say(fmt.Sprintf("还差“%s”。这样说：%s", missing, example))
}

// Forbidden implements bot.Voice.
func (v Voice) Forbidden(c *call, need bot.Role, _ string) bot.Reply {
	if consortium.Role(c.Role) == consortium.Guest {
		return bot.Say("您还没有登记到联合体。请联合体联络员或统筹员把您加入，之后就能用了。")
	}
	return bot.Say(fmt.Sprintf("“%s”由%s来做，您可以请他帮忙。", c.Path, RankWord(consortium.Role(need))))
}

// InGroup implements bot.Voice.
func (v Voice) InGroup(c *call) bot.Reply {
	return bot.Say("“" + c.Path + "”请在群里说。")
}

// Aside implements bot.Voice.
func (v Voice) Aside(c *call) bot.Reply {
	if c.Path == "报诉求" {
		return bot.Reply{Text: "诉求的事我们私下说，我已私聊您；群里这条可以撤回。", Mention: []bot.UserKey{c.Event.From.User}}
	}
	return bot.Reply{Text: "我已私聊您。", Mention: []bot.UserKey{c.Event.From.User}}
}

// Dropped implements bot.Voice.
func (v Voice) Dropped(*call) bot.Reply { return bot.Say("好，不办了。") }

// TooLong implements bot.Voice.
func (v Voice) TooLong(_ *call, limit int) bot.Reply {
	return bot.Say(fmt.Sprintf("这条太长了，我一次只能看 %d 个字，没有登记。请拣要紧的说。", limit))
}

// Stale implements bot.Voice.
func (v Voice) Stale(*call) bot.Reply {
	return bot.Say("这个按钮已经过期了，回“帮助”看现在能做什么。")
}

// Apology implements bot.Voice.
func (v Voice) Apology(reference string) bot.Reply {
	return bot.Say(fmt.Sprintf("我这边出了点问题，这条没有办成，也没有改动任何登记。请过一会儿再说一次；还不行请把编号 %s 告诉管理员。", reference))
}

// Entered implements bot.Voice.
func (v Voice) Entered(_ Store, c *call) (bot.Reply, error) {
	return bot.Say("您好，我是" + v.BotName + "，帮联合体登记活动、跟进诉求。直接说事就行，比如“活动”“报诉求”。\n我只留存您对我说的话，30天后只保留登记内容。回“帮助”看全部。"), nil
}

// Joined implements bot.Voice.
func (v Voice) Joined(_ Store, c *call) (bot.Reply, error) {
	return bot.Say("大家好，我是" + v.BotName + "。请联络员或统筹员在群里发“绑定联合体 名称”，之后活动登记、报名、周报都在这里。"), nil
}

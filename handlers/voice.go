package handlers

import (
	"cmp"
	"fmt"
	"strings"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/understand"
)

// Voice is what the kernel itself says; it implements bot.Voice.
type Voice struct{ *Desk }

// Puzzled implements bot.Voice.
func (v Voice) Puzzled(s Store, c *call) (bot.Reply, error) {
	if consortium.Role(c.Role) == consortium.Guest {
		return bot.Say("您好，我是" + v.BotName + "。" + v.howToJoin(c) + "。" + v.calling(c) + "回“帮助”看我能做什么。"), nil
	}
	if c.Line == "" {
		return bot.Say("我在。直接说事就行，比如“活动”“登记活动 …”“报诉求 …”，不清楚回“帮助”。"), nil
	}
	if r, ok, err := v.hint(s, c); ok || err != nil {
		return r, err
	}
	if r, ok, err := v.talk(s, c); ok || err != nil {
		return r, err
	}
	if c.Event.Direct && len([]rune(c.Line)) <= 12 && strings.Contains(c.Line, "谢") {
		return bot.Say("不客气，有事随时说。"), nil
	}
	c.Ask(bot.Question{Options: []bot.Option{
		{Label: "登记活动", Line: keep("登记活动", c)}, {Label: "报诉求", Line: keep("报诉求", c)}, {Label: "查进度", Line: "进度"},
	}})
	return bot.Say("没看懂。您是要：1 登记活动 2 报诉求 3 查进度？" + v.calling(c) + "回数字或换个说法。"), nil
}

// howToJoin tells a guest what has to happen before he can use the bot here.
func (v Voice) howToJoin(c *call) string {
	switch {
	case c.Consortium == 0 && !c.Event.Direct:
		return "这个群还没有绑定联合体，请联络员或统筹员在群里发“@" + v.BotName + " 绑定联合体 名称”"
	case c.Consortium == 0 && c.Admission >= bot.InGroups:
		return "我还不知道您是哪个联合体的：请先到联合体的群里 @" + v.BotName + " 说句话，或点一下活动卡片上的按钮；群里没有我的，请联络员私聊我“任命 " + cmp.Or(c.Name, "您的姓名") + " 成员”"
	}
	return fmt.Sprintf("您还没有登记到联合体，请联络员或统筹员在群里发“@%s 任命 %s 成员”", v.BotName, cmp.Or(c.Name, "您的姓名"))
}

// keep makes a command line of a command and the words that were not understood, so that nobody types them twice.
func keep(command string, c *call) string {
	if len([]rune(c.Line)) < 6 || c.Event.Kind != bot.Said {
		return command
	}
	return command + " " + c.Event.Text
}

// talk answers what asks for nothing to be done: a bare code, a question about an activity, thanks, a greeting.
func (v Voice) talk(s Store, c *call) (bot.Reply, bool, error) {
	if p := v.registry.Parse("活动 " + c.Line); p.Command != nil && p.Code("H") != 0 {
		a, err := loadActivity(s, p.Code("H"))
		if err != nil {
			return bot.Reply{}, true, err
		}
		if c.Event.Direct { // it may be the answer to what photos show
			if waited, err := v.assignLoose(s, c, a); waited || err != nil {
				return bot.Reply{}, true, err
			}
		}
		r, err := v.show(s, c, a)
		return r, true, err
	}
	read, _ := c.Reading.(understand.Reading)
	if read.Reach {
		return bot.Say("联系方式我不提供。请把您的意向告诉联合体联络员，由对方决定是否联系您。"), true, nil
	}
	switch read.Note {
	case understand.NoteChat:
		return v.smallTalk(c)
	case understand.NoteQuestion:
		return v.asked(s, c)
	}
	return bot.Reply{}, false, nil
}

// smallTalk is short, and silent in groups where nothing was asked.
func (v Voice) smallTalk(c *call) (bot.Reply, bool, error) {
	switch {
	case strings.Contains(c.Line, "谢") || strings.Contains(c.Line, "辛苦"):
		return bot.Say("不客气，有事随时说。"), true, nil
	case pleasantry(c.Line) && !acknowledges(c.Line):
		return bot.Say("您好，我在。直接说事就行，比如“活动”“报诉求”，不清楚回“帮助”。"), true, nil
	case !c.Event.Direct && acknowledges(c.Line):
		return bot.Reply{}, true, nil
	}
	return bot.Reply{}, false, nil
}

// pleasantry reports whether a message is nothing but a greeting, thanks or an acknowledgement.
func pleasantry(line string) bool {
	if acknowledges(line) {
		return true
	}
	if line == "早" || line == "早啊" {
		return true
	}
	for _, w := range []string{"你好", "您好", "大家好", "早上好", "下午好", "在吗", "谢谢", "多谢", "感谢", "辛苦", "不客气", "尽快", "早安", "晚上好", "中午好", "晚安"} {
		if strings.Contains(line, w) && len([]rune(line)) <= len([]rune(w))+3 {
			return true
		}
	}
	return false
}

// courteous reports whether a message is a pleasantry that presses for nothing: 尽快 does.
func courteous(line string) bool { return pleasantry(line) && !strings.Contains(line, "尽快") }

// acknowledges reports whether a message only says that another one was read.
func acknowledges(line string) bool {
	switch strings.Trim(line, " 。.!！~～") {
	case "收到", "好的", "好", "嗯", "嗯嗯", "ok", "OK", "知道了", "明白", "了解", "1":
		return true
	}
	return false
}

// asked answers a question with the activity that it is about, where one can be told.
func (v Voice) asked(s Store, c *call) (bot.Reply, bool, error) {
	if id := codeIn(c.Line, 'H'); id != 0 {
		a, err := loadActivity(s, id)
		if err != nil {
			return bot.Reply{}, true, err
		}
		r, err := v.show(s, c, a)
		return r, true, err
	}
	as, err := s.ComingActivities(consortium.ID(c.Consortium), c.Now, 50)
	if err != nil {
		return bot.Reply{}, true, fmt.Errorf("list activities: %w", err)
	}
	if fits := fitting(as, understand.Target{Title: c.Line}); len(fits) == 1 && alike(c.Line, fits[0].Title+" "+fits[0].Place) > 0 {
		r, err := v.show(s, c, fits[0])
		return r, true, err
	}
	return bot.Say("这个我答不了。活动回“活动”，诉求回“进度”，其他事请问联合体联络员。"), true, nil
}

// codeIn finds the first code with that letter in a folded line, 0 when there is none.
func codeIn(line string, letter byte) int64 {
	for n := range bot.CodesIn(line, letter) {
		return n
	}
	return 0
}

// Mistyped implements bot.Voice.
func (v Voice) Mistyped(c *call, wrong, right string) bot.Reply {
	// The rest of the line may be confidential: only the command and a code are repeated.
	words := strings.Fields(right)
	if len(words) > 1 && words[1][0] < 0x80 {
		words[0] += " " + words[1]
	}
	return bot.Say(fmt.Sprintf("没看懂“%s”。您是想 %s 吗？%s回“是”。", wrong, words[0], v.calling(c)))
}

// Unsure implements bot.Voice.
func (v Voice) Unsure(c *call, command string) bot.Reply {
	return bot.Say("您是要“" + command + "”吗？" + v.calling(c) + "回“是”，或换个说法。")
}

// Incomplete implements bot.Voice.
func (v Voice) Incomplete(_ *call, missing, example string) bot.Reply {
	return bot.Say(fmt.Sprintf("还差“%s”。这样说：%s", missing, example))
}

// Forbidden implements bot.Voice.
func (v Voice) Forbidden(c *call, need bot.Role, _ string) bot.Reply {
	if consortium.Role(c.Role) == consortium.Guest {
		return bot.Say(v.howToJoin(c) + "，之后就能用了。")
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

// Unreached implements bot.Voice.
func (v Voice) Unreached(c *call) bot.Reply {
	text := "这个我私下答您。请点开和我的私聊，在那里再说一遍。"
	if c.Path == "报诉求" {
		text = "诉求的事我们私下说：请点开和我的私聊，在那里再说一遍；群里这条可以撤回。"
	}
	return bot.Reply{Text: text, Mention: []bot.UserKey{c.Event.From.User}}
}

// Dropped implements bot.Voice. What it drops is the question: an organiser who says 不办了 must not think that his activity is
// cancelled.
func (v Voice) Dropped(*call) bot.Reply {
	return bot.Say("好，刚才问您的先不办，什么都没有改动。")
}

// TooLong implements bot.Voice.
func (v Voice) TooLong(_ *call, limit int) bot.Reply {
	return bot.Say(fmt.Sprintf("这条太长了，我一次只能看 %d 个字，没有登记。请拣要紧的说。", limit))
}

// Late implements bot.Voice.
func (v Voice) Late(c *call) bot.Reply {
	return bot.Say(fmt.Sprintf("您%s发的这条我刚刚才收到，隔得太久，没有办。还要办的话，请再发一次。", v.moment(c.Event.At, c.Now)))
}

// Stale implements bot.Voice.
func (v Voice) Stale(c *call) bot.Reply {
	if c.Event.Menu {
		return bot.Say("这个菜单还没有设好，不是您点错了。直接说事就行，比如“活动”“报诉求”，不清楚回“帮助”。")
	}
	return bot.Say("这个按钮已经过期了，回“帮助”看现在能做什么。")
}

// Unkept implements bot.Voice.
func (v Voice) Unkept(*call) bot.Reply {
	return bot.Say("随这句话发来的图片和文件没有存。活动照片等开始以后直接发给我就行。")
}

// Apology implements bot.Voice.
func (v Voice) Apology(reference string) bot.Reply {
	return bot.Say(fmt.Sprintf("我这边出了点问题，这条没有办成，也没有改动任何登记。请过一会儿再说一次；还不行请把编号 %s 告诉管理员。", reference))
}

// Entered implements bot.Voice. Whom the bot may not write to yet is asked for a word, to which the answer can be all that he
// has missed, as it is now.
func (v Voice) Entered(_ Store, c *call) (bot.Reply, error) {
	const (
		about = "，帮联合体登记活动、跟进诉求。直接说事就行，比如“活动”“报诉求”。\n我只留存您对我说的话，30天后只保留登记内容。回“帮助”看全部。"
		word  = "请回我一句，以后有变动我就能私聊通知您；回“我的”，看您报的名、报的诉求和该您办的事。"
	)
	hello := "您好，我是" + v.BotName
	switch {
	case c.New && c.Awaited():
		return bot.Say(hello + about + "\n" + word), nil
	case c.New:
		return bot.Say(hello + about), nil
	case c.Awaited():
		return bot.Say(hello + "。" + word), nil
	}
	return bot.Reply{}, nil
}

// Joined implements bot.Voice.
func (v Voice) Joined(s Store, c *call) (bot.Reply, error) {
	if c.Consortium != 0 {
		into, err := s.Consortium(consortium.ID(c.Consortium))
		if err != nil {
			return bot.Reply{}, fmt.Errorf("load consortium: %w", err)
		}
		if into.Kind != consortium.Local {
			return bot.Say("大家好，" + v.BotName + "回来了。" + v.boundText(into.Name)), nil
		}
	}
	return bot.Say("大家好，我是" + v.BotName + "。请联络员或统筹员发“@" + v.BotName + " 绑定联合体 名称”，之后活动登记、报名、周报都在这里。"), nil
}

package handlers

import (
	"fmt"

	"lianbang/bot"
	"lianbang/consortium"
)

// Entry is what a calendar shows of an activity: nothing that not everybody may see, and no reminder, because the bot reminds.
func (d *Desk) Entry(a consortium.Activity) bot.Reply {
	return bot.Reply{Topic: code(a.ID), Class: bot.Public, Entry: &bot.Entry{
		Title: a.Title, Start: a.Start, End: a.Ends(), Place: a.Place,
		Note: fmt.Sprintf("主办：%s\n时间、地点有变，这里会跟着改。来不了请告诉%s“取消报名 %s”。", a.Host, d.BotName, code(a.ID)),
	}}
}

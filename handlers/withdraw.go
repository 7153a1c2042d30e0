package handlers

import (
	"fmt"

	"lianbang/bot"
	"lianbang/consortium"
)

// withdrawnNeed takes back one's own need that nobody handles yet, however old it is. What is the asker's last act is undone
// like any other.
func (d *Desk) withdrawnNeed(s Store, c *call, id int64) (bot.Reply, error) {
	c.Codes = map[string]int64{"S": id}
	n, err := d.loadNeed(s, c, consortium.Need.Unfinished)
	if err != nil {
		return bot.Reply{}, err
	}
	switch {
	case n.Reporter != consortium.PersonID(c.Person):
		return bot.Reply{}, refuse("not-yours", "%s 要由报送的人来撤回。", needCode(n.ID))
	case n.State != consortium.Reported:
		return bot.Reply{}, refuse("built-on", "%s 现在是“%s”，已有人接着办，不能撤回。要停办请告诉统筹员。", needCode(n.ID), stateText(n))
	}
	before := n
	n.State = consortium.NeedWithdrawn
	if err := saveNeed(s, c, before, &n, "撤回"); err != nil {
		return bot.Reply{}, err
	}
	return confidential(fmt.Sprintf("%s 已撤回，不再派单。10分钟内可“撤销”。", needCode(n.ID))), nil
}

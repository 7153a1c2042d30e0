package wecom

// Describe says in Chinese what this configuration can do, in one line, and what it cannot, in one line each, for the
// operator. Most of it is the platform's own doing.
func (a *Adapter) Describe() (does string, cannot []string) {
	c := a.conf
	add := func(when bool, line string) {
		if when {
			cannot = append(cannot, line)
		}
	}
	app, chats := c.App != nil, c.App != nil && len(c.App.Chats) > 0
	switch {
	case c.connects():
		does = "智能机器人(长连接)：群里 @ 它和私聊都能用，不需要公网地址"
	case c.Bot != nil:
		does = "智能机器人(回调)：群里 @ 它和私聊都能用"
	case c.App.hears():
		does = "自建应用：只能在应用里私聊"
	case app:
		does = "自建应用：只能发，不能收"
	default:
		does = "群消息推送：只能往群里发"
	}
	if c.Bot != nil {
		if app {
			does += "；自建应用：有姓名，没找过它的人也能私信"
		}
		if chats || len(c.Groups) > 0 {
			does += "；群消息推送：提醒和周报多一条路"
		}
		add(true, "群里没有 @ 它的话收不到；群里只收得到文字、图文和引用，照片、语音、文件要私聊发给它(企业微信的限制)")
		add(true, "群里不能 @ 人(企业微信的限制)")
		add(!app, "看不到姓名，只有账号；有的账号是密文，只显示“成员”加编号，可以请本人报上姓名。加自建应用(app)就有姓名")
		add(c.Home == "", "卡片上的按钮点完不能变成“已办好”，改用一句话回复；填 home 就可以")
	}
	if c.connects() {
		add(!app, "没私聊过它的人，没 @ 过它的群，不能主动找：请他先私聊一句，在群里 @ 它一次；通知不到谁，它会说出来。加自建应用(app)就能私信可见范围里的人")
	}
	if c.Bot != nil && !c.connects() {
		add(true, "不能主动往群里发，只能一小时内回复一次；提醒和简报要靠 groups 里的消息推送，或改用长连接")
		add(!app, "不能主动私信：活动变动通知不到个人，它会说出来。加自建应用(app)，或改用长连接")
		add(!app && len(c.Groups) == 0, "不能发文件，只说文件名")
		add(true, "回调要有企业微信能访问到的公网 https 地址")
	}
	if c.Bot == nil {
		add(app, "群里的话收不到：自建应用不进群。要在群里用，加智能机器人(bot)")
		add(!app, "没有人能跟它说话，它也不能私信：收消息要智能机器人(bot)或自建应用(app)")
		add(app && !chats && len(c.Groups) == 0, "不能往群里发：给群加“消息推送”，把地址填进 groups")
	}
	if app && c.App.Calendar {
		does += "；活动进参加人的日程"
	}
	if app {
		add(true, "自建应用要在“企业可信 IP”里填本机的出口 IP，否则发不出去(60020)")
		add(!c.App.hears(), "自建应用没有填 token 和 aes_key：应用里的话和按钮收不到，卡片只当文字发")
	}
	return does, cannot
}

package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"lianbang/bot"
	"lianbang/bot/feishu"
)

type doctorFeishu struct {
	Account string `help:"Only this account." placeholder:"NAME"`
	Send    string `help:"Send a test message: to a group (oc_…, or the title of a group of custom bots) or to a person (ou_…)." placeholder:"CHAT_ID"`
}

// Run implements the command doctor feishu.
func (d *doctorFeishu) Run(ctx context.Context, cli *commands, io console) error {
	cfg, err := cli.load()
	if err != nil {
		return err
	}
	c := checkup{platform: "飞书", key: "feishu", manual: "docs/feishu.zh-CN.md"}
	for _, f := range cfg.Feishu {
		c.accounts = append(c.accounts, examinee{f.account(), f.headline(), func(ctx context.Context) []bot.Finding { return d.examine(ctx, f) }})
	}
	alone := ""
	if d.Send != "" {
		alone = "--send"
	}
	return c.run(ctx, io, d.Account, alone)
}

// headline says what an account is.
func (f FeishuConfig) headline() string {
	switch {
	case f.pushOnly():
		return fmt.Sprintf("自定义机器人，只推送，%d 个群", len(f.Groups))
	case f.mode() == feishu.Webhook:
		return fmt.Sprintf("应用 %s，webhook 方式，接收路径 %s", f.AppID, f.path())
	}
	return fmt.Sprintf("应用 %s，长连接方式", f.AppID)
}

// examine looks at one account.
func (d *doctorFeishu) examine(ctx context.Context, f FeishuConfig) []bot.Finding {
	if f.pushOnly() {
		return d.examineHooks(ctx, f)
	}
	to := bot.Address{Platform: feishu.Platform, Account: f.account()}
	switch {
	case d.Send == "":
		to = bot.Address{}
	case strings.HasPrefix(d.Send, "oc_"):
		to.Chat = bot.ChatKey(d.Send)
	case strings.HasPrefix(d.Send, "ou_"):
		to.User = bot.UserKey(d.Send)
	default:
		return append(feishu.Examine(ctx, f.app(), bot.Address{}), bot.Finding{
			What: "试发消息", Detail: "“" + d.Send + "”不是会话", Do: "--send 后面写群的 chat_id(oc_ 开头)或人的 open_id(ou_ 开头)"})
	}
	return feishu.Examine(ctx, f.app(), to)
}

// examineHooks says of each group what can be known: only a message shows whether its address is right.
func (d *doctorFeishu) examineHooks(ctx context.Context, f FeishuConfig) (out []bot.Finding) {
	hooks, err := feishu.NewHooks(f.hooks())
	if err != nil {
		return []bot.Finding{{What: "配置", Detail: err.Error(), Do: "改好配置再试"}}
	}
	sent := d.Send == ""
	for _, r := range f.rooms() {
		finding := bot.Finding{What: "群 " + r.title, OK: true, Detail: "地址的样子对，没有试发",
			Do: fmt.Sprintf("要试发就加上 --account %s --send %s", f.account(), r.title)}
		if r.title == d.Send {
			sent = true
			finding = tryHook(ctx, hooks, r)
		}
		out = append(out, finding)
	}
	if !sent {
		out = append(out, bot.Finding{What: "试发消息", Detail: "这个账号没有“" + d.Send + "”这个群", Do: "--send 后面写上面的一个群名"})
	}
	return out
}

// tryHook sends a test message into a group of a custom bot.
func tryHook(ctx context.Context, hooks *feishu.Hooks, r namedRoom) bot.Finding {
	now := time.Now()
	_, err := hooks.Send(ctx, bot.Delivery{Key: fmt.Sprintf("doctor/%d", now.UnixNano()), To: r.at, Attempt: 1,
		Body: bot.Say("这是一条测试消息，收到就说明这个群的推送通了。")})
	if err == nil {
		return bot.Finding{What: "群 " + r.title, OK: true, Detail: "测试消息已发出"}
	}
	code := bot.AsSendError(err).Code
	why := "错误码 " + code
	switch code {
	case "":
		why = inChinese(err)
	case "network", "timeout":
		why = "没连上飞书"
	}
	return bot.Finding{What: "群 " + r.title, Detail: "测试消息没有发出(" + why + ")", Do: hookRemedy(code)}
}

// hookRemedy is what to do about the code of a custom bot's refusal (自定义机器人使用指南).
func hookRemedy(code string) string {
	switch code {
	case "network", "timeout":
		return "检查网络和 HTTPS_PROXY，过一会儿再试"
	case "19001":
		return "地址不对或机器人已被移除：在群设置的“群机器人”里重新复制 Webhook 地址"
	case "19021":
		return "签名不对：把群机器人“签名校验”里的密钥写进 secret，并校准本机时间"
	case "19022":
		return "本机的出口 IP 不在群机器人的“IP 白名单”里：加进去，或关掉白名单"
	case "19024":
		return "群机器人设了“自定义关键词”：去掉它，改用“签名校验”"
	}
	return "过一会儿再试；一直不行，就在群里删掉这个机器人，重新添加一个"
}

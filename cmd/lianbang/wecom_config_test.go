package main

import (
	"strings"
	"testing"

	"lianbang/bot/wecom"
)

const (
	wecomHookURL = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + secretWord
	aesKey       = "Zg7SealedKey0123456789abcdefghijklmnopqrstu"
)

const (
	aiBot    = "bot: {id: aibOne, secret: " + secretWord + "}"
	called   = "bot: {mode: callback, token: " + secretWord + ", aes_key: " + aesKey + "}"
	ownApp   = "app: {corp_id: ww1a2b3c4d5e6f7081, agent_id: 1000042, secret: " + secretWord + "}"
	ownGroup = "{title: 外部企业群, url: \"" + wecomHookURL + "\", consortium: 光电信息}"
)

// TestWeComConfig: what is right is taken as it is meant.
func TestWeComConfig(t *testing.T) {
	t.Setenv("LIANBANG_WECOM_PARK_2_BOT_TOKEN", secretWord+"2")
	t.Setenv("LIANBANG_WECOM_PARK_2_APP_SECRET", secretWord+"3")
	cfg, err := LoadConfig(withSecrets(t, `
bot_name: 小联
wecom:
  - bot: {id: aibOne, secret_file: DIR/secret}
    groups:
      - {chat: wrAbCdEf0001, title: 光电信息群, url_file: DIR/wecom-url}
      - {title: 一/二支部群, url_file: DIR/wecom-url, consortium: 光电信息}
  - name: park-2
    bot: {mode: callback, name: 园区 助手, token: overridden, aes_key_file: DIR/aes}
    app: {corp_id: ww1a2b3c4d5e6f7081, agent_id: 1000042, token_file: DIR/secret, aes_key_file: DIR/aes, path: /in/app}
    groups:
      - {title: 值班群, appchat: duty2026, consortium: 光电信息}
    home: https://example.com/
  - name: push
    groups: [`+ownGroup+`]
`))
	if err != nil {
		t.Fatal(err)
	}
	first, second, push := cfg.WeCom[0].adapter(cfg.BotName), cfg.WeCom[1].adapter(cfg.BotName), cfg.WeCom[2].adapter(cfg.BotName)
	for _, c := range []struct{ what, got, want string }{
		{"account without a name", first.Account, "main"},
		{"the bot's name", first.Bot.Name, "小联"},
		{"secret from a file", first.Bot.Secret, secretWord},
		{"group of the bot", string(first.Groups[0].Chat), "wrAbCdEf0001"},
		{"its webhook", first.Groups[0].URL, wecomHookURL},
		{"group without the bot", string(first.Groups[1].Chat), "push:一/二支部群"},
		{"mode", second.Bot.Mode, wecom.ModeCallback},
		{"the bot's own name", second.Bot.Name, "园区 助手"},
		{"token from the environment", second.Bot.Token, secretWord + "2"},
		{"key from a file", second.Bot.AESKey, aesKey},
		{"secret from the environment", second.App.Secret, secretWord + "3"},
		{"group chat of the app", second.App.Chats["push:值班群"], "duty2026"},
		{"the app's path", second.App.Path, "/in/app"},
		{"home", second.Home, "https://example.com/"},
		{"push", push.Groups[0].URL, wecomHookURL},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
	rooms := cfg.WeCom[0].rooms()
	if len(rooms) != 2 || rooms[0].consortium != "" || rooms[1].consortium != "光电信息" || pushedOnly(rooms[0].at.Chat) || !pushedOnly(rooms[1].at.Chat) {
		t.Errorf("rooms %+v", rooms)
	}
	doubts := strings.Join(cfg.doubts(), "\n")
	for _, want := range []string{"wecom 第2项 bot.path：企业微信要从外网推送进来，而 listen 是 127.0.0.1:8080", "/wecom/park-2/bot 转到这里", "https 的 /in/app 转到这里"} {
		if !strings.Contains(doubts, want) {
			t.Errorf("%q is not in\n%s", want, doubts)
		}
	}
	if strings.Contains(doubts, "第1项") || strings.Contains(doubts, "第3项") {
		t.Errorf("doubts about what is plain:\n%s", doubts)
	}
}

// TestWeComMistakes: every mistake is named with its place, all at once, and none shows a secret.
func TestWeComMistakes(t *testing.T) {
	one := func(keys ...string) string { return "wecom: [{" + strings.Join(keys, ", ") + "}]" }
	group := func(keys string) string { return one(aiBot, "groups: [{"+keys+"}]") }
	for _, c := range []struct {
		text  string
		wants []string
	}{
		{one(), []string{"有 1 处要改", "wecom 第1项 bot、app、groups 至少填一样"}},
		{one("bot: {}"), []string{"有 2 处要改", "wecom 第1项 bot.id 没有填", "wecom 第1项 bot.secret 没有填"}},
		{one("app: {}"), []string{"有 3 处要改", "第1项 app.corp_id 没有填", "第1项 app.secret 没有填", "第1项 app.agent_id 没有填"}},
		{one("bot: {id: ww1a2b3c4d5e6f7081, secret: " + secretWord + "}"), []string{"有 1 处要改", "第1项 bot.id 像是企业 ID"}},
		{one("bot: {id: aibOne, secret: \"" + secretWord + " x\"}"), []string{"有 1 处要改", "第1项 bot.secret 里有空格、换行或中文字符"}},
		{one("bot: {mode: webhook, id: aibOne, secret: x}"), []string{"有 1 处要改", "第1项 bot.mode 只能是 websocket 或 callback"}},
		{one("bot: {id: aibOne, secret: x, url: \"ws://openws.work.weixin.qq.com\"}"), []string{"有 1 处要改", "第1项 bot.url 要用 wss"}},
		{one("bot: {mode: callback}"), []string{"有 2 处要改", "第1项 bot.token 没有填", "第1项 bot.aes_key 应是 43 个字母和数字"}},
		{one("bot: {mode: callback, token: t, aes_key: " + aesKey[1:] + "}"), []string{"有 1 处要改", "第1项 bot.aes_key 应是 43 个字母和数字"}},
		{one(called, strings.Replace(ownApp, "}", ", token: t, aes_key: "+aesKey+", path: /wecom/main/bot}", 1)),
			[]string{"有 1 处要改", "wecom 第1项 app.path：/wecom/main/bot 和 wecom 第1项 bot.path 相同"}},
		{"feishu: [{" + app + ", mode: webhook, encrypt_key: k, path: /in}]\n" + one(strings.Replace(called, "}", ", path: /in}", 1)),
			[]string{"有 1 处要改", "wecom 第1项 bot.path：/in 和 feishu 第1项 path 相同"}},
		{one(strings.Replace(called, "}", ", path: in}", 1)), []string{"有 1 处要改", "wecom 第1项 bot.path：“in”不行，要写成 /wecom/main 这样"}},
		{one(strings.Replace(called, "}", ", path: /metrics}", 1)), []string{"有 1 处要改", "wecom 第1项 bot.path：/metrics 已有别的用处"}},
		{one(strings.Replace(ownApp, "}", ", path: /in}", 1)), []string{"有 2 处要改", "第1项 app.token 没有填", "第1项 app.aes_key 应是"}},
		{one(strings.Replace(ownApp, "}", ", base_url: \"http://qyapi.weixin.qq.com\"}", 1)), []string{"有 1 处要改", "第1项 app.base_url 要用 https"}},
		{one(aiBot, "name: 总部"), []string{"有 1 处要改", "第1项 name：“总部”不行"}},
		{one(called, "name: 总部"), []string{"有 1 处要改", "第1项 name：“总部”不行"}},
		{one(aiBot, "home: example.com"), []string{"有 1 处要改", "第1项 home 要是 https:// 开头的网址"}},
		{"wecom: [{" + aiBot + "}, {bot: {id: aibTwo, secret: x}}]", []string{"有 1 处要改", "第2项 name：main 和第1项相同"}},
		{"wecom: [{" + aiBot + "}, {name: b, " + aiBot + "}]", []string{"有 1 处要改", "第2项 bot.id：aibOne 和第1项相同，一个机器人只写一次"}},
		{one("bot: {id: aibOne, secret_file: DIR/none}"), []string{"有 1 处要改", "第1项 bot.secret_file：找不到 "}},
		{one("bot: {mode: callback, token: t, aes_key_file: DIR/empty}"), []string{"有 1 处要改", "第1项 bot.aes_key_file：", "是空的"}},
		{one("bot: {id: aibOne, secret: " + secretWord + ", secret_file: DIR/secret}"), []string{"有 1 处要改", "第1项 bot.secret：和 secret_file 只写一个"}},
		{one("groups: [{}]"), []string{"有 3 处要改", "groups 第1项 title：要写群名", "groups 第1项 url：要写群“消息推送”", "groups 第1项 consortium：要写联合体的名称"}},
		{one("groups: [{title: 群, url_file: DIR/none, consortium: 光电}]"), []string{"有 1 处要改", "groups 第1项 url_file：找不到"}},
		{group("title: 群, consortium: 光电, url: \"https://qyapi.weixin.qq.com/" + secretWord + "\""), []string{"有 1 处要改", "groups 第1项 url：不是“消息推送”的地址"}},
		{group("title: 群, consortium: 光电, url: \"" + strings.Replace(wecomHookURL, "https", "http", 1) + "\""), []string{"有 1 处要改", "groups 第1项 url"}},
		{group("title: 群, consortium: 光电, url: \"" + hookURL + "\""), []string{"有 1 处要改", "groups 第1项 url：不是“消息推送”的地址"}},
		{group("chat: wrOne, consortium: 光电, url: \"" + wecomHookURL + "\""), []string{"有 1 处要改", "groups 第1项 consortium：群里有智能机器人"}},
		{group("chat: 光电信息群, url: \"" + wecomHookURL + "\""), []string{"有 1 处要改", "groups 第1项 chat：不是群的编号"}},
		{group("chat: wrOne, url: \"" + wecomHookURL + "\"}, {chat: wrOne, url_file: DIR/wecom-url"), []string{"有 1 处要改", "groups 第2项 chat：和第1项相同"}},
		{group("title: 群, consortium: 光电, appchat: duty"), []string{"有 1 处要改", "groups 第1项 appchat：appchat 是自建应用建的群"}},
		{one(ownApp, "groups: [{title: 群, consortium: 光电, appchat: 值班}]"), []string{"有 1 处要改", "groups 第1项 appchat：要写建群时的 chatid"}},
		{one(ownApp, "groups: [{chat: wrOne, url: \""+wecomHookURL+"\"}]"), []string{"有 1 处要改", "groups 第1项 chat：chat 是智能机器人所在群的编号"}},
		{one("bot: {id: aibOne, secrt: x}"), []string{"没有 secrt 这个配置项，这里可以写 mode、name、id、secret、secret_file"}},
		{one("bot: " + secretWord), []string{"第1行：这里要写一组配置项，每行一个，写成了文字"}},
		{one("app: {corp_id: ww1a2b3c4d5e6f7081, secret: x, agent_id: 一}"), []string{"第1行：这里要写整数，写成了文字"}},
		{group("titel: x"), []string{"没有 titel 这个配置项，这里可以写 chat、title、url"}},
	} {
		got := refused(t, 1, "check-config", "--config", withSecrets(t, c.text))
		for _, want := range c.wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q is not in\n%s", c.text, want, got)
			}
		}
		if strings.Contains(got, secretWord[:6]) || strings.Contains(got, aesKey[1:9]) || strings.Contains(got, "main.") || strings.Contains(got, "!!") {
			t.Errorf("%s: shows what it must not:\n%s", c.text, got)
		}
	}
}

// TestWeComAbilities: check-config says what each way of being on WeCom is not good for.
func TestWeComAbilities(t *testing.T) {
	for name, c := range map[string]struct {
		text         string
		wants, never []string
	}{
		"the AI bot alone":         {aiBot, []string{"企业微信账号 main：智能机器人(长连接)", "群里不能 @ 人", "照片、语音、文件要私聊", "看不到姓名"}, []string{"60020"}},
		"with a webhook":           {aiBot + ", groups: [{chat: wrOne, url: \"" + wecomHookURL + "\"}]", []string{"看不到姓名", "多一条路"}, []string{"60020"}},
		"with the app":             {aiBot + ", " + ownApp, []string{"60020", "群里不能 @ 人"}, []string{"看不到姓名"}},
		"callbacks":                {called, []string{"智能机器人(回调)", "不能主动往群里发", "公网 https"}, []string{"60020"}},
		"the app alone":            {ownApp, []string{"只能发，不能收", "群里的话收不到", "60020"}, []string{"智能机器人(长"}},
		"the webhook of one group": {"groups: [" + ownGroup + "]", []string{"只能往群里发", "没有人能跟它说话"}, []string{"60020"}},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			got := lianbang(t, "", "check-config", "--config", withSecrets(t, "wecom: [{"+c.text+"}]"))
			for _, want := range append(c.wants, "配置没有问题。", "  要知道：") {
				if !strings.Contains(got, want) {
					t.Errorf("%q is not in\n%s", want, got)
				}
			}
			for _, never := range append(c.never, secretWord) {
				if strings.Contains(got, never) {
					t.Errorf("%q is in\n%s", never, got)
				}
			}
		})
	}
}

// TestWeComExample: the account that the example shows in its comments is one, once it is no comment.
func TestWeComExample(t *testing.T) {
	cfg, err := LoadConfig(withSecrets(t, exampleOf(t, "wecom", "./secrets/wecom-main-bot", "DIR/secret", "./secrets/wecom-main-app", "DIR/secret",
		"./secrets/wecom-main-1", "DIR/wecom-url", "./secrets/wecom-main-2", "DIR/wecom-url")))
	if err != nil {
		t.Fatal(err)
	}
	if w := cfg.WeCom; len(w) != 1 || w[0].Bot.Secret != secretWord || w[0].App.Secret != secretWord || len(w[0].Groups) != 2 || len(cfg.doubts()) != 0 {
		t.Errorf("%+v %q", w, cfg.doubts())
	}
}

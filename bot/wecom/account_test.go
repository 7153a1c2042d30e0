package wecom

import (
	"strings"
	"testing"

	"lianbang/bot"
)

// sound is a configuration with everything.
func sound() Config {
	return Config{Account: "hq", Home: "https://lianbang.example/",
		Bot: &BotConfig{Name: "联帮", ID: "aib0001", Secret: "s1"},
		App: &AppConfig{CorpID: "ww00aa11bb22cc33dd", Secret: "s2", AgentID: 1000042, Token: "t1", AESKey: testKey,
			Chats: map[bot.ChatKey]string{"wrGROUP": "duty2026"}},
		Groups: []GroupHook{{Chat: "wrGROUP", URL: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k1"}}}
}

func TestCompleteFillsIn(t *testing.T) {
	a, err := New(sound())
	if err != nil {
		t.Fatal(err)
	}
	c := a.conf
	if c.Bot.Mode != ModeWebsocket || c.Bot.URL != DefaultBotURL || c.App.BaseURL != DefaultBaseURL || c.App.Path != "/wecom/hq/app" ||
		c.Logger == nil || c.Now == nil || c.Count == nil {
		t.Errorf("%+v %+v %+v", c, c.Bot, c.App)
	}
	if p, n := a.Name(); p != Platform || n != "hq" {
		t.Error(p, n)
	}
}

// TestBadConfig: every complaint names the field, and none quotes a secret.
func TestBadConfig(t *testing.T) {
	for want, spoil := range map[string]func(*Config){
		"account ":       func(c *Config) { c.Account = "a/b" },
		"bot、app、groups": func(c *Config) { c.Bot, c.App, c.Groups = nil, nil, nil },
		"bot.mode ":      func(c *Config) { c.Bot.Mode = "poll" },
		"bot.id 像是企业 ID": func(c *Config) { c.Bot.ID = "ww00aa11bb22cc33dd" },
		"bot.id 没有填":     func(c *Config) { c.Bot.ID = "" },
		"bot.secret 没有填": func(c *Config) { c.Bot.Secret = "" },
		"bot.secret 里有":  func(c *Config) { c.Bot.Secret = "SECRET密" },
		"bot.url 要用 wss": func(c *Config) { c.Bot.URL = "ws://example.com/SECRET" },
		"bot.token ":     func(c *Config) { c.Bot.Mode, c.Bot.AESKey = ModeCallback, testKey },
		"bot.aes_key ":   func(c *Config) { c.Bot.Mode, c.Bot.Token, c.Bot.AESKey = ModeCallback, "t", "SECRET" },
		"bot.path ":      func(c *Config) { c.Bot = &BotConfig{Mode: ModeCallback, Token: "t", AESKey: testKey, Path: "x"} },
		"app.path 和 bot.path": func(c *Config) {
			c.Bot = &BotConfig{Mode: ModeCallback, Token: "t", AESKey: testKey, Path: "/wecom/hq/app"}
		},
		"app.corp_id 没有填":               func(c *Config) { c.App.CorpID = "" },
		"app.secret 没有填":                func(c *Config) { c.App.Secret = "" },
		"app.agent_id ":                 func(c *Config) { c.App.AgentID = 0 },
		"app.base_url 应是":               func(c *Config) { c.App.BaseURL = "https://user:SECRET@example.com" },
		"app.base_url 要用":               func(c *Config) { c.App.BaseURL = "http://example.com" },
		"app.token 没有填":                 func(c *Config) { c.App.Token = "" },
		"app.aes_key ":                  func(c *Config) { c.App.AESKey = "SECRET" },
		"app.chats ":                    func(c *Config) { c.App.Chats["wrX"] = "有中文" },
		"groups 第 1 项(wrGROUP)的 url 不是": func(c *Config) { c.Groups[0].URL = "https://example.com/SECRET" },
		"groups 第 1 项(wrGROUP)的 url 要用": func(c *Config) { c.Groups[0].URL = "http://example.com/cgi-bin/webhook/send?key=SECRET" },
		"groups 第 1 项()的 chat":          func(c *Config) { c.Groups[0].Chat = "" },
		"groups 第 2 项(wrGROUP)的 chat":   func(c *Config) { c.Groups = append(c.Groups, c.Groups[0]) },
		"home ":                         func(c *Config) { c.Home = "http://example.com" },
	} {
		c := sound()
		spoil(&c)
		_, err := New(c)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// TestCapsFollow: what the account can do follows from what the operator has.
func TestCapsFollow(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		want   func(bot.Caps) bool
	}{
		"all": {func(*Config) {}, func(c bot.Caps) bool {
			return c.Mentions && c.Files && c.Forms && c.InPlace && !c.Dedup && !c.Updates && c.MaxButtons == 6 && c.Private == bot.Anybody
		}},
		"bot": {func(c *Config) { c.App, c.Groups = nil, nil }, func(c bot.Caps) bool {
			return !c.Mentions && c.Files && c.Forms && !c.Deaf && c.MaxBytes == 12<<10 && c.Private == bot.Acquainted
		}},
		"bot and hooks": {func(c *Config) { c.App = nil }, func(c bot.Caps) bool { return c.Mentions && c.Private == bot.Acquainted }},
		"callback": {func(c *Config) {
			*c = Config{Account: "a", Bot: &BotConfig{Mode: ModeCallback, Token: "t", AESKey: testKey}}
		}, func(c bot.Caps) bool { return !c.Files && c.Forms && c.InPlace && c.Private == bot.Nobody }},
		"callback with app": {func(c *Config) {
			c.Bot, c.App.Path = &BotConfig{Mode: ModeCallback, Token: "t", AESKey: testKey}, ""
		}, func(c bot.Caps) bool { return c.Private == bot.Anybody }},
		"app": {func(c *Config) { c.Bot, c.Groups, c.App.Chats = nil, nil, nil }, func(c bot.Caps) bool {
			return c.Dedup && c.InPlace && !c.Updates && !c.Mentions && c.MaxBytes < 2048 && c.Private == bot.Anybody
		}},
		"app mute": {func(c *Config) { c.Bot, c.Groups, c.App.Chats, c.App.Token, c.App.AESKey = nil, nil, nil, "", "" }, func(c bot.Caps) bool { return c.Dedup && !c.Forms && c.MaxButtons == 0 && !c.InPlace && c.Deaf }},
		"hooks": {func(c *Config) { c.Bot, c.App = nil, nil }, func(c bot.Caps) bool {
			return c.Mentions && c.Files && c.Deaf && !c.Forms && c.MaxButtons == 0 && c.Chat.Burst == 5 && c.MaxBytes > 4096 && c.Private == bot.Nobody
		}},
	} {
		conf := sound()
		c.change(&conf)
		a, err := New(conf)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Caps(); !c.want(got) {
			t.Errorf("%s: %+v", name, got)
		}
		if p := a.Caps().Chat; p.Burst+int(60e9/p.Interval) > 30 || p.Burst+int(3600e9/p.Interval) > 1000 {
			t.Errorf("%s: the pace %v is above the platform's", name, p)
		}
	}
}

// TestDescribe: every shortcoming is said for the accounts that have it, and only for them.
func TestDescribe(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		says   string
		silent string
	}{
		"all": {func(*Config) {}, "可信 IP", "看不到姓名"},
		"bot": {func(c *Config) { c.App, c.Groups, c.Home = nil, nil, "" }, "群里不能 @ 人 看不到姓名 不能主动找 通知不到谁 填 home", "可信 IP"},
		"callback": {func(c *Config) {
			*c = Config{Account: "a", Bot: &BotConfig{Mode: ModeCallback, Token: "t", AESKey: testKey}}
		}, "不能主动往群里发 不能主动私信 不能发文件 公网", "可信 IP"},
		"app":   {func(c *Config) { c.Bot, c.Groups, c.App.Chats = nil, nil, nil }, "自建应用不进群 不能往群里发", "没有人能跟它说话"},
		"hooks": {func(c *Config) { c.Bot, c.App = nil, nil }, "没有人能跟它说话", "可信 IP"},
	} {
		conf := sound()
		c.change(&conf)
		a, err := New(conf)
		if err != nil {
			t.Fatal(err)
		}
		does, cannot := a.Describe()
		all := strings.Join(cannot, "\n")
		for _, want := range strings.Split(c.says, " ") {
			if !strings.Contains(strings.ReplaceAll(all, " ", ""), want) {
				t.Errorf("%s does not say %q:\n%s", name, want, all)
			}
		}
		if does == "" || strings.Contains(all, c.silent) || strings.Contains(does, "多一条路") != (name == "all") {
			t.Errorf("%s: %s\n%s", name, does, all)
		}
	}
}

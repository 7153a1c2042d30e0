package main

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"strings"

	"lianbang/bot"
	"lianbang/bot/wecom"
)

// WeComConfig is one account on WeCom: an AI bot, a self-built app and the webhooks of groups, any of them or all together.
type WeComConfig struct {
	Name   string       `yaml:"name"`
	Bot    *WeComBot    `yaml:"bot"`
	App    *WeComApp    `yaml:"app"`
	Groups []WeComGroup `yaml:"groups"`
	Home   string       `yaml:"home"`
}

// WeComBot is an AI bot (智能机器人).
type WeComBot struct {
	Mode       string `yaml:"mode"`
	Name       string `yaml:"name"`
	ID         string `yaml:"id"`
	Secret     Secret `yaml:"secret"`
	SecretFile string `yaml:"secret_file"`
	URL        string `yaml:"url"`
	Token      Secret `yaml:"token"`
	TokenFile  string `yaml:"token_file"`
	AESKey     Secret `yaml:"aes_key"`
	AESKeyFile string `yaml:"aes_key_file"`
	Path       string `yaml:"path"`
}

// WeComApp is a self-built app (自建应用).
type WeComApp struct {
	CorpID     string `yaml:"corp_id"`
	AgentID    int    `yaml:"agent_id"`
	Secret     Secret `yaml:"secret"`
	SecretFile string `yaml:"secret_file"`
	BaseURL    string `yaml:"base_url"`
	Token      Secret `yaml:"token"`
	TokenFile  string `yaml:"token_file"`
	AESKey     Secret `yaml:"aes_key"`
	AESKeyFile string `yaml:"aes_key_file"`
	Path       string `yaml:"path"`
	Calendar   *bool  `yaml:"calendar"` // activities are entered in calendars; nil = yes, where the platform allows it
}

// WeComGroup is a group with a webhook (消息推送) or with a group chat of the app. Chat is set where the AI bot is in it;
// the other groups are pushed to, and nobody in them is heard.
type WeComGroup struct {
	Chat       string `yaml:"chat"`
	Title      string `yaml:"title"`
	URL        Secret `yaml:"url"`
	URLFile    string `yaml:"url_file"`
	AppChat    string `yaml:"appchat"`
	Consortium string `yaml:"consortium"`
}

// pushedPrefix begins the chat keys of groups without the AI bot. No chatid of WeCom has a colon.
const pushedPrefix = "push:"

// pushedOnly reports whether a chat is a group without the AI bot.
func pushedOnly(chat bot.ChatKey) bool { return strings.HasPrefix(string(chat), pushedPrefix) }

// key is the group's chat key.
func (g WeComGroup) key() bot.ChatKey {
	if g.Chat != "" {
		return bot.ChatKey(g.Chat)
	}
	return bot.ChatKey(pushedPrefix + g.Title)
}

// account is the name in addresses.
func (w WeComConfig) account() string { return cmp.Or(w.Name, "main") }

// wecomKey is the path of a key of the account at index i, as operators count.
func wecomKey(i int, key string) string { return fmt.Sprintf("wecom 第%d项 %s", i+1, key) }

func wecomGroupKey(i, group int, key string) string {
	return wecomKey(i, fmt.Sprintf("groups 第%d项 %s", group+1, key))
}

// secrets lists the account's secrets, to be filled in.
func (w *WeComConfig) secrets(i int) (keys []secretKey) {
	variable := environmentOf("wecom", w.account())
	if b := w.Bot; b != nil {
		keys = append(keys,
			secretKey{wecomKey(i, "bot.secret"), &b.Secret, b.SecretFile, variable + "_BOT_SECRET"},
			secretKey{wecomKey(i, "bot.token"), &b.Token, b.TokenFile, variable + "_BOT_TOKEN"},
			secretKey{wecomKey(i, "bot.aes_key"), &b.AESKey, b.AESKeyFile, variable + "_BOT_AES_KEY"})
	}
	if p := w.App; p != nil {
		keys = append(keys,
			secretKey{wecomKey(i, "app.secret"), &p.Secret, p.SecretFile, variable + "_APP_SECRET"},
			secretKey{wecomKey(i, "app.token"), &p.Token, p.TokenFile, variable + "_APP_TOKEN"},
			secretKey{wecomKey(i, "app.aes_key"), &p.AESKey, p.AESKeyFile, variable + "_APP_AES_KEY"})
	}
	for n := range w.Groups {
		g := &w.Groups[n]
		keys = append(keys, secretKey{wecomGroupKey(i, n, "url"), &g.URL, g.URLFile, ""})
	}
	return keys
}

// validateWeCom reports all problems of the accounts, and of what they must not share.
func validateWeCom(accounts []WeComConfig) (problems []error) {
	names, bots := map[string]int{}, map[string]int{}
	for i, w := range accounts {
		bad := func(key, format string, args ...any) {
			problems = append(problems, fmt.Errorf("%s：%s", wecomKey(i, key), fmt.Sprintf(format, args...)))
		}
		once := func(seen map[string]int, key, value, why string) {
			if first, taken := seen[value]; taken {
				bad(key, "%s 和第%d项相同，%s", value, first+1, why)
			} else {
				seen[value] = i
			}
		}
		if why := wrongAccountName(w.account()); why != "" {
			bad("name", "%s", why)
		}
		once(names, "name", w.account(), "各账号的名字要不同")
		if w.Bot != nil && w.Bot.ID != "" {
			once(bots, "bot.id", w.Bot.ID, "一个机器人只写一次，不然几条连接会互相顶掉")
		}
		for _, err := range w.refusals() {
			problems = append(problems, fmt.Errorf("wecom 第%d项 %w", i+1, err))
		}
		problems = append(problems, w.validateGroups(i)...)
	}
	return problems
}

// refusals are what the adapter finds wrong with the bot, the app and the rest, but for groups and paths. A secret whose
// file could not be read has been complained of and counts as given.
func (w WeComConfig) refusals() []error {
	c := w.adapter("")
	c.Account = "main"
	if b := w.Bot; b != nil {
		c.Bot.Secret, c.Bot.Token = given(b.Secret, b.SecretFile), given(b.Token, b.TokenFile)
		c.Bot.AESKey, c.Bot.Path = given(b.AESKey, b.AESKeyFile), ""
	}
	if p := w.App; p != nil {
		c.App.Secret, c.App.Token = given(p.Secret, p.SecretFile), given(p.Token, p.TokenFile)
		c.App.AESKey, c.App.Chats = given(p.AESKey, p.AESKeyFile), nil
		if p.Path != "" {
			c.App.Path = "/app"
		}
	}
	if c.Groups = nil; c.Bot == nil && c.App == nil && len(w.Groups) > 0 {
		c.Groups = []wecom.GroupHook{{Chat: "-", URL: wecom.DefaultBaseURL + "/cgi-bin/webhook/send?key=-"}}
	}
	_, err := wecom.New(c)
	return leaves(err)
}

// given is a secret, or, where its file could not be read, something of the shape of an EncodingAESKey.
func given(s Secret, file string) string {
	if s == "" && file != "" {
		return strings.Repeat("A", 43)
	}
	return string(s)
}

// leaves are the errors that were joined into err.
func leaves(err error) (out []error) {
	all, ok := err.(interface{ Unwrap() []error })
	switch {
	case ok:
		for _, one := range all.Unwrap() {
			out = append(out, leaves(one)...)
		}
	case err != nil:
		out = append(out, err)
	}
	return out
}

// validateGroups reports the problems of the account's groups.
func (w WeComConfig) validateGroups(i int) (problems []error) {
	seen := map[bot.ChatKey]int{}
	for n, g := range w.Groups {
		bad := func(key, text string) { problems = append(problems, errors.New(wecomGroupKey(i, n, key)+"："+text)) }
		which := "title"
		if g.Chat != "" {
			which = "chat"
			w.validateHeard(g, bad)
		} else if strings.TrimSpace(g.Consortium) == "" {
			bad("consortium", needsConsortium)
		}
		if why := wrongGroupTitle(g.Title); why != "" && (g.Chat == "" || g.Title != "") {
			bad("title", why)
		} else if first, taken := seen[g.key()]; taken {
			bad(which, fmt.Sprintf("和第%d项相同，一个群只写一次", first+1))
		} else {
			seen[g.key()] = n
		}
		w.validateChannels(g, bad)
	}
	return problems
}

// validateHeard looks at a group that the AI bot is in.
func (w WeComConfig) validateHeard(g WeComGroup, bad func(key, text string)) {
	if w.Bot == nil {
		bad("chat", "chat 是智能机器人所在群的编号，这个账号没有智能机器人(bot)。没有机器人的群，写 title 和 consortium")
	}
	if pushedOnly(g.key()) || strings.ContainsFunc(g.Chat, func(r rune) bool { return r <= ' ' || r > '~' }) {
		bad("chat", "不是群的编号。编号区分大小写，用 lianbang groups 查出来复制")
	}
	if g.Consortium != "" {
		bad("consortium", "群里有智能机器人，在群里说“绑定联合体”就行，这里不写")
	}
}

// validateChannels looks at the ways on which a group is pushed to.
func (w WeComConfig) validateChannels(g WeComGroup, bad func(key, text string)) {
	if g.URL == "" && g.URLFile == "" && g.AppChat == "" {
		bad("url", "要写群“消息推送”的 Webhook 地址(或用 url_file 指到文件)，或者写应用群聊的 appchat")
	}
	if g.URL != "" {
		if err := wecom.CheckHook(string(g.URL)); err != nil {
			bad("url", err.Error())
		}
	}
	switch {
	case g.AppChat == "":
	case w.App == nil:
		bad("appchat", "appchat 是自建应用建的群，这个账号没有自建应用(app)")
	case !wecom.IsAppChat(g.AppChat):
		bad("appchat", "要写建群时的 chatid，1 到 32 个字母和数字")
	}
}

// callbacks are the paths that the platform pushes to. A name that cannot be in a path has been complained of.
func (w WeComConfig) callbacks(i int) (all []callback) {
	add := func(what, path string) {
		if path == "" && wrongAccountName(w.account()) == "" {
			path = "/wecom/" + w.account() + "/" + what
		}
		if path != "" {
			all = append(all, callback{wecomKey(i, what+".path"), path})
		}
	}
	if w.Bot != nil && w.Bot.Mode == wecom.ModeCallback {
		add("bot", w.Bot.Path)
	}
	if p := w.App; p != nil && (p.Path != "" || given(p.Token, p.TokenFile) != "") {
		add("app", p.Path)
	}
	return all
}

// doubts are what is allowed in the account at index i and yet worth a second look.
func (w WeComConfig) doubts(i int, listen string) (out []string) {
	host, _, err := net.SplitHostPort(listen)
	if err != nil || !loopbackHost(host) {
		return nil
	}
	for _, c := range w.callbacks(i) {
		out = append(out, fmt.Sprintf("%s：企业微信要从外网推送进来，而 listen 是 %s。用反向代理把 https 的 %s 转到这里，只转要用的路径", c.key, listen, c.path))
	}
	return out
}

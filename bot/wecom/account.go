package wecom

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"

	"lianbang/bot"
	"lianbang/bot/wecom/wire"
)

// Platform is the name of this platform in addresses.
const Platform bot.Platform = "wecom"

// Where the platform is. Private deployments have their own hosts.
const (
	DefaultBotURL  = "wss://openws.work.weixin.qq.com" // AI bots connect to it (101463)
	DefaultBaseURL = "https://qyapi.weixin.qq.com"     // self-built apps call it
)

// The modes of an AI bot. The platform allows one at a time (101463).
const (
	ModeWebsocket = "websocket"
	ModeCallback  = "callback"
)

// Config is one account: what the operator has of an AI bot, a self-built app and group webhooks. At least one is needed.
type Config struct {
	Account string // name of the account in addresses, without spaces and slashes
	Bot     *BotConfig
	App     *AppConfig
	Groups  []GroupHook
	Home    string // an https address that a card which is over may open; "" = such a card is replaced by words
	Seat    Seat   // one connection per bot in the whole cluster; nil = always ours
	Memory  Memory // of the app's calendar; nil = another one is made at every start

	Logger *slog.Logger      // nil = silence
	Now    func() time.Time  // nil = time.Now
	Count  func(what string) // counts what happened by short stable names; may be nil; called from many goroutines
}

// BotConfig is an AI bot (智能机器人).
type BotConfig struct {
	Mode   string        // ModeWebsocket or ModeCallback; "" = ModeWebsocket
	Name   string        // the bot's name in groups, by which its mention is cut off; "" = cut off up to the first space
	ID     string        // websocket: BotID
	Secret string        // websocket: the long connection's secret
	URL    string        // websocket: "" = DefaultBotURL
	Pause  time.Duration // websocket: after somebody else took the connection; 0 = 5 min, doubled each time up to 1 h
	Token  string        // callback
	AESKey string        // callback: EncodingAESKey, 43 characters
	Path   string        // callback: where it is mounted; "" = /wecom/<account>/bot
}

// AppConfig is a self-built app (自建应用). Token and AESKey are optional: without them it only speaks.
type AppConfig struct {
	CorpID  string
	Secret  string
	AgentID int
	BaseURL string                 // "" = DefaultBaseURL; plain http only to this machine
	Token   string                 // callback
	AESKey  string                 // callback: EncodingAESKey, 43 characters
	Path    string                 // callback: where it is mounted; "" = /wecom/<account>/app
	Chats   map[bot.ChatKey]string // group → id of the group chat that the app made beside it (90245)

	Calendar bool // activities are entered in the calendars (日程) of its members
}

// hears reports whether the app gets what people say and tap.
func (c *AppConfig) hears() bool { return c != nil && c.Token != "" }

// GroupHook is the webhook of one group (群机器人, 消息推送), which only speaks.
type GroupHook struct {
	Chat bot.ChatKey // chatid of the group where the AI bot is in it too; otherwise a name with a colon, which no chatid has
	URL  string      // as the group's settings show it; whoever has it can write to the group
}

// Seat elects the process that holds a bot's one connection.
type Seat interface {
	// Take takes the seat of that name for ttl, or keeps it for ttl more. It reports whether the seat is now ours.
	Take(ctx context.Context, name string, ttl time.Duration) (held bool, err error)
	// Leave gives the seat up, if it is ours.
	Leave(ctx context.Context, name string) error
}

// complete checks c and fills in what is usual. Its errors are for the operator, name the field and quote no secret.
func (c Config) complete() (Config, error) {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.Logger = c.Logger.With("platform", string(Platform), "account", c.Account)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Count == nil {
		c.Count = func(string) {}
	}
	var errs []error
	if c.Account == "" || strings.ContainsAny(c.Account, "/ \t\n") {
		errs = append(errs, fmt.Errorf("account 要有一个不含空格和斜线的名字，现为 %q", c.Account))
	}
	if c.Bot == nil && c.App == nil && len(c.Groups) == 0 {
		errs = append(errs, errors.New("bot、app、groups 至少填一样：智能机器人、自建应用或群里的消息推送地址"))
	}
	if c.Bot != nil {
		b, err := c.Bot.complete(c.Account)
		c.Bot, errs = &b, append(errs, err)
	}
	if c.App != nil {
		p, err := c.App.complete(c.Account)
		c.App, errs = &p, append(errs, err)
	}
	if c.Bot != nil && c.App != nil && c.Bot.Mode == ModeCallback && c.App.hears() && c.Bot.Path == c.App.Path {
		errs = append(errs, errors.New("app.path 和 bot.path 相同：两个回调要用不同的路径"))
	}
	if c.Home != "" && checkAddress(c.Home, "https", "https") != nil {
		errs = append(errs, errors.New("home 要是 https:// 开头的网址，卡片办完后点开它；不需要就不填"))
	}
	return c, errors.Join(append(errs, c.checkGroups())...)
}

var (
	corpIDLooks  = regexp.MustCompile(`^(ww|wx)[0-9A-Za-z]{10,}$`)
	appChatLooks = regexp.MustCompile(`^[0-9A-Za-z]{1,32}$`)
)

func (c BotConfig) complete(account string) (BotConfig, error) {
	if c.Mode == "" {
		c.Mode = ModeWebsocket
	}
	switch c.Mode {
	case ModeWebsocket:
		if c.URL == "" {
			c.URL = DefaultBotURL
		}
		return c, errors.Join(
			checkBotID(c.ID),
			checkSecret("bot.secret", c.Secret, "在机器人的“API 模式 → 使用长连接”里获取 Secret，不是自建应用的 Secret"),
			named("bot.url", checkAddress(c.URL, "wss", "ws")))
	case ModeCallback:
		if c.Path == "" {
			c.Path = "/wecom/" + account + "/bot"
		}
		return c, checkCallback("bot", c.Token, c.AESKey, c.Path)
	}
	return c, fmt.Errorf("bot.mode 只能是 %s 或 %s，现为 %q", ModeWebsocket, ModeCallback, c.Mode)
}

// checkBotID tells an app's credentials from a bot's, which people mix up (field reports).
func checkBotID(id string) error {
	if corpIDLooks.MatchString(id) {
		return errors.New("bot.id 像是企业 ID：要填智能机器人的 BotID，在机器人的“API 模式 → 使用长连接”里；企业 ID 填在 app.corp_id")
	}
	return checkSecret("bot.id", id, "在机器人的“API 模式 → 使用长连接”里复制 BotID")
}

func (c AppConfig) complete(account string) (AppConfig, error) {
	if c.BaseURL == "" {
		c.BaseURL = DefaultBaseURL
	}
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	errs := []error{
		checkSecret("app.corp_id", c.CorpID, "在管理后台“我的企业”最下面复制企业 ID"),
		checkSecret("app.secret", c.Secret, "在管理后台“应用管理”的这个应用里查看 Secret"),
		named("app.base_url", checkAddress(c.BaseURL, "https", "http")),
	}
	if c.AgentID <= 0 {
		errs = append(errs, errors.New("app.agent_id 没有填：在管理后台“应用管理”的这个应用里，是一个数字"))
	}
	if c.Token != "" || c.AESKey != "" || c.Path != "" {
		if c.Path == "" {
			c.Path = "/wecom/" + account + "/app"
		}
		errs = append(errs, checkCallback("app", c.Token, c.AESKey, c.Path))
	}
	for chat, id := range c.Chats {
		if chat == "" || !IsAppChat(id) {
			errs = append(errs, fmt.Errorf("app.chats 里群“%s”的 chatid 应是 1 到 32 个字母和数字", chat))
		}
	}
	return c, errors.Join(errs...)
}

func checkCallback(what, token, aesKey, path string) error {
	errs := []error{checkSecret(what+".token", token, "和管理后台“接收消息”里的 Token 一致")}
	if _, err := wire.NewCrypt("-", aesKey, ""); err != nil {
		errs = append(errs, fmt.Errorf("%s.aes_key 应是 43 个字母和数字：在管理后台“接收消息”里复制 EncodingAESKey", what))
	}
	if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, " \t\n{}?#") {
		errs = append(errs, fmt.Errorf("%s.path 应是以 / 开头的路径，现为 %q", what, path))
	}
	return errors.Join(errs...)
}

func (c Config) checkGroups() error {
	var errs []error
	seen := map[bot.ChatKey]bool{}
	for i, g := range c.Groups {
		field := fmt.Sprintf("groups 第 %d 项(%s)的 ", i+1, g.Chat)
		switch {
		case g.Chat == "":
			errs = append(errs, errors.New(field+"chat 没有填：给这个群起个名字；群里有智能机器人的，填群的 chatid"))
		case seen[g.Chat]:
			errs = append(errs, errors.New(field+"chat 与前面重复"))
		}
		seen[g.Chat] = true
		if err := CheckHook(g.URL); err != nil {
			errs = append(errs, named(field+"url", err))
		}
	}
	return errors.Join(errs...)
}

// IsAppChat reports whether id may be that of a group chat which an app made (90245).
func IsAppChat(id string) bool { return appChatLooks.MatchString(id) }

// hookPath ends the path of every group webhook.
const hookPath = "/cgi-bin/webhook/send"

// CheckHook looks whether an address is that of a group's webhook. The error is for the operator and quotes nothing of it.
func CheckHook(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Query().Get("key") == "" || !strings.HasSuffix(u.Path, hookPath) {
		return errors.New("不是“消息推送”的地址，要从群里复制，形如 " + DefaultBaseURL + hookPath + "?key=…")
	}
	u.RawQuery = ""
	return checkAddress(u.String(), "https", "http")
}

func named(field string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %w", field, err)
}

// checkSecret never quotes the value.
func checkSecret(field, value, where string) error {
	switch {
	case value == "":
		return fmt.Errorf("%s 没有填：%s", field, where)
	case strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }):
		return fmt.Errorf("%s 里有空格、换行或中文字符：请重新复制", field)
	}
	return nil
}

// checkAddress takes an address of the secure scheme, and of the bare one to this machine only. It never quotes the address.
func checkAddress(address, secure, bare string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return fmt.Errorf("应是 %s://主机名 这样的地址，不带账号", secure)
	}
	if u.Scheme == secure || u.Scheme == bare && isLoopback(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("要用 %s；%s 只能指向本机(演练用)", secure, bare)
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

package wecom

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"lianbang/bot"
)

// Platform is the name of this platform in addresses.
const Platform bot.Platform = "wecom"

// DefaultBotURL is where AI bots connect to (101463). Private deployments have their own.
const DefaultBotURL = "wss://openws.work.weixin.qq.com"

// The modes of an AI bot. The platform allows one at a time (101463).
const (
	ModeWebsocket = "websocket"
	ModeCallback  = "callback"
)

// Config is one account: what the operator has of an AI bot, a self-built app and group webhooks.
type Config struct {
	Account string
	Bot     *BotConfig
	App     *AppConfig
	Groups  []GroupHook
	Seat    Seat // one connection per bot in the whole cluster; nil = always ours
	Logger  *slog.Logger
	Now     func() time.Time
	Count   func(what string) // counts what happened by short stable names; may be nil; called from many goroutines
}

// BotConfig is an AI bot (智能机器人).
type BotConfig struct {
	Mode   string        // ModeWebsocket or ModeCallback
	Name   string        // the bot's name in groups, by which its mention is cut off
	ID     string        // websocket: BotID
	Secret string        // websocket: the long connection's secret
	URL    string        // websocket: "" = DefaultBotURL
	Pause  time.Duration // websocket: after somebody else took the connection; 0 = 5 min, doubled each time up to 1 h
	Token  string        // callback
	AESKey string        // callback: EncodingAESKey, 43 characters
	Path   string        // callback: where it is mounted
}

// AppConfig is a self-built app (自建应用). Token, AESKey and Path are optional: without them it only speaks.
type AppConfig struct {
	CorpID  string
	Secret  string
	BaseURL string
	AgentID int
	Token   string
	AESKey  string
	Path    string
	Chats   map[bot.ChatKey]string // group → id of the app's own group chat
}

// GroupHook is the webhook of one group.
type GroupHook struct {
	Chat bot.ChatKey
	URL  string // a secret
}

// Seat elects the process that holds a bot's one connection.
type Seat interface {
	// Take takes the seat of that name for ttl, or keeps it for ttl more. It reports whether the seat is now ours.
	Take(ctx context.Context, name string, ttl time.Duration) (held bool, err error)
	// Leave gives the seat up, if it is ours.
	Leave(ctx context.Context, name string) error
}

// Adapter is one account on WeCom. It is safe for concurrent use.
type Adapter struct {
	conf  Config
	in    *inbound // decodes what comes and hands it to the sink
	calls *calls   // callbacks that wait for their answer
	link  *link    // the AI bot's connection
	files *downloader
}

// New checks the configuration.
func New(c Config) (*Adapter, error) {
	if c.Account == "" {
		return nil, errors.New("wecom: the account has no name")
	}
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
	a := &Adapter{conf: c, calls: newCalls(c.Now), link: &link{}}
	a.in = newInbound(c)
	a.files = newDownloader("")
	if c.Bot != nil {
		a.files = newDownloader(c.Bot.AESKey)
	}
	return a, nil
}

// Name implements bot.Adapter.
func (a *Adapter) Name() (bot.Platform, string) { return Platform, a.conf.Account }

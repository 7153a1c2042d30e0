package feishu

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"lianbang/bot"
)

// hookPath begins the address of every custom bot; what follows is its secret.
const hookPath = "/open-apis/bot/v2/hook/"

// mendPause is how long a group is silent after its custom bot's settings have refused a message.
const mendPause = 10 * time.Minute

// HookConfig is an account of custom group bots (自定义机器人), which speak to groups that cannot take an app.
type HookConfig struct {
	Account string // name of the account in addresses, without spaces and slashes
	Hooks   []Hook
	Logger  *slog.Logger      // nil = silence
	Now     func() time.Time  // nil = time.Now
	Count   func(what string) // counts what happened by short stable names; may be nil; called from many goroutines
}

// Hook is the custom bot of one group.
type Hook struct {
	Chat   bot.ChatKey // the operator's own name of the group
	URL    string      // as the group's settings show it; whoever has it can write to the group
	Secret string      // of 签名校验; "" = the bot does not check signatures
}

// Hooks is a bot.Adapter that only speaks. It is safe for concurrent use.
type Hooks struct {
	conf  HookConfig
	rest  *client
	hooks map[bot.ChatKey]Hook
}

// NewHooks checks the configuration. Its errors are for the operator, name the field and never quote an address or secret.
func NewHooks(c HookConfig) (*Hooks, error) {
	c.Logger, c.Now, c.Count = loggerOr(c.Logger), clockOr(c.Now), countOr(c.Count)
	c.Logger = c.Logger.With("platform", string(Platform), "account", c.Account)
	h := &Hooks{conf: c, rest: newClient("", c.Now, c.Logger), hooks: map[bot.ChatKey]Hook{}}
	errs := []error{checkAccount(c.Account)}
	if len(c.Hooks) == 0 {
		errs = append(errs, errors.New("hooks 是空的：至少填一个群的自定义机器人"))
	}
	for i, hook := range c.Hooks {
		field := fmt.Sprintf("hooks 第 %d 项(%s)", i+1, hook.Chat)
		if _, twice := h.hooks[hook.Chat]; twice {
			errs = append(errs, fmt.Errorf("%s的 chat 与前面重复", field))
		}
		if hook.Chat == "" {
			errs = append(errs, fmt.Errorf("%s的 chat 没有填：给这个群起个名字", field))
		}
		if err := checkHookURL(hook.URL); err != nil {
			errs = append(errs, fmt.Errorf("%s的 %w", field, err))
		}
		h.hooks[hook.Chat] = hook
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return h, nil
}

func checkHookURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return errors.New("url 不是网址：在群设置的自定义机器人里复制 Webhook 地址")
	}
	base := url.URL{Scheme: u.Scheme, Host: u.Host, User: u.User, RawQuery: u.RawQuery, Fragment: u.Fragment}
	if err := checkBaseURL(base.String()); err != nil {
		return errors.New("url 要以 https:// 开头，不带账号和参数")
	}
	if token, ok := strings.CutPrefix(u.Path, hookPath); !ok || token == "" || strings.Contains(token, "/") {
		return fmt.Errorf("url 应形如 https://open.feishu.cn%s…", hookPath)
	}
	return nil
}

// Name implements bot.Adapter.
func (h *Hooks) Name() (bot.Platform, string) { return Platform, h.conf.Account }

// Caps implements bot.Adapter. A request may have 20 KB; a bot may speak 5 times a second and 100 times a minute
// (add-custom-bot). Nobody hears what is tapped on its cards.
func (h *Hooks) Caps() bot.Caps {
	return bot.Caps{MaxBytes: 15 << 10, Deaf: true, Cards: true, Charts: true, Private: bot.Nobody,
		Chat: bot.Pace{Interval: 625 * time.Millisecond, Burst: 3}}
}

// Run implements bot.Adapter. Nothing is ever received.
func (h *Hooks) Run(ctx context.Context, _ bot.Sink) error {
	<-ctx.Done()
	return ctx.Err()
}

// Send implements bot.Adapter. A custom bot does not deduplicate and gives its messages no ids.
func (h *Hooks) Send(ctx context.Context, d bot.Delivery) (bot.Receipt, error) {
	hook, ok := h.hooks[d.To.Chat]
	switch {
	case !ok || d.To.User != "":
		return bot.Receipt{}, refused("address", "no custom bot for this address")
	case d.Update != "":
		return bot.Receipt{}, refused("update", "custom bots cannot change what they said")
	case d.Body.Empty():
		return bot.Receipt{}, refused("empty", "nothing to say")
	}
	if err := h.say(ctx, hook, d.Body); err != nil {
		return bot.Receipt{}, h.verdict(d, err)
	}
	return bot.Receipt{At: h.conf.Now()}, nil
}

// verdict says what may follow. What only somebody can mend, the signature, the addresses or the keyword that a custom bot
// asks for, belongs to one group: it keeps that group's messages waiting, whereas Misconfigured would silence the account's
// other groups too.
func (h *Hooks) verdict(d bot.Delivery, err error) *bot.SendError {
	se := verdict(err, d.Attempt)
	if se.Verdict == bot.Misconfigured {
		h.conf.Count("hook_refused")
		h.conf.Logger.Warn("the settings of a group's custom bot refuse its messages; they wait", "group", d.To.Chat, "delivery", d.ID,
			"err", se.Err, "again_in", mendPause)
		se.Verdict, se.After = bot.Throttled, mendPause
	}
	return se
}

// say sends a card, or text when there is none or the platform would not show it.
func (h *Hooks) say(ctx context.Context, hook Hook, r bot.Reply) error {
	if body, ok := hookCard(r); ok {
		err := h.post(ctx, hook, body)
		if !hookTextHelps(err) {
			return err
		}
		h.conf.Count("card_refused")
		h.conf.Logger.Warn("card refused; it goes out as text", "code", asAPI(err).label(), "log_id", asAPI(err).LogID)
	}
	return h.text(ctx, hook, r)
}

// text sends a text, in halves where its request is too large: one full of quotes and line breaks grows by a half and more
// when it becomes JSON. When a later half fails, the delivery is repeated and the earlier ones are seen twice.
func (h *Hooks) text(ctx context.Context, hook Hook, r bot.Reply) error {
	body, whole := hookText(r), bot.Plain(r)
	divisible := len(whole) >= leastPiece
	if !divisible || len(mustEncode(body)) <= maxHookBytes {
		err := h.post(ctx, hook, body)
		if !divisible || asAPI(err).Code != hookTooLarge {
			return err
		}
	}
	for _, piece := range halves(r, whole) {
		if err := pause(ctx, pieceTime); err != nil {
			return err
		}
		if err := h.text(ctx, hook, piece); err != nil {
			return err
		}
	}
	return nil
}

func (h *Hooks) post(ctx context.Context, hook Hook, body hookBody) error {
	if hook.Secret != "" {
		body.Timestamp = strconv.FormatInt(h.conf.Now().Unix(), 10)
		body.Sign = hookSign(body.Timestamp, hook.Secret)
	}
	_, err := h.rest.exchange(ctx, request{method: http.MethodPost, path: hook.URL, body: body})
	return err
}

// hookTextHelps reports whether a custom bot may take text where it refused a card.
func hookTextHelps(err error) bool {
	code := asAPI(err).Code
	return code == 9499 || code == hookTooLarge || textHelps(err)
}

// hookSign is the signature of 签名校验: what is to be signed is the key of the HMAC, and its message is empty
// (add-custom-bot).
func hookSign(timestamp, secret string) string {
	mac := hmac.New(sha256.New, []byte(timestamp+"\n"+secret))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

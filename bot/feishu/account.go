package feishu

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"

	"lianbang/bot"
)

// Platform is the name of this platform in addresses, for apps and for custom bots.
const Platform bot.Platform = "feishu"

// DefaultBaseURL is where apps of the mainland's Feishu speak to the platform.
const DefaultBaseURL = "https://open.feishu.cn"

// Mode says how events reach the adapter.
type Mode string

// The modes.
const (
	Websocket Mode = "websocket" // over a connection that the adapter opens; needs no public address
	Webhook   Mode = "webhook"   // over HTTP requests of the platform to Config.Path
)

// Config is one self-built app. Account, AppID and AppSecret are required, in webhook mode also EncryptKey or
// VerificationToken.
type Config struct {
	Account   string // name of the account in addresses, without spaces and slashes
	AppID     string
	AppSecret string
	BaseURL   string // "" = DefaultBaseURL; plain http only to this machine
	Mode      Mode   // "" = Websocket

	EncryptKey        string // webhook: encrypts and signs what comes
	VerificationToken string // webhook: proves the sender where there is no EncryptKey
	Path              string // webhook: where it is mounted; "" = /feishu/<account>

	Logger *slog.Logger      // nil = silence
	Now    func() time.Time  // nil = time.Now
	Count  func(what string) // counts what happened by short stable names; may be nil; called from many goroutines
}

// complete checks c and fills in what is usual. Its errors are for the operator and name the field.
func (c Config) complete() (Config, error) {
	if c.Mode == "" {
		c.Mode = Websocket
	}
	if c.Path == "" {
		c.Path = "/feishu/" + c.Account
	}
	if c.BaseURL == "" {
		c.BaseURL = DefaultBaseURL
	}
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	c.Logger, c.Now, c.Count = loggerOr(c.Logger), clockOr(c.Now), countOr(c.Count)
	c.Logger = c.Logger.With("platform", string(Platform), "account", c.Account)
	return c, errors.Join(
		checkAccount(c.Account),
		checkSecret("app_id", c.AppID, "在开发者后台“凭证与基础信息”里复制"),
		checkSecret("app_secret", c.AppSecret, "在开发者后台“凭证与基础信息”里复制"),
		checkBaseURL(c.BaseURL),
		c.checkMode(),
	)
}

func (c Config) checkMode() error {
	switch c.Mode {
	case Websocket:
		return nil
	case Webhook:
		var errs []error
		if c.EncryptKey == "" && c.VerificationToken == "" {
			errs = append(errs, errors.New("encrypt_key 和 verification_token 至少填一个：否则谁都能冒充飞书。建议填 encrypt_key"))
		}
		if !strings.HasPrefix(c.Path, "/") || strings.ContainsAny(c.Path, " \t\n{}?#") {
			errs = append(errs, fmt.Errorf("path 应是以 / 开头的路径，现为 %q", c.Path))
		}
		return errors.Join(errs...)
	default:
		return fmt.Errorf("mode 只能是 websocket 或 webhook，现为 %q", c.Mode)
	}
}

func checkAccount(name string) error {
	if name == "" || strings.ContainsAny(name, "/ \t\n") {
		return fmt.Errorf("account 要有一个不含空格和斜线的名字，现为 %q", name)
	}
	return nil
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

func checkBaseURL(base string) error {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("base_url 应是 https://主机名 这样的地址，不带账号和参数")
	}
	if u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()) {
		return nil
	}
	return errors.New("base_url 要用 https；http 只能指向本机(演练用)")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func loggerOr(l *slog.Logger) *slog.Logger {
	if l == nil {
		return slog.New(slog.DiscardHandler)
	}
	return l
}

func clockOr(now func() time.Time) func() time.Time {
	if now == nil {
		return time.Now
	}
	return now
}

func countOr(count func(string)) func(string) {
	if count == nil {
		return func(string) {}
	}
	return count
}

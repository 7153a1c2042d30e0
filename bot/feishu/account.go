package feishu

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"regexp"
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

	Calendar bool // activities are entered in the calendars of their guests

	Logger *slog.Logger      // nil = silence
	Now    func() time.Time  // nil = time.Now
	Count  func(what string) // counts what happened by short stable names; may be nil; called from many goroutines
}

// complete checks c and fills in what is usual. Its errors are for the operator, begin with the field and a colon, and quote
// no secret.
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
		checkAppID(c.AppID),
		c.checkSecrets(),
		checkBaseURL(c.BaseURL),
		c.checkMode(),
	)
}

func checkAccount(name string) error {
	if name == "" || strings.ContainsAny(name, "/ \t\n") {
		return fmt.Errorf("account：要有一个不含空格和斜线的名字，现为 %q", name)
	}
	return nil
}

// appID is wider than what anybody has seen, which is cli_ and 16 hexadecimal digits.
var appID = regexp.MustCompile(`^cli_[0-9A-Za-z]{1,60}$`)

func checkAppID(id string) error {
	switch {
	case id == "":
		return errors.New("app_id：要写应用的 App ID，在开发者后台的“凭证与基础信息”里，形如 cli_1a2b3c4d5e6f7081")
	case !appID.MatchString(id):
		return errors.New("app_id：不是 App ID，要写成 cli_1a2b3c4d5e6f7081 这样")
	}
	return nil
}

// checkSecrets finds what was copied badly. An Encrypt Key may hold spaces: the sample of the documentation does.
func (c Config) checkSecrets() error {
	var errs []error
	switch {
	case c.AppSecret == "":
		errs = append(errs, errors.New("app_secret：要写应用的 App Secret(或用 app_secret_file 指到文件)，和 App ID 在同一页"))
	case !printable(c.AppSecret) || strings.Contains(c.AppSecret, " "):
		errs = append(errs, errors.New("app_secret：里面有空格、换行或中文，重新复制一遍"))
	}
	for _, s := range [][2]string{{"encrypt_key", c.EncryptKey}, {"verification_token", c.VerificationToken}} {
		if !printable(s[1]) || strings.TrimSpace(s[1]) != s[1] {
			errs = append(errs, errors.New(s[0]+"：前后有空格，或里面有换行、中文，重新复制一遍"))
		}
	}
	return errors.Join(errs...)
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

func checkBaseURL(base string) error {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" {
		return errors.New("base_url：要写成 https://open.feishu.cn 这样，后面不带路径")
	}
	if u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()) {
		return nil
	}
	return errors.New("base_url：要用 https；http 只能连本机的演练平台，例如 http://127.0.0.1:8700")
}

func (c Config) checkMode() error {
	switch c.Mode {
	case Websocket:
		return nil
	case Webhook:
	default:
		return fmt.Errorf("mode：没有“%s”这种方式，要写 websocket(长连接)或 webhook(回调地址)", c.Mode)
	}
	var errs []error
	if c.EncryptKey == "" && c.VerificationToken == "" {
		errs = append(errs, errors.New("encrypt_key：webhook 方式要写 encrypt_key 或 verification_token，不然分不清是不是飞书发来的。"+
			"两样都在“事件与回调”的“加密策略”里"))
	}
	if !strings.HasPrefix(c.Path, "/") || strings.ContainsAny(c.Path, " \t\n{}?#") {
		errs = append(errs, fmt.Errorf("path：“%s”不行，要写成 /feishu/main 这样", c.Path))
	}
	return errors.Join(errs...)
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

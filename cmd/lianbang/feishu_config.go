package main

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"

	"lianbang/bot/feishu"
)

// FeishuConfig is one account on Feishu: an app with a bot, or the custom bots of groups that cannot take the app.
type FeishuConfig struct {
	Name                  string        `yaml:"name"`
	AppID                 string        `yaml:"app_id"`
	AppSecret             Secret        `yaml:"app_secret"`
	AppSecretFile         string        `yaml:"app_secret_file"`
	Mode                  string        `yaml:"mode"`
	BaseURL               string        `yaml:"base_url"`
	EncryptKey            Secret        `yaml:"encrypt_key"`
	EncryptKeyFile        string        `yaml:"encrypt_key_file"`
	VerificationToken     Secret        `yaml:"verification_token"`
	VerificationTokenFile string        `yaml:"verification_token_file"`
	Path                  string        `yaml:"path"`
	Calendar              *bool         `yaml:"calendar"` // activities are entered in calendars; nil = yes, where the platform allows it
	Groups                []FeishuGroup `yaml:"groups"`
}

// FeishuGroup is a group with a custom bot (自定义机器人): the bot pushes into it and hears nothing.
type FeishuGroup struct {
	Title      string `yaml:"title"`
	URL        Secret `yaml:"url"`
	URLFile    string `yaml:"url_file"`
	Secret     Secret `yaml:"secret"`
	SecretFile string `yaml:"secret_file"`
	Consortium string `yaml:"consortium"`
}

// account is the name in addresses.
func (f FeishuConfig) account() string { return cmp.Or(f.Name, "main") }

// mode is the way in which the app receives.
func (f FeishuConfig) mode() feishu.Mode { return cmp.Or(feishu.Mode(f.Mode), feishu.Websocket) }

// path is where the platform pushes to in webhook mode.
func (f FeishuConfig) path() string { return cmp.Or(f.Path, "/feishu/"+f.account()) }

// pushOnly reports whether the account is one of custom bots.
func (f FeishuConfig) pushOnly() bool { return f.AppID == "" && len(f.Groups) > 0 }

// feishuKey is the path of a key of the account at index i, as operators count.
func feishuKey(i int, key string) string { return fmt.Sprintf("feishu 第%d项 %s", i+1, key) }

func (f FeishuConfig) groupKey(i, group int, key string) string {
	return feishuKey(i, fmt.Sprintf("groups 第%d项 %s", group+1, key))
}

// secrets lists the account's secrets, to be filled in.
func (f *FeishuConfig) secrets(i int) []secretKey {
	variable := environmentOf("feishu", f.account())
	keys := []secretKey{
		{feishuKey(i, "app_secret"), &f.AppSecret, f.AppSecretFile, variable + "_APP_SECRET"},
		{feishuKey(i, "encrypt_key"), &f.EncryptKey, f.EncryptKeyFile, variable + "_ENCRYPT_KEY"},
		{feishuKey(i, "verification_token"), &f.VerificationToken, f.VerificationTokenFile, variable + "_VERIFICATION_TOKEN"},
	}
	for n := range f.Groups {
		g := &f.Groups[n]
		keys = append(keys, secretKey{f.groupKey(i, n, "url"), &g.URL, g.URLFile, ""}, secretKey{f.groupKey(i, n, "secret"), &g.Secret, g.SecretFile, ""})
	}
	return keys
}

var (
	// An app id is cli_ and 16 hexadecimal digits as far as anybody has seen; the vendor's SDK takes no other. Others are
	// doubted.
	feishuAppUsual = regexp.MustCompile(`^cli_[0-9a-fA-F]{16}$`)
	feishuHook     = regexp.MustCompile(`^/open-apis/bot/v2/hook/[0-9A-Za-z_-]+$`)
)

// validateFeishu reports all problems of the accounts, and of what they must not share.
func validateFeishu(accounts []FeishuConfig) (problems []error) {
	names, apps := map[string]int{}, map[string]int{}
	for i, f := range accounts {
		bad := func(key, format string, args ...any) {
			problems = append(problems, fmt.Errorf("%s：%s", feishuKey(i, key), fmt.Sprintf(format, args...)))
		}
		once := func(seen map[string]int, key, value, why string) {
			if first, taken := seen[value]; taken {
				bad(key, "%s 和第%d项相同，%s", value, first+1, why)
			} else {
				seen[value] = i
			}
		}
		if why := wrongAccountName(f.account()); why != "" {
			bad("name", "%s", why)
		}
		once(names, "name", f.account(), "各账号的名字要不同")
		if f.pushOnly() {
			problems = append(problems, f.validateGroups(i)...)
			continue
		}
		problems = append(problems, f.validateApp(i)...)
		if f.AppID != "" {
			once(apps, "app_id", f.AppID, "一个应用只写一次，不然事件会被随机分给其中一个")
		}
	}
	return problems
}

// validateApp reports the problems of an account that is an app.
func (f FeishuConfig) validateApp(i int) (problems []error) {
	for _, err := range f.refusals() {
		problems = append(problems, fmt.Errorf("feishu 第%d项 %w", i+1, err))
	}
	if len(f.Groups) > 0 {
		problems = append(problems, errors.New(feishuKey(i, "groups")+"：自定义机器人的群另写一个账号，不和应用写在一起"))
	}
	return problems
}

// refusals are what the adapter finds wrong with an app, but for its name and path. A secret whose file could not be read
// has been complained of and counts as given.
func (f FeishuConfig) refusals() []error {
	c := f.app()
	c.Account, c.Path = "main", ""
	c.AppSecret, c.EncryptKey = given(f.AppSecret, f.AppSecretFile), given(f.EncryptKey, f.EncryptKeyFile)
	c.VerificationToken = given(f.VerificationToken, f.VerificationTokenFile)
	_, err := feishu.New(c)
	return leaves(err)
}

// callbacks are the paths that the platform pushes to.
func (f FeishuConfig) callbacks(i int) []callback {
	if f.pushOnly() || f.mode() != feishu.Webhook {
		return nil
	}
	return []callback{{feishuKey(i, "path"), f.path()}}
}

// validateGroups reports the problems of an account of custom bots.
func (f FeishuConfig) validateGroups(i int) (problems []error) {
	if f.AppSecret != "" || f.AppSecretFile != "" {
		problems = append(problems, errors.New(feishuKey(i, "app_id")+"：写了 app_secret，没写 app_id。只推送的账号两样都不用写"))
	}
	seen := map[string]int{}
	for n, g := range f.Groups {
		bad := func(key, format string, args ...any) {
			problems = append(problems, fmt.Errorf("%s：%s", f.groupKey(i, n, key), fmt.Sprintf(format, args...)))
		}
		if why := wrongGroupTitle(g.Title); why != "" {
			bad("title", "%s", why)
		} else if first, taken := seen[g.Title]; taken {
			bad("title", "“%s”和第%d项重名，改一个", g.Title, first+1)
		} else {
			seen[g.Title] = n
		}
		switch {
		case g.URL == "" && g.URLFile == "":
			bad("url", "要写自定义机器人的 Webhook 地址(或用 url_file 指到文件)，在群设置的“群机器人”里")
		case g.URL != "" && !hookAddress(string(g.URL)):
			bad("url", "不是自定义机器人的地址，要从群里复制，形如 https://open.feishu.cn/open-apis/bot/v2/hook/…")
		}
		if strings.TrimSpace(g.Consortium) == "" {
			bad("consortium", "%s", needsConsortium)
		}
	}
	return problems
}

// hookAddress reports whether a text is the address of a custom bot. It is as secret as a password, and never shown.
func hookAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && secretsGoTo(u) && u.RawQuery == "" && feishuHook.MatchString(u.Path)
}

// doubts are what is allowed in the account at index i and yet worth a second look.
func (f FeishuConfig) doubts(i int, listen string) (out []string) {
	add := func(key, format string, args ...any) {
		out = append(out, feishuKey(i, key)+"："+fmt.Sprintf(format, args...))
	}
	if f.pushOnly() {
		return nil
	}
	if !feishuAppUsual.MatchString(f.AppID) {
		add("app_id", "%s 和常见的样子(cli_ 加 16 位数字或 a–f)不同，看看有没有抄漏", f.AppID)
	}
	platform := ""
	if u, err := url.Parse(f.BaseURL); err == nil {
		platform = u.Hostname()
	}
	if platform == "open.larksuite.com" && f.mode() == feishu.Websocket {
		add("mode", "国际版(Lark)能不能用长连接还没有确认。连不上就改用 webhook")
	}
	if f.mode() != feishu.Webhook {
		return out
	}
	if f.EncryptKey == "" && f.EncryptKeyFile == "" {
		add("encrypt_key", "没写，推送就不加密、不签名，只靠 verification_token 辨认。建议在“加密策略”里设一个")
	}
	if host, _, err := net.SplitHostPort(listen); err == nil && loopbackHost(host) && !loopbackHost(platform) {
		add("mode", "飞书要从外网推送进来，而 listen 是 %s。用反向代理把 https 的 %s 转到这里，只转这一个路径", listen, f.path())
	}
	return out
}

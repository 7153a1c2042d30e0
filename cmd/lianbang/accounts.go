package main

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"lianbang/bot"
)

// platforms are the accounts that the configuration names.
func platforms(a *App) ([]bot.Adapter, error) {
	var all []bot.Adapter
	for _, accounts := range []func(*App) ([]bot.Adapter, error){localChat, feishuAccounts, wecomAccounts} {
		some, err := accounts(a)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// counter counts what the adapter of an account meets.
func (a *App) counter(p bot.Platform, account string) func(what string) {
	return func(what string) { a.Metrics.Noticed(p, account, what) }
}

// environmentOf is the beginning of the names of an account's secrets in the environment.
func environmentOf(platform, account string) string {
	return "LIANBANG_" + strings.ToUpper(platform+"_"+strings.ReplaceAll(account, "-", "_"))
}

var (
	accountName  = regexp.MustCompile(`^[a-z][a-z0-9-]{0,19}$`)
	callbackPath = regexp.MustCompile(`^(/[0-9A-Za-z._~-]+)+$`)
)

// ownPaths are served by the program itself.
var ownPaths = []string{"/healthz", "/readyz", "/metrics", "/ws", "/webchat"}

// callback is a path that a platform pushes to, and the key that sets it.
type callback struct{ key, path string }

// validateCallbacks reports paths that cannot be served, or not twice.
func validateCallbacks(all []callback) (problems []error) {
	first := map[string]string{}
	for _, c := range all {
		own := slices.ContainsFunc(ownPaths, func(own string) bool { return c.path == own || strings.HasPrefix(c.path, own+"/") })
		example := "/" + strings.Fields(c.key)[0] + "/main"
		switch key, taken := first[c.path]; {
		case !callbackPath.MatchString(c.path) || path.Clean(c.path) != c.path:
			problems = append(problems, fmt.Errorf("%s：“%s”不行，要写成 %s 这样", c.key, c.path, example))
		case own:
			problems = append(problems, fmt.Errorf("%s：%s 已有别的用处，要写成 %s 这样", c.key, c.path, example))
		case taken:
			problems = append(problems, fmt.Errorf("%s：%s 和 %s 相同，各用一个路径", c.key, c.path, key))
		default:
			first[c.path] = c.key
		}
	}
	return problems
}

// wrongAccountName says what is wrong with the name of an account, "" when nothing is.
func wrongAccountName(name string) string {
	if accountName.MatchString(name) {
		return ""
	}
	return fmt.Sprintf("“%s”不行。用小写字母开头，只含小写字母、数字和“-”，最多 20 个", name)
}

// wrongGroupTitle says what is wrong with the title that an operator gave to a group, "" when nothing is.
func wrongGroupTitle(title string) string {
	if size := len([]rune(title)); size == 0 || size > 60 || strings.TrimSpace(title) != title || strings.ContainsAny(title, "\n\t") {
		return "要写群名，1 到 60 个字，前后没有空格"
	}
	return ""
}

// needsConsortium says why a group that nobody can bind from inside needs its consortium here.
const needsConsortium = "要写联合体的名称：这个群里说不了“绑定联合体”，只能在这里绑定"

// secretsGoTo reports whether a secret may be sent to that address: in the clear only to this machine.
func secretsGoTo(u *url.URL) bool {
	return u.Host != "" && u.User == nil && u.Fragment == "" &&
		(u.Scheme == "https" || u.Scheme == "http" && loopbackHost(u.Hostname()))
}

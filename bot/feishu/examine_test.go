package feishu

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"lianbang/bot"
)

// healthy answers as a platform on which everything is in order.
func healthy(r seen) answer {
	switch r.path {
	case "/open-apis/bot/v3/info":
		return answer{body: `{"code":0,"msg":"ok","bot":{"activate_status":2,"app_name":"联帮","open_id":"ou_bot"}}`}
	case "/callback/ws/endpoint":
		return answer{body: `{"code":0,"data":{"URL":"wss://msg-frontier.feishu.cn/ws/v2?device_id=7&service_id=33554678&ticket=t1cket","ClientConfig":{}}}`}
	case "/open-apis/application/v6/scopes":
		var list []string
		for _, n := range needs {
			list = append(list, fmt.Sprintf(`{"scope_name":%q,"grant_status":1,"scope_type":"tenant"}`, n.any[0]))
		}
		return answer{body: `{"code":0,"data":{"scopes":[` + strings.Join(list, ",") + `]}}`}
	}
	return answer{}
}

// examined runs Examine against a platform on which one path answers something else.
func examined(t *testing.T, path string, instead answer, change func(*Config), test bot.Address) (map[string]bot.Finding, *stub) {
	t.Helper()
	s := newStub(t, func(r seen) answer {
		if path != "" && strings.HasSuffix(r.path, path) {
			return instead
		}
		return healthy(r)
	})
	c := Config{Account: "hq", AppID: testAppID, AppSecret: testSecret, BaseURL: s.URL}
	if change != nil {
		change(&c)
	}
	out := map[string]bot.Finding{}
	for _, f := range Examine(t.Context(), c, test) {
		if _, twice := out[f.What]; twice {
			t.Errorf("%s was found twice", f.What)
		}
		if !f.OK && f.Do == "" {
			t.Errorf("%s: nothing to do about %s", f.What, f.Detail)
		}
		out[f.What] = f
	}
	return out, s
}

func faults(found map[string]bot.Finding) (out []string) {
	for what, f := range found {
		if !f.OK {
			out = append(out, what)
		}
	}
	slices.Sort(out)
	return out
}

func TestExamineHealthy(t *testing.T) {
	found, s := examined(t, "", answer{}, nil, bot.Address{})
	if bad := faults(found); bad != nil {
		t.Errorf("faults: %v", bad)
	}
	for _, what := range []string{"应用凭证", "机器人", "权限 发消息、更新卡片", "权限 听私聊", "长连接", "事件订阅", "卡片回调"} {
		if _, ok := found[what]; !ok {
			t.Errorf("%s was not looked at", what)
		}
	}
	for _, event := range []string{"im.message.receive_v1", "im.chat.member.bot.added_v1", "application.bot.menu_v6", "长连接"} {
		if !strings.Contains(found["事件订阅"].Do, event) {
			t.Errorf("%s is not asked for", event)
		}
	}
	for _, r := range s.requests() {
		if r.path == messagesPath {
			t.Errorf("something was sent: %s", r.raw)
		}
	}
	if found, s = examined(t, "", answer{}, nil, toGroup); !found["测试消息"].OK || found["测试消息"].Detail == "" {
		t.Errorf("%+v", found["测试消息"])
	}
	if last := s.requests()[len(s.requests())-1]; last.path != messagesPath || last.str("receive_id") != "oc_1" {
		t.Errorf("%+v", last)
	}
}

func TestExamineFaults(t *testing.T) {
	webhook := func(c *Config) { c.Mode, c.EncryptKey, c.Path = Webhook, "k", "/in" }
	lacking := answer{body: `{"code":0,"data":{"scopes":[{"scope_name":"im:message","grant_status":1},{"scope_name":"im:resource","grant_status":2},{"scope_name":"im:chat","grant_status":1,"scope_type":"user"}]}}`}
	for name, c := range map[string]struct {
		path    string
		instead answer
		change  func(*Config)
		test    bot.Address
		faults  string // what is missing
		do      string // words of what to do, of any of them
	}{
		"configuration":     {change: func(c *Config) { c.AppSecret = "" }, faults: "配置", do: "配置文件"},
		"no bot":            {path: "/bot/v3/info", instead: refusing(11205, "app do not have bot"), faults: "机器人", do: "添加应用能力"},
		"not activated":     {path: "/bot/v3/info", instead: answer{body: `{"code":0,"bot":{"activate_status":1,"app_name":"联帮","open_id":"ou_bot"}}`}, faults: "机器人", do: "发布"},
		"scopes":            {path: "/scopes", instead: lacking, faults: "权限 发图片和文件,权限 听私聊,权限 听群里 @ 它的话,权限 看所在的群,权限 看群成员姓名,权限 知道自己进群出群", do: "im:message.group_at_msg:readonly，然后在“版本管理与发布”"},
		"no connection":     {path: "/ws/endpoint", instead: answer{body: `{"code":1000040345,"msg":"app_id or app_secret is invalid"}`}, faults: "长连接", do: "发布"},
		"webhook":           {change: webhook, faults: "", do: ""},
		"bot not in group":  {path: "/im/v1/messages", instead: refusing(230002, "no"), test: toGroup, faults: "测试消息", do: "群机器人"},
		"out of range":      {path: "/im/v1/messages", instead: refusing(230013, "no"), test: toPerson, faults: "测试消息", do: "可用范围"},
		"no such chat":      {path: "/im/v1/messages", instead: refusing(230034, "no"), test: toGroup, faults: "测试消息", do: "抄全"},
		"scope for sending": {path: "/im/v1/messages", instead: refusing(99991672, "one of [im:message:send_as_bot] is required"), test: toGroup, faults: "测试消息", do: "im:message:send_as_bot"},
	} {
		t.Run(name, func(t *testing.T) {
			found, _ := examined(t, c.path, c.instead, c.change, c.test)
			var all strings.Builder
			for _, f := range found {
				if !f.OK {
					all.WriteString(f.Do + "\n")
				}
			}
			if got := strings.Join(faults(found), ","); got != c.faults || !strings.Contains(all.String(), c.do) {
				t.Errorf("faults %s, want %s; do %s, want %q", got, c.faults, all.String(), c.do)
			}
		})
	}
	found, _ := examined(t, "", answer{}, webhook, bot.Address{})
	if _, tried := found["长连接"]; tried || !strings.Contains(found["事件订阅"].Do, "https://您的域名/in") {
		t.Errorf("webhook: %+v", found["事件订阅"])
	}
}

// TestExamineProbes: where the list of scopes cannot be read, calls without effect tell.
func TestExamineProbes(t *testing.T) {
	s := newStub(t, func(r seen) answer {
		switch {
		case strings.HasSuffix(r.path, "/scopes"):
			return refusing(99991672, "no")
		case r.path == messagesPath:
			return answer{status: 400, body: `{"code":99991672,"msg":"no","error":{"permission_violations":[{"subject":"im:message"},{"subject":"im:message:send_as_bot"}]}}`}
		case strings.HasSuffix(r.path, "/images"):
			return refusing(234001, "Invalid request param")
		case strings.HasSuffix(r.path, "/chats"):
			return answer{body: `{"code":0,"data":{"items":[{"chat_id":"oc_7"}]}}`}
		case strings.HasSuffix(r.path, "/oc_7/members"):
			return answer{status: 502, body: "<html>", header: map[string]string{"Content-Type": "text/html"}}
		}
		return healthy(r)
	})
	found := map[string]bot.Finding{}
	for _, f := range Examine(t.Context(), Config{Account: "hq", AppID: testAppID, AppSecret: testSecret, BaseURL: s.URL}, bot.Address{}) {
		found[f.What] = f
	}
	if got := strings.Join(faults(found), ","); got != "权限 发消息、更新卡片,权限 看群成员姓名" {
		t.Errorf("faults %s", got)
	}
	if do := found["权限 发消息、更新卡片"].Do; !strings.Contains(do, "im:message 或 im:message:send_as_bot") || !strings.Contains(do, "发布") {
		t.Errorf("do %s", do)
	}
	for _, r := range s.requests() {
		if r.path == messagesPath && r.str("receive_id") != nowhere {
			t.Errorf("something may have been sent to %s", r.str("receive_id"))
		}
	}
}

// TestExamineCredentials: nothing more is looked at without them.
func TestExamineCredentials(t *testing.T) {
	a, err := New(Config{Account: "hq", AppID: testAppID, AppSecret: testSecret})
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]string{10003: "重新复制", 10014: "重新复制", 10015: "重新复制", 99991543: "重新复制", 99991662: "启用", 99991673: "启用", 1: "日志号"} {
		x := examiner{a: a}
		a.tokens = &tokens{now: a.conf.Now, fetch: failing(&apiError{Status: 400, Code: n})}
		if x.credentials(t.Context()) || len(x.Findings) != 1 || !strings.Contains(x.Findings[0].Do, want) {
			t.Errorf("%d: %+v", n, x.Findings)
		}
	}
	x := examiner{a: a}
	a.tokens = &tokens{now: a.conf.Now, fetch: failing(&apiError{Status: 404})}
	if x.credentials(t.Context()); !strings.Contains(x.Findings[0].Do, "base_url") {
		t.Errorf("%+v", x.Findings)
	}
}

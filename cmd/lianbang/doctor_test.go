package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lianbang/bot/feishu/feishutest"
)

// platform is a fake Feishu with one group.
func platform(t *testing.T, o feishutest.Options) (*feishutest.Server, *feishutest.Group) {
	t.Helper()
	server := feishutest.New(o)
	if _, err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server, server.AddGroup("光电信息群", server.AddPerson("王工"))
}

// examined is what lianbang doctor feishu answers to a configuration of accounts.
func examined(t *testing.T, accounts string, args ...string) (code int, out, errs string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(file, []byte("feishu:\n"+accounts), 0o600); err != nil {
		t.Fatal(err)
	}
	var o, e bytes.Buffer
	code = run(context.Background(), append([]string{"doctor", "feishu", "--config", file}, args...), console{strings.NewReader(""), &o, &e})
	return code, o.String(), e.String()
}

// finding judges an examination by its exit code, by what is to be found, and by what must not be said. What is wrong goes to
// the errors, and only that.
func finding(t *testing.T, want int, wants, nevers []string) func(code int, out, errs string) {
	return func(code int, out, errs string) {
		t.Helper()
		if code != want || (errs == "") != (code == 0) {
			t.Errorf("code %d, errors %q", code, errs)
		}
		all := out + errs
		for _, want := range wants {
			if !strings.Contains(all, want) {
				t.Errorf("%q is not in\n%s", want, all)
			}
		}
		for _, never := range nevers {
			if strings.Contains(all, never) {
				t.Errorf("%q is in\n%s", never, all)
			}
		}
	}
}

func account1(s *feishutest.Server, secret string) string {
	return fmt.Sprintf("  - {name: main, app_id: %s, app_secret: %s, base_url: \"%s\"}\n", s.AppID(), secret, s.BaseURL())
}

// TestDoctor: every ill is found and said, with what to do, and only ills make the command fail.
func TestDoctor(t *testing.T) {
	const endpoint = "/callback/ws/endpoint"
	for name, c := range map[string]struct {
		ill    func(s *feishutest.Server)
		secret string
		code   int
		wants  []string
		never  []string
	}{
		"well": {
			wants: []string{"飞书账号 main：应用 " + feishutest.DefaultAppID + "，长连接方式", "✓ 应用凭证", "✓ 机器人：联帮 已启用", "✓ 权限 发消息", "✓ 长连接",
				"! 事件订阅", "im.message.receive_v1", "! 卡片回调", "card.action.trigger", "没有要改的"},
			never: []string{"✗", "测试消息"},
		},
		"wrong secret": {
			secret: "Wrong-" + secretWord, code: 1,
			wants: []string{"✗ 应用凭证：app_id 或 app_secret 不对", "凭证与基础信息"}, never: []string{"机器人："},
		},
		"missing scope": {
			ill:  func(s *feishutest.Server) { s.Revoke("im:chat.members:read", "im:resource") },
			code: 1, wants: []string{"✗ 权限 看群成员姓名：没有", "im:chat.members:read", "✗ 权限 发图片和文件：没有", "发布", "还有 2 处要处理"},
			never: []string{"✗ 权限 发消息"},
		},
		"bot disabled": {
			ill: func(s *feishutest.Server) {
				s.Inject(feishutest.Fault{Path: "/open-apis/bot/v3/info", Times: 10, Code: 230006, Msg: "Bot ability is not activated."})
			},
			code: 1, wants: []string{"✗ 机器人：", "230006", "添加应用能力", "还有 1 处要处理"},
		},
		"long connection refused": {
			ill: func(s *feishutest.Server) {
				s.Inject(feishutest.Fault{Path: endpoint, Times: 10, Status: 200, Code: 1000040345, Msg: "app_id or app_secret is invalid"})
			},
			code: 1, wants: []string{"✗ 长连接：", "1000040345", "发布", "还有 1 处要处理"},
		},
		"long connection full": {
			ill: func(s *feishutest.Server) {
				s.Inject(feishutest.Fault{Path: endpoint, Times: 10, Status: 200, Code: 1000040350, Msg: "too many connections"})
			},
			code: 1, wants: []string{"✗ 长连接：", "1000040350", "50"},
		},
		"not Feishu at all": {
			ill: func(s *feishutest.Server) {
				s.Inject(feishutest.Fault{Times: 100, Status: 502, Body: "<html>bad gateway</html>"})
			},
			code: 1, wants: []string{"✗ 应用凭证：", "base_url"}, never: []string{"html"},
		},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			server, _ := platform(t, feishutest.Options{})
			if c.ill != nil {
				c.ill(server)
			}
			if c.secret == "" {
				c.secret = server.AppSecret()
			}
			finding(t, c.code, c.wants, append(c.never, c.secret, secretWord))(examined(t, account1(server, c.secret)))
		})
	}
}

// TestDoctorSends: a test message goes where it was asked to go, again each time, and nowhere else.
func TestDoctorSends(t *testing.T) {
	server, group := platform(t, feishutest.Options{})
	hook := group.AddHook("sign-"+secretWord, "")
	stranger := server.AddGroup("没有机器人的群")
	stranger.RemoveBot(t.Context(), server.Person("王工"))
	accounts := account1(server, server.AppSecret()) + fmt.Sprintf(
		"  - {name: push, groups: [{title: 外部群, url: \"%s%s\", secret: sign-%s, consortium: 光电信息}, {title: 另一群, url: \"%s/open-apis/bot/v2/hook/gone\", consortium: 光电信息}]}\n",
		server.BaseURL(), hook.Path, secretWord, server.BaseURL())
	for _, c := range []struct {
		args  []string
		code  int
		wants []string
		sent  int // messages in the group since the start
	}{
		{nil, 0, []string{"飞书账号 main", "飞书账号 push：自定义机器人，只推送，2 个群", "! 群 外部群：地址的样子对，没有试发。要试发就加上 --account push --send 外部群"}, 0},
		{[]string{"--send", group.ID}, 1, []string{"--send 要和 --account 一起用", "main、push"}, 0},
		{[]string{"--account", "nobody"}, 1, []string{"没有“nobody”这个飞书账号，可以写 main、push"}, 0},
		{[]string{"--account", "main", "--send", group.ID}, 0, []string{"✓ 测试消息"}, 1},
		{[]string{"--account", "main", "--send", group.ID}, 0, []string{"✓ 测试消息"}, 2},
		{[]string{"--account", "main", "--send", "光电信息群"}, 1, []string{"✗ 试发消息：“光电信息群”不是会话", "oc_"}, 2},
		{[]string{"--account", "main", "--send", stranger.ID}, 1, []string{"✗ 测试消息：机器人不在这个群里(230002)", "群机器人"}, 2},
		{[]string{"--account", "push", "--send", "外部群"}, 0, []string{"✓ 群 外部群：测试消息已发出", "! 群 另一群：地址的样子对"}, 3},
		{[]string{"--account", "push", "--send", "另一群"}, 1, []string{"✗ 群 另一群：测试消息没有发出(错误码 19001)", "重新复制 Webhook 地址"}, 3},
		{[]string{"--account", "push", "--send", "第三群"}, 1, []string{"✗ 试发消息：这个账号没有“第三群”这个群"}, 3},
	} {
		code, out, errs := examined(t, accounts, c.args...)
		if code != c.code {
			t.Errorf("%q: code %d\n%s%s", c.args, code, out, errs)
		}
		for _, want := range c.wants {
			if !strings.Contains(out+errs, want) {
				t.Errorf("%q: %q is not in\n%s%s", c.args, want, out, errs)
			}
		}
		if strings.Contains(out+errs, secretWord) || strings.Contains(out+errs, hook.Path) {
			t.Errorf("%q shows a secret:\n%s%s", c.args, out, errs)
		}
		if got := len(server.Messages(group.ID)); got != c.sent {
			t.Errorf("%q: %d messages in the group, want %d", c.args, got, c.sent)
		}
	}
}

// TestDoctorWithoutAccounts says where to begin.
func TestDoctorWithoutAccounts(t *testing.T) {
	if got := refused(t, 1, "doctor", "feishu"); !strings.Contains(got, "配置里没有飞书账号") || !strings.Contains(got, "docs/feishu.zh-CN.md") {
		t.Error(got)
	}
}

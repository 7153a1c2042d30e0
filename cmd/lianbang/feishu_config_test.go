package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	secretWord = "Zg7-very-secret-word"
	hookURL    = "https://open.feishu.cn/open-apis/bot/v2/hook/" + secretWord
)

// withSecrets writes files next to a configuration and gives the path of the configuration, in which DIR stands for their
// folder.
func withSecrets(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"secret": " " + secretWord + "\n", "url": hookURL + "\n", "wecom-url": wecomHookURL + "\n",
		"aes": aesKey + "\n", "empty": "\n", "big": strings.Repeat("x", maxSecretFile+1)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "c.yaml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(text, "DIR", dir)), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const app = "app_id: cli_1a2b3c4d5e6f7081, app_secret: " + secretWord

// TestFeishuConfig: what is right is taken as it is meant.
func TestFeishuConfig(t *testing.T) {
	t.Setenv("LIANBANG_FEISHU_PARK_2_APP_SECRET", secretWord+"2")
	cfg, err := LoadConfig(withSecrets(t, `
feishu:
  - {app_id: cli_1a2b3c4d5e6f7081, app_secret_file: DIR/secret}
  - {name: park-2, app_id: cli_00000000000000ff, app_secret: overridden, mode: webhook, encrypt_key_file: DIR/secret, base_url: "http://127.0.0.1:8700/"}
  - {name: lark, app_id: cli_new, app_secret: 12345678901234567890, mode: webhook, verification_token: v, path: /in/lark, base_url: "https://open.larksuite.com"}
  - name: push
    groups:
      - {title: 外部企业群, url_file: DIR/url, secret_file: DIR/secret, consortium: 光电信息}
      - {title: 一/二支部群, url: `+hookURL+`, consortium: 光电信息}
`))
	if err != nil {
		t.Fatal(err)
	}
	first, second, lark, push := cfg.Feishu[0], cfg.Feishu[1], cfg.Feishu[2], cfg.Feishu[3]
	for _, c := range []struct{ what, got, want string }{
		{"account without a name", first.account(), "main"},
		{"mode", string(first.mode()), "websocket"},
		{"secret from a file", string(first.AppSecret), secretWord},
		{"secret from the environment", string(second.AppSecret), secretWord + "2"},
		{"encrypt key", string(second.EncryptKey), secretWord},
		{"path", second.path(), "/feishu/park-2"},
		{"secret of digits", string(lark.AppSecret), "12345678901234567890"},
		{"own path", lark.path(), "/in/lark"},
		{"hook", string(push.Groups[0].URL), hookURL},
		{"hook's secret", string(push.Groups[0].Secret), secretWord},
		{"hook in place", string(push.Groups[1].URL), hookURL},
		{"hook without a secret", string(push.Groups[1].Secret), ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
	if first.pushOnly() || !push.pushOnly() {
		t.Error("the account of custom bots is not the one without an app")
	}
	doubts := strings.Join(cfg.doubts(), "\n")
	for _, want := range []string{"feishu 第3项 mode：飞书要从外网推送进来，而 listen 是 127.0.0.1:8080", "/in/lark 转到这里",
		"feishu 第3项 app_id：cli_new 和常见的样子", "feishu 第3项 encrypt_key：没写"} {
		if !strings.Contains(doubts, want) {
			t.Errorf("%q is not in\n%s", want, doubts)
		}
	}
	if strings.Contains(doubts, "第1项") || strings.Contains(doubts, "第2项") || strings.Contains(doubts, "第4项") {
		t.Errorf("doubts about what is plain:\n%s", doubts)
	}
}

// TestFeishuMistakes: every mistake is named with its place, all at once, and none shows a secret.
func TestFeishuMistakes(t *testing.T) {
	group := func(keys string) string { return "feishu: [{groups: [{" + keys + "}]}]" }
	for _, c := range []struct {
		text  string
		wants []string
	}{
		{"feishu: [{}]", []string{"有 2 处要改", "feishu 第1项 app_id：要写应用的 App ID", "feishu 第1项 app_secret：要写应用的 App Secret"}},
		{"feishu: [{app_id: " + secretWord + ", app_secret: x}]", []string{"有 1 处要改", "第1项 app_id：不是 App ID"}},
		{"feishu: [{" + app + ", name: 总部}]", []string{"有 1 处要改", "第1项 name：“总部”不行"}},
		{"feishu: [{" + app + "}, {app_id: cli_2, app_secret: x}]", []string{"有 1 处要改", "第2项 name：main 和第1项相同"}},
		{"feishu: [{" + app + "}, {name: b, " + app + "}]", []string{"有 1 处要改", "第2项 app_id：cli_1a2b3c4d5e6f7081 和第1项相同，一个应用只写一次"}},
		{"feishu: [{app_id: cli_1a2b3c4d5e6f7081, app_secret: \"" + secretWord + " x\", encrypt_key: 密钥}]", []string{"有 2 处要改",
			"第1项 app_secret：里面有空格、换行或中文", "第1项 encrypt_key：前后有空格，或里面有换行、中文"}},
		{"feishu: [{" + app + ", mode: push}]", []string{"有 1 处要改", "第1项 mode：没有“push”这种方式"}},
		{"feishu: [{" + app + ", mode: webhook}]", []string{"有 1 处要改", "第1项 encrypt_key：webhook 方式要写 encrypt_key 或 verification_token"}},
		{"feishu: [{" + app + ", mode: webhook, encrypt_key: k, path: in}]", []string{"有 1 处要改", "第1项 path：“in”不行"}},
		{"feishu: [{" + app + ", mode: webhook, encrypt_key: k, path: /a/../b}]", []string{"有 1 处要改", "第1项 path"}},
		{"feishu: [{" + app + ", mode: webhook, encrypt_key: k, path: \"/a/{b}\"}]", []string{"有 1 处要改", "第1项 path"}},
		{"feishu: [{" + app + ", mode: webhook, encrypt_key: k, path: /metrics}]", []string{"有 1 处要改", "第1项 path：/metrics 已有别的用处"}},
		{"feishu: [{" + app + ", mode: webhook, encrypt_key: k, path: /in}, {name: b, app_id: cli_2, app_secret: x, mode: webhook, verification_token: v, path: /in}]",
			[]string{"有 1 处要改", "feishu 第2项 path：/in 和 feishu 第1项 path 相同"}},
		{"feishu: [{" + app + ", base_url: open.feishu.cn}]", []string{"有 1 处要改", "第1项 base_url：要写成 https://open.feishu.cn 这样"}},
		{"feishu: [{" + app + ", base_url: \"https://u:" + secretWord + "@open.feishu.cn\"}]", []string{"有 1 处要改", "第1项 base_url"}},
		{"feishu: [{" + app + ", base_url: \"https://open.feishu.cn/open-apis\"}]", []string{"有 1 处要改", "后面不带路径"}},
		{"feishu: [{" + app + ", base_url: \"http://open.feishu.cn\"}]", []string{"有 1 处要改", "第1项 base_url：要用 https"}},
		{"feishu: [{app_id: cli_1a2b3c4d5e6f7081, app_secret_file: DIR/none}]", []string{"有 1 处要改", "第1项 app_secret_file：找不到 "}},
		{"feishu: [{app_id: cli_1a2b3c4d5e6f7081, app_secret_file: DIR/empty}]", []string{"有 1 处要改", "第1项 app_secret_file：", "是空的"}},
		{"feishu: [{app_id: cli_1a2b3c4d5e6f7081, app_secret_file: DIR/big}]", []string{"有 1 处要改", "太大"}},
		{"feishu: [{app_id: cli_1a2b3c4d5e6f7081, app_secret_file: DIR}]", []string{"有 1 处要改", "是目录，这里要写文件"}},
		{"feishu: [{" + app + ", app_secret_file: DIR/secret}]", []string{"有 1 处要改", "第1项 app_secret：和 app_secret_file 只写一个"}},
		{"feishu: [{" + app + ", groups: [{title: 群, url: \"" + hookURL + "\", consortium: 光电}]}]", []string{"有 1 处要改", "第1项 groups：自定义机器人的群另写一个账号"}},
		{group(""), []string{"有 3 处要改", "groups 第1项 title：要写群名", "groups 第1项 url：要写自定义机器人的 Webhook 地址", "groups 第1项 consortium：要写联合体的名称"}},
		{group("title: 群, consortium: 光电, url: \"https://open.feishu.cn/" + secretWord + "\""), []string{"有 1 处要改", "groups 第1项 url：不是自定义机器人的地址"}},
		{group("title: 群, consortium: 光电, url: \"" + strings.Replace(hookURL, "https", "http", 1) + "\""), []string{"有 1 处要改", "groups 第1项 url"}},
		{group("title: 群, consortium: 光电, url_file: DIR/none"), []string{"有 1 处要改", "groups 第1项 url_file：找不到"}},
		{group("title: 群, consortium: 光电, url: \"" + hookURL + "\"}, {title: 群, consortium: 光电, url_file: DIR/url"), []string{"有 1 处要改", "groups 第2项 title：“群”和第1项重名"}},
		{"feishu: [{app_secret: " + secretWord + ", groups: [{title: 群, url: \"" + hookURL + "\", consortium: 光电}]}]", []string{"有 1 处要改", "第1项 app_id：写了 app_secret，没写 app_id"}},
		{"feishu: {" + app + "}", []string{"第1行：这里要写列表，每项以“- ”开头，写成了一组配置项"}},
		{"feishu: [" + secretWord + "]", []string{"第1行：这里要写一组配置项，每行一个，写成了文字"}},
		{"feishu: [{" + app + ", app_secrt: x}]", []string{"没有 app_secrt 这个配置项，这里可以写 name、app_id、app_secret"}},
		{"feishu: [{app_id: cli_1, app_secret: [" + secretWord + "]}]", []string{"这里要写一段文字，写成了列表"}},
		{group("titel: x"), []string{"没有 titel 这个配置项，这里可以写 title、url"}},
	} {
		file := withSecrets(t, c.text)
		got := refused(t, 1, "check-config", "--config", file)
		for _, want := range c.wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q is not in\n%s", c.text, want, got)
			}
		}
		if strings.Contains(got, secretWord[:6]) || strings.Contains(got, "main.") || strings.Contains(got, "!!") {
			t.Errorf("%s: shows what it must not:\n%s", c.text, got)
		}
	}
}

// TestFeishuExample: the account that the example shows in its comments is one, once it is no comment.
func TestFeishuExample(t *testing.T) {
	block := exampleOf(t, "feishu", "./secrets/feishu-main", "DIR/secret", "./secrets/feishu-push-1", "DIR/url")
	cfg, err := LoadConfig(withSecrets(t, block))
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Feishu) != 2 || cfg.Feishu[0].AppSecret != secretWord || !cfg.Feishu[1].pushOnly() || len(cfg.doubts()) != 0 {
		t.Errorf("%+v %q", cfg.Feishu, cfg.doubts())
	}
}

package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"lianbang/bot/wecom/wecomtest"
)

// wecomManual is docs/wecom.zh-CN.md.
func wecomManual(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/wecom.zh-CN.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestWeComManualConfigurations: every configuration that the manual shows is one.
func TestWeComManualConfigurations(t *testing.T) {
	files := strings.NewReplacer("./secrets/wecom-main-aes", "DIR/aes", "./secrets/wecom-main-1", "DIR/wecom-url", "./secrets/wecom-push-1", "DIR/wecom-url",
		"./secrets/wecom-main-bot", "DIR/secret", "./secrets/wecom-main-app", "DIR/secret", "./secrets/wecom-main-token", "DIR/secret")
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(wecomManual(t), -1)
	if len(blocks) < 5 {
		t.Fatalf("%d configurations", len(blocks))
	}
	for _, b := range blocks {
		text := files.Replace(b[1])
		if strings.HasPrefix(text, " ") { // what is added to the first one
			text = "wecom:\n  - " + aiBot + "\n" + text
		}
		if got := lianbang(t, "", "check-config", "--config", withSecrets(t, text)); !strings.Contains(got, "配置没有问题") || !strings.Contains(got, "企业微信账号") {
			t.Errorf("%s\n%s", b[1], got)
		}
	}
}

// TestWeComManualFindings: the manual says what to do about each thing that the doctor looks at.
func TestWeComManualFindings(t *testing.T) {
	_, table, _ := strings.Cut(wecomManual(t), "## 检查说了什么")
	table, _, _ = strings.Cut(table, "## 常见问题")
	server := company(t, wecomtest.Options{})
	aiBot, ownApp, group := parts(server)
	heard := strings.Replace(ownApp, "}", ", token: t, aes_key: "+aesKey+"}", 1)
	group = strings.Replace(group, "}", ", appchat: duty2026}", 1)
	looked := 0
	for _, account := range []string{aiBot + ", " + heard + ", groups: [" + group + "]", called} {
		_, out, _ := wecomExamined(t, "  - {"+account+"}\n", "--connect", "--send", wecomtest.DefaultGroup.ChatID)
		for _, m := range regexp.MustCompile(`(?m)^[✓✗!] ([^：]+)：`).FindAllStringSubmatch(out, -1) {
			looked++
			if !strings.Contains(table, m[1]) {
				t.Errorf("the manual does not speak of %s", m[1])
			}
		}
	}
	if looked < 12 {
		t.Errorf("only %d findings", looked)
	}
}

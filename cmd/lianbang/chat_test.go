package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
)

// lianbang runs a command line to its end and returns what it printed.
func lianbang(t *testing.T, input string, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(context.Background(), args, console{strings.NewReader(input), &out, &errs}); code != 0 {
		t.Fatalf("lianbang %s ended with %d: %s", strings.Join(args, " "), code, errs.String())
	}
	return out.String()
}

func TestChatScript(t *testing.T) {
	data := t.TempDir()
	chat := func(input string, args ...string) string {
		return lianbang(t, input, append([]string{"chat", "--data", data, "--now", "2026-11-26T10:12"}, args...)...)
	}
	got := chat("登记活动 12月4日下午3点半 联合主题党日 地点 光子重点实验室 限5人\n\n报名 H1 3人\n", "--as", "林书记", "--room", "光电信息群")
	for _, want := range []string{"已登记 H1 联合主题党日\n", "　时间 12月4日(周五) 15:30\n", "已报名 H1 联合主题党日，林书记 3 人(已报 3/5，余 2 位)。\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in:\n%s", want, got)
		}
	}
	if got := chat("报诉求 用工 招10人\n", "--as", "刘HR", "--room", "光电信息群"); !strings.Contains(got, "(私聊) 已登记 S1 用工诉求") || !strings.Contains(got, "\n诉求的事我们私下说") && !strings.HasPrefix(got, "诉求的事我们私下说") {
		t.Errorf("a need said in a group:\n%s", got)
	}
	var heard struct {
		Room    string
		Private bool
		Text    string
		Reply   struct{ Card struct{ Title string } }
	}
	if err := json.Unmarshal([]byte(chat("进度\n", "--as", "刘HR", "--json")), &heard); err != nil {
		t.Fatal(err)
	}
	if heard.Room != "private" || !heard.Private || heard.Reply.Card.Title != "S1 用工诉求 · 待派单" || !strings.Contains(heard.Text, "招10人") {
		t.Errorf("%+v", heard)
	}
	if got := chat(strings.Repeat("长", 300_000)+"\n活动\n", "--as", "王工"); !strings.Contains(got, "太长") || !strings.Contains(got, "H1 联合主题党日") {
		t.Errorf("after a line of a megabyte:\n%s", got)
	}
	if got := lianbang(t, "", "audit", "verify", "--data", data); !strings.HasPrefix(got, "审计日志完整") {
		t.Error(got)
	}
	if got := lianbang(t, "", "outbox", "list", "--data", data); got != "没有要处理的消息。\n" {
		t.Error(got)
	}
}

// TestChatJoins: the terminal joins the bot that serves the data folder.
func TestChatJoins(t *testing.T) {
	data := t.TempDir()
	serveOn(t, data)
	got := lianbang(t, "帮助 报名\n活动\n", "chat", "--data", data, "--as", "王工")
	if !strings.Contains(got, "怎么报名") || !strings.Contains(got, "接下来还没有活动") {
		t.Error(got)
	}
	var out, errs bytes.Buffer
	if code := run(context.Background(), []string{"serve", "--data", data, "--listen", "127.0.0.1:0"}, console{strings.NewReader(""), &out, &errs}); code == 0 || !strings.Contains(errs.String(), "in use") {
		t.Errorf("a second bot on the folder: %d %s", code, errs.String())
	}
}

func TestDemo(t *testing.T) {
	data := t.TempDir()
	if got := lianbang(t, "", "demo", "--data", data); !strings.HasPrefix(got, "演示数据已载入：7 个联合体") {
		t.Fatal(got)
	}
	var out, errs bytes.Buffer
	if code := run(context.Background(), []string{"demo", "--data", data}, console{strings.NewReader(""), &out, &errs}); code == 0 || !strings.Contains(errs.String(), "loaded already") {
		t.Errorf("loaded twice: %s", errs.String())
	}
	for who, want := range map[string]string{"刘HR": "S1 用工 已办结", "张航": "S2 融资 办理中", "陈涛": "候补 1 人", "何统筹": "您还没有报名活动"} {
		if got := lianbang(t, "我的\n", "chat", "--data", data, "--as", who); !strings.Contains(got, want) {
			t.Errorf("%s: %q is not in\n%s", who, want, got)
		}
	}
	if got := lianbang(t, "待派\n", "chat", "--data", data, "--as", "何统筹"); !strings.Contains(got, "S3 税务 党建指导员") {
		t.Error(got)
	}
	if got := lianbang(t, "", "audit", "verify", "--data", data); !strings.HasPrefix(got, "审计日志完整") {
		t.Error(got)
	}
}

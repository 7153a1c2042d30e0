package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"lianbang/bot/webchat"
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
	if got := lianbang(t, "", "outbox", "list", "--twice", "--data", data); got != "没有可能发了两遍的消息。\n" {
		t.Error(got)
	}
	if got := refused(t, 1, "outbox", "list", "--twice", "--state=sent", "--data", data); !strings.Contains(got, "--state 和 --twice 只能写一个") {
		t.Error(got)
	}
}

// deaf is a speaker whose lines are lost, but for those that are refused.
type deaf struct{}

func (deaf) say(_ context.Context, line string, _ []enclosed) error {
	switch line {
	case "丢":
		return webchat.ErrClosed
	case "不行":
		return errRefused{}
	}
	return nil
}
func (deaf) settle(context.Context) error { return nil }
func (deaf) heard() <-chan heard          { return nil }

type errRefused struct{}

func (errRefused) Error() string       { return "refused" }
func (errRefused) UserMessage() string { return "这条不行。" }

// TestChatLoses: lines that were not taken make a script fail; those that were answered with a refusal do not.
func TestChatLoses(t *testing.T) {
	for input, lost := range map[string]string{"丢\n活动\n丢\n": "2 行", "活动\n不行\n": ""} {
		var out, errs bytes.Buffer
		c := chatCommand{As: "林书记", Room: "群"}
		err := c.converse(t.Context(), console{strings.NewReader(input), &out, &errs}, deaf{})
		if lost == "" && (err != nil || errs.Len() > 0 || out.String() != "这条不行。\n") {
			t.Errorf("%q: %v, %q, %q", input, err, &errs, &out)
		}
		if lost != "" && (err == nil || !strings.Contains(err.Error(), lost) || strings.Count(errs.String(), "断开了") != 2) {
			t.Errorf("%q: %v, %q", input, err, &errs)
		}
	}
}

// refused runs a command line that must end with the code, and returns what it complained of.
func refused(t *testing.T, code int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if got := run(context.Background(), args, console{strings.NewReader(""), &out, &errs}); got != code || out.Len() > 0 || !strings.HasPrefix(errs.String(), "lianbang: ") {
		t.Errorf("lianbang %s ended with %d, not %d: %q, %q", strings.Join(args, " "), got, code, &out, &errs)
	}
	return errs.String()
}

// TestComplaints: what is wrong with a command line is said in Chinese, with the way out.
func TestComplaints(t *testing.T) {
	data := filepath.Join(t.TempDir(), "没有")
	for _, c := range []struct {
		line string
		code int
		want string
	}{
		{"--foo", 2, "没有 --foo 这个选项"},
		{"frob", 2, "不认识“frob”"},
		{"chat", 2, "还要写 --as=NAME"},
		{"chat --as", 2, "--as 后面要写内容"},
		{"outbox", 2, `后面要写其中一个："list", "retry", "drop"`},
		{"outbox retry", 2, "后面要写消息的编号"},
		{"outbox retry abc", 2, "编号要写整数，这里是“abc”"},
		{"outbox list --limit x", 2, "--limit 要写整数，这里是“x”"},
		{"--config /nowhere.yaml", 2, "找不到配置文件 /nowhere.yaml"},
		{"outbox list --state bogus", 1, "--state 没有“bogus”这个状态"},
		{"outbox list --limit 0", 1, "--limit 要写 1 或更大的整数"},
		{"chat --as=", 1, "--as 后面要写说话人的名字"},
		{"chat --as 联帮", 1, "是机器人的名字"},
		{"chat --as 林书记 --now 明天", 1, "--now 看不懂“明天”"},
		{"serve --listen 0.0.0.0:99999", 1, "listen：0.0.0.0:99999 的端口 99999 不对"},
		{"serve --listen 127.0.0.1", 1, "不是地址加端口"},
		{"serve --listen 0.0.0.0:8080", 1, "网页群聊没有登录"},
	} {
		args := strings.Fields(c.line)
		if args[0] != "--config" {
			args = append([]string{"--data", filepath.Join(t.TempDir(), "data")}, args...)
		}
		got := refused(t, c.code, args...)
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: %q is not in %s", c.line, c.want, got)
		}
	}
	for _, args := range [][]string{{"audit", "verify"}, {"outbox", "list"}, {"outbox", "retry", "1"}, {"outbox", "drop", "1"}, {"chat", "--as="}} {
		got := refused(t, 1, append([]string{"--data", data}, args...)...)
		if args[0] != "chat" && !strings.Contains(got, "里没有数据") {
			t.Errorf("%v without data: %s", args, got)
		}
	}
	if _, err := os.Stat(data); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a refused command made the data folder: %v", err)
	}
}

// TestNoData: a folder with something else in it stays as it is.
func TestNoData(t *testing.T) {
	data := t.TempDir()
	for _, args := range [][]string{{"audit", "verify"}, {"outbox", "list"}} {
		refused(t, 1, append([]string{"--data", data}, args...)...)
	}
	if left, err := os.ReadDir(data); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
	lianbang(t, "", "migrate", "--data", data)
	if got := refused(t, 1, "outbox", "retry", "7", "--data", data); !strings.Contains(got, "没有编号 7 的消息") {
		t.Error(got)
	}
}

// TestConfigInChinese: every mistake in a file is named with its line, without the names of Go.
func TestConfigInChinese(t *testing.T) {
	for text, wants := range map[string][]string{
		"bot_name: 联帮\nnonsense: 1\n":                   {"有 1 处要改", "第2行：没有 nonsense 这个配置项，这里可以写 bot_name、timezone"},
		"web:\n  enabld: true\n  rooms: 7\n":            {"有 2 处要改", "第2行：没有 enabld 这个配置项，这里可以写 enabled、rooms", "第3行：这里要写列表，例如 [甲, 乙]，写成了整数 7"},
		"web: {enabled: maybe}\nneeds: 三\n":             {"第1行：这里要写 true 或 false，写成了文字 maybe", "第2行：这里要写一组配置项，每行一个，写成了文字 三"},
		"bot_name: [a]\ndatabase: {postgres: [secret]}": {"第1行：这里要写一段文字，写成了列表", "第2行：这里要写一段文字，写成了列表"},
		"listen: 127.0.0.1:1\nlisten: 127.0.0.1:2\n":    {"第2行：listen 在第1行已经写过"},
		"web:\n\tenabled: true\n":                       {"第2行：有不能这样用的字符"},
		"listen: \"127.0.0.1\n":                         {"行附近：格式不对"},
		"listen: 0.0.0.0:99999\n":                       {"listen：0.0.0.0:99999 的端口 99999 不对，要在 1 到 65535 之间"},
		"listen: \"127.0.0.1:\"\n":                      {"listen：“127.0.0.1:”不是地址加端口"},
		"database: {postgres_file: /nowhere}\n":         {"database.postgres_file：找不到 /nowhere"},
	} {
		file := filepath.Join(t.TempDir(), "c.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got := refused(t, 1, "check-config", "--config", file)
		for _, want := range append(wants, "配置文件 "+file) {
			if !strings.Contains(got, want) {
				t.Errorf("%q: %q is not in\n%s", text, want, got)
			}
		}
		if strings.Contains(got, "main.") || strings.Contains(got, "!!") || strings.Contains(got, "line ") {
			t.Errorf("%q: not in Chinese:\n%s", text, got)
		}
	}
}

// TestInChinese: causes from below are said in Chinese too, each of several on its line.
func TestInChinese(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("make the data folder: %w", &fs.PathError{Op: "mkdir", Path: "/数据", Err: syscall.EACCES}), "没有权限使用 /数据。检查它的权限，或换一个"},
		{fmt.Errorf("listen: %w", &net.OpError{Op: "listen", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}, Err: syscall.EADDRINUSE}), "地址 127.0.0.1:80 已被别的程序占用。换一个端口，或先停掉那个程序"},
		{errors.Join(errors.New("一"), errors.New("two")), "一\n没有成功：two"},
		{fmt.Errorf("%w: %w", errors.New("away"), context.DeadlineExceeded), "等得太久，没有做完。稍后再试"},
		{errors.New("数据目录 /d 正由别的程序使用"), "数据目录 /d 正由别的程序使用"},
	} {
		if got := inChinese(c.err); got != c.want {
			t.Errorf("%v: %s", c.err, got)
		}
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
	if code := run(context.Background(), []string{"serve", "--data", data, "--listen", "127.0.0.1:0"}, console{strings.NewReader(""), &out, &errs}); code == 0 || !strings.Contains(errs.String(), "正由运行中的 lianbang 使用") {
		t.Errorf("a second bot on the folder: %d %s", code, errs.String())
	}
}

func TestDemo(t *testing.T) {
	data := t.TempDir()
	if got := lianbang(t, "", "demo", "--data", data); !strings.HasPrefix(got, "演示数据已载入：7 个联合体") {
		t.Fatal(got)
	}
	var out, errs bytes.Buffer
	if code := run(context.Background(), []string{"demo", "--data", data}, console{strings.NewReader(""), &out, &errs}); code == 0 || !strings.Contains(errs.String(), "已经载入过演示数据") {
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

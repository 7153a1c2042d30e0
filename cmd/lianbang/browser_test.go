package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestBrowser opens the page of the running program in a headless Chromium, registers an activity by typing, signs up by
// clicking, and sees the waiting list. With -update the screenshot is kept for the README.
func TestBrowser(t *testing.T) {
	ctx := chromium(t)
	url := serveOn(t, t.TempDir())
	const last = `[...document.querySelectorAll('.log:not([hidden]) .msg, .log:not([hidden]) li, .log:not([hidden]) article')].at(-1)?.textContent ?? ''`
	sees := func(words string) chromedp.Action[chromedp.Void] {
		return chromedp.Poll[chromedp.Void](fmt.Sprintf(`(%s).includes(%q)`, last, words), chromedp.WithPollingTimeout(15*time.Second))
	}
	become := func(who string) chromedp.Action[chromedp.Void] {
		return chromedp.Navigate(url + "?as=" + who + "#who=" + who + "&room=光电信息群")
	}
	types := func(words string) chromedp.Action[chromedp.Void] {
		return chromedp.SendKeys(chromedp.CSS(`#text`), words+"\r")
	}
	signUp := chromedp.Click(chromedp.CSS(`button[data-command="报名 H1"]`))
	steps := []struct {
		name string
		do   []chromedp.Action[chromedp.Void]
	}{
		{"register by typing", []chromedp.Action[chromedp.Void]{
			chromedp.EmulateViewport(1120, 1120), become("林书记"), chromedp.WaitVisible(chromedp.CSS(`#text`)),
			types("登记活动 下周三下午2点半 光电产业链参观 地点 省光子技术重点实验室 限3人"), sees("已登记 H1 光电产业链参观"),
		}},
		{"sign up by clicking", []chromedp.Action[chromedp.Void]{become("王工"), sees("已登记 H1"), signUp, sees("已报 1/3")}},
		{"sign up by typing", []chromedp.Action[chromedp.Void]{become("赵敏"), sees("已报 1/3"), types("报名 H1 2人"), sees("已报 3/3")}},
		{"the waiting list", []chromedp.Action[chromedp.Void]{become("陈涛"), sees("已报 3/3"), signUp, sees("候补 1 人，排在第 1 位")}},
	}
	for _, s := range steps {
		if err := chromedp.Do(ctx, s.do...); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
	}
	err := chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		png, err := chromedp.CaptureScreenshot()(ctx, tab)
		if err != nil || !*update {
			return err
		}
		return os.WriteFile("../../docs/chat.png", png, 0o644)
	}))
	if err != nil {
		t.Fatal(err)
	}
}

// chromium starts a browser, or skips where there is none.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("LIANBANG_REQUIRE_CHROMIUM") == "1" {
			t.Fatal("Chromium is required and not installed")
		}
		t.Skip("Chromium is not installed")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.WSURLReadTimeout(time.Minute))...)
	t.Cleanup(stop)
	ctx, stopTab := chromedp.NewContext(ctx)
	t.Cleanup(stopTab)
	return ctx
}

// serveOn runs the program on a data folder and a free port, and returns its address. It stops with the test.
func serveOn(t *testing.T, data string) string {
	t.Helper()
	out, in := io.Pipe()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"serve", "--data", data, "--listen", "127.0.0.1:0"}, console{in: strings.NewReader(""), out: in, err: testWriter{t}})
		in.Close()
	}()
	t.Cleanup(func() {
		stop()
		if code := <-done; code != 0 {
			t.Errorf("the program ended with %d", code)
		}
	})
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("the program did not start")
	}
	_, url, ok := strings.Cut(lines.Text(), "：")
	if !ok {
		t.Fatalf("the first line is %q", lines.Text())
	}
	go func() {
		for lines.Scan() {
		}
	}()
	return url
}

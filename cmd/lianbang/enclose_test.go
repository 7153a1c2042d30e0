package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lianbang/bot"
	"lianbang/bot/bottest"
)

// TestChatPictures: a script sends photos, and is told what became of them before it ends; what they show can be seen.
func TestChatPictures(t *testing.T) {
	dir := t.TempDir()
	data, photo := filepath.Join(dir, "data"), filepath.Join(dir, "合 影.png")
	if err := os.WriteFile(photo, must(bottest.Picture(bot.FileRef{Key: "合影"})).Data, 0o600); err != nil {
		t.Fatal(err)
	}
	lianbang(t, "登记活动 2026年12月4日下午2点到4点 光电产业链参观 地点 重点实验室\n", "chat", "--as=林书记", "--room=光电信息群", "--data", data, "--now=2026-12-03T09:00")
	got := lianbang(t, "[图片 "+photo+"]\n[图片 "+photo+"] 照片 H1\n照片 H1\n", "chat", "--as=林书记", "--data", data, "--now=2026-12-04T16:30")
	for _, want := range []string{"已存进 H1 光电产业链参观：1 张照片，现在共 1 张。", "1 张 H1 里已经有了，没有重复存。", "[文件] H1-1.png"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if _, _, err := readEnclosed("[图片 " + filepath.Join(dir, "没有.png") + "]"); err == nil || !strings.Contains(err.Error(), "找不到文件") {
		t.Errorf("a file that is not there: %v", err)
	}
}

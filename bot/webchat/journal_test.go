package webchat

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lianbang/bot"
)

var group = bot.Address{Platform: Platform, Account: "local", Chat: "光电信息群"}

func TestJournalSurvives(t *testing.T) {
	dir := t.TempDir()
	a := newAdapter(t, dir)
	k := &taker{}
	a.setSink(k.sink)
	if err := a.Say(t.Context(), "林书记", "光电信息群", "j1", "第一句"); err != nil {
		t.Fatal(err)
	}
	first := deliver(t, a, "j2", group, bot.Reply{Card: &bot.Card{Title: "卡片", Buttons: []bot.Button{{Label: "报名", Command: "报名 H1"}}}})
	k.set(fmt.Errorf("away"))
	_ = a.Say(t.Context(), "林书记", "光电信息群", "j3", "没送到")

	a = newAdapter(t, dir)
	a.setSink(k.sink)
	ms := a.hub.rooms["光电信息群"].msgs
	if len(ms) != 3 || ms[0].State != Confirmed || ms[1].Body.Card.Buttons[0].Command != "报名 H1" || ms[2].State != Failed {
		t.Fatalf("after a restart: %+v", ms)
	}
	if again := deliver(t, a, "j2", group, bot.Say("又一次")); again.Message != first.Message {
		t.Error("the delivery key was forgotten")
	}
	k.set(nil)
	if err := a.Say(t.Context(), "林书记", "光电信息群", "j3", "没送到"); err != nil {
		t.Fatal(err)
	}
	if ms := a.hub.rooms["光电信息群"].msgs; len(ms) != 3 || ms[2].State != Confirmed {
		t.Errorf("said again: %+v", ms)
	}
}

func TestJournalTornLine(t *testing.T) {
	dir := t.TempDir()
	a := newAdapter(t, dir)
	deliver(t, a, "1", group, bot.Say("一"))
	deliver(t, a, "2", group, bot.Say("二"))
	path := filepath.Join(dir, journalName("光电信息群")+journalSuffix)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	last := strings.LastIndex(strings.TrimSuffix(string(whole), "\n"), "\n") + 1
	for _, cut := range []int{last + 1, last + 20, len(whole) - 1} {
		if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		a = newAdapter(t, dir)
		if ms := a.hub.rooms["光电信息群"].msgs; len(ms) != 1 || ms[0].Body.Text != "一" {
			t.Fatalf("cut at %d: %+v", cut, ms)
		}
		deliver(t, a, "3", group, bot.Say("三"))
		if ms := newAdapter(t, dir).hub.rooms["光电信息群"].msgs; len(ms) != 2 || ms[1].Body.Text != "三" {
			t.Fatalf("cut at %d, then written: %+v", cut, ms)
		}
	}
	if err := os.WriteFile(path, whole[:10], 0o600); err != nil {
		t.Fatal(err)
	}
	a = newAdapter(t, dir)
	deliver(t, a, "4", group, bot.Say("四"))
	if ms := newAdapter(t, dir).hub.rooms["光电信息群"].msgs; len(ms) != 1 {
		t.Errorf("torn header: %+v", ms)
	}
}

func TestJournalRotates(t *testing.T) {
	dir := t.TempDir()
	a := newAdapter(t, dir)
	long := strings.Repeat("长", 1000)
	for i := range 1500 {
		r := bot.Say(long)
		if i%300 == 0 {
			r.File = &bot.Attachment{Name: "a.txt", Data: []byte("x")}
		}
		deliver(t, a, fmt.Sprint(i), group, r)
	}
	r := a.hub.rooms["光电信息群"]
	if n := len(r.msgs); n < keepMessages || n > 1200 {
		t.Errorf("%d messages kept", n)
	}
	if info, err := os.Stat(r.journal.path); err != nil || info.Size() != r.journal.size || info.Size() > 2*rotateAt {
		t.Errorf("journal of %d bytes, thought %d: %v", info.Size(), r.journal.size, err)
	}
	again := newAdapter(t, dir).hub.rooms["光电信息群"]
	if len(again.msgs) != len(r.msgs) || again.rev != r.rev || again.msgs[0].Seq != r.msgs[0].Seq {
		t.Errorf("after a restart %d messages to %d, before %d to %d", len(again.msgs), again.rev, len(r.msgs), r.rev)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.file"))
	kept := 0
	for _, m := range r.msgs {
		if m.File != nil {
			kept++
		}
	}
	if len(files) != kept {
		t.Errorf("%d attachments of %d messages", len(files), kept)
	}
}

func TestJournalUnwritable(t *testing.T) {
	dir := t.TempDir()
	a := newAdapter(t, dir)
	k := &taker{}
	a.setSink(k.sink)
	deliver(t, a, "1", group, bot.Say("一"))
	path := a.hub.rooms["光电信息群"].journal.path
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := a.Say(t.Context(), "林书记", "光电信息群", "u1", "在吗"); err == nil || len(k.got()) != 0 {
		t.Errorf("said without a journal: %v", err)
	}
	_, err := a.Send(t.Context(), bot.Delivery{Key: "2", To: group, Body: bot.Say("二")})
	if se := bot.AsSendError(err); err == nil || se.Verdict != bot.Retry {
		t.Errorf("sent without a journal: %v", err)
	}
}

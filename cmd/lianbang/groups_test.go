package main

import (
	"strings"
	"testing"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
)

// TestGroups lists the groups of the accounts that are configured, with what they are bound to.
func TestGroups(t *testing.T) {
	data := t.TempDir()
	s := newStage(t, data)
	list := func(more ...string) string {
		t.Helper()
		account := strings.Join(append([]string{aiBot}, more...), ", ")
		return lianbang(t, "", "groups", "--data", data, "--config", withSecrets(t, "web: {enabled: false}\nwecom: [{"+account+"}]"))
	}
	if got := list(); got != "还没有群。把机器人加进群，在群里 @ 它说一句话，它就认得了。\n" {
		t.Error(got)
	}
	if err := s.app.DB.Do(t.Context(), func(tx *storage.Tx) error {
		c := &consortium.Consortium{Name: "光电信息", Kind: consortium.Chain}
		if err := tx.AddConsortium(c); err != nil {
			return err
		}
		for _, r := range []struct {
			at     bot.Address
			title  string
			direct bool
			bind   bool
		}{
			{bot.Address{Platform: "wecom", Account: "main", Chat: "wrAbCdEf0001"}, "", false, true},
			{bot.Address{Platform: "wecom", Account: "main", Chat: "push:外部群"}, "外部群", false, false},
			{bot.Address{Platform: "wecom", Account: "main", Chat: "wanggong", User: "wanggong"}, "", true, false},
			{bot.Address{Platform: "wecom", Account: "gone", Chat: "wrGone000001"}, "", false, false},
		} {
			room, err := tx.AddRoom(r.at, r.title, r.direct)
			if err != nil {
				return err
			}
			if r.bind {
				if err := tx.Bind(room, c.ID); err != nil {
					return err
				}
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if got, want := list(), "wecom/main\twrAbCdEf0001\t光电信息\t\nwecom/main\tpush:外部群\t没有绑定\t外部群\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	waits := list(`groups: [{title: 外部群, url: "` + wecomHookURL + `", consortium: 激光企业}]`)
	if want := "wecom/main\tpush:外部群\t等联合体“激光企业”(还没有新建，或名称不对)\t外部群\n"; !strings.Contains(waits, want) {
		t.Errorf("%q, want %q", waits, want)
	}
}

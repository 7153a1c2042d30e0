package storagetest

import (
	"fmt"
	"testing"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
)

// Who becomes a member by speaking, where, and in what.
func testAdmission(t *testing.T, open Opener) {
	db := open(t, at)
	c := consortium.Consortium{Name: "光电信息", Kind: consortium.Chain}
	must(t, db, func(tx *storage.Tx) error {
		room, err := tx.AddRoom(group("bound", ""), "光电信息群", false)
		if err != nil {
			return err
		}
		if err := tx.AddConsortium(&c); err != nil {
			return err
		}
		return tx.Bind(room, c.ID)
	})
	for i, tt := range []struct {
		chat      string
		kind      bot.EventKind
		direct    bool
		admission bot.Admission
		want      consortium.Role
	}{
		{"bound", bot.Said, false, bot.Appointed, consortium.Guest},
		{"bound", bot.Said, false, bot.InGroups, consortium.Member},
		{"bound", bot.Clicked, false, bot.InGroups, consortium.Member},
		{"bound", bot.Joined, false, bot.InGroups, consortium.Guest},
		{"unbound", bot.Said, false, bot.InGroups, consortium.Guest},
		{"p", bot.Said, true, bot.InGroups, consortium.Guest},
		{"bound", bot.Said, false, bot.Everybody, consortium.Member},
		{"p", bot.Said, true, bot.Everybody, consortium.Member},
	} {
		e := said(fmt.Sprint("e", i), group(tt.chat, fmt.Sprint("u", i)), "王工")
		e.Kind, e.Direct = tt.kind, tt.direct
		for range 2 { // the second time he is known
			must(t, db, func(tx *storage.Tx) error {
				a, _, err := tx.Resolve(e, tt.admission)
				check(t, fmt.Sprintf("%+v", tt), a.Role, bot.Role(tt.want))
				return err
			})
		}
	}
}

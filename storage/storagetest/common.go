package storagetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
)

// speaking is an event of a user on an account, with the key that he has on all accounts of the platform.
func speaking(platform bot.Platform, account, user, common string) bot.Event {
	from := bot.Address{Platform: platform, Account: account, Chat: bot.ChatKey("with-" + user), User: bot.UserKey(user)}
	e := said("e", from, "陈静（英芯光电）")
	e.Direct, e.Common = true, bot.UserKey(common)
	return e
}

func testCommon(t *testing.T, open Opener) {
	db := open(t, at)
	resolve := func(e bot.Event) (a bot.Asker, q *bot.Question) {
		t.Helper()
		must(t, db, func(tx *storage.Tx) (err error) {
			tx.As("test", noon)
			a, q, err = tx.Resolve(e, bot.Appointed)
			return err
		})
		return a, q
	}
	quiet := func(what string, e bot.Event) { // a view may not write
		t.Helper()
		err := db.View(t.Context(), func(tx *storage.Tx) error {
			tx.As("test", noon)
			_, _, err := tx.Resolve(e, bot.Appointed)
			return err
		})
		checkError(t, what, err, nil)
	}
	first, _ := resolve(speaking("feishu", "one", "ou_1", "on_chen"))
	c := consortium.Consortium{Name: "光电信息", Kind: consortium.Chain}
	two := speaking("feishu", "two", "ou_2", "on_chen")
	must(t, db, func(tx *storage.Tx) error {
		if err := tx.AddConsortium(&c); err != nil {
			return err
		}
		if err := tx.Join(consortium.PersonID(first.Person), c.ID, consortium.Liaison); err != nil {
			return err
		}
		return tx.Ask(two.From.Private(), first.Person, &bot.Question{Command: "登记活动", Expires: noon.Add(time.Hour)})
	})

	second, q := resolve(two)
	check(t, "the person on a second account", second.Person, first.Person)
	check(t, "his rank there", second.Role, bot.Role(consortium.Liaison))
	check(t, "his name there", second.Name+" "+second.Unit, "陈静 英芯光电")
	check(t, "new there", second.New, false)
	check(t, "asked there", q != nil, true)
	reach := func() (out []bot.Contact) {
		must(t, db, func(tx *storage.Tx) (err error) {
			out, err = tx.Contacts(consortium.PersonID(first.Person))
			return err
		})
		return out
	}
	check(t, "addresses", len(reach()), 2)
	two.Common = ""
	again, _ := resolve(two)
	check(t, "known there without the key", again.Person, first.Person)
	two.Common = "on_chen"
	resolve(speaking("feishu", "one", "ou_1", "on_chen")) // each counts as the address used last, once
	resolve(two)
	two.Common = "on_chen_2" // a key may change: the newest holds
	resolve(two)
	two.Common = "on_chen"
	resolve(two)

	// The key of one platform says nothing on another, and no key is no key.
	for name, e := range map[string]bot.Event{"another platform": speaking("wecom", "one", "ou_1", "on_chen"),
		"another key": speaking("feishu", "two", "ou_9", "on_li"), "no key": speaking("feishu", "three", "ou_3", ""),
		"no key either": speaking("feishu", "four", "ou_4", "")} {
		if got, _ := resolve(e); got.Person == first.Person || !got.New {
			t.Errorf("%s: %+v", name, got)
		}
	}

	// Who was met without a key gets it when it comes, and keeps it when it stays away.
	old, _ := resolve(speaking("feishu", "one", "ou_5", ""))
	resolve(speaking("feishu", "one", "ou_5", "on_zhao"))
	quiet("nothing is written when the key is known", speaking("feishu", "one", "ou_5", "on_zhao"))
	quiet("nothing is written when the key stays away", speaking("feishu", "one", "ou_5", ""))
	late, _ := resolve(speaking("feishu", "two", "ou_6", "on_zhao"))
	check(t, "the person whose key came later", late.Person, old.Person)

	// What the operator said of an address stays.
	other := addPerson(t, db, "赵敏")
	must(t, db, func(tx *storage.Tx) error { return tx.Identify(two.From.Private(), other.ID) })
	mended, _ := resolve(two)
	check(t, "the person whom the operator named", mended.Person, int64(other.ID))
	nobody := speaking("feishu", "one", "", "on_chen")
	got, _ := resolve(nobody)
	check(t, "a key without a user", got.Person, 0)
}

// Users who speak on two accounts for the first time, at the same moment, are one person each.
func testCommonAtOnce(t *testing.T, open Opener) {
	db := open(t, at)
	accounts := [2]string{"one", "two"}
	var met [20][len(accounts)]int64 // by user and account: the person
	var all sync.WaitGroup
	for user := range met {
		for i, account := range accounts {
			all.Go(func() {
				e := speaking("feishu", account, fmt.Sprint("ou_", account, user), fmt.Sprint("on_", user))
				err := db.Do(t.Context(), func(tx *storage.Tx) error {
					tx.As("test", noon)
					a, _, err := tx.Resolve(e, bot.Appointed)
					met[user][i] = a.Person
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	for user, people := range met {
		check(t, fmt.Sprint("the person of user ", user, " on the second account"), people[1], people[0])
	}
}

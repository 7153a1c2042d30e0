package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"strings"

	"lianbang/bot/feishu/feishutest"
)

type fakeFeishu struct {
	Listen            string   `help:"Address to listen on, of this machine only." default:"127.0.0.1:8700" placeholder:"HOST:PORT"`
	Webhook           string   `help:"Push events to this URL instead of the long connection." placeholder:"URL"`
	EncryptKey        string   `help:"Encrypt Key of the webhook." placeholder:"KEY"`
	VerificationToken string   `help:"Verification Token of the webhook." placeholder:"TOKEN"`
	Group             string   `help:"Title of the group." default:"光电联合体"`
	People            []string `help:"Names of its members." default:"林书记,王工,张航,赵敏"`
}

// Run implements the command fake feishu: a platform that lives until ctx ends and keeps nothing.
func (f *fakeFeishu) Run(ctx context.Context, io console) error {
	if err := f.check(); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", f.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	s := feishutest.New(feishutest.Options{Webhook: f.Webhook, EncryptKey: f.EncryptKey, VerificationToken: f.VerificationToken,
		Seed: rand.Uint64()}) // no message has the id of one of an earlier rehearsal, which the bot has done
	members := make([]*feishutest.Person, 0, len(f.People))
	for _, name := range f.People {
		members = append(members, s.AddPerson(name))
	}
	s.AddGroup(f.Group, members...)
	s.Grant(feishutest.ScopeCalendar)
	base := s.Serve(listener)
	fmt.Fprint(io.out, f.advice(s, base))
	<-ctx.Done()
	return s.Close()
}

// check refuses what would open the fake to other machines, or make a webhook that nobody can trust.
func (f *fakeFeishu) check() error {
	if err := errors.Join(checkFakeListen(f.Listen), checkPushTo("--webhook", f.Webhook)); err != nil {
		return err
	}
	if f.Webhook != "" && f.EncryptKey == "" && f.VerificationToken == "" {
		return errors.New("--webhook: 请再给出 --encrypt-key 或 --verification-token，要和 lianbang 配置里的一致")
	}
	return nil
}

// advice tells how to point lianbang serve at the fake.
func (f *fakeFeishu) advice(s *feishutest.Server, base string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "模拟飞书已启动，群“%s”里有 %s。\n", f.Group, strings.Join(f.People, "、"))
	fmt.Fprintf(&b, "在配置文件里写上这个账号，再运行 lianbang --config 配置文件：\n\nfeishu:\n  - name: rehearsal\n    app_id: %s\n    app_secret: %s\n    base_url: %s\n",
		s.AppID(), s.AppSecret(), base)
	if f.Webhook != "" {
		b.WriteString("    mode: webhook\n")
		for _, line := range [][2]string{{"encrypt_key", f.EncryptKey}, {"verification_token", f.VerificationToken}} {
			if line[1] != "" {
				fmt.Fprintf(&b, "    %s: %q\n", line[0], line[1])
			}
		}
		if u, err := url.Parse(f.Webhook); err == nil {
			fmt.Fprintf(&b, "    path: %s\n", u.Path)
		}
	}
	fmt.Fprintf(&b, "\n然后打开 %s/_fake/ 扮演群里的人说话、点按钮，看活动进了谁的日历。停掉模拟飞书，里面的消息就没有了。\n", base)
	return b.String()
}

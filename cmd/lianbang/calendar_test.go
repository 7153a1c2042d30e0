package main

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"lianbang/bot/feishu/feishutest"
	"lianbang/bot/wecom/wecomtest"
	"lianbang/scheduler"
)

// office is the program on a data folder, serving one company, until it is stopped.
type office struct {
	*App
	t      *testing.T
	ctx    context.Context
	stop   context.CancelFunc
	done   chan error
	server *wecomtest.Server
	log    *lockedBuffer
}

func openOffice(t *testing.T, server *wecomtest.Server, data string, log *lockedBuffer) *office {
	t.Helper()
	cfg := defaults()
	cfg.Data = data
	off := false
	cfg.Web.Enabled = &off
	cfg.WeCom = []WeComConfig{accountOf(server)}
	if problems := cfg.Validate(); len(problems) > 0 {
		t.Fatal(problems)
	}
	o := &office{t: t, server: server, done: make(chan error, 1), log: log}
	o.ctx, o.stop = context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(o.stop)
	app, err := Open(o.ctx, cfg, Setup{Log: finest(log), Adapters: platforms})
	if err != nil {
		t.Fatal(err)
	}
	o.App = app
	if err := app.takeOver(o.ctx); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { o.done <- app.Serve(o.ctx, listener) }()
	waitFor(t, func() bool { return server.Subscribed() != 0 })
	return o
}

// close stops the program, which ends well.
func (o *office) close() {
	o.t.Helper()
	o.stop()
	if err := <-o.done; err != nil {
		o.t.Errorf("the program ended with %v", err)
	}
	if err := o.Close(); err != nil {
		o.t.Error(err)
	}
	waitFor(o.t, func() bool { return o.server.Connections() == 0 })
}

// say lets somebody say something in private, and waits for the answer.
func (o *office) say(who, text, want string) {
	o.t.Helper()
	before := len(o.server.Shown())
	if sent := o.server.Say(who, "", text); !sent.Delivered {
		o.t.Fatalf("%s: %+v", text, sent)
	}
	o.answered(before, want)
}

// group is say in the group.
func (o *office) group(who, text, want string) {
	o.t.Helper()
	before := len(o.server.Shown())
	if sent := o.server.Say(who, wecomtest.DefaultGroup.ChatID, "@联帮 "+text); !sent.Delivered {
		o.t.Fatalf("%s: %+v", text, sent)
	}
	o.answered(before, want)
}

func (o *office) answered(before int, want string) {
	o.t.Helper()
	waitFor(o.t, func() bool {
		return slices.ContainsFunc(o.server.Shown()[before:], func(m wecomtest.Shown) bool { return !m.Open && strings.Contains(m.Text, want) })
	})
}

// minute lets the sweeps run, as they do each minute.
func (o *office) minute() {
	o.t.Helper()
	if err := scheduler.RunAll(o.ctx, o.Now(), o.sweeps()...); err != nil {
		o.t.Fatal(err)
	}
}

// has waits until somebody has exactly these entries in his calendar, as title and place. What was on its way when the sweep
// ran is put by a later one.
func (o *office) has(who string, want ...string) {
	o.t.Helper()
	waitFor(o.t, func() bool {
		var got []string
		for _, e := range o.server.EntriesOf(who) {
			got = append(got, e.Title+" "+e.Place)
		}
		if slices.Equal(got, want) {
			return true
		}
		o.minute()
		return false
	})
}

// TestWeComCalendar: an activity appears in the calendars of those who signed up and of the one who registered it, follows
// what becomes of both, also across a restart, and goes when it is cancelled; and an app that may not use calendars makes one
// line in the log.
func TestWeComCalendar(t *testing.T) {
	server := company(t, wecomtest.Options{Unlimited: true})
	data, log := t.TempDir(), &lockedBuffer{}
	server.AllowCalendar(false)
	o := openOffice(t, server, data, log)
	code, err := o.offerClaim(o.ctx)
	if err != nil {
		t.Fatal(err)
	}
	o.say("林书记", "认领 "+code, "您现在是管理员")
	o.group("林书记", "新建联合体 光电信息", "已绑定光电信息党建联合体")
	o.group("林书记", "登记活动 下周三下午2点半到4点 参观座谈 地点 企业服务中心 限30人", "已登记 H1")
	for range 3 {
		o.minute()
	}
	const closed = "the app may not use calendars"
	if n := strings.Count(log.String(), closed); n != 1 || len(server.Entries()) != 0 {
		t.Errorf("said %d times that calendars are closed, %d entries", n, len(server.Entries()))
	}
	o.close()

	server.AllowCalendar(true) // and what was registered before appears
	o = openOffice(t, server, data, log)
	o.minute()
	o.has("林书记", "参观座谈 企业服务中心")
	o.has("王工")
	e := server.EntriesOf("林书记")[0]
	if e.Start.Format("Mon 15:04") != "Wed 14:30" || e.End.Format("15:04") != "16:00" || e.Reminds ||
		!strings.Contains(e.Description, "编号：H1") || !strings.Contains(e.Description, "主办：") {
		t.Errorf("%+v", e)
	}
	o.group("王工", "报名 H1 2人", "已报名 H1")
	o.minute()
	o.has("王工", "参观座谈 企业服务中心")
	o.group("林书记", "改 H1 时间 下周四上午9点", "已改 H1")
	o.group("林书记", "改 H1 地点 光子重点实验室", "已改 H1")
	o.close() // before the calendar was told

	o = openOffice(t, server, data, log)
	o.minute()
	o.has("王工", "参观座谈 光子重点实验室")
	if e := server.EntriesOf("王工")[0]; e.Start.Format("Mon 15:04") != "Thu 09:00" || e.End.Format("15:04") != "10:30" {
		t.Errorf("%+v", e)
	}
	o.group("王工", "取消报名 H1", "已取消")
	o.minute()
	o.has("王工")
	o.has("林书记", "参观座谈 光子重点实验室")
	o.group("王工", "报名 H1", "已报名 H1")
	o.group("林书记", "取消活动 H1", "已取消 H1")
	o.minute()
	o.has("林书记")
	o.group("林书记", "撤销", "已撤销")
	o.minute()
	o.has("王工", "参观座谈 光子重点实验室")
	o.group("林书记", "登记活动 下周五下午3点 读书会 地点 党群中心", "已登记 H2")
	o.minute()
	o.has("林书记", "参观座谈 光子重点实验室", "读书会 党群中心")
	o.group("林书记", "撤销", "已撤销")
	o.minute()
	o.has("林书记", "参观座谈 光子重点实验室")
	o.close()
	if server.Calendars() != 1 || strings.Count(log.String(), closed) != 1 {
		t.Errorf("%d calendars", server.Calendars())
	}
	for _, e := range server.Entries() {
		if strings.Contains(e.Title+e.Description+e.Place, "王工") {
			t.Errorf("the entry names who signed up: %+v", e)
		}
	}
	if v := server.Violations(); len(v) > 0 {
		t.Errorf("against the protocol: %q", v)
	}
}

// TestFeishuCalendar: the same on Feishu, from the registration to the cancellation.
func TestFeishuCalendar(t *testing.T) {
	lark, _ := platform(t, feishutest.Options{Unlimited: true})
	lark.Grant(feishutest.ScopeCalendar)
	cfg := defaults()
	cfg.Feishu = []FeishuConfig{tenantOf(lark)}
	s := newService(t, cfg)
	waitFor(t, func() bool { return lark.Connections() == 1 })
	lin, wang := lark.AddPerson("林书记"), lark.AddPerson("王敏")
	group := lark.AddGroup("联合体群", lin, wang)
	answered := func(out feishutest.Outcome, want string) {
		t.Helper()
		if !out.Acked {
			t.Fatalf("not acknowledged: %+v", out)
		}
		waitFor(t, func() bool {
			return slices.ContainsFunc(lark.Shown(), func(m feishutest.Shown) bool { return strings.Contains(m.Text, want) })
		})
	}
	has := func(p *feishutest.Person, want ...string) {
		t.Helper()
		waitFor(t, func() bool {
			var got []string
			for _, e := range p.Entries() {
				got = append(got, e.Title+" "+e.Place)
			}
			if slices.Equal(got, want) {
				return true
			}
			if err := scheduler.RunAll(s.ctx, s.Now(), s.sweeps()...); err != nil {
				t.Error(err)
			}
			return false
		})
	}
	answered(lin.Tell(s.ctx, "认领 "+s.code), "您现在是管理员")
	answered(lin.Say(s.ctx, group, "@联帮 新建联合体 光电信息"), "已绑定光电信息")
	answered(lin.Say(s.ctx, group, "@联帮 登记活动 下周三下午2点半 参观座谈 地点 企业服务中心 限30人"), "已登记 H1")
	has(lin, "参观座谈 企业服务中心")
	answered(wang.Say(s.ctx, group, "@联帮 报名 H1"), "已报名 H1")
	has(wang, "参观座谈 企业服务中心")
	answered(lin.Say(s.ctx, group, "@联帮 改 H1 地点 光子重点实验室"), "已改 H1")
	has(wang, "参观座谈 光子重点实验室")
	answered(lin.Say(s.ctx, group, "@联帮 取消活动 H1"), "已取消 H1")
	has(wang)
	has(lin)
	if n := len(lark.Entries()); n != 1 {
		t.Errorf("%d events were made", n)
	}
	s.end()
}

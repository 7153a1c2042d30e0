package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"lianbang/bot/feishu/feishutest"
	"lianbang/bot/wecom/wecomtest"
	"lianbang/storage/storagetest"
)

// The size of the story.
const (
	unionSeats = 6
	unionCrowd = 9 // on each platform
	unionTitle = "参观座谈"
	unionPlace = "企业服务中心"
	unionRoom  = "光电信息群" // on WeCom
	unionChat  = "wrUNIONgroup0001"
)

// TestWeComStory runs the program in two processes that share a PostgreSQL database, with one AI bot of WeCom, which has one
// connection in all, and one app of Feishu, which has one a process. One consortium has a room on each platform; people of
// both sign up for one activity with few seats and leave it again, the organiser moves it, everybody is told where he is, and
// the reminder comes to both rooms. Meanwhile the connection to WeCom is cut, falls silent and is taken over by a stranger;
// an acknowledgement is lost; the process that holds the connection is frozen, with its machine, until the other has taken
// over, and goes on; and the other is killed and started again.
//
// At the end every event that reached a process has had its effect once, as an independent model has it; nobody was told
// anything twice but what outbox list --twice names; and the connection has had one holder after the other.
func TestWeComStory(t *testing.T) {
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Minute)
	defer stop()
	began := time.Now()
	s := openUnion(t)
	chapter := func(name string, play func(context.Context)) {
		t.Helper()
		from := time.Now()
		if play(ctx); t.Failed() {
			t.FailNow()
		}
		s.settle()
		t.Logf("%4.1f s %s", time.Since(from).Seconds(), name)
	}
	chapter("the consortium is founded", s.settleIn)
	chapter("people sign up, the connection is cut, and an acknowledgement is lost", s.signUp)
	chapter("the activity moves, and the process that holds the connection is frozen", s.moveFrozen)
	chapter("the connection falls silent", s.fallSilent)
	chapter("a stranger takes the connection, and the process that held it is killed", s.displaced)
	for i, n := range s.nodes {
		if code := n.now.stop(); code != 0 {
			t.Errorf("process %d: exit code %d after SIGTERM:\n%s", i, code, n.now.errors.String())
		}
	}
	s.checkSeat()
	s.checkBooks()
	s.checkSecrets()
	t.Logf("in all %v", time.Since(began).Round(time.Millisecond))
}

// union is a consortium with rooms on two platforms, and the two processes that serve it.
type union struct {
	t        *testing.T
	dir      string
	database string // URL
	db       *sql.DB
	wecom    *wecomtest.Server
	lark     *feishutest.Server
	room     *feishutest.Group
	heard    [2]*overheard // Feishu and WeCom
	fronts   [2]string     // their addresses
	nodes    [2]*node
	seat     *watch

	admin     *neighbour   // on Feishu
	organiser *neighbour   // on WeCom
	crowd     []*neighbour // by turns on WeCom and on Feishu
	wecomCard int          // Shown.ID of the activity's card
	larkCard  string       // message_id of it
	start     time.Time    // of the activity
	moved     time.Time

	mu    sync.Mutex
	named map[string]string // people by their user keys
	turns map[string]*turn  // by account and event id
	risky bool
}

// openUnion makes both platforms and their people, the database, and the configurations of the processes.
func openUnion(t *testing.T) *union {
	t.Helper()
	s := &union{t: t, dir: t.TempDir(), database: storagetest.Postgres(t), turns: map[string]*turn{}, named: map[string]string{}}
	db, err := sql.Open("pgx", s.database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s.db = db
	s.lark = feishutest.New(feishutest.Options{
		AppSecret: "lark-" + secretWord, Seed: drawSeed,
		ConnectionConfig: feishutest.Config{ReconnectCount: -1, ReconnectInterval: 1, ReconnectNonce: 1, PingInterval: 1},
		Redelivery:       []time.Duration{500 * time.Millisecond, 2 * time.Second, 10 * time.Second, 10 * time.Minute},
	})
	company, app := wecomtest.DefaultBot, wecomtest.DefaultApp
	company.Secret, app.Secret = "bot-"+secretWord, "app-"+secretWord
	s.wecom = wecomtest.New(wecomtest.Options{Bot: company, App: app, Members: []wecomtest.Member{}, Groups: []wecomtest.Group{}})
	s.cast()
	if _, err := s.wecom.Start(); err != nil {
		t.Fatal(err)
	}
	s.heard = [2]*overheard{{Handler: s.lark, secrets: map[string]bool{}}, {Handler: s.wecom, secrets: map[string]bool{}}}
	for i, platform := range []io.Closer{s.lark, s.wecom} {
		front := httptest.NewServer(s.heard[i])
		s.fronts[i] = front.URL
		t.Cleanup(front.Close)
		t.Cleanup(func() {
			if err := platform.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	s.nodes = [2]*node{s.newNode("first"), s.newNode("second")}
	return s
}

// cast makes the people and their rooms.
func (s *union) cast() {
	s.admin = &neighbour{name: "林书记", lark: s.lark.AddPerson("林书记")}
	s.admin.id = s.admin.lark.OpenID
	s.organiser = &neighbour{name: "何统筹", id: "hetongchou"}
	onLark, onWeCom := []*feishutest.Person{s.admin.lark}, []*neighbour{s.organiser}
	for i := range 2 * unionCrowd {
		family, given := []rune("赵钱孙李周吴郑冯陈")[i/2], []string{"建国", "丽华"}[i%2]
		n := &neighbour{name: string(family) + given}
		if i%2 == 1 {
			n.lark = s.lark.AddPerson(n.name)
			n.id = n.lark.OpenID
			onLark = append(onLark, n.lark)
		} else {
			n.id = fmt.Sprintf("member%d", i)
			onWeCom = append(onWeCom, n)
		}
		s.crowd = append(s.crowd, n)
	}
	s.room = s.lark.AddGroup("智造企业群", onLark...)
	group := wecomtest.Group{ChatID: unionChat, Title: unionRoom, HookKey: "hook-" + secretWord}
	for _, n := range onWeCom {
		s.wecom.AddMember(wecomtest.Member{UserID: n.id, Name: n.name})
		group.Members = append(group.Members, n.id)
	}
	s.wecom.AddGroup(group)
	for _, n := range append(s.crowd, s.admin, s.organiser) {
		s.named[n.id] = n.name
	}
}

// ask lets somebody say something and waits until the bot has said words, anywhere on his platform.
func (s *union) ask(ctx context.Context, t turn, inRoom bool, text, words string) {
	s.t.Helper()
	if err := s.say(ctx, t, inRoom, text); err != nil {
		s.t.Fatal(err)
	}
	await(s.t, words, func() bool { return s.shown(t.by, words) })
}

// shown reports whether the bot has said words on somebody's platform.
func (s *union) shown(to *neighbour, words string) bool {
	if to.lark == nil {
		return s.wecom.Count(words) > 0
	}
	for _, m := range s.lark.Shown() {
		if strings.Contains(m.Text, words) {
			return true
		}
	}
	return false
}

// settleIn starts the first process and then the second, lets the administrator claim the bot and found a consortium, binds
// both rooms to it, and lets the organiser register an activity.
func (s *union) settleIn(ctx context.Context) {
	s.t.Helper()
	for day := time.Now().In(shanghai).AddDate(0, 0, 30); s.start.IsZero() || !plainDay(s.start); day = day.AddDate(0, 0, 1) {
		s.start = time.Date(day.Year(), day.Month(), day.Day(), 14, 30, 0, 0, shanghai)
	}
	s.nodes[0].live()
	await(s.t, "Feishu reaches the first process", func() bool { return s.lark.Connections() == 1 })
	s.connected("the first process is connected to WeCom", 1)
	s.seat = watchSeat(s.t, s.db)
	s.ask(ctx, wants(s.admin, toClaim), false, "认领 "+s.nodes[0].now.claim(), "您现在是管理员")
	s.nodes[1].live()
	await(s.t, "Feishu reaches both processes", func() bool { return s.lark.Connections() == 2 })

	s.ask(ctx, wants(s.admin, toFound), false, "新建联合体 光电信息", "已新建光电信息")
	s.ask(ctx, wants(s.organiser, toGreet), false, "你好", "您好，我是联帮")
	s.ask(ctx, appoints(s.admin, s.organiser, "统筹员"), false, "任命 何统筹 统筹员", "何统筹 现在是统筹员")
	await(s.t, "the coordinator is told on WeCom what he was made on Feishu", func() bool { return s.shown(s.organiser, "您现在是统筹员") })
	s.ask(ctx, wants(s.organiser, toBind), true, "@联帮 绑定联合体 光电信息", "已绑定光电信息")
	s.ask(ctx, wants(s.admin, toBind), true, "@联帮 绑定联合体 光电信息", "已绑定光电信息")
	s.ask(ctx, wants(s.organiser, toRegister), true, fmt.Sprintf("@联帮 %s下午2点半在%s办%s，限%d人",
		s.start.Format("2006年1月2日"), unionPlace, unionTitle, unionSeats), "已登记 H1")
	s.ask(ctx, wants(s.admin, toShow), true, "@联帮 活动 H1", "H1 "+unionTitle)
	await(s.t, "the card is in both rooms", func() bool {
		for _, m := range s.wecom.ShownIn(unionChat) {
			if len(m.Card) > 0 {
				s.wecomCard = m.ID
			}
		}
		for _, m := range s.lark.Messages(s.room.ID) {
			if m.Type == "interactive" {
				s.larkCard = m.ID
			}
		}
		return s.wecomCard != 0 && s.larkCard != ""
	})
}

// signUp lets the crowd sign up on both platforms at once, in all ways; meanwhile the connection to WeCom is cut. Some have
// second thoughts then.
func (s *union) signUp(ctx context.Context) {
	var early, late []action
	for i, n := range s.crowd {
		by := []way{byTap, inRoom}[i/2%2]
		if i < unionCrowd {
			early = append(early, s.joins(n, by))
		} else {
			late = append(late, s.joins(n, by))
		}
	}
	s.together(ctx, nil, early...)
	s.settle()
	s.interrupted(true)
	s.together(ctx, func() {
		s.wecom.Cut()
		s.connected("the connection is there again after the cut", 2)
	}, late...)
	s.interrupted(false)
	s.settle()
	s.together(ctx, nil, s.leaves(s.crowd[0]), s.leaves(s.crowd[1]), s.leaves(s.crowd[2]), s.joins(s.crowd[3], inPrivate))
	s.settle()
	s.loseOne(ctx)
}

// loseOne lets an acknowledgement of WeCom be lost: the message was shown, nobody knows, and it is sent again.
func (s *union) loseOne(ctx context.Context) {
	who := s.crowd[0]
	s.wecom.Inject(wecomtest.Fault{Name: "aibot_send_msg", Place: who.id, Effect: true, Hang: true})
	s.together(ctx, nil, s.appoints(who, "联络员"))
	await(s.t, "the notice was repeated", func() bool { return s.told(who, "您现在是光电信息联络员") == 2 })
}

// told is how often somebody on WeCom was told words privately.
func (s *union) told(who *neighbour, words string) (times int) {
	for _, m := range s.wecom.ShownTo(who.name) {
		if m.Where == private(who.name) && strings.Contains(m.Text, words) {
			times++
		}
	}
	return times
}

// moveFrozen lets the organiser move the activity, to a time whose reminder is due soon, and freezes the process that tells
// everybody when it has begun to, until the other has taken the connection over. Then it goes on.
func (s *union) moveFrozen(ctx context.Context) {
	s.moved = time.Now().In(shanghai).Truncate(time.Minute).Add(2*time.Hour + time.Minute)
	if time.Until(s.moved.Add(-2*time.Hour)) < 10*time.Second {
		s.moved = s.moved.Add(time.Minute)
	}
	told := func() int {
		n := s.wecom.Count("有变动")
		for _, m := range s.lark.Shown() {
			if strings.Contains(m.Text, "有变动") {
				n++
			}
		}
		return n
	}
	if err := s.say(ctx, wants(s.organiser, toMove), true,
		fmt.Sprintf("@联帮 %s改到%s", unionTitle, s.moved.Format("2006年1月2日15:04"))); err != nil {
		s.t.Fatal(err)
	}
	await(s.t, "the first are told of the new time", func() bool { return told() > 0 })
	s.nodes[0].freeze()
	s.t.Logf("%d were told before the process was frozen", told())
	s.together(ctx, func() {
		s.connectedLate("the other process takes the connection over", 3)
	}, s.leaves(s.crowd[5]), s.leaves(s.crowd[7]), s.joins(s.crowd[1], byTap))
	s.nodes[0].thaw()
	await(s.t, "the thawed process gives way", func() bool { return s.nodes[0].said("belongs to another process now") == 1 })
	s.together(ctx, nil, s.joins(s.crowd[0], byTap), s.joins(s.crowd[2], inPrivate), s.leaves(s.crowd[9]))
}

// connectedLate is connected for when a seat has to run out first.
func (s *union) connectedLate(why string, subscriptions int) {
	s.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end) && len(s.wecom.Subscriptions()) < subscriptions; {
		time.Sleep(5 * time.Millisecond)
	}
	s.connected(why, subscriptions)
}

// fallSilent lets the connection stay open and say nothing any more, while somebody is to be told something over it.
func (s *union) fallSilent(ctx context.Context) {
	s.wecom.Freeze()
	s.together(ctx, nil, s.appoints(s.crowd[4], "联络员"))
	s.connected("the silence is noticed", 4)
	await(s.t, "the notice arrives after the silence", func() bool { return s.told(s.crowd[4], "您现在是光电信息联络员") == 1 })
}

// displaced lets somebody else connect with the same bot. The connection is not fought for; who is to be told something is
// told by the app. At last the stranger is found, and the process that held the connection killed and started again.
func (s *union) displaced(ctx context.Context) {
	other := s.elsewhere(ctx)
	s.connected("a stranger has the connection", 5)
	await(s.t, "the process notices", func() bool { return s.nodes[1].said("somebody else connected with the same bot; the") == 1 })
	s.together(ctx, nil, s.appoints(s.crowd[6], "联络员"), s.leaves(s.crowd[11]), s.joins(s.crowd[5], byTap), s.joins(s.crowd[7], inRoom))
	await(s.t, "the app tells what the bot cannot", func() bool { return s.told(s.crowd[6], "您现在是光电信息联络员") == 1 })
	if sent := s.wecom.Say(s.crowd[8].id, unionChat, "@联帮 报名 H1"); !sent.Delivered {
		s.t.Errorf("the stranger did not hear: %+v", sent)
	}
	for due := s.moved.Add(-2 * time.Hour); time.Now().Before(due); { // of the reminder, which the next life sends at the latest
		pauseFor(ctx, time.Until(due))
	}
	other.leave()
	if n := len(s.wecom.Subscriptions()); n != 5 {
		s.t.Errorf("%d subscriptions: the connection is fought for", n)
	}
	s.together(ctx, func() {
		s.nodes[1].now.kill()
		s.nodes[1].live()
		s.connected("the next life of the process has its seat and connection", 6)
	}, s.leaves(s.crowd[13]), s.joins(s.crowd[9], inPrivate), s.joins(s.crowd[15], byTap))
	await(s.t, "the reminder is in both rooms", func() bool {
		return s.shown(s.organiser, "2 小时后开始") && s.shown(s.admin, "2 小时后开始")
	})
	s.together(ctx, nil, s.joins(s.crowd[8], inRoom), s.leaves(s.crowd[10]), s.joins(s.crowd[11], inRoom))
}

// settle waits until nothing is on its way any more, in either direction.
func (s *union) settle() {
	s.t.Helper()
	await(s.t, "no event waits to be pushed again", func() bool { return s.lark.Waiting() == 0 })
	await(s.t, "nothing waits in the outbox", func() bool {
		return len(rows(s.t, s.db, `SELECT key FROM delivery WHERE state IN ('new', 'sending')`)) == 0
	})
}

// checkSecrets looks for secrets in everything that the processes logged, to the finest grain.
func (s *union) checkSecrets() {
	s.t.Helper()
	key, err := os.ReadFile(filepath.Join(s.dir, "key"))
	if err != nil {
		s.t.Fatal(err)
	}
	secrets := []string{secretWord, strings.TrimSpace(string(key)), "access_token=", "response_code=", "ticket=", "access_key="}
	for _, platform := range s.heard {
		heard := platform.all()
		if len(heard) == 0 {
			s.t.Error("a platform has handed out no secret to look for")
		}
		secrets = append(secrets, heard...)
	}
	for i, n := range s.nodes {
		for _, life := range n.lives {
			checkLog(s.t, fmt.Sprint("process ", i), life.errors.String(), secrets)
		}
	}
}

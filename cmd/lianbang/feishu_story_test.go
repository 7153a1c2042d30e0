package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"lianbang/bot/feishu"
	"lianbang/bot/feishu/feishutest"
)

// The size of the story. What is random is drawn from drawSeed.
const (
	storyPeople = 40
	storySeats  = 20
	storyRounds = 25 // of taps and words, each with one interruption
	storyBatch  = 8  // that act at once in a round
	storyTitle  = "参观座谈"
	storyPlace  = "企业服务中心"
)

// storyKills are the rounds in which the process is killed; in the others the platform cannot reach it for a moment. When the
// organiser moves the activity, the process dies while it tells everybody.
var storyKills = map[int]bool{0: true, 6: true, storyMove: true, 18: true, storyWrite: true}

// Rounds of their own kind, besides the first, in which all tap.
const (
	storyMove  = 12              // the organiser moves the activity
	storyWrite = storyRounds - 1 // all sign up in words, when all that was said before has arrived
)

// storyLast is the pause before the platform pushes an event for the last time. The test makes it pass when it is time to.
const storyLast = 10 * time.Minute

// TestFeishuStory runs the whole program against the fake Feishu, over the long connection and over webhooks: a group is
// founded and bound, an activity with few seats is registered by one sentence, a crowd signs up on its card and leaves again,
// the organiser moves it; meanwhile the connection is cut 20 times (webhooks are refused, or their answers lost) and the
// process is killed 5 times. At the end every event has had its effect once, as an independent model has it, every answer
// has arrived, once, and the card shows the truth.
//
// Two things no program can avoid, and the test bounds them. An answer that was written into a click's callback is shown at
// once; when the process dies before it has noted that, the answer comes once more, as a message. And a callback that breaks
// while the answer is on its way takes the answer with it: the client shows a failure then, and people tap again.
func TestFeishuStory(t *testing.T) {
	for _, mode := range []feishu.Mode{feishu.Websocket, feishu.Webhook} {
		t.Run(string(mode), func(t *testing.T) {
			ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
			defer stop()
			began := time.Now()
			s := openStory(t, mode)
			s.settleIn(ctx)
			for n := range storyRounds {
				if n == storyWrite {
					s.catchUp()
				}
				if err := s.round(ctx, n); err != nil {
					t.Fatalf("round %d: %v", n, err)
				}
			}
			acted := time.Since(began)
			s.awaitQuiet()
			t.Logf("%v of play, quiet after %v", acted.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
			if code := s.now.stop(); code != 0 {
				t.Errorf("exit code %d after SIGTERM:\n%s", code, s.now.errors.String())
			}
			s.checkBooks()
			s.checkOperator()
			s.checkSecrets()
		})
	}
}

// story is the tenant, the program, and what people did.
type story struct {
	t      *testing.T
	fake   *feishutest.Server
	heard  *overheard
	gate   *gateway // nil on the long connection
	group  *feishutest.Group
	config string
	data   string
	now    *child
	lives  []*child
	rng    *rand.Rand

	admin, organiser *feishutest.Person
	crowd            []*feishutest.Person
	card             string    // message_id of the activity's card
	start, moved     time.Time // of the activity
	echoes           errgroup.Group
	atRisk           int // deeds that were under way when the process was killed
	unheard          int // deeds whose answer may have met a broken connection

	mu    sync.Mutex
	deeds map[string]*deed // by the id under which the program knows the event
	acked []string         // ids for PushAgain
}

// openStory makes the tenant and its people, and starts the program on an empty data folder.
func openStory(t *testing.T, mode feishu.Mode) *story {
	t.Helper()
	o := feishutest.Options{
		AppSecret: "app-" + secretWord, Seed: drawSeed,
		ConnectionConfig: feishutest.Config{ReconnectCount: -1, ReconnectInterval: 1, ReconnectNonce: 1, PingInterval: 1},
		Redelivery:       []time.Duration{200 * time.Millisecond, time.Second, 5 * time.Second, storyLast},
	}
	if mode == feishu.Webhook {
		o.EncryptKey, o.VerificationToken = "key-"+secretWord, "token-"+secretWord
	}
	s := &story{t: t, fake: feishutest.New(o), deeds: map[string]*deed{}, rng: rand.New(rand.NewPCG(drawSeed, 4))}
	s.heard = &overheard{Handler: s.fake, secrets: map[string]bool{o.AppSecret: true}}
	front := httptest.NewServer(s.heard)
	t.Cleanup(front.Close)
	t.Cleanup(func() {
		if err := s.fake.Close(); err != nil {
			t.Error(err)
		}
	})
	s.cast()
	dir := t.TempDir()
	s.data, s.config = filepath.Join(dir, "data"), filepath.Join(dir, "lianbang.yaml")
	far := time.Now().AddDate(0, 0, 100) // when a digest is due, long after the story
	text := fmt.Sprintf(`listen: 127.0.0.1:0
data: %s
web: {enabled: false}
digest: {schedule: "0 3 %d %d *"}
log: {level: debug}
feishu:
  - app_id: %s
    app_secret: %s
    base_url: %s
`, s.data, far.Day(), far.Month(), s.fake.AppID(), o.AppSecret, front.URL)
	if mode == feishu.Webhook {
		text += fmt.Sprintf("    mode: webhook\n    encrypt_key: %s\n    verification_token: %s\n", o.EncryptKey, o.VerificationToken)
		s.heard.secrets[o.EncryptKey], s.heard.secrets[o.VerificationToken] = true, true
		s.gate = newGateway(t)
		s.fake.SetWebhook(s.gate.url + "/feishu/main")
	} else {
		s.fake.SetNetwork(goodNetwork)
	}
	if err := os.WriteFile(s.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.live()
	return s
}

// goodNetwork is a long connection that has nothing but the usual oddities.
var goodNetwork = feishutest.Network{Fragment: 300, Shuffle: true, Repeat: true}

// cast makes the people and their group.
func (s *story) cast() {
	s.admin, s.organiser = s.fake.AddPerson("林书记"), s.fake.AddPerson("王工")
	for i := range storyPeople {
		family, given := []rune("赵钱孙李周吴郑冯陈卫")[i%10], []string{"建国", "丽华", "志强", "秀英"}[i/10]
		s.crowd = append(s.crowd, s.fake.AddPerson(string(family)+given))
	}
	s.group = s.fake.AddGroup("光电信息群", append([]*feishutest.Person{s.admin, s.organiser}, s.crowd...)...)
}

// live starts the program and waits until the platform reaches it.
func (s *story) live() {
	s.t.Helper()
	s.now = startChild(s.t, "serve", "--config", s.config)
	s.lives = append(s.lives, s.now)
	s.now.announced()
	if s.gate != nil {
		s.now.answered()
		s.gate.lead(s.now.address)
		return
	}
	await(s.t, "the long connection is open", s.reachable)
}

// die kills the program and starts it again.
func (s *story) die() {
	if s.gate != nil {
		s.gate.lead("") // what is on its way goes on
	}
	s.now.kill()
	await(s.t, "the connection of the dead is gone", func() bool { return s.fake.Connections() == 0 })
	s.live()
}

// reachable reports whether events find their way to the program.
func (s *story) reachable() bool {
	if s.gate != nil {
		return s.gate.leads()
	}
	return s.fake.Connections() > 0
}

// settleIn lets the first administrator claim the bot, found a consortium and bind the group to it, and the organiser
// register an activity.
func (s *story) settleIn(ctx context.Context) {
	s.t.Helper()
	s.chooseDays()
	say := func(in *feishutest.Group, who *feishutest.Person, text string, what act) {
		s.t.Helper()
		if err := s.say(ctx, who, in, text, what); err != nil {
			s.t.Fatal(err)
		}
	}
	say(nil, s.admin, "认领 "+s.now.claim(), toClaim)
	say(nil, s.admin, "新建联合体 光电信息", toFound)
	await(s.t, "the consortium is there", func() bool { return len(s.fake.Shown()) == 2 })
	say(s.group, s.admin, "@联帮 绑定联合体 光电信息", toBind)
	await(s.t, "the group is bound", func() bool { return len(s.fake.Messages(s.group.ID)) == 2 })
	say(s.group, s.organiser, fmt.Sprintf("@联帮 %s下午2点半在%s办%s，限%d人", s.start.Format("2006年1月2日"), storyPlace, storyTitle, storySeats), toRegister)
	await(s.t, "the card is in the group", func() bool {
		for _, m := range s.fake.Messages(s.group.ID) {
			if m.Type == "interactive" {
				s.card = m.ID
			}
		}
		return s.card != ""
	})
}

// chooseDays finds two days about which the calendar has nothing special to say.
func (s *story) chooseDays() {
	now := time.Now()
	for s.start.IsZero() || !plainDay(s.start) || !plainDay(s.moved) {
		now = now.AddDate(0, 0, 1)
		day := now.AddDate(0, 0, 30)
		s.start = time.Date(day.Year(), day.Month(), day.Day(), 14, 30, 0, 0, time.UTC)
		s.moved = s.start.AddDate(0, 0, 3).Add(-4 * time.Hour)
	}
}

// catchUp lets the platform push what was not acknowledged so far, and waits until it was.
func (s *story) catchUp() {
	s.t.Helper()
	if err := s.echoes.Wait(); err != nil {
		s.t.Error(err)
	}
	await(s.t, "the program is in reach", s.reachable)
	s.fake.Clock().Advance(storyLast)
	await(s.t, "no event waits to be pushed again", func() bool { return s.fake.Waiting() == 0 })
}

// awaitQuiet waits until nothing is on its way any more, in either direction.
func (s *story) awaitQuiet() {
	s.t.Helper()
	s.catchUp()
	db := ledgerOf(s.t, s.data)
	await(s.t, "nothing waits in the outbox", func() bool {
		return len(rows(s.t, db, `SELECT key FROM delivery WHERE state IN ('new', 'sending')`)) == 0
	})
}

// checkOperator looks with the operator's tools: nothing needs him, and the audit log is whole.
func (s *story) checkOperator() {
	s.t.Helper()
	code, out, errs := command("outbox", "list", "--config", s.config)
	if code != 0 || strings.TrimSpace(out) != "没有要处理的消息。" {
		s.t.Errorf("outbox list: exit code %d: %s%s", code, out, errs)
	}
	s.t.Log(verifyAudit(s.t, s.data))
}

// checkSecrets looks for secrets in everything that the program logged, to the finest grain.
func (s *story) checkSecrets() {
	s.t.Helper()
	key, err := os.ReadFile(filepath.Join(s.data, "lianbang.key"))
	if err != nil {
		s.t.Fatal(err)
	}
	secrets := append(s.heard.all(), strings.TrimSpace(string(key)), "ticket=", "access_key=")
	if len(secrets) < 5 {
		s.t.Fatalf("only %d secrets to look for", len(secrets))
	}
	for n, life := range s.lives {
		checkLog(s.t, fmt.Sprint("life ", n), life.errors.String(), secrets)
	}
}

// checkLog looks for secrets in a log of the finest grain. It prints none.
func checkLog(t testing.TB, whose, log string, secrets []string) {
	t.Helper()
	if !strings.Contains(log, "level=DEBUG") {
		t.Errorf("%s logged nothing of the finest grain", whose)
	}
	for i, secret := range secrets {
		if strings.Contains(log, secret) {
			t.Errorf("secret %d of %d is in the log of %s", i, len(secrets), whose)
		}
	}
}

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"lianbang/bot/wecom/wecomtest"
	"lianbang/bot/wecom/wire"
)

// node is one of the processes that share the database, in all its lives.
type node struct {
	s      *union
	config string
	data   string
	now    *child
	lives  []*child
}

// newNode writes the configuration of a process. Only its data folder is its own.
func (s *union) newNode(name string) *node {
	s.t.Helper()
	n := &node{s: s, config: filepath.Join(s.dir, name+".yaml"), data: filepath.Join(s.dir, name)}
	far := time.Now().AddDate(0, 0, 100) // when a digest is due, long after the story
	text := fmt.Sprintf(`listen: 127.0.0.1:0
data: %s
database: {postgres: %q, key_file: %s}
web: {enabled: false}
digest: {schedule: "0 3 %d %d *"}
log: {level: debug}
feishu:
  - app_id: %s
    app_secret: %s
    base_url: %s
wecom:
  - bot: {id: %s, secret: %s, url: %s}
    app: {corp_id: %s, agent_id: %d, secret: %s, base_url: %s}
    groups:
      - {chat: %s, title: %s, url: "%s"}
`, n.data, s.database, filepath.Join(s.dir, "key"), far.Day(), far.Month(),
		s.lark.AppID(), s.lark.AppSecret(), s.fronts[0],
		s.wecom.Bot().ID, s.wecom.Bot().Secret, s.wecom.SocketURL(),
		s.wecom.App().CorpID, s.wecom.App().AgentID, s.wecom.App().Secret, s.fronts[1],
		unionChat, unionRoom, s.wecom.HookURL(unionChat))
	if err := os.WriteFile(n.config, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// live starts the process and waits until it serves.
func (n *node) live() {
	n.s.t.Helper()
	n.now = startChild(n.s.t, "serve", "--config", n.config)
	n.lives = append(n.lives, n.now)
	n.now.announced()
}

// freeze stops the process in the middle of whatever it does, as a machine does that is suspended.
func (n *node) freeze() {
	n.s.t.Helper()
	if err := n.now.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		n.s.t.Fatal(err)
	}
}

// thaw lets it go on where it was.
func (n *node) thaw() {
	n.s.t.Helper()
	if err := n.now.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		n.s.t.Fatal(err)
	}
}

// said counts the lines with those words in the logs of all the lives.
func (n *node) said(words string) (times int) {
	for _, life := range n.lives {
		times += strings.Count(life.errors.String(), words)
	}
	return times
}

// elsewhere connects with the bot's id and secret, as a program does that somebody forgot, and displaces the connection that
// was there. It keeps what people say, which nobody answers.
func (s *union) elsewhere(ctx context.Context) *stranger {
	s.t.Helper()
	ws, answer, err := websocket.DefaultDialer.DialContext(ctx, s.wecom.SocketURL(), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = answer.Body.Close()
	s.t.Cleanup(func() { _ = ws.Close() })
	body := wire.Subscribe{BotID: s.wecom.Bot().ID, Secret: s.wecom.Bot().Secret}
	if err := ws.WriteJSON(wire.Request{Cmd: wire.CmdSubscribe, Headers: wire.Headers{RequestID: "elsewhere"}, Body: body}); err != nil {
		s.t.Fatal(err)
	}
	x := &stranger{ws: ws, gone: make(chan struct{})}
	go func() {
		defer close(x.gone)
		for {
			if _, _, err := ws.ReadMessage(); err != nil {
				return
			}
		}
	}()
	return x
}

// stranger is a connection of the bot that is none of ours.
type stranger struct {
	ws   *websocket.Conn
	gone chan struct{}
}

// leave ends it.
func (x *stranger) leave() {
	_ = x.ws.Close()
	<-x.gone
}

// tenure is the time in which one process had the seat.
type tenure struct{ owner, name string }

// watch looks all the time who has the seat. It says so at the end, and what was wrong: a process that took it before the
// time of another was over.
type watch struct {
	all  []tenure
	bad  []string
	end  context.CancelFunc
	done chan struct{}
}

// watchSeat begins to look.
func watchSeat(t *testing.T, db *sql.DB) *watch {
	ctx, end := context.WithCancel(t.Context())
	w := &watch{end: end, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		until := int64(0) // when the last seen tenure ends, in microseconds
		for ctx.Err() == nil {
			until = w.look(ctx, db, until)
			pauseFor(ctx, 5*time.Millisecond)
		}
	}()
	return w
}

func (w *watch) look(ctx context.Context, db *sql.DB, until int64) int64 {
	var now tenure
	var ends int64
	err := db.QueryRowContext(ctx, `SELECT name, owner, until FROM seat`).Scan(&now.name, &now.owner, &ends)
	at := time.Now()
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0 // given back, or never taken
	case err != nil:
		if ctx.Err() == nil {
			w.bad = append(w.bad, err.Error())
		}
		return until
	case len(w.all) == 0 || w.all[len(w.all)-1] != now:
		if left := time.UnixMicro(until).Sub(at); left > 0 {
			w.bad = append(w.bad, fmt.Sprintf("%s took the seat %v before its time", now.owner, left))
		}
		w.all = append(w.all, now)
	}
	return ends
}

// stop ends the watch.
func (w *watch) stop() ([]tenure, []string) {
	w.end()
	<-w.done
	return w.all, w.bad
}

// checkSeat holds the tenures of the seat and the connections that the platform saw against the story: one after the other,
// and none but those that the story's mishaps explain.
func (s *union) checkSeat() {
	s.t.Helper()
	all, bad := s.seat.stop()
	for _, what := range bad {
		s.t.Error(what)
	}
	owners := []string{}
	for _, one := range all {
		owners = append(owners, one.owner)
	}
	if len(all) != 2 || all[0].owner == all[1].owner || all[0].name != "wecom/"+s.wecom.Bot().ID {
		s.t.Errorf("the seat was held by %q, want the first process and then the second, once", all)
	}
	if left := rows(s.t, s.db, `SELECT owner FROM seat`); len(left) > 0 {
		s.t.Errorf("the seat is still %q's at the end", left[0][0])
	}
	got := s.wecom.Subscriptions()
	kicks := []bool{}
	for _, sub := range got {
		kicks = append(kicks, sub.Kicked)
	}
	// The first process; again after the cut; the second, which displaces the frozen first; again after the silence; the
	// stranger, who displaces the second; the second in its next life.
	if want := []bool{false, false, true, false, true, false}; !slices.Equal(kicks, want) {
		s.t.Errorf("the platform saw subscriptions that displaced another as %v, want %v", kicks, want)
	}
	for words, want := range map[string][2]int{
		"connected to WeCom":                                  {2, 3},
		"the bot's connection is ours":                        {1, 2},
		"the bot's connection belongs to another process now": {1, 0},
		"somebody else connected with the same bot; the":      {0, 1},
	} {
		if got := [2]int{s.nodes[0].said(words), s.nodes[1].said(words)}; got != want {
			s.t.Errorf("%q is in the logs %v times, want %v", words, got, want)
		}
	}
	s.t.Logf("the seat was held by %q; %d subscriptions, displacing another: %v", owners, len(got), kicks)
}

// connected waits for the subscription of that number, which is to be the newest.
func (s *union) connected(why string, subscriptions int) {
	s.t.Helper()
	await(s.t, why, func() bool { return len(s.wecom.Subscriptions()) >= subscriptions && s.wecom.Subscribed() != 0 })
	if n := len(s.wecom.Subscriptions()); n != subscriptions {
		s.t.Errorf("%s: %d subscriptions, want %d", why, n, subscriptions)
	}
}

// effective are the calls that took effect.
func effective(calls []wecomtest.Call) []wecomtest.Call {
	return slices.DeleteFunc(calls, func(c wecomtest.Call) bool { return c.Code != 0 })
}

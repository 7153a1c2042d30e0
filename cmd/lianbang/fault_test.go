package main

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/bot/webchat"
)

// trouble is a way to make storage fail and to mend it while the program runs.
type trouble struct {
	begin, end func()
	reason     string // one of these words, separated by |, is in what /readyz says
}

// endure lets a program run into a trouble and out of it again: meanwhile nothing is acknowledged that is not stored,
// /readyz is red and says why, /healthz stays green; afterwards, without a restart, the same message is handled once.
func endure(t *testing.T, data string, cause func(c *child) trouble) {
	t.Helper()
	c := serveChild(t, data).answered()
	room := "光电信息群"
	lin := c.dial("林书记")
	say(t, lin, room, "a-1", "登记活动 "+ahead(30)+"下午3点 参观座谈 地点 会议室 限30人")
	trouble := cause(c)
	trouble.begin()

	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	attempts := map[string]string{"b-1": "报名 H1 3人", "b-2": "改 H1 名额 40", "b-3": "登记活动 " + ahead(40) + "上午9点 座谈 地点 会议室"}
	failed := make(chan error, len(attempts))
	for id, text := range attempts {
		client := c.dial("林书记") // one each: a connection is heard one message after the other
		go func() { failed <- client.Say(ctx, room, id, text) }()
	}
	began, said := time.Now(), map[string]time.Duration{}
	await(t, "/readyz is red and says why", func() bool {
		status, body := c.get("/readyz")
		if status == http.StatusServiceUnavailable {
			if _, again := said[body]; !again {
				said[body] = time.Since(began)
			}
		}
		if status, body := c.get("/healthz"); status != http.StatusOK {
			t.Fatalf("/healthz says %d %q", status, body)
		}
		return status == http.StatusServiceUnavailable && containsAny(body, trouble.reason)
	})
	for body, after := range said {
		t.Logf("/readyz after %v: %s", after.Round(time.Millisecond), body)
	}
	var no bot.Refusal
	for range attempts {
		if err := <-failed; err == nil || errors.As(err, &no) || ctx.Err() != nil {
			t.Errorf("said while nothing could be stored: %v", err)
		}
	}
	if got := tally(t, ledgerOf(t, data), `SELECT id FROM event`); len(got) != 1 {
		t.Errorf("events while nothing could be stored: %v", got)
	}

	trouble.end()
	began = time.Now()
	await(t, "/readyz is green again", func() bool {
		status, _ := c.get("/readyz")
		return status == http.StatusOK
	})
	t.Logf("green %v after the end of the trouble", time.Since(began).Round(time.Millisecond))
	events := map[string]int{"a-1": 1}
	for _, id := range sortedKeys(attempts) {
		say(t, lin, room, id, attempts[id])
		say(t, lin, room, id, attempts[id])
		events[id] = 1
	}
	onceEach(t, c, data, events)
	db := ledgerOf(t, data)
	same(t, "activities", tally(t, db, `SELECT title || ' ' || capacity || ' ' || seats FROM activity`), map[string]int{"参观座谈 40 3": 1, "座谈 0 0": 1})
	if code := c.stop(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, c.errors.String())
	}
	t.Log(verifyAudit(t, data))
}

// onceEach waits until the answers have left, and fails unless there is exactly one to each of the events.
func onceEach(t *testing.T, c *child, data string, events map[string]int) {
	t.Helper()
	db := ledgerOf(t, data)
	await(t, "the answers leave", func() bool { return len(rows(t, db, `SELECT id FROM delivery WHERE state <> 'sent'`)) == 0 })
	same(t, "events", tally(t, db, `SELECT id FROM event`), events)
	shown, want := map[string]int{}, map[string]int{}
	for _, m := range history(t, c.address, "看客").messages() {
		if m.FromBot() {
			shown[m.Key]++
		}
	}
	for id := range events {
		want[replyKey(id)] = 1
	}
	same(t, "answers", shown, want)
}

// say says something until it is acknowledged.
func say(t *testing.T, client *webchat.Client, room, id, text string) {
	t.Helper()
	await(t, "“"+text+"” is acknowledged", func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		err := client.Say(ctx, room, id, text)
		if errors.Is(err, webchat.ErrClosed) {
			t.Fatal(err)
		}
		return err == nil
	})
}

func containsAny(text, words string) bool {
	for word := range strings.SplitSeq(words, "|") {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// TestLockedDatabase lets another program hold the database for longer than ours is ready to wait.
func TestLockedDatabase(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	endure(t, data, func(*child) trouble {
		db, err := sql.Open("sqlite3", "file:"+filepath.Join(data, "lianbang.db")+"?_busy_timeout=5000")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		conn, err := db.Conn(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		exec := func(text string) func() {
			return func() {
				if _, err := conn.ExecContext(context.Background(), text); err != nil {
					t.Fatal(err)
				}
			}
		}
		return trouble{begin: exec("BEGIN EXCLUSIVE"), end: exec("ROLLBACK"), reason: "locked"}
	})
}

// TestGracefulStop ends the program with SIGTERM while people type: who is connected is told, the exit code is 0, the data
// folder is free for the next one, and nothing that was said is lost or done twice.
func TestGracefulStop(t *testing.T) {
	t.Parallel()
	c := settleIn(t)
	c.play(t, func() *child {
		now := c.serves(serveChild(t, c.data))
		for range 3 {
			idle := now.dial("旁观")
			c.awaitTyping(t, now)
			began := time.Now()
			if code := now.stop(); code != 0 {
				t.Errorf("exit code %d after SIGTERM:\n%s", code, now.errors.String())
			}
			t.Logf("stopped in %v", time.Since(began).Round(time.Millisecond))
			<-idle.Done()
			if idle.Farewell() == "" {
				t.Error("the connection ended without a word")
			}
			held, address, err := takeLock(c.data)
			if err != nil {
				t.Fatalf("the data folder is not free: %v (%s)", err, address)
			}
			if text, err := os.ReadFile(filepath.Join(c.data, "lianbang.lock")); err != nil || len(text) > 0 {
				t.Errorf("the lock file says %q, %v", text, err)
			}
			if err := held.release(); err != nil {
				t.Fatal(err)
			}
			if log := now.errors.String(); strings.Contains(log, "level=ERROR") {
				t.Logf("a graceful stop is logged as an error:\n%s", log)
			}
			now = c.serves(serveChild(t, c.data))
		}
		c.awaitTyping(t, now)
		return now
	})
}

// awaitTyping waits until a program that just started has handled some messages.
func (c *typing) awaitTyping(t *testing.T, now *child) {
	t.Helper()
	db := ledgerOf(t, c.data)
	count := func() int { return atoi(t, rows(t, db, `SELECT count(*) FROM event`)[0][0]) }
	enough := count() + 20
	await(t, "people type", func() bool {
		select {
		case <-now.ended:
			t.Fatalf("the child ended:\n%s", now.errors.String())
		default:
		}
		return count() >= enough
	})
}

// TestOneProgram refuses a second program on the data folder of a running one.
func TestOneProgram(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	c := serveChild(t, data).answered()
	code, out, errs := command("serve", "--data", data, "--listen", "127.0.0.1:0")
	if code != 1 || out != "" || !strings.Contains(errs, c.address) {
		t.Errorf("a second program: code %d, out %q, errors %q", code, out, errs)
	}
	if status, body := c.get("/readyz"); status != http.StatusOK {
		t.Errorf("the first one after that: %d %s", status, body)
	}
}

// TestMistakenConfig refuses a configuration with all its mistakes, whoever reads it.
func TestMistakenConfig(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file, data := filepath.Join(folder, "wrong.yaml"), filepath.Join(folder, "data")
	text := `timezone: Mars/Olympus
log: {level: loud}
digest: {schedule: every friday}
colour: red
web: {enabld: true, rooms: 7}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"check-config"}, {"serve"}, {"migrate"}, {"chat", "--as", "林书记"}} {
		code, out, errs := command(append(args, "--config", file, "--data", data)...)
		if code != 1 || out != "" {
			t.Errorf("%v: code %d, out %q", args, code, out)
		}
		for _, word := range []string{"6 处", "第4行", "colour", "第5行", "enabld", "整数 7", "timezone", "Mars/Olympus",
			"log.level", "digest.schedule", "every friday"} {
			if !strings.Contains(errs, word) {
				t.Errorf("%v does not say %q:\n%s", args, word, errs)
			}
		}
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("a refused configuration made the data folder")
	}
	if code, _, errs := command("check-config", "--config", filepath.Join(folder, "none.yaml")); code == 0 || errs == "" {
		t.Errorf("a file that is not there: code %d, %q", code, errs)
	}
	if code, out, errs := command("check-config"); code != 0 || out == "" || errs != "" {
		t.Errorf("no file at all: code %d, %q, %q", code, out, errs)
	}
}

// TestExampleConfig loads the commented example of the repository.
func TestExampleConfig(t *testing.T) {
	t.Parallel()
	file := filepath.Join("..", "..", "config.example.yaml")
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		t.Skip("there is no config.example.yaml")
	}
	if code, out, errs := command("check-config", "--config", file); code != 0 {
		t.Errorf("code %d, %s%s", code, out, errs)
	}
}

package feishu_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/bot/feishu"
	"lianbang/bot/feishu/feishutest"
)

// keeping is a tenant whose app may keep calendars and does.
func keeping(t *testing.T) (*tenant, *strings.Builder) {
	t.Helper()
	x := newTenant(t)
	x.Grant(feishutest.ScopeCalendar)
	log := &strings.Builder{}
	app, err := feishu.New(feishu.Config{Account: "hq", AppID: feishutest.DefaultAppID, AppSecret: feishutest.DefaultAppSecret, BaseURL: x.base,
		Now: x.clock.Now, Calendar: true, Logger: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	x.app = app
	return x, log
}

var entryStart = time.Date(2026, 12, 4, 7, 30, 0, 0, time.UTC)

// entry is a delivery that puts an activity into calendars.
func entry(update string, attempt int, life int64, guests ...*feishutest.Person) bot.Delivery {
	e := &bot.Entry{Title: "联合主题党日", Start: entryStart, End: entryStart.Add(2 * time.Hour), Place: "光子重点实验室", Note: "主办：光电信息", Life: life}
	for _, p := range guests {
		e.Guests = append(e.Guests, bot.UserKey(p.OpenID))
	}
	return bot.Delivery{Key: "entry/feishu/hq/H27", Update: update, Attempt: attempt, Body: bot.Reply{Topic: "H27", Entry: e}}
}

func cancelled(update string, attempt int, life int64) bot.Delivery {
	d := entry(update, attempt, life)
	d.Body.Entry.Cancelled = true
	return d
}

// shows checks what somebody has in his calendar.
func shows(t *testing.T, p *feishutest.Person, want ...string) {
	t.Helper()
	var got []string
	for _, e := range p.Entries() {
		got = append(got, e.Title+" "+e.Start.UTC().Format("15:04")+" "+e.Place)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s has %q in his calendar, not %q", p.Name, got, want)
	}
}

// TestEntries: an event is made once, follows what changes and goes; another life of it is another event.
func TestEntries(t *testing.T) {
	x, _ := keeping(t)
	lin, wang := x.AddPerson("林"), x.AddPerson("王")
	if !x.app.CalendarOpen(t.Context()) {
		t.Fatal("closed")
	}
	made := x.say(t, entry("", 1, 1, lin, wang))
	shows(t, lin, "联合主题党日 07:30 光子重点实验室")
	shows(t, wang, "联合主题党日 07:30 光子重点实验室")
	moved := entry(made.Message, 1, 1, wang)
	moved.Body.Entry.Title, moved.Body.Entry.Start, moved.Body.Entry.Place = "参观", entryStart.Add(time.Hour), ""
	if got := x.say(t, moved); got.Message != made.Message {
		t.Errorf("the event is %q now", got.Message)
	}
	shows(t, lin)
	shows(t, wang, "参观 08:30 ")
	if got := x.say(t, cancelled(made.Message, 1, 1)); got.Message != "" {
		t.Errorf("a cancelled event has the id %q", got.Message)
	}
	shows(t, wang)
	if got := x.say(t, entry("", 1, 5, wang)); got.Message == "" || got.Message == made.Message {
		t.Errorf("the second life is %q", got.Message)
	}
	shows(t, wang, "联合主题党日 07:30 光子重点实验室")
}

// TestEntryOnce: whatever answer is lost, there is one event, with its guests.
func TestEntryOnce(t *testing.T) {
	for _, path := range []string{"/open-apis/calendar/v4/calendars/*/events", "/open-apis/calendar/v4/calendars/*/events/*/attendees"} {
		x, _ := keeping(t)
		wang := x.AddPerson("王")
		x.Inject(feishutest.Fault{Method: "POST", Path: path, Effect: true, Cut: true})
		if v := x.verdict(t, entry("", 1, 1, wang)); v.Verdict != bot.Retry {
			t.Errorf("%s: %+v", path, v)
		}
		got := x.say(t, entry("", 2, 1, wang))
		if all := x.Entries(); len(all) != 1 || got.Message != all[0].ID {
			t.Errorf("%s: %d events", path, len(all))
		}
		shows(t, wang, "联合主题党日 07:30 光子重点实验室")
	}
	x, _ := keeping(t)
	wang := x.AddPerson("王")
	x.Inject(feishutest.Fault{Method: "POST", Path: "/open-apis/calendar/v4/calendars/*/events", Effect: true, Cut: true})
	x.verdict(t, entry("", 1, 1, wang))
	x.say(t, cancelled("", 2, 1)) // given up meanwhile
	if all := x.Entries(); len(all) != 1 || !all[0].Deleted {
		t.Errorf("%+v", all)
	}
}

// TestEntryGuests: who has left does not keep the others out, and hundreds are compared page by page.
func TestEntryGuests(t *testing.T) {
	x, log := keeping(t)
	var all []*feishutest.Person
	for range 230 {
		all = append(all, x.AddPerson("某人"))
	}
	all[17].Resign()
	made := x.say(t, entry("", 1, 1, all...))
	if n := len(x.Entries()[0].Attendees); n != 229 || strings.Count(log.String(), "left out") != 1 {
		t.Errorf("%d attendees\n%s", n, log)
	}
	x.say(t, entry(made.Message, 1, 1, all[100:]...))
	if n := len(x.Entries()[0].Attendees); n != 130 {
		t.Errorf("%d attendees", n)
	}
}

// TestCalendarForbidden: an app without the scope closes its calendar with one line in the log, and opens it by itself.
func TestCalendarForbidden(t *testing.T) {
	x, log := keeping(t)
	x.Revoke(feishutest.ScopeCalendar)
	const line = "the app may not use calendars"
	for range 3 {
		if x.app.CalendarOpen(t.Context()) {
			t.Fatal("open")
		}
	}
	if v := x.verdict(t, entry("", 1, 1, x.AddPerson("王"))); v.Verdict != bot.Throttled || v.After > time.Hour || v.Code != "calendar_closed" {
		t.Errorf("%+v", v)
	}
	x.clock.Advance(time.Hour)
	if x.app.CalendarOpen(t.Context()) || strings.Count(log.String(), line) != 1 {
		t.Errorf("said %d times", strings.Count(log.String(), line))
	}
	x.Grant(feishutest.ScopeCalendar)
	x.clock.Advance(time.Hour)
	if !x.app.CalendarOpen(t.Context()) {
		t.Fatal("still closed")
	}
	wang := x.AddPerson("王")
	x.say(t, entry("", 1, 1, wang))
	x.Revoke(feishutest.ScopeCalendar)
	if v := x.verdict(t, entry("", 1, 2, wang)); v.Verdict != bot.Throttled || x.app.CalendarOpen(t.Context()) {
		t.Errorf("%+v", v)
	}
	off, err := feishu.New(feishu.Config{Account: "hq", AppID: feishutest.DefaultAppID, AppSecret: feishutest.DefaultAppSecret, BaseURL: x.base})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := off.Send(t.Context(), entry("", 1, 1, wang)); off.CalendarOpen(t.Context()) || bot.AsSendError(err).Verdict != bot.Refused {
		t.Errorf("switched off: %v", err)
	}
}

// TestEntryLost: what was deleted already, by an attempt whose answer was lost or by somebody, is as it is to be.
func TestEntryLost(t *testing.T) {
	x, _ := keeping(t)
	wang := x.AddPerson("王")
	made := x.say(t, entry("", 1, 1, wang))
	x.Inject(feishutest.Fault{Method: "DELETE", Path: "/open-apis/calendar/v4/calendars/*/events/*", Effect: true, Cut: true})
	if v := x.verdict(t, cancelled(made.Message, 1, 1)); v.Verdict != bot.Retry {
		t.Errorf("%+v", v)
	}
	if got := x.say(t, cancelled(made.Message, 2, 1)); got.Message != "" {
		t.Errorf("a cancelled event has the id %q", got.Message)
	}
	again := x.say(t, entry(made.Message, 1, 5, wang)) // the deletion was given up, and is taken back
	if again.Message == made.Message {
		t.Errorf("the deleted event %q is changed", again.Message)
	}
	shows(t, wang, "联合主题党日 07:30 光子重点实验室")
}

package wecom

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/bot/wecom/wecomtest"
)

var _ bot.Calendar = (*Adapter)(nil)

// notebook is a Memory.
type notebook struct {
	notes map[string]string
	fails bool
}

func (n *notebook) Recall(_ context.Context, key string) (string, error) {
	if n.fails {
		return "", errors.New("the database is away")
	}
	return n.notes[key], nil
}

func (n *notebook) Keep(_ context.Context, key, value string) (string, error) {
	if n.fails {
		return "", errors.New("the database is away")
	}
	if n.notes[key] == "" {
		n.notes[key] = value
	}
	return n.notes[key], nil
}

var entryStart = time.Date(2026, 12, 4, 7, 30, 0, 0, time.UTC)

// entry is a delivery that puts an activity into calendars.
func entry(update string, attempt int, guests ...bot.UserKey) bot.Delivery {
	return bot.Delivery{Key: "entry/wecom/hq/H27", Update: update, Attempt: attempt, Body: bot.Reply{Topic: "H27", Entry: &bot.Entry{
		Title: "联合主题党日", Start: entryStart, End: entryStart.Add(2 * time.Hour), Place: "光子重点实验室", Note: "主办：光电信息", Guests: guests}}}
}

// cancelled is a delivery that takes it out again.
func cancelled(update string, attempt int) bot.Delivery {
	d := entry(update, attempt, "wanggong")
	d.Body.Entry.Cancelled = true
	return d
}

// keeping is an office whose app keeps a calendar.
func keeping(t *testing.T, h have) (*office, *notebook) {
	t.Helper()
	h.app, h.aloof = true, true
	o := openOffice(t, h)
	n := &notebook{notes: map[string]string{}}
	o.conf.App.Calendar, o.conf.Memory = true, n
	o.calendar = o.newCalendar()
	return o, n
}

// agenda is what people have in their calendars, by name.
func (o *office) agenda(who string) (titles []string) {
	for _, e := range o.fake.EntriesOf(who) {
		titles = append(titles, e.Title+" "+e.Start.Format("15:04")+" "+e.Place)
	}
	return titles
}

func (o *office) shows(who string, want ...string) {
	o.t.Helper()
	if got := o.agenda(who); !slices.Equal(got, want) {
		o.t.Errorf("%s has %q in his calendar, not %q", who, got, want)
	}
}

func TestEntries(t *testing.T) {
	o, n := keeping(t, have{})
	if !o.CalendarOpen(t.Context()) || o.fake.Calendars() != 1 {
		t.Fatalf("%d calendars", o.fake.Calendars())
	}
	made := o.must(entry("", 1, "linshuji", "wanggong"))
	o.shows("王工", "联合主题党日 15:30 光子重点实验室")
	o.shows("林书记", "联合主题党日 15:30 光子重点实验室")
	e := o.fake.Entries()[0]
	if made.Message != e.ID || e.Description != "主办：光电信息\n编号：H27" || e.Reminds || !e.End.Equal(entryStart.Add(2*time.Hour)) {
		t.Errorf("%q: %+v", made.Message, e)
	}
	moved := entry(made.Message, 1, "wanggong")
	moved.Body.Entry.Title, moved.Body.Entry.Start, moved.Body.Entry.Place = "参观", entryStart.Add(time.Hour), ""
	if got := o.must(moved); got.Message != made.Message {
		t.Errorf("the entry is %q now", got.Message)
	}
	o.shows("王工", "参观 16:30 ")
	o.shows("林书记")
	if got := o.must(cancelled(made.Message, 1)); got.Message != "" {
		t.Errorf("a cancelled entry has the id %q", got.Message)
	}
	o.shows("王工")

	// Another process finds the calendar, and another app has one of its own.
	o.calendar = o.newCalendar()
	o.must(entry("", 1, "wanggong"))
	if len(n.notes) != 1 || o.fake.Calendars() != 1 {
		t.Errorf("%d calendars, remembered %v", o.fake.Calendars(), n.notes)
	}
	o.conf.App.AgentID++
	if key := o.newCalendar().key; n.notes[key] != "" {
		t.Errorf("another app has the same calendar under %q", key)
	}
}

// TestEntryOnce: what may have arrived is looked for before it is made again, and then shows what it is to show now.
func TestEntryOnce(t *testing.T) {
	for name, fault := range map[string]wecomtest.Fault{
		"made, no answer":  {Name: "oa/schedule/add", Cut: true, Effect: true},
		"not made":         {Name: "oa/schedule/add", Cut: true},
		"made, a gateway":  {Name: "oa/schedule/add", Status: 502, Body: "<html>", Effect: true},
		"made, bad answer": {Name: "oa/schedule/add", Body: `{"errcode":0}`, Effect: true},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			o, _ := keeping(t, have{})
			for i := range 2*findPage + 3 { // entries that are older
				d := entry("", 1, "linshuji")
				d.Body.Topic = fmt.Sprint("H", 100+i)
				o.must(d)
			}
			o.fake.Inject(fault)
			if v := o.fails(entry("", 1, "wanggong")); v.Verdict != bot.Retry || v.Code != unknownOutcome || !errors.Is(v, context.DeadlineExceeded) {
				t.Errorf("%+v", v)
			}
			again := entry("", 2, "wanggong")
			again.Body.Entry.Title = "参观"
			got := o.must(again)
			o.shows("王工", "参观 15:30 光子重点实验室")
			if e := o.fake.EntriesOf("王工")[0]; got.Message != e.ID {
				t.Errorf("%q is not the entry %q", got.Message, e.ID)
			}
			o.must(cancelled(got.Message, 1))
			o.shows("王工")
			if got := o.must(entry("", 2, "wanggong")); got.Message == "" { // the cancelled one does not count
				t.Error("no entry was made")
			}
			o.shows("王工", "联合主题党日 15:30 光子重点实验室")
		})
	}
	t.Run("given up", func(t *testing.T) {
		o, _ := keeping(t, have{})
		o.fake.Inject(wecomtest.Fault{Name: "oa/schedule/add", Cut: true, Effect: true})
		o.fails(entry("", 1, "wanggong"))
		o.must(cancelled("", 2))
		o.shows("王工")
		calls := len(o.fake.Calls(""))
		o.must(cancelled("", 1))
		if len(o.fake.Calls("")) != calls {
			t.Error("the platform was asked about an entry that nobody made")
		}
	})
	t.Run("cannot be looked for", func(t *testing.T) {
		o, _ := keeping(t, have{})
		o.fake.Inject(wecomtest.Fault{Name: "oa/schedule/get_by_calendar", Code: 90000})
		o.must(entry("", 2, "wanggong"))
		o.shows("王工", "联合主题党日 15:30 光子重点实验室")
		if !strings.Contains(o.log.String(), "an entry may come twice") {
			t.Error("the operator is not told")
		}
		o.fake.Inject(wecomtest.Fault{Name: "oa/schedule/get_by_calendar", Cut: true})
		if v := o.fails(entry("", 2, "linshuji")); v.Verdict != bot.Retry || v.Code == unknownOutcome {
			t.Errorf("%+v", v)
		}
		o.shows("林书记")
	})
}

// TestEntryLost: what is there no more need not be taken out, and is made anew where it is to be changed.
func TestEntryLost(t *testing.T) {
	o, _ := keeping(t, have{})
	made := o.must(entry("", 1, "wanggong"))
	o.fake.Inject(wecomtest.Fault{Name: "oa/schedule/update", Code: 40058})
	if v := o.fails(entry(made.Message, 1, "wanggong")); v.Verdict != bot.Refused || len(o.agenda("王工")) != 1 {
		t.Errorf("an entry that is there: %+v", v)
	}
	o.fake.Inject(wecomtest.Fault{Name: "oa/schedule/del", Cut: true, Effect: true})
	o.fails(cancelled(made.Message, 1))
	if got := o.must(cancelled(made.Message, 2)); got.Message != "" {
		t.Errorf("a cancelled entry has the id %q", got.Message)
	}
	if got := o.must(entry(made.Message, 1, "wanggong")); got.Message == made.Message { // the deletion was given up, and is taken back
		t.Errorf("the deleted entry %q is changed", got.Message)
	}
	o.shows("王工", "联合主题党日 15:30 光子重点实验室")
}

// TestEntryGuests: whom the app does not see is left out, encrypted ids are made plain, and nobody is named twice.
func TestEntryGuests(t *testing.T) {
	members := append(slices.Clone(wecomtest.DefaultMembers),
		wecomtest.Member{UserID: "zhaomin", Name: "赵敏", Hidden: true},
		wecomtest.Member{UserID: "zhanghang", Name: "张航", OpenUserID: "woFAKEzhanghang000000000", Encrypted: true},
		wecomtest.Member{UserID: "secret", Name: "何统筹", OpenUserID: "woFAKEhetongchou00000000", Encrypted: true, Hidden: true})
	o, _ := keeping(t, have{options: wecomtest.Options{Members: members}})
	all := []bot.UserKey{"wanggong", "WangGong", "zhaomin", "left-last-year", "woFAKEzhanghang000000000", "woFAKEhetongchou00000000", "zhanghang"}
	made := o.must(entry("", 1, all...))
	if got := o.fake.Entries()[0].Guests; !slices.Equal(got, []string{"wanggong", "zhanghang"}) {
		t.Errorf("guests %q", got)
	}
	asked := len(o.fake.Calls("user/get"))
	o.must(entry(made.Message, 1, all...))
	if n := len(o.fake.Calls("user/get")) - asked; n != 0 || len(o.fake.Calls("oa/schedule/update")) != 1 {
		t.Errorf("%d members were looked up again", n)
	}
	o.advance(unseenTime + time.Minute)
	o.fake.AddMember(wecomtest.Member{UserID: "zhaomin", Name: "赵敏"})
	o.must(entry(made.Message, 1, all...))
	o.shows("赵敏", "联合主题党日 15:30 光子重点实验室")

	if got := o.must(entry(made.Message, 1, "left-last-year")); got.Message != "" { // nobody is left
		t.Errorf("an entry without guests has the id %q", got.Message)
	}
	o.shows("赵敏")
	if got := o.must(entry("", 1, "left-last-year")); got.Message != "" || len(o.fake.EntriesOf("王工")) != 0 {
		t.Errorf("an entry for nobody was made: %q", got.Message)
	}
	o.fake.Inject(wecomtest.Fault{Name: "oa/schedule/add", Code: 60011})
	if v := o.fails(entry("", 1, "wanggong")); v.Verdict != bot.Refused || v.Code != "60011" {
		t.Errorf("refused though all are seen: %+v", v)
	}
	o.advance(unseenTime + time.Minute)
	o.fake.Inject(wecomtest.Fault{Name: "user/get", Status: 502, Body: "<html>"})
	if v := o.fails(entry("", 1, "wanggong", "left-last-year")); v.Verdict != bot.Retry || v.Code == unknownOutcome {
		t.Errorf("%+v", v)
	}
}

// TestEntryLimits: what is too long is cut, between characters.
func TestEntryLimits(t *testing.T) {
	var members []wecomtest.Member
	var guests []bot.UserKey
	for i := range maxAttendees + 5 {
		id := fmt.Sprintf("m%04d", i)
		members, guests = append(members, wecomtest.Member{UserID: id, Name: id}), append(guests, bot.UserKey(id))
	}
	o, _ := keeping(t, have{options: wecomtest.Options{Members: members}})
	d := entry("", 1, guests...)
	long := strings.Repeat("党", 600)
	d.Body.Entry.Title, d.Body.Entry.Place, d.Body.Entry.Note = long, long, long
	o.must(d)
	e := o.fake.Entries()[0]
	runes := func(s string) int { return len([]rune(s)) }
	if runes(e.Title) != maxSummary || runes(e.Place) != maxLocation || runes(e.Description) != maxDescription || !strings.HasSuffix(e.Description, "党\n编号：H27") {
		t.Errorf("%d, %d, %d: %q", runes(e.Title), runes(e.Place), runes(e.Description), e.Description[len(e.Description)-30:])
	}
	if len(e.Guests) != maxAttendees || o.counted("guests_left_out") != 1 {
		t.Errorf("%d guests", len(e.Guests))
	}
}

// TestCalendarForbidden: an app that may not use calendars closes its own with one line in the log, and opens it by itself.
func TestCalendarForbidden(t *testing.T) {
	o, _ := keeping(t, have{})
	o.fake.AllowCalendar(false)
	const line = "the app may not use calendars"
	for range 5 {
		if o.CalendarOpen(t.Context()) {
			t.Fatal("open")
		}
	}
	if v := o.fails(entry("", 1, "wanggong")); v.Verdict != bot.Throttled || v.After > closedTime {
		t.Errorf("%+v", v)
	}
	if n := len(o.fake.Calls("oa/calendar/add")); n != 1 || strings.Count(o.log.String(), line) != 1 {
		t.Errorf("%d calls, said %d times", n, strings.Count(o.log.String(), line))
	}
	o.advance(closedTime)
	if o.CalendarOpen(t.Context()) || strings.Count(o.log.String(), line) != 1 {
		t.Error("said again")
	}
	o.fake.AllowCalendar(true)
	o.advance(closedTime)
	if !o.CalendarOpen(t.Context()) {
		t.Fatal("still closed")
	}
	o.must(entry("", 1, "wanggong"))
	o.fake.AllowCalendar(false) // later
	if v := o.fails(entry("", 1, "wanggong")); v.Verdict != bot.Throttled || v.After != closedTime || v.Code != "calendar_closed" {
		t.Errorf("%+v", v)
	}
	if o.CalendarOpen(t.Context()) {
		t.Error("open to an app that was just refused")
	}
}

// TestCalendarTrouble: a calendar that cannot be made, or not be remembered, is closed and is made once all the same.
func TestCalendarTrouble(t *testing.T) {
	o, n := keeping(t, have{})
	n.fails = true
	if o.CalendarOpen(t.Context()) || o.fake.Calendars() != 0 {
		t.Error("made although it is not known whether there is one")
	}
	n.fails = false
	o.fake.Inject(wecomtest.Fault{Name: "oa/calendar/add", Cut: true})
	for range 3 {
		if o.CalendarOpen(t.Context()) {
			t.Error("open")
		}
	}
	if calls := len(o.fake.Calls("oa/calendar/add")); calls != 1 {
		t.Errorf("tried %d times", calls)
	}
	o.advance(failedTime)
	o.calendar.memory = forgetful{n}
	if o.CalendarOpen(t.Context()) || o.fake.Calendars() != 1 {
		t.Error("open although nobody remembers it")
	}
	o.calendar.memory = n
	if !o.CalendarOpen(t.Context()) || o.fake.Calendars() != 1 || len(n.notes) != 1 {
		t.Errorf("%d calendars, remembered %v", o.fake.Calendars(), n.notes)
	}
	o.conf.App.Calendar = false
	if v := o.fails(entry("", 1, "wanggong")); o.CalendarOpen(t.Context()) || v.Verdict != bot.Refused {
		t.Errorf("%+v", v)
	}
	o.conf.App = nil
	if v := o.fails(entry("", 1, "wanggong")); o.CalendarOpen(t.Context()) || v.Verdict != bot.Refused {
		t.Errorf("%+v", v)
	}
}

// forgetful is a Memory that keeps nothing.
type forgetful struct{ Memory }

func (forgetful) Keep(context.Context, string, string) (string, error) {
	return "", errors.New("the database is full")
}

// TestCalendarOfTwo: a process that makes the calendar while another does uses that one's, which was kept first.
func TestCalendarOfTwo(t *testing.T) {
	shared := &notebook{notes: map[string]string{}}
	open := func(create func() string) string {
		c := calendar{key: "k", memory: shared, now: time.Now, create: func(context.Context) (string, error) { return create(), nil }}
		first, err := c.open(t.Context())
		second, again := c.open(t.Context())
		if err := errors.Join(err, again); err != nil || first != second {
			t.Errorf("%q, then %q: %v", first, second, err)
		}
		return first
	}
	var other string
	mine := open(func() string {
		other = open(func() string { return "theirs" })
		return "mine"
	})
	if mine != "theirs" || other != "theirs" {
		t.Errorf("one uses %q, the other %q", mine, other)
	}
}

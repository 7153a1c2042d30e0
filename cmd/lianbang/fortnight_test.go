package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
)

// The fortnight begins on a Monday morning. Times are written as month-day hour:minute in Shanghai.
var (
	fortnight   = on("11-23 08:00")
	fortnightTo = fortnight.AddDate(0, 0, 14)
)

func on(text string) time.Time {
	return must(time.ParseInLocation("2006-01-02 15:04", "2026-"+text, shanghai))
}

// outages are when the program is off: one of 26 hours over a digest, a short one, and one over midnight.
var outages = [][2]time.Time{
	{on("11-27 10:00"), on("11-28 12:00")},
	{on("12-01 13:10"), on("12-01 14:20")},
	{on("12-03 22:30"), on("12-04 00:20")},
}

// restarts are when the program is closed and opened again, with whatever was enqueued at that minute still unsent.
var restarts = []time.Time{
	on("11-24 15:00"), on("11-25 10:00"), on("11-30 09:00"), on("12-02 14:00"), on("12-04 16:47"), on("12-05 11:11"),
}

// powered is the first minute from t on at which the program runs.
func powered(t time.Time) time.Time {
	for _, o := range outages {
		if !t.Before(o[0]) && t.Before(o[1]) {
			return o[1]
		}
	}
	return t
}

// outing is one registration in the script. What changes comes in order.
type outing struct {
	zone, title string
	said, start time.Time
	changes     []amendment
}

// amendment moves an activity, or cancels it when to is zero. undone, when it is set, is when it is taken back.
type amendment struct{ at, to, undone time.Time }

// script is about forty activities: those that meet every rule by design, and others at random.
func script() []outing {
	e := func(zone, said, start string, changes ...amendment) outing {
		return outing{zone: zone, said: on(said), start: on(start), changes: changes}
	}
	move := func(at, to string) amendment { return amendment{at: on(at), to: on(to)} }
	cancel := func(at string) amendment { return amendment{at: on(at)} }
	undone := func(c amendment, at string) amendment { c.undone = on(at); return c }
	all := []outing{
		e("光电信息", "11-23 09:00", "11-25 15:00"),                                     // a restart meets T-1d
		e("光电信息", "11-23 09:10", "11-27 15:00"),                                     // begins while the program is off
		e("光电信息", "11-23 09:20", "11-28 13:30"),                                     // T-1d too late, T-2h marked
		e("光电信息", "11-24 10:00", "11-29 11:00"),                                     // T-1d an hour late
		e("智能制造", "11-24 10:05", "11-29 10:00"),                                     // T-1d two hours late, to the minute
		e("智能制造", "11-24 10:10", "11-29 09:59"),                                     // and a minute more
		e("智能制造", "11-23 11:00", "11-26 10:00", move("11-25 12:00", "11-28 16:00")), // T-1d sent, planned again, missed
		e("乡村振兴", "11-30 09:30", "12-03 10:00", move("12-01 09:00", "12-01 20:00")), // to within a day
		e("乡村振兴", "11-30 10:00", "12-04 23:00"),                                     // T-1d after midnight: 今天
		e("乡村振兴", "11-30 10:05", "12-03 09:00", cancel("12-01 17:00")),              // cancelled before T-1d
		e("光电信息", "11-30 10:10", "12-03 15:00", cancel("12-03 09:00")),              // between the two
		e("光电信息", "11-30 10:15", "12-03 16:00", cancel("12-02 16:00")),              // in the minute of T-1d
		e("光电信息", "11-30 10:20", "12-03 17:00", move("12-02 17:00", "12-03 18:00")), // moved in that minute
		e("光电信息", "11-30 16:30", "11-30 18:00"),                                     // too near for a reminder
		e("光电信息", "11-30 16:30", "11-30 18:31"),                                     // T-2h only, in a minute
		e("智能制造", "12-02 09:00", "12-05 09:00", undone(cancel("12-02 09:10"), "12-02 09:15")),
		e("智能制造", "12-02 09:30", "12-05 14:00", undone(move("12-04 13:55", "12-06 14:00"), "12-04 14:02")), // loses its T-1d
		e("智能制造", "12-02 10:00", "12-04 15:30", move("12-02 11:00", "12-05 15:30"), move("12-03 11:00", "12-04 18:30"), cancel("12-04 10:00")),
		e("光电信息", "11-30 12:00", "12-02 15:20"), // T-1d within the short outage
		e("光电信息", "11-30 12:05", "12-01 15:20"), // T-2h within the short outage
		e("光电信息", "11-26 09:30", "11-27 07:30"), // its photos are not asked for a day later
		e("智能制造", "12-02 12:10", "12-02 19:30"), // nor in the evening
		e("智能制造", "11-30 12:15", "12-01 11:00"), // but twenty minutes late
	}
	rng := rand.New(rand.NewPCG(drawSeed, 14))
	zones := []string{"光电信息", "智能制造", "乡村振兴", "基层治理"}
	for range 20 {
		said := fortnight.Add(time.Duration(rng.IntN(12*24*60)) * time.Minute)
		if d := said.In(shanghai); d.Hour() < 8 || d.Hour() >= 20 {
			said = time.Date(d.Year(), d.Month(), d.Day(), 12, d.Minute(), 0, 0, shanghai)
		}
		said = powered(said)
		start := said.Add(time.Duration(rng.IntN(4*24*60)) * time.Minute).In(shanghai)
		start = time.Date(start.Year(), start.Month(), start.Day(), 8+rng.IntN(13), start.Minute(), 0, 0, shanghai)
		if !start.After(said) {
			start = start.AddDate(0, 0, 1)
		}
		zone := zones[rng.IntN(len(zones))]
		if said.Before(founded[zone]) {
			zone = zones[0]
		}
		all = append(all, outing{zone: zone, said: said, start: start})
	}
	slices.SortStableFunc(all, func(a, b outing) int { return a.said.Compare(b.said) })
	for i := range all {
		all[i].title = "调研" + string([]rune("甲乙丙丁戊己庚辛壬癸")[i/10]) + string([]rune("子丑寅卯辰巳午未申酉")[i%10])
	}
	return all
}

// phase is a time during which an activity has one start. until is zero when it lasts.
type phase struct{ since, until, start time.Time }

// phases are those during which the activity is open.
func (e outing) phases() []phase {
	var out []phase
	open := func(since, start time.Time) {
		if n := len(out); n > 0 && out[n-1].until.IsZero() {
			out[n-1].until = since
		}
		if !start.IsZero() {
			out = append(out, phase{since: since, start: start})
		}
	}
	open(e.said, e.start)
	start := e.start
	for _, c := range e.changes {
		open(c.at, c.to)
		if !c.undone.IsZero() {
			open(c.undone, start)
		} else {
			start = c.to
		}
	}
	return out
}

// at is when the activity starts by what is known at t; false when it is not open then.
func (e outing) at(t time.Time) (time.Time, bool) {
	for _, p := range e.phases() {
		if !t.Before(p.since) && (p.until.IsZero() || t.Before(p.until)) {
			return p.start, true
		}
	}
	return time.Time{}, false
}

// expected is what must come of the script by the rules alone: reminders as rows, and messages by minute and room.
type expected struct{ rows, messages, digests map[string]int }

// rooms of each consortium; 基层治理 has none until 12-01 09:00, when it is founded.
var zoneRooms = map[string][]string{
	"光电信息": {"光电信息群", "光电联络员群"}, "智能制造": {"智能制造群"}, "乡村振兴": {"乡村振兴群"}, "基层治理": {"基层治理群"},
}

var founded = map[string]time.Time{
	"光电信息": fortnight.AddDate(0, -1, 0), "智能制造": fortnight.AddDate(0, -1, 0), "乡村振兴": fortnight, "基层治理": on("12-01 09:00"),
}

// expect works out what the script leads to.
func expect(all []outing) expected {
	x := expected{map[string]int{}, map[string]int{}, map[string]int{}}
	for i, e := range all {
		for _, p := range e.phases() {
			for kind, ahead := range map[string]time.Duration{"T-1d": 24 * time.Hour, "T-2h": 2 * time.Hour} {
				x.remind(i+1, e, p, kind, p.start.Add(-ahead))
			}
			x.ask(i+1, e, p)
		}
	}
	for zone := range zoneRooms {
		x.digest(zone, all)
	}
	return x
}

// remind is the rule of reminders: what is due and not past when it is planned is sent in its minute; when the program
// was off, at most two hours later and marked; later not at all.
func (x expected) remind(code int, e outing, p phase, kind string, due time.Time) {
	if !due.After(p.since) {
		return
	}
	at := powered(due)
	late := at.Sub(due)
	state := "pending "
	switch {
	case !p.until.IsZero() && !p.until.After(at):
		state = "void "
	case !at.Before(fortnightTo):
	case !at.Before(p.start):
		state = "skipped started"
	case late > 2*time.Hour:
		state = "skipped next ahead"
	case late > 0:
		state = "sent late"
	default:
		state = "sent on time"
	}
	x.rows[fmt.Sprintf("H%d %s %s %s", code, kind, stampOf(due), state)]++
	if !strings.HasPrefix(state, "sent") {
		return
	}
	day := map[bool]string{true: "今天", false: "明天"}[at.Day() == p.start.Day()]
	for _, room := range zoneRooms[e.zone] {
		x.messages[fmt.Sprintf("%s %s: H%d %s %s %s late=%v", stampOf(at), room, code, e.title, day, p.start.Format("15:04"), late > 0)]++
	}
}

// awake is t, or eight in the morning when t is between nine in the evening and then.
func awake(t time.Time) time.Time {
	for t = t.In(shanghai); t.Hour() >= 21 || t.Hour() < 8; {
		t = t.Add(time.Minute)
	}
	return t
}

// ask is the rule of the question for photos: the one who registered it is asked an hour after the end, which is two hours
// after the start, but not at night, and not a day later.
func (x expected) ask(code int, e outing, p phase) {
	due := awake(p.start.Add(3 * time.Hour))
	at := powered(due)
	state := "pending "
	switch {
	case !p.until.IsZero() && !p.until.After(at):
		state = "void "
	case !at.Before(fortnightTo):
	case at.Sub(due) > 24*time.Hour:
		state = "skipped too late"
	case at.After(due):
		state = "sent late"
	default:
		state = "sent on time"
	}
	x.rows[fmt.Sprintf("H%d T+1h %s %s", code, stampOf(due), state)]++
	if strings.HasPrefix(state, "sent") {
		x.messages[fmt.Sprintf("%s 私聊 组织者%d: H%d %s photos", stampOf(awake(at)), code, code, e.title)]++
	}
}

// digest is the rule of digests: on Fridays at 16:47, or when the program is back, to every room, from the digest before.
func (x expected) digest(zone string, all []outing) {
	from := founded[zone]
	for _, tick := range []time.Time{on("11-27 16:47"), on("12-04 16:47")} {
		if !founded[zone].Before(tick) {
			continue
		}
		if week := tick.AddDate(0, 0, -7); from.Before(week) {
			from = week
		}
		at := powered(tick)
		var held, coming []string
		before := 0
		for i, e := range all {
			start, open := e.at(at)
			if e.zone != zone || !open {
				continue
			}
			over := start.Add(2 * time.Hour)
			switch {
			case !start.Before(tick) && start.Before(tick.AddDate(0, 0, 7)):
				coming = append(coming, fmt.Sprintf("%s H%d", stampOf(start), i+1))
			case over.After(from) && !over.After(tick):
				held = append(held, fmt.Sprintf("%s H%d", stampOf(start), i+1))
			case over.After(from.Add(-tick.Sub(from))) && !over.After(from):
				before++
			}
		}
		slices.Sort(held)
		slices.Sort(coming)
		x.digests[fmt.Sprintf("%s %s–%s made %s held %v coming %v before %d", zone, stampOf(from), stampOf(tick), stampOf(at), held, coming, before)]++
		for _, room := range zoneRooms[zone] {
			x.messages[fmt.Sprintf("%s %s: 周报 %s – %s", stampOf(at), room, spoken(from), spoken(tick))]++
		}
		from = tick
	}
}

func stampOf(t time.Time) string { return t.In(shanghai).Format("01-02 15:04") }

// spoken writes a moment as digests do.
func spoken(t time.Time) string {
	weekday := []string{"日", "一", "二", "三", "四", "五", "六"}[t.Weekday()]
	return fmt.Sprintf("%d月%d日(周%s) %s", t.Month(), t.Day(), weekday, t.Format("15:04"))
}

var (
	remindLine = regexp.MustCompile(`^⏰ (今天|明天) (\d\d:\d\d) (H\d+) ([^，\n]+)，会议室`)
	askLine    = regexp.MustCompile(`^(H\d+) (\S+) 结束了？有照片就私聊发给我`)
	digestLine = regexp.MustCompile(`第\d+周 ([^–\n]+ – [^–\n]+)\n`)
)

// told puts a message of the program in the words of the model.
func told(at time.Time, room string, r bot.Reply) string {
	text := bot.Plain(r)
	if m := remindLine.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("%s %s: %s %s %s %s late=%v", stampOf(at), room, m[3], m[4], m[1], m[2], strings.Contains(text, "(补发)"))
	}
	if m := askLine.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("%s %s: %s %s photos", stampOf(at), room, m[1], m[2])
	}
	if m := digestLine.FindStringSubmatch(text); m != nil && strings.Contains(text, "周报") {
		return fmt.Sprintf("%s %s: 周报 %s", stampOf(at), room, m[1])
	}
	return fmt.Sprintf("%s %s: %q", stampOf(at), room, text)
}

// TestFortnight lets two weeks pass on the real wiring, minute by minute, with restarts and outages, and compares what
// came with what the rules say: every reminder and digest once, or not at all where the rules say so.
func TestFortnight(t *testing.T) {
	t.Parallel()
	all := script()
	want := expect(all)
	w := newWorld(t, all)
	minutes := w.live(fortnight, fortnightTo)
	same(t, "messages", w.heard(), want.messages)
	same(t, "reminders", w.reminders(), want.rows)
	same(t, "digests", w.digests(), want.digests)
	same(t, "deliveries not sent", tally(t, w.ledger, `SELECT key || ' ' || state FROM delivery WHERE state <> 'sent'`), nil)
	same(t, "pieces sent", w.keys(), tally(t, w.ledger, `SELECT key FROM delivery`))
	w.close()
	t.Log(verifyAudit(t, w.data))
	states := map[string]int{}
	for row, n := range want.rows {
		states[strings.Join(strings.Fields(row)[4:], " ")] += n
	}
	for _, needed := range []string{"sent on time", "sent late", "skipped next ahead", "skipped started", "skipped too late", "void"} {
		if states[needed] == 0 {
			t.Errorf("the script has no reminder that is %s", needed)
		}
	}
	t.Logf("%d activities in %d consortia, %d minutes lived, %d restarts, %d outages: %d reminders (%s), %d digests, %d messages",
		len(all), len(zoneRooms), minutes, w.restarted, len(outages), sum(want.rows), counts(states), len(want.digests), sum(want.messages))
}

func sum(m map[string]int) (n int) {
	for v := range maps.Values(m) {
		n += v
	}
	return n
}

func counts(m map[string]int) string {
	var parts []string
	for _, key := range sortedKeys(m) {
		parts = append(parts, fmt.Sprintf("%d %s", m[key], key))
	}
	return strings.Join(parts, ", ")
}

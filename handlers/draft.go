package handlers

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"lianbang/understand"
	"lianbang/zhtime"
)

// draft keeps an item in a question, resume reads it back and fills in the answer.
func (it item) draft() map[string]string {
	m := map[string]string{}
	put := func(k, v string) {
		if v != "" && v != "0" {
			m[k] = v
		}
	}
	put("title", it.Title)
	put("place", it.Place)
	put("category", it.Category)
	put("host", it.Host)
	if it.guessed {
		put("guessed", "yes")
	}
	put("capacity", strconv.Itoa(it.Capacity))
	put("consortium", it.consortium)
	put("start", stamp(it.when.Start))
	put("end", stamp(it.when.End))
	put("day", stamp(it.when.Day))
	put("part", it.when.Part)
	put("said", it.when.Said)
	put("deadline", stamp(it.Deadline))
	return m
}

func (d *Desk) resume(c *call) (item, error) {
	m := c.Draft
	loc := c.Now.Location()
	it := item{consortium: m["consortium"], guessed: m["guessed"] != ""}
	it.Title, it.Place, it.Category, it.Host = m["title"], m["place"], m["category"], m["host"]
	it.Capacity, _ = strconv.Atoi(m["capacity"])
	it.Deadline = unstamp(m["deadline"], loc)
	it.when = understand.When{Start: unstamp(m["start"], loc), End: unstamp(m["end"], loc), Day: unstamp(m["day"], loc), Part: m["part"], Said: m["said"]}
	answer := c.Event.Text
	if o := m[m[asking]]; o != "" {
		answer = o // an option's label, or the answer itself
	}
	field := m[asking]
	delete(m, field)
	if field == "title" {
		it.Title = ""
	}
	if field == "place" {
		it.Place = ""
	}
	if field != "" {
		d.fill(c, &it, field, answer)
	}
	return it, nil
}

// fill takes an answer: what was asked for, and whatever else it says. An answer that corrects what was understood before
// (不对，是周五) does that instead, and what was asked for is asked again.
func (d *Desk) fill(c *call, it *item, field, answer string) {
	whole := understand.Message(answer, c.Now, d.gazetteer())
	if whole.Intent == understand.Correct && len(whole.Activities) > 0 {
		putRight(it, whole)
		return
	}
	switch field {
	case "when":
		before := it.when
		it.when = d.readWhen(answer, c.Now)
		if clock := clockIn(before.Said, c.Now); it.when.Start.IsZero() && !it.when.Day.IsZero() && clock != "" {
			it.when = d.clockOn(it.when.Day, "", clock, c.Now)
		}
	case "clock":
		it.when, it.clockSaid = d.clockOn(it.when.Day, it.when.Part, answer, c.Now), true
	case "title":
		if !chatter(whole.Note) && !pleasantry(answer) {
			it.Title = strings.TrimSpace(answer)
			d.alsoSaid(c, it, answer, true)
		}
	case "place":
		if undecided(answer) {
			it.Place = "未定"
		}
		if d.alsoSaid(c, it, answer, false); it.Place == "" && !chatter(whole.Note) && !pleasantry(answer) {
			it.Place = strings.TrimSpace(answer)
		}
	}
}

// chatter reports whether a message says nothing that could be a name or a place.
func chatter(note string) bool {
	return note == understand.NoteQuestion || note == understand.NotePast || note == understand.NoteNews
}

// undecided reports whether an answer says that something is not known yet.
func undecided(answer string) bool {
	if utf8.RuneCountInString(answer) > 10 {
		return false
	}
	for _, w := range []string{"未定", "没定", "待定", "不定", "不知道", "再说", "还没"} {
		if strings.Contains(answer, w) {
			return true
		}
	}
	return false
}

// alsoSaid takes what an answer says beyond what was asked for: 联合党课，在党群中心三楼，限50人.
func (d *Desk) alsoSaid(c *call, it *item, answer string, titled bool) {
	read := understand.Fields(answer, c.Now, d.gazetteer())
	if len(read.Activities) == 0 {
		return
	}
	more := newItem(read.Activities[0])
	if titled && more.Title != "" && (more.Place != "" || more.Capacity != 0 || !more.when.Start.IsZero() || !more.when.Day.IsZero()) {
		it.Title = more.Title
	}
	if it.Place == "" {
		it.Place = more.Place
	}
	if it.Capacity == 0 {
		it.Capacity = more.Capacity
	}
	if it.when.Start.IsZero() && it.when.Day.IsZero() {
		it.when = more.when
	}
	if it.Deadline.IsZero() {
		it.Deadline = more.Deadline
	}
	if it.Category == "" {
		it.Category, it.guessed = more.Category, more.guessed
	}
}

// putRight replaces the fields that a correction names.
func putRight(it *item, read understand.Reading) {
	right := newItem(read.Activities[0])
	for _, k := range read.Corrections {
		switch k.Field {
		case "title":
			it.Title = right.Title
		case "place":
			it.Place = right.Place
		case "capacity":
			it.Capacity = right.Capacity
		case "category":
			it.Category, it.guessed = right.Category, false
		case "deadline":
			it.Deadline = right.Deadline
		case "start":
			it.when = onDayOf(it.when, right.when)
		}
	}
}

// onDayOf is a corrected time; a day alone keeps the clock that was said before.
func onDayOf(before, right understand.When) understand.When {
	if right.Start.IsZero() && !right.Day.IsZero() && !before.Start.IsZero() {
		right.Start = onDay(right.Day, before.Start)
	}
	return right
}

// clockIn finds the clock at the end of a time that could not be used: 下午3点 in 2月30日下午3点.
func clockIn(said string, now time.Time) string {
	for i := range said {
		ms := zhtime.Parse(said[i:], now, nil)
		if len(ms) == 1 && ms[0].Kind == zhtime.Clock && ms[0].From == 0 && ms[0].To == len(said)-i && ms[0].Refused == "" {
			return said[i:]
		}
	}
	return ""
}

// readWhen reads an answer to the question when.
func (d *Desk) readWhen(said string, now time.Time) understand.When {
	read := understand.Changes("时间 "+said, now, d.gazetteer())
	if len(read.Activities) == 0 {
		return understand.When{}
	}
	return read.Activities[0].When
}

// clockOn reads a clock for a day that is known already: 两点半 on 12月2日, in the part of day that was said with the day.
func (d *Desk) clockOn(day time.Time, part, said string, now time.Time) understand.When {
	date := day.Format("2006年1月2日")
	for _, text := range []string{date + part + said, date + said, said} {
		w := d.readWhen(text, now)
		if w.Start.IsZero() && w.Refused == "" || part != "" && text == date+part+said && !sameDay(w.Start, day) {
			continue
		}
		w.Said = said
		if w.Refused != "" {
			w.Day = day
		}
		if text == said && !w.Start.IsZero() && clockAlone(w, now) {
			w.Start = onDay(day, w.Start)
		}
		return w
	}
	return understand.When{Day: day, Part: part, Said: said}
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

func unstamp(s string, loc *time.Location) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t.In(loc)
}

package wecomtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestCalendars(t *testing.T) {
	members := append(slices.Clone(DefaultMembers), Member{UserID: "hidden", Name: "赵敏", Hidden: true})
	s := start(t, Options{Members: members})
	q := token(t, s)
	post := func(what string, body fields) fields { return call(t, s, "POST", "oa/"+what+q, body) }
	cal := post("calendar/add", fields{"calendar": fields{"summary": "活动", "color": "#2E8B57"}})["cal_id"]
	entry := func(change fields) fields {
		e := fields{"cal_id": cal, "start_time": 1_790_000_000, "end_time": 1_790_003_600, "summary": "参观", "attendees": []fields{{"userid": "WangGong"}}}
		maps.Copy(e, change)
		return fields{"schedule": e}
	}
	long := func(n int) string { return strings.Repeat("党", n) }
	var crowd []fields
	for range maxGuests + 1 {
		crowd = append(crowd, fields{"userid": "wanggong"})
	}
	for name, c := range map[string]struct {
		change fields
		code   int
	}{
		"ends at its start": {fields{"end_time": 1_790_000_000}, 40058},
		"no start":          {fields{"start_time": 0}, 40058},
		"start in words":    {fields{"start_time": "1790000000"}, 40058},
		"long title":        {fields{"summary": long(129)}, 40058},
		"long description":  {fields{"description": long(513)}, 40058},
		"long place":        {fields{"location": long(129)}, 40058},
		"a crowd":           {fields{"attendees": crowd}, 40058},
		"a stranger":        {fields{"attendees": []fields{{"userid": "nobody"}}}, 60111},
		"somebody unseen":   {fields{"attendees": []fields{{"userid": "hidden"}}}, 60011},
		"another calendar":  {fields{"cal_id": "wcOTHER"}, 90466},
	} {
		if got := errcode(post("schedule/add", entry(c.change))); got != c.code {
			t.Errorf("%s: %d, want %d", name, got, c.code)
		}
	}
	if len(s.Entries()) != 0 {
		t.Errorf("refused and made: %+v", s.Entries())
	}
	id := post("schedule/add", entry(fields{"summary": long(128), "description": long(512), "location": long(128)}))["schedule_id"]
	if got := s.EntriesOf("王工"); len(got) != 1 || got[0].ID != id {
		t.Errorf("%+v", got)
	}
	change := entry(fields{"schedule_id": id, "attendees": []fields{{"userid": "linshuji"}}})
	change["skip_attendees"] = 1
	if got := errcode(post("schedule/update", change)); got != 0 || len(s.EntriesOf("王工")) != 1 || s.EntriesOf("王工")[0].Title != "参观" {
		t.Errorf("%d: %+v", got, s.Entries())
	}
	change["skip_attendees"] = 0
	if got := errcode(post("schedule/update", change)); got != 0 || len(s.EntriesOf("王工")) != 0 || len(s.EntriesOf("林书记")) != 1 {
		t.Errorf("%d: %+v", got, s.Entries())
	}
	if got := s.Agenda(); len(got) != 1 || !strings.HasSuffix(got[0], "参观(林书记)") {
		t.Errorf("%q", got)
	}
	if got := errcode(post("schedule/del", fields{"schedule_id": id})); got != 0 || len(s.EntriesOf("林书记")) != 0 {
		t.Errorf("%d: %+v", got, s.Entries())
	}
	if got := errcode(post("schedule/del", fields{"schedule_id": id})); got != 90466 {
		t.Errorf("deleted twice: %d", got)
	}
	for range 3 {
		post("schedule/add", entry(nil))
	}
	page := func(offset, limit int) (got string) {
		for _, e := range post("schedule/get_by_calendar", fields{"cal_id": cal, "offset": offset, "limit": limit})["schedule_list"].([]any) {
			got += fmt.Sprint(e.(map[string]any)["status"])
		}
		return got
	}
	if got := page(0, 3) + " " + page(3, 3) + " " + page(6, 3); got != "100 0 " {
		t.Errorf("pages %q", got)
	}
	if got := len(post("schedule/get", fields{"schedule_id_list": []any{id}})["schedule_list"].([]any)); got != 1 {
		t.Errorf("%d entries by id", got)
	}
	if got := len(post("calendar/get", fields{"cal_id_list": []any{cal, "wcOTHER"}})["calendar_list"].([]any)); got != 1 {
		t.Errorf("%d calendars", got)
	}
	s.AllowCalendar(false)
	for _, what := range []string{"calendar/add", "calendar/get", "schedule/add", "schedule/update", "schedule/del", "schedule/get", "schedule/get_by_calendar"} {
		if got := errcode(post(what, fields{})); got != 48002 {
			t.Errorf("%s: %d", what, got)
		}
	}
}

package feishutest

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// ScopeCalendar lets the app use its own calendar. A new tenant's app does not have it.
const ScopeCalendar = "calendar:calendar"

// Entry is an event of the bot's own calendar.
type Entry struct {
	ID, Title, Description, Place string
	Start, End                    time.Time
	Attendees                     []string // open_ids
	Deleted                       bool
	Edits                         int
	key                           string // idempotency_key
}

// The limits of calendar-v4 (calendar-event-attendee/create and list).
const (
	maxAttendees     = 3000
	maxAttendeesOnce = 1000
	maxAttendeePage  = 100
	maxEntries       = 10_000
)

// Entries lists the events of the bot's calendar, oldest first, deleted ones too.
func (s *Server) Entries() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Entry, len(s.entries))
	for i, e := range s.entries {
		out[i] = *e
		out[i].Attendees = slices.Clone(e.Attendees)
	}
	return out
}

// Entries lists what p has in his calendar, oldest first.
func (p *Person) Entries() []Entry {
	return slices.DeleteFunc(p.s.Entries(), func(e Entry) bool { return e.Deleted || !slices.Contains(e.Attendees, p.OpenID) })
}

// beijing is the zone in which people read entries.
var beijing = time.FixedZone("CST", 8*3600)

// Agenda lists the events in a line each, as a person reads them, oldest first.
func (s *Server) Agenda() []string {
	out := []string{}
	for _, e := range s.Entries() {
		var names []string
		for _, id := range e.Attendees {
			if p := s.Person(id); p != nil {
				names = append(names, p.Name)
			}
		}
		line := e.Start.In(beijing).Format("01-02 15:04") + "–" + e.End.In(beijing).Format("15:04") + " " + e.Title + " " + e.Place + "(" + strings.Join(names, "、") + ")"
		if e.Deleted {
			line += "，已取消"
		}
		out = append(out, line)
	}
	return out
}

// calendarRoutes are the endpoints of the bot's own calendar. Each needs the one scope that holds all others (calendar-v4).
func (s *Server) calendarRoutes() []route {
	const events = " /open-apis/calendar/v4/calendars/{calendar}/events"
	own := []string{ScopeCalendar}
	return []route{
		{pattern: "POST /open-apis/calendar/v4/calendars/primary", run: s.primaryCalendar, scopes: own},
		{pattern: "POST" + events, run: s.addEvent, scopes: own},
		{pattern: "PATCH" + events + "/{event}", run: s.ofEvent(s.patchEvent), scopes: own},
		{pattern: "DELETE" + events + "/{event}", run: s.ofEvent(s.deleteEvent), scopes: own},
		{pattern: "GET" + events + "/{event}/attendees", run: s.ofEvent(s.listAttendees), scopes: own},
		{pattern: "POST" + events + "/{event}/attendees", run: s.ofEvent(s.addAttendees), scopes: own},
		{pattern: "POST" + events + "/{event}/attendees/batch_delete", run: s.ofEvent(s.deleteAttendees), scopes: own},
	}
}

// calendarID is the bot's primary calendar. It is no secret.
func (s *Server) calendarID() string { return "feishu.cn_" + s.botID + "@group.calendar.feishu.cn" }

func (s *Server) primaryCalendar(*call) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	calendar := map[string]any{"calendar_id": s.calendarID(), "type": "primary", "role": "owner"}
	return map[string]any{"calendars": []any{map[string]any{"calendar": calendar, "user_id": s.botID}}}, nil
}

// moment is a time of an event: seconds as text, never a number.
type moment struct {
	Timestamp string `json:"timestamp"`
	Timezone  string `json:"timezone"`
}

func (m moment) time() (time.Time, bool) {
	n, err := strconv.ParseInt(m.Timestamp, 10, 64)
	return time.Unix(n, 0), err == nil && n > 0
}

// fill reads an event's fields. s.mu is held.
func (c *call) fill(e *Entry) *refusal {
	var q struct {
		Summary, Description string
		Start                moment `json:"start_time"`
		End                  moment `json:"end_time"`
		Location             struct{ Name string }
	}
	if bad := c.decode(&q); bad != nil {
		return bad
	}
	start, ok := q.Start.time()
	end, fine := q.End.time()
	if !ok || !fine || !end.After(start) {
		return deny(190002, "invalid parameters in request")
	}
	e.Title, e.Description, e.Place, e.Start, e.End = q.Summary, q.Description, q.Location.Name, start, end
	return nil
}

// ours refuses a calendar that is not the bot's own. s.mu is held.
func (s *Server) ours(c *call) *refusal {
	if c.r.PathValue("calendar") != s.calendarID() {
		return deny(191000, "calendar not found")
	}
	return nil
}

// addEvent makes an event, unless one was made under the same key: that is answered again.
func (s *Server) addEvent(c *call) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if bad := s.ours(c); bad != nil {
		return nil, bad
	}
	e := &Entry{key: c.r.URL.Query().Get("idempotency_key")}
	if bad := c.fill(e); bad != nil {
		return nil, bad
	}
	i := slices.IndexFunc(s.entries, func(o *Entry) bool { return o.key == e.key && e.key != "" })
	switch {
	case i >= 0:
		e = s.entries[i]
	case len(s.entries) >= maxEntries:
		return nil, deny(190010, "the fake is full")
	default:
		e.ID = s.newID("ev_")
		s.entries = append(s.entries, e)
	}
	return map[string]any{"event": map[string]any{"event_id": e.ID}}, nil
}

// event finds the event that a call is about. s.mu is held.
func (s *Server) event(c *call) (*Entry, *refusal) {
	if bad := s.ours(c); bad != nil {
		return nil, bad
	}
	for _, e := range s.entries {
		if e.ID == c.r.PathValue("event") && !e.Deleted {
			return e, nil
		}
	}
	return nil, deny(193001, "event not found")
}

// ofEvent makes an endpoint of what is done, with s.mu held, to the event that a call is about.
func (s *Server) ofEvent(do func(*call, *Entry) (any, *refusal)) func(*call) (any, *refusal) {
	return func(c *call) (any, *refusal) {
		s.mu.Lock()
		defer s.mu.Unlock()
		e, bad := s.event(c)
		if bad != nil {
			return nil, bad
		}
		return do(c, e)
	}
}

func (s *Server) patchEvent(c *call, e *Entry) (any, *refusal) {
	if bad := c.fill(e); bad != nil {
		return nil, bad
	}
	e.Edits++
	return map[string]any{"event": map[string]any{"event_id": e.ID}}, nil
}

func (s *Server) deleteEvent(_ *call, e *Entry) (any, *refusal) {
	e.Deleted = true
	return nil, nil
}

func (s *Server) listAttendees(c *call, e *Entry) (any, *refusal) {
	size, bad := c.number("page_size", 20, maxAttendeePage)
	if bad != nil {
		return nil, bad
	}
	from, bad := c.number("page_token", 0, len(e.Attendees))
	if bad != nil {
		return nil, bad
	}
	to, items := min(from+size, len(e.Attendees)), []any{}
	for _, id := range e.Attendees[from:to] {
		items = append(items, map[string]any{"type": "user", "attendee_id": "user_" + id, "user_id": id, "rsvp_status": "needs_action"})
	}
	return map[string]any{"items": items, "has_more": to < len(e.Attendees), "page_token": strconv.Itoa(to)}, nil
}

// addAttendees adds people to an event, all or none. Who is not of the tenant is refused: how the platform takes him is not
// known, and this is the stricter of what it may do.
func (s *Server) addAttendees(c *call, e *Entry) (any, *refusal) {
	var q struct {
		Attendees []struct {
			Type string `json:"type"`
			User string `json:"user_id"`
		} `json:"attendees"`
	}
	if bad := c.decode(&q); bad != nil {
		return nil, bad
	}
	if n := len(q.Attendees); n == 0 || n > maxAttendeesOnce || n+len(e.Attendees) > maxAttendees || c.r.URL.Query().Get("user_id_type") != "open_id" {
		return nil, deny(190002, "invalid parameters in request")
	}
	all := slices.Clone(e.Attendees)
	for _, a := range q.Attendees {
		p := s.find(a.User)
		if a.Type != "user" || p == nil || p.OpenID != a.User || p.gone {
			return nil, deny(190002, "invalid parameters in request")
		}
		if !slices.Contains(all, a.User) {
			all = append(all, a.User)
		}
	}
	e.Attendees = all
	return nil, nil
}

func (s *Server) deleteAttendees(c *call, e *Entry) (any, *refusal) {
	var q struct {
		IDs []string `json:"attendee_ids"`
	}
	if bad := c.decode(&q); bad != nil {
		return nil, bad
	}
	if len(q.IDs) == 0 {
		return nil, deny(190002, "invalid parameters in request")
	}
	e.Attendees = slices.DeleteFunc(e.Attendees, func(id string) bool { return slices.Contains(q.IDs, "user_"+id) })
	return nil, nil
}

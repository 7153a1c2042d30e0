package wecomtest

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Entry is an entry (日程) of a calendar that the app made.
type Entry struct {
	ID          string    `json:"id"`
	Calendar    string    `json:"calendar"` // its id
	Title       string    `json:"title"`
	Description string    `json:"description"`
	Place       string    `json:"place"`
	Start       time.Time `json:"start"`
	End         time.Time `json:"end"`
	Guests      []string  `json:"guests"` // plain user ids
	Reminds     bool      `json:"reminds,omitempty"`
	Cancelled   bool      `json:"cancelled,omitempty"`
	Edits       int       `json:"edits,omitempty"` // how often it was changed
}

// calendars are what the app keeps. An entry is seen by its guests alone.
type calendars struct {
	forbidden bool
	ids       []string
	entries   []*Entry
}

// The limits of 93647 and 93648. Of two revisions the smaller is taken: 512 characters of description as of 2021, 1000 guests
// as of 2023-06.
const (
	maxSummary     = 128
	maxDescription = 512
	maxLocation    = 128
	maxGuests      = 1000
	maxEntries     = 10_000 // and calendars: a day on the platform, in all here
	maxEntryPage   = 1000
	defEntryPage   = 500
)

// beijing is the zone in which people read entries.
var beijing = time.FixedZone("CST", 8*3600)

// AllowCalendar puts the app on the list of those that may use calendars, or takes it off: 48002.
func (s *Server) AllowCalendar(allowed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calendars.forbidden = !allowed
}

// Calendars is the number of calendars that the app made.
func (s *Server) Calendars() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calendars.ids)
}

// Entries lists all entries, oldest first, cancelled ones too.
func (s *Server) Entries() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Entry, len(s.calendars.entries))
	for i, e := range s.calendars.entries {
		out[i] = *e
		out[i].Guests = slices.Clone(e.Guests)
	}
	return out
}

// EntriesOf lists what a member, by user id or name, has in his calendar, oldest first.
func (s *Server) EntriesOf(who string) []Entry {
	s.mu.Lock()
	m := s.member(who)
	s.mu.Unlock()
	return slices.DeleteFunc(s.Entries(), func(e Entry) bool { return m == nil || e.Cancelled || !slices.Contains(e.Guests, m.UserID) })
}

// mayCalendar refuses an app that is not on the list of those that may.
func (s *Server) mayCalendar() error {
	if s.calendars.forbidden {
		return refuse(48002, "api forbidden")
	}
	return nil
}

// addCalendar makes a calendar (93647).
func (s *Server) addCalendar(r *request) (answer, error) {
	var q struct {
		Calendar *struct {
			Admins      []string `json:"admins"`
			Summary     string   `json:"summary"`
			Color       string   `json:"color"`
			Description string   `json:"description"`
		} `json:"calendar"`
	}
	if err := s.asCalendar(r, &q); err != nil {
		return nil, err
	}
	c := q.Calendar
	switch {
	case c == nil, c.Summary == "", utf8.RuneCountInString(c.Summary) > maxSummary, len(c.Color) != 7 || c.Color[0] != '#',
		utf8.RuneCountInString(c.Description) > maxDescription, len(c.Admins) > 3:
		return nil, refuse(40058, "invalid Request Parameter")
	case len(s.calendars.ids) >= maxEntries:
		return nil, refuse(45009, "api freq out of limit")
	}
	id := s.newID("wcCAL")
	s.calendars.ids = append(s.calendars.ids, id)
	return answer{"cal_id": id}, nil
}

// getCalendar tells of calendars; of those that are not the app's nothing (93647; what the platform says of them is not known).
func (s *Server) getCalendar(r *request) (answer, error) {
	var q struct {
		IDs []string `json:"cal_id_list"`
	}
	if err := s.asCalendar(r, &q); err != nil {
		return nil, err
	}
	if len(q.IDs) == 0 || len(q.IDs) > 1000 {
		return nil, refuse(40058, "invalid Request Parameter")
	}
	list := []answer{}
	for _, id := range q.IDs {
		if slices.Contains(s.calendars.ids, id) {
			list = append(list, answer{"cal_id": id})
		}
	}
	return answer{"calendar_list": list}, nil
}

func (s *Server) asCalendar(r *request, into any) error {
	if err := s.mayCalendar(); err != nil {
		return err
	}
	return r.decode(into)
}

// scheduleRequest is the body of schedule/add and schedule/update (93648).
type scheduleRequest struct {
	Skip     int `json:"skip_attendees"`
	Schedule *struct {
		ID          string `json:"schedule_id"`
		Calendar    string `json:"cal_id"`
		Start       uint32 `json:"start_time"`
		End         uint32 `json:"end_time"`
		Summary     string `json:"summary"`
		Description string `json:"description"`
		Location    string `json:"location"`
		Attendees   []struct {
			ID string `json:"userid"`
		} `json:"attendees"`
		Reminders struct {
			Remind   int  `json:"is_remind"`
			Repeat   int  `json:"is_repeat"`
			Timezone *int `json:"timezone"`
		} `json:"reminders"`
	} `json:"schedule"`
}

// entry checks a request and makes an entry of it. Who is no member, or not seen by the app, is refused: how the platform
// takes him is not known, and this is the stricter of what it may do.
func (s *Server) entry(q scheduleRequest) (*Entry, error) {
	x := q.Schedule
	switch {
	case x == nil, x.Start == 0, x.End <= x.Start, utf8.RuneCountInString(x.Summary) > maxSummary,
		utf8.RuneCountInString(x.Description) > maxDescription, utf8.RuneCountInString(x.Location) > maxLocation,
		len(x.Attendees) > maxGuests, x.Reminders.Timezone != nil && (*x.Reminders.Timezone < -12 || *x.Reminders.Timezone > 12):
		return nil, refuse(40058, "invalid Request Parameter")
	}
	e := &Entry{Title: x.Summary, Description: x.Description, Place: x.Location, Start: time.Unix(int64(x.Start), 0).In(beijing), End: time.Unix(int64(x.End), 0).In(beijing),
		Reminds: x.Reminders.Remind != 0}
	for _, a := range x.Attendees {
		switch m := s.byUserID(a.ID); {
		case m == nil:
			return nil, refuse(60111, "userid not found")
		case m.Hidden:
			return nil, refuse(60011, "no privilege to access/modify contact/party/agent")
		default:
			e.Guests = append(e.Guests, m.UserID)
		}
	}
	return e, nil
}

// addSchedule makes an entry. The platform takes no key by which it could tell a repeated request from another one.
func (s *Server) addSchedule(r *request) (answer, error) {
	var q scheduleRequest
	if err := s.asCalendar(r, &q); err != nil {
		return nil, err
	}
	e, err := s.entry(q)
	if err != nil {
		return nil, err
	}
	switch {
	case !slices.Contains(s.calendars.ids, q.Schedule.Calendar):
		return nil, refuse(90466, "invalid cal_id (belongs to other app)")
	case len(s.calendars.entries) >= maxEntries:
		return nil, refuse(45009, "api freq out of limit")
	}
	e.ID, e.Calendar = s.newID("schedule"), q.Schedule.Calendar
	s.calendars.entries = append(s.calendars.entries, e)
	return answer{"schedule_id": e.ID}, nil
}

// updateSchedule replaces an entry but for its calendar; its guests too, unless they are to stay.
func (s *Server) updateSchedule(r *request) (answer, error) {
	var q scheduleRequest
	if err := s.asCalendar(r, &q); err != nil {
		return nil, err
	}
	now, err := s.entry(q)
	if err != nil {
		return nil, err
	}
	e, err := s.known(q.Schedule.ID)
	if err != nil {
		return nil, err
	}
	now.ID, now.Calendar, now.Edits = e.ID, e.Calendar, e.Edits+1
	if q.Skip != 0 {
		now.Guests = e.Guests
	}
	*e = *now
	return nil, nil
}

// delSchedule cancels an entry.
func (s *Server) delSchedule(r *request) (answer, error) {
	var q struct {
		ID string `json:"schedule_id"`
	}
	if err := s.asCalendar(r, &q); err != nil {
		return nil, err
	}
	e, err := s.known(q.ID)
	if err != nil {
		return nil, err
	}
	e.Cancelled = true
	return nil, nil
}

// known finds an entry that is not cancelled.
func (s *Server) known(id string) (*Entry, error) {
	for _, e := range s.calendars.entries {
		if e.ID == id && !e.Cancelled {
			return e, nil
		}
	}
	return nil, refuse(90466, "invalid schedule id")
}

// getSchedules tells of entries by their ids.
func (s *Server) getSchedules(r *request) (answer, error) {
	var q struct {
		IDs []string `json:"schedule_id_list"`
	}
	if err := s.asCalendar(r, &q); err != nil {
		return nil, err
	}
	if len(q.IDs) == 0 || len(q.IDs) > 1000 {
		return nil, refuse(40058, "invalid Request Parameter")
	}
	return answer{"schedule_list": s.told(0, len(s.calendars.entries), func(e *Entry) bool { return slices.Contains(q.IDs, e.ID) })}, nil
}

// listSchedules tells of the entries of a calendar, page by page.
func (s *Server) listSchedules(r *request) (answer, error) {
	var q struct {
		ID     string `json:"cal_id"`
		Offset int    `json:"offset"`
		Limit  int    `json:"limit"`
	}
	if err := s.asCalendar(r, &q); err != nil {
		return nil, err
	}
	if q.Limit == 0 {
		q.Limit = defEntryPage
	}
	switch {
	case q.Offset < 0, q.Limit < 1, q.Limit > maxEntryPage:
		return nil, refuse(40058, "invalid Request Parameter")
	case !slices.Contains(s.calendars.ids, q.ID):
		return nil, refuse(90466, "invalid cal_id (belongs to other app)")
	}
	return answer{"schedule_list": s.told(q.Offset, q.Limit, func(e *Entry) bool { return e.Calendar == q.ID })}, nil
}

// told are entries as the platform tells of them.
func (s *Server) told(offset, limit int, which func(*Entry) bool) []answer {
	out := []answer{}
	for _, e := range s.calendars.entries {
		if !which(e) {
			continue
		}
		if offset--; offset >= 0 || len(out) >= limit {
			continue
		}
		status, guests := 0, []answer{}
		if e.Cancelled {
			status = 1
		}
		for _, id := range e.Guests {
			guests = append(guests, answer{"userid": id, "response_status": 0})
		}
		out = append(out, answer{"schedule_id": e.ID, "cal_id": e.Calendar, "summary": e.Title, "description": e.Description,
			"location": e.Place, "start_time": e.Start.Unix(), "end_time": e.End.Unix(), "status": status, "attendees": guests})
	}
	return out
}

// entryWords is an entry in one line, as a person reads it.
func (s *Server) entryWords(e Entry) string {
	var names []string
	for _, id := range e.Guests {
		if m := s.byUserID(id); m != nil {
			names = append(names, m.Name)
		}
	}
	words := e.Start.Format("01-02 15:04") + "–" + e.End.Format("15:04") + " " + e.Title
	if e.Place != "" {
		words += "，" + e.Place
	}
	words += "(" + strings.Join(names, "、") + ")"
	if e.Cancelled {
		words += "，已取消"
	}
	return words
}

// Agenda lists the entries in a line each, oldest first.
func (s *Server) Agenda() []string {
	all := s.Entries()
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []string{}
	for _, e := range all {
		out = append(out, s.entryWords(e))
	}
	return out
}

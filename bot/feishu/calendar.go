package feishu

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"lianbang/bot"
)

var _ bot.Calendar = (*Adapter)(nil)

// The paths of calendar-v4 and their limits: 1000 attendees a request and 3000 an event (calendar-event-attendee/create), 100 a
// page of the list. Nobody could check them against the live platform.
const (
	calendarsPath = "/open-apis/calendar/v4/calendars/"

	maxAdded      = 1000
	attendeePage  = 100
	attendeePages = 30
	closedTime    = time.Hour // before a calendar that the app may not use is tried again
)

// calendar is the bot's own: its primary one, in which it organises the events. People see those that they attend. It is safe
// for concurrent use.
type calendar struct {
	mu    sync.Mutex
	id    string
	until time.Time // closed until then
	told  bool      // the operator was told that it is closed
}

// CalendarOpen implements bot.Calendar.
func (a *Adapter) CalendarOpen(ctx context.Context) bool {
	if !a.conf.Calendar {
		return false
	}
	_, err := a.ownCalendar(ctx)
	return err == nil
}

// errClosed is a calendar that the app may not use for a while.
var errClosed = errors.New("the calendar is closed")

// ownCalendar is the path of the bot's primary calendar (calendar-v4 calendar/primary).
func (a *Adapter) ownCalendar(ctx context.Context) (path string, err error) {
	c := &a.calendar
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case a.conf.Now().Before(c.until):
		return "", errClosed
	case c.id != "":
		return calendarsPath + url.PathEscape(c.id), nil
	}
	var answer struct {
		Calendars []struct {
			Calendar struct {
				ID string `json:"calendar_id"`
			} `json:"calendar"`
		} `json:"calendars"`
	}
	if err := a.call(ctx, http.MethodPost, calendarsPath+"primary", nil, struct{}{}, &answer); err != nil {
		a.shutCalendar(err)
		return "", err
	}
	if len(answer.Calendars) == 0 || answer.Calendars[0].Calendar.ID == "" {
		return "", errMalformed
	}
	c.id = answer.Calendars[0].Calendar.ID
	return calendarsPath + url.PathEscape(c.id), nil
}

// shutCalendar closes the calendar after a refusal for the lack of a scope. It holds the calendar's mu.
func (a *Adapter) shutCalendar(err error) {
	c := &a.calendar
	if !lacksScope(asAPI(err).Code) {
		return
	}
	c.until = a.conf.Now().Add(closedTime)
	a.conf.Count("calendar_closed")
	if !c.told {
		c.told = true
		a.conf.Logger.Info("the app may not use calendars: activities are not entered there, all else works; "+
			"grant calendar:calendar, or set calendar: false (see lianbang doctor feishu)", "err", err)
	}
}

// putEntry makes an event what its delivery says. All that it does may be done again: the event is made under a key that the
// platform knows again, and its attendees are compared with the guests.
func (a *Adapter) putEntry(ctx context.Context, d bot.Delivery) (bot.Receipt, error) {
	if !a.conf.Calendar {
		return bot.Receipt{}, refused("no_calendar", "this account keeps no calendar")
	}
	id, err := a.writeEntry(ctx, d)
	if err == nil {
		return bot.Receipt{Message: id, At: a.conf.Now()}, nil
	}
	a.calendar.mu.Lock()
	defer a.calendar.mu.Unlock()
	a.shutCalendar(err)
	if wait := a.calendar.until.Sub(a.conf.Now()); wait > 0 {
		return bot.Receipt{}, &bot.SendError{Verdict: bot.Throttled, After: wait, Code: "calendar_closed", Err: err}
	}
	return bot.Receipt{}, verdict(err, d.Attempt)
}

// writeEntry gives the id of the event as it is now, "" when there is none.
func (a *Adapter) writeEntry(ctx context.Context, d bot.Delivery) (id string, err error) {
	e := d.Body.Entry
	if e.Cancelled && d.Update == "" && d.Attempt <= 1 {
		return "", nil
	}
	path, err := a.ownCalendar(ctx)
	if err != nil {
		return "", err
	}
	path += "/events"
	id = d.Update
	if id != "" && !e.Cancelled {
		err = a.call(ctx, http.MethodPatch, path+"/"+url.PathEscape(id), nil, newEvent(*e), nil)
		if missing(err) {
			id = ""
		} else if err != nil {
			return "", err
		}
	}
	if id == "" {
		if id, err = a.addEvent(ctx, path, d); err != nil {
			return "", err
		}
	}
	path += "/" + url.PathEscape(id)
	if e.Cancelled {
		err = a.call(ctx, http.MethodDelete, path, map[string]string{"need_notification": "false"}, nil, nil)
		if missing(err) {
			err = nil
		}
		return "", err
	}
	return id, a.invite(ctx, path+"/attendees", e.Guests)
}

// missing reports whether there is no such event, or no more: an attempt whose answer was lost has deleted it, or somebody.
// Which codes the platform has for it nobody could check.
func missing(err error) bool {
	e := asAPI(err)
	return e.Code == 193001 || e.Code == 193003 || e.Code != 0 && e.Status == http.StatusNotFound
}

// addEvent makes an event, or finds the one that an earlier attempt made (calendar-v4 calendar-event/create: idempotency_key is
// unique per app and calendar).
func (a *Adapter) addEvent(ctx context.Context, path string, d bot.Delivery) (string, error) {
	var made struct {
		Event struct {
			ID string `json:"event_id"`
		} `json:"event"`
	}
	key := uuid(d.Key, strconv.FormatInt(d.Body.Entry.Life, 10))
	if err := a.call(ctx, http.MethodPost, path, map[string]string{"idempotency_key": key}, newEvent(*d.Body.Entry), &made); err != nil {
		return "", err
	}
	if made.Event.ID == "" {
		return "", errMalformed
	}
	return made.Event.ID, nil
}

// newEvent is what an event shows: no reminders, no meeting, and not who else attends.
func newEvent(e bot.Entry) map[string]any {
	moment := func(t time.Time) map[string]string {
		return map[string]string{"timestamp": strconv.FormatInt(t.Unix(), 10), "timezone": "Asia/Shanghai"}
	}
	return map[string]any{"summary": e.Title, "description": e.Note, "need_notification": false,
		"start_time": moment(e.Start), "end_time": moment(e.End), "location": map[string]string{"name": e.Place},
		"vchat": map[string]string{"vc_type": "no_meeting"}, "attendee_ability": "none", "free_busy_status": "busy", "reminders": []any{}}
}

// invite makes the guests the attendees of an event: those that are missing are added, others are taken out.
func (a *Adapter) invite(ctx context.Context, path string, guests []bot.UserKey) error {
	there, err := a.attendees(ctx, path)
	if err != nil {
		return err
	}
	var missing, surplus []string
	for _, g := range guests {
		if there[string(g)] == "" {
			missing = append(missing, string(g))
		}
	}
	for user, id := range there {
		if !slices.Contains(guests, bot.UserKey(user)) {
			surplus = append(surplus, id)
		}
	}
	slices.Sort(surplus)
	for some := range slices.Chunk(missing, maxAdded) {
		if err := a.addAttendees(ctx, path, some); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(surplus, maxAdded) {
		if err := a.call(ctx, http.MethodPost, path+"/batch_delete", nil,
			map[string]any{"attendee_ids": some, "need_notification": false}, nil); err != nil {
			return err
		}
	}
	return nil
}

// attendees are the ids of an event's attendees by their open_ids (calendar-event-attendee/list).
func (a *Adapter) attendees(ctx context.Context, path string) (map[string]string, error) {
	there, token := map[string]string{}, ""
	for range attendeePages {
		query := map[string]string{"user_id_type": "open_id", "page_size": strconv.Itoa(attendeePage)}
		if token != "" {
			query["page_token"] = token
		}
		var page struct {
			Items []struct {
				Type string `json:"type"`
				ID   string `json:"attendee_id"`
				User string `json:"user_id"`
			} `json:"items"`
			More  bool   `json:"has_more"`
			Token string `json:"page_token"`
		}
		if err := a.call(ctx, http.MethodGet, path, query, nil, &page); err != nil {
			return nil, err
		}
		for _, it := range page.Items {
			if it.Type == "user" && it.User != "" && !strings.HasPrefix(it.User, "cli_") {
				there[it.User] = it.ID
			}
		}
		if token = page.Token; !page.More || token == "" {
			break
		}
	}
	return there, nil
}

// addAttendees adds people to an event. When the platform will not have them together it is asked for each half, so that one
// who has left does not keep the others out.
func (a *Adapter) addAttendees(ctx context.Context, path string, users []string) error {
	list := make([]map[string]string, len(users))
	for i, u := range users {
		list[i] = map[string]string{"type": "user", "user_id": u}
	}
	err := a.call(ctx, http.MethodPost, path, map[string]string{"user_id_type": "open_id"}, map[string]any{"attendees": list, "need_notification": false}, nil)
	switch {
	case !unwanted(err):
		return err
	case len(users) == 1:
		a.conf.Count("guests_unseen")
		a.conf.Logger.Info("a guest cannot be entered; he is left out", "err", err)
		return nil
	}
	half := len(users) / 2
	if err := a.addAttendees(ctx, path, users[:half]); err != nil {
		return err
	}
	return a.addAttendees(ctx, path, users[half:])
}

// unwanted reports whether a refusal may be about somebody who was named: not about the app, its pace or its token.
func unwanted(err error) bool {
	e := asAPI(err)
	r, known := e.rule()
	return e.Code != 0 && e.Status/100 == 4 && e.Status != http.StatusTooManyRequests && (!known || r.verdict == bot.Refused)
}

package wecom

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"lianbang/bot"
	"lianbang/bot/memory"
)

// The limits of an entry (日程) in characters, and of its guests (93648). The revision of 2023-06 allows 1000 guests and 1000
// characters of description, one before it 2000 and 512: the smaller of both.
const (
	maxSummary     = 128
	maxDescription = 512
	maxLocation    = 128
	maxAttendees   = 1000
)

// Looking for an entry: so many pages of so many entries. An answer is read up to answerSize, and each names its guests.
const (
	findPage  = 20
	findPages = 100
)

// schedule is an entry as the platform takes it (93648): times in seconds, no reminders, no repetition. An update replaces all
// of it, the guests too.
type schedule struct {
	ID          string     `json:"schedule_id,omitempty"`
	Calendar    string     `json:"cal_id,omitempty"` // of a new one; it cannot move
	Start       int64      `json:"start_time"`
	End         int64      `json:"end_time"`
	Summary     string     `json:"summary"`
	Description string     `json:"description"`
	Location    string     `json:"location"`
	Attendees   []attendee `json:"attendees"`
	Reminders   struct {
		Remind   int `json:"is_remind"`
		Repeat   int `json:"is_repeat"`
		Timezone int `json:"timezone"` // hours
	} `json:"reminders"`
}

type attendee struct {
	ID string `json:"userid"`
}

// newSchedule is what an entry shows. Its last line names the topic, by which it is found again.
func newSchedule(e bot.Entry, topic string, guests []string) schedule {
	s := schedule{Start: e.Start.Unix(), End: e.End.Unix(), Summary: firstRunes(e.Title, maxSummary), Location: firstRunes(e.Place, maxLocation)}
	mark := markOf(topic)
	s.Description = strings.TrimSpace(firstRunes(e.Note, maxDescription-utf8.RuneCountInString(mark)-1) + "\n" + mark)
	for _, id := range guests {
		s.Attendees = append(s.Attendees, attendee{id})
	}
	s.Reminders.Timezone = 8
	return s
}

// markOf is the last line of an entry's description.
func markOf(topic string) string {
	if topic == "" {
		return ""
	}
	return "编号：" + topic
}

// firstRunes is the beginning of a text.
func firstRunes(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// putEntry makes an entry what its delivery says. A new one is looked for before, where an earlier attempt may have made it:
// the platform takes no key to tell a repeated request from another one.
func (a *Adapter) putEntry(ctx context.Context, d bot.Delivery) (bot.Receipt, error) {
	if a.conf.App == nil || !a.conf.App.Calendar {
		return bot.Receipt{}, refused("no_calendar", "no app of this account keeps a calendar")
	}
	id, err := a.writeEntry(ctx, d)
	if forbidden(err) {
		a.calendar.forbid(err)
		return bot.Receipt{}, &bot.SendError{Verdict: bot.Throttled, After: closedTime, Code: "calendar_closed", Err: err}
	}
	return bot.Receipt{Message: id, At: a.conf.Now()}, outcome(err)
}

// writeEntry gives the id of the entry as it is now, "" when there is none.
func (a *Adapter) writeEntry(ctx context.Context, d bot.Delivery) (id string, err error) {
	tried := d.Update == "" && d.Attempt > 1 && d.Body.Topic != ""
	if d.Body.Entry.Cancelled && d.Update == "" && !tried {
		return "", nil
	}
	cal, err := a.calendar.open(ctx)
	if wait := (*throttledError)(nil); errors.As(err, &wait) {
		return "", err
	}
	if err != nil {
		return "", unsent(err)
	}
	id = d.Update
	if tried {
		if id, err = a.findEntry(ctx, cal, markOf(d.Body.Topic)); err != nil {
			return "", unsent(err)
		}
	}
	var guests []string
	if !d.Body.Entry.Cancelled {
		if guests, err = a.guests(ctx, d.Body.Entry.Guests); err != nil {
			return "", unsent(err)
		}
	}
	id, err = a.renew(ctx, cal, id, d, guests)
	if !aboutPerson(err) {
		return id, err
	}
	seen, e := a.seen(ctx, guests)
	switch {
	case e != nil:
		return "", unsent(e)
	case len(seen) == len(guests):
		return "", err
	}
	return a.renew(ctx, cal, id, d, seen)
}

// renew is schedule for an entry that may be there no more, taken out by an attempt whose answer was lost or by somebody. The
// platform has no certain code for that, so after a refusal the calendar is looked through.
func (a *Adapter) renew(ctx context.Context, cal, id string, d bot.Delivery, guests []string) (string, error) {
	there, err := a.schedule(ctx, cal, id, d, guests)
	if id == "" || d.Body.Topic == "" || codeOf(err) == 0 || aboutPerson(err) || verdict(err, d.Attempt).Verdict != bot.Refused {
		return there, err
	}
	switch found, e := a.findEntry(ctx, cal, markOf(d.Body.Topic)); {
	case e != nil:
		return "", unsent(e)
	case found == id:
		return there, err
	default:
		return a.schedule(ctx, cal, found, d, guests)
	}
}

// schedule writes an entry with these guests; without any there is to be none. It gives the entry's id, also when it fails.
func (a *Adapter) schedule(ctx context.Context, cal, id string, d bot.Delivery, guests []string) (string, error) {
	post := func(what string, body map[string]any) ([]byte, error) {
		return a.call(ctx, request{method: http.MethodPost, address: "oa/schedule/" + what, body: body})
	}
	if len(guests) == 0 {
		if id == "" {
			return "", nil
		}
		_, err := post("del", map[string]any{"schedule_id": id})
		if err != nil {
			return id, err
		}
		return "", nil
	}
	s := newSchedule(*d.Body.Entry, d.Body.Topic, guests)
	if id != "" {
		s.ID = id
		_, err := post("update", map[string]any{"skip_attendees": 0, "schedule": s})
		return id, err
	}
	s.Calendar = cal
	data, err := post("add", map[string]any{"schedule": s, "agentid": a.conf.App.AgentID})
	if err != nil {
		return "", err
	}
	var answer struct {
		ID string `json:"schedule_id"`
	}
	if err := json.Unmarshal(data, &answer); err != nil || answer.ID == "" {
		return "", &unknownError{cause: errAnswer}
	}
	return answer.ID, nil
}

// findEntry looks through the calendar for the entry whose description ends in that line; "" = there is none, or the platform
// does not let us look. Cancelled ones have a status that is not 0 (93648).
func (a *Adapter) findEntry(ctx context.Context, cal, mark string) (string, error) {
	for page := range findPages {
		data, err := a.call(ctx, request{method: http.MethodPost, address: "oa/schedule/get_by_calendar",
			body: map[string]any{"cal_id": cal, "offset": page * findPage, "limit": findPage}})
		if err != nil && !forbidden(err) && verdict(err, 1).Verdict == bot.Refused {
			a.conf.Logger.Warn("the calendar cannot be looked through; an entry may come twice", "err", err)
			return "", nil
		}
		if err != nil {
			return "", err
		}
		var answer struct {
			List []struct {
				ID          string `json:"schedule_id"`
				Description string `json:"description"`
				Status      int    `json:"status"`
			} `json:"schedule_list"`
		}
		if err := json.Unmarshal(data, &answer); err != nil {
			return "", errAnswer
		}
		for _, s := range answer.List {
			if s.Status == 0 && strings.HasSuffix("\n"+s.Description, "\n"+mark) {
				return s.ID, nil
			}
		}
		if len(answer.List) < findPage {
			break
		}
	}
	return "", nil
}

// aboutPerson reports whether a refusal is about somebody who was named. The platform does not say whom it means.
func aboutPerson(err error) bool {
	switch codeOf(err) {
	case 40003, 60011, 60111, codeNobody:
		return true
	}
	return false
}

// errGuests is a list of guests that is not known yet.
var errGuests = errors.New("the guests' plain ids are not known yet")

// guests are the plain ids under which the app may name the users, each once. Who is not seen by the app is left out.
func (a *Adapter) guests(ctx context.Context, users []bot.UserKey) (ids []string, err error) {
	named := map[string]bool{}
	for _, u := range users {
		id, ok := a.people.resolve(ctx, string(u))
		if !ok {
			return nil, errGuests
		}
		same := strings.ToLower(id) // the case does not matter to the app's calls
		if named[same] || looksEncrypted(id) || a.unseen.has(id) {
			continue
		}
		named[same] = true
		if len(ids) == maxAttendees {
			a.conf.Count("guests_left_out")
			a.conf.Logger.Warn("an entry has more guests than the platform takes; the rest is left out", "guests", len(users), "most", maxAttendees)
			break
		}
		ids = append(ids, id)
	}
	return ids, nil
}

const (
	askedAtOnce = 8
	unseenTime  = 6 * time.Hour
)

// seen are those whom the app sees. The others are remembered for a while.
func (a *Adapter) seen(ctx context.Context, ids []string) (out []string, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	hidden, turns := make([]bool, len(ids)), make(chan struct{}, askedAtOnce)
	for i, id := range ids {
		turns <- struct{}{}
		go func() {
			defer func() { <-turns }()
			if ctx.Err() != nil {
				return
			}
			_, err := a.memberName(ctx, id)
			if hidden[i] = aboutPerson(err); err != nil && !hidden[i] {
				cancel(err)
			}
		}()
	}
	for range askedAtOnce {
		turns <- struct{}{}
	}
	for i, id := range ids {
		if hidden[i] {
			a.unseen.add(id)
			continue
		}
		out = append(out, id)
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	if n := len(ids) - len(out); n > 0 {
		a.conf.Count("guests_unseen")
		a.conf.Logger.Info("guests of an entry are outside the app's visible range; they are left out", "guests", n)
	}
	return out, nil
}

// unseen remembers whom the app does not see. It is safe for concurrent use.
type unseen struct {
	now  func() time.Time
	mu   sync.Mutex
	till map[string]time.Time // by plain id
}

func newUnseen(now func() time.Time) *unseen { return &unseen{now: now, till: map[string]time.Time{}} }

func (u *unseen) has(id string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.now().Before(u.till[id])
}

func (u *unseen) add(id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	now := u.now()
	memory.Trim(u.till, maxPeople, func(till time.Time) bool { return !now.Before(till) })
	u.till[id] = now.Add(unseenTime)
}

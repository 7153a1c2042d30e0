package wecom

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Memory keeps what an account has made on the platform and finds there by its id alone.
type Memory interface {
	// Recall gives what is kept under a key, "" when nothing is.
	Recall(ctx context.Context, key string) (string, error)
	// Keep keeps a value under a key for good, and returns it; where another process has kept one meanwhile, it returns that.
	Keep(ctx context.Context, key, value string) (kept string, err error)
}

const (
	calendarTitle  = "联帮活动"
	calendarColour = "#2E8B57"

	closedTime = time.Hour        // before a calendar that the app may not use is tried again
	failedTime = 10 * time.Minute // after a failure that may pass; the calendar may have been made all the same
)

// forbidden reports whether the app may not use an interface: that for calendars, as long as it is not among 应用管理 → 日程 →
// “可调用接口的应用” (93624). Which code that gives no document says; these mean it elsewhere (90313).
func forbidden(err error) bool { return codeOf(err) == 48001 || codeOf(err) == 48002 }

// calendar is the one in which the app keeps its entries, with no members of its own: people see what they are guests of
// (93647). It is safe for concurrent use.
type calendar struct {
	key    string // in the memory
	memory Memory // may be nil
	create func(ctx context.Context) (id string, err error)
	now    func() time.Time
	tell   func(err error) // the operator, that the app may not use it

	mu    sync.Mutex
	id    string
	kept  bool      // the memory has it
	until time.Time // closed until then
	told  bool
}

// open gives the calendar's id, and makes the calendar when there is none; a *throttledError says for how long it is closed. A
// crash just after it was made, and two processes that make one at the same moment, leave one behind that is empty and that
// nobody sees.
func (c *calendar) open(ctx context.Context) (id string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if wait := c.until.Sub(c.now()); wait > 0 {
		return "", &throttledError{after: wait}
	}
	if c.id == "" && c.memory != nil {
		if c.id, err = c.memory.Recall(ctx, c.key); err != nil {
			return "", err
		}
		c.kept = c.id != ""
	}
	if c.id == "" {
		if c.id, err = c.create(ctx); err != nil {
			c.shut(err)
			return "", err
		}
	}
	if !c.kept && c.memory != nil {
		kept, err := c.memory.Keep(ctx, c.key, c.id)
		if err != nil {
			return "", err
		}
		c.id = kept
	}
	c.kept = true
	return c.id, nil
}

// forbid closes the calendar because of a refusal.
func (c *calendar) forbid(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shut(err)
}

// shut holds mu. The operator is told once of what he may mend.
func (c *calendar) shut(err error) {
	if !forbidden(err) {
		c.until = c.now().Add(failedTime)
		return
	}
	c.until = c.now().Add(closedTime)
	if !c.told {
		c.told = true
		c.tell(err)
	}
}

// CalendarOpen implements bot.Calendar.
func (a *Adapter) CalendarOpen(ctx context.Context) bool {
	if a.conf.App == nil || !a.conf.App.Calendar {
		return false
	}
	_, err := a.calendar.open(ctx)
	if wait := (*throttledError)(nil); err != nil && !errors.As(err, &wait) {
		a.conf.Count("calendar_closed")
		a.conf.Logger.Debug("the calendar cannot be opened now", "err", err)
	}
	return err == nil
}

// newCalendar prepares the calendar of an account with an app. Another app of the account has another one.
func (a *Adapter) newCalendar() *calendar {
	return &calendar{key: "wecom/" + a.conf.Account + "/calendar/" + a.conf.App.CorpID + "/" + strconv.Itoa(a.conf.App.AgentID),
		memory: a.conf.Memory, create: a.addCalendar, now: a.conf.Now,
		tell: func(err error) {
			a.conf.Logger.Info("the app may not use calendars: activities are not entered there, all else works; "+
				"allow it, or set calendar: false (see lianbang doctor wecom)", "err", err)
		}}
}

// addCalendar makes a calendar (93647, as of 2023-04: admins in place of the earlier organizer, neither of them needed).
func (a *Adapter) addCalendar(ctx context.Context) (string, error) {
	data, err := a.call(ctx, request{method: http.MethodPost, address: "oa/calendar/add", body: map[string]any{
		"calendar": map[string]any{"summary": calendarTitle, "color": calendarColour}, "agentid": a.conf.App.AgentID}})
	if err != nil {
		return "", err
	}
	var answer struct {
		ID string `json:"cal_id"`
	}
	if err := json.Unmarshal(data, &answer); err != nil || answer.ID == "" {
		return "", errAnswer
	}
	return answer.ID, nil
}

package feishu

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// errMalformed is an answer that says success and lacks what it should hold.
var errMalformed = errors.New("answer lacks what it should hold")

// longestWait is the longest pause that is believed of a header; the documented windows are a minute at most.
const longestWait = 10 * time.Minute

// maxScopes are the scopes that an error names at most.
const maxScopes = 10

// apiError is an answer that is not a success. It keeps no words of the platform, which may repeat what was sent: the code,
// and the log id by which the platform's support finds the rest.
type apiError struct {
	Status int           // of HTTP
	Code   int           // of the platform; 0 = the answer was not JSON, or had no code
	Sub    int           // the ErrCode inside a 230099; 0 = none
	Locked bool          // a card is being used by somebody and can be changed later
	Scopes []string      // the scopes that would allow the call
	LogID  string        //
	After  time.Duration // how long the platform asks to wait; 0 = it did not say
}

// Error names the code, what it means where that is known, and the log id.
func (e *apiError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP %d", e.Status)
	if e.Code != 0 {
		fmt.Fprintf(&b, ", code %s", e.label())
	}
	if means := e.means(); means != "" {
		b.WriteString(" (" + means + ")")
	}
	if len(e.Scopes) > 0 {
		b.WriteString(", any of " + strings.Join(e.Scopes, " "))
	}
	if e.LogID != "" {
		b.WriteString(", log id " + clip(e.LogID, 80))
	}
	return b.String()
}

// label is the code for logs and metrics: "230002", "230099/11310", "http502".
func (e *apiError) label() string {
	switch {
	case e.Code == 0:
		return "http" + strconv.Itoa(e.Status)
	case e.Sub != 0:
		return strconv.Itoa(e.Code) + "/" + strconv.Itoa(e.Sub)
	default:
		return strconv.Itoa(e.Code)
	}
}

var (
	subCode   = regexp.MustCompile(`ErrCode:\s*(\d{1,9})`)
	scopeName = regexp.MustCompile(`\b[a-z][a-z_]*(?:[:.][a-z_0-9]+)*:[a-z_.0-9]+\b`)
)

// read takes what is useful out of the rest of an answer.
func (e *apiError) read(env envelope) {
	msg := clip(env.Msg, 4<<10)
	if e.Code == cardRefused {
		if m := subCode.FindStringSubmatch(msg); m != nil {
			e.Sub, _ = strconv.Atoi(m[1])
		}
		e.Locked = e.Sub == 11310 && strings.Contains(msg, "lock")
	}
	var detail struct {
		LogID      string `json:"log_id"`
		Violations []struct {
			Subject string `json:"subject"`
		} `json:"permission_violations"`
	}
	if err := json.Unmarshal(env.Error, &detail); err == nil && e.LogID == "" { // else absent, or of another shape
		e.LogID = detail.LogID
	}
	if !lacksScope(e.Code) {
		return
	}
	for _, v := range detail.Violations {
		e.addScopes(v.Subject)
	}
	if len(e.Scopes) == 0 {
		e.addScopes(msg)
	}
}

// addScopes adds the names of scopes that stand in s.
func (e *apiError) addScopes(s string) {
	for _, name := range scopeName.FindAllString(s, maxScopes) {
		if len(e.Scopes) < maxScopes && !slices.Contains(e.Scopes, name) {
			e.Scopes = append(e.Scopes, name)
		}
	}
}

// retryAfter is how long the headers of an answer ask to wait: x-ogw-ratelimit-reset in seconds (frequency-control), else
// Retry-After. Both are met with fractions in the field.
func retryAfter(h http.Header, now time.Time) time.Duration {
	for _, name := range []string{"X-Ogw-Ratelimit-Reset", "Retry-After"} {
		value := strings.TrimSpace(h.Get(name))
		if s, err := strconv.ParseFloat(value, 64); err == nil && s > 0 && !math.IsInf(s, 0) {
			return min(time.Duration(math.Ceil(min(s, longestWait.Seconds())*1000))*time.Millisecond, longestWait)
		}
		if at, err := http.ParseTime(value); err == nil && at.After(now) {
			return min(at.Sub(now), longestWait)
		}
	}
	return 0
}

func asAPI(err error) *apiError {
	var e *apiError
	if errors.As(err, &e) {
		return e
	}
	return &apiError{}
}

// unknownPerson reports a card that mentions somebody who does not exist for the app.
func (e *apiError) unknownPerson() bool { return e.Code == cardRefused && e.Sub == 100290 }

package understand

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// example is a message and what it says, in short: "t=title;s=12-04 15:30;p=place". Fields that are not written were not
// said. Several activities are separated by "||".
type example struct{ text, want string }

// ref is the moment at which all examples are said: Wednesday 25 November 2026, 10:00.
var ref = time.Date(2026, 11, 25, 10, 0, 0, 0, time.FixedZone("CST", 8*3600))

var longKeys = map[string]string{"t": "title", "s": "start", "e": "end", "p": "place", "n": "capacity", "b": "branches", "c": "contact",
	"ph": "contact_phone", "d": "deadline", "cat": "category", "m": "missing", "date": "date", "part": "part", "ed": "end_date",
	"amt": "amount", "min": "amount_min", "term": "term_months", "hc": "headcount", "co": "company"}

// expand turns the short form into the fields that Answer gives.
func expand(intent Intent, want string) map[string]any {
	out := map[string]any{"intent": string(intent)}
	if items := strings.Split(want, "||"); len(items) > 1 {
		var list []any
		for _, it := range items {
			m := expand(intent, it)
			delete(m, "intent")
			list = append(list, m)
		}
		out["items"] = list
		return out
	}
	var nulls []string
	switch intent {
	case ActivityCreate:
		nulls = []string{"title", "category", "start", "end", "place", "capacity", "contact", "contact_phone", "deadline"}
		out["branches"], out["missing"] = []any{}, []any{}
	case NeedCreate:
		nulls = []string{"category", "company", "amount", "headcount", "deadline", "contact", "contact_phone"}
		out["missing"] = []any{}
	case ActivityReschedule:
		nulls = []string{"start", "end", "place"}
		out["missing"] = []any{}
	case ActivityCancel:
		out["missing"] = []any{}
	case None:
		return out
	}
	for _, k := range nulls {
		out[k] = nil
	}
	target := map[string]any{"title": nil, "date": nil}
	for _, f := range strings.Split(want, ";") {
		k, v, ok := strings.Cut(strings.TrimSpace(f), "=")
		if !ok {
			continue
		}
		long := longKeys[k]
		switch k {
		case "s", "e":
			out[long] = clockOf(v)
		case "d":
			if len(v) > 6 && strings.Contains(v, ":") {
				out[long] = clockOf(v)
			} else {
				out[long] = dayOf(v)
			}
		case "date", "ed":
			out[long] = dayOf(v)
		case "n", "amt", "min", "term", "hc":
			n, err := strconv.ParseFloat(v, 64)
			if err != nil {
				panic(err)
			}
			out[long] = n
		case "m":
			v = strings.ReplaceAll(v, "amount,contact_phone", "contact_phone,amount")
			fallthrough
		case "b":
			var list []any
			for _, s := range strings.Split(v, ",") {
				list = append(list, s)
			}
			out[long] = list
		case "tt":
			target["title"] = v
		case "td":
			target["date"] = dayOf(v)
		case "tc":
			target["code"] = v
		default:
			out[long] = v
		}
	}
	if intent == ActivityReschedule || intent == ActivityCancel {
		out["target"] = target
	}
	return out
}

func dayOf(v string) string {
	if len(v) == 5 {
		return "2026-" + v
	}
	return v
}

func clockOf(v string) string {
	d, c, _ := strings.Cut(v, " ")
	return dayOf(d) + "T" + c + ":00+08:00"
}

func runTable(t *testing.T, intent Intent, table []example, allowed int) {
	t.Helper()
	intents, whole := 0, 0
	for i, ex := range table {
		want := expand(intent, ex.want)
		got := answer(t, item{ID: fmt.Sprint(i), Ref: ref, Text: ex.text})
		if got["intent"] == want["intent"] {
			intents++
		}
		if diff := differences(want, got); len(diff) > 0 {
			t.Logf("%s\n\t%s", ex.text, strings.Join(diff, "\n\t"))
		} else {
			whole++
		}
	}
	t.Logf("%s: intent %d/%d, all fields %d/%d", intent, intents, len(table), whole, len(table))
	if intents < len(table) || whole < len(table)-allowed {
		t.Errorf("%s: intent %d of %d, all fields %d of %d", intent, intents, len(table), whole, len(table))
	}
}

func TestCreate(t *testing.T)     { runTable(t, ActivityCreate, createExamples, 0) }
func TestNeed(t *testing.T)       { runTable(t, NeedCreate, needExamples, 0) }
func TestReschedule(t *testing.T) { runTable(t, ActivityReschedule, rescheduleExamples, 0) }
func TestCancel(t *testing.T)     { runTable(t, ActivityCancel, cancelExamples, 0) }
func TestNothing(t *testing.T)    { runTable(t, None, noneExamples, 0) }

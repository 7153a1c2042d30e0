package understand

import "time"

// Answer is what `lianbang parse message` prints for one message: id, and the fields of the intent. Intents that are no
// records count as none, and so does a need that the bot would ask about before it acts.
func Answer(id, text string, ref time.Time) map[string]any {
	r := Message(text, ref, nil)
	out := map[string]any{"id": id}
	if r.Confidence < Sure && r.Intent == NeedCreate {
		r.Intent = None
	}
	switch r.Intent {
	case ActivityCreate:
		out["intent"] = string(ActivityCreate)
		if len(r.Activities) == 1 {
			answerActivity(out, &r.Activities[0])
			break
		}
		items := make([]map[string]any, len(r.Activities))
		for i := range r.Activities {
			items[i] = map[string]any{}
			answerActivity(items[i], &r.Activities[i])
		}
		out["items"] = items
	case ActivityReschedule:
		a := &r.Activities[0]
		out["intent"] = string(r.Intent)
		out["target"] = answerTarget(r.Target)
		answerWhen(out, &a.When)
		out["place"] = orNil(a.Place)
		if a.Place == Undecided {
			out["place"] = nil
		}
		if a.Capacity > 0 {
			out["capacity"] = a.Capacity
		}
		if a.Title != "" {
			out["title"] = a.Title
		}
		out["missing"] = list(a.Missing)
	case ActivityCancel:
		out["intent"] = string(r.Intent)
		out["target"] = answerTarget(r.Target)
		out["missing"] = []string{}
	case NeedCreate:
		n := r.Need
		out["intent"] = string(r.Intent)
		out["category"] = orNil(n.Category)
		out["company"] = orNil(n.Company)
		out["amount"], out["headcount"], out["deadline"] = nil, nil, nil
		if n.Amount > 0 {
			out["amount"] = n.Amount / 100
			if n.Unitless {
				out["amount"] = n.Amount
			}
		}
		if n.AmountMin > 0 {
			out["amount_min"] = n.AmountMin / 100
		}
		if n.Term > 0 {
			out["term_months"] = n.Term
		}
		if n.Headcount > 0 {
			out["headcount"] = n.Headcount
		}
		if !n.Deadline.IsZero() {
			out["deadline"] = n.Deadline.Format(time.DateOnly)
		}
		out["contact"], out["contact_phone"] = orNil(n.Contact), orNil(n.Phone)
		out["missing"] = list(n.Missing)
	default:
		out["intent"] = string(None)
		note := r.Note
		switch note {
		case "":
			note = NoteQuestion
			if r.Intent == SignUp || r.Intent == SignOff || r.Intent == Correct || r.Intent == Undo {
				note = NoteStatement
			}
		case NotePast:
			note = "report of the past"
		}
		out["note"] = note
	}
	return out
}

func answerActivity(out map[string]any, a *Activity) {
	out["title"], out["category"] = orNil(a.Title), orNil(a.Category)
	answerWhen(out, &a.When)
	missing := list(a.Missing)
	if a.Place == Undecided {
		a.Place = ""
		missing = append(missing, "place")
	}
	out["place"], out["capacity"] = orNil(a.Place), nil
	if a.Capacity > 0 {
		out["capacity"] = a.Capacity
	}
	branches := list(a.Branches)
	if a.Host != "" {
		branches = append([]string{a.Host}, branches...)
	}
	out["branches"] = branches
	out["contact"], out["contact_phone"], out["deadline"] = orNil(a.Contact), orNil(a.Phone), nil
	if !a.Deadline.IsZero() {
		out["deadline"] = a.Deadline.Format(time.DateOnly)
		if a.DeadlineClock {
			out["deadline"] = a.Deadline.Format(time.RFC3339)
		}
	}
	out["missing"] = missing
}

// answerWhen writes start and end; a day without a clock is date, with part and end_date where they were said.
func answerWhen(out map[string]any, w *When) {
	out["start"], out["end"] = nil, nil
	if w.Refused != "" {
		return
	}
	if !w.Start.IsZero() {
		out["start"] = w.Start.Format(time.RFC3339)
		if !w.End.IsZero() {
			out["end"] = w.End.Format(time.RFC3339)
		}
		return
	}
	if !w.Day.IsZero() {
		out["date"] = w.Day.Format(time.DateOnly)
		if w.Part != "" {
			out["part"] = w.Part
		}
		if !w.EndDay.IsZero() {
			out["end_date"] = w.EndDay.Format(time.DateOnly)
		}
	}
}

func answerTarget(t Target) map[string]any {
	out := map[string]any{"title": orNil(t.Title), "date": nil}
	if !t.Day.IsZero() {
		out["date"] = t.Day.Format(time.DateOnly)
	}
	if t.Number > 0 {
		out["code"] = t.Letter + itoa(t.Number)
	}
	return out
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

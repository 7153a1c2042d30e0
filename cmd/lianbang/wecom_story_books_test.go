package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"lianbang/bot"
	"lianbang/storage"
)

// taken is an event that the program took, with what it answered.
type taken struct {
	key    string // account and event id
	turn   *turn
	answer string
}

// maxSwaps bounds how far an event may have had its effect before others that arrived earlier.
const maxSwaps = 8

// search looks for an order in which the model gives the answers that the program gave. Events have numbers in order of their
// arrival; of those that arrive at the same time in two processes a later one may have its effect first.
type search struct {
	events []taken
	vain   map[string]bool // states from which there is no way on
	best   int             // events that could be explained
	stuck  string
}

// effectOf is an event that has its effect, and what it must lead to.
type effectOf struct {
	taken
	notices []notice
}

// from gives the effects of all events from first on but those ahead, which have had theirs, in an order that explains the
// answers, and the end; nil when there is none.
func (s *search) from(first int, ahead []int, m *truth) ([]effectOf, *truth) {
	for slices.Contains(ahead, first) {
		first++
	}
	if first == len(s.events) {
		return []effectOf{}, m
	}
	ahead = slices.DeleteFunc(slices.Clone(ahead), func(i int) bool { return i < first })
	slices.Sort(ahead)
	state := fmt.Sprint(first, ahead, m, m.came)
	if s.vain[state] {
		return nil, m
	}
	for i := first; i < min(first+maxSwaps, len(s.events)); i++ {
		if slices.Contains(ahead, i) {
			continue
		}
		next := m.clone()
		want := next.play(s.events[i].turn.wish)
		if !contains(s.events[i].answer, want[0].words) {
			if i == first && first >= s.best {
				s.best, s.stuck = first, fmt.Sprintf("%s is to be told %q by %v, and was told %q", s.events[i].turn.who, want[0].words, m, s.events[i].answer)
			}
			continue
		}
		if rest, end := s.from(first, append(slices.Clone(ahead), i), next); rest != nil {
			return append([]effectOf{{s.events[i], want}}, rest...), end
		}
	}
	s.vain[state] = true
	return nil, m
}

// checkBooks compares what the program took and did, and what people saw of it, with the turns and the model: every event of
// the books is there, but for what was lost on the way to WeCom's bot, and no other; each has led to just what it must.
func (s *union) checkBooks() {
	s.t.Helper()
	items := map[string][]storage.OutboxItem{} // by account and event
	var others []storage.OutboxItem
	for _, it := range deliveries(s.t, storage.Options{Postgres: s.database, KeyFile: filepath.Join(s.dir, "key")}) {
		if rest, ok := strings.CutPrefix(it.Key, "reply/"); ok {
			event := rest[:strings.LastIndex(rest, "/")]
			items[event] = append(items[event], it)
		} else {
			others = append(others, it)
		}
	}
	var events []taken
	lost := 0
	for _, r := range rows(s.t, s.db, `SELECT account || '/' || id FROM event ORDER BY n`) {
		t := s.turns[r[0]]
		if t == nil || len(items[r[0]]) == 0 {
			s.t.Errorf("the event %s is nobody's, or has no answer: %+v", r[0], t)
			continue
		}
		first := slices.MinFunc(items[r[0]], func(a, b storage.OutboxItem) int { return strings.Compare(a.Key, b.Key) })
		events = append(events, taken{r[0], t, bot.Plain(first.Body)})
	}
	for key, t := range s.turns {
		switch was := slices.ContainsFunc(events, func(e taken) bool { return e.key == key }); {
		case was:
		case t.lark.Acked, t.by.lark == nil && !t.risky, t.by.lark != nil && !t.tapped:
			s.t.Errorf("%s of %s was not taken: %+v", key, t.who, t)
		default:
			lost++
		}
	}
	find := search{events: events, vain: map[string]bool{}}
	effects, end := find.from(0, nil, &truth{title: unionTitle, place: unionPlace, capacity: unionSeats, start: s.start, moved: s.moved, seated: map[string]bool{}})
	if effects == nil {
		s.t.Fatalf("no order explains more than %d of %d answers: %s", find.best, len(events), find.stuck)
	}
	look := s.newLook()
	for _, e := range effects {
		look.turn(e.turn, e.key, items[e.key], e.notices)
	}
	s.checkOthers(look, others, end)
	look.leftovers()
	end.checkRegistrations(s.t, s.db, func(user string) string { return s.named[user] })
	s.checkTools(look)
	s.t.Logf("%d turns, %d of them taken, %d lost with a connection; %s", len(s.turns), len(events), lost, look)
}

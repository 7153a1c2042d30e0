package understand

import "strings"

// guess is a stretch that may be a title or a place.
type guess struct {
	from, to, score int
}

// tally collects the guesses of one activity.
type tally struct {
	title, place guess
	titleSet     bool // by a label
	placeSet     bool
	undecided    bool     // the place is said to be open
	unknown      [3]guess // words that look like neither, in order
	unknowns     int
	issued       bool // the words before asked for the activity: 登记活动 …
}

// titleAndPlace reads both from the pieces.
func (s *scanner) titleAndPlace(a *Activity) {
	s.tally = tally{}
	y := &s.tally
	for i := range s.pieces {
		p := &s.pieces[i]
		switch p.field {
		case fTitle:
			s.labelledTitle(i)
		case fPlace:
			s.labelledPlace(i)
		case fBody:
			if f, t := s.tightTitle(p.from, p.to); f < t && y.title.score < 3 && !y.titleSet && p.colon && runes(s.norm[f:t]) <= 40 {
				y.title = guess{f, t, 3}
			}
		case fNone, fTime, fCapacity, fPhone, fSignBy, fLength, fEnd, fLian:
			if (p.field == fNone || !p.colon) && !s.asideAt(p.from, p.to) {
				s.free(p.from, p.to)
			}
		}
	}
	s.settle(a)
}

// labelledTitle takes the value of 名称：; a value that white space broke off goes on unless it is something else.
func (s *scanner) labelledTitle(i int) {
	y := &s.tally
	p := s.pieces[i]
	f, t := s.tightTitle(p.from, p.to)
	if f >= t || y.titleSet {
		return
	}
	if p.colon {
		for j := i + 1; j < len(s.pieces); j++ {
			q := &s.pieces[j]
			if q.field != fNone || q.sep != kSpace || q.from != s.pieces[j-1].to+s.gap(s.pieces[j-1].to) || s.placeScore(s.trim(q.from, q.to)) >= 2 || s.has(q.from, q.to, kNoise|kPolite|kAt|kThanks) {
				break
			}
			_, t = s.tightTitle(q.from, q.to)
			t = max(t, q.from)
			s.pieces[j].field = fIgnored
		}
	}
	y.title, y.titleSet = guess{f, t, 100}, true
}

// gap is the length of the white space at offset at.
func (s *scanner) gap(at int) int { return s.skipSpace(at) - at }

func (s *scanner) labelledPlace(i int) {
	y := &s.tally
	p := s.pieces[i]
	f, t := s.tightPlace(p.from, p.to)
	if f >= t || y.placeSet || s.has(f, t, kAsk) {
		return
	}
	if n := s.anyAt(f, undecided...); n > 0 {
		y.undecided = true
		return
	}
	if !p.colon { // 地点在创客空间搞技术沙龙, 地点创客空间技术沙龙
		for k := s.tokenAt(f); k < len(s.toks) && s.toks[k].from < t; k++ {
			if s.toks[k].is(kHold) && s.toks[k].from > f && s.placeScore(f, s.toks[k].from) > 0 {
				if x, z := s.tightTitle(s.toks[k].to, t); x < z {
					s.offerTitle(x, z, s.titleScore(x, z)+3)
				}
				t = s.toks[k].from
				f, t = s.tightPlace(f, t)
				break
			}
		}
		if f < t && s.titleScore(f, t) == 9 {
			if k, ok := s.splitPlace(f, t); ok {
				s.offerTitle(k, t, 9)
				f, t = s.tightPlace(f, k)
			}
		}
	}
	for j := i + 1; j < len(s.pieces); j++ { // 地点：创客空间 3楼
		q := &s.pieces[j]
		if q.field != fNone || q.sep != kSpace || q.from != s.pieces[j-1].to+s.gap(s.pieces[j-1].to) {
			break
		}
		x, z := s.tightPlace(q.from, q.to)
		if x >= z || s.placeScore(x, z) < 2 && !s.roomNumber(x, z) || s.titleScore(x, z) >= 9 || s.has(x, z, kHold|kNoise|kPolite) {
			break
		}
		t = z
		s.pieces[j].field = fIgnored
	}
	if f < t {
		y.place, y.placeSet = guess{f, t, 100}, true
	}
}

// undecided are the words that say that a place is open.
var undecided = []string{"待定", "未定", "没定", "还没定", "还未定", "暂未定", "暂未确定", "未确定", "不确定", "没确定", "还没确定", "待确定", "待确认", "另行", "另定", "另外通知", "另通知", "暂定待", "再定", "再说", "再通知", "再告", "暂无", "待通知", "后续通知", "后面通知", "后定", "稍后", "到时", "以后", "tbd"}

func (s *scanner) roomNumber(from, to int) bool {
	t := &s.toks[s.tokenAt(from)]
	return t.is(kDigits) && t.to == to && to-from >= 3
}

func (s *scanner) offerTitle(from, to, score int) {
	from, to = s.tightTitle(from, to)
	if y := &s.tally; from < to && !y.titleSet && score > y.title.score {
		y.title = guess{from, to, score}
	}
}

func (s *scanner) offerPlace(from, to, score int) {
	from, to = s.tightPlace(from, to)
	if y := &s.tally; from < to && !y.placeSet && score > y.place.score && !s.has(from, to, kAsk) {
		y.place = guess{from, to, score}
	}
}

// free reads words that no label governs: [在 place] 办 title, title 在 place, a title, a place, or both run together.
func (s *scanner) free(from, to int) {
	from, to = s.trim(from, to)
	from = s.skipHeader(from, to)
	from, issued := s.skipLeads(from, to)
	from, to = s.trim(from, to)
	if from >= to {
		s.tally.issued = s.tally.issued || issued
		return
	}
	bonus := 0
	if issued || s.tally.issued {
		bonus = 2
		s.tally.issued = false
	}
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		if s.toks[i].from > from && s.anyAt(s.toks[i].from, "因为", "由于", "因故", "因", "鉴于", "受天气", "受疫情", "受台风") > 0 && !s.insideWord(s.toks[i].from) && s.toks[i].to-s.toks[i].from <= 6 {
			to = s.toks[i].from
			break
		}
	}
	if from, to = s.trim(from, to); from >= to {
		return
	}
	at, hold, visit := -1, -1, -1
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		t := &s.toks[i]
		switch {
		case t.is(kAt) && at < 0 && hold < 0 && t.from >= from && t.to < to:
			at = i
		case (t.is(kHold) || at >= 0 && s.anyAt(t.from, "参加", "出席") > 0) && hold < 0 && !(t.to >= to && at < 0):
			hold = i
		case t.is(kVisit) && visit < 0 && hold < 0 && at >= 0:
			visit = i
		case at < 0 && hold < 0 && t.from > from && s.has1(t, "有", "有个", "有一个") && s.placeScore(s.trim(from, t.from)) >= 2:
			hold = i // 光子实验室有个技术沙龙
		}
	}
	if hold >= 0 && at < 0 {
		if k, ok := s.placeBehind(s.toks[hold].to, to); ok {
			to = k
		}
	}
	if at >= 0 && s.located(from, to, at, hold, visit, bonus) {
		return
	}
	if hold >= 0 {
		h := s.toks[hold]
		if x, _ := s.skipLeads(h.to, to); x < to {
			if s.toks[s.tokenAt(x)].is(kAt) && x > from && to-from < 240 { // 组织去古田参观
				s.free(x, to)
				return
			}
			if h.from > from && s.placeScore(s.trim(from, h.from)) >= 2 && !s.has(from, h.from, kBranch|kWe) {
				s.offerPlace(from, h.from, 5)
			}
			s.plain(x, to, 4+bonus)
			return
		}
		to = h.from
	}
	s.plain(from, to, bonus)
}

// has1 reports whether t is one of the words.
func (s *scanner) has1(t *token, words ...string) bool {
	for _, w := range words {
		if s.norm[t.from:t.to] == w {
			return true
		}
	}
	return false
}

// placeBehind offers the place that stands behind a title: 搞一个主题党日活动就在光子实验室. It returns where the title ends.
func (s *scanner) placeBehind(from, to int) (int, bool) {
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		t := &s.toks[i]
		if !t.is(kAt) || t.from <= from || !s.toks[i-1].is(kActivity|kThing|kLead) || s.anyAt(t.from, "到", "来", "去", "于") > 0 {
			continue
		}
		end := t.from
		for end > from && s.toks[s.tokenAt(end-1)].is(kLead) {
			end = s.toks[s.tokenAt(end-1)].from
		}
		if f, e := s.tightPlace(t.to, to); f < e && s.placeScore(f, e) >= 2 && s.titleScore(from, end) >= 5 {
			s.offerPlace(f, e, 8)
			return end, true
		}
	}
	return 0, false
}

// located reads a piece with 在, 到 or the like at token at.
func (s *scanner) located(from, to, at, hold, visit, bonus int) bool {
	a := s.toks[at]
	weak := s.anyAt(a.from, "到", "去", "来", "于", "赴") > 0 && a.to-a.from == 3
	end := to
	verb := hold
	if verb < 0 || visit >= 0 && visit < verb {
		if visit >= 0 {
			verb = visit
		}
	}
	if verb > at {
		end = s.toks[verb].from
	} else {
		verb = -1
	}
	pf, pt := s.tightPlace(a.to, end)
	if pf >= pt || runes(s.norm[pf:pt]) > 24 {
		return false
	}
	score := s.placeScore(pf, pt)
	before := a.from > from
	if verb < 0 && score == 0 && (weak || !before || s.titleScore(from, a.from) < 5) {
		if k, ok := s.splitAfter(pf, pt, 2); ok { // 在创客空间技术沙龙
			s.offerPlace(pf, k, 7)
			s.offerTitle(k, pt, 9+bonus)
			return true
		}
		if n := runes(s.norm[pf:pt]); !before && (!weak || n <= 10) && s.titleScore(pf, pt) < 5 && !s.has(pf, pt, kVisit|kNoise|kAsk|kHold) {
			s.offerPlace(pf, pt, 3)
			return true
		}
		return false
	}
	if verb < 0 {
		if k, ok := s.splitAfter(pf, pt, 2); ok && !before {
			s.offerPlace(pf, k, 7)
			s.offerTitle(k, pt, 9+bonus)
			return true
		}
		if !before && s.titleScore(pf, pt) == 9 && score < 2 {
			return false
		}
		s.offerPlace(pf, pt, 6+score)
		if before {
			s.plain(from, a.from, bonus)
		}
		return true
	}
	v := s.toks[verb]
	s.offerPlace(pf, pt, 6+score)
	tf := v.to
	if v.is(kVisit) && !v.is(kHold) {
		tf = v.from
	}
	tf, _ = s.skipLeads(tf, to)
	f, t := s.tightTitle(tf, to)
	switch {
	case f < t && v.is(kVisit) && t-f <= v.to-v.from:
		// 到蓝海软件园参观: the place belongs to the title
		s.offerTitle(a.to, to, 6+bonus)
	case f < t && (s.titleScore(f, t) >= 5 || !before || s.titleScore(from, a.from) < 5):
		s.offerTitle(f, t, max(s.titleScore(f, t), 1)+4+bonus)
	case before:
		s.plain(from, a.from, bonus)
	}
	return true
}

// plain reads words without a verb: a title, a place, or the one glued to the other.
func (s *scanner) plain(from, to, bonus int) {
	from, to = s.tightTitle(from, to)
	if from >= to {
		return
	}
	y := &s.tally
	if open := strings.LastIndex(s.norm[from:to], "("); open > 0 && s.norm[to-1] == ')' { // 技术沙龙(创客空间)
		if x, z := s.trim(from+open+1, to-1); x < z && s.placeScore(x, z) >= 2 && s.titleScore(x, z) < 9 && s.titleScore(from, from+open) >= 5 {
			s.offerPlace(x, z, 6)
			to = from + open
		}
	}
	title, place := s.titleScore(from, to), s.placeScore(from, to)
	if first := &s.toks[s.tokenAt(from)]; first.is(kVisit) && first.to < to && place >= 2 {
		s.offerTitle(from, to, 8+bonus) // 参观智能车间
		return
	}
	switch {
	case place >= 2 && title < 9:
		if k, ok := s.splitTitle(from, to); ok && bonus < 4 {
			s.offerTitle(from, k, 9+bonus)
			s.offerPlace(k, to, 4+place)
			return
		}
		if bonus >= 4 && title >= 0 { // 办一场… can only be an activity
			s.offerTitle(from, to, 4)
			return
		}
		s.offerPlace(from, to, 2+place)
	case title == 9:
		s.offerTitle(from, to, title+bonus)
	case title >= 0:
		if bonus >= 2 || title >= 5 {
			s.offerTitle(from, to, max(title, 1)+bonus)
		}
		if bonus < 4 && y.unknowns < len(y.unknown) && (y.title.from != from || y.title.to != to) {
			y.unknown[y.unknowns] = guess{from, to, title}
			y.unknowns++
		}
	}
}

// settle turns the guesses into the title and the place.
func (s *scanner) settle(a *Activity) {
	y := &s.tally
	next := 0
	if y.title.score <= 0 && y.unknowns > 0 {
		y.title = y.unknown[0]
		next = 1
	}
	if y.place.score <= 0 && y.title.from < y.title.to {
		for ; next < y.unknowns; next++ {
			g := y.unknown[next]
			if (g.from != y.title.from || g.to != y.title.to) && s.mayBePlace(g) {
				y.place = g
				break
			}
		}
	}
	if y.place.from >= y.place.to && y.title.from < y.title.to {
		if k, ok := s.splitPlace(y.title.from, y.title.to); ok {
			f, t := s.tightPlace(y.title.from, k)
			y.place = guess{f, t, 1}
			y.title.from = k
		}
	}
	if y.title.from < y.title.to && !s.generic(y.title.from, y.title.to) {
		a.Title = s.value(y.title.from, y.title.to)
		s.span(y.title.from, y.title.to, "title", a.Title)
		if a.Category == "" {
			a.Suggested = suggestLian(s.norm[y.title.from:y.title.to])
		}
	}
	if y.undecided && !y.placeSet {
		a.Place = Undecided
	} else if y.place.from < y.place.to {
		a.Place = s.value(y.place.from, y.place.to)
		s.span(y.place.from, y.place.to, "place", a.Place)
	}
}

// mayBePlace judges words that look like nothing: 凯悦, 智芯.
func (s *scanner) mayBePlace(g guess) bool {
	n := runes(s.norm[g.from:g.to])
	return n >= 2 && n <= 12 && g.score < 5 && !s.has(g.from, g.to, kNoise|kPolite|kWant|kHelp|kAsk|kHold|kThanks|kNot|kFirst|kWe|kAttend|kSign|kActivity|kRemind|kLead|kPerson)
}

// generic reports whether words say nothing: 活动, 会议.
func (s *scanner) generic(from, to int) bool {
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		if !s.toks[i].is(kThing | kMeasure | kLead | kSpace | kQuote) {
			return false
		}
	}
	return true
}

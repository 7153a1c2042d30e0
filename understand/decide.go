package understand

import "time"

// Message understands one message. now is the moment of speaking, in the zone's location; g may be nil. It is pure, never
// panics and is linear in the length of text.
func Message(text string, now time.Time, g *Gazetteer) Reading {
	s := scan(text, now, g)
	defer s.release()
	return s.finish(s.read())
}

// read decides what the message wants. The order matters: what is only about the past, only a question or only chat is
// told apart before anything can become a record.
func (s *scanner) read() Reading {
	g := s.look()
	if g.words == 0 && g.future == 0 && !g.code {
		return Reading{Note: NoteChat, Intent: None}
	}
	for _, attempt := range [...]func(*scanner, *signs) (Reading, bool){(*scanner).command, (*scanner).correction, (*scanner).handling, (*scanner).attendees, (*scanner).adds,
		(*scanner).settles, (*scanner).change, (*scanner).attendance, (*scanner).reach} {
		if r, ok := attempt(s, &g); ok {
			return r
		}
		s.restore()
	}
	r := s.record(&g)
	if r.Intent == None {
		s.restore()
		if c, ok := s.complains(&g); ok {
			return c
		}
		s.restore()
		return s.asked(&g, r)
	}
	return r
}

// record reads a new activity or a new need, or says why the message is neither.
func (s *scanner) record(g *signs) Reading {
	create, need := s.createScore(g), s.needScore(g)
	if note := s.nothing(g, create, need); note != "" {
		if note == NotePast && g.ask && g.strongAsk {
			note = NoteQuestion // 上次那个活动几点来着
		}
		if note == NoteQuestion && g.we && g.topic >= 4 && create < sureCreate && !g.ofTime { // 加计扣除我们委托外部做的算不算
			n := s.need(0, len(s.norm))
			return Reading{Intent: NeedCreate, Confidence: doubtful, Need: &n, Note: note}
		}
		return Reading{Intent: None, Note: note}
	}
	end := len(s.norm)
	switch {
	case need >= sureNeed && need > create:
		n := s.need(0, end)
		r := Reading{Intent: NeedCreate, Confidence: confidence(need, sureNeed), Need: &n}
		if n.Category == "" && !g.needAsk && g.needKeys < 2 && !(g.wantsFirst && g.phone) {
			return Reading{Intent: None, Note: NoteStatement}
		}
		if s.onlyAsks(g) {
			r.Confidence, r.Note = doubtful, NoteQuestion
		}
		return r
	case create >= sureCreate:
		list := s.activities(0, end)
		if len(list) == 0 || list[0].Title == "" && !g.issue && g.keys < 2 && (list[0].Place == "" || !g.clock) {
			s.spans = nil
			return Reading{Intent: None, Note: NoteStatement}
		}
		return Reading{Intent: ActivityCreate, Confidence: confidence(create, sureCreate), Activities: list}
	}
	return Reading{Intent: None, Note: s.why(g)}
}

// onlyAsks reports whether a need is no more than the question whether there is such a thing: 有没有贷款政策.
func (s *scanner) onlyAsks(g *signs) bool {
	if g.needAsk || g.needKeys > 0 || g.phone || g.money || g.we || g.people || g.help || !g.ask && g.kinds&kAsk == 0 && !s.find("有没有", "有无") {
		return false
	}
	for i := range s.toks {
		if t := &s.toks[i]; t.is(kWant) && s.anyAt(t.from, "有没有", "想问", "想咨询", "咨询", "请教", "想了解", "申请", "补贴") == 0 && !t.is(kTopic) {
			return false
		}
	}
	return s.find("有没有", "有无", "有什么", "有哪些", "有啥")
}

// The notes of a message that wants nothing of the bot.
const (
	NoteQuestion  = "question"
	NoteChat      = "chitchat"
	NotePast      = "past"
	NoteNews      = "news"
	NoteStatement = "statement"
)

// Scores at and above which a message becomes a record.
const (
	sureCreate = 6
	sureNeed   = 6
)

// doubtful is the confidence of a question about one's own firm: it may be a need, and the bot asks first.
const doubtful = 0.4

func confidence(score, sure int) float64 { return min(0.97, Sure+float64(score-sure)*0.06) }

// createScore says how much speaks for a new activity.
func (s *scanner) createScore(g *signs) int {
	n := 0
	if g.issue {
		n += 5
	}
	n += min(g.keys, 4) * 2
	if g.nameKey {
		n += 2
	}
	switch {
	case g.clock:
		n += 2
	case g.day || g.future > 0:
		n++
	}
	if g.title {
		n += 2
	}
	if g.hold {
		n++
		if g.measure || g.future > 0 {
			n++
		}
		if g.measure && g.want {
			n++
		}
	}
	if g.place {
		n++
	}
	if g.shape {
		n += 3
	} else if g.clock && g.place && s.bald(g) {
		n += 2
	}
	if g.hold && g.measure && g.title && !g.me && g.past == 0 {
		n += 3
	}
	if g.lian {
		n++
	}
	if g.people && g.title {
		n++
	}
	if g.clock && g.title {
		n++
	}
	if g.clock && g.place {
		n++
	}
	if g.ofTime && !g.issue {
		n -= 4
	}
	if g.kinds&kRemind != 0 && !g.issue && g.ofTime {
		n -= 3
	}
	if g.me && !g.issue {
		n -= 4
	}
	return n
}

// bald reports whether a message holds nothing but pieces: 创客空间 周四晚上7点 创业者夜话 限15人.
func (s *scanner) bald(g *signs) bool {
	if g.ask || g.kinds&(kFirst|kWe|kAttend|kNot|kPast|kAsk|kWant|kHelp|kThanks|kChat|kNews|kRemind|kHearsay|kIf|kCancel|kChange) != 0 {
		return false
	}
	n := 0
	for i := range s.toks {
		if s.toks[i].is(kSpace | kComma) {
			n++
		}
	}
	return n >= 2
}

// needScore says how much speaks for a new need.
func (s *scanner) needScore(g *signs) int {
	n := 0
	if g.needAsk {
		n += 5
	}
	n += min(g.needKeys, 3) * 2
	if g.topic >= 8 {
		n += 4
	} else if g.topic >= 4 {
		n += 3
	} else if g.topic >= 2 {
		n++
	}
	if g.topic == 0 && g.wantsFirst && g.phone && !g.title && g.kinds&(kIf|kOffer) == 0 {
		n += 5
	}
	if g.topic > 0 || g.needAsk {
		if g.want {
			n += 2
		}
		if g.wantsFirst {
			n += 2
		}
		if g.rent && (g.want || g.ask) {
			n += 3
		}
		if g.help {
			n += 2
		}
		if g.money {
			n += 2
		}
		if g.we {
			n++
		}
		if g.phone {
			n++
		}
		if g.people {
			n++
		}
	}
	return n
}

// nothing says why a message must not become a record, "" where it may.
func (s *scanner) nothing(g *signs, create, need int) string {
	firm := g.issue || g.keys >= 2 || g.needKeys >= 2 || g.needAsk
	switch {
	case g.kinds&kHearsay != 0 && !firm:
		return NoteStatement
	case g.others && !firm && !g.phone && create < sureCreate:
		return NoteStatement
	case g.news >= 1 && !firm && !g.phone && (!g.want || g.lament):
		return NoteNews
	case g.past > 0 && !firm && (g.future == 0 || g.thanks) && !((g.wish || g.help && g.phone) && need >= sureNeed && !g.thanks):
		return NotePast
	case g.past > 0 && !firm && create >= need && !(g.hold && g.clock):
		return NotePast
	case g.offer && !firm && !g.ask:
		return NoteStatement
	case g.attend && !firm && !g.ask:
		return NoteStatement
	case g.thanks && !firm && !g.phone && g.future == 0 && !g.want:
		return NoteChat
	case g.ask && s.questionOnly(g, create, need):
		return NoteQuestion
	case g.attend && !firm:
		return NoteStatement
	}
	return ""
}

// questionOnly reports whether a message asks something and wants nothing to be recorded.
func (s *scanner) questionOnly(g *signs, create, need int) bool {
	if g.needKeys >= 2 || g.needAsk && !(g.strongAsk && g.topic < 4 && !g.phone) {
		return false
	}
	if g.issue || g.keys >= 2 {
		return g.strongAsk && !(g.keys >= 1 && g.future > 0) && (g.keys < 2)
	}
	if need >= sureNeed && need > create {
		switch {
		case g.phone || g.money:
			return false
		case g.ofTime:
			return true
		case g.strongAsk:
			return !(g.we && (g.wish || g.help || g.topic >= 4) || g.wish && g.help)
		}
		return !g.we && !g.help && !g.wish
	}
	return true
}

// why names the reason for None when nothing scored.
func (s *scanner) why(g *signs) string {
	switch {
	case g.ask:
		return NoteQuestion
	case g.past > 0:
		return NotePast
	case g.news > 0:
		return NoteNews
	case g.thanks || g.chat > 0 || g.words <= 2:
		return NoteChat
	}
	return NoteStatement
}

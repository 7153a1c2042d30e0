package understand

// settledWords say that something open is fixed now, behind its name: 地点定了.
var settledWords = []string{"已经定下来了", "已经定了", "已经确定了", "终于定了", "定下来了", "定下来", "定好了", "定好啦", "定啦", "定了", "确定了", "确定下来了", "敲定了", "落实了", "落实好了", "订好了", "约好了", "选好了", "有了", "已定", "已确定", "已落实", "已敲定", "已订好"}

// settles reads the news that the place or the time of an activity is fixed: 地点定了，在企业服务中心三楼, 读书会的时间定下来了：
// 周五下午3点.
func (s *scanner) settles(g *signs) (Reading, bool) {
	if g.ask || g.issue || g.want || g.phone || g.money || g.keys > 1 || g.words > 30 || g.kinds&(kIf|kHearsay|kNot|kNews|kCancel) != 0 {
		return Reading{}, false
	}
	for i := range s.toks {
		t := &s.toks[i]
		if !t.is(kLabel) || t.field != fPlace && t.field != fTime || s.inMention(i) {
			continue
		}
		at := s.skipSpace(t.to)
		n := s.settledAt(at, t.field, g)
		if n == 0 || !s.gathering(s.head(), t.from) || s.has(at+n, len(s.norm), kActivity) {
			continue
		}
		r := Reading{Intent: ActivityReschedule, Confidence: 0.85}
		front, label := t.from, t.field
		if s.head() < front {
			r.Target = s.target(s.head(), front)
		}
		a := s.changes(at+n, len(s.norm))
		if label == fPlace && a.Place == "" {
			s.looseValue(at+n, fNone, &a)
		}
		if label == fPlace && a.Place == "" || label == fTime && a.When.Start.IsZero() && a.When.Day.IsZero() && a.When.Refused == "" {
			return Reading{}, false
		}
		r.Activities, r.Settled = []Activity{a}, true
		return r, true
	}
	return Reading{}, false
}

// gathering reports whether [from, to) names an activity, or nothing at all.
func (s *scanner) gathering(from, to int) bool {
	from, to = s.trim(from, to)
	for from < to { // 各位，…
		i := s.tokenAt(from)
		if s.toks[i].from != from || !s.toks[i].is(kPolite|kLead|kWe|kMeasure) {
			break
		}
		from, to = s.trim(min(s.toks[i].to, to), to)
	}
	if from >= to || s.generic(from, to) {
		return true
	}
	if _, a := s.codeIn(from, to); a != nil {
		return a.at == 'H'
	}
	return s.titled(from, to) || s.titleScore(from, to) == 9
}

// settledAt is how long the words at offset at are that say that a field is fixed. Of a place 定在 says it, too.
func (s *scanner) settledAt(at int, f field, g *signs) int {
	if n := s.anyAt(at, settledWords...); n > 0 {
		return n
	}
	if n := s.anyAt(at, "就定在", "定在", "选在", "就在"); n > 0 && f == fPlace && !g.clock {
		return n - len("在")
	}
	return 0
}

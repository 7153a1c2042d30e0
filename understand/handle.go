package understand

// The words by which a need is assigned, closed and withdrawn.
var (
	assignWords   = []string{"改派给", "指派给", "分派给", "派单给", "派给", "转派给", "转办给", "转给", "交给", "分给", "交由", "改派", "转派", "指派", "分派", "派单", "转办", "移交给", "移交", "转", "交", "派", "让", "请", "由"}
	pursueWords   = []string{"来跟进", "来处理", "来负责", "来办理", "来对接", "来跟", "来办", "去办", "去跟", "跟进一下", "跟一下", "跟进", "跟踪", "处理一下", "处理", "负责", "牵头", "落实", "对接一下", "对接", "承办", "主办", "办理", "接手", "接一下", "办一下", "办", "跟", "看看", "看一下"}
	closeWords    = []string{"已经办结", "已办结", "办结了", "办结", "已经搞定", "搞定了", "搞定", "已经办好", "办好了", "办好", "办完了", "办成了", "办妥了", "办妥", "已经解决", "已解决", "解决了", "解决好了", "处理好了", "处理完了", "处理完", "处理好", "弄好了", "完成了", "已完成", "落实了", "已落实", "结案了", "结案", "完结了", "完结", "办完", "完成"}
	withdrawWords = []string{"先不办了", "先不办", "不用跟进", "不用处理", "不用再", "不报了", "不用办了", "不用处理了", "不用跟了", "不用管了", "不办了", "不需要了", "不用了", "不要了", "撤回", "撤销", "撤了", "撤掉", "撤", "取消", "作废", "删掉", "删除", "删了", "算了"}
)

// handling reads what people say about a need that exists: 把S3派给王科, S1搞定了, 诉求S2不用办了.
func (s *scanner) handling(g *signs) (Reading, bool) {
	if !g.code && g.kinds&kWant == 0 || g.ask || g.issue || g.keys+g.needKeys > 2 || g.words > 60 || g.kinds&(kHearsay|kIf) != 0 {
		return Reading{}, false
	}
	t, a := s.codeIn(0, len(s.norm))
	for i := range s.atoms { // the first code of a need, whatever other code stands before it
		if b := &s.atoms[i]; b.kind == aCode && b.at == 'S' && (a == nil || a.at != 'S') {
			t, a = Target{Letter: "S", Number: b.n}, b
		}
	}
	if a == nil || a.at != 'S' {
		if a == nil && !g.phone && !g.money && s.find("诉求", "需求") && g.words <= 12 && !s.find("活动") {
			if _, e := s.firstOf(withdrawWords); e > 0 && g.kinds&kNot == 0 || s.find("不用办了", "不办了", "不需要了", "不用了", "不要了") {
				return Reading{Intent: NeedWithdraw, Confidence: 0.65, Target: Target{Letter: "S"}}, true
			}
		}
		return Reading{}, false
	}
	code := *a
	r := Reading{Confidence: 0.85, Target: t}
	if f, e := s.firstOf(withdrawWords); e > 0 && !s.find("申请延期") && !s.contactNear(f) && !s.find("取消报名") {
		r.Intent = NeedWithdraw
		s.span(code.from, code.to, "target", t.Letter+itoa(t.Number))
		return r, true
	}
	if f, e := s.firstOf(closeWords); e > 0 && !s.negated(f) {
		r.Intent = NeedClose
		s.span(code.from, code.to, "target", t.Letter+itoa(t.Number))
		r.Text = s.outcome(&code, f, e+s.anyAt(e, "了", "啦"))
		return r, true
	}
	if f, e, ok := s.assignee(&code); ok && g.past == 0 {
		r.Intent = NeedAssign
		s.span(code.from, code.to, "target", t.Letter+itoa(t.Number))
		r.Person = s.value(f, e)
		s.span(f, e, "person", r.Person)
		n := &Need{}
		s.needBy(0, len(s.norm), n)
		if !n.Deadline.IsZero() {
			r.Need = n
		}
		return r, true
	}
	return Reading{}, false
}

// firstOf finds the first of the words that begins where a token does; to is 0 where none does.
func (s *scanner) firstOf(words []string) (from, to int) {
	for i := range s.toks {
		if s.inMention(i) {
			continue
		}
		for _, w := range words {
			if s.hasAt(s.toks[i].from, w) {
				return s.toks[i].from, s.toks[i].from + len(w)
			}
		}
	}
	return 0, 0
}

// negated reports whether a word of not or of asking stands shortly before offset at: 还没办结, 怎么搞定.
func (s *scanner) negated(at int) bool {
	for j, n := s.tokenAt(at)-1, 0; j >= 0 && n < 3; j, n = j-1, n+1 {
		if s.toks[j].is(kNot|kAsk) || s.anyAt(s.toks[j].from, "想", "要", "希望", "催", "能", "未", "没", "快", "尽快", "请", "争取", "何时") > 0 {
			return true
		}
		if s.toks[j].is(kBreak | kComma) {
			return false
		}
	}
	return false
}

// contactNear reports whether what is withdrawn at offset at is no need: 撤销评分.
func (s *scanner) contactNear(at int) bool {
	return s.find("评分", "评价", "附议", "延期", "派单")
}

// outcome is what a message says beside the code and the word of closing.
func (s *scanner) outcome(code *atom, f, e int) string {
	end := len(s.norm)
	best, to := 0, 0
	for _, p := range [...][2]int{{max(e, code.to), end}, {min(e, code.to), max(f, code.from)}, {s.head(), min(f, code.from)}} {
		x, z := s.trim(p[0], min(p[1], end))
		for x < z {
			i := s.tokenAt(x)
			if s.toks[i].from == x && (s.toks[i].is(kPolite) && !s.toks[i].is(kLead) || s.anyAt(x, "了", "的", "诉求", "啦", "这个", "结果", "那个") == s.toks[i].to-x) {
				x, z = s.trim(s.toks[i].to, z)
				continue
			}
			break
		}
		if z-x >= len("人人") {
			best, to = x, z
			break
		}
	}
	for _, w := range [...]string{"可以", "可", "能", "就", "请", "现在"} {
		if to-len(w) > best && s.norm[to-len(w):to] == w {
			best, to = s.trim(best, to-len(w))
		}
	}
	if best >= to {
		return ""
	}
	s.span(best, to, "text", s.value(best, to))
	return s.value(best, to)
}

// assignee finds who is to handle a need: the name behind 派给, 让 or the like.
func (s *scanner) assignee(code *atom) (int, int, bool) {
	for i := s.tokenAt(s.head()); i < len(s.toks); i++ {
		if s.toks[i].from < code.to && s.toks[i].from >= code.from {
			continue
		}
		for _, w := range assignWords {
			if !s.hasAt(s.toks[i].from, w) {
				continue
			}
			needsVerb := w == "让" || w == "请" || w == "由"
			at := s.skipSpace(s.toks[i].from + len(w))
			at = s.skipSpace(at + s.anyAt(at, "给", ":"))
			if at >= code.from && at < code.to { // 派单 S3 王科
				at = s.skipSpace(code.to)
				at = s.skipSpace(at + s.anyAt(at, "给"))
			}
			if f, e, ok := s.handler(at, needsVerb); ok {
				return f, e, true
			}
			break
		}
	}
	at := s.skipSpace(code.to) // S3给王科, S3 王科办
	n := s.anyAt(at, "给")
	if f, e, ok := s.handler(at+n, n == 0); ok {
		if end, ok := s.nameAt(f, e); ok && end == e && !s.isWord(f, e) {
			return f, e, true
		}
	}
	return 0, 0, false
}

// handler reads the name at offset at, behind its office where that is said first (社会事务办 刘科).
func (s *scanner) handler(at int, needsVerb bool) (from, to int, ok bool) {
	stop, verb := len(s.norm), false
	for i := s.tokenAt(at); i < len(s.toks); i++ {
		t := &s.toks[i]
		if a := s.atomAt(t.from); a != nil && (a.kind == aTime || a.kind == aCode || a.kind == aPhone) || t.is(kBreak|kComma) || t.from-at > 60 {
			stop = t.from
			break
		}
		if t.from > at && s.anyAt(t.from, pursueWords...) > 0 && !s.officeAt(i) {
			stop, verb = t.from, true
			break
		}
	}
	from, to = s.trim(at, stop)
	if from >= to || needsVerb && !verb {
		return 0, 0, false
	}
	for i := s.lastToken(from, to); i > 0 && s.toks[i].from > from; i-- { // the last piece is the person
		if s.toks[i].is(kSpace) {
			if end, ok := s.nameAt(s.toks[i].to, to); ok && end == to {
				from = s.toks[i].to
			}
			break
		}
	}
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ { // 人社的刘科
		if s.norm[s.toks[i].from:s.toks[i].to] == "的" {
			if end, ok := s.nameAt(s.toks[i].to, to); ok && end == to {
				from = s.toks[i].to
				break
			}
		}
	}
	for _, w := range [...]string{"吧", "了", "哈", "一下", "呢", "来", "去"} {
		if to-len(w) > from && s.norm[to-len(w):to] == w {
			to -= len(w)
		}
	}
	n := runes(s.norm[from:to])
	return from, to, n >= 2 && n <= 16 && !s.has(from, to, kActivity|kChange|kCancel|kSign)
}

// officeAt reports whether the word of doing at token i belongs to the name of an office: 社会事务办, 园区办.
func (s *scanner) officeAt(i int) bool {
	t := &s.toks[i]
	if s.norm[t.from:t.to] != "办" && !s.hasAt(t.from, "办公") {
		return false
	}
	next := s.skipSpace(t.to)
	return next > t.to && next < len(s.norm) && s.looksLikeName(next) || s.anyAt(t.to, "公室", "主任", "公", "办理", "处理", "负责", "跟进", "牵头", "落实", "承办") > 0
}

package understand

import "slices"

// attendance reads sign-ups and sign-offs in free words: 报名H27 3人, +5 光子那个活动, 周五的党课我们来2个, 我不去了, 我们少来1个人.
func (s *scanner) attendance(g *signs) (Reading, bool) {
	if g.ask || g.keys > 1 || g.issue || g.kinds&kHearsay != 0 {
		return Reading{}, false
	}
	if t, a := s.codeIn(0, len(s.norm)); a != nil && t.Letter != "H" {
		return Reading{}, false
	}
	i := s.firstWord(0)
	for i < len(s.toks) && (s.toks[i].is(kPolite|kSpace|kComma) || s.inMention(i)) && !s.toks[i].is(kSign) {
		i++
	}
	if i >= len(s.toks) {
		return Reading{}, false
	}
	if a := s.atomAt(s.toks[i].from); a != nil && a.kind == aCode && s.hasAt(s.skipSpace(a.to), "+") { // H1 +2
		i = s.tokenAt(s.skipSpace(a.to))
	}
	off, on := s.withdraws(g), s.joinsIn(i, g)
	if !off && !on {
		return Reading{}, false
	}
	r := Reading{Intent: SignUp, Confidence: 0.8}
	if off {
		r.Intent = SignOff
	}
	if p := s.plus(i); p > 0 {
		if v, end, ok := s.number(p); ok && v%one == 0 && v < 1000*one && s.unitless(end) {
			s.party(&r, int(v/one), p-1, end)
		}
	}
	s.partySize(&r)
	s.aimOf(&r, g)
	if r.Target.Number == 0 && r.Target.Title != "" && !g.title && r.Count == 0 && s.titleLess(r.Target.Title) {
		r.Confidence = 0.5
	}
	if !off && r.Count > 0 && r.Target.Number == 0 && r.Target.Title == "" && !s.signs() && s.plus(i) == 0 {
		r.Confidence = 0.5 // 我们2个人明天过来: to an activity, or to see somebody
	}
	if r.Count == 0 && !off && s.find("算我一个", "带我一个", "加我一个", "算上我", "带上我") {
		r.Count = 1
	}
	return r, true
}

// moreWords and fewerWords stand before a count that changes the size of a party. Those behind the bar are common words:
// they count only at the head of the message or behind the party.
var (
	moreWords   = []string{"再带上", "再带", "再加上", "再加", "再报", "再来", "再去", "再添", "再多", "多加", "多来", "多去", "多报", "多带", "追加", "另加", "|", "增加", "加上", "加", "多", "添"}
	fewerWords  = []string{"取消", "少来", "少去", "少报", "少带", "|", "减少", "减掉", "减", "少"}
	partyTails  = []string{"吧", "哈", "了", "哦", "啊", "呢", "啦", "参加", "报名", "去", "来", "过去", "过来", "到场", "一起", "谢谢", "麻烦", "的名额", "行", "可以", "到"}
	partyBefore = []string{"我们", "我", "咱们", "咱", "单位", "公司", "支部", "学院", "这边", "再", "要", "想", "请", "帮", "麻烦", "给", "下", "厂", "中心", "学校", "人"}
)

// adds reads changes of the size of a party: 我们加2个人, H1再加1人, 多来一个, 我们少来1个人.
func (s *scanner) adds(g *signs) (Reading, bool) {
	if g.ask || g.issue || g.keys > 0 || g.words > 24 || g.phone || g.money || g.kinds&kHearsay != 0 {
		return Reading{}, false
	}
	first := s.firstWord(s.head())
	for i := first; i < len(s.toks); i++ {
		t := &s.toks[i]
		if s.inMention(i) || s.inTime(t) {
			continue
		}
		for fewer, words := range [...][]string{moreWords, fewerWords} {
			common := false
			for _, w := range words {
				if w == "|" {
					common = true
					continue
				}
				if !s.hasAt(t.from, w) {
					continue
				}
				at := s.skipSpace(t.from + len(w))
				if a := s.atomAt(at); w == "取消" && a != nil && a.kind == aCode { // 取消 H1 2人
					at = s.skipSpace(a.to)
				}
				n, end, ok := s.partyAt(at)
				if ok = ok && g.topic < 4; !ok && !common && (contains(w, "带") || g.title || g.code) && !g.want && !g.help { // 学生 speaks for a need, too
					n, end, ok = s.companionsAt(at)
				}
				if ok && (common || w == "再加") && contains(s.norm[at:end], "名额") && g.kinds&(kFirst|kWe) == 0 {
					break // H1增加2个名额 and 宣讲再加10个名额 are said by who holds it
				}
				if !ok || common && i != first && !s.partyEnds(t.from) || t.to-t.from > len(w)+len("个") {
					break
				}
				r := Reading{Intent: SignUp, Confidence: 0.8, More: true}
				if fewer == 1 {
					r.Intent, r.More = SignOff, false
				}
				s.party(&r, n, at, end)
				s.insert(atom{from: t.from, to: t.from + len(w), kind: aCut})
				s.aimOf(&r, g)
				return r, true
			}
		}
	}
	return Reading{}, false
}

func (s *scanner) inTime(t *token) bool {
	a := s.atomAt(t.from)
	return a != nil && a.kind == aTime
}

// partyEnds reports whether a party, a code or a separator ends at offset at.
func (s *scanner) partyEnds(at int) bool {
	i := s.tokenAt(at) - 1
	if i < 0 || s.toks[i].is(kSpace|kComma|kBreak|kWe|kFirst|kCompany|kBranch) {
		return true
	}
	if a := s.atomAt(at - 1); a != nil && (a.kind == aCode || a.kind == aMention) {
		return true
	}
	for _, w := range partyBefore {
		if at >= len(w) && s.norm[at-len(w):at] == w {
			return true
		}
	}
	return false
}

// partyAt reads how many come: 2人, 两个, 3位. Nothing that could be counted instead may follow.
func (s *scanner) partyAt(at int) (n, end int, ok bool) {
	if at >= len(s.norm) || !s.mayBeNumber(&s.toks[s.tokenAt(at)]) && !s.hasAt(at, "几") {
		return 0, 0, false
	}
	v, end, ok := s.number(at)
	if !ok || v%one != 0 || v == 0 || v >= 1000*one {
		return 0, 0, false
	}
	unit := s.anyAt(end, "个人", "个名额", "人", "个", "位", "名", "口")
	if unit == 0 {
		return 0, 0, false
	}
	end += unit
	at = s.skipSpace(end)
	if at >= len(s.norm) || at > end || s.anyAt(end, partyTails...) > 0 || s.toks[s.tokenAt(end)].is(kSpace|kComma|kBreak|kQuote|kList) {
		return int(v / one), end, true
	}
	a := s.atomAt(end)
	return int(v / one), end, a != nil && a.from == end && a.kind == aCode
}

// party records how many come.
func (s *scanner) party(r *Reading, n, from, to int) {
	r.Count = n
	s.span(from, to, "count", itoa(int64(n)))
	s.insert(atom{from: from, to: to, kind: aCut})
}

// partySize reads how many come from the first count of people, else from the first 2个.
func (s *scanner) partySize(r *Reading) {
	for k := range s.atoms {
		a := &s.atoms[k]
		if a.kind == aPeople && r.Count == 0 {
			s.party(r, int(a.n), a.from, a.to)
			return
		}
	}
	if r.Count > 0 {
		return
	}
	if n, from, to := s.looseParty(); n > 0 {
		s.party(r, n, from, to)
	}
}

// looseParty finds 2个 where it ends a clause: 我们来2个, 报两个.
func (s *scanner) looseParty() (n, from, to int) {
	for i := range s.toks {
		t := &s.toks[i]
		if !s.mayBeNumber(t) || s.atomAt(t.from) != nil || i > 0 && s.hasAt(s.toks[i-1].from, "第") {
			continue
		}
		if n, end, ok := s.partyAt(t.from); ok {
			return n, t.from, end
		}
	}
	return 0, 0, 0
}

// aimOf reads which activity is meant. A code says it all; a title must look like one, or stand where titles stand.
func (s *scanner) aimOf(r *Reading, g *signs) {
	for k := range s.toks {
		t := &s.toks[k]
		if (t.is(kSign|kAttend|kFirst) || t.is(kWe) && !t.is(kCompany)) && s.atomAt(t.from) == nil {
			from := t.from
			if k > 0 && t.is(kFirst) && s.has1(&s.toks[k-1], "加", "算", "带", "算上", "带上", "加上") {
				from = s.toks[k-1].from
			}
			s.insert(atom{from: from, to: t.to, kind: aCut})
		}
	}
	r.Target = s.target(0, len(s.norm))
	f, e := s.aim.from, s.aim.to
	if r.Target.Title == "" || f >= e {
		return
	}
	named := s.titleScore(f, e) >= 5 && !s.has(f, e, kNot) || s.anyAt(s.skipSpace(e), "那个", "那场", "这个", "这场", "的活动", "活动") > 0
	if r.Target.Number == 0 && !named {
		i := s.tokenAt(f) - 1
		for i >= 0 && s.toks[i].is(kSpace|kQuote|kColon) {
			i--
		}
		named = i >= 0 && s.toks[i].is(kSign) || g.title && s.has(f, e, kActivity|kThing) || s.titled(f, e)
	}
	if r.Target.Number > 0 || !named {
		r.Target.Title = ""
		s.spans = slices.DeleteFunc(s.spans, func(sp Span) bool { return sp.Field == "target" && sp.From == s.origin(f) && sp.To == s.origin(e) })
		if r.Target.Number == 0 {
			r.Target.Letter = ""
			if !r.Target.Day.IsZero() {
				r.Target.Letter = "H"
			}
		}
	}
}

// titled reports whether the words [from, to) end as the names of gatherings do.
func (s *scanner) titled(from, to int) bool {
	i := s.lastToken(from, to)
	return i >= 0 && s.toks[i].from >= from && s.toks[i].is(kThing)
}

// plus is the offset of the number behind +, 0 where the message does not begin so.
func (s *scanner) plus(i int) int {
	at := s.toks[i].from
	if at < len(s.norm) && s.norm[at] == '+' && at+1 < len(s.norm) && '0' <= s.norm[at+1] && s.norm[at+1] <= '9' {
		return at + 1
	}
	return 0
}

// withdraws reports whether somebody withdraws.
func (s *scanner) withdraws(g *signs) bool {
	if s.find("取消报名", "取消候补", "退出报名", "撤回报名", "不报名了", "退报") || s.find("不报了", "报不了", "不报啦") && g.words <= 14 && g.topic < 4 {
		return true
	}
	if !g.attend && !s.find("少来", "少去", "去不成", "来不成") || g.past > 0 {
		return false
	}
	return s.find("不去了", "去不了", "来不了", "参加不了", "不来了", "少来", "少去", "不参加了", "不能参加", "不能来", "不能去", "无法参加", "没法参加", "我不去", "我不来", "去不成", "来不成", "不去啦")
}

// signs reports whether a word of signing up stands in the message.
func (s *scanner) signs() bool {
	for i := range s.toks {
		t := &s.toks[i]
		if s.inMention(i) {
			continue
		}
		if t.is(kSign) && s.anyAt(t.from, "取消", "已报名", "报名人数") == 0 && (s.anyAt(t.from, "加一", "+1") == 0 || s.unitless(t.to)) {
			return true
		}
		if s.norm[t.from:t.to] == "报" || s.hasAt(t.from, "报") && t.to-t.from <= len("报一个") && !t.is(kNews|kPast|kIssue|kWant) {
			at := s.skipSpace(t.from + len("报"))
			if _, _, ok := s.partyAt(at); ok {
				return true
			}
			if a := s.atomAt(at); a != nil && a.kind == aCode && a.at == 'H' { // 我报H1
				return true
			}
		}
	}
	return false
}

// comes reports whether somebody says that he comes: 参加, 我们来2个; not 去了, 来参观.
func (s *scanner) comes() bool {
	for i := range s.toks {
		t := &s.toks[i]
		if !t.is(kAttend) || s.inMention(i) {
			continue
		}
		if s.anyAt(t.from, "参加", "去", "来", "出席", "到场", "能去", "可以去", "参会", "我去", "我来", "我参加", "我们去") == 0 || s.anyAt(t.to, "了", "过", "自") > 0 || s.anyAt(t.from, "去不", "来不", "参加不", "去开会") > 0 {
			continue
		}
		if i > 0 && s.toks[i-1].is(kNot) || i+1 < len(s.toks) && s.toks[i+1].is(kVisit|kHold|kPlace) && s.norm[t.from:t.to] != "参加" {
			continue
		}
		return true
	}
	return false
}

// joinsIn reports whether somebody signs up; i is the first word that counts.
func (s *scanner) joinsIn(i int, g *signs) bool {
	t := &s.toks[i]
	if s.plus(i) > 0 {
		return true
	}
	if g.past > 0 || g.clock && g.hold || g.phone || g.words > 32 {
		return false
	}
	if s.find("报名截止", "报名时间", "报名人数", "报名表", "报名链接", "报名方式", "已报名", "截止", "欢迎", "踊跃", "请大家", "各位", "想报名的", "要报名的", "可以报名", "开始报名", "出差", "值班", "请假", "加班", "不参加", "去不了") {
		return false
	}
	if t.is(kSign) && s.anyAt(t.from, "取消") == 0 && t.field != fSignBy || s.hasAt(t.from, "报名") && g.keys == 0 {
		return g.words <= 20
	}
	if s.find("算我一个", "带我一个", "加我一个", "算上我", "带上我", "我要报名", "我报名", "我们报名", "帮我报名", "给我报", "我报一个", "报个名", "算我们") {
		return true
	}
	if g.kinds&(kFirst|kWe|kAttend) != 0 && g.words <= 14 && !g.hold && s.find("我也去", "我也来", "我也参加", "我也报", "我也要去", "我也要参加", "我也要报", "我也想去", "我也想参加", "我们也去", "我们也来", "我们也参加", "我们也报", "我们也要去", "我们也要参加", "咱们也去", "也算我", "也算上我") {
		return !g.title || !s.find("也去了", "也来了")
	}
	if s.joinsNamed(g) {
		return true
	}
	code, people := false, false
	for k := range s.atoms {
		a := &s.atoms[k]
		code = code || a.kind == aCode && a.at == 'H'
		people = people || a.kind == aPeople && !a.per
	}
	if n, _, _ := s.looseParty(); n > 0 {
		people = true
	}
	who := g.kinds&(kFirst|kWe|kCompany|kBranch) != 0 || s.find("家属", "单位", "同事", "学生", "老师")
	if s.signs() && (code || people && (who || g.title || g.words <= 8)) {
		return code || !(g.clock && g.title && g.place)
	}
	if code && people && g.words <= 8 && g.kinds&(kFirst|kWe) != 0 && g.kinds&(kHold|kWant|kNot|kChange|kCancel|kPast|kHelp|kAsk) == 0 {
		return true // H1 我们5个
	}
	if !s.comes() || g.hold && !code {
		return false
	}
	return code && (people || who) || people && who && !g.want && g.kinds&kHelp == 0 && g.topic < 4
}

func (s *scanner) find(words ...string) bool {
	for _, w := range words {
		if contains(s.norm, w) {
			return true
		}
	}
	return false
}

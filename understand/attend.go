package understand

// attendance reads sign-ups and sign-offs in free words: 报名H27 3人, +5 光子那个活动, 我们去3个人, 我不去了, 我们少来1个人.
func (s *scanner) attendance(g *signs) (Reading, bool) {
	if g.ask || g.keys > 1 || g.issue || g.kinds&kHearsay != 0 {
		return Reading{}, false
	}
	i := s.firstWord(0)
	for i < len(s.toks) && (s.toks[i].is(kPolite|kSpace|kComma) || s.inMention(i)) && !s.toks[i].is(kSign) {
		i++
	}
	if i >= len(s.toks) {
		return Reading{}, false
	}
	off, on := s.withdraws(g), s.joinsIn(i, g)
	if !off && !on {
		return Reading{}, false
	}
	r := Reading{Intent: SignUp, Confidence: 0.8}
	if off {
		r.Intent = SignOff
	}
	for k := range s.atoms {
		a := &s.atoms[k]
		if a.kind == aPeople && r.Count == 0 {
			r.Count = int(a.n)
			s.span(a.from, a.to, "count", itoa(a.n))
			a.kind = aCut
		}
	}
	if p := s.plus(i); p > 0 {
		if v, end, ok := s.number(p); ok && v%one == 0 && v < 1000*one && s.unitless(end) {
			r.Count = int(v / one)
			s.insert(atom{from: p - 1, to: end, kind: aCut})
			s.span(p, end, "count", itoa(v/one))
		}
	}
	for k := range s.toks {
		if (s.toks[k].is(kSign|kAttend|kFirst) || s.toks[k].is(kWe) && !s.toks[k].is(kCompany)) && s.atomAt(s.toks[k].from) == nil {
			s.insert(atom{from: s.toks[k].from, to: s.toks[k].to, kind: aCut})
		}
	}
	r.Target = s.target(0, len(s.norm))
	if r.Target.Number == 0 && r.Target.Title != "" && !g.title && s.titleLess(r.Target.Title) {
		r.Confidence = 0.5
	}
	if s.anyAt(s.toks[i].from, "算我一个", "带我一个", "加一", "+1") > 0 && r.Count == 0 {
		r.Count = 1
	}
	return r, true
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
	if s.find("取消报名", "取消候补", "退出报名", "撤回报名", "不报名了", "退报") {
		return true
	}
	if !g.attend && !s.find("少来", "少去") || g.past > 0 {
		return false
	}
	return s.find("不去了", "去不了", "来不了", "参加不了", "不来了", "少来", "少去", "不参加了", "不能参加", "不能来", "不能去", "无法参加", "没法参加", "我不去", "我不来")
}

// joinsIn reports whether somebody signs up; i is the first word that counts.
func (s *scanner) joinsIn(i int, g *signs) bool {
	t := &s.toks[i]
	if s.plus(i) > 0 {
		return true
	}
	if g.past > 0 || g.clock && g.hold || g.phone {
		return false
	}
	if t.is(kSign) && s.anyAt(t.from, "取消") == 0 && t.field != fSignBy || s.hasAt(t.from, "报名") && g.keys == 0 {
		return g.words <= 16 && !s.find("报名截止", "报名时间", "报名人数", "报名表", "报名链接", "报名方式", "已报名", "截止")
	}
	if s.find("算我一个", "带我一个", "我要报名", "我报名", "我们报名", "帮我报名", "给我报", "我报一个", "报个名") {
		return true
	}
	return g.attend && g.words <= 14 && s.find("我参加", "我们参加", "我去", "我们去", "支部去", "我们支部去", "公司去", "我能去", "我可以去", "参加") && !g.hold && !s.find("去不了", "不参加", "出差", "值班", "请假", "加班") && s.anyPeople()
}

func (s *scanner) anyPeople() bool {
	for i := range s.atoms {
		if s.atoms[i].kind == aPeople || s.atoms[i].kind == aCode {
			return true
		}
	}
	return false
}

func (s *scanner) find(words ...string) bool {
	for _, w := range words {
		if contains(s.norm, w) {
			return true
		}
	}
	return false
}
